"""Which job runs next: due, waiting for nothing alive, within the caps, fair; and claimed by one worker only."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from continuity.jobs import claims
from continuity.models import Job, ProviderHealth
from tests.engine import at_once
from tests.factories.continuity import DoneJobFactory, JobFactory, RunningJobFactory, ShotFactory
from tests.factories.session import NOON, SessionFactory

pytestmark = pytest.mark.django_db
AT_VENDOR = {"submit_intent_at": NOON, "provider": "ltx"}


def generate(session, *, provider: str = "animatic", factory=JobFactory, **columns: Any) -> Job:
    """A generate job of a shot of its own; minute by minute later than the one before."""
    shot = ShotFactory(session=session)
    due = NOON + timedelta(minutes=Job.objects.count())
    columns = {"next_run_at": due, "provider": provider} | columns
    return factory(kind="generate", step="prepare", session=session, shot=shot, **columns)


def due() -> list[str]:
    return list(claims.due_jobs().values_list("pk", flat=True))


def test_only_what_is_due_runs_and_the_oldest_first() -> None:
    session = SessionFactory()
    late, early = JobFactory(session=session, next_run_at=NOON + timedelta(minutes=1)), JobFactory(session=session)
    JobFactory(session=session)
    Job.objects.exclude(pk__in=[late.pk, early.pk]).update(next_run_at=Now() + timedelta(minutes=1))
    for factory in (RunningJobFactory, DoneJobFactory):
        factory(session=session)
    JobFactory(session=session, state="unknown")

    assert due() == [early.pk, late.pk]


def test_a_person_with_nothing_running_comes_second_and_not_sixth() -> None:
    many, one = SessionFactory(), SessionFactory()
    first, *_ = [generate(many) for _ in range(5)]
    single = generate(one)

    assert [claims.claim_next("w").pk, claims.claim_next("w").pk] == [first.pk, single.pk]


def test_a_clip_at_the_vendor_counts_as_running_for_fairness() -> None:
    many, one = SessionFactory(), SessionFactory()
    generate(many, state="waiting", remote_id="a", **AT_VENDOR)
    Job.objects.update(next_run_at=Now() + timedelta(minutes=1))
    second, single = generate(many), generate(one)

    assert due() == [single.pk, second.pk]


def test_what_is_at_the_vendor_is_asked_after_first() -> None:
    many, one = SessionFactory(), SessionFactory()
    single = generate(one)
    polled = generate(many, state="waiting", remote_id="a", **AT_VENDOR)

    assert due() == [polled.pk, single.pk]


def test_a_person_has_two_clips_in_the_making_at_most(settings) -> None:
    settings.JOBS_PER_USER, settings.JOBS_PER_PROVIDER = 2, 9
    session = SessionFactory()
    generate(session, factory=RunningJobFactory)
    generate(session, state="waiting", remote_id="a", **AT_VENDOR)
    generate(session)
    other = generate(SessionFactory())
    style = JobFactory(session=session)
    Job.objects.filter(remote_id="a").update(next_run_at=Now() + timedelta(minutes=1))

    assert set(due()) == {other.pk, style.pk}


def test_the_cap_never_holds_back_asking_after_a_clip_at_the_vendor(settings) -> None:
    settings.JOBS_PER_USER = 1
    session = SessionFactory()
    polled = [generate(session, state="waiting", remote_id=name, **AT_VENDOR) for name in "ab"]
    generate(session)

    assert due() == [job.pk for job in polled]


@pytest.mark.parametrize(("ours", "expected"), [(9, 2), (1, 1)])  # the models of LTX allow two
def test_a_provider_has_as_many_clips_in_the_making_as_its_models_and_we_allow(settings, ours: int, expected: int) -> None:
    settings.JOBS_PER_USER, settings.JOBS_PER_PROVIDER = 9, ours
    for _ in range(3):
        generate(SessionFactory(), provider="ltx")
    free = generate(SessionFactory(), provider="animatic")

    claimed = list(iter(lambda: claims.claim_next("w"), None))

    assert [job.provider for job in claimed].count("ltx") == expected
    assert free.pk in {job.pk for job in claimed}


@pytest.mark.parametrize("state", ["queued", "waiting", "running", "unknown"])
def test_a_job_waits_for_a_live_one(state: str) -> None:
    factory = RunningJobFactory if state == "running" else JobFactory
    first = factory(state=state, next_run_at=NOON + timedelta(days=36500))
    JobFactory(state="waiting", waits_for=first)

    assert due() == []


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_a_job_no_longer_waits_for_one_that_has_ended(state: str) -> None:
    waiting = JobFactory(state="waiting", waits_for=DoneJobFactory(state=state))

    assert due() == [waiting.pk]


def test_nothing_is_asked_of_a_provider_that_rests() -> None:
    session = SessionFactory()
    generate(session, provider="ltx")
    generate(session, state="waiting", remote_id="a", **AT_VENDOR)
    other, style = generate(session), JobFactory(session=session)
    health = ProviderHealth.objects.create(provider="ltx", not_before=NOON + timedelta(days=36500))
    assert set(due()) == {other.pk, style.pk}

    ProviderHealth.objects.filter(pk=health.pk).update(not_before=NOON)

    assert len(due()) == 4


def test_a_claim_counts_the_attempt_before_the_work() -> None:
    queued = JobFactory(waits_for=DoneJobFactory(), wait_reason="Waiting")

    job = claims.claim(queued.pk, "host:1")

    assert Job.objects.filter(pk=queued.pk, state="running", attempts=1, step_attempts=1, fence=1, lease_owner="host:1").exists()
    assert (job.waits_for, job.wait_reason) == (None, None)


def test_a_job_that_is_no_longer_due_is_not_claimed() -> None:
    job = JobFactory(state="done", finished_at=NOON)

    assert (claims.claim(job.pk, "w"), claims.claim("job_none", "w"), claims.claim_next("w")) == (None, None, None)


@pytest.mark.django_db(transaction=True)
def test_ten_workers_claim_a_job_once() -> None:
    job = JobFactory()

    answers = at_once(10, lambda number: claims.claim_next(f"worker {number}"))

    claimed = [answer for answer in answers if answer is not None]
    assert [answer.pk for answer in claimed] == [job.pk]
    job.refresh_from_db()
    assert (job.attempts, job.fence, job.events.count()) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_ten_workers_never_exceed_a_cap(settings) -> None:
    settings.JOBS_PER_USER, settings.JOBS_PER_PROVIDER = 2, 9
    session = SessionFactory()
    for _ in range(10):
        generate(session)

    at_once(10, lambda number: claims.claim_next(f"worker {number}"))

    assert Job.objects.filter(state="running").count() == 2


@pytest.mark.parametrize("queued", [1, 30])
def test_a_claim_takes_as_many_queries_however_long_the_queue(queued: int) -> None:
    session = SessionFactory()
    for _ in range(queued):
        generate(session)

    with CaptureQueriesContext(connection) as queries:
        assert claims.claim_next("w") is not None

    assert len(queries) == 14 + (connection.vendor == "postgresql")  # the advisory lock
