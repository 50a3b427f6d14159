"""The circuit breaker of each provider, as one row: whoever asks too fast or gets no answer lets everybody rest."""

import random
from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Now

from continuity.enums import BreakerState
from continuity.models import ProviderHealth
from continuity.providers.base import ProviderError, RateLimited

FAILURES_TO_OPEN = 5
OPEN_SECONDS = 30


def note_answer(provider: str) -> None:
    """The provider answered: the circuit is closed. A rest that a 429 asked for goes on."""
    rows = ProviderHealth.objects.filter(provider=provider)
    rows.exclude(state=BreakerState.CLOSED).update(not_before=None)
    rows.exclude(state=BreakerState.CLOSED, failures=0).update(state=BreakerState.CLOSED, failures=0, opened_at=None)


def note_probe(provider: str) -> None:
    """A job of this provider was claimed. If the circuit is open this job is the probe, and all others rest on until it
    has its answer."""
    tripped = ProviderHealth.objects.filter(provider=provider).exclude(state=BreakerState.CLOSED)
    tripped.update(state=BreakerState.HALF_OPEN, not_before=Now() + timedelta(seconds=OPEN_SECONDS))


def note_failure(provider: str, error: ProviderError) -> None:
    """Count a retryable failure. A 429 rests the whole provider for as long as it asked; five failures in a row open it."""
    row, _ = ProviderHealth.objects.get_or_create(provider=provider)
    if isinstance(error, RateLimited):
        seconds = error.retry_after_seconds or backoff_seconds(1)
        ProviderHealth.objects.filter(pk=row.pk).update(not_before=Now() + timedelta(seconds=seconds))
        return
    ProviderHealth.objects.filter(pk=row.pk).update(failures=F("failures") + 1)
    ProviderHealth.objects.filter(pk=row.pk, failures__gte=FAILURES_TO_OPEN).update(
        state=BreakerState.OPEN, opened_at=Now(), not_before=Now() + timedelta(seconds=OPEN_SECONDS)
    )


def backoff_seconds(failures: int) -> float:
    """Exponential with full jitter, between half a second and a minute."""
    return max(0.5, random.uniform(0, min(60, 2**failures)))  # noqa: S311 not for secrets
