"""What is handed from shot to shot: modes, the frames they start from, and the chain of a whole scene."""

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest

from continuity import storage
from continuity.enums import ShotMode
from continuity.jobs import claims, steps
from continuity.models import Job, Shot, Take
from continuity.services import bridges, media, shots
from continuity.services.errors import Refused
from continuity.video.frames import ExactFrame, last_frame
from tests.engine import LTX, drive, job_of, scene, settle, turn
from tests.factories.continuity import (
    ContinuityFactory,
    DoneTakeFactory,
    FrameFactory,
    JobFactory,
    RunningJobFactory,
    ShotFactory,
    TakeFactory,
)
from tests.factories.session import NOON

pytestmark = pytest.mark.django_db
NOTHING_BEFORE = "Shot 1 has no finished clip and none is being made: generate it first, or turn the frame bridge off."
FAR = NOON + timedelta(days=36500)
SMALL = {"width": 160, "height": 90, "seconds": 1, "fps": 24}


# the mode


@pytest.mark.parametrize(
    ("half", "own", "expected"),
    [
        (None, "frame-bridge", "none"),
        ({}, None, "frame-bridge"),
        ({}, "style-match", "style-match"),
        ({"default_mode": "style-match"}, None, "style-match"),
        ({"default_mode": "none"}, "frame-bridge", "frame-bridge"),
        ({"auto_bridge": False}, None, "none"),
        ({"auto_bridge": False}, "frame-bridge", "frame-bridge"),
        ({"auto_bridge": False, "default_mode": "style-match"}, None, "style-match"),
        ({"generation_mode": "standard"}, "frame-bridge", "none"),
    ],
)
def test_a_shot_has_its_own_mode_or_the_scenes(half: dict | None, own: str | None, expected: str) -> None:
    shot = ShotFactory(mode=own)
    continuity = None if half is None else ContinuityFactory(session=shot.session, **half)

    assert bridges.mode_of(shot, continuity) == expected


# the frame


def test_the_first_shot_starts_from_its_own_picture_or_from_nothing() -> None:
    shot = ShotFactory()
    assert bridges.start_frame(shot, mode=ShotMode.FRAME_BRIDGE) is None

    shot.start_image = FrameFactory()

    assert bridges.start_frame(shot, mode=ShotMode.FRAME_BRIDGE) == shot.start_image


def test_a_bridged_shot_starts_from_the_chosen_take_of_the_one_before() -> None:
    first = ShotFactory()
    first.chosen_take = DoneTakeFactory(shot=first)
    first.save()
    DoneTakeFactory(shot=first)  # newer, and not chosen
    second = ShotFactory(session=first.session)

    assert bridges.start_frame(second, mode=ShotMode.FRAME_BRIDGE) == first.chosen_take.last_frame


def test_a_shot_may_be_bridged_from_any_other() -> None:
    first = ShotFactory()
    first.chosen_take = DoneTakeFactory(shot=first)
    first.save()
    ShotFactory(session=first.session)

    third = ShotFactory(session=first.session, bridge_from=first)

    assert bridges.start_frame(third, mode=ShotMode.FRAME_BRIDGE) == first.chosen_take.last_frame


@pytest.mark.parametrize("mode", ["style-match", "native", "none"])
def test_other_modes_start_from_nothing(mode: str) -> None:
    first = ShotFactory()
    first.chosen_take = DoneTakeFactory(shot=first)
    first.save()

    assert bridges.start_frame(ShotFactory(session=first.session), mode=ShotMode(mode)) is None


def test_a_bridge_whose_source_lost_its_take_says_which_shot_to_make() -> None:
    first = ShotFactory()

    with pytest.raises(Refused, match="Shot 1 has no finished clip"):
        bridges.start_frame(ShotFactory(session=first.session), mode=ShotMode.FRAME_BRIDGE)


def test_a_take_without_stored_frames_is_read_from_its_clip(owner, clip) -> None:
    _, [first, second] = scene(owner, "One", "Two", clip=clip)
    take = Take.objects.get(shot=first)
    expected = take.last_frame.rgb24_sha256
    Take.objects.filter(pk=take.pk).update(origin="legacy", last_frame=None, first_frame=None)
    type(take.last_frame).objects.all().delete()

    frame = bridges.start_frame(Shot.objects.get(pk=second.pk), mode=ShotMode.FRAME_BRIDGE)

    assert (frame.rgb24_sha256, frame.index, frame.role) == (expected, 23, "last")


