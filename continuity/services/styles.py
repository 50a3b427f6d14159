"""Style verbs: measure a take or a file, set the scene's base style, say which style a take is to carry."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from django.db import IntegrityError, transaction

from continuity.enums import (
    LIVE_JOB_STATES,
    AssetRole,
    BaseStyleSource,
    BlobKind,
    FrameRole,
    GenerationMode,
    JobKind,
    StyleOrigin,
    TakeState,
)
from continuity.jobs import create
from continuity.models import Asset, Continuity, Extraction, Frame, Job, Shot, Style, Take
from continuity.services import media, style_base
from continuity.services.errors import Refused
from continuity.video.errors import VideoError
from continuity.video.frames import ExactFrame, read_still, sample_frames
from continuity.vision.colour import nearest_colour_name
from continuity.vision.style import EXTRACTOR, frames_sha256, measure_style, to_values
from prompts.injection import Injection, InjectionOptions, Position, Strength

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MEASURED_POSITIONS = (0.1, 0.5, 0.9)
"""Where in a clip its look is read: three frames come within .005 of seven, the first or last alone do not."""


def measure_asset(asset: Asset) -> tuple[Extraction, list[ExactFrame]]:
    """What the pixels of a clip or a still say, from the owner's cache or measured now; and the frames they were read from."""
    with media.local_clip(asset) as path:
        frames = [read_still(path)] if asset.role == AssetRole.STILL else sample_frames(path, MEASURED_POSITIONS)
    return extraction_of(frames, owner=asset.owner), frames


def request_extraction(*, asset: Asset, by: "User") -> Job:
    """A job that measures any clip or picture of its owner; the live one when there is one. Its result names the Extraction."""
    subject = f"extract:{asset.pk}"
    live = Job.objects.filter(subject_key=subject, state__in=LIVE_JOB_STATES)
    try:
        with transaction.atomic():
            return live.first() or create.job(kind=JobKind.EXTRACT, subject_key=subject, by=by, payload={"asset": asset.pk})
    except IntegrityError:  # somebody else asked in this moment
        return live.get()


def extraction_of(frames: Sequence[ExactFrame], *, owner: "User") -> Extraction:
    """The cached Extraction of these pictures for this owner: one person's picture never feeds another's context."""
    pictures = [frame.rgb for frame in frames]
    digest = frames_sha256(pictures)
    known = Extraction.objects.filter(owner=owner, frames_sha256=digest, extractor=EXTRACTOR).first()
    if known is not None:
        return known
    values = to_values(measure_style(pictures), origin=f"{EXTRACTOR}:{digest[:16]}")
    return Extraction.objects.get_or_create(owner=owner, frames_sha256=digest, extractor=EXTRACTOR, defaults={"values": values})[
        0
    ]


def may_set_base(take: Take) -> bool:
    """Shot 1's chosen take sets the base style unless a person (an edit, a re-anchor, a reference) or a template set one.

    Locks the shot and the continuity half until the caller's transaction ends, so that what it says still holds there.
    """
    # Somebody may have chosen another take meanwhile. The key is left free: a new job of this shot refers to it.
    shot = Shot.all_objects.select_for_update(no_key=True).get(pk=take.shot_id)
    continuity = Continuity.objects.select_for_update().filter(session_id=shot.session_id).first()
    if continuity is None or not continuity.auto_extract or shot.previous() is not None or shot.chosen_take_id != take.pk:
        return False
    return continuity.base_style is None or is_automatic(continuity.base_style)


def is_automatic(style: Style) -> bool:
    """Nobody asked for it: the look of the first shot, taken by itself."""
    return style.origin == StyleOrigin.EXTRACTED and style.by_id is None


def reference_frame(take: Take, frames: Sequence[ExactFrame]) -> Frame:
    """The middle one of the frames that a take was measured by, kept: what style-match shows to a model."""
    assert take.video is not None
    return _middle_frame(take.video, frames)


def set_base_from_take(*, take: Take, extraction: Extraction, reference: Frame, by: "User") -> Style:
    """Make a take's measured look the scene's base style, inside the caller's transaction. ``by``: who is behind it."""
    session = take.shot.session
    half = style_base.locked_half(session)
    values = style_base.with_locked(extraction.values, half.base_style)
    style = style_base.new_version(
        session=session,
        origin=StyleOrigin.EXTRACTED,
        values=values,
        parent=half.base_style,
        by=None,
        take=take,
        extraction=extraction,
    )
    columns = {"base_style": style.pk, "base_style_source": BaseStyleSource.EXTRACTED, "base_take": take.pk}
    if half.primary_reference_id is None:
        columns["primary_reference"] = reference.pk
    style_base.put_base(half, columns, by=by)
    session.touch(by=None)
    return style


def re_anchor(*, take: Take, by: "User") -> Style:
    """A person makes a finished take the scene's new base: its measured look as a new version, its picture as the reference.

    From then on shots are injected with it, compared with it and brought back to it; older versions stay. Refused while the
    take is not measured.
    """
    return base_on(take=take, origin=StyleOrigin.RE_ANCHOR, action="style.re_anchor", by=by)


