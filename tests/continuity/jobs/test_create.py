"""Making jobs: a row, its first event and its bell in one transaction; who waits and who is woken."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from continuity.enums import JobKind, JobState
from continuity.jobs import create, lease, queue
from continuity.models import Job
from tests.factories.continuity import ContinuityFactory, DoneJobFactory, DoneTakeFactory, JobFactory, RunningJobFactory
from tests.factories.session import NOON, SessionFactory

pytestmark = pytest.mark.django_db
FAR = NOON + timedelta(days=36500)


def new(session, **columns) -> Job:
    return create.job(kind=JobKind.FILM, subject_key="film:1", by=session.owner, session=session, **columns)


def woken() -> set[str]:
    return set(Job.objects.filter(next_run_at__lte=Now()).values_list("pk", flat=True))


def test_a_job_is_born_queued_with_its_event_and_its_bell(settings) -> None:
    settings.JOB_DEADLINE_SECONDS = 100

    job = new(SessionFactory())

    event = job.events.get()
    assert (job.state, job.step, job.attempts, job.fence) == ("queued", "assemble", 0, 0)
    assert (event.from_state, event.to_state, event.step) == (None, "queued", "assemble")
    assert timedelta(seconds=99) < job.deadline_at - job.next_run_at < timedelta(seconds=101)
    assert queue.unanswered_bells() == 1


@pytest.mark.django_db(transaction=True)
def test_no_job_no_bell() -> None:
    session = SessionFactory()

    def fails_after_it() -> None:
        with transaction.atomic():
            new(session)
            raise ConnectionError("before the commit")

    with pytest.raises(ConnectionError):
        fails_after_it()

    assert (Job.objects.count(), queue.unanswered_bells()) == (0, 0)


def test_a_job_that_waits_for_another_has_days_for_it(settings) -> None:
    settings.JOB_DEADLINE_SECONDS = 100
    first = JobFactory()

    job = new(first.session, waits_for=first, wait_reason="Waiting for the previous shot")

    assert (job.state, job.waits_for, job.wait_reason) == ("waiting", first, "Waiting for the previous shot")
    assert job.deadline_at - job.next_run_at > timedelta(days=6)


def test_a_subject_has_one_live_job() -> None:
    session = SessionFactory()
    job = new(session)
    with pytest.raises(IntegrityError), transaction.atomic():
        new(session)

    lease.move(job, JobState.CANCELLED)

    assert new(session).pk != job.pk


def test_a_finished_take_is_measured_once_at_a_time() -> None:
    take = DoneTakeFactory()
    ContinuityFactory(session=take.shot.session)

    job = create.style_job(take, by=take.requested_by)

    assert (job.kind, job.take, job.shot, job.session) == ("style", take, take.shot, take.shot.session)
    assert create.style_job(take, by=take.requested_by) is None


@pytest.mark.parametrize("continuity", [None, {"auto_extract": False}])
def test_a_scene_that_does_not_want_it_is_not_measured(continuity) -> None:
    take = DoneTakeFactory()
    if continuity is not None:
        ContinuityFactory(session=take.shot.session, **continuity)

    assert create.style_job(take, by=take.requested_by) is None
    assert Job.objects.count() == 0


def test_what_is_parked_in_the_scene_looks_again_and_nothing_else() -> None:
    session, late = SessionFactory(), {"next_run_at": FAR}
    parked = JobFactory(session=session, state="waiting", wait_reason="previous shot failed", waits_for=DoneJobFactory(), **late)
    alone = JobFactory(session=session, state="waiting", wait_reason="previous shot failed", **late)
    live = RunningJobFactory(session=session, **late)
    JobFactory(session=session, state="waiting", wait_reason="Waiting for the previous shot", waits_for=live, **late)
    JobFactory(session=session, state="waiting", **late)  # at the vendor
    JobFactory(state="waiting", wait_reason="previous shot failed", **late)  # another scene

    create.wake_waiters(session.pk)

    assert woken() - {parked.waits_for_id} == {parked.pk, alone.pk}
    assert queue.unanswered_bells() == 1


def test_nobody_to_wake_rings_no_bell() -> None:
    JobFactory(state="waiting", next_run_at=FAR)

    create.wake_waiters(Job.objects.get().session_id)

    assert (woken(), queue.unanswered_bells()) == (set(), 0)
