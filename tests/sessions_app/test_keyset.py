"""Pages by key: forwards and backwards, among equals, while rows come and go, and cursors that nobody gave."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext

from continuity.services.errors import Refused
from sessions_app.keyset import Order, Page, page_of
from sessions_app.models import Session
from tests.factories.session import NOON, SessionFactory

pytestmark = pytest.mark.django_db
LAST_CHANGED = Order("sessions", "-listed_at", "id")
BY_NAME = Order("names", "name", "id")


def names(page: Page[Session]) -> str:
    return "".join(session.name for session in page.rows)


def walk(rows: Any, order: Order, *, limit: int) -> tuple[list[str], list[str]]:
    """The pages from the first to the last, and back again from there."""
    there, back = [], []
    page = page_of(rows, order, limit=limit)
    there.append(names(page))
    while page.next:
        page = page_of(rows, order, cursor=page.next, limit=limit)
        there.append(names(page))
    while page.previous:
        page = page_of(rows, order, cursor=page.previous, limit=limit)
        back.append(names(page))
    return there, back


@pytest.fixture
def seven(owner: User) -> Any:
    """a to g, of which c, d and e were changed in the same moment; g last."""
    minutes = dict(zip("abcdefg", (9, 8, 5, 5, 5, 2, 1), strict=True))
    for name, minute in minutes.items():
        SessionFactory(owner=owner, id=f"ses_{name}", name=name, updated_at=NOON + timedelta(minutes=minute))
    return Session.objects.filter(owner=owner)


@pytest.mark.parametrize(
    ("limit", "there", "back"),
    [
        (2, ["ab", "cd", "ef", "g"], ["ef", "cd", "ab"]),
        (3, ["abc", "def", "g"], ["def", "abc"]),
        (7, ["abcdefg"], []),
        (100, ["abcdefg"], []),
    ],
)
def test_pages_lead_there_and_back_without_a_gap(seven: Any, limit: int, there: list[str], back: list[str]) -> None:
    assert walk(seven, LAST_CHANGED, limit=limit) == (there, back)


def test_another_order_has_its_own_pages(seven: Any) -> None:
    Session.objects.filter(name="a").update(name="z")

    assert walk(seven, BY_NAME, limit=4) == (["bcde", "fgz"], ["bcde"])


def test_what_comes_or_goes_meanwhile_neither_repeats_nor_hides_the_rest(seven: Any, owner: User) -> None:
    first = page_of(seven, LAST_CHANGED, limit=3)
    SessionFactory(owner=owner, name="new", updated_at=NOON + timedelta(hours=1))
    Session.objects.filter(name="c").delete()

    assert names(page_of(seven, LAST_CHANGED, cursor=first.next, limit=3)) == "def"


def test_a_page_costs_one_query(seven: Any) -> None:
    cursor = page_of(seven, LAST_CHANGED, limit=3).next

    with CaptureQueriesContext(connection) as queries:
        page_of(seven, LAST_CHANGED, cursor=cursor, limit=3)

    assert len(queries) == 1


def test_a_cursor_needs_no_escaping_in_an_address(seven: Any) -> None:
    cursor = page_of(seven, LAST_CHANGED, limit=3).next or ""

    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")


CURSORS: dict[str, Callable[[str], str]] = {
    "rubbish": lambda real: "rubbish",
    "a changed one": lambda real: f"A{real[1:]}" if real[0] != "A" else f"B{real[1:]}",
    "one cut short": lambda real: real[:-1],
    "one signed for another use": lambda real: signing.Signer(salt="other", sep="~").sign_object([1, 2, 0]),
    "another list's": lambda real: page_of(Session.objects.all(), BY_NAME, limit=1).next or "",
    "no text at all": lambda real: "\x00",
    "a long one": lambda real: "x" * 100_000,
}


@pytest.mark.parametrize("change", CURSORS.values(), ids=CURSORS)
def test_a_cursor_that_no_page_of_the_list_gave_is_refused(seven: Any, change: Callable[[str], str]) -> None:
    real = page_of(seven, LAST_CHANGED, limit=3).next or ""

    with pytest.raises(Refused, match="begin at the list") as refused:
        page_of(seven, LAST_CHANGED, cursor=change(real), limit=3)

    assert refused.value.code == "not_a_cursor"
