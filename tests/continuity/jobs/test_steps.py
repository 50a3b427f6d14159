"""The loop around the steps: attempts and time that are used up, wishes to cancel, and jobs that are somebody else's."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from continuity.enums import JobKind, JobState
from continuity.jobs import claims, create, steps
from continuity.jobs.lease import LostLease, arrow
from continuity.models import Job, Take
from continuity.services import shots
from tests.engine import LTX, LTX_PRICE, job_of, ledger_of, scene, turn
from tests.factories.continuity import JobFactory
from tests.factories.session import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(owner, vendor) -> Take:
    _, [shot] = scene(owner, "A red door in the rain", model=LTX, auto_extract=False)
    return shots.request_generation(shot=shot, by=owner)


def end_of(take: Take) -> tuple[str, str | None, dict[str, int]]:
    take.refresh_from_db()
    return take.state, take.error_code, ledger_of(take)


def test_every_kind_of_job_that_is_made_has_its_first_step() -> None:
    assert {(kind, step) for kind, step in create.FIRST_STEP.items()} <= set(steps.STEPS)


def test_a_crash_loop_ends_at_the_claim_after_its_attempts(asked, vendor) -> None:
    Job.objects.update(step_attempts=3)  # three workers died at this step

    turn()

    assert end_of(asked) == ("failed", "attempts_used_up", {"estimate": LTX_PRICE, "reserve": LTX_PRICE, "release": LTX_PRICE})
    assert vendor.posts() == 0


def test_a_crash_loop_after_the_vendor_took_it_is_paid_for(asked) -> None:
    turn()
    Job.objects.update(step="frames", step_attempts=3)

    turn()

    assert end_of(asked)[:2] == ("failed", "attempts_used_up")
    assert ledger_of(asked)["settle"] == LTX_PRICE


def test_a_crash_loop_while_it_sent_is_a_persons_to_decide(asked, vendor) -> None:
    Job.objects.update(step="submit", step_attempts=3, submit_intent_at=NOON)
    Take.objects.update(request_sha256="0" * 64)

    turn()

    assert end_of(asked) == ("unknown", "submit_unknown", {"estimate": LTX_PRICE, "reserve": LTX_PRICE})
    assert vendor.posts() == 0


def test_a_job_that_never_started_in_time_costs_nothing(asked, vendor) -> None:
    Job.objects.update(deadline_at=Now())

    turn()

    assert end_of(asked) == ("failed", "deadline", {"estimate": LTX_PRICE, "reserve": LTX_PRICE, "release": LTX_PRICE})
    assert "nothing was charged" in asked.error_sentence
    assert vendor.posts() == 0


def test_a_vendor_that_does_not_finish_in_time_may_charge_what_it_did(asked, vendor) -> None:
    turn()
    Job.objects.update(deadline_at=Now())

    turn()

    assert end_of(asked) == ("failed", "deadline", {"estimate": LTX_PRICE, "reserve": LTX_PRICE, "settle": LTX_PRICE})
    assert "booked" in asked.error_sentence


def test_a_vendor_that_can_stop_is_asked_to_at_the_deadline(owner, local_dir) -> None:
    _, [shot] = scene(owner, "A red door in the rain")
    type(shot).objects.filter(pk=shot.pk).update(params={"size": "640x360", "seconds": 20})
    take = shots.request_generation(shot=shot, by=owner)
    turn()
    assert job_of(take).step == "poll"
    Job.objects.update(deadline_at=Now())

    turn()

    assert end_of(take)[:2] == ("failed", "deadline")
    assert len(list((local_dir / "animatic").rglob("*.cancelled"))) == 1


def test_a_worker_that_lost_its_job_stops_without_a_word_to_the_row(monkeypatch, caplog) -> None:
    queued = JobFactory(kind=JobKind.STYLE)
    job = claims.claim(queued.pk, "first")

    def is_taken_over(job: Job, keeper) -> None:
        Job.objects.filter(pk=job.pk).update(fence=9, lease_owner="second")
        with arrow(job, JobState.DONE):
            pass

    monkeypatch.setitem(steps.STEPS, ("style", "measure"), is_taken_over)

    steps.run(job)

    row = Job.objects.get(pk=queued.pk)
    assert (row.state, row.lease_owner, row.error_code, row.events.count()) == ("running", "second", None, 1)
    assert "failed" not in caplog.text


def test_a_keeper_that_lost_the_lease_stops_the_next_step(monkeypatch) -> None:
    ran: list[str] = []

    def work(job: Job, keeper) -> None:
        ran.append(job.step)
        with arrow(job, JobState.DONE):
            pass

    job = claims.claim(JobFactory(kind=JobKind.STYLE).pk, "first")
    monkeypatch.setitem(steps.STEPS, ("style", "measure"), work)
    monkeypatch.setattr(steps.Keeper, "check", _lost)

    steps.run(job)

    assert (ran, Job.objects.get().state) == ([], "running")


def _lost(keeper) -> None:
    raise LostLease("job")


def test_a_deadline_ends_a_job_whose_vendor_cannot_even_be_asked_to_stop(asked, vendor, settings) -> None:
    turn()
    assert vendor.posts() == 1
    settings.PROVIDERS = settings.PROVIDERS | {"ltx": {"api_key": "", "base_url": vendor.base_url}}
    Job.objects.update(deadline_at=Now(), next_run_at=Now())

    turn()

    assert end_of(asked) == ("failed", "deadline", {"estimate": LTX_PRICE, "reserve": LTX_PRICE, "settle": LTX_PRICE})


def test_a_deadline_reaches_a_job_that_waits_for_a_live_one(asked) -> None:
    other = JobFactory(kind="style", state="queued", next_run_at=NOON + timedelta(days=36500))
    Job.objects.filter(take=asked).update(waits_for=other, deadline_at=Now())

    turn()

    assert end_of(asked)[:2] == ("failed", "deadline")
