"""Which function runs which step, and the loop that runs one claimed job until it waits or ends."""

import logging
from collections.abc import Callable

from django.db.models.functions import Now

from continuity.enums import GenerateStep, JobKind, JobState
from continuity.jobs import failures, generate, imports, local, measure
from continuity.jobs.keeper import Keeper
from continuity.jobs.lease import LostLease, spent_on_questions
from continuity.models import Job
from continuity.providers.base import ProviderError
from continuity.providers.registry import video_provider
from continuity.services import style_reference

logger = logging.getLogger(__name__)
Step = Callable[[Job, Keeper], None]
NOT_STARTED = "This could not be started in time: nothing was charged. Try again."

STEPS: dict[tuple[str, str], Step] = {
    (JobKind.GENERATE, GenerateStep.PREPARE): generate.prepare,
    (JobKind.GENERATE, GenerateStep.SUBMIT): generate.submit,
    (JobKind.GENERATE, GenerateStep.POLL): generate.poll,
    (JobKind.GENERATE, GenerateStep.FETCH): generate.fetch,
    (JobKind.GENERATE, GenerateStep.VERIFY): generate.verify_clip,
    (JobKind.GENERATE, GenerateStep.FRAMES): generate.keep_frames,
    (JobKind.GENERATE, GenerateStep.SETTLE): generate.settle,
    (JobKind.STYLE, "measure"): local.measure_take,
    (JobKind.STYLE, style_reference.STEP): local.read_reference,
    (JobKind.OPTIMISE, "rewrite"): local.rewrite_prompt,
    (JobKind.EXTRACT, "measure"): local.measure_asset,
    (JobKind.EXTRACT, "fetch"): imports.fetch,
    (JobKind.FILM, "assemble"): local.assemble_film,
    (JobKind.CUT, "measure"): measure.measure_cut,
    (JobKind.GRADE, "match"): measure.match_grade,
    (JobKind.PREVIEW, "render"): measure.render_preview,
}


def run(job: Job) -> None:
    """Run a job that was just claimed, step after step, until it waits, ends, or turns out to be somebody else's."""
    with Keeper(job) as keeper:
        try:
            while job.state == JobState.RUNNING:
                _one_step(job, keeper)
        except LostLease:
            logger.info("Job %s is no longer ours; what was being done is left to its new worker.", job.pk)


def _one_step(job: Job, keeper: Keeper) -> None:
    keeper.check()
    job.refresh_from_db(fields=["cancel_requested_at"])
    try:
        if _gave_up(job) or (job.kind == JobKind.GENERATE and generate.cancel_if_asked(job)):
            return
        STEPS[job.kind, job.step](job, keeper)
    except Exception as error:
        failures.handle(job, error)


def _gave_up(job: Job) -> bool:
    """True = the job ended because its attempts or its time are used up. A crash loop ends here, at the claim.

    What may have been paid for is not given up: the submit step sees the open intent and asks a person.
    """
    if failures.has_open_intent(job):
        return False
    if job.step_attempts > job.max_attempts:
        failures.fail(
            job, code="attempts_used_up", sentence="This stopped several times without getting on: ask support, or try again."
        )
        return True
    if not Job.objects.filter(pk=job.pk, deadline_at__lte=Now()).exists():
        return False
    _stop_at_deadline(job)
    return True


def _ask_to_stop(job: Job, remote_id: str) -> None:
    """The job ends whether or not the vendor can be asked: its money must not stay reserved for ever."""
    try:
        video_provider(job.provider or "").cancel(remote_id)
    except ProviderError as error:
        logger.warning("Job %s is over its deadline and %s could not be asked to stop: %s", job.pk, job.provider, error)


def _stop_at_deadline(job: Job) -> None:
    if job.remote_id is not None:
        _ask_to_stop(job, job.remote_id)
        billed = job.charge.reserved_micros
        sentence = "The provider did not finish in time; what it may charge is booked. Try again, or choose another model."
    else:
        billed = spent_on_questions(job)  # of a vision model: all that a job without a remote id can owe
        sentence = "This could not be finished in time. Try again." if billed else NOT_STARTED
    failures.fail(job, code="deadline", sentence=sentence, billed_micros=billed)
