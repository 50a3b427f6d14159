"""Every shot of some scenes as plain rows: one query however many there are, for who reads a thousand at once.

``ShotRow`` names what is read; ``_PATHS`` says where it stands.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, FilteredRelation, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast, Coalesce

from continuity.enums import LIVE_JOB_STATES, JobKind
from continuity.models import Shot, Take


class FrameRow(NamedTuple):
    """A picture of a clip; ``place`` is its index there."""

    id: str
    asset_id: str
    place: int
    role: str
    time_num: int
    time_den: int
    image_id: str
    width: int
    height: int


class ClipRow(NamedTuple):
    id: str
    name: str
    width: int | None
    height: int | None
    duration_num: int | None
    duration_den: int | None
    has_audio: bool


class ShotRow(NamedTuple):
    """A shot with its chosen take (``take_…``, all None = none is chosen), its newest take and its live generate job
    (``job_…``, all None = there is none). ``start_…`` is about the frame that the chosen take started from."""

    id: str
    session_id: str
    user_prompt: str
    mode: str | None
    inject: bool | None
    model: str | None
    seed: int | None
    inherit_colour: bool | None
    inherit_lighting: bool | None
    inherit_atmosphere: bool | None
    inherit_technical: bool | None
    bridge_from: str | None
    start_image: str | None
    locked: bool
    chosen_take: str | None
    chosen_by: str
    version: int
    created_at: datetime | None
    deleted_at: datetime | None
    take_state: str | None
    take_mode: str | None
    take_prompt: str | None
    start_role: str | None
    start_asset: str | None
    start_grandparent: str | None
    newest_state: str | None
    newest_error: str | None
    take_count: int
    job_id: str | None
    job_state: str | None
    job_step: str | None
    job_wait_reason: str | None
    job_note: str | None
    job_error: str | None
    job_attempts: int | None
    job_progress: float | None
    params: dict[str, Any]
    style_overrides: dict[str, Any]
    camera: dict[str, Any]
    clip: ClipRow | None
    first_frame: FrameRow | None
    last_frame: FrameRow | None


_JSON = ("params", "style_overrides", "camera")
"""Read as text, because nearly all of them are empty: what is not ``{}`` is parsed here, and the rows pass no converter."""
_PATHS = {
    "bridge_from": "bridge_from_id",
    "start_image": "start_image_id",
    "chosen_take": "chosen_take_id",
    "take_state": "chosen_take__state",
    "take_mode": "chosen_take__mode",
    "take_prompt": "chosen_take__injected_prompt",
    "start_role": "chosen_take__input_frame__asset__role",
    "start_asset": "chosen_take__input_frame__asset_id",
    "start_grandparent": "chosen_take__input_frame__asset__parent__parent_id",
    "job_id": "live_job__id",
    "job_state": "live_job__state",
    "job_step": "live_job__step",
    "job_wait_reason": "live_job__wait_reason",
    "job_note": "live_job__progress_note",
    "job_error": "live_job__error_sentence",
    "job_attempts": "live_job__attempts",
    "job_progress": "live_job__progress",
}
_CLIP_PATHS = {"id": "id", "name": "name", **{name: f"blob__{name}" for name in ClipRow._fields[2:]}}
_FRAME_PATHS = tuple("index" if name == "place" else name for name in FrameRow._fields)
_PLAIN = ShotRow._fields[:-6]
SHOT_PATHS = (
    *(_PATHS.get(name, name) for name in _PLAIN),
    *(f"{name}_text" for name in _JSON),
    *(f"chosen_take__video__{_CLIP_PATHS[name]}" for name in ClipRow._fields),
    *(f"chosen_take__first_frame__{name}" for name in _FRAME_PATHS),
    *(f"chosen_take__last_frame__{name}" for name in _FRAME_PATHS),
)
_CLIP = len(_PLAIN) + len(_JSON)
_FIRST = _CLIP + len(ClipRow._fields)
_LAST = _FIRST + len(FrameRow._fields)


def annotated(shots: QuerySet[Shot]) -> QuerySet[Shot]:
    """``shots`` with what SHOT_PATHS needs besides columns."""
    takes = Take.objects.filter(shot=OuterRef("pk")).order_by("-number")
    counted = takes.order_by().values("shot").annotate(count=Count("pk")).values("count")
    is_live = Q(jobs__kind=JobKind.GENERATE, jobs__state__in=LIVE_JOB_STATES)
    return shots.annotate(
        newest_state=Subquery(takes.values("state")[:1]),
        newest_error=Subquery(takes.values("error_sentence")[:1]),
        take_count=Coalesce(Subquery(counted), 0),
        live_job=FilteredRelation("jobs", condition=is_live),
        **{f"{name}_text": Cast(name, TextField()) for name in _JSON},
    )


def shot_rows(shots: QuerySet[Shot]) -> Iterator[ShotRow]:
    """``shots`` in their order, read by one query. Takes and jobs of one moment: a shot whose job has just ended shows its
    take as that left it."""
    for row in annotated(shots).values_list(*SHOT_PATHS):
        parsed = (json.loads(text) if text != "{}" else {} for text in row[len(_PLAIN) : _CLIP])
        clip = ClipRow._make(row[_CLIP:_FIRST]) if row[_CLIP] is not None else None
        first = FrameRow._make(row[_FIRST:_LAST]) if row[_FIRST] is not None else None
        last = FrameRow._make(row[_LAST:]) if row[_LAST] is not None else None
        yield ShotRow._make((*row[: len(_PLAIN)], *parsed, clip, first, last))


def chosen_clips(session_id: str) -> dict[str, str | None]:
    """The chosen clip of every living shot of a scene, in order, None where there is none: what a part of its shots needs to
    know of the rest."""
    rows = Shot.objects.filter(session=session_id).order_by("rank")
    return dict(rows.values_list("pk", "chosen_take__video"))
