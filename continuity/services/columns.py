"""Columns of a row as JSON data: what an edit keeps of before and after."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model


def as_data(row: Model, names: Iterable[str]) -> dict[str, Any]:
    """The columns of ``row``: ids for foreign keys, ISO 8601 for times, strings for decimals, everything else as it is."""
    return {name: _plain(getattr(row, row._meta.get_field(name).attname)) for name in names}  # type: ignore[union-attr]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | str) else value
