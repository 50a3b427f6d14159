"""The files of one attempt in the engine's folder: what was asked, how far it is, what came of it.

``<root>/<attempt>.json`` is the accepted request; its existence *is* acceptance. ``.mp4`` exists only when whole.
``.error`` holds one sentence, ``.cancelled`` means that a person stopped it, ``.lock`` is held (flock) by the renderer
and holds its process id, ``.progress`` says how far it is, ``.starts`` has one byte per started renderer, ``.log`` is what a
renderer wrote to its standard error, ``.work-<process id>`` is where it works.
"""

import fcntl
import json
import os
import re
import signal
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from continuity.providers.base import InvalidRequest

SHA256 = re.compile(r"[0-9a-f]{64}")
ATTEMPT_ID = re.compile(r"[a-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Progress:
    """``fraction`` 0-1 of the frames that are encoded; ``note`` says what the renderer does."""

    fraction: float
    note: str


@dataclass(frozen=True)
class Attempt:
    """One attempt, by its folder and its checked id. Holds no open file; every property looks at the disk."""

    root: Path
    id: str

    def file(self, suffix: str) -> Path:
        return self.root / f"{self.id}.{suffix}"

    @property
    def accepted(self) -> bool:
        return self.file("json").exists()

    @property
    def finished(self) -> bool:
        return self.file("mp4").exists()

    @property
    def cancelled(self) -> bool:
        return self.file("cancelled").exists()

    @property
    def failure(self) -> str | None:
        """The sentence that the renderer left when it could not make the clip; None = it did not fail."""
        with suppress(FileNotFoundError):
            return self.file("error").read_text(encoding="utf-8")
        return None

    @property
    def starts(self) -> int:
        """How often a renderer was started for this attempt."""
        with suppress(FileNotFoundError):
            return self.file("starts").stat().st_size
        return 0

    def request(self) -> dict[str, Any]:
        """The accepted request as written by ``accept``."""
        document: dict[str, Any] = json.loads(self.file("json").read_text(encoding="utf-8"))
        return document

    def accept(self, document: Mapping[str, object]) -> bool:
        """Write the request file if there is none yet: whole, on disk, once. False = it was there before."""
        part = _written(self.root, json.dumps(document, ensure_ascii=False, sort_keys=True).encode())
        try:
            os.link(part, self.file("json"))
        except FileExistsError:
            return False
        finally:
            part.unlink()
        _sync_folder(self.root)
        return True

    def leave(self, suffix: str, text: str) -> None:
        """Write a small file whole or not at all. Only one process writes each of them, so the name on the way is fixed
        and a killed writer leaves nothing that the next one does not take over."""
        part = self.file(f"{suffix}.new")
        part.write_text(text, encoding="utf-8")
        part.replace(self.file(suffix))

    @property
    def progress(self) -> Progress | None:
        """What the renderer said last; None = it has said nothing yet."""
        with suppress(FileNotFoundError):
            said = json.loads(self.file("progress").read_text(encoding="utf-8"))
            return Progress(fraction=said["fraction"], note=said["note"])
        return None

    def say(self, progress: Progress) -> None:
        self.leave("progress", json.dumps({"fraction": round(progress.fraction, 4), "note": progress.note}))

    def publish(self, part: Path) -> None:
        """Give the finished clip its name: fsync, then rename."""
        _sync_file(part)
        part.replace(self.file("mp4"))
        _sync_folder(self.root)

    def take_lock(self) -> int | None:
        """The descriptor of the renderer's lock, held until every copy of it is closed; None = a renderer holds it."""
        descriptor = os.open(self.file("lock"), os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        os.ftruncate(descriptor, 0)
        return descriptor

    def stop_renderer(self) -> None:
        """Ask the process that holds the lock to end. The id in the file is only believed while the lock is held."""
        descriptor = self.take_lock()
        if descriptor is not None:
            os.close(descriptor)
            return
        process_id = self.file("lock").read_text()
        if process_id.isdigit():
            with suppress(ProcessLookupError):
                os.kill(int(process_id), signal.SIGTERM)


def attempt_in(root: Path, attempt_id: str) -> Attempt:
    """The attempt of that id. InvalidRequest unless the id is 1-64 of a-z, 0-9, _ and -: it becomes a file name."""
    if not ATTEMPT_ID.fullmatch(attempt_id):
        raise InvalidRequest("An attempt id is 1 to 64 of the characters a-z, 0-9, _ and -: make a new one.")
    return Attempt(root=root, id=attempt_id)


def store_input(root: Path, source: Path, sha256: str) -> Path:
    """Copy a picture to ``<root>/inputs/<sha256>.png``, whole or not at all; repeating it copies nothing."""
    if not SHA256.fullmatch(sha256):
        raise InvalidRequest("A picture is named by the 64 hexadecimal digits of its sha256: stage it again.")
    target = root / "inputs" / f"{sha256}.png"
    if target.exists():
        os.utime(target)  # in use again, so not old
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    _written(target.parent, source.read_bytes()).replace(target)
    _sync_folder(target.parent)
    return target


def forget_old(root: Path, *, seconds: float) -> None:
    """Delete requests, inputs and clips untouched for so long: like a vendor, the engine keeps a clip for a while only."""
    for path in (*root.glob("*"), *root.glob("inputs/*")):
        if path.is_file() and time.time() - path.stat().st_mtime > seconds:
            path.unlink(missing_ok=True)


def _written(folder: Path, content: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=".new-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


def _sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
