"""The circuit breaker: one row per provider, which rests everybody."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from hypothesis import given
from hypothesis import strategies as st

from continuity.jobs import breaker, claims
from continuity.models import ProviderHealth
from continuity.providers.base import RateLimited, Transient
from tests.factories.continuity import JobFactory, ProviderHealthFactory
from tests.factories.session import NOON


def resting(provider: str, *, at_least: float, at_most: float) -> bool:
    """Whether the provider rests for so many seconds from now, a second of work allowed for."""
    early, late = Now() + timedelta(seconds=at_least - 1), Now() + timedelta(seconds=at_most)
    return ProviderHealth.objects.filter(provider=provider, not_before__gt=early, not_before__lte=late).exists()


@pytest.mark.django_db
def test_a_429_rests_the_whole_provider_for_as_long_as_it_asked() -> None:
    breaker.note_failure("ltx", RateLimited("Later.", retry_after_seconds=70))

    assert resting("ltx", at_least=70, at_most=70)
    assert ProviderHealth.objects.get().failures == 0


@pytest.mark.django_db
def test_a_429_that_names_no_time_rests_the_provider_a_moment() -> None:
    breaker.note_failure("ltx", RateLimited("Later."))

    assert resting("ltx", at_least=0.5, at_most=2)


@pytest.mark.django_db
def test_the_fifth_failure_in_a_row_opens_the_circuit() -> None:
    for _ in range(4):
        breaker.note_failure("ltx", Transient("Down."))
    health = ProviderHealth.objects.get(provider="ltx")
    assert (health.state, health.failures, health.not_before) == ("closed", 4, None)

    breaker.note_failure("ltx", Transient("Down."))

    health.refresh_from_db()
    assert (health.state, health.failures, health.opened_at is not None) == ("open", 5, True)
    assert resting("ltx", at_least=30, at_most=30)


@pytest.mark.django_db
def test_an_answer_closes_the_circuit_of_that_provider_only() -> None:
    for name in ("ltx", "animatic"):
        ProviderHealthFactory(provider=name, state="open", failures=5)

    breaker.note_answer("ltx")

    assert list(ProviderHealth.objects.order_by("provider").values_list("provider", "state", "failures")) == [
        ("animatic", "open", 5),
        ("ltx", "closed", 0),
    ]


@given(failures=st.integers(0, 50))
def test_backoff_lies_between_half_a_second_and_a_minute(failures: int) -> None:
    assert 0.5 <= breaker.backoff_seconds(failures) <= min(60, max(0.5, 2**failures))


def test_backoff_is_spread_out() -> None:
    assert len({breaker.backoff_seconds(6) for _ in range(20)}) > 10


@pytest.mark.django_db
def test_one_job_probes_an_open_circuit_while_the_others_rest() -> None:
    ProviderHealthFactory(provider="ltx", state="open", failures=5, not_before=NOON)
    first, second = (JobFactory(kind="generate", provider="ltx", payload={"order": order}) for order in (1, 2))

    assert [claims.claim(job.pk, "worker") is not None for job in (first, second)] == [True, False]

    assert ProviderHealth.objects.get().state == "half-open"
    assert resting("ltx", at_least=30, at_most=30)


@pytest.mark.django_db
def test_a_probe_that_is_answered_lets_everybody_on() -> None:
    ProviderHealthFactory(provider="ltx", state="half-open", failures=5, not_before=NOON + timedelta(days=36500))

    breaker.note_answer("ltx")

    health = ProviderHealth.objects.get()
    assert (health.state, health.failures, health.not_before) == ("closed", 0, None)


@pytest.mark.django_db
def test_a_probe_that_fails_opens_the_circuit_again() -> None:
    ProviderHealthFactory(provider="ltx", state="half-open", failures=5)

    breaker.note_failure("ltx", Transient("Still down."))

    assert ProviderHealth.objects.get().state == "open"
    assert resting("ltx", at_least=30, at_most=30)


@pytest.mark.django_db
def test_a_claim_leaves_a_closed_circuit_alone() -> None:
    ProviderHealthFactory(provider="ltx", state="closed", failures=2)

    assert claims.claim(JobFactory(kind="generate", provider="ltx").pk, "worker") is not None

    health = ProviderHealth.objects.get()
    assert (health.state, health.not_before) == ("closed", None)
