"""What becomes of a step that raised: wait and try again, ask a person, or end with a code and a sentence.

The one place where errors of the boundaries (provider, video, services) are turned into the end of a job.
"""

import logging
import traceback
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.db.models.functions import Now

from continuity import storage
from continuity.enums import GenerateStep, JobKind, JobState, RetryBy, TakeState
from continuity.jobs import breaker
from continuity.jobs.lease import LostLease, arrow, spent_on_questions
from continuity.models import Job, Take
from continuity.providers.base import AuthError, OutputInvalid, ProviderError, RateLimited, SubmitUnknown, Unreachable
from continuity.services import cuts
from continuity.services.errors import Refused
from continuity.video.errors import VideoError
from continuity.vision.errors import VisionError
from prompts.injection import ComposeError

logger = logging.getLogger(__name__)
MAX_BACKOFF_EXPONENT = 6


def handle(job: Job, error: Exception) -> None:
    """Take the arrow that ``error`` calls for. Raises LostLease like every arrow."""
    if isinstance(error, LostLease):
        raise error
    if isinstance(error, SubmitUnknown):
        become_unknown(job, str(error), raw=error.raw)
    elif isinstance(error, OutputInvalid):
        _fetch_again(job, error)
    elif isinstance(error, ProviderError) and (error.retryable or _is_locked_out(job, error)):
        _wait(job, error)
    elif isinstance(error, ProviderError | VideoError | VisionError | Refused | ComposeError):
        raw = getattr(error, "raw", "") or getattr(error, "stderr_tail", "")
        fail(job, code=error.code, sentence=str(error), raw=raw)
    elif isinstance(error, OSError) and job.remote_id is not None:
        _wait_for_storage(job, error)
    else:
        _unexpected(job, error)


def fail(job: Job, *, code: str, sentence: str, raw: str = "", billed_micros: int | None = None) -> None:
    """End the job and its take as failed. ``billed_micros`` None = the ceiling once the vendor has the job, else nothing."""
    billed = _billed(job) if billed_micros is None else billed_micros
    with arrow(
        job,
        JobState.FAILED,
        billed_micros=billed,
        note=sentence,
        error_code=code,
        error_sentence=sentence,
        error_raw=raw[:4000],
        step_attempts=0,
    ):
        if job.kind == JobKind.GENERATE:
            Take.objects.filter(pk=job.take_id).update(
                state=TakeState.FAILED, error_code=code, error_sentence=sentence, error_raw=raw[:4000], finished_at=Now()
            )
            if job.take is not None and job.take.retry_change.get("by") == RetryBy.BATCH:
                cuts.judge_again(shot=job.take.shot, by=job.by)
        if job.session is not None:
            job.session.touch(by=None)
    storage.forget_job_directory(job.pk)


def become_unknown(job: Job, sentence: str, *, raw: str = "") -> None:
    """The paid POST may or may not have been accepted: the reservation stays, a person decides, it is never sent again."""
    with arrow(
        job,
        JobState.UNKNOWN,
        note=sentence,
        next_run_at=Now(),
        deadline_at=Now() + timedelta(days=30),
        error_code=SubmitUnknown.code,
        error_sentence=sentence,
        error_raw=raw[:4000],
    ):
        Take.objects.filter(pk=job.take_id).update(
            state=TakeState.UNKNOWN, error_code=SubmitUnknown.code, error_sentence=sentence, error_raw=raw[:4000]
        )


def has_open_intent(job: Job) -> bool:
    """The paid POST was about to be sent, and no answer to it is stored: it may have been accepted."""
    return job.submit_intent_at is not None and job.remote_id is None


def lost_answer(job: Job) -> str:
    return (
        f"The request was sent to {job.provider} and its answer was lost: it may have been made and charged. "
        "Attach the vendor's job id, say that it was not made, or give it up."
    )


def pause(job: Job, *, seconds: float, note: str, counts: bool, **columns: Any) -> None:
    """running → waiting until ``seconds`` from now. ``counts`` False = a poll or a wait, which is not an attempt."""
    if not counts:
        columns |= {"attempts": F("attempts") - 1, "step_attempts": 0}
    with arrow(
        job, JobState.WAITING, note=note, next_run_at=Now() + timedelta(seconds=seconds), progress_note=note[:500], **columns
    ):
        pass


def _wait(job: Job, error: ProviderError) -> None:
    """Nothing was accepted or lost: the same call may be made again. Such waits end with the job's deadline only."""
    breaker.note_failure(job.provider or "", error)
    payload = _one_more_failure(job)
    seconds = error.retry_after_seconds or breaker.backoff_seconds(payload["failures"])
    columns: dict[str, Any] = {"payload": payload}
    if job.remote_id is None and isinstance(error, RateLimited | Unreachable):
        columns["submit_intent_at"] = None  # certainly not accepted, so it may be sent once more
    pause(job, seconds=seconds, note=str(error), counts=False, **columns)


def _wait_for_storage(job: Job, error: OSError) -> None:
    """A full disk or a storage that is away must not cost a clip that the vendor made: tried again until the deadline."""
    logger.error("Job %s cannot read or write its files at %s.", job.pk, job.step, exc_info=error)
    payload, note = _one_more_failure(job), "The clip cannot be stored at the moment: it is tried again."
    pause(job, seconds=breaker.backoff_seconds(payload["failures"]), note=note, counts=False, payload=payload)


def _one_more_failure(job: Job) -> dict[str, Any]:
    return {**job.payload, "failures": min(int(job.payload.get("failures", 0)) + 1, MAX_BACKOFF_EXPONENT)}


def _fetch_again(job: Job, error: OutputInvalid) -> None:
    """The clip was made but what arrived is not whole: fetch it again, up to the job's attempts."""
    tries = int(job.payload.get("invalid_outputs", 0)) + 1
    storage.forget_job_directory(job.pk)
    if tries >= job.max_attempts:
        fail(job, code=error.code, sentence=str(error), raw=error.raw)
        return
    payload = {**job.payload, "invalid_outputs": tries}
    pause(job, seconds=breaker.backoff_seconds(tries), note=str(error), counts=False, step=GenerateStep.FETCH, payload=payload)


def _unexpected(job: Job, error: Exception) -> None:
    """A bug, or a database that went away: logged with its trace, tried again while attempts are left."""
    logger.error("Job %s failed at %s.", job.pk, job.step, exc_info=error)
    raw = "".join(traceback.format_exception(error))[-4000:]
    if has_open_intent(job):
        become_unknown(job, lost_answer(job), raw=raw)
        return
    if job.step_attempts >= job.max_attempts:
        fail(job, code="internal_error", sentence="Something went wrong on our side: try again, or ask support.", raw=raw)
        return
    pause(
        job,
        seconds=breaker.backoff_seconds(job.step_attempts),
        note="Something went wrong; trying again.",
        counts=True,
        error_raw=raw,
    )


def _billed(job: Job) -> int:
    """What a job that fails on our side may cost: all of it once the vendor took it, unless the vendor itself says otherwise."""
    charge = getattr(job, "charge", None)
    if charge is None:
        return 0
    return spent_on_questions(job) if job.remote_id is None else int(charge.reserved_micros)


def _is_locked_out(job: Job, error: ProviderError) -> bool:
    """A key that is wrong just now must not cost a clip that the vendor is already making."""
    return isinstance(error, AuthError) and job.remote_id is not None
