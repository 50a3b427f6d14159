"""Takes with everything that is told of one, however many there are: one query."""

from django.db.models import OuterRef, QuerySet, Subquery, Sum

from continuity.enums import JobKind
from continuity.models import Charge, Job, Take

_SUMS = {
    "estimate": "estimate_micros",
    "reserved": "reserved_micros",
    "settled": "settled_micros",
    "released": "released_micros",
    "overrun": "overrun_micros",
}


def take_rows(takes: QuerySet[Take]) -> QuerySet[Take]:
    """``takes`` with their shot, clip and frames, ``job_id`` (the newest job that makes or made it, or None) and what they were
    charged in millionths of a dollar: ``estimate``, ``reserved``, ``settled``, ``released``, ``overrun``, None = nothing."""
    jobs = Job.objects.filter(take=OuterRef("pk"), kind=JobKind.GENERATE).order_by("-created_at", "-pk")
    charges = Charge.objects.filter(take=OuterRef("pk")).order_by().values("take")
    sums = {name: Subquery(charges.annotate(sum=Sum(column)).values("sum")) for name, column in _SUMS.items()}
    return takes.select_related("shot", "video__blob", "first_frame", "last_frame", "input_frame").annotate(
        job_id=Subquery(jobs.values("pk")[:1]), **sums
    )
