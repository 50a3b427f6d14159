"""How far the promise is kept, for ``manage.py continuity_metrics``: five metrics, each beside its target.

All five are about the sessions made in one period. The first counts everybody who made one, also one that is deleted by
now (until it is purged). The other four are about scenes: sessions with a continuity half that are still there, and the
shots that they still have. Reads only; the database adds up, in as many queries for many sessions as for one.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import Avg, Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When, Window
from django.db.models.functions import Coalesce, RowNumber

from continuity.enums import RetryBy, ShotMode, TakeOrigin, TakePurpose, TakeState
from continuity.models import Cut, Shot, Take
from continuity.vision.scene_score import METRIC
from sessions_app.models import Session

CONSISTENT_ABOVE = 0.75
REGENERATED_BELOW = 0.3
WHY_AGAIN = ("failure", "cancelled", "several", "styleMismatch", "rejected", "wish", "unsaid")
"""Why a take was made again: see ``_why_again``."""


@dataclass(frozen=True)
class Metric:
    """One figure beside its target, of which it is to be strictly above or below.

    ``value`` None = it cannot be computed, ``is_met`` None = nobody knows; ``reason`` says why, for either. ``figures`` are
    the counts behind the value.
    """

    value: float | None
    wanted: Literal["above", "below"]
    target: float
    is_met: bool | None
    reason: str | None
    figures: Mapping[str, Any]


@dataclass(frozen=True)
class MetricsReport:
    """``since`` None = from the beginning; else ``undated_sessions`` were left out, as nobody knows when they were made.
    ``cut_metric`` is the id of the measurement that consistency is about; ``metrics`` are by name."""

    since: datetime | None
    undated_sessions: int
    cut_metric: str
    metrics: Mapping[str, Metric]

    def as_json(self) -> str:
        report = {
            "since": self.since.isoformat() if self.since else None,
            "undatedSessions": self.undated_sessions,
            "cutMetric": self.cut_metric,
            "metrics": {name: _row(metric) for name, metric in self.metrics.items()},
        }
        return json.dumps(report)


def continuity_metrics(*, since: datetime | None = None) -> MetricsReport:
    """The metrics of the sessions made at ``since`` (aware) or later, None = of all. Six queries, seven with ``since``."""
    made = Q(created_at__gte=since) if since else Q()
    scenes = Session.objects.filter(made, continuity__isnull=False)
    return MetricsReport(
        since=since,
        undated_sessions=Session.all_objects.filter(created_at=None).count() if since else 0,
        cut_metric=METRIC,
        metrics={
            "continuityUsers": continuity_users(Session.all_objects.filter(made)),
            "shotsPerSession": shots_per_session(scenes),
            "consistency": consistency(scenes),
            "regeneration": regeneration(scenes),
            "bridgeUsage": bridge_usage(scenes),
        },
    )


def continuity_users(sessions: QuerySet[Session]) -> Metric:
    """Of those who made one of ``sessions``, the share 0-1 who made one with a continuity half."""
    counted = sessions.aggregate(
        users=Count("owner", distinct=True),
        continuityUsers=Count("owner", distinct=True, filter=Q(continuity__isnull=False)),
    )
    value = _ratio(counted["continuityUsers"], counted["users"])
    return _wanted_above(0.2, value, otherwise="Nobody made a session in this period.", figures=counted)


def shots_per_session(scenes: QuerySet[Session]) -> Metric:
    """The mean number of shots of a scene; one that has none yet counts too."""
    counted = scenes.aggregate(
        sessionCount=Count("pk", distinct=True), shotCount=Count("shots", filter=Q(shots__deleted_at=None))
    )
    figures = {"sessions": counted["sessionCount"], "shots": counted["shotCount"]}
    value = _ratio(figures["shots"], figures["sessions"])
    return _wanted_above(2.5, value, otherwise="No scene was made in this period.", figures=figures)


def consistency(scenes: QuerySet[Session]) -> Metric:
    """The median score 0-1 of the cuts; ``shareAbove`` = the share 0-1 of the scores that are above the target.

    A cut lies between neighbouring shots that both have a chosen take. Its score is that of METRIC: ``measured`` have one,
    ``unmeasurable`` have a reason why there is none, ``unmeasured`` were not measured with it.
    """
    cuts = _cuts(scenes)
    counted = cuts.aggregate(
        cuts=Count("pk"), tried=Count("cut"), measured=Count("score"), above=Count("pk", filter=Q(score__gt=CONSISTENT_ABOVE))
    )
    figures = {
        "shareAbove": _ratio(counted["above"], counted["measured"]),
        "cuts": counted["cuts"],
        "measured": counted["measured"],
        "unmeasurable": counted["tried"] - counted["measured"],
        "unmeasured": counted["cuts"] - counted["tried"],
    }
    nothing = "No two neighbouring shots have a chosen take." if not counted["cuts"] else f"No cut has a score of {METRIC}."
    return _wanted_above(CONSISTENT_ABOVE, _median_score(cuts), otherwise=nothing, figures=figures)


def regeneration(scenes: QuerySet[Session]) -> Metric:
    """Of the shots that were generated, the share 0-1 of which a take was made again because its style did not match.

    Only of the quality gate's retries that is known. What a person wished is not guessed at: ``shareAtMost`` is the share if
    style was behind all of it, and with the target between the two nobody knows whether it is met. ``takesAgain`` are all
    takes that were not the first of their shot, by reason. Previews and uploads are not counted.
    """
    counted = _generated_takes(scenes).aggregate(
        shots=Count("shot", distinct=True),
        again=Count("shot", distinct=True, filter=Q(why__isnull=False)),
        style=Count("shot", distinct=True, filter=Q(why="styleMismatch")),
        perhaps=Count("shot", distinct=True, filter=Q(why__in=("styleMismatch", "wish", "unsaid"))),
        **{why: Count("pk", filter=Q(why=why)) for why in WHY_AGAIN},
    )
    value, at_most = _ratio(counted["style"], counted["shots"]), _ratio(counted["perhaps"], counted["shots"])
    figures = {
        "shareAtMost": at_most,
        "shots": counted["shots"],
        "shotsAgain": counted["again"],
        "shotsAgainForStyle": counted["style"],
        "takesAgain": {why: counted[why] for why in WHY_AGAIN},
    }
    is_met, reason = _below(value, at_most)
    return Metric(value=value, wanted="below", target=REGENERATED_BELOW, is_met=is_met, reason=reason, figures=figures)


def bridge_usage(scenes: QuerySet[Session]) -> Metric:
    """Of the shots after the first that have a chosen take, the share 0-1 of which that take started from a picture.

    ``bridged`` are those that started from another shot's last frame, the rest of ``started`` from a keyframe of the scene.
    """
    counted = _later_shots(scenes).aggregate(
        shots=Count("chosen_take"),
        started=Count("chosen_take__input_frame"),
        bridged=Count("chosen_take__input_frame", filter=Q(chosen_take__mode=ShotMode.FRAME_BRIDGE)),
    )
    value = _ratio(counted["started"], counted["shots"])
    return _wanted_above(0.6, value, otherwise="No shot after the first has a chosen take.", figures=counted)


def _wanted_above(target: float, value: float | None, *, otherwise: str, figures: Mapping[str, Any]) -> Metric:
    """``otherwise``: why there is no value, when there is none."""
    is_met, reason = (None, otherwise) if value is None else (value > target, None)
    return Metric(value=value, wanted="above", target=target, is_met=is_met, reason=reason, figures=figures)


def _below(value: float | None, at_most: float | None) -> tuple[bool | None, str | None]:
    """Whether a share that is known to lie from ``value`` to ``at_most`` is below the target, and why nobody knows."""
    if value is None or at_most is None:
        return None, "No shot was generated in this period."
    if value < REGENERATED_BELOW <= at_most:
        return None, "Too many takes were asked for again without it being known whether style was why."
    return value < REGENERATED_BELOW, None


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _row(metric: Metric) -> dict[str, Any]:
    judged = {"value": metric.value, "wanted": metric.wanted, "target": metric.target, "isMet": metric.is_met}
    return judged | {"reason": metric.reason} | dict(metric.figures)


def _later_shots(scenes: QuerySet[Session]) -> QuerySet[Shot]:
    """Every shot but the first of its scene."""
    return Shot.objects.filter(Exists(_before()), session__in=scenes)


def _before() -> QuerySet[Shot]:
    """The shots before the outer one in its scene, the nearest first."""
    return Shot.objects.filter(session=OuterRef("session"), rank__lt=OuterRef("rank")).order_by("-rank")


def _cuts(scenes: QuerySet[Session]) -> QuerySet[Shot]:
    """The right shot of every cut, with ``left`` (the take it is cut to), ``cut`` (the row of METRIC, or None), ``score``."""
    both = _later_shots(scenes).alias(left=Subquery(_before().values("chosen_take")[:1])).filter(left__isnull=False)
    row = Cut.objects.filter(left_take=OuterRef("left"), right_take=OuterRef("chosen_take"), metric=METRIC)
    return both.filter(chosen_take__isnull=False).annotate(cut=Subquery(row.values("pk")), score=Subquery(row.values("score")))


def _median_score(cuts: QuerySet[Shot]) -> float | None:
    """The mean of the one or two scores in the middle."""
    ordered = cuts.filter(Q(score__isnull=False)).annotate(
        place=Window(RowNumber(), order_by=F("score").asc()), scores=Window(Count("score"))
    )
    middle = ordered.filter(scores__gte=F("place") * 2 - 2, scores__lte=F("place") * 2)
    median: float | None = middle.aggregate(median=Avg("score"))["median"]
    return median


def _generated_takes(scenes: QuerySet[Session]) -> QuerySet[Take]:
    """Every final take of a living shot that is not an upload, with ``why`` it was made again: None = it was the first."""
    finals = Take.objects.filter(purpose=TakePurpose.FINAL).exclude(origin=TakeOrigin.UPLOAD)
    before = finals.filter(shot=OuterRef("shot"), number__lt=OuterRef("number")).order_by("-number").values("state")[:1]
    retried = Case(When(retry_of__purpose=TakePurpose.FINAL, then="retry_of__state"))
    return finals.filter(shot__session__in=scenes, shot__deleted_at=None).annotate(
        earlier=Coalesce(retried, Subquery(before)), why=_why_again()
    )


def _why_again() -> Case:
    """Why a take was made that has an ``earlier`` one (its state): of a retry the one it retries, else the final one before it.

    failure, cancelled: the earlier one gave no clip. several: the scene asks for several takes of each shot. styleMismatch:
    the quality gate made it, as the cut of the earlier one scored too low; rejected: as that was a copy, frozen, or could not
    be scored. wish: a person asked, and said why in words that nobody interprets. unsaid: nothing is known.
    """
    gate = Q(retry_change__by=RetryBy.GATE)
    return Case(
        When(earlier=None, then=Value(None)),
        When(earlier=TakeState.FAILED, then=Value("failure")),
        When(earlier=TakeState.CANCELLED, then=Value("cancelled")),
        When(retry_change__by=RetryBy.BATCH, then=Value("several")),
        When(gate, retry_change__verdict="not-passed", then=Value("styleMismatch")),
        When(gate, then=Value("rejected")),
        When(~Q(retry_reason=""), retry_change={}, then=Value("wish")),
        default=Value("unsaid"),
        output_field=CharField(null=True),
    )
