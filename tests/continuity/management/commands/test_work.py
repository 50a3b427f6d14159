"""``manage.py work`` as a process: how it ends."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from continuity.models import Heartbeat
from tests.environment import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_SECONDS = 30


@contextlib.contextmanager
def working(environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """The command and all its children, gone at the end whatever they did; what it says goes to a file, not to a pipe
    that a left-over child could keep open."""
    command = [sys.executable, "manage.py", "work"]
    with said(environment).open("wb") as stderr:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment | {"RING_SECONDS": "0.1"}, stderr=stderr, start_new_session=True
        )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def said(environment: dict[str, str]) -> Path:
    return Path(environment["LOCAL_DIR"]) / "stderr"


def wait_for_the_ring() -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not Heartbeat.objects.filter(name="ring").exists():
        assert time.monotonic() < end, "the ring loop never said that it is alive"
        time.sleep(0.05)


def children_of(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()]


def test_work_ends_well_when_it_is_told_to(child_environment) -> None:
    with working(child_environment) as process:
        wait_for_the_ring()

        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=PATIENCE_SECONDS) == 0


def test_work_ends_when_it_is_told_to_while_it_starts(child_environment) -> None:
    with working(child_environment) as process:
        end = time.monotonic() + PATIENCE_SECONDS
        while not any(is_forked(child) for child in children_of(process.pid)):
            assert time.monotonic() < end, "the queue's processes never started"
            time.sleep(0.005)

        process.send_signal(signal.SIGTERM)

        # The child seen may be the one that becomes the ffmpeg of the system checks: then the system itself ends it.
        assert process.wait(timeout=PATIENCE_SECONDS) in (0, -signal.SIGTERM)


def test_work_says_so_when_the_queue_dies(child_environment) -> None:
    with working(child_environment) as process:
        wait_for_the_ring()

        for child in children_of(process.pid):
            os.kill(child, signal.SIGKILL)

        assert process.wait(timeout=PATIENCE_SECONDS) == 1
        assert "start again" in said(child_environment).read_text(encoding="utf-8")


def test_no_worker_outlives_a_killed_parent(child_environment) -> None:
    with working(child_environment) as process:
        wait_for_the_ring()
        family = children_of(process.pid)
        family += [grandchild for child in family for grandchild in children_of(child)]

        process.kill()
        process.wait()

        end = time.monotonic() + PATIENCE_SECONDS
        while any(is_running(pid) for pid in family):
            assert time.monotonic() < end, "workers live on without anybody to supervise them"
            time.sleep(0.05)


def is_forked(pid: int) -> bool:
    """One of the queue's processes, not the ffmpeg that the system checks ask."""
    return b"manage.py" in Path(f"/proc/{pid}/cmdline").read_bytes()


def is_running(pid: int) -> bool:
    """Zombies, which a container without an init process keeps, do not run."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
