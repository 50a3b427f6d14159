"""The test house itself: what it forbids, what it gives each test, and that its checks do turn red."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pytest_socket import SocketConnectBlockedError

from continuity.models import Charge, Take
from sessions_app.models import Session
from tests.books import INJECTION_SCHEMA, JSON_COLUMNS, check_budgets, check_ledger, check_stored_json, validator
from tests.environment import ROOT, clean_environment, settings_variables
from tests.factories import continuity as make
from tests.postgres import PostgresError, postgres_server, sweep_dead_folders
from tests.run import LINT_CHECKS, Leg, postgres_url, run_batch

if TYPE_CHECKING:
    from django.contrib.auth.models import User

OUTSIDE = "192.0.2.1"  # kept free for documentation (RFC 5737): nobody answers there


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
@pytest.mark.parametrize("host", [OUTSIDE, "throughline.example"])
def test_no_socket_goes_beyond_this_machine(host: str) -> None:
    with socket.socket() as outgoing, pytest.raises(SocketConnectBlockedError):
        outgoing.connect((host, 80))


def test_sockets_on_this_machine_work() -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())
        assert client.getpeername() == server.getsockname()


def test_state_folder_of_the_checkout_is_out_of_reach() -> None:
    local = Path(settings.LOCAL_DIR).resolve()

    assert ROOT not in [local, *local.parents]
    assert ROOT not in Path(settings.DATABASES["default"]["NAME"]).parents


def test_clean_environment_holds_no_value_of_a_person(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in settings_variables():
        monkeypatch.setenv(name, "mine")
        monkeypatch.setenv(f"{name}_FILE", "mine")

    environment = clean_environment(local_dir=tmp_path)

    assert [name for name, value in environment.items() if value == "mine"] == []


@pytest.mark.django_db
@pytest.mark.parametrize("run", ["first", "second"])
def test_media_of_one_test_are_not_there_in_the_next(run: str, local_dir: Path) -> None:
    assert not default_storage.exists("clip.mp4")

    default_storage.save("clip.mp4", ContentFile(b"bytes"))

    assert (local_dir / "media" / "clip.mp4").read_bytes() == b"bytes"


def test_people_are_three_and_only_one_is_staff(owner: "User", stranger: "User", staff: "User") -> None:
    assert [person.is_staff for person in (owner, stranger, staff)] == [False, False, True]
    assert len({owner.pk, stranger.pk, staff.pk}) == 3


@pytest.mark.django_db
def test_ledger_check_finds_a_missing_entry() -> None:
    charge = make.ChargeFactory()
    Charge.objects.filter(pk=charge.pk).update(settled_micros=1)

    with pytest.raises(AssertionError, match="ledger of charge"):
        check_ledger()

    make.LedgerEntryFactory(charge=charge, kind="settle", amount_micros=1)
    assert check_ledger() is None


@pytest.mark.django_db
def test_budget_check_finds_a_reservation_that_no_budget_holds() -> None:
    charge = make.ChargeFactory(reserved_micros=300_000)
    scopes = [
        make.BudgetFactory(scope=f"session:{charge.job.session_id}", reserved_micros=300_000),
        make.BudgetFactory(scope=f"user:{charge.payer_id}:2026-11", reserved_micros=300_000),
        make.BudgetFactory(scope="global:2026-11", reserved_micros=300_000),
    ]
    assert check_budgets() is None

    for budget in scopes:
        type(budget).objects.filter(pk=budget.pk).update(reserved_micros=299_999)
        with pytest.raises(AssertionError, match=f"budget {budget.scope} says"):
            check_budgets()
        type(budget).objects.filter(pk=budget.pk).update(reserved_micros=300_000)


@pytest.mark.django_db
def test_stored_style_that_breaks_its_schema_is_found(request: pytest.FixtureRequest) -> None:
    values = make.style_values()
    values["atmosphere"]["mood"] = {"value": "calm", "source": "not-measured", "confidence": None}
    template = make.StyleTemplateFactory(values=values)

    with pytest.raises(AssertionError, match=f"StyleTemplate {template.pk}, values"):
        check_stored_json()

    template.delete()


@pytest.mark.django_db
def test_stored_injection_that_breaks_its_schema_is_found() -> None:
    take = make.TakeFactory(injection={"nonsense": True})

    with pytest.raises(AssertionError, match=f"Take {take.pk}, injection"):
        check_stored_json()

    Take.objects.filter(pk=take.pk).update(injection=None)


def test_every_published_schema_is_there_and_is_a_schema() -> None:
    refused = [validator(schema).is_valid("nonsense") for _, _, schema in JSON_COLUMNS]

    assert refused == [False] * len(JSON_COLUMNS)
    assert (ROOT / INJECTION_SCHEMA).exists()


BROKEN_TEST = """
import pytest
from continuity.models import Charge
from tests.factories import continuity as make

@pytest.mark.django_db
def test_that_leaves_unbalanced_books():
    Charge.objects.filter(pk=make.ChargeFactory().pk).update(settled_micros=1)

def test_that_is_fine():
    assert True
