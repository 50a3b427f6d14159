"""Stopping what is being made, named by its shot or by its job; ``shots.cancel`` does it."""

from typing import TYPE_CHECKING

from continuity.enums import LIVE_JOB_STATES, JobKind
from continuity.models import Job, Shot, Take
from continuity.services import shots
from continuity.services.errors import Refused

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def cancel_shot(*, shot: Shot, by: "User") -> Job:
    """Stop the take that is being made of ``shot``; its job. Refused when none is."""
    job = Job.objects.filter(shot=shot, kind=JobKind.GENERATE, state__in=LIVE_JOB_STATES).first()
    if job is None:
        raise Refused("nothing_to_cancel", "No take of this shot is being made: there is nothing to cancel.")
    return cancel_job(job=job, by=by)


def cancel_job(*, job: Job, by: "User") -> Job:
    """Stop a job that makes a take. Refused for work that is free and short, which ends by itself."""
    take = Take.objects.filter(pk=job.take_id).select_related("shot__session__owner").first()
    if job.kind != JobKind.GENERATE or take is None:
        raise Refused("not_cancellable", "This work costs nothing and ends by itself in a moment: only takes can be cancelled.")
    shots.cancel(take=take, by=by)
    job.refresh_from_db()
    return job
