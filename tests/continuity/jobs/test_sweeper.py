"""Recovery by lease: back to the queue, or to a person where money may have been spent."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.db.models.functions import Now

from continuity.jobs import claims, lease, sweeper
from continuity.models import Job
from tests.engine import job_of
from tests.factories.continuity import ChargeFactory, RunningJobFactory, TakeFactory
from tests.factories.session import NOON, digest

pytestmark = pytest.mark.django_db


def lost(**columns) -> Job:
    """A generate job whose worker died at its submit step, with its take and its charge."""
    take = TakeFactory(state="generating", request_sha256=digest("request"))
    job = RunningJobFactory(
        kind="generate", step="submit", session=take.shot.session, shot=take.shot, take=take, provider="ltx", **columns
    )
    ChargeFactory(job=job)
    return job


def test_a_job_whose_lease_is_over_is_queued_and_its_late_worker_writes_nothing() -> None:
    late = RunningJobFactory(lease_until=NOON)

    assert sweeper.sweep() == 1

    job = Job.objects.get(pk=late.pk)
    assert (job.state, job.lease_owner, job.events.get().note) == ("queued", None, "the worker stopped answering")
    with pytest.raises(lease.LostLease):
        lease.report(late, progress=0.5, note="")
    assert claims.claim_next("next").fence == late.fence + 1


def test_a_job_whose_lease_runs_is_left_alone() -> None:
    job = RunningJobFactory()
    Job.objects.filter(pk=job.pk).update(lease_until=Now() + timedelta(seconds=5))

    assert sweeper.sweep() == 0
    assert Job.objects.get(pk=job.pk).state == "running"


def test_a_job_that_died_while_it_sent_is_a_persons_to_decide_and_its_money_stays() -> None:
    job = lost(lease_until=NOON, submit_intent_at=NOON)

    sweeper.sweep()

    job.refresh_from_db()
    job.take.refresh_from_db()
    assert (job.state, job.take.state, job.error_code) == ("unknown", "unknown", "submit_unknown")
    assert "Attach the vendor's job id" in job.take.error_sentence
    assert (job.charge.state, job.charge.entries.count()) == ("open", 2)


@pytest.mark.parametrize("columns", [{}, {"submit_intent_at": NOON, "remote_id": "text-to-video/a"}])
def test_a_job_that_died_before_it_sent_or_after_the_answer_goes_on(columns: dict) -> None:
    job = lost(lease_until=NOON, **columns)

    sweeper.sweep()

    assert (job_of(job.take).state, job.take.state) == ("queued", "generating")


def test_a_job_that_moves_on_while_it_is_swept_is_left_alone(monkeypatch) -> None:
    first, second = (RunningJobFactory(lease_until=NOON) for _ in range(2))
    take_away = sweeper._take_away

    def after_it_moved(job: Job) -> None:
        Job.objects.filter(pk=first.pk).update(fence=2, lease_until=Now() + timedelta(minutes=1))
        take_away(job)

    monkeypatch.setattr(sweeper, "_take_away", after_it_moved)

    sweeper.sweep()

    assert [Job.objects.get(pk=job.pk).state for job in (first, second)] == ["running", "queued"]


@pytest.mark.django_db
def test_one_job_that_cannot_be_swept_does_not_keep_the_others(monkeypatch, caplog) -> None:
    bad, good = (RunningJobFactory(lease_until=NOON) for _ in range(2))
    take_away = sweeper._take_away

    def refused_for_one(job: Job) -> None:
        if job.pk == bad.pk:
            raise IntegrityError("planted")
        take_away(job)

    monkeypatch.setattr(sweeper, "_take_away", refused_for_one)

    assert sweeper.sweep() == 2

    assert Job.objects.get(pk=good.pk).state == "queued"
    assert bad.pk in caplog.text
