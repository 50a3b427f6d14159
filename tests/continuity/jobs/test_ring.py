"""The ring loop: never more bells than workers or than due jobs, and a tick sweeps and looks up first."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.db.models.functions import Now

from continuity.jobs import queue, ring
from continuity.models import Heartbeat, Job
from tests.factories.continuity import JobFactory, RunningJobFactory
from tests.factories.session import NOON


@pytest.mark.django_db
@pytest.mark.parametrize(("due", "bells"), [(0, 0), (1, 1), (2, 2), (5, 2)])  # two workers
def test_a_tick_rings_for_what_is_due_and_never_more_often_than_there_are_workers(due: int, bells: int) -> None:
    for _ in range(due):
        JobFactory()

    assert (ring.tick(), queue.unanswered_bells()) == (bells, bells)
    assert (ring.tick(), queue.unanswered_bells()) == (0, bells)


@pytest.mark.django_db
def test_a_tick_rings_for_a_job_whose_bell_was_lost() -> None:
    JobFactory()
    queue.ring()
    from django_q.models import OrmQ

    OrmQ.objects.all().delete()

    assert ring.tick() == 1


@pytest.mark.django_db
def test_a_tick_does_not_ring_for_what_is_not_due() -> None:
    JobFactory(next_run_at=NOON + timedelta(days=36500))

    assert (ring.tick(), queue.unanswered_bells()) == (0, 0)


@pytest.mark.django_db
def test_a_tick_sweeps_and_looks_up_before_it_rings() -> None:
    dead = RunningJobFactory(lease_until=NOON)
    lost = JobFactory(kind="generate", state="unknown", submit_intent_at=NOON, provider="nobody")

    assert ring.tick() == 1

    assert Job.objects.get(pk=dead.pk).state == "queued"
    assert Job.objects.filter(pk=lost.pk, next_run_at__gt=Now()).exists()


@pytest.mark.django_db
def test_the_loop_goes_on_when_the_database_does_not_answer(settings, monkeypatch, caplog) -> None:
    settings.RING_SECONDS = 0.01
    stopped, ticks = threading.Event(), []

    def tick() -> int:
        ticks.append(1)
        if len(ticks) == 1:
            raise OperationalError("the server closed the connection")
        stopped.set()
        return 0

    monkeypatch.setattr(ring, "tick", tick)
    monkeypatch.setattr(ring.connection, "close", lambda: ticks.append("closed"))

    ring.ring_until(stopped)

    assert ticks == [1, "closed", 1]
    assert "cannot reach the database" in caplog.text
    assert Heartbeat.objects.filter(name="ring", at__gt=Now() - timedelta(minutes=1)).exists()
