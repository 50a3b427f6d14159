"""Cut verbs: which pairs are measured and when, what is kept of them, and what a page derives from that."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from continuity.cut_selectors import CutProgress, scene_cuts
from continuity.enums import JobKind, ShotMode
from continuity.models import Continuity, Cut, Job, JobEvent, Shot, Take
from continuity.selectors import shot_progress
from continuity.services import cuts, shots
from continuity.services.errors import Refused
from continuity.vision.scene_score import METRIC
from tests.engine import scene, settle
from tests.factories.continuity import AssetFactory, ContinuityFactory, CutFactory, DoneTakeFactory, ShotFactory
from tests.factories.session import SessionFactory

pytestmark = pytest.mark.django_db


def scene_of(count: int, **settings: Any) -> tuple[Continuity, list[Take]]:
    """A scene whose ``count`` shots have a finished chosen take each."""
    continuity = ContinuityFactory(**settings)
    takes = []
    for _ in range(count):
        shot = ShotFactory(session=continuity.session)
        takes.append(DoneTakeFactory(shot=shot))
        Shot.objects.filter(pk=shot.pk).update(chosen_take=takes[-1])
    return continuity, takes


def asked_pairs() -> set[tuple[str, str]]:
    return {(job.payload["left"], job.payload["right"]) for job in Job.objects.filter(kind=JobKind.CUT)}


def shown(session: Any) -> list[CutProgress]:
    continuity = Continuity.objects.filter(session=session).first()
    return list(scene_cuts(session, shot_progress(session), continuity).cuts)


# which pairs


def test_neighbours_and_the_base_are_asked_for(owner) -> None:
    continuity, [one, two, three] = scene_of(3)
    Continuity.objects.update(base_take=one)

    cuts.request_missing(session=continuity.session, by=owner)

    assert asked_pairs() == {(one.pk, two.pk), (two.pk, three.pk), (one.pk, three.pk)}


@pytest.mark.parametrize("count", [3, 30])
def test_asking_for_many_costs_what_asking_for_few_does(owner, count: int) -> None:
    continuity, takes = scene_of(count)
    Continuity.objects.update(base_take=takes[0])
    cuts.request_missing(session=SessionFactory(), by=owner)

    with CaptureQueriesContext(connection) as queries:
        jobs = cuts.request_missing(session=continuity.session, by=owner)

    made = JobEvent.objects.filter(from_state=None, to_state="queued").values_list("job", flat=True)
    assert {job.pk for job in jobs} == set(made) == set(Job.objects.values_list("pk", flat=True))
    assert (len(asked_pairs()), len(queries) < 25) == (2 * count - 3, True)


def test_what_is_measured_or_being_measured_is_not_asked_for_again(owner) -> None:
    continuity, [one, two, _] = scene_of(3)
    CutFactory(session=continuity.session, left_take=one, right_take=two, metric=METRIC)
    cuts.request_missing(session=continuity.session, by=owner)

    again = cuts.request_missing(session=continuity.session, by=owner)

    assert (again, len(asked_pairs())) == ([], 1)


def test_a_cut_under_another_metric_is_not_this_one(owner) -> None:
    continuity, [one, two] = scene_of(2)
    CutFactory(session=continuity.session, left_take=one, right_take=two, metric="scene-score@0")

    cuts.request_missing(session=continuity.session, by=owner)

    assert asked_pairs() == {(one.pk, two.pk)}


def test_a_shot_without_a_clip_is_a_gap_and_no_cut(owner) -> None:
    continuity, [_, two, _] = scene_of(3)
    Shot.objects.filter(chosen_take=two).update(chosen_take=None)

    cuts.request_missing(session=continuity.session, by=owner)

    assert asked_pairs() == set()


def test_a_new_take_is_measured_against_the_chosen_one_before_it(owner) -> None:
    continuity, [one, two] = scene_of(2)
    other = DoneTakeFactory(shot=two.shot)

    cuts.request_missing(session=continuity.session, by=owner, take=other)

    assert asked_pairs() == {(one.pk, two.pk), (one.pk, other.pk)}


def test_a_scene_without_a_continuity_half_has_no_cuts(owner) -> None:
    shot = ShotFactory()
    Shot.objects.filter(pk=shot.pk).update(chosen_take=DoneTakeFactory(shot=shot))

    assert cuts.request_missing(session=shot.session, by=owner) == []


def test_putting_the_choice_back_puts_the_numbers_back(owner) -> None:
    continuity, [one, two] = scene_of(2)
    other = DoneTakeFactory(shot=two.shot)
    kept = CutFactory(session=continuity.session, left_take=one, right_take=two, metric=METRIC, score=0.8, band="matches")
    shots.choose_take(shot=two.shot, take=other, by=owner)
    before = [cut.word for cut in shown(continuity.session)]

    shots.choose_take(shot=two.shot, take=two, by=owner)

    assert (before, [cut.cut for cut in shown(continuity.session)]) == (["Measuring"], [kept])


# measuring for real


def test_a_scene_is_measured_when_its_clips_are_there(owner, clip) -> None:
    session, [_, second] = scene(owner, "One", "Two", clip=clip)
    shots.add_uploaded_take(shot=second, path=clip, name="two.mp4", by=owner)

    settle(session)

    [cut] = shown(session)
    assert (cut.word, cut.cut.state, cut.cut.metric) == ("Matches", "measured", METRIC)
    assert cut.cut.score == pytest.approx(1, abs=0.02)
    assert any("same" in finding for finding in cut.findings), cut.findings
    assert {"lighting.direction", "atmosphere.weather"} <= {key for key, _ in cut.not_measured}


def test_a_clip_that_cannot_be_read_gives_a_cut_that_says_so(owner, clip) -> None:
    session, [_, second] = scene(owner, "One", "Two", clip=clip)
    take = shots.add_uploaded_take(shot=second, path=clip, name="two.mp4", by=owner)
    default_storage.save("blobs/spoilt", ContentFile(b"not a clip at all"))
    Take.objects.filter(pk=take.pk).update(video=AssetFactory(owner=owner, blob__storage_key="blobs/spoilt"))

    settle(session)

    [cut] = shown(session)
    assert (cut.word, cut.cut.state, cut.cut.score, cut.cut.band) == ("Not measured", "failed", None, None)
    assert cut.cut.reason.endswith("."), cut.cut.reason


def test_a_cut_that_failed_is_measured_again_when_asked(owner) -> None:
    continuity, [one, two] = scene_of(2)
    CutFactory(session=continuity.session, left_take=one, right_take=two, metric=METRIC, state="failed", score=None, reason="x")

    jobs = cuts.measure_again(session=continuity.session, by=owner)

    assert (len(jobs), Cut.objects.count()) == (1, 0)


def test_when_all_is_measured_there_is_nothing_to_ask_for(owner) -> None:
    continuity, [one, two] = scene_of(2)
    CutFactory(session=continuity.session, left_take=one, right_take=two, metric=METRIC)

    with pytest.raises(Refused, match="measured or being measured"):
        cuts.measure_again(session=continuity.session, by=owner)


# what a page derives


def test_a_bridge_from_a_take_that_is_no_longer_chosen_is_stale(owner) -> None:
    continuity, [one, two] = scene_of(2)
    Take.objects.filter(pk=two.pk).delete()
    bridged = DoneTakeFactory(shot=two.shot, mode=ShotMode.FRAME_BRIDGE, input_frame=one.last_frame)
    Shot.objects.filter(pk=two.shot_id).update(chosen_take=bridged)
    fresh = [cut.is_stale for cut in shown(continuity.session)]

    shots.choose_take(shot=one.shot, take=DoneTakeFactory(shot=one.shot), by=owner)

    assert (fresh, [(cut.is_stale, cut.word) for cut in shown(continuity.session)]) == ([False], [(True, "Stale")])


def test_a_long_chain_of_bridges_is_counted_and_a_fresh_start_offered(owner) -> None:
    continuity, takes = scene_of(1, chain_limit=2)
    for _ in range(3):
        shot = ShotFactory(session=continuity.session)
        takes.append(DoneTakeFactory(shot=shot, mode=ShotMode.FRAME_BRIDGE, input_frame=takes[-1].last_frame))
        Shot.objects.filter(pk=shot.pk).update(chosen_take=takes[-1])

    drift = scene_cuts(continuity.session, shot_progress(continuity.session), Continuity.objects.get()).drift

    assert drift.chain == {1: 0, 2: 1, 3: 2, 4: 3}
    assert drift.advice.startswith("3 shots in a row, up to shot 4, start from the frame of the one before")


def test_accepting_a_cut_keeps_its_numbers_and_can_be_undone(owner) -> None:
    continuity, [one, two] = scene_of(2)
    cut = CutFactory(session=continuity.session, left_take=one, right_take=two, metric=METRIC, score=0.2, band="jump")

    cuts.accept(cut=cut, by=owner, note="A dream begins here.")
    accepted = Cut.objects.get()
    cuts.withdraw(cut=cut, by=owner)

    assert (accepted.score, accepted.accepted_by, accepted.accepted_note) == (0.2, owner, "A dream begins here.")
    assert (Cut.objects.get().accepted_at, Cut.objects.get().accepted_note) == (None, "")


def test_the_page_of_a_scene_asks_the_same_queries_for_two_shots_and_for_six(django_assert_num_queries, owner) -> None:
    small, takes = scene_of(2)
    large, more = scene_of(6)
    for half, chosen in ((small, takes), (large, more)):
        CutFactory(session=half.session, left_take=chosen[0], right_take=chosen[1], metric=METRIC)

    for half in (small, large):
        rows = shot_progress(half.session)
        with django_assert_num_queries(4):
            scene_cuts(half.session, rows, half)
