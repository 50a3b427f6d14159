"""The migrations of all three packages, forward from nothing and back to nothing, in a database of their own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from tests.environment import ROOT, clean_environment
from tests.violations import our_models

# Run by another process: here the tables of the test database would be gone for every later test.
THERE_AND_BACK = """
import json, django
django.setup()
from django.core.management import call_command
from django.db import connection

PACKAGES = ("prompts_", "continuity_", "sessions_app_")

def ours():
    return sorted(name for name in connection.introspection.table_names() if name.startswith(PACKAGES))

def triggers():
    source = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if connection.vendor == "postgresql":
        source = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname NOT LIKE '%_delete_%'"
    with connection.cursor() as cursor:
        cursor.execute(source)
        return sorted(name for (name,) in cursor.fetchall())

seen = []
call_command("migrate", verbosity=0)
seen.append([ours(), triggers()])
for package in ("continuity", "prompts", "sessions_app"):
    call_command("migrate", package, "zero", verbosity=0)
seen.append([ours(), triggers()])
call_command("migrate", verbosity=0)
seen.append([ours(), triggers()])
call_command("migrate", check_unapplied=True, verbosity=0)
print(json.dumps(seen))
"""
TRIGGERS = [
    "continuity_frame_insert_0",
    "continuity_frame_update_0",
    "continuity_jobevent_update_0",
    "continuity_ledgerentry_update_0",
    "continuity_style_update_0",
    "continuity_take_update_0",
    "prompts_promptversion_update_0",
    "sessions_app_auditevent_update_0",
]


@pytest.fixture
def empty_database(child_environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """The URL of a database with nothing in it, of the same kind as this test's own."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.sqlite3"
        return
    server, name = child_environment["DATABASE_URL"].rsplit("/", 1)
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}_empty"')
        yield f"{server}/{name}_empty"
        admin.execute(f'DROP DATABASE "{name}_empty" WITH (FORCE)')


def test_migrations_lead_there_back_to_nothing_and_there_again(empty_database: str, tmp_path: Path) -> None:
    environment = clean_environment(local_dir=tmp_path, database_url=empty_database)

    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", THERE_AND_BACK], cwd=ROOT, env=environment, capture_output=True, text=True
    )

    assert ran.returncode == 0, ran.stderr
    tables = sorted(model._meta.db_table for model in our_models())
    assert json.loads(ran.stdout) == [[tables, TRIGGERS], [[], []], [tables, TRIGGERS]]
