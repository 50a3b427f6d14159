"""The state machine of Job (DATA-MODEL 4.1). Every arrow is one compare-and-set on (id, state, fence) and one JobEvent.

A worker may write only while its fence is the row's fence. Whoever takes a job over raises the fence, so a worker that was
stopped for longer than its lease finds every one of its writes refused with LostLease. Time is the database's.
"""

import contextlib
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from continuity.enums import TERMINAL_JOB_STATES, JobState
from continuity.models import Job, JobEvent
from continuity.services.budgets import ChargeClosed, close_charge

ARROWS: frozenset[tuple[JobState, JobState]] = frozenset(
    {
        (JobState.QUEUED, JobState.RUNNING),
        (JobState.WAITING, JobState.RUNNING),
        (JobState.RUNNING, JobState.RUNNING),
        (JobState.RUNNING, JobState.WAITING),
        (JobState.RUNNING, JobState.DONE),
        (JobState.RUNNING, JobState.FAILED),
        (JobState.RUNNING, JobState.UNKNOWN),
        (JobState.RUNNING, JobState.CANCELLED),
        (JobState.RUNNING, JobState.QUEUED),
        (JobState.UNKNOWN, JobState.RUNNING),
        (JobState.UNKNOWN, JobState.FAILED),
        (JobState.QUEUED, JobState.CANCELLED),
        (JobState.WAITING, JobState.CANCELLED),
    }
)
CLAIM_LOCK = 7_301_215


class LostLease(Exception):
    """Somebody else has this job now, or it has moved on: stop, write nothing more, delete what is temporary."""


class ForbiddenArrow(Exception):
    """A bug: the state machine has no such arrow."""


def lease() -> timedelta:
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def born(job: Job, *, note: str = "") -> None:
    """The first event of a job that was just created, queued or waiting."""
    JobEvent.objects.create(job=job, to_state=job.state, step=job.step, fence=job.fence, note=note[:500])


def all_born(jobs: Iterable[Job]) -> None:
    """``born``, of many jobs at once."""
    JobEvent.objects.bulk_create(JobEvent(job=job, to_state=job.state, step=job.step, fence=job.fence) for job in jobs)


def move(job: Job, to: JobState, *, note: str = "", detail: dict[str, Any] | None = None, **columns: Any) -> None:
    """Take one arrow inside the caller's transaction, or raise LostLease. ``job`` is re-read afterwards.

    ``columns`` are written with it (``step=…``, ``next_run_at=…``, ``fence=F("fence") + 1``).
    """
    origin = JobState(job.state)
    if (origin, to) not in ARROWS:
        raise ForbiddenArrow(f"{origin} → {to}")
    changed = Job.objects.filter(pk=job.pk, state=origin, fence=job.fence).update(state=to, **_columns_of(origin, to), **columns)
    if changed != 1:
        raise LostLease(job.pk)
    job.refresh_from_db()
    JobEvent.objects.create(
        job=job, from_state=origin, to_state=to, step=job.step, fence=job.fence, note=note[:500], detail=detail or {}
    )


def _columns_of(origin: JobState, to: JobState) -> dict[str, Any]:
    """What an arrow always does: entering running takes a lease, leaving it gives it back, an end is dated."""
    columns: dict[str, Any] = {}
    if to is JobState.RUNNING and origin is not JobState.RUNNING:
        columns |= {"lease_until": Now() + lease(), "heartbeat_at": Now()}
    if to is not JobState.RUNNING:
        columns |= {"lease_until": None, "lease_owner": None}
    if to in TERMINAL_JOB_STATES:
        columns |= {"finished_at": Now(), "wait_reason": None}
    return columns


@contextlib.contextmanager
def arrow(job: Job, to: JobState, *, billed_micros: int | None = None, note: str = "", **columns: Any) -> Iterator[None]:
    """One arrow as one transaction: money first (``billed_micros`` closes the charge), then the job, then the body's rows.

    The order Budget, Job, Take, Shot, Session is the lock order everywhere. When anything in it raises, ``job`` is again what
    the database says it is: as it was before.
    """
    before = {field.attname: getattr(job, field.attname) for field in job._meta.concrete_fields}
    try:
        with transaction.atomic():
            if billed_micros is not None:
                close_charge(job=job, billed_micros=billed_micros, note=note)
            move(job, to, note=note, **columns)
            yield
            _show(job)
    except BaseException as error:
        for name, value in before.items():
            setattr(job, name, value)
        if isinstance(error, ChargeClosed):
            raise LostLease(job.pk) from error
        raise


def renew(job_id: str, fence: int) -> bool:
    """Heartbeat: push the lease out. False = the job is no longer ours."""
    ours = Job.objects.filter(pk=job_id, state=JobState.RUNNING, fence=fence)
    return ours.update(lease_until=Now() + lease(), heartbeat_at=Now()) == 1


def report(job: Job, *, progress: float | None, note: str) -> None:
    """Show how far a running job is. Not an arrow, so no event; still fenced."""
    ours = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, fence=job.fence)
    if ours.update(progress=progress, progress_note=note[:500]) != 1:
        raise LostLease(job.pk)
    _show(job)


def _show(job: Job) -> None:
    """Whoever reads the scene sees that its job moved on. The session's row is locked last of all."""
    if job.session is not None:
        job.session.revise()


def spent_on_questions(job: Job) -> int:
    """What a job's questions to a vision model have cost, in millionths of a US dollar: those answered, and the ceiling of
    those whose answer was lost. 0 for every other job."""
    return int(job.payload.get("spent_micros", 0)) + int(job.payload.get("open_micros", 0))


def serialise_claims() -> None:
    """Claims look at counts of other rows, so they run one at a time. SQLite's IMMEDIATE transaction does that by itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLAIM_LOCK])


def take_over(job: Job, *, owner: str, note: str = "") -> None:
    """Enter running as ``owner``: fence + 1, a fresh lease, the attempt counted before any work."""
    move(
        job,
        JobState.RUNNING,
        note=note,
        fence=F("fence") + 1,
        lease_owner=owner,
        attempts=F("attempts") + 1,
        step_attempts=F("step_attempts") + 1,
        waits_for=None,
        wait_reason=None,
    )
    _show(job)
