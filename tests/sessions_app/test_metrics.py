"""The success metrics: what counts and what does not, null where nothing can be said, always in the same few queries."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from continuity.enums import RetryBy
from continuity.models import Cut, Shot, Take
from continuity.services import gate
from continuity.services.generation import Retry
from continuity.vision.findings import Finding
from continuity.vision.scene_score import METRIC
from sessions_app.metrics import WHY_AGAIN, Metric, continuity_metrics
from sessions_app.models import Session
from tests.factories.continuity import ContinuityFactory, CutFactory, DoneTakeFactory, FrameFactory, ShotFactory, TakeFactory
from tests.factories.session import NOON, SessionFactory

pytestmark = pytest.mark.django_db
COUNTED = {
    "continuityUsers": "users",
    "shotsPerSession": "sessions",
    "consistency": "measured",
    "regeneration": "shots",
    "bridgeUsage": "started",
}
"""Of each metric a figure that says how many sessions it looked at."""
GATE = {"retry_change": {"by": "gate", "changes": [], "verdict": "not-passed"}}
COPY = {"retry_change": {"by": "gate", "changes": [], "verdict": "rejected"}}
SECOND = {"retry_change": {"by": "batch", "changes": [{"what": "take", "was": "1", "now": "2 of 3"}]}}
AFTER_PREVIEW = {"retry_change": {"by": "preview", "changes": []}, "retry_reason": "The cut scores 0.81, at or above 0.75."}


def metric(name: str, **options: Any) -> Metric:
    return continuity_metrics(**options).metrics[name]


def scene(**columns: Any) -> Session:
    """A session with a continuity half."""
    return ContinuityFactory(session=SessionFactory(**columns)).session


def shot(session: Session, **columns: Any) -> Shot:
    """The next shot of the scene, with a chosen take of these columns."""
    take = DoneTakeFactory(shot=ShotFactory(session=session), **columns)
    return choose(take)


def choose(take: Take) -> Shot:
    Shot.objects.filter(pk=take.shot_id).update(chosen_take=take)
    return Shot.objects.get(pk=take.shot_id)


def cut(left: Shot, right: Shot, score: float | None, **columns: Any) -> None:
    """What was measured between the chosen takes of two shots."""
    takes = {"left_take": left.chosen_take, "right_take": right.chosen_take, "metric": METRIC} | columns
    CutFactory(session=left.session, score=score, reason=None if score is not None else "It is black.", **takes)


def scored(*scores: float | None) -> None:
    """A scene with these scores from cut to cut."""
    session = scene()
    shots = [shot(session) for _ in range(len(scores) + 1)]
    for left, right, score in zip(shots, shots[1:], scores, strict=False):
        cut(left, right, score)


def again(**columns: Any) -> Take:
    """A take of a shot that had a finished one."""
    earlier = DoneTakeFactory(shot__session=scene(), number=1)
    return TakeFactory(shot=earlier.shot, number=2, **columns)


def test_without_anything_no_metric_has_a_value_and_each_says_why() -> None:
    report = continuity_metrics()

    assert {name: (one.value, one.is_met, one.reason) for name, one in report.metrics.items()} == {
        "continuityUsers": (None, None, "Nobody made a session in this period."),
        "shotsPerSession": (None, None, "No scene was made in this period."),
        "consistency": (None, None, "No two neighbouring shots have a chosen take."),
        "regeneration": (None, None, "No shot was generated in this period."),
        "bridgeUsage": (None, None, "No shot after the first has a chosen take."),
    }
    assert (report.since, report.undated_sessions, report.cut_metric) == (None, 0, METRIC)


def test_users_are_counted_once_and_a_deleted_scene_was_made_all_the_same(owner: Any, stranger: Any) -> None:
    for _ in range(2):
        scene(owner=owner)
        SessionFactory(owner=stranger)
    scene(deleted_at=NOON)

    figures = {"users": 3, "continuityUsers": 2}
    assert metric("continuityUsers") == Metric(2 / 3, "above", 0.2, True, None, figures)


def test_one_user_in_five_is_not_more_than_twenty_percent() -> None:
    scene()
    SessionFactory.create_batch(4)

    assert (metric("continuityUsers").value, metric("continuityUsers").is_met) == (0.2, False)


def test_since_keeps_the_sessions_made_then_or_later_and_names_the_undated_ones() -> None:
    for made in (NOON, NOON - timedelta(seconds=1), None):
        session = scene(created_at=made)
        cut(shot(session), shot(session, input_frame=FrameFactory()), 0.9)

    def counted(**options: Any) -> list[int]:
        metrics = continuity_metrics(**options).metrics
        return [metrics[name].figures[figure] for name, figure in COUNTED.items()]

    assert (counted(), counted(since=NOON)) == ([3, 3, 3, 6, 3], [1, 1, 1, 2, 1])
    assert (continuity_metrics().undated_sessions, continuity_metrics(since=NOON).undated_sessions) == (0, 1)


def test_shots_are_counted_that_are_still_there_in_scenes_that_are_still_there() -> None:
    long, _empty, gone, plain = scene(), scene(), scene(deleted_at=NOON), SessionFactory()
    ShotFactory.create_batch(3, session=long)
    for session in (gone, plain):
        ShotFactory(session=session)
    ShotFactory(session=long, deleted_at=NOON)

    assert metric("shotsPerSession") == Metric(1.5, "above", 2.5, False, None, {"sessions": 2, "shots": 3})


@pytest.mark.parametrize(("shots", "is_met"), [((2, 3), False), ((3, 3), True)])
def test_shots_per_session_are_to_be_above_the_target_and_not_at_it(shots: tuple[int, ...], is_met: bool) -> None:
    for count in shots:
        ShotFactory.create_batch(count, session=scene())

    assert metric("shotsPerSession").is_met is is_met


@pytest.mark.parametrize(
    ("scores", "median", "is_met"),
    [
        ([0.2], 0.2, False),
        ([0.75], 0.75, False),
        ([0.9, 0.3], 0.6, False),
        ([0.1, 0.9, 0.8], 0.8, True),
        ([0.5, 0.5, 1.0, 1.0, None], 0.75, False),
        ([0.9, 0.9, 0.9, 0.0, 0.0], 0.9, True),
    ],
)
def test_consistency_is_the_median_of_the_scores(scores: list[float | None], median: float, is_met: bool) -> None:
    scored(*scores)

    assert (metric("consistency").value, metric("consistency").is_met) == (pytest.approx(median, abs=1e-12), is_met)


def test_consistency_says_what_was_measured_and_what_was_not() -> None:
    scored(0.9, None, 0.5, 0.75)
    session = scene()
    cut(shot(session), shot(session), 0.2, metric="scene-score@0")

    figures = {"shareAbove": 1 / 3, "cuts": 5, "measured": 3, "unmeasurable": 1, "unmeasured": 1}
    assert metric("consistency") == Metric(0.75, "above", 0.75, False, None, figures)


def test_a_scene_whose_cuts_were_not_measured_has_no_consistency() -> None:
    session = scene()
    shot(session), shot(session)

    figures = {"shareAbove": None, "cuts": 1, "measured": 0, "unmeasurable": 0, "unmeasured": 1}
    assert metric("consistency") == Metric(None, "above", 0.75, None, f"No cut has a score of {METRIC}.", figures)


def test_a_cut_lies_between_neighbours_that_are_still_there() -> None:
    session = scene()
    first, gone, last = shot(session), shot(session), shot(session)
    for left, right, score in ((first, gone, 0.1), (gone, last, 0.2), (first, last, 0.9)):
        cut(left, right, score)
    gone.delete_softly()

    assert (metric("consistency").value, metric("consistency").figures["cuts"]) == (0.9, 1)


def test_shots_that_are_no_neighbours_make_no_cut() -> None:
    session, other = scene(), scene()
    first, _middle, last = shot(session), ShotFactory(session=session), shot(session)
    cut(first, last, 0.9)
    cut(last, shot(other), 0.9)

    assert (metric("consistency").value, metric("consistency").figures["cuts"]) == (None, 0)


def test_a_cut_is_that_of_the_takes_chosen_now() -> None:
    session = scene()
    left, right = shot(session), shot(session)
    cut(left, right, 0.2)
    chosen = choose(DoneTakeFactory(shot=right))
    cut(left, chosen, 0.8)

    assert (metric("consistency").value, metric("consistency").figures["measured"]) == (0.8, 1)


REASONS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {}, "unsaid"),
    ({}, {"retry_reason": "without red"}, "wish"),
    ({}, GATE, "styleMismatch"),
    ({}, COPY, "rejected"),
    ({}, SECOND, "several"),
    ({}, AFTER_PREVIEW, "unsaid"),
    ({"state": "failed", "error_code": "x"}, {}, "failure"),
    ({"state": "failed", "error_code": "x"}, GATE, "failure"),
    ({"state": "cancelled"}, {"retry_reason": "too slow"}, "cancelled"),
    ({"state": "generating"}, {}, "unsaid"),
]


@pytest.mark.parametrize(("earlier", "columns", "reason"), REASONS)
@pytest.mark.parametrize("is_named", [True, False])
def test_a_take_made_again_is_counted_under_its_reason(earlier: Any, columns: Any, reason: str, is_named: bool) -> None:
    factory = TakeFactory if earlier else DoneTakeFactory
    first = factory(shot__session=scene(), number=1, **earlier)
    TakeFactory(shot=first.shot, number=2, retry_of=first if is_named else None, **columns)

    assert metric("regeneration").figures["takesAgain"] == dict.fromkeys(WHY_AGAIN, 0) | {reason: 1}


@pytest.mark.parametrize(
    ("score", "findings", "reason"),
    [
        (0.27, [], "styleMismatch"),
        (0.27, [Finding("frozen").as_json()], "rejected"),
        (0.27, [Finding("copy").as_json()], "rejected"),
        (None, [], "rejected"),
    ],
)
def test_the_reason_is_read_as_the_gate_writes_it(score: float | None, findings: list[Any], reason: str) -> None:
    session = scene()
    left, right = shot(session), shot(session)
    cut(
        left,
        right,
        score,
        parts={"constant": -1.0, "colour": 0.0, "grain": 0.0, "texture": 0.0, "structure": 0.0},
        findings=findings,
    )
    verdict = gate.verdict_of(Cut.objects.get(), shot=right, continuity=session.continuity)
    retry = Retry(of=right.chosen_take, by=RetryBy.GATE, reason=verdict.sentence, verdict=verdict.word)
    TakeFactory(shot=right, retry_of=retry.of, retry_reason=retry.reason, retry_change=retry.as_json())

    assert metric("regeneration").figures["takesAgain"] == dict.fromkeys(WHY_AGAIN, 0) | {reason: 1}


def test_the_reason_is_that_of_the_take_that_is_retried_and_not_of_the_one_before() -> None:
    good = DoneTakeFactory(shot__session=scene(), number=1)
    TakeFactory(shot=good.shot, number=2, state="failed", error_code="x", retry_of=good, **GATE)
    TakeFactory(shot=good.shot, number=3, retry_of=good, retry_reason="the first one, but slower")

    expected = dict.fromkeys(WHY_AGAIN, 0) | {"styleMismatch": 1, "wish": 1}
    assert metric("regeneration").figures["takesAgain"] == expected


def test_a_shot_that_previewed_a_retry_is_retried_for_the_reason_of_that() -> None:
    failed = TakeFactory(shot__session=scene(), number=1, state="failed", error_code="x")
    preview = DoneTakeFactory(shot=failed.shot, number=2, purpose="preview", retry_of=failed)
    TakeFactory(shot=failed.shot, number=3, retry_of=preview, **AFTER_PREVIEW)

    assert metric("regeneration").figures["takesAgain"] == dict.fromkeys(WHY_AGAIN, 0) | {"failure": 1}


def test_only_style_counts_towards_the_target_of_regeneration() -> None:
    again(**GATE)
    again(retry_reason="without red")
    failed = TakeFactory(shot__session=scene(), state="failed", error_code="x")
    TakeFactory(shot=failed.shot, retry_of=failed)
    for _ in range(7):
        TakeFactory(shot__session=scene())

    figures = {
        "shareAtMost": 0.2,
        "shots": 10,
        "shotsAgain": 3,
        "shotsAgainForStyle": 1,
        "takesAgain": dict.fromkeys(WHY_AGAIN, 0) | {"failure": 1, "styleMismatch": 1, "wish": 1},
    }
    assert metric("regeneration") == Metric(0.1, "below", 0.3, True, None, figures)


@pytest.mark.parametrize(
    ("style", "wishes", "is_met", "says_why"), [(3, 0, False, False), (2, 0, True, False), (2, 1, None, True), (0, 3, None, True)]
)
def test_regeneration_is_below_its_target_or_not_or_nobody_knows(style: int, wishes: int, is_met: Any, says_why: bool) -> None:
    for number in range(10):
        if number < style + wishes:
            again(**(GATE if number < style else {}))
        else:
            TakeFactory(shot__session=scene())

    seen = metric("regeneration")

    assert (seen.value, seen.figures["shareAtMost"], seen.is_met) == (style / 10, (style + wishes) / 10, is_met)
    assert (seen.reason is not None) is says_why


def test_a_shot_is_one_shot_however_often_it_is_made_again() -> None:
    take = again(**GATE)
    for number in (3, 4):
        TakeFactory(shot=take.shot, number=number, retry_of=take, **GATE)

    figures = metric("regeneration").figures
    assert (figures["shots"], figures["shotsAgainForStyle"], figures["takesAgain"]["styleMismatch"]) == (1, 1, 3)


def test_previews_uploads_and_deleted_shots_are_not_regenerated() -> None:
    preview = DoneTakeFactory(shot__session=scene(), number=1, purpose="preview")
    TakeFactory(shot=preview.shot, number=2, retry_of=preview, **AFTER_PREVIEW)
    TakeFactory(shot=preview.shot, number=3, purpose="preview", retry_of=preview, **GATE)
    uploaded = DoneTakeFactory(shot__session=scene(), number=1, origin="upload")
    DoneTakeFactory(shot=uploaded.shot, number=2, origin="upload")
    again(**GATE).shot.delete_softly()
    DoneTakeFactory(shot__session=SessionFactory(), number=1)

    figures = metric("regeneration").figures
    assert (figures["shots"], figures["shotsAgain"], sum(figures["takesAgain"].values())) == (1, 0, 0)


def test_bridge_usage_is_of_the_shots_after_the_first_that_have_a_take() -> None:
    session = scene()
    shot(session, input_frame=FrameFactory(), mode="frame-bridge")
    shot(session, input_frame=FrameFactory(), mode="frame-bridge")
    shot(session, input_frame=FrameFactory(), mode="style-match")
    shot(session)
    ShotFactory(session=session)
    shot(scene(), input_frame=FrameFactory())
    plain = SessionFactory()
    shot(plain), shot(plain, input_frame=FrameFactory())

    figures = {"shots": 3, "started": 2, "bridged": 1}
    assert metric("bridgeUsage") == Metric(2 / 3, "above", 0.6, True, None, figures)


def test_three_shots_of_five_are_not_more_than_sixty_percent() -> None:
    session = scene()
    for is_started in (False, True, True, True, False, False):
        shot(session, input_frame=FrameFactory() if is_started else None)

    assert (metric("bridgeUsage").value, metric("bridgeUsage").is_met) == (0.6, False)


def test_a_shot_is_the_first_when_those_before_it_are_deleted() -> None:
    session = scene()
    shot(session).delete_softly()
    shot(session, input_frame=FrameFactory())

    assert metric("bridgeUsage").figures["shots"] == 0


@pytest.mark.parametrize("scenes", [1, 3])
@pytest.mark.parametrize(("since", "count"), [(None, 6), (NOON, 7)])
def test_metrics_only_read_and_take_the_same_queries_for_any_number_of_scenes(since: Any, count: int, scenes: int) -> None:
    for _ in range(scenes):
        scored(0.9, 0.4, None)
        again(**GATE)

    with CaptureQueriesContext(connection) as queries:
        continuity_metrics(since=since)

    assert len(queries) == count
    assert {query["sql"].split()[0] for query in queries} == {"SELECT"}
