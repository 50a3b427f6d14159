"""The cuts of a scene as they are read by the hundred: what was measured, and what is being measured, in one query."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db import models
from django.db.models import F, Value

from continuity.cut_selectors import not_measured_at, told_of, words_between
from continuity.enums import LIVE_JOB_STATES, Band, JobKind
from continuity.models import Continuity, Cut, Job, Shot, Take
from continuity.services import gate
from continuity.services.cuts import takes_of_subject
from continuity.services.gate import Verdict
from continuity.shot_rows import ShotRow
from continuity.vision.scene_score import METRIC

Pair = tuple[str, str]
_ABSENT: "dict[str, models.Field[Any, Any]]" = {
    "left_take_id": models.CharField(),
    "right_take_id": models.CharField(),
    "state": models.CharField(),
    "score": models.FloatField(),
    "band": models.CharField(),
    "parts": models.JSONField(),
    "bridge_kind": models.CharField(),
    "ncc": models.FloatField(),
    "drift": models.JSONField(),
    "findings": models.JSONField(),
    "not_measured": models.JSONField(),
    "reason": models.TextField(),
    "accepted_by_id": models.IntegerField(),
    "accepted_at": models.DateTimeField(),
    "accepted_note": models.TextField(),
    "created_at": models.DateTimeField(),
}
"""Every column of a cut that a job has not, with its type."""


@dataclass(frozen=True)
class CutRow:
    """What stands between two neighbouring shots now; ``number`` is the left one's, from 1. ``cut`` None = it was not measured,
    ``job_id`` of who is measuring it. Takes are the chosen ones with a clip. ``verdict`` None = the gate has no say."""

    number: int
    left: ShotRow
    right: ShotRow
    left_take: str | None
    right_take: str | None
    cut: Cut | None
    job_id: str | None
    verdict: Verdict | None
    sentences: tuple[str, ...] = ()
    not_measured: tuple[tuple[str, str], ...] = ()
    metric: str = METRIC

    @property
    def band(self) -> Band | None:
        return Band(self.cut.band) if self.cut is not None and self.cut.band is not None else None


def cut_rows(session_id: str, rows: list[ShotRow], continuity: Continuity | None) -> list[CutRow]:
    """The cuts between ``rows``, all the living shots of a scene in order."""
    measured, live = _measured(session_id)
    looks = _looks_in_words(session_id)
    return [_row(number, *pair, measured, live, looks, continuity) for number, pair in enumerate(pairwise(rows), start=1)]


def stands(cut: Cut) -> bool:
    """Whether two neighbouring shots have chosen the takes of this measurement now: one query."""
    chosen = Shot.objects.filter(session=cut.session_id).order_by("rank").values_list("chosen_take", flat=True)
    return cut.metric == METRIC and (cut.left_take_id, cut.right_take_id) in pairwise(chosen)


def _row(
    number: int,
    left: ShotRow,
    right: ShotRow,
    measured: dict[Pair, Cut],
    live: dict[Pair, str],
    looks: dict[str, Any],
    continuity: Continuity | None,
) -> CutRow:
    before, after = _clip_take(left), _clip_take(right)
    if before is None or after is None:
        return CutRow(number, left, right, before, after, None, None, None)
    cut = measured.get((before, after))
    words = words_between(looks.get(before), looks.get(after))
    return CutRow(
        number=number,
        left=left,
        right=right,
        left_take=before,
        right_take=after,
        cut=cut,
        job_id=live.get((before, after)),
        verdict=_verdict(cut, right, continuity),
        sentences=tuple(told_of(cut, words, left=number, right=number + 1)) if cut is not None else (),
        not_measured=tuple(not_measured_at(cut, words, right.style_overrides)) if cut is not None else (),
    )


def _looks_in_words(session_id: str) -> dict[str, Any]:
    """The look of every chosen take of the scene of which a vision model said something, by take."""
    chosen = Shot.objects.filter(session=session_id).values("chosen_take")
    takes = Take.objects.filter(pk__in=chosen, measured__extractor__contains="+")
    return dict(takes.values_list("pk", "measured__values"))


def _clip_take(row: ShotRow) -> str | None:
    return row.chosen_take if row.clip is not None else None


def _verdict(cut: Cut | None, right: ShotRow, continuity: Continuity | None) -> Verdict | None:
    if cut is None or continuity is None or not continuity.gate_enabled:
        return None
    shot = Shot(pk=right.id, mode=right.mode, inject=right.inject, style_overrides=right.style_overrides)
    return gate.verdict_of(cut, shot=shot, continuity=continuity) if gate.is_judged(shot, continuity) else None


def _measured(session_id: str) -> tuple[dict[Pair, Cut], dict[Pair, str]]:
    """The Cut of every measured pair of takes, and the id of the live job of every pair that is being measured."""
    nothing = [Value(None, output_field=kind) for kind in _ABSENT.values()]
    jobs = Job.objects.filter(session=session_id, kind=JobKind.CUT, state__in=LIVE_JOB_STATES).order_by()
    cuts = Cut.objects.filter(session=session_id, metric=METRIC).order_by()
    read = cuts.values_list(Value(""), "pk", *(F(name) for name in _ABSENT)).union(
        jobs.values_list("subject_key", "pk", *nothing), all=True
    )
    found: dict[Pair, Cut] = {}
    live: dict[Pair, str] = {}
    for subject, row_id, *columns in read:
        if subject:
            live[takes_of_subject(subject)] = row_id
        else:
            cut = Cut(pk=row_id, session_id=session_id, metric=METRIC, **dict(zip(_ABSENT, columns, strict=True)))
            found[cut.left_take_id, cut.right_take_id] = cut
    return found, live
