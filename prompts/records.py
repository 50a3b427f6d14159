"""What the records of all three packages share: enum columns, soft delete, rows that are never changed."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Literal, TypeVar, overload

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

Row = TypeVar("Row", bound=models.Model)


class NeverChanged(Exception):
    """A row of an append-only table was to be changed or deleted. Write a new row instead."""


@overload
def enum_field(enum: type[StrEnum], *, null: Literal[True], **options: Any) -> "models.CharField[str | None, str | None]": ...
@overload
def enum_field(enum: type[StrEnum], **options: Any) -> "models.CharField[str, str]": ...
def enum_field(enum: type[StrEnum], **options: Any) -> "models.CharField[Any, Any]":
    """A column holding one value of ``enum``; pair it with ``enum_check``."""
    return models.CharField(max_length=32, choices=[(member.value, member.value) for member in enum], **options)


def enum_check(field: str, enum: type[StrEnum], *, name: str) -> models.CheckConstraint:
    """The database refuses a string that is not in ``enum``; null passes where the column allows it."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": [member.value for member in enum]}), name=name)


def range_check(field: str, low: float, high: float, *, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__gte": low, f"{field}__lte": high}), name=name)


class SoftDeleteQuerySet(models.QuerySet[Row]):
    def soft_delete(self) -> int:
        """Hide the rows; their unique names are free again. Returns how many were hidden."""
        return self.filter(deleted_at=None).update(deleted_at=Now())


class LivingManager(models.Manager[Row]):
    """Hides deleted rows; ``all_objects`` sees them."""

    def get_queryset(self) -> SoftDeleteQuerySet[Row]:
        return SoftDeleteQuerySet(self.model, using=self._db).filter(deleted_at=None)


class AppendOnlyQuerySet(models.QuerySet[Row]):
    def update(self, **values: Any) -> int:
        raise NeverChanged(f"{self.model.__name__} rows are never changed.")

    def bulk_update(self, objs: Iterable[Row], fields: Iterable[str], batch_size: int | None = None) -> int:
        raise NeverChanged(f"{self.model.__name__} rows are never changed.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise NeverChanged(f"{self.model.__name__} rows are never deleted.")


class NeverChangedRow(models.Model):
    """A row that may be written once. The trigger of the same promise stands in ``prompts.triggers``."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise NeverChanged(f"{type(self).__name__} rows are never changed: write a new one.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refused. What goes with its session goes by the cascade of that purge, which asks the database and not the row."""
        raise NeverChanged(f"{type(self).__name__} rows are never deleted.")
