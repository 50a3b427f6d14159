"""Making Job rows: each with its first event and its bell, inside the caller's transaction."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now

from continuity.enums import LIVE_JOB_STATES, JobKind, JobState
from continuity.jobs import lease, queue
from continuity.models import Continuity, Job, Take

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PATIENCE = timedelta(days=7)
"""How long a job waits for other jobs of its scene; an unknown one may take a person days to decide."""
WAITING_WORDS = {
    JobKind.GENERATE: "Waiting for the previous shot",
    JobKind.STYLE: "Waiting for the look of the first shot",
    JobKind.CUT: "Waiting for the cuts of the previous shot to be measured",
}
FIRST_STEP = {
    JobKind.GENERATE: "prepare",
    JobKind.STYLE: "measure",
    JobKind.EXTRACT: "measure",
    JobKind.FILM: "assemble",
    JobKind.CUT: "measure",
    JobKind.GRADE: "match",
    JobKind.PREVIEW: "render",
    JobKind.OPTIMISE: "rewrite",
}


def job(
    *,
    kind: JobKind,
    subject_key: str,
    by: "User",
    waits_for: Job | None = None,
    wait_reason: str | None = None,
    **columns: Any,
) -> Job:
    """A queued job (waiting, when it ``waits_for`` another) and its bell; ``step`` = where it begins, where its kind has several
    beginnings. IntegrityError when the subject has a live one."""
    time = PATIENCE if waits_for is not None else timedelta(seconds=settings.JOB_DEADLINE_SECONDS)
    row = Job.objects.create(
        kind=kind,
        subject_key=subject_key,
        by=by,
        state=JobState.WAITING if waits_for is not None else JobState.QUEUED,
        step=columns.pop("step", FIRST_STEP[kind]),
        next_run_at=Now(),
        deadline_at=Now() + time,
        waits_for=waits_for,
        wait_reason=wait_reason,
        **columns,
    )
    row.refresh_from_db()
    lease.born(row)
    queue.ring()
    return row


def job_unless_live(*, subject_key: str, **columns: Any) -> Job | None:
    """``job``, or None when somebody else asked for this subject in this moment: their job does for both."""
    try:
        with transaction.atomic():
            return job(subject_key=subject_key, **columns)
    except IntegrityError:
        if not Job.objects.filter(subject_key=subject_key, state__in=LIVE_JOB_STATES).exists():
            raise
        return None


def style_job(take: Take, *, by: "User") -> Job | None:
    """The job that measures a finished take, unless the scene does not want that or one is at it."""
    session = take.shot.session
    if not Continuity.objects.filter(session=session, auto_extract=True).exists():
        return None
    subject = f"style:{take.pk}"
    if Job.objects.filter(subject_key=subject, state__in=LIVE_JOB_STATES).exists():
        return None
    return job_unless_live(kind=JobKind.STYLE, subject_key=subject, by=by, session=session, shot=take.shot, take=take)


def waiting_for(job: Job) -> str:
    """What the page says while ``job`` is waited for."""
    return WAITING_WORDS[JobKind(job.kind)]


def wake_waiters(session_id: str) -> None:
    """Let every parked job of the scene look again: what it builds on may be there now."""
    parked = Q(state=JobState.WAITING, wait_reason__isnull=False) & ~Q(waits_for__state__in=LIVE_JOB_STATES)
    ids = list(Job.objects.filter(parked, session_id=session_id).values_list("pk", flat=True))
    if ids:
        Job.objects.filter(pk__in=ids, state=JobState.WAITING).update(next_run_at=Now())
        queue.ring()
