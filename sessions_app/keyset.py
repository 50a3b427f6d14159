"""Pages of a long list by key, not by number: the 500th page costs what the first one costs, and nothing is shown twice when
something is added meanwhile.

A cursor is the key of a row and a direction, signed: it means nothing to whoever holds it, and cannot be made up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet

from continuity.services.errors import Refused

Row = TypeVar("Row", bound=Model)
LIMIT = 20


@dataclass(frozen=True)
class Order:
    """Sorted by ``first``, then by ``second``, which no two rows share; ``-`` in front = the highest first. ``name`` is that of
    the list: a cursor of one list is refused by another."""

    name: str
    first: str
    second: str


@dataclass(frozen=True)
class Page(Generic[Row]):
    """``next`` and ``previous`` are cursors, None where there is no page."""

    rows: Sequence[Row]
    next: str | None
    previous: str | None


def page_of(rows: QuerySet[Row], order: Order, *, cursor: str | None = None, limit: int = LIMIT) -> Page[Row]:
    """At most ``limit`` of ``rows``: the first ones, or those that ``cursor`` points at. One query.

    Refused ``not_a_cursor`` for a cursor that no page of this list gave.
    """
    key, backwards = _read(cursor, order) if cursor else (None, False)
    first, second = (_turned(name) if backwards else name for name in (order.first, order.second))
    found = rows.order_by(first, second)
    if key is not None:
        found = found.filter(_after(first, second, key))
    read = list(found[: limit + 1])
    shown, has_more = read[:limit], len(read) > limit
    if backwards:
        shown.reverse()
    has_next, has_previous = (True, has_more) if backwards else (has_more, cursor is not None)
    return Page(
        rows=shown,
        next=_cursor(shown[-1], order, backwards=False) if shown and has_next else None,
        previous=_cursor(shown[0], order, backwards=True) if shown and has_previous else None,
    )


def _after(first: str, second: str, key: Sequence[Any]) -> Q:
    """Strictly after ``key``. The first condition alone bounds the way through the index; the rest decides among equals."""
    bound = Q(**{f"{first.lstrip('-')}__{'lte' if first.startswith('-') else 'gte'}": key[0]})
    return bound & (_beyond(first, key[0]) | _beyond(second, key[1]))


def _beyond(name: str, value: Any) -> Q:
    return Q(**{f"{name.lstrip('-')}__{'lt' if name.startswith('-') else 'gt'}": value})


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _cursor(row: Model, order: Order, *, backwards: bool) -> str:
    key = [_json(attrgetter(name.lstrip("-").replace("__", "."))(row)) for name in (order.first, order.second)]
    return str(_signer(order).sign_object([*key, int(backwards)]))


def _json(value: Any) -> Any:
    return {"at": value.isoformat()} if isinstance(value, datetime) else value


def _read(cursor: str, order: Order) -> tuple[Sequence[Any], bool]:
    try:
        first, second, backwards = _signer(order).unsign_object(cursor)
    except signing.BadSignature as error:
        raise Refused("not_a_cursor", "This cursor is of no page of this list: begin at the list without one.") from error
    return [datetime.fromisoformat(value["at"]) if isinstance(value, dict) else value for value in (first, second)], bool(
        backwards
    )


def _signer(order: Order) -> signing.Signer:
    """A cursor needs no escaping in an address."""
    return signing.Signer(salt=f"cursor:{order.name}", sep="~")