def base_on(*, take: Take, origin: StyleOrigin, action: str, by: "User") -> Style:
    """A person takes a finished, measured take as the base, for the reason that ``origin`` and the audit log's ``action`` say.
    What is locked stays. Refused ``take_not_measured``, and with the codes of video errors for a clip that cannot be read."""
    if take.state != TakeState.DONE or take.measured is None or take.video is None:
        raise Refused("take_not_measured", "The look of this take is not measured yet: wait a moment, then try again.")
    session = take.shot.session
    style_base.half_of(session)  # refused before a clip is opened for it
    reference = picture_of(take.video)
    with transaction.atomic():
        parent = style_base.locked_half(session).base_style
        style = style_base.new_version(
            session=session,
            origin=origin,
            values=style_base.with_locked(take.measured.values, parent),
            parent=parent,
            by=by,
            take=take,
            extraction=take.measured,
        )
        session.record(action, by=by, target=style)
        source = BaseStyleSource.EXTRACTED
        columns = {"base_style": style.pk, "base_style_source": source, "base_take": take.pk, "primary_reference": reference.pk}
        style_base.set_base(session=session, by=by, **columns)
    return style


def picture_of(clip: Asset) -> Frame:
    """The picture that stands for a clip: the middle one of those it was or would be measured by. Refused with the codes of
    video errors for a clip that cannot be read."""
    if clip.blob.kind not in (BlobKind.VIDEO, BlobKind.IMAGE):
        raise Refused("asset_not_usable", "This file is neither a clip nor a picture: choose another one.")
    known = Frame.objects.filter(asset=clip, role=FrameRole.KEY).order_by("index").first()
    if known is None and clip.blob.kind == BlobKind.IMAGE:
        known = Frame.objects.filter(image=clip).order_by("index").first()  # it is a picture of a clip
    if known is not None:
        return known
    try:
        with media.local_clip(clip) as path:
            return _middle_frame(clip, sample_frames(path, MEASURED_POSITIONS))
    except VideoError as error:
        raise Refused(error.code, str(error)) from error


def _middle_frame(clip: Asset, frames: Sequence[ExactFrame]) -> Frame:
    return media.keep_frame(clip=clip, picture=frames[len(frames) // 2], role=FrameRole.KEY)


def wants_injection(shot: Shot, continuity: Continuity | None) -> bool:
    """Whether the scene's style goes into this shot's prompt."""
    if continuity is None or continuity.generation_mode == GenerationMode.STANDARD:
        return False
    return shot.inject is not False and not _is_its_own_look(shot, continuity)


def _is_its_own_look(shot: Shot, continuity: Continuity) -> bool:
    """The base style was measured on this very shot: a new take of it starts afresh, not from the take it replaces."""
    base = continuity.base_style
    take = base.source_take if base is not None else None
    return take is not None and take.shot_id == shot.pk and continuity.base_style_source == BaseStyleSource.EXTRACTED


def inject(
    *, user_prompt: str, shot: Shot, continuity: Continuity | None, max_length: int | None, strength: str | None = None
) -> tuple[Injection, Style | None]:
    """The prompt that goes to the model, with the report of what was added and skipped, and the style that was used.

    ``strength``: a retry's own InjectionStrength; None = the scene's.
    """
    from prompts.compose import compose, style_for_injection  # its word patterns take a while to build

    style = continuity.base_style if continuity is not None and wants_injection(shot, continuity) else None
    options = injection_options(shot, continuity, max_length=max_length, strength=strength)
    if continuity is None or style is None:
        return compose(user_prompt, None, options), None
    values = with_overrides(style.values, shot.style_overrides)
    words = style_for_injection(values, name_colour=nearest_colour_name)
    return compose(user_prompt, words, options), style


def with_overrides(values: dict[str, Any], overrides: dict[str, Any]) -> dict[str, Any]:
    """Style values with a shot's own ones per aspect; an aspect that is ``own`` brings nothing of the scene's."""
    merged = dict(values)
    for aspect, override in overrides.items():
        merged[aspect] = {} if override == "own" else {**values.get(aspect, {}), **override}
    return merged


def injection_options(
    shot: Shot, continuity: Continuity | None, *, max_length: int | None, strength: str | None = None
) -> InjectionOptions:
    """The scene's options, each inherit switch overridden by the shot where it says so, the strength by a retry."""
    if continuity is None:
        return InjectionOptions(max_length=max_length)

    def inherits(aspect: str) -> bool:
        own = getattr(shot, f"inherit_{aspect}")
        return bool(getattr(continuity, f"inherit_{aspect}") if own is None else own)

    return InjectionOptions(
        strength=cast(Strength, strength or continuity.injection_strength),
        position=cast(Position, continuity.injection_position),
        include_colour=inherits("colour"),
        include_lighting=inherits("lighting"),
        include_atmosphere=inherits("atmosphere"),
        include_technical=inherits("technical"),
        max_length=max_length,
    )
