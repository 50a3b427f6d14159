"""Money: reserved before the work, closed once after it, in whole millionths; and what a person is told."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from continuity.models import Budget, Charge, Job
from continuity.providers.capabilities import model_card
from continuity.services import budgets
from continuity.services.errors import Refused
from tests.books import check_budgets, check_ledger
from tests.engine import LTX
from tests.factories.continuity import JobFactory, TakeFactory
from tests.factories.session import NOON, SessionFactory

MONEY = st.integers(0, 10**15)


def paid(session, micros: int, *, at: datetime = NOON) -> Job:
    """A generate job with its money reserved and its charge open."""
    take = TakeFactory(shot__session=session)
    job = JobFactory(kind="generate", session=session, shot=take.shot, take=take)
    budgets.reserve(session=session, micros=micros, at=at)
    budgets.open_charge(job=job, session=session, actor=session.owner, card=model_card(LTX), micros=micros, at=at)
    return job


def rows() -> dict[str, tuple[int, int, int]]:
    """Every budget: reserved, spent, overrun."""
    return {row.scope: (row.reserved_micros, row.spent_micros, row.overrun_micros) for row in Budget.objects.all()}


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (0, "$0.00"),
        (1, "$0.000001"),
        (10_000, "$0.01"),
        (300_000, "$0.30"),
        (300_001, "$0.300001"),
        (1_000_000, "$1.00"),
        (123_456_780, "$123.45678"),
        (-2_500_000, "-$2.50"),
        (9_007_199_254_740_993, "$9007199254.740993"),
    ],
)
def test_dollars_are_written_to_the_last_millionth(micros: int, text: str) -> None:
    assert budgets.dollars(micros) == text


@given(micros=st.integers(-(2**63), 2**63))
def test_dollars_say_exactly_what_there_is(micros: int) -> None:
    match = re.fullmatch(r"(-?)\$(\d+)\.(\d{2,6})", budgets.dollars(micros))

    assert match, budgets.dollars(micros)
    assert int(match[1] + match[2] + match[3].ljust(6, "0")) == micros


@pytest.mark.django_db
def test_reserving_takes_the_money_out_of_every_budget_of_the_owner() -> None:
    session = SessionFactory()

    paid(session, 300_000)

    assert rows() == dict.fromkeys(
        ["global:2026-11", f"session:{session.pk}", f"user:{session.owner_id}:2026-11"], (300_000, 0, 0)
    )


@pytest.mark.django_db
def test_work_that_is_free_touches_no_budget() -> None:
    paid(SessionFactory(), 0)

    assert rows() == {}


@pytest.mark.django_db
@pytest.mark.planted_budget
@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ("user:{owner}:2026-11", "your budget of this month has $0.20 left"),
        ("session:{session}", "this scene's budget has $0.20 left"),
        ("global:2026-11", "this installation's budget of this month has $0.20 left"),
    ],
)
def test_money_that_is_not_there_is_refused_in_words(settings, scope: str, words: str) -> None:
    settings.SPEND_LIMIT_USER_MONTH_MICROS = settings.SPEND_LIMIT_GLOBAL_MONTH_MICROS = 500_000
    session = SessionFactory()
    name = scope.format(owner=session.owner_id, session=session.pk)
    Budget.objects.create(scope=name, limit_micros=500_000, spent_micros=300_000)

    with pytest.raises(Refused, match=re.escape(words)) as refusal, transaction.atomic():
        paid(session, 200_001)

    assert refusal.value.code == "budget_exceeded"
    assert rows() == {name: (0, 300_000, 0)}
    paid(session, 200_000)
    assert rows()[name] == (200_000, 300_000, 0)


@pytest.mark.django_db
def test_the_limits_of_the_settings_hold(settings) -> None:
    settings.SPEND_LIMIT_USER_MONTH_MICROS, settings.SPEND_LIMIT_GLOBAL_MONTH_MICROS = 400_000, 600_000
    first, second = SessionFactory(), SessionFactory()
    paid(first, 400_000)

    for session, micros in ((first, 1), (second, 200_001)):
        with pytest.raises(Refused), transaction.atomic():
            paid(session, micros)

    paid(second, 200_000)


@pytest.mark.django_db
@pytest.mark.parametrize("higher", [800_000, None])
def test_a_limit_that_is_raised_within_the_month_holds_from_the_next_reservation(settings, higher: int | None) -> None:
    settings.SPEND_LIMIT_USER_MONTH_MICROS = 400_000
    session = SessionFactory()
    paid(session, 400_000)
    settings.SPEND_LIMIT_USER_MONTH_MICROS = higher

    paid(session, 400_000)

    budget = Budget.objects.get(scope=f"user:{session.owner_id}:2026-11")
    assert (budget.limit_micros, budget.reserved_micros) == (higher, 800_000)


@pytest.mark.django_db
@pytest.mark.parametrize(("lower", "left"), [(500_000, "$0.10 left"), (300_000, "$0.00 left")])
def test_a_limit_that_is_lowered_within_the_month_refuses_and_changes_nothing(settings, lower: int, left: str) -> None:
    settings.SPEND_LIMIT_USER_MONTH_MICROS = 1_000_000
    session = SessionFactory()
    paid(session, 400_000)
    before = rows()
    settings.SPEND_LIMIT_USER_MONTH_MICROS = lower

    with pytest.raises(Refused, match=re.escape(left)), transaction.atomic():
        paid(session, 100_001)

    assert rows() == before


@pytest.mark.django_db
def test_one_persons_spending_is_nothing_to_another(settings) -> None:
    settings.SPEND_LIMIT_USER_MONTH_MICROS = 400_000
    paid(SessionFactory(), 400_000)

    paid(SessionFactory(), 400_000)

    assert Charge.objects.count() == 2


@pytest.mark.django_db
def test_what_ends_in_another_month_is_booked_in_the_month_of_its_reservation() -> None:
    session = SessionFactory()
    december = paid(session, 300_000, at=datetime(2025, 12, 31, 23, 59, tzinfo=UTC))
    november = paid(session, 500_000)

    budgets.close_charge(job=december, billed_micros=200_000)

    user = f"user:{session.owner_id}"
    assert rows() == {
        "global:2025-12": (0, 200_000, 0),
        f"{user}:2025-12": (0, 200_000, 0),
        "global:2026-11": (500_000, 0, 0),
        f"{user}:2026-11": (500_000, 0, 0),
        f"session:{session.pk}": (500_000, 200_000, 0),
    }
    assert november.charge.state == "open"
    assert december.charge.entries.get(kind="settle").at > NOON - timedelta(days=365)


@pytest.mark.django_db
def test_a_charge_is_closed_once() -> None:
    session = SessionFactory()
    job = paid(session, 300_000)
    paid(session, 300_000)  # its reservation must not be given back in the first one's stead
    budgets.close_charge(job=job, billed_micros=100_000)
    before = rows()

    with pytest.raises(budgets.ChargeClosed), transaction.atomic():
        budgets.close_charge(job=job, billed_micros=100_000)

    assert rows() == before


@pytest.mark.django_db
def test_a_charge_outlives_its_scene() -> None:
    session = SessionFactory()
    job = paid(session, 300_000)
    Job.objects.filter(pk=job.pk).update(session=None)

    budgets.close_charge(job=Job.objects.get(pk=job.pk), billed_micros=300_000)

    owner = f"user:{session.owner_id}:2026-11"
    assert (rows()[owner], rows()["global:2026-11"]) == ((0, 300_000, 0), (0, 300_000, 0))
    Job.objects.filter(pk=job.pk).update(session=session)
    Budget.objects.filter(scope=f"session:{session.pk}").delete()


@pytest.mark.django_db
def test_a_job_without_a_charge_closes_nothing() -> None:
    budgets.close_charge(job=JobFactory(), billed_micros=0)

    assert (Charge.objects.count(), rows()) == (0, {})


@pytest.mark.django_db
def test_the_note_of_a_closing_stands_in_the_ledger() -> None:
    job = paid(SessionFactory(), 300_000)

    budgets.close_charge(job=job, billed_micros=300_000, note="x" * 600)

    assert job.charge.entries.get(kind="settle").note == "x" * 500


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(amounts=[(0, 5), (1, None)])  # billed although it was free, before there was any budget row
@given(amounts=st.lists(st.tuples(MONEY, st.none() | MONEY), min_size=1, max_size=4))
@override_settings(SPEND_LIMIT_USER_MONTH_MICROS=None, SPEND_LIMIT_GLOBAL_MONTH_MICROS=None)
def test_books_balance_whatever_is_billed(db, amounts: list[tuple[int, int | None]]) -> None:
    session = SessionFactory()

    for reserved, billed in amounts:
        job = paid(session, reserved)
        if billed is None:
            continue
        budgets.close_charge(job=job, billed_micros=billed)
        charge = Charge.objects.get(job=job)
        assert charge.settled_micros + charge.released_micros == charge.reserved_micros == reserved
        assert charge.settled_micros + charge.overrun_micros == billed

    check_ledger()
    check_budgets()
