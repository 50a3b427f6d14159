"""A generation from the ask to the settled take: the steps, what each keeps, and cancelling at every one of them."""

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from continuity.enums import JobState
from continuity.jobs import claims, generate, steps, tasks
from continuity.models import Asset, Blob, Continuity, Frame, Job, Shot, Take
from continuity.providers.base import Prepared, Staged
from continuity.providers.ltx import Ltx
from continuity.services import media, shots
from continuity.services.errors import Refused
from continuity.video.frames import first_frame, last_frame
from tests.engine import LTX, LTX_PRICE, drive, job_of, ledger_of, scene, settle, turn

pytestmark = pytest.mark.django_db
STEPS = ["prepare", "submit", "poll", "fetch", "verify", "frames", "settle"]


@pytest.fixture
def asked(owner, vendor) -> Take:
    """A take of LTX that was just asked for."""
    _, [shot] = scene(owner, "A red door in the rain", model=LTX, auto_extract=False)
    return shots.request_generation(shot=shot, by=owner)


def steps_of(take: Take) -> list[str]:
    return list(dict.fromkeys(job_of(take).events.filter(to_state="running").values_list("step", flat=True)))


def end(take: Take) -> Take:
    settle(take.shot.session)
    take.refresh_from_db()
    return take


def test_an_animatic_take_goes_through_every_step_and_ends_done(owner) -> None:
    session, [shot] = scene(owner, "A red door in the rain")

    take = end(shots.request_generation(shot=shot, by=owner))

    blob = take.video.blob
    assert (take.state, job_of(take).state, job_of(take).progress) == ("done", "done", 1.0)
    assert steps_of(take) == STEPS
    assert (blob.width, blob.height, blob.frame_count, blob.fps_num, blob.fps_den) == (640, 360, 12, 24, 1)
    assert (take.video.owner, take.video.session, take.video.role, take.video.origin) == (owner, session, "clip", "generated")
    with media.local_clip(take.video) as clip:
        assert (take.first_frame.rgb24_sha256, take.first_frame.index) == (first_frame(clip).sha256, 0)
        assert (take.last_frame.rgb24_sha256, take.last_frame.index) == (last_frame(clip).sha256, 11)
    assert Job.objects.get(kind="style").take == take
    assert ledger_of(take) == {"estimate": 0, "reserve": 0, "settle": 0}


def test_a_take_of_a_vendor_is_paid_for_once_with_what_was_reserved(asked, vendor) -> None:
    assert ledger_of(asked) == {"estimate": LTX_PRICE, "reserve": LTX_PRICE}

    take = end(asked)

    assert (take.state, steps_of(take), vendor.posts()) == ("done", STEPS, 1)
    assert job_of(take).remote_id == f"text-to-video/{vendor.jobs()[0]['id']}"
    assert ledger_of(take) == {"estimate": LTX_PRICE, "reserve": LTX_PRICE, "settle": LTX_PRICE}
    assert (take.video.blob.width, take.video.blob.frame_count) == (160, 24)


def test_the_first_finished_take_is_chosen_and_a_later_one_is_not(asked, owner) -> None:
    first = end(asked)

    second = end(shots.request_generation(shot=first.shot, by=owner))

    shot = Shot.objects.get(pk=first.shot_id)
    assert (second.state, shot.chosen_take, shot.chosen_by) == ("done", first, "auto")


def test_a_worker_changes_the_revision_of_shot_and_session_and_never_the_version(asked) -> None:
    session = asked.shot.session
    session.refresh_from_db()
    before = session.version, session.revision, asked.shot.version

    end(asked)

    session.refresh_from_db()
    shot = Shot.objects.get(pk=asked.shot_id)
    assert (session.version, session.revision > before[1], shot.version) == (before[0], True, before[2])


def test_what_the_take_is_made_from_is_read_when_it_runs_and_frozen_then(asked, vendor) -> None:
    Shot.objects.filter(pk=asked.shot_id).update(user_prompt="A blue door", params={"seconds": 8})

    take = end(asked)

    body = next(row for row in vendor.rows() if row["route"] == "POST /v2/text-to-video")["body"]
    assert (take.user_prompt, take.injected_prompt) == ("A red door in the rain", "A red door in the rain")
    assert '"A red door in the rain"' in body
    assert '"duration":6' in body.replace(" ", "")
    assert (take.mechanism, len(take.request_sha256), job_of(take).request_sha256) == ("text-to-video", 64, take.request_sha256)


