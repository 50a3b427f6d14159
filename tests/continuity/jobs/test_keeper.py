"""The keeper's own thread and connection: it renews, it notices a loss, it outlives a moment without a database."""

import threading

import pytest
from django.db import OperationalError

from continuity.jobs import lease
from continuity.jobs.keeper import Keeper
from continuity.models import Job
from tests.factories.continuity import RunningJobFactory

pytestmark = pytest.mark.django_db(transaction=True)
BEATS = 100
"""How many turns of a tenth of a second something is waited for before it counts as never coming."""


@pytest.fixture(autouse=True)
def short_lease(settings) -> None:
    settings.JOB_LEASE_SECONDS = 0.6


def comes(happened) -> bool:
    pause = threading.Event()
    return any(happened() or pause.wait(0.1) for _ in range(BEATS))


def is_lost(keeper: Keeper) -> bool:
    try:
        keeper.check()
    except lease.LostLease:
        return True
    return False


def test_keeper_renews_the_lease_while_the_step_works() -> None:
    job = RunningJobFactory()

    with Keeper(job) as keeper:
        assert comes(lambda: Job.objects.get(pk=job.pk).lease_until > job.lease_until)
        keeper.check()

    assert Job.objects.get(pk=job.pk).heartbeat_at is not None


def test_keeper_says_that_the_lease_was_lost_once_the_fence_rises() -> None:
    job = RunningJobFactory()

    with Keeper(job) as keeper:
        Job.objects.filter(pk=job.pk).update(fence=2)

        assert comes(lambda: is_lost(keeper))
        with pytest.raises(lease.LostLease):
            keeper.progress(0.5)

    assert Job.objects.get(pk=job.pk).progress is None


def test_keeper_tries_again_when_the_database_does_not_answer(monkeypatch) -> None:
    job = RunningJobFactory()
    renew, asked = lease.renew, threading.Event()

    def first_fails(job_id: str, fence: int) -> bool:
        if not asked.is_set():
            asked.set()
            raise OperationalError("the server closed the connection")
        return renew(job_id, fence)

    monkeypatch.setattr(lease, "renew", first_fails)

    with Keeper(job) as keeper:
        assert comes(lambda: Job.objects.get(pk=job.pk).lease_until > job.lease_until)
        keeper.check()

    assert asked.is_set()


def test_keeper_shows_progress_at_most_twice_a_second() -> None:
    job = RunningJobFactory()

    with Keeper(job) as keeper:
        keeper.progress(0.25, "Checking the clip")
        keeper.progress(0.75, "too soon")

    job.refresh_from_db()
    assert (job.progress, job.progress_note) == (0.25, "Checking the clip")


def test_keeper_stops_its_thread_at_the_end() -> None:
    job = RunningJobFactory()

    with Keeper(job):
        assert f"keeper of {job.pk}" in {thread.name for thread in threading.enumerate()}

    assert f"keeper of {job.pk}" not in {thread.name for thread in threading.enumerate()}
