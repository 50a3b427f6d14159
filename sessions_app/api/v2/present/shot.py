"""Shots as answers: a thousand at once, so from plain rows."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import NamedTuple, cast

from continuity.enums import ChosenBy, ShotMode, ShotStyleSource, TakePurpose
from continuity.models import Continuity, Shot
from continuity.services.bridges import mode_of
from continuity.services.generation import model_for
from continuity.shot_rows import ShotRow
from continuity.shot_status import LiveJob, ShotState, state_of, style_source_of
from continuity.staleness import clip_of_start, is_stale_start
from sessions_app.api.v2.dto import CameraDto, ParamsDto, ShotDto
from sessions_app.api.v2.present.media import clip_row_dto, frame_row_dto
from sessions_app.api.v2.present.plain import moment, shot_url


class Scene(NamedTuple):
    """What the shots of one scene have in common. ``mode_of`` and ``model_of`` say what comes of a shot's own setting."""

    url_prefix: str
    mode_of: Callable[[str | None], ShotMode]
    model_of: Callable[[str | None], str]


def scene_of(session_id: str, continuity: Continuity | None) -> Scene:
    return Scene(shot_url(session_id, ""), cache(partial(_mode, continuity)), cache(partial(_model, continuity)))


def shot_dtos(rows: Iterable[ShotRow], *, scene: Scene, clips: Mapping[str, str | None] | None = None) -> list[ShotDto]:
    """``rows`` of one scene, each let go once it is told. ``clips``: the chosen clip of every shot of the scene, in order; None =
    ``rows`` are all of them, in order."""
    shown: list[ShotDto] = []
    starts: list[tuple[ShotDto, str]] = []
    for row in rows:
        shot = shot_dto(row, scene=scene)
        shown.append(shot)
        if row.take_mode == ShotMode.FRAME_BRIDGE and row.start_asset is not None:
            clip = clip_of_start(role=row.start_role or "", asset_id=row.start_asset, grandparent_id=row.start_grandparent)
            starts += [(shot, clip)] if clip is not None else []
    known = clips if clips is not None else {shot["id"]: _clip_of(shot) for shot in shown}
    _place(shown, starts, known)
    return shown


def _place(shown: list[ShotDto], starts: list[tuple[ShotDto, str]], clips: Mapping[str, str | None]) -> None:
    """Fill in what a shot's place in its scene decides. ``starts``: the clip that a bridged shot's chosen take started from."""
    order = list(clips)
    places = {shot_id: place for place, shot_id in enumerate(order)}
    for shot in shown:
        shot["sequenceIndex"] = places.get(shot["id"], 0)
        shot["styleSource"] = style_source_of(shot["styleOverrides"], is_first=shot["sequenceIndex"] == 0)
    for shot, clip in starts:
        own, place = shot["bridgeFromShotId"], shot["sequenceIndex"]
        source = own if own in clips else order[place - 1] if place else None
        if source is not None:
            shot["isStale"] = is_stale_start(mode=ShotMode.FRAME_BRIDGE, start_clip=clip, source_clip=clips[source])


def _clip_of(shot: ShotDto) -> str | None:
    return shot["video"]["id"] if shot["video"] is not None else None


def shot_dto(row: ShotRow, *, scene: Scene) -> ShotDto:
    """One shot, but for what its place decides: ``sequenceIndex``, ``styleSource`` and ``isStale``."""
    state = _state(row)
    mode = scene.mode_of(row.mode)
    return {
        "id": row.id,
        "url": scene.url_prefix + row.id,
        "sessionId": row.session_id,
        "sequenceIndex": 0,
        "userPrompt": row.user_prompt,
        "status": state.row.status,
        "statusNote": state.sentence,
        "isLive": row.job_id is not None,
        "progress": row.job_progress,
        "jobId": row.job_id,
        "continuityMode": cast(ShotMode | None, row.mode),
        "effectiveMode": mode,
        "useFrameBridge": mode is ShotMode.FRAME_BRIDGE,
        "injectStyle": row.inject,
        "model": row.model,
        "effectiveModel": scene.model_of(row.model),
        "seed": row.seed,
        "params": cast(ParamsDto, row.params),
        "styleOverrides": row.style_overrides,
        "inheritColour": row.inherit_colour,
        "inheritLighting": row.inherit_lighting,
        "inheritAtmosphere": row.inherit_atmosphere,
        "inheritTechnical": row.inherit_technical,
        "camera": cast(CameraDto, row.camera),
        "bridgeFromShotId": row.bridge_from,
        "startImageId": row.start_image,
        "styleSource": ShotStyleSource.BASE,
        "locked": row.locked,
        "chosenTakeId": row.chosen_take,
        "chosenBy": cast(ChosenBy, row.chosen_by),
        "takeCount": row.take_count,
        "isStale": False,
        "injectedPrompt": row.take_prompt,
        "video": clip_row_dto(row.clip) if row.clip is not None else None,
        "firstFrame": frame_row_dto(row.first_frame) if row.first_frame is not None else None,
        "lastFrame": frame_row_dto(row.last_frame) if row.last_frame is not None else None,
        "version": row.version,
        "createdAt": moment(row.created_at),
        "deletedAt": moment(row.deleted_at),
    }


def _state(row: ShotRow) -> ShotState:
    job = None
    if row.job_id is not None:
        job = LiveJob(
            state=row.job_state or "",
            step=row.job_step or "",
            wait_reason=row.job_wait_reason,
            progress_note=row.job_note or "",
            error_sentence=row.job_error,
            attempts=row.job_attempts or 0,
        )
    return state_of(chosen=row.take_state, newest=row.newest_state, error=row.newest_error, job=job)


def _mode(continuity: Continuity | None, mode: str | None) -> ShotMode:
    return mode_of(Shot(mode=mode), continuity)


def _model(continuity: Continuity | None, model: str | None) -> str:
    return model_for(Shot(model=model), continuity, purpose=TakePurpose.FINAL)


def by_session(rows: Iterable[ShotRow]) -> dict[str, list[ShotRow]]:
    """Rows of several scenes, each scene's in their order."""
    sorted_out: dict[str, list[ShotRow]] = {}
    for row in rows:
        sorted_out.setdefault(row.session_id, []).append(row)
    return sorted_out
