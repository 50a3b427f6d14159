"""The answer to a bell: everything that is due, fairest first, until nothing is or the time is up."""

import pytest

from continuity.enums import JobState
from continuity.jobs import steps, tasks
from continuity.jobs.lease import arrow
from continuity.models import Job
from tests.factories.continuity import JobFactory
from tests.factories.session import SessionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def finishing(monkeypatch) -> list[str]:
    """Style jobs that end at once; answers the owners under whose names they ran."""
    owners = []

    def finish(job: Job, keeper) -> None:
        owners.append(job.lease_owner)
        with arrow(job, JobState.DONE):
            pass

    monkeypatch.setitem(steps.STEPS, ("style", "measure"), finish)
    return owners


def test_a_bell_empties_the_queue(finishing) -> None:
    for _ in range(3):
        JobFactory()

    assert tasks.answer_bell() == 3

    assert set(Job.objects.values_list("state", "attempts")) == {("done", 1)}
    assert len(set(finishing)) == 1


def test_a_bell_without_work_does_nothing() -> None:
    assert tasks.answer_bell() == 0


def test_two_answers_have_two_names(finishing) -> None:
    for _ in range(2):
        JobFactory()
        tasks.answer_bell()

    assert len(set(finishing)) == 2


def test_a_bell_stops_taking_jobs_when_its_time_is_up(finishing, monkeypatch) -> None:
    monkeypatch.setattr(tasks, "BUSY_SECONDS", 0)
    JobFactory()

    assert tasks.answer_bell() == 0


def test_a_poison_job_does_not_keep_the_others(finishing) -> None:
    poison = JobFactory(step="no such step", session=SessionFactory())
    good = JobFactory()

    tasks.answer_bell()

    assert Job.objects.get(pk=good.pk).state == "done"
    assert Job.objects.get(pk=poison.pk).state == "waiting"
