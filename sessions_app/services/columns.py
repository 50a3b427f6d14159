"""Changing columns of a row by a person: what they may be, and what changed, as data that an undo can put back."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from continuity.services.columns import as_data
from continuity.services.errors import Refused


def write_columns(row: models.Model, columns: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write ``columns`` of ``row``, inside the caller's transaction, which holds its lock.

    Answers what those that changed were before and are now, both empty when none did. Text is read as the column's type, so
    that what was answered can be written back. Refused for a value that the column cannot have; then nothing is written.
    """
    names = sorted(columns)
    before = as_data(row, names)
    for name in names:
        setattr(row, name, _clean(row, name, columns[name]))
    try:
        with transaction.atomic():
            row.save(update_fields=names)
    except IntegrityError as error:
        raise _refused(names) from error
    row.refresh_from_db(fields=names)
    after = as_data(row, names)
    changed = [name for name in names if before[name] != after[name]]
    return {name: before[name] for name in changed}, {name: after[name] for name in changed}


def _clean(row: models.Model, name: str, value: Any) -> Any:
    column = row._meta.get_field(name)
    if isinstance(value, float) and isinstance(column, models.DecimalField):
        value = Decimal(str(value))  # as it was written: 0.6 has one decimal place, and its binary neighbour has many
    try:
        return column.clean(value, row)  # type: ignore[union-attr]
    except ValidationError as error:
        raise _refused([name], *error.messages) from error


def _refused(names: list[str], *reasons: str) -> Refused:
    what = ", ".join(name.replace("_", " ") for name in names)
    return Refused("value_invalid", " ".join([f"This value does not fit, choose another one for: {what}.", *reasons]))
