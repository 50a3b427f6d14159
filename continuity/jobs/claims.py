"""Which job runs next: due, not waiting for a live one, within the caps, fair to every user."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, Now

from continuity.enums import LIVE_JOB_STATES, JobKind, JobState
from continuity.jobs import breaker, lease
from continuity.models import Job, ProviderHealth
from continuity.providers.capabilities import model_cards

IN_FLIGHT = Q(kind=JobKind.GENERATE) & (Q(state=JobState.RUNNING) | Q(state__in=LIVE_JOB_STATES, remote_id__isnull=False))
"""What counts against the caps: rows with a live lease or a remote id, never a counter that a crash could leave behind."""

BUSY = Q(state=JobState.RUNNING) | Q(state__in=LIVE_JOB_STATES, remote_id__isnull=False)
"""What counts as running for fairness: work of any kind in hand here, or at a vendor."""

LOOK_AHEAD = 20


def claim_next(owner: str) -> Job | None:
    """Claim the fairest due job as ``owner``, or None when nothing can run now."""
    for job_id in due_jobs().values_list("pk", flat=True)[:LOOK_AHEAD]:
        job = claim(job_id, owner)
        if job is not None:
            return job
    return None


def claim(job_id: str, owner: str) -> Job | None:
    """Claim this job if it is (still) due and within the caps, in one short transaction."""
    with transaction.atomic():
        lease.serialise_claims()
        job = due_jobs().filter(pk=job_id).first()
        if job is None:
            return None
        try:
            lease.take_over(job, owner=owner)
        except lease.LostLease:
            return None
        if job.provider:
            breaker.note_probe(job.provider)
        return job


def due_jobs() -> QuerySet[Job]:
    """Everything that may run now, fairest first: what a vendor has already, then who has fewest running, then who has
    waited longest."""
    running = Job.objects.filter(BUSY, by=OuterRef("by")).order_by().values("by").annotate(n=Count("pk")).values("n")
    return (
        Job.objects.filter(state__in=[JobState.QUEUED, JobState.WAITING], next_run_at__lte=Now())
        .exclude(waits_for__state__in=LIVE_JOB_STATES, deadline_at__gt=Now())
        .exclude(provider__in=_resting_providers())
        .exclude(_capped())
        .annotate(running_of_user=Case(When(remote_id__isnull=False, then=-1), default=Coalesce(Subquery(running), 0)))
        .order_by("running_of_user", "next_run_at", "pk")
    )


def _resting_providers() -> QuerySet[ProviderHealth, str]:
    return ProviderHealth.objects.filter(not_before__gt=Now()).values_list("provider", flat=True)


def _capped() -> Q:
    """Generate jobs not yet at a vendor whose user or provider has as many in flight as it may."""
    users = [user for user, count in _in_flight_by("by").items() if count >= settings.JOBS_PER_USER]
    caps = _provider_caps()
    full_providers = [
        name for name, count in _in_flight_by("provider").items() if count >= caps.get(name, settings.JOBS_PER_PROVIDER)
    ]
    return Q(kind=JobKind.GENERATE, remote_id=None) & (Q(by__in=users) | Q(provider__in=full_providers))


def _in_flight_by(column: str) -> dict[Any, int]:
    counts = Job.objects.filter(IN_FLIGHT).order_by().values(column).annotate(count=Count("pk"))
    return {row[column]: row["count"] for row in counts}


def _provider_caps() -> dict[str, int]:
    caps: dict[str, int] = {}
    for card in model_cards().values():
        caps[card.provider] = min(settings.JOBS_PER_PROVIDER, max(card.concurrency, caps.get(card.provider, 0)))
    return caps