def test_the_intent_is_written_before_the_post_and_the_id_after_it(asked, vendor) -> None:
    tasks.answer_bell()

    notes = [(event.step, event.note) for event in job_of(asked).events.filter(to_state="running").exclude(note="")]
    job = job_of(asked)
    assert [note for _, note in notes] == ["intent", "accepted"]
    assert (job.state, job.step, job.submit_intent_at < job.heartbeat_at + timedelta(minutes=1)) == ("waiting", "poll", True)
    assert vendor.posts() == 1


def test_waiting_at_the_vendor_is_no_attempt(asked, vendor) -> None:
    vendor.script(polls=4, clip={"width": 160, "height": 90, "seconds": 1})
    for _ in range(4):
        turn()

    job = job_of(asked)
    assert (job.state, job.attempts, job.step_attempts) == ("waiting", 0, 0)
    assert Job.objects.filter(pk=job.pk, next_run_at__gt=Now() + timedelta(seconds=3)).exists()  # asked every five seconds
    assert end(asked).state == "done"


@pytest.mark.parametrize("step", ["prepare", "verify", "frames", "settle"])
def test_a_step_whose_last_write_failed_runs_again_and_keeps_one_of_everything(asked, monkeypatch, caplog, step: str) -> None:
    arrow, failed = generate.arrow, []

    def fails_once(job: Job, to: JobState, **columns: Any) -> AbstractContextManager[None]:
        if job.step == step and not failed:
            failed.append(step)
            raise ConnectionError("the database went away")
        return arrow(job, to, **columns)

    monkeypatch.setattr(generate, "arrow", fails_once)

    drive(lambda: job_of(asked).state == "waiting" and failed)
    Job.objects.update(next_run_at=Now())
    take = end(asked)

    assert (failed, take.state, "the database went away" in caplog.text) == ([step], "done", True)
    assert [Asset.objects.count(), Blob.objects.count(), Frame.objects.count()] == [3, 3, 2]  # a clip and its two pictures
    assert ledger_of(take)["settle"] == LTX_PRICE


# cancelling, state by state


def test_cancel_of_a_queued_take_ends_it_at_once_and_costs_nothing(asked, owner, vendor) -> None:
    take = shots.cancel(take=asked, by=owner)

    assert (take.state, job_of(take).state, vendor.posts()) == ("cancelled", "cancelled", 0)
    assert ledger_of(take) == {"estimate": LTX_PRICE, "reserve": LTX_PRICE, "release": LTX_PRICE}
    assert [event.note for event in job_of(take).events.filter(to_state="cancelled")] == ["cancelled"]


def test_cancel_of_a_take_that_waits_for_another_ends_it_at_once(owner, vendor) -> None:
    _, made = scene(owner, "One", "Two", model=LTX)
    _, second = [shots.request_generation(shot=shot, by=owner) for shot in made]
    assert job_of(second).state == "waiting"

    take = shots.cancel(take=second, by=owner)

    assert (take.state, job_of(take).state) == ("cancelled", "cancelled")
    assert ledger_of(take)["release"] == LTX_PRICE


def test_cancel_of_a_running_take_that_is_not_sent_yet_is_heeded_before_the_post(asked, owner, vendor) -> None:
    job = claims.claim_next("worker")
    shots.cancel(take=asked, by=owner)
    assert job_of(asked).state == "running"

    steps.run(job)

    asked.refresh_from_db()
    assert (asked.state, job_of(asked).state, vendor.posts()) == ("cancelled", "cancelled", 0)
    assert ledger_of(asked)["release"] == LTX_PRICE


def test_cancel_at_a_vendor_that_cannot_stop_keeps_the_clip_and_says_so(asked, owner) -> None:
    turn()
    assert job_of(asked).step == "poll"

    take = shots.cancel(take=asked, by=owner)
    assert take.state == "generating"
    end(take)

    assert (take.state, job_of(take).state, job_of(take).progress_note) == ("done", "done", "finished before the cancel")
    assert job_of(take).events.last().note == "finished before the cancel"
    assert ledger_of(take)["settle"] == LTX_PRICE


def test_cancel_at_a_vendor_that_can_stop_ends_the_take(owner) -> None:
    _, [shot] = scene(owner, "A red door in the rain")
    Shot.objects.filter(pk=shot.pk).update(params={"size": "640x360", "seconds": 20})
    take = shots.request_generation(shot=shot, by=owner)
    drive(lambda: job_of(take).step == "poll" and job_of(take).state == "waiting")

    shots.cancel(take=take, by=owner)
    end(take)

    assert (take.state, job_of(take).state, take.video) == ("cancelled", "cancelled", None)
    assert take.shot.chosen_take is None


