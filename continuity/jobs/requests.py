"""From a Take row to the provider's request: pictures as local files, sizes and lengths as the model makes them."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from continuity import storage
from continuity.defaults import SHOT_DEFAULTS
from continuity.enums import ShotMode
from continuity.models import Blob, Continuity, Frame, Shot, Style, Take
from continuity.providers.base import ImageFile, InvalidRequest, Reference, VideoRequest
from continuity.providers.capabilities import ModelCard, model_card
from continuity.services import bridges, proxies, styles
from prompts.injection import Injection


@dataclass(frozen=True)
class Inputs:
    """What a take is made from, resolved when it runs. ``reference_weight`` 0-1."""

    injection: Injection
    style: Style | None
    input_frame: Frame | None
    reference: Frame | None
    reference_weight: float


def resolve_inputs(take: Take, continuity: Continuity | None) -> Inputs:
    """Look at the scene as it is now: the previous shot may have a new take since this one was asked for."""
    shot, mode, card = take.shot, ShotMode(take.mode), model_card(take.model)
    injection, style = styles.inject(
        user_prompt=take.user_prompt,
        shot=shot,
        continuity=continuity,
        max_length=card.prompt_max,
        strength=take.changed_to("injectionStrength"),
    )
    frame = bridges.start_frame(shot, mode=mode)
    reference = bridges.style_reference(shot, mode=mode, continuity=continuity)
    if mode is ShotMode.STYLE_MATCH and card.start_image:
        frame = proxies.start_picture(shot)
    if reference is not None and card.reference_images == 0:
        frame, reference = frame or reference, None  # a model without references starts from the scene's picture instead
    weight = float(continuity.style_strength) if continuity is not None else 0.0
    return Inputs(injection=injection, style=style, input_frame=frame, reference=reference, reference_weight=weight)


@contextlib.contextmanager
def video_request(
    take: Take, *, prompt: str, input_frame: Frame | None, reference: Frame | None, reference_weight: float
) -> Iterator[VideoRequest]:
    """The request of a take; its pictures are readable while the block lasts."""
    width, height = size_of(take.params)
    with contextlib.ExitStack() as stack:
        start = stack.enter_context(_picture(input_frame)) if input_frame is not None else None
        shown = stack.enter_context(_picture(reference)) if reference is not None else None
        yield VideoRequest(
            model=take.model,
            prompt=prompt,
            seconds=float(take.params["seconds"]),
            width=width,
            height=height,
            fps=int(take.params["fps"]),
            seed=take.seed,
            start_image=start,
            references=(Reference(image=shown, weight=reference_weight),) if shown is not None else (),
            audio=bool(take.params["audio"]),
        )


def frozen_request(take: Take) -> contextlib.AbstractContextManager[VideoRequest]:
    """The very request that ``prepare`` froze into the take's columns."""
    row = take.reference_rows.select_related("frame").first()
    return video_request(
        take,
        prompt=take.injected_prompt or take.user_prompt,
        input_frame=take.input_frame,
        reference=row.frame if row is not None else None,
        reference_weight=float(take.params.get("reference_weight", 0)),
    )


def fitting_params(shot: Shot, card: ModelCard) -> dict[str, Any]:
    """What a take of ``shot`` is asked for, complete: the shot's own words, else what fits the scene's first clip, else the
    defaults. Raises InvalidRequest for what the model does not make.
    """
    scene = _scene_clip(shot)
    params = {**SHOT_DEFAULTS, **_as_the_scene(scene, card), **shot.params}
    params["seconds"] = card.fit_seconds(_seconds_of(params))
    if params["fps"] not in card.fps:
        raise InvalidRequest(
            f"{card.label} does not make {params['fps']} frames per second: choose one of {', '.join(map(str, card.fps))}."
        )
    card.check_size(*size_of(params))
    return params


def size_of(params: dict[str, Any]) -> tuple[int, int]:
    """(width, height) in pixels of ``params["size"]``, such as "1280x720"."""
    width, _, height = str(params["size"]).partition("x")
    if not all(side.isascii() and side.isdecimal() and len(side) <= 6 for side in (width, height)):
        raise InvalidRequest(f"The size “{str(params['size'])[:40]}” is not one: write it as 1280x720.")
    return int(width), int(height)


def _seconds_of(params: dict[str, Any]) -> float:
    try:
        return float(params["seconds"])
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidRequest(f"“{str(params['seconds'])[:40]}” is no length: write seconds as a number, such as 4.") from error


def _scene_clip(shot: Shot) -> Blob | None:
    first = (
        Shot.objects.filter(session_id=shot.session_id, chosen_take__video__isnull=False)
        .select_related("chosen_take__video__blob")
        .first()
    )
    if first is None or first.chosen_take is None or first.chosen_take.video is None:
        return None
    return first.chosen_take.video.blob


def _as_the_scene(clip: Blob | None, card: ModelCard) -> dict[str, Any]:
    """The clip's size and frame rate where the model makes them, else the nearest size and no word on the rate."""
    if clip is None or not clip.width or not clip.height:
        width, height = card.sizes[0]
        return {"size": f"{width}x{height}"}
    width, height = card.size_like(clip.width, clip.height)
    fps = clip.fps_num // clip.fps_den if clip.fps_num and clip.fps_den and clip.fps_num % clip.fps_den == 0 else None
    return {"size": f"{width}x{height}"} | ({"fps": fps} if fps in card.fps else {})


@contextlib.contextmanager
def _picture(frame: Frame) -> Iterator[ImageFile]:
    blob = frame.image.blob
    with storage.local_file(blob, suffix=".png") as path:
        yield ImageFile(path=path, sha256=blob.sha256, width=frame.width, height=frame.height)
