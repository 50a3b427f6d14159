"""A stand-in that speaks LTX's wire format on 127.0.0.1, checks what it receives, and misbehaves on demand.

In a test::

    with ltx_stand_in() as vendor:                       # its own thread; process=True: its own process
        provider = Ltx(api_key=vendor.api_key, base_url=vendor.base_url)
        vendor.script(submit={"do": "hang"}, polls=0, clip={"width": 160, "height": 90, "seconds": 1})
        assert vendor.counts()["POST /v2/text-to-video"] == 1
        vendor.make_clips(Drifting(Drift(temperature=0.06)))   # tests.stand_ins.drifting: clips made from the start images

On its own: ``python -m tests.stand_ins.ltx --port 0 --journal FILE [--script FILE] [--key KEY]`` prints one line of JSON
with ``base_url``. Every request is appended to the journal and synced before it is answered, so the counts outlive
every process; ``journal_counts(path)`` reads them.

A script has these keys, all optional, set together by ``script(...)``, by ``PUT /_control`` or in the file:

- ``polls``: answers before the clip is ready (2: pending, processing, then completed). ``clip``: width, height, seconds,
  fps that replace what was asked for. ``concurrency``: most unfinished jobs, beyond it 429.
- ``submit``, ``poll``, ``upload``, ``put``, ``download``: what to do at that step, ``{"do": NAME, ...}``; ``times`` = how
  often (absent: always); ``delay`` = seconds before anything else, alone or with a ``do``.

``do`` at every step: ``answer`` (status, type, message, headers; ``accept`` true = takes the job all the same),
``hang``, ``cut``, ``garbage``, ``huge``, ``trickle`` (every), ``redirect`` (to). At submit all of these but ``answer``
come **after** the job was taken, as do ``without-id`` and ``id`` (id, status). At poll also: ``failed`` (type), ``state``
(status), ``without-output``, ``url`` (url), ``id`` (id). At upload also: ``url`` (url), ``headers`` (headers), ``storage-uri``
(uri). At download also: ``type`` (type), ``page``, ``truncated``, ``drip`` (every), ``endless``, ``compressed``,
``long`` (a Content-Length larger than the file).
"""

import argparse
import json
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.stand_ins.clips import ClipFor
from tests.stand_ins.ltx_handler import Server, Vendor
from tests.stand_ins.ltx_misbehaviour import checked_script
from tests.stand_ins.ltx_schemas import SCHEMAS

KEY = "stand-in-key"
REPOSITORY = Path(__file__).resolve().parents[2]


def journal_rows(path: Path) -> list[dict]:
    """Every request that came, oldest first: method, path, route, body."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def journal_counts(path: Path) -> Counter:
    """How often each route was called: "POST /v2/text-to-video", "GET /v2/{endpoint}/{id}", "POST /v1/upload", …"""
    return Counter(row["route"] for row in journal_rows(path))


@dataclass(frozen=True)
class StandIn:
    """A running stand-in, the same whether it is a thread or a process. ``vendor`` None = a process, out of our reach."""

    base_url: str
    journal: Path
    api_key: str
    vendor: Vendor | None = None

    def counts(self) -> Counter:
        return journal_counts(self.journal)

    def posts(self) -> int:
        """How many creating POSTs came, on both endpoints."""
        return sum(self.counts()[f"POST /v2/{endpoint}"] for endpoint in SCHEMAS)

    def rows(self) -> list[dict]:
        return journal_rows(self.journal)

    def script(self, **script: object) -> None:
        """Replace the script; no arguments = behave."""
        checked_script(script)
        self._control("PUT", json.dumps(script).encode())

    def make_clips(self, clip_for: ClipFor | None) -> None:
        """From now on the clip of each job that is taken is ``clip_for(asked)``; None = the test picture again.

        It is asked once per job, in the order in which the jobs are taken. ValueError for a stand-in that is a process.
        """
        if self.vendor is None:
            raise ValueError("A stand-in in its own process makes no other clips: start it as a thread.")
        with self.vendor.lock:
            self.vendor.clip_for = clip_for

    def jobs(self) -> list[dict]:
        """The jobs that the vendor took: endpoint, id, polls."""
        return self._control("GET", None)["jobs"]

    def uploads(self) -> dict:
        """Width and height of what was uploaded, by token; null = asked for and not put."""
        return self._control("GET", None)["uploads"]

    def _control(self, method: str, body: bytes | None) -> dict:
        request = urllib.request.Request(f"{self.base_url}/_control", data=body, method=method)  # noqa: S310
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            return json.load(answer)


@contextmanager
def ltx_stand_in(*, journal: Path | None = None, process: bool = False, api_key: str = KEY) -> Iterator[StandIn]:
    """A stand-in on a free port of 127.0.0.1, gone at the end; ``journal`` None = a file that goes with it."""
    with TemporaryDirectory() as folder:
        path = journal or Path(folder) / "journal.jsonl"
        with _process(path, api_key) if process else _thread(path, api_key) as stand_in:
            yield stand_in


@contextmanager
def _thread(journal: Path, api_key: str) -> Iterator[StandIn]:
    vendor = Vendor(api_key, journal)
    with Server(0, vendor) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield StandIn(server.base_url, journal, api_key, vendor)
        finally:
            vendor.closing.set()
            server.shutdown()
            thread.join()


@contextmanager
def _process(journal: Path, api_key: str) -> Iterator[StandIn]:
    command = [sys.executable, "-m", "tests.stand_ins.ltx", "--journal", str(journal), "--key", api_key]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield StandIn(json.loads(process.stdout.readline())["base_url"], journal, api_key)
        finally:
            process.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description="A stand-in for LTX on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--journal", type=Path, required=True)
    parser.add_argument("--script", type=Path)
    parser.add_argument("--key", default=KEY)
    options = parser.parse_args()
    script = checked_script(json.loads(options.script.read_text(encoding="utf-8"))) if options.script else {}
    with Server(options.port, Vendor(options.key, options.journal, script)) as server:
        sys.stdout.write(json.dumps({"base_url": server.base_url}) + "\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