def test_cancel_of_a_finished_take_is_refused_and_writes_nothing(asked, owner) -> None:
    take = end(asked)

    with pytest.raises(Refused) as refusal:
        shots.cancel(take=take, by=owner)

    assert refusal.value.code == "not_cancellable"
    assert job_of(take).cancel_requested_at is None


def test_cancelling_twice_is_refused_the_second_time(asked, owner) -> None:
    shots.cancel(take=asked, by=owner)

    with pytest.raises(Refused) as refusal:
        shots.cancel(take=asked, by=owner)

    assert refusal.value.code == "not_cancellable"


# the pictures


def test_style_match_shows_the_scenes_picture_to_the_model(owner, clip) -> None:
    session, [_, shot] = scene(owner, "One", "Two", clip=clip)
    settle(session)
    reference = Continuity.objects.get().primary_reference
    Shot.objects.filter(pk=shot.pk).update(mode="style-match")

    take = end(shots.request_generation(shot=shot, by=owner))

    assert (take.state, take.mode, take.mechanism, take.input_frame) == ("done", "style-match", "references", None)
    assert [(row.frame, row.order) for row in take.reference_rows.all()] == [(reference, 0)]
    assert take.params["reference_weight"] == pytest.approx(0.6)


def test_style_match_with_a_model_without_references_starts_from_the_picture(owner, vendor, clip) -> None:
    session, [_, shot] = scene(owner, "One", "Two", model=LTX, clip=clip)
    settle(session)
    Shot.objects.filter(pk=shot.pk).update(mode="style-match")

    take = end(shots.request_generation(shot=shot, by=owner))

    assert (take.state, take.mechanism) == ("done", "image-to-video")
    assert take.input_frame == Continuity.objects.get().primary_reference
    assert take.reference_rows.count() == 0
    assert list(vendor.uploads().values()) == [[1920, 1080]]


# what may come between the steps


def test_a_cancel_that_comes_while_pictures_are_staged_sends_nothing(asked, owner, vendor, monkeypatch) -> None:
    stage = Ltx.stage

    def cancelled_meanwhile(provider: Ltx, prepared: Prepared) -> Staged:
        shots.cancel(take=Take.objects.get(pk=asked.pk), by=owner)
        return stage(provider, prepared)

    monkeypatch.setattr(Ltx, "stage", cancelled_meanwhile)

    take = end(asked)

    assert (take.state, vendor.posts()) == ("cancelled", 0)
    assert ledger_of(take) == {"estimate": LTX_PRICE, "reserve": LTX_PRICE, "release": LTX_PRICE}


def test_the_vendors_time_begins_when_it_has_the_request(asked, vendor) -> None:
    Job.objects.update(deadline_at=Now() + timedelta(seconds=5))

    turn()

    assert vendor.posts() == 1
    assert Job.objects.filter(kind="generate", deadline_at__gt=Now() + timedelta(hours=5)).exists()


def test_a_clip_that_the_vendor_made_is_not_given_up_within_days(asked, vendor) -> None:
    drive(lambda: "fetch" in steps_of(asked))

    fetched = job_of(asked).events.filter(step="fetch").exists()
    assert (fetched, Job.objects.filter(kind="generate", deadline_at__gt=Now() + timedelta(days=6)).exists()) == (True, True)


def test_a_price_that_rose_after_the_inputs_were_frozen_is_not_paid(asked, vendor, monkeypatch) -> None:
    generate.prepare(claims.claim_next("worker"), None)
    prepare = Ltx.prepare
    dearer = {"price_ceiling_micros": LTX_PRICE + 1}
    monkeypatch.setattr(Ltx, "prepare", lambda provider, request: replace(prepare(provider, request), **dearer))
    job = job_of(asked)

    steps.run(job)

    take = Take.objects.get(pk=asked.pk)
    assert (take.state, take.error_code, vendor.posts()) == ("failed", "price_changed", 0)


def test_a_request_that_is_not_the_frozen_one_is_not_sent(asked, vendor, monkeypatch) -> None:
    generate.prepare(claims.claim_next("worker"), None)
    prepare = Ltx.prepare
    monkeypatch.setattr(Ltx, "prepare", lambda provider, request: replace(prepare(provider, request), sha256="0" * 64))

    steps.run(job_of(asked))

    take = Take.objects.get(pk=asked.pk)
    assert (take.state, take.error_code, vendor.posts()) == ("failed", "request_changed", 0)
