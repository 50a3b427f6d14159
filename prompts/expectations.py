"""“Only if nobody has edited it since”: the version that a caller saw, checked by the very UPDATE that counts the edit.

Here, in the lowest package, because sessions and shots of the packages above it both count their edits this way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db.models import F, QuerySet

_seen: ContextVar[dict[str, int]] = ContextVar("seen_versions", default={})  # noqa: B039 - never changed in place


class VersionConflict(Exception):
    """Somebody edited the row after the caller read it: nothing was written. ``str(error)`` is the row's id."""


@contextmanager
def expecting(row_id: str, version: int | None) -> Iterator[None]:
    """Inside the block the first edit of that row counts only from ``version`` on; None = whatever it is."""
    token = _seen.set({} if version is None else {row_id: version})
    try:
        yield
    finally:
        _seen.reset(token)


def require_seen(row_id: str, version: int) -> None:
    """For what is no edit but costs money: VersionConflict when the row, which the caller holds, is not as it was expected."""
    if _seen.get().get(row_id, version) != version:
        raise VersionConflict(row_id)


def count_edit(rows: QuerySet[Any], row_id: str, **columns: Any) -> None:
    """Raise ``version`` of the row by one, and write ``columns`` with it. Raises VersionConflict, so that the caller's
    transaction is rolled back, when the row is not as it was expected to be."""
    expected = _seen.get().get(row_id)
    seen = {} if expected is None else {"version": expected}
    if rows.filter(pk=row_id, **seen).update(version=F("version") + 1, **columns) != 1 and expected is not None:
        raise VersionConflict(row_id)
    if expected is not None:  # further edits of the same verb build on this one
        _seen.set({})
