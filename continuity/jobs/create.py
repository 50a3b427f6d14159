"""Making Job rows: each with its first event and its bell, inside the caller's transaction."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from continuity.enums import LIVE_JOB_STATES, JobKind, JobState
from continuity.jobs import lease, queue
from continuity.models import Continuity, Job, Take
from continuity.services.errors import Refused

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
    row = _row(kind=kind, subject_key=subject_key, by=by, waits_for=waits_for, wait_reason=wait_reason, **columns)
    row.save(force_insert=True)
    row.refresh_from_db()
    lease.born(row)
    queue.ring()
    return row


def _row(*, kind: JobKind, waits_for: Job | None = None, **columns: Any) -> Job:
    time = PATIENCE if waits_for is not None else timedelta(seconds=settings.JOB_DEADLINE_SECONDS)
    return Job(
        kind=kind,
        state=JobState.WAITING if waits_for is not None else JobState.QUEUED,
        step=columns.pop("step", FIRST_STEP[kind]),
        next_run_at=Now(),
        deadline_at=Now() + time,
        waits_for=waits_for,
        **columns,
    )


def jobs_unless_live(rows: Sequence[Mapping[str, Any]]) -> list[Job]:
    """A queued job for each of ``rows``, keywords of ``job``, in a handful of statements however many there are; without those
    that somebody else asked for in this moment."""
    if not rows:
        return []
    free = _alone_at([row["subject_key"] for row in rows])
    try:
        with transaction.atomic():
            made = Job.objects.bulk_create([_row(**row) for row in rows if row["subject_key"] in free])
            lease.all_born(made)
            queue.ring()
    except IntegrityError:
        return [made for made in (job_unless_live(**row) for row in rows) if made is not None]
    return list(Job.objects.filter(pk__in=[row.pk for row in made]).order_by("subject_key"))


def job_unless_live(*, subject_key: str, **columns: Any) -> Job | None:
    """``job``, or None when somebody else asked for this subject in this moment: their job does for both. It is not waited for,
    since the caller may hold what they still need."""
    if not is_alone_at(subject_key):
        return None
    try:
        with transaction.atomic():
            return job(subject_key=subject_key, **columns)
    except IntegrityError:
        if not Job.objects.filter(subject_key=subject_key, state__in=LIVE_JOB_STATES).exists():
            raise
        return None


def newest(subject_key: str) -> Job:
    """The newest job of a subject that somebody else just asked for too. Refused while theirs cannot be seen yet."""
    found = Job.objects.filter(subject_key=subject_key).order_by("-created_at").first()
    if found is None:
        raise Refused("busy", "Somebody else is asking for the same in this moment: try again.")
    return found


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
    ids = set(Job.objects.filter(parked, session_id=session_id).values_list("pk", flat=True))
    if not ids:
        return
    # A row that somebody has in hand is not waited for: they need the session next, which the caller may hold already.
    rows = Job.objects.filter(pk__in=ids, state=JobState.WAITING)
    free = set(rows.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True))
    _wake(free)
    if ids - free:
        transaction.on_commit(lambda: _wake(ids - free))


def _wake(ids: set[str]) -> None:
    if ids:
        Job.objects.filter(pk__in=ids, state=JobState.WAITING).update(next_run_at=Now())
        queue.ring()


def is_alone_at(subject_key: str) -> bool:
    """Whether nobody else is at this in a transaction of theirs; then the caller is, until its own ends."""
    return bool(_alone_at([subject_key]))


def _alone_at(subject_keys: Sequence[str]) -> set[str]:
    """Those at which nobody else is. SQLite has one writer anyway."""
    if connection.vendor != "postgresql":
        return set(subject_keys)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key, pg_try_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest(%s::text[]) AS key", [list(subject_keys)]
        )
        return {key for key, is_ours in cursor.fetchall() if is_ours}
