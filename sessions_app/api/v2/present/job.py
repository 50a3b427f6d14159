"""Work as answers."""

from continuity.enums import LIVE_JOB_STATES, JobKind, JobState
from continuity.models import Charge, Job
from sessions_app.api.v2.dto import JobDto, JobLinksDto
from sessions_app.api.v2.present.plain import job_url, moment, reason, session_url, shot_url, take_url
from sessions_app.api.v2.present.take import charge_dto


def job_dto(job: Job) -> JobDto:
    """Its ``charge`` is read with it."""
    charge: Charge | None = getattr(job, "charge", None)
    return {
        "id": job.pk,
        "kind": JobKind(job.kind),
        "state": JobState(job.state),
        "isLive": job.state in LIVE_JOB_STATES,
        "step": job.step,
        "progress": job.progress,
        "progressNote": job.progress_note,
        "waitingReason": job.wait_reason if job.state == JobState.WAITING else None,
        "waitsForJobId": job.waits_for_id if job.state == JobState.WAITING else None,
        "isCancelRequested": job.cancel_requested_at is not None,
        "sessionId": job.session_id,
        "shotId": job.shot_id,
        "takeId": job.take_id,
        "attempts": job.attempts,
        "maxAttempts": job.max_attempts,
        "cost": charge_dto(charge) if charge is not None else None,
        "result": job.result,
        "error": reason(job.error_code, job.error_sentence),
        "createdAt": moment(job.created_at),
        "finishedAt": moment(job.finished_at),
        "links": _links(job),
    }


def _links(job: Job) -> JobLinksDto:
    session_id = job.session_id
    return {
        "self": job_url(job.pk),
        "session": session_url(session_id) if session_id else None,
        "shot": shot_url(session_id, job.shot_id) if session_id and job.shot_id else None,
        "take": take_url(session_id, job.take_id) if session_id and job.take_id else None,
    }
