"""Database triggers: promises that no constraint can hold, kept by the database whatever code writes.

They are installed after each ``migrate`` rather than by a migration: on SQLite Django remakes a table when a column
changes, and a remade table has lost its triggers. A model declares them as ``triggers``, a tuple of the two kinds here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from django.apps import AppConfig
from django.db import connections, models


class Trigger(Protocol):
    events: tuple[str, ...]
    message: str

    def condition(self, model: type[models.Model], vendor: str) -> str: ...


@dataclass(frozen=True)
class Frozen:
    """UPDATE may not change ``columns`` (empty = all) of a row for which ``when`` holds (SQL over OLD).

    A nullable foreign key may always become null: the purge of a session unlinks what outlives it.
    """

    message: str
    columns: tuple[str, ...] = ()
    when: str = ""
    events: tuple[str, ...] = ("UPDATE",)

    def condition(self, model: type[models.Model], vendor: str) -> str:
        fields = [field for field in model._meta.concrete_fields if not self.columns or field.name in self.columns]
        changed = " OR ".join(_changed(field, vendor) for field in fields)
        return f"({self.when}) AND ({changed})" if self.when else changed


@dataclass(frozen=True)
class Refused:
    """``events`` are refused when ``when`` (SQL over OLD or NEW) holds."""

    message: str
    when: str
    events: tuple[str, ...]

    def condition(self, model: type[models.Model], vendor: str) -> str:
        return self.when


def _changed(field: "models.Field[Any, Any]", vendor: str) -> str:
    column = f'"{field.column}"'
    differs = f"OLD.{column} IS NOT NEW.{column}" if vendor == "sqlite" else f"OLD.{column} IS DISTINCT FROM NEW.{column}"
    may_be_unlinked = isinstance(field, models.ForeignKey) and field.null
    return f"({differs} AND NEW.{column} IS NOT NULL)" if may_be_unlinked else f"({differs})"


def install_triggers(sender: AppConfig, using: str = "default", **kwargs: Any) -> None:
    """Handler of ``post_migrate``: make the triggers of the app's models as they are declared now.

    One that is no longer declared stays where the table was not remade: the migration that drops the promise drops it too.
    """
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for model in sender.get_models():
            if model._meta.db_table not in tables:
                continue  # migrated back to before this table
            for number, trigger in enumerate(getattr(model, "triggers", ())):
                for event in trigger.events:
                    for statement in STATEMENTS[connection.vendor](model, trigger, event, number):
                        cursor.execute(statement)


def _sqlite(model: type[models.Model], trigger: Trigger, event: str, number: int) -> list[str]:
    if event == "DELETE":
        return []  # Django empties SQLite test tables with DELETE; the manager refuses there
    table, name = model._meta.db_table, f"{model._meta.db_table}_{event.lower()}_{number}"
    return [
        f'DROP TRIGGER IF EXISTS "{name}"',
        f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}" WHEN {trigger.condition(model, "sqlite")} '
        f"BEGIN SELECT RAISE(ABORT, '{trigger.message}'); END",
    ]


def _postgresql(model: type[models.Model], trigger: Trigger, event: str, number: int) -> list[str]:
    table, name = model._meta.db_table, f"{model._meta.db_table}_{event.lower()}_{number}"
    row = "OLD" if event == "DELETE" else "NEW"
    return [
        f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN '
        f"IF {trigger.condition(model, 'postgresql')} THEN "
        f"RAISE EXCEPTION '{trigger.message}' USING ERRCODE = 'check_violation'; END IF; RETURN {row}; END $$",
        f'CREATE OR REPLACE TRIGGER "{name}" BEFORE {event} ON "{table}" FOR EACH ROW EXECUTE FUNCTION "{name}"()',
    ]


Statements = Callable[[type[models.Model], Trigger, str, int], list[str]]
STATEMENTS: dict[str, Statements] = {"sqlite": _sqlite, "postgresql": _postgresql}
