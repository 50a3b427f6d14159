"""A database that nobody has migrated yet: made ready for the demo, one sentence for every other command."""

from django.core.management import CommandError, call_command
from django.db import connection

NO_TABLES = "The database has no tables yet: say make demo, or .venv/bin/python manage.py migrate, first."


def is_empty() -> bool:
    return not connection.introspection.table_names()


def require_tables() -> None:
    """CommandError, with exit code 2, for a database without a table."""
    if is_empty():
        raise CommandError(NO_TABLES, returncode=2)


def make_tables_if_there_are_none() -> None:
    """A brand-new database gets its tables; one that has any is left to its operator."""
    if is_empty():
        call_command("migrate", interactive=False, verbosity=0)
