"""``make test``: every leg runs, whatever the ones before it did, and a table at the end says what passed.

Usage: python -m tests.run [lint] [plain] [database] [crash] [soak]   (nothing named: all but soak)

A leg that ran no test, or skipped one, has failed. PostgreSQL is the server of TEST_DATABASE_URL, else one of our own.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import psycopg

from tests.environment import ROOT, clean_environment
from tests.postgres import PostgresError, postgres_server

GROUPS = ("lint", "plain", "database", "crash", "soak")
PACKAGES = ("config", "sessions_app", "continuity", "prompts")
PYTHON = sys.executable
LINT_CHECKS = {
    "ruff check": [PYTHON, "-m", "ruff", "check", "--no-cache", "."],
    "ruff format": [PYTHON, "-m", "ruff", "format", "--no-cache", "--check", "."],
    "mypy": [PYTHON, "-m", "mypy", *PACKAGES, "manage.py"],
    "import contracts": [PYTHON, "-c", "from importlinter.cli import lint_imports_command as run; run()"],
    "migrations": [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
    "system checks": [PYTHON, "-W", "error", "manage.py", "check"],
    "no address in locks": ["sh", "-c", "! grep -n '://' requirements.lock tests/requirements.lock"],
}


@dataclass(frozen=True)
class Leg:
    """One command to run. ``report``: the JUnit file it writes; None = a check that passes or fails as a whole."""

    name: str
    command: list[str]
    report: Path | None = None
    database_url: str = ""
    parallel: bool = field(default=False, kw_only=True)
    """It may run while the next leg runs."""


@dataclass(frozen=True)
class Result:
    name: str
    passed: int
    failed: int
    seconds: float
    output: str = ""


@dataclass(frozen=True)
class Running:
    leg: Leg
    process: "subprocess.Popen[bytes]"
    started: float
    output: Path


def lint_legs() -> list[Leg]:
    return [Leg(name, command, parallel=True) for name, command in LINT_CHECKS.items()]


def pytest_leg(group: str, scratch: Path, *, on: str = "", url: str = "", processes: int = 0, parallel: bool = False) -> Leg:
    """``on``: the name of the database; ``processes`` 0 = in one process, without pytest-xdist."""
    name = f"{group} {on}".strip()
    report = scratch / f"{name.replace(' ', '-')}.xml"
    split = ["-n", str(processes), "--dist", "loadfile"] if processes else []
    command = [PYTHON, "-m", "pytest", f"--leg={group}", "-q", "--tb=short", *split, f"--junitxml={report}"]
    return Leg(name, command, report, url, parallel=parallel)


def run_on_both_databases(group: str, scratch: Path, *, durable: bool) -> Iterator[Result]:
    """SQLite and PostgreSQL side by side."""
    sqlite = pytest_leg(group, scratch, on="on SQLite", parallel=True)
    try:
        with postgres_url(durable=durable) as url:
            yield from run_batch([sqlite, pytest_leg(group, scratch, on="on PostgreSQL", url=url)], scratch)
    except PostgresError as error:
        yield from run_batch([sqlite], scratch)
        yield Result(f"{group} on PostgreSQL", 0, 1, 0.0, str(error))


@contextlib.contextmanager
def postgres_url(*, durable: bool) -> Iterator[str]:
    """Tests that kill things never run on a server that is not ours. Raises PostgresError with a sentence."""
    url = os.environ.get("TEST_DATABASE_URL", "")
    if durable or not url:
        with postgres_server(durable=durable) as server:
            yield server.url
        return
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.Error as error:
        raise PostgresError(
            f"TEST_DATABASE_URL cannot be reached ({str(error).strip()}): start that server or unset it."
        ) from None
    yield url


def run_group(group: str, scratch: Path) -> Iterator[Result]:
    if group == "lint":
        yield from run_batch(lint_legs(), scratch)
    elif group == "plain":
        yield from run_batch([pytest_leg("plain", scratch, processes=2)], scratch)
    else:
        yield from run_on_both_databases(group, scratch, durable=group != "database")


def run_batch(legs: list[Leg], scratch: Path) -> Iterator[Result]:
    """Run the legs in order; those marked ``parallel`` run on while the next ones start. Results come as they are ready."""
    running: list[Running] = []
    for number, leg in enumerate(legs, 1):
        running.append(_start(leg, scratch))
        while running and (number == len(legs) or not leg.parallel):
            ended = [one for one in running if one.process.poll() is not None]
            yield from map(_result, ended)
            running = [one for one in running if one not in ended]
            time.sleep(0.05)


def _start(leg: Leg, scratch: Path) -> Running:
    name = leg.name.replace(" ", "-")
    environment = clean_environment(local_dir=scratch / f"{name}-state", database_url=leg.database_url)
    environment |= {"TEST_DATABASE_URL": leg.database_url, "PYTHONUNBUFFERED": "1"}
    del environment["DJANGO_SETTINGS_MODULE"]  # the tests name it themselves, after they have moved the state folder
    output = scratch / f"{name}.txt"
    with output.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(leg.command, cwd=ROOT, env=environment, stdout=file, stderr=subprocess.STDOUT)
    return Running(leg, process, time.monotonic(), output)


def _result(run: Running) -> Result:
    """The counts of a leg that has ended."""
    leg, code = run.leg, run.process.returncode
    passed, failed = _counts(leg.report) if leg.report else (int(code == 0), int(code != 0))
    if code != 0 and failed == 0:
        failed = 1  # it broke down, or found nothing to run
    output = run.output.read_text(encoding="utf-8", errors="replace")
    return Result(leg.name, passed, failed, time.monotonic() - run.started, output)


def _counts(report: Path) -> tuple[int, int]:
    """Passed and failed tests of a JUnit file; a skipped test counts as failed, a missing file as one failure."""
    if not report.exists():
        return 0, 1
    suite = next(ElementTree.parse(report).getroot().iter("testsuite")).attrib  # noqa: S314 pytest wrote it just now
    failed = sum(int(suite[kind]) for kind in ("failures", "errors", "skipped"))
    return int(suite["tests"]) - failed, failed


def run(groups: list[str]) -> list[Result]:
    results = []
    with tempfile.TemporaryDirectory(prefix="throughline-run-") as name:
        for group in GROUPS:
            for result in run_group(group, Path(name)) if group in groups else ():
                results.append(result)
                report(result)
    return results


def report(result: Result) -> None:
    if result.failed:
        print(f"---- {result.name} ----\n{result.output.rstrip()}")
    verdict = "FAILED" if result.failed else "passed"
    print(f"{verdict}  {result.name}  ({result.passed} passed, {result.failed} failed, {result.seconds:.1f} s)", flush=True)


def print_table(results: list[Result]) -> None:
    width = max(len(result.name) for result in results)
    print(f"\n{'leg':{width}}  {'passed':>6}  {'failed':>6}  {'seconds':>7}")
    for result in results:
        print(f"{result.name:{width}}  {result.passed:>6}  {result.failed:>6}  {result.seconds:>7.1f}")
    print(f"\n{sum(result.passed for result in results)} passed, {sum(result.failed for result in results)} failed")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("groups", nargs="*", help=", ".join(GROUPS))
    groups = parser.parse_args().groups or [group for group in GROUPS if group != "soak"]
    unknown = sorted(set(groups) - set(GROUPS))
    if unknown:
        parser.error(f"{', '.join(unknown)}: choose from {', '.join(GROUPS)}")
    results = run(groups)
    print_table(results)
    return 1 if any(result.failed for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
