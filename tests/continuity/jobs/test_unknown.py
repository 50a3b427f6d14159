"""Requests whose answer was lost: looked up where a vendor allows it, and the three ways in which a person decides."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from continuity.enums import JobState
from continuity.jobs import claims, generate, unknown
from continuity.jobs.failures import become_unknown
from continuity.jobs.keeper import Keeper
from continuity.jobs.lease import LostLease, move
from continuity.models import Job, Shot, Take
from continuity.services import shots, shots_edit
from continuity.services.errors import Refused
from sessions_app.models import AuditEvent
from tests.engine import LTX, LTX_PRICE, drive, job_of, ledger_of, scene, settle, turn
from tests.factories.session import NOON

pytestmark = pytest.mark.django_db
RESERVED = {"estimate": LTX_PRICE, "reserve": LTX_PRICE}


@pytest.fixture
def lost(owner, vendor) -> Take:
    """A take that LTX made, and whose answer was lost."""
    _, [shot] = scene(owner, "A red door in the rain", model=LTX, auto_extract=False)
    vendor.script(submit={"do": "cut", "times": 1}, polls=0, clip={"width": 160, "height": 90, "seconds": 1})
    take = shots.request_generation(shot=shot, by=owner)
    turn()
    take.refresh_from_db()
    assert take.state == "unknown"
    return take


def remote_id(vendor) -> str:
    return f"text-to-video/{vendor.jobs()[0]['id']}"


def audited(take: Take) -> list[tuple]:
    return list(AuditEvent.objects.filter(object_id=take.pk).values_list("action", "actor__username", "detail"))


def test_attach_fetches_the_clip_that_was_made(lost, owner, vendor) -> None:
    shots.attach_remote_id(take=lost, remote_id=remote_id(vendor), by=owner)
    settle(lost.shot.session)

    lost.refresh_from_db()
    assert (lost.state, lost.error_code, vendor.posts()) == ("done", None, 1)
    assert ledger_of(lost) == RESERVED | {"settle": LTX_PRICE}
    assert ("take.attach_remote_id", "owner", {"remoteId": remote_id(vendor)}) in audited(lost)


def test_attach_begins_the_time_anew(lost, owner, vendor, settings) -> None:
    settings.JOB_DEADLINE_SECONDS = 100

    shots.attach_remote_id(take=lost, remote_id=remote_id(vendor), by=owner)

    assert Job.objects.filter(deadline_at__lte=Now() + timedelta(seconds=100)).exists()


@pytest.mark.parametrize("typed", ["text-to-video/abc", "nonsense", ""])
def test_attach_of_an_id_that_the_vendor_does_not_know_is_refused(lost, owner, typed: str) -> None:
    with pytest.raises(Refused) as refusal:
        shots.attach_remote_id(take=lost, remote_id=typed, by=owner)

    assert refusal.value.code == "remote_id_unknown"
    assert (job_of(lost).state, job_of(lost).remote_id, ledger_of(lost)) == ("unknown", None, RESERVED)


def test_attach_is_possible_while_the_vendor_does_not_answer(lost, owner, vendor, caplog) -> None:
    vendor.script(poll={"do": "answer", "status": 503, "times": 1}, polls=0, clip={"width": 160, "height": 90, "seconds": 1})

    shots.attach_remote_id(take=lost, remote_id=remote_id(vendor), by=owner)

    assert "could not be checked" in caplog.text
    assert job_of(lost).remote_id == remote_id(vendor)


def test_attach_of_an_id_that_another_take_has_is_refused(lost, owner, vendor) -> None:
    _, [shot] = scene(owner, "Another", model=LTX)
    other = shots.request_generation(shot=shot, by=owner)
    Job.objects.filter(take=other).update(remote_id=remote_id(vendor), submit_intent_at=NOON)

    with pytest.raises(Refused) as refusal:
        shots.attach_remote_id(take=lost, remote_id=remote_id(vendor), by=owner)

    assert (refusal.value.code, job_of(lost).state) == ("remote_id_taken", "unknown")


def test_not_made_releases_the_money(lost, owner) -> None:
    shots.not_made(take=lost, by=owner)

    assert (lost.state, lost.error_code, job_of(lost).state) == ("failed", "not_made", "failed")
    assert ledger_of(lost) == RESERVED | {"release": LTX_PRICE}
    assert ("take.not_made", "owner", {}) in audited(lost)


def test_give_up_books_the_money(lost, owner) -> None:
    shots.give_up(take=lost, by=owner)

    assert (lost.state, lost.error_code, job_of(lost).state) == ("failed", "given_up", "failed")
    assert ledger_of(lost) == RESERVED | {"settle": LTX_PRICE}
    assert ("take.give_up", "owner", {}) in audited(lost)


@pytest.mark.parametrize("verb", ["not_made", "give_up"])
def test_what_is_known_is_not_decided_again(lost, owner, verb: str) -> None:
    shots.not_made(take=lost, by=owner)
    before = ledger_of(lost)

    with pytest.raises(Refused) as refusal:
        getattr(shots, verb)(take=lost, by=owner)

    assert (refusal.value.code, ledger_of(lost)) == ("take_not_unknown", before)


@pytest.mark.parametrize("verb", ["not_made", "give_up"])
def test_of_two_people_who_decide_at_once_the_second_is_told(lost, owner, monkeypatch, verb: str) -> None:
    stale = job_of(lost)
    shots.not_made(take=lost, by=owner)
    before = ledger_of(lost)
    monkeypatch.setattr(shots, "_unknown_job", lambda take: stale)

    with pytest.raises(Refused) as refusal:
        getattr(shots, verb)(take=lost, by=owner)

    assert (refusal.value.code, ledger_of(lost)) == ("take_not_unknown", before)


def test_an_unknown_take_is_neither_cancelled_nor_retried_nor_asked_for_again(lost, owner, vendor) -> None:
    for verb, code in ((shots.cancel, "not_cancellable"), (shots.retry, "take_unknown")):
        with pytest.raises(Refused) as refusal:
            verb(take=lost, by=owner)
        assert refusal.value.code == code

    assert shots.request_generation(shot=lost.shot, by=owner) == lost
    assert (vendor.posts(), Take.objects.count()) == (1, 1)


def test_a_decided_take_can_be_retried(lost, owner, vendor) -> None:
    shots.not_made(take=lost, by=owner)

    take = shots.retry(take=lost, by=owner, reason="once more")
    settle(take.shot.session)

    take.refresh_from_db()
    assert (take.state, take.number, take.retry_of, take.retry_reason, vendor.posts()) == ("done", 2, lost, "once more", 2)


def test_a_vendor_is_asked_after_an_unknown_job_less_and_less_often(lost) -> None:
    job = job_of(lost)
    waits = []
    for _ in range(6):
        Job.objects.update(next_run_at=Now())
        assert unknown.look_up_due() == 1
        seconds = [bound for bound in (2, 10, 60, 600, 3600) if _next_look_within(job, bound)]
        waits.append(seconds[0])

    assert waits[-5:] == [10, 60, 600, 3600, 3600]
    assert unknown.look_up_due() == 0


def _next_look_within(job: Job, seconds: int) -> bool:
    return Job.objects.filter(pk=job.pk, next_run_at__lte=Now() + timedelta(seconds=seconds)).exists()


def test_after_thirty_days_an_unknown_job_is_booked(lost) -> None:
    assert Job.objects.filter(deadline_at__gt=Now() + timedelta(days=29)).exists()
    Job.objects.update(deadline_at=Now(), next_run_at=Now())

    unknown.look_up_due()

    lost.refresh_from_db()
    assert (lost.state, lost.error_code) == ("failed", "unknown_given_up")
    assert ledger_of(lost)["settle"] == LTX_PRICE


def test_a_look_up_that_breaks_does_not_stop_the_others(lost, monkeypatch, caplog) -> None:
    Job.objects.update(next_run_at=Now(), provider="no such vendor")

    assert unknown.look_up_due() == 1

    assert "failed" in caplog.text
    assert Job.objects.filter(state="unknown", next_run_at__gt=Now()).exists()


def test_a_job_that_is_decided_during_the_look_up_stays_decided(lost, owner, monkeypatch) -> None:
    Job.objects.update(next_run_at=Now())
    look_up = unknown._look_up

    def too_late(job: Job) -> None:
        shots.not_made(take=lost, by=owner)
        unknown.resume(job, remote_id="text-to-video/late", note="too late")
        look_up(job)

    monkeypatch.setattr(unknown, "_look_up", too_late)

    unknown.look_up_due()

    assert (job_of(lost).state, job_of(lost).remote_id) == ("failed", None)


def test_the_animatic_engine_finds_its_own_lost_request_again(owner) -> None:
    session, [shot] = scene(owner, "A red door in the rain", auto_extract=False)
    take = shots.request_generation(shot=shot, by=owner)
    turn()
    job = job_of(take)
    assert job.step == "poll"
    Job.objects.filter(pk=job.pk).update(state="running", lease_until=NOON, step="submit", remote_id=None)
    job.refresh_from_db()
    job.events.create(job=job, from_state="waiting", to_state="running", step="submit", fence=job.fence)

    settle(session)

    take.refresh_from_db()
    assert (take.state, job_of(take).remote_id) == ("done", job.pk)


def test_the_animatic_engine_is_asked_again_for_what_it_never_got(owner) -> None:
    _, [shot] = scene(owner, "A red door in the rain", auto_extract=False)
    take = shots.request_generation(shot=shot, by=owner)
    job = claims.claim_next("worker")
    generate.prepare(job, Keeper(job))
    move(job, JobState.RUNNING, submit_intent_at=NOON)
    become_unknown(job, "its worker died")
    assert job_of(take).state == "unknown"

    drive(lambda: job_of(take).state == "done")

    assert job_of(take).remote_id == job.pk


def test_a_shot_that_builds_on_an_unknown_take_waits_for_it(lost, owner, vendor) -> None:
    second = shots_edit.add_shot(session=lost.shot.session, user_prompt="Two", by=owner)
    take = shots.request_generation(shot=second, by=owner)

    turn()

    assert (job_of(take).state, job_of(take).waits_for, vendor.posts()) == ("waiting", job_of(lost), 1)
    assert Shot.objects.count() == 2


def test_resume_of_a_job_that_moved_on_is_lost(lost) -> None:
    job, late = job_of(lost), job_of(lost)
    move(job, JobState.FAILED)

    with pytest.raises(LostLease):
        unknown.resume(late, remote_id="text-to-video/a", note="")
