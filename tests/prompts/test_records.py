"""What the records of all packages share: rows that are never changed, and whole numbers that are never negative."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from prompts.records import NeverChanged, NeverChangedRow
from tests.factories import continuity, prompt, session
from tests.violations import our_models

pytestmark = pytest.mark.django_db

APPEND_ONLY: dict[str, Any] = {
    "AuditEvent": session.AuditEventFactory,
    "JobEvent": continuity.JobEventFactory,
    "LedgerEntry": lambda: continuity.ChargeFactory().entries.first(),
    "PromptVersion": prompt.PromptVersionFactory,
    "Style": continuity.StyleFactory,
}
NEVER_DELETED = {"AuditEvent", "JobEvent", "LedgerEntry"}
OTHER_VALUES = {"JSONField": '{"other": 1}', "DateTimeField": "2001-01-01 00:00:00+00:00"}


def other_value(field: "models.Field[Any, Any]") -> object:
    """A value for raw SQL that no factory gives that column."""
    if isinstance(field, models.ForeignKey):
        return other_value(field.target_field)
    number = isinstance(field, models.IntegerField | models.AutoField)
    return 999_999 if number else OTHER_VALUES.get(field.get_internal_type(), "other")


def refusal_by_sql(row: models.Model, field: "models.Field[Any, Any]", value: object) -> str:
    """What the database says when raw SQL gives the column of a stored row another value; '' when it takes it."""
    table, pk = row._meta.db_table, row._meta.pk
    assert pk is not None
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f'UPDATE "{table}" SET "{field.column}" = %s WHERE "{pk.column}" = %s', [value, row.pk])  # noqa: S608
    except IntegrityError as error:
        return str(error).splitlines()[0]
    return ""


def test_every_append_only_record_is_in_the_table() -> None:
    assert set(APPEND_ONLY) == {model.__name__ for model in our_models() if issubclass(model, NeverChangedRow)}


@pytest.mark.parametrize("name", APPEND_ONLY)
def test_trigger_refuses_every_change_of_an_append_only_row_with_its_sentence(name: str) -> None:
    row = APPEND_ONLY[name]()

    refusals = {field.name: refusal_by_sql(row, field, other_value(field)) for field in row._meta.concrete_fields}

    assert refusals == dict.fromkeys(refusals, row.triggers[0].message)


def test_link_of_a_style_may_become_null_and_nothing_else() -> None:
    scene = session.SessionFactory()
    style = continuity.StyleFactory(
        session=scene,
        parent=continuity.StyleFactory(session=scene),
        source_take=continuity.DoneTakeFactory(shot__session=scene),
        extraction=continuity.ExtractionFactory(owner=scene.owner),
        by=scene.owner,
    )
    links = [field for field in style._meta.concrete_fields if isinstance(field, models.ForeignKey) and field.null]

    assert sorted(field.name for field in links) == ["by", "extraction", "parent", "source_take"]
    assert [refusal_by_sql(style, field, None) for field in links] == ["", "", "", ""]
    assert refusal_by_sql(style, style._meta.get_field("created_at"), None) == style.triggers[0].message


@pytest.mark.parametrize("name", APPEND_ONLY)
def test_model_refuses_to_change_or_delete_an_append_only_row(name: str) -> None:
    row = APPEND_ONLY[name]()
    rows = type(row).objects.filter(pk=row.pk)

    refused = [
        lambda: row.save(),
        lambda: row.delete(),
        lambda: rows.update(pk=row.pk),
        lambda: rows.bulk_update([row], ["id"]),
        lambda: rows.delete(),
    ]

    for act in refused:
        with pytest.raises(NeverChanged, match="are never"):
            act()
    assert list(rows) == [row]


@pytest.mark.parametrize("name", sorted(NEVER_DELETED))
def test_postgresql_refuses_to_delete_a_row_of_the_books(name: str) -> None:
    """On SQLite the manager alone refuses: Django empties its test tables with DELETE."""
    row = APPEND_ONLY[name]()
    table = row._meta.db_table

    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f'DELETE FROM "{table}" WHERE id = %s', [row.pk])  # noqa: S608
            transaction.set_rollback(True)
        refused = False
    except IntegrityError:
        refused = True

    assert refused == {"postgresql": True, "sqlite": False}[connection.vendor]


def test_no_whole_number_that_counts_something_goes_below_zero() -> None:
    """Django makes these checks itself; they hold on tables that hold a row of each factory."""
    factories = [*vars(session).values(), *vars(prompt).values(), *vars(continuity).values()]
    made = {factory._meta.model: factory for factory in factories if isinstance(factory, type) and hasattr(factory, "_meta")}
    taken = []
    for model in our_models():
        counts = [field for field in model._meta.concrete_fields if field.get_internal_type().startswith("Positive")]
        if counts and not issubclass(model, NeverChangedRow):
            row = made[model]()
            taken += [f"{model.__name__}.{field.name}" for field in counts if not refusal_by_sql(row, field, -1)]

    assert taken == []
