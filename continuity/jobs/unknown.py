"""Jobs whose paid POST has an unknown outcome: looked up where the vendor allows it, otherwise a person's to decide."""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Now

from continuity.enums import GenerateStep, JobState, TakeState
from continuity.jobs import failures
from continuity.jobs.lease import LostLease, arrow
from continuity.models import Job, Take
from continuity.providers.registry import video_provider

logger = logging.getLogger(__name__)
FIRST_LOOKS_SECONDS = (2, 10, 60, 600)
LATER_LOOK_SECONDS = 3600


def look_up_due() -> int:
    """Ask the vendors about every unknown job whose next look is due. Returns how many were looked at."""
    due = list(Job.objects.filter(state=JobState.UNKNOWN, next_run_at__lte=Now()).order_by("next_run_at")[:20])
    for job in due:
        try:
            _look_up(job)
        except LostLease:
            logger.info("Job %s was decided by somebody else meanwhile.", job.pk)
    return len(due)


def resume(job: Job, *, remote_id: str, note: str) -> None:
    """unknown → running at poll: the vendor has the job after all. IntegrityError when another job has that remote id."""
    _wake(job, note=note, remote_id=remote_id, step=GenerateStep.POLL)


def resume_late(job_id: str, remote_id: str) -> None:
    """What a worker does that lost its lease between the POST and its answer: it alone knows the remote id."""
    job = Job.objects.get(pk=job_id)
    if job.state == JobState.UNKNOWN:
        resume(job, remote_id=remote_id, note="the late worker knew its id")
    elif job.remote_id != remote_id:
        logger.error("Job %s is %s, but its provider %s took it as %s.", job.pk, job.state, job.provider, remote_id)


def _wake(job: Job, *, note: str, **columns: Any) -> None:
    """Nobody works on the job yet, so its lease is over at once and the sweeper queues it. Its time begins anew."""
    columns["deadline_at"] = Now() + timedelta(seconds=settings.JOB_DEADLINE_SECONDS)
    cleared = {"error_code": None, "error_sentence": None, "error_raw": None}
    with arrow(job, JobState.RUNNING, note=note, fence=F("fence") + 1, lease_owner="", step_attempts=0, **columns, **cleared):
        Take.objects.filter(pk=job.take_id).update(state=TakeState.GENERATING, **cleared)
        Job.objects.filter(pk=job.pk).update(lease_until=Now())


def _look_up(job: Job) -> None:
    if Job.objects.filter(pk=job.pk, deadline_at__lte=Now()).exists():
        sentence = "Nobody decided within 30 days what became of this request: what it may have cost is booked."
        failures.fail(job, code="unknown_given_up", sentence=sentence, billed_micros=job.charge.reserved_micros)
        return
    try:
        provider = video_provider(job.provider or "")
        remote_id = provider.reconcile(job.pk, request_sha256=job.request_sha256 or "")
    except Exception:  # whatever it is, the ring loop goes on with the other jobs
        logger.warning("Looking up job %s at %s failed.", job.pk, job.provider, exc_info=True)
        _look_again_later(job)
        return
    if remote_id is not None:
        resume(job, remote_id=remote_id, note="found at the provider")
    elif provider.submits_once:
        _wake(job, note="the provider has no such attempt and takes each once", step=GenerateStep.SUBMIT, submit_intent_at=None)
    else:
        _look_again_later(job)


def _look_again_later(job: Job) -> None:
    looks = int(job.payload.get("looks", 0))
    seconds = FIRST_LOOKS_SECONDS[looks] if looks < len(FIRST_LOOKS_SECONDS) else LATER_LOOK_SECONDS
    Job.objects.filter(pk=job.pk, state=JobState.UNKNOWN, fence=job.fence).update(
        next_run_at=Now() + timedelta(seconds=seconds), payload={**job.payload, "looks": looks + 1}
    )
