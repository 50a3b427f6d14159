"""The state machine of Job against DATA-MODEL 4.1, and what a worker that lost its job may write: nothing."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from continuity.enums import JobState, values
from continuity.jobs import lease
from continuity.jobs.lease import arrow
from continuity.models import Job, JobEvent
from continuity.services.budgets import ChargeClosed, close_charge
from tests.engine import ARROWS, check_histories
from tests.factories.continuity import ChargeFactory, JobFactory, RunningJobFactory
from tests.factories.session import NOON

pytestmark = pytest.mark.django_db
PAIRS = [(origin, to) for origin in ARROWS for to in ARROWS]
ENDS = {"done", "failed", "cancelled"}


def job_in(state: str) -> Job:
    if state == "running":
        return RunningJobFactory()
    return JobFactory(state=state, finished_at=NOON if state in ENDS else None)


def row(job: Job) -> dict:
    return Job.objects.filter(pk=job.pk).values().get()


def test_the_states_are_those_of_the_table() -> None:
    assert sorted(values(JobState)) == sorted(ARROWS)


@pytest.mark.parametrize(("origin", "to"), [pair for pair in PAIRS if pair[1] in ARROWS[pair[0]]])
def test_move_takes_every_arrow_of_the_table(origin: str, to: str) -> None:
    job = job_in(origin)

    lease.move(job, JobState(to), note="so it is")

    event = JobEvent.objects.get(job=job)
    assert (event.from_state, event.to_state, event.fence, event.note) == (origin, to, job.fence, "so it is")
    assert (job.state, row(job)["state"]) == (to, to)
    assert (job.lease_until is not None) == (to == "running")
    assert (job.finished_at is not None) == (to in ENDS)


@pytest.mark.parametrize(("origin", "to"), [pair for pair in PAIRS if pair[1] not in ARROWS[pair[0]]])
def test_move_refuses_every_other_arrow(origin: str, to: str) -> None:
    job = job_in(origin)
    before = row(job)

    with pytest.raises(lease.ForbiddenArrow, match=f"{origin} → {to}"):
        lease.move(job, JobState(to))

    assert (row(job), JobEvent.objects.count()) == (before, 0)


@pytest.mark.parametrize(
    "change",
    [{"fence": 2}, {"state": "queued", "lease_until": None}, {"state": "done", "lease_until": None, "finished_at": NOON}],
)
def test_a_worker_that_lost_its_job_writes_nothing(change: dict) -> None:
    job = RunningJobFactory()
    Job.objects.filter(pk=job.pk).update(**change)
    before = row(job)

    for write in (
        lambda: lease.move(job, JobState.DONE, progress=1.0),
        lambda: lease.move(job, JobState.RUNNING, step="assemble"),
        lambda: lease.report(job, progress=0.5, note="half"),
    ):
        with pytest.raises(lease.LostLease):
            write()

    assert lease.renew(job.pk, job.fence) is False
    assert (row(job), JobEvent.objects.count()) == (before, 0)


def test_an_arrow_that_is_lost_takes_its_money_and_its_rows_back() -> None:
    job = RunningJobFactory()
    charge = ChargeFactory(job=job)
    Job.objects.filter(pk=job.pk).update(fence=2)

    with pytest.raises(lease.LostLease), lease.arrow(job, JobState.DONE, billed_micros=100_000):
        pytest.fail("the rows of a lost arrow are not written")

    charge.refresh_from_db()
    assert (charge.state, charge.settled_micros, charge.entries.count()) == ("open", 0, 2)


def test_an_arrow_whose_body_fails_is_not_taken() -> None:
    job = RunningJobFactory()
    before = row(job)

    with pytest.raises(ZeroDivisionError), lease.arrow(job, JobState.DONE):
        1 / 0  # noqa: B018

    assert (row(job), JobEvent.objects.count()) == (before, 0)


def test_an_arrow_whose_charge_somebody_closed_is_lost() -> None:
    job = RunningJobFactory()
    ChargeFactory(job=job)
    close_charge(job=job, billed_micros=0)
    before = row(job)

    with pytest.raises(lease.LostLease) as lost, lease.arrow(job, JobState.DONE, billed_micros=0):
        pytest.fail("the rows of a lost arrow are not written")

    assert isinstance(lost.value.__cause__, ChargeClosed)
    assert row(job) == before


def test_entering_running_takes_a_lease_of_the_setting_by_the_clock_of_the_database(settings) -> None:
    settings.JOB_LEASE_SECONDS = 60
    job = JobFactory()

    lease.take_over(job, owner="host:1")

    leased = Job.objects.filter(
        pk=job.pk, lease_until__gt=Now() + timedelta(seconds=55), lease_until__lte=Now() + timedelta(seconds=60)
    )
    assert (leased.count(), job.lease_owner, job.fence, job.attempts, job.step_attempts) == (1, "host:1", 1, 1, 1)


def test_leaving_running_gives_the_lease_back() -> None:
    job = RunningJobFactory(wait_reason="Waiting")

    lease.move(job, JobState.FAILED)

    assert (job.lease_until, job.lease_owner, job.wait_reason) == (None, None, None)


def test_renew_pushes_the_lease_of_its_fence_out(settings) -> None:
    settings.JOB_LEASE_SECONDS = 60
    job = RunningJobFactory(lease_until=NOON)

    assert lease.renew(job.pk, 1) is True

    assert Job.objects.filter(pk=job.pk, lease_until__gt=Now() + timedelta(seconds=55), heartbeat_at__isnull=False).count() == 1


def test_a_note_longer_than_its_column_is_cut() -> None:
    job = RunningJobFactory()

    lease.move(job, JobState.WAITING, note="x" * 600)

    assert JobEvent.objects.get(job=job).note == "x" * 500


STEPS = st.lists(st.sampled_from(sorted({*ARROWS, "take-over", "stale"})), max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_any_walk_through_the_states_is_told_by_its_events(db, steps: list[str]) -> None:
    job = JobFactory()
    lease.born(job)

    for step in steps:
        origin = job.state
        if step == "stale":
            late = Job.objects.get(pk=job.pk)
            late.fence += 1
            with pytest.raises((lease.LostLease, lease.ForbiddenArrow)):
                lease.move(late, JobState.RUNNING)
        elif step == "take-over" and origin in ("queued", "waiting"):
            lease.take_over(job, owner="walker")
        elif step in ARROWS[origin]:
            with transaction.atomic():
                lease.move(job, JobState(step), fence=F("fence") + 1)
        elif step != "take-over":
            with pytest.raises(lease.ForbiddenArrow):
                lease.move(job, JobState(step))
        assert Job.objects.get(pk=job.pk).state == job.state

    check_histories()


@pytest.mark.django_db
def test_an_arrow_that_fails_leaves_the_job_as_it_was() -> None:
    job = RunningJobFactory()
    before = (job.state, job.step, job.finished_at)

    with pytest.raises(ZeroDivisionError), arrow(job, JobState.DONE, step="elsewhere"):
        _ = 1 / 0

    assert (job.state, job.step, job.finished_at) == before
    with arrow(job, JobState.FAILED):
        pass
    assert Job.objects.get(pk=job.pk).state == "failed"