# what is waited for


@pytest.mark.parametrize("state", ["queued", "waiting", "running", "unknown"])
def test_a_bridged_shot_waits_for_the_live_take_of_the_one_before(state: str) -> None:
    first = ShotFactory()
    factory = RunningJobFactory if state == "running" else JobFactory
    job = factory(kind="generate", shot=first, session=first.session, state=state)
    JobFactory(kind="generate", shot=ShotFactory())  # of another scene

    needs = bridges.predecessors(ShotFactory(session=first.session), mode=ShotMode.FRAME_BRIDGE, continuity=None)

    assert (needs.waits_for, needs.missing) == ((job,), None)


def test_a_bridged_shot_waits_even_when_an_older_take_is_chosen() -> None:
    first = ShotFactory()
    first.chosen_take = DoneTakeFactory(shot=first)
    first.save()
    job = JobFactory(kind="generate", shot=first, session=first.session)

    needs = bridges.predecessors(ShotFactory(session=first.session), mode=ShotMode.FRAME_BRIDGE, continuity=None)

    assert needs.waits_for == (job,)


@pytest.mark.parametrize(("kind", "waits"), [("generate", True), ("style", True), ("film", False)])
def test_a_shot_that_carries_the_look_waits_for_the_first_shots_look(kind: str, waits: bool) -> None:
    first = ShotFactory()
    job = JobFactory(kind=kind, shot=first, session=first.session)
    continuity = ContinuityFactory(session=first.session)
    third = ShotFactory(session=first.session)

    needs = bridges.predecessors(third, mode=ShotMode.NONE, continuity=continuity)

    assert needs.waits_for == ((job,) if waits else ())
    assert bridges.predecessors(first, mode=ShotMode.NONE, continuity=continuity).waits_for == ()
    third.inject = False
    assert bridges.predecessors(third, mode=ShotMode.NONE, continuity=continuity).waits_for == ()


# the chain


def asked(owner, *prompts: str, **settings) -> tuple[list[Shot], list[Take]]:
    _, made = scene(owner, *prompts, **settings)
    return made, [shots.request_generation(shot=shot, by=owner) for shot in made]


def again(take: Take) -> Take:
    take.refresh_from_db()
    return take


def test_three_shots_asked_for_at_once_are_made_one_from_the_other(owner, vendor) -> None:
    vendor.script(polls=0, clip=SMALL)
    made, takes = asked(owner, "One", "Two", "Three", model=LTX)
    assert [job_of(take).state for take in takes] == ["queued", "waiting", "waiting"]
    assert [job_of(take).waits_for for take in takes] == [None, job_of(takes[0]), job_of(takes[1])]

    settle(made[0].session)

    for left, right in pairwise(takes):
        with media.local_clip(again(left).video) as path:
            expected = last_frame(path)
        assert again(right).state == "done"
        assert (right.input_frame, right.input_frame.rgb24_sha256) == (left.last_frame, expected.sha256)
        assert right.style is not None
    assert takes[0].input_frame is None
    assert (vendor.posts(), len(vendor.uploads())) == (3, 2)


def test_a_shot_waits_for_the_look_of_the_first_one_too(owner, vendor) -> None:
    vendor.script(polls=0, clip=SMALL)
    _, takes = asked(owner, "One", "Two", model=LTX)
    while (job := claims.claim(job_of(takes[0]).pk, "worker")) is not None:
        steps.run(job)
        Job.objects.filter(pk=job.pk).update(next_run_at=job.created_at)
    style = Job.objects.get(kind="style")
    assert (job_of(takes[0]).state, style.state) == ("done", "queued")

    steps.run(claims.claim(job_of(takes[1]).pk, "worker"))

    second = job_of(takes[1])
    assert (second.state, second.waits_for, second.wait_reason) == ("waiting", style, "Waiting for the look of the first shot")
    assert (second.attempts, claims.claim(second.pk, "worker")) == (0, None)