"""


def test_books_are_checked_after_every_test_with_a_database(tmp_path: Path) -> None:
    broken = tmp_path / "test_broken.py"
    broken.write_text(BROKEN_TEST)
    house = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), "-p", "tests.conftest"]

    done = subprocess.run([sys.executable, "-m", "pytest", str(broken), "-q", *house], cwd=ROOT, capture_output=True, text=True)

    assert "2 passed, 1 error" in done.stdout
    assert "the ledger of charge" in done.stdout


def test_leg_that_runs_no_test_has_failed(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    nothing = Leg("nothing", [sys.executable, "-m", "pytest", "tests/factories", "-q", f"--junitxml={report}"], report)

    (result,) = run_batch([nothing], tmp_path)

    assert (result.passed, result.failed) == (0, 1)


def test_skipped_test_counts_as_failed(tmp_path: Path) -> None:
    report, skipping = tmp_path / "report.xml", tmp_path / "test_skipping.py"
    skipping.write_text("import pytest\n\ndef test_a():\n    pytest.skip('later')\n\ndef test_b():\n    assert True\n")
    plain = ["-q", "-p", "no:django", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(tmp_path)]
    leg = Leg("skipping", [sys.executable, "-m", "pytest", str(skipping), *plain, f"--junitxml={report}"], report)

    (result,) = run_batch([leg], tmp_path)

    assert (result.passed, result.failed) == (1, 1)


def test_every_leg_runs_and_the_failed_one_is_counted(tmp_path: Path) -> None:
    legs = [Leg("bad", ["sh", "-c", "echo because; exit 3"], parallel=True), Leg("good", ["true"])]

    results = list(run_batch(legs, tmp_path))

    assert [(result.name, result.passed, result.failed) for result in results] == [("bad", 0, 1), ("good", 1, 0)]
    assert results[0].output == "because\n"


def test_server_of_a_person_that_cannot_be_reached_is_a_failure_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")

    with pytest.raises(PostgresError) as refusal, postgres_url(durable=False):
        raise AssertionError("a server was found")

    assert str(refusal.value).startswith("TEST_DATABASE_URL cannot be reached (")
    assert str(refusal.value).endswith("): start that server or unset it.")


def test_address_in_a_lock_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "requirements.lock").write_text("thing==1\n")
    (tmp_path / "requirements.lock").write_text("thing @ https://example.org/thing.whl\n")

    done = subprocess.run(LINT_CHECKS["no address in locks"], cwd=tmp_path, capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (1, "requirements.lock:1:thing @ https://example.org/thing.whl\n")


# --- the server of tests/postgres.py ------------------------------------------------------------------------------------
WRITER = """
import django, os, time
django.setup()
from django.db import transaction
from tests.factories.session import SessionFactory
SessionFactory(id="committed")
with transaction.atomic():
    SessionFactory(id="uncommitted")
    print("written", flush=True)
    time.sleep(60)
"""


@pytest.mark.crash
@pytest.mark.django_db(transaction=True)
def test_row_of_a_killed_process_is_there_only_if_it_was_committed(child_environment: dict[str, str]) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER], cwd=ROOT, env=child_environment, stdout=subprocess.PIPE)
    assert writer.stdout is not None
    assert writer.stdout.readline() == b"written\n"

    writer.kill()
    writer.communicate()

    assert list(Session.objects.values_list("pk", flat=True)) == ["committed"]


@pytest.mark.crash
def test_killed_server_keeps_what_was_committed_and_forgets_the_rest() -> None:
    with postgres_server(durable=True) as server:
        with psycopg.connect(server.url, autocommit=True) as writer:
            writer.execute("CREATE TABLE row (word text)")
            writer.execute("INSERT INTO row VALUES ('committed')")
        unfinished = psycopg.connect(server.url)
        unfinished.execute("INSERT INTO row VALUES ('uncommitted')")

        server.kill()
        with pytest.raises(psycopg.OperationalError):
            unfinished.execute("SELECT 1")
        unfinished.close()
        server.start()

        with psycopg.connect(server.url) as reader:
            assert reader.execute("SELECT word FROM row").fetchall() == [("committed",)]


STARTER = """
import sys, time
from tests.postgres import PostgresServer
server = PostgresServer(durable=False)
server.create()
server.start()
print(server.folder, server._process.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.crash
def test_server_of_a_killed_test_run_ends_and_its_folder_is_swept() -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTER], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    folder, pid = starter.stdout.readline().split()
    log = Path(folder) / "log"

    starter.send_signal(signal.SIGKILL)
    starter.communicate()

    end = time.monotonic() + 20
    while "database system is shut down" not in log.read_text():
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)
    sweep_dead_folders()
    assert not Path(folder).exists()
    assert not Path(f"/proc/{pid}/exe").exists()


@pytest.mark.crash
def test_server_listens_on_this_machine_only_and_is_not_root() -> None:
    with postgres_server() as server, psycopg.connect(server.url) as client:
        shown = [client.execute(f"SHOW {name}").fetchone() for name in ("listen_addresses", "unix_socket_directories", "fsync")]
        owner = (server.data / "PG_VERSION").stat().st_uid

    assert shown == [("127.0.0.1",), ("",), ("off",)]
    assert owner != 0
