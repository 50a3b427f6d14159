"""Planted violations of database constraints, and what the database must answer."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

OUR_APPS = ("prompts", "continuity", "sessions_app")
Plant = Callable[[], object]
Table = dict[str, list[Plant]]
SQLITE_ANSWER = re.compile(r"(CHECK|UNIQUE) constraint failed: (.+)")


@dataclass(frozen=True)
class Rule:
    """A promise of one column or row group. ``name``: the constraint's, or ``table.column`` of a unique column."""

    name: str
    table: str
    columns: tuple[str, ...]
    unique: bool


def our_models(*labels: str) -> list[type[models.Model]]:
    """Every model of our packages, those of many-to-many rows included."""
    return [model for label in labels or OUR_APPS for model in apps.get_app_config(label).get_models(include_auto_created=True)]


def rules(label: str) -> dict[str, Rule]:
    """Every constraint and every unique column that the models of a package declare; ids that are only ids left out."""
    found = [rule for model in our_models(label) for rule in (*_meta_rules(model), *_unique_columns(model))]
    return {rule.name: rule for rule in found}


def _meta_rules(model: type[models.Model]) -> Iterator[Rule]:
    for constraint in model._meta.constraints:
        columns = tuple(model._meta.get_field(name).column for name in getattr(constraint, "fields", ()))
        yield Rule(constraint.name, model._meta.db_table, columns, isinstance(constraint, models.UniqueConstraint))


def _unique_columns(model: type[models.Model]) -> Iterator[Rule]:
    for field in model._meta.concrete_fields:
        if field.unique and (not field.primary_key or isinstance(field, models.OneToOneField)):
            yield Rule(f"{model._meta.db_table}.{field.column}", model._meta.db_table, (field.column,), True)


def enum_columns(label: str) -> list[tuple[type[models.Model], "models.Field[Any, Any]"]]:
    return [(model, field) for model in our_models(label) for field in model._meta.concrete_fields if field.choices]


def enum_constraint(model: type[models.Model], field: "models.Field[Any, Any]") -> str | None:
    """The name of the constraint that allows exactly the choices of an enum column."""
    wanted = models.Q(**{f"{field.name}__in": [value for value, _ in field.choices or ()]})
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.CheckConstraint) and constraint.condition == wanted:
            return constraint.name
    return None


def twice(factory: Any, *fields: str, **values: Any) -> object:
    """Make a row, then another that is the same in ``fields``."""
    first = factory(**values)
    return factory(**values, **{field: getattr(first, field) for field in fields})


def answer_to(plant: Plant) -> tuple[str, tuple[str, ...]]:
    """What the database refuses a planted row with: the constraint's name (if it gives it) and the columns (if it gives them).

    SQLite names a check, and the columns of a unique index; PostgreSQL names both kinds.
    """
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        plant()
    if connection.vendor == "postgresql":
        return refusal.value.__cause__.diag.constraint_name, ()  # type: ignore[union-attr]
    match = SQLITE_ANSWER.search(str(refusal.value))
    assert match, f"not a constraint's answer: {refusal.value}"
    if match[1] == "CHECK":
        return match[2], ()
    return "", tuple(part.split(".")[1] for part in match[2].split(", "))


def expected_answer(rule: Rule) -> tuple[str, tuple[str, ...]]:
    if connection.vendor == "postgresql":
        return _name_in_postgresql(rule), ()
    return ("", rule.columns) if rule.unique else (rule.name, ())


def _name_in_postgresql(rule: Rule) -> str:
    """A unique column's constraint has a name of Django's or PostgreSQL's making: asked of the catalogue."""
    if "." not in rule.name:
        return rule.name
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, rule.table)
    return next(name for name, row in found.items() if row["unique"] and row["columns"] == list(rule.columns))


def planted(table: Table) -> list[Any]:
    """The table as parameters ``(name, plant)``."""
    return [
        pytest.param(name, plant, id=f"{name}-{number}" if len(plants) > 1 else name)
        for name, plants in table.items()
        for number, plant in enumerate(plants, 1)
    ]