def test_a_failure_parks_the_rest_of_the_chain_and_a_new_take_wakes_it(owner, vendor) -> None:
    vendor.script(submit={"do": "answer", "status": 422, "type": "content_filtered_error", "times": 1}, polls=0, clip=SMALL)
    made, takes = asked(owner, "One", "Two", "Three", model=LTX)

    drive(lambda: job_of(takes[1]).waits_for == job_of(takes[0]) and job_of(takes[0]).state == "failed" and _parked(takes[1]))

    second, third = job_of(takes[1]), job_of(takes[2])
    assert second.wait_reason == f"previous shot failed: {NOTHING_BEFORE}"
    assert (second.attempts, third.state, third.waits_for) == (0, "waiting", second)
    assert vendor.posts() == 1

    newer = shots.retry(take=again(takes[0]), by=owner)
    settle(made[0].session)

    assert [again(take).state for take in (takes[0], newer, takes[1], takes[2])] == ["failed", "done", "done", "done"]
    assert takes[1].input_frame == newer.last_frame
    assert takes[2].input_frame == takes[1].last_frame
    assert vendor.posts() == 4


def test_a_shot_that_was_parked_too_late_to_hear_of_the_new_take_is_woken_at_its_end(owner, vendor) -> None:
    vendor.script(polls=0, clip=SMALL)
    made, takes = asked(owner, "One", "Two", model=LTX, auto_extract=False)
    shots.cancel(take=takes[0], by=owner)
    turn()
    shots.retry(take=again(takes[0]), by=owner)
    Job.objects.filter(take=takes[1]).update(next_run_at=FAR)  # it looked before the retry and parked after it

    settle(made[0].session)

    assert again(takes[1]).state == "done"


def _parked(take: Take) -> bool:
    job = job_of(take)
    return job.state == "waiting" and "previous shot failed" in (job.wait_reason or "")


def test_a_chain_whose_first_take_is_cancelled_is_parked_and_costs_nothing_yet(owner, vendor) -> None:
    _, takes = asked(owner, "One", "Two", model=LTX)
    shots.cancel(take=takes[0], by=owner)

    turn()
    turn()

    assert (_parked(takes[1]), vendor.posts(), again(takes[1]).state) == (True, 0, "requested")


def test_a_parked_shot_runs_when_a_person_chooses_another_take_before_it(owner, vendor) -> None:
    vendor.script(polls=0, clip=SMALL)
    made, takes = asked(owner, "One", "Two", model=LTX, auto_extract=False)
    shots.cancel(take=takes[0], by=owner)
    turn()
    other = TakeFactory(shot=made[0], number=8, state="failed", error_code="x")
    done = DoneTakeFactory(shot=made[0], number=9, last_frame=_stored_frame(owner))

    with pytest.raises(Refused):
        shots.choose_take(shot=made[0], take=other, by=owner)
    shots.choose_take(shot=made[0], take=done, by=owner)
    settle(made[0].session)

    assert (again(takes[1]).state, takes[1].input_frame) == ("done", done.last_frame)


def test_a_parked_shot_runs_when_a_clip_is_uploaded_before_it(owner, vendor, clip) -> None:
    vendor.script(polls=0, clip=SMALL)
    made, takes = asked(owner, "One", "Two", model=LTX, auto_extract=False)
    shots.cancel(take=takes[0], by=owner)
    drive(lambda: _parked(takes[1]))

    uploaded = shots.add_uploaded_take(shot=made[0], path=clip, name="pier.mp4", by=owner)
    settle(made[0].session)

    assert (again(takes[1]).state, takes[1].input_frame) == ("done", uploaded.last_frame)


def _stored_frame(owner):
    """A frame whose picture is really there."""
    picture = ExactFrame(rgb=np.full((90, 160, 3), 120, np.uint8), index=0, time=0)
    blob = storage.keep_picture(picture)
    return FrameFactory(asset__owner=owner, image__blob=blob, width=160, height=90, rgb24_sha256=picture.sha256)


def test_a_person_may_let_a_shot_start_from_any_earlier_one_and_back(owner) -> None:
    first = ShotFactory()
    ShotFactory(session=first.session)
    third = ShotFactory(session=first.session)

    shots.bridge_from(shot=third, source=first, by=owner)
    chosen = Shot.objects.get(pk=third.pk).bridge_source()
    shots.bridge_from(shot=third, source=None, by=owner)

    assert (chosen, Shot.objects.get(pk=third.pk).bridge_source()) == (first, third.previous())


def test_a_shot_never_starts_from_itself_or_from_a_later_one(owner) -> None:
    first = ShotFactory()
    second = ShotFactory(session=first.session)

    refusals = []
    for source in (second, first, ShotFactory()):
        with pytest.raises(Refused) as refusal:
            shots.bridge_from(shot=first, source=source, by=owner)
        refusals.append(refusal.value.code)

    assert refusals == ["bridge_not_earlier", "bridge_not_earlier", "bridge_of_another_scene"]
