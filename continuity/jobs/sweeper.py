"""Recovery by lease: a job whose worker died, or was stopped for too long, goes back to the queue or to a person."""

import logging

from django.db import IntegrityError
from django.db.models.functions import Now

from continuity.enums import JobState
from continuity.jobs import failures
from continuity.jobs.lease import LostLease, arrow
from continuity.models import Job

logger = logging.getLogger(__name__)


def sweep() -> int:
    """Take every job whose lease is over away from its worker. Returns how many."""
    expired = list(Job.objects.filter(state=JobState.RUNNING, lease_until__lt=Now())[:100])
    for job in expired:
        try:
            _take_away(job)
        except LostLease:
            logger.info("Job %s moved on while it was swept.", job.pk)
        except IntegrityError:
            logger.exception("Job %s cannot be swept; the others are.", job.pk)
    return len(expired)


def _take_away(job: Job) -> None:
    """The late worker's every write fails from now on: the job is not running, and its next claim raises the fence."""
    if failures.has_open_intent(job):
        failures.become_unknown(job, failures.lost_answer(job))
        return
    with arrow(job, JobState.QUEUED, note="the worker stopped answering", next_run_at=Now()):
        pass
