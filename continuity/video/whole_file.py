"""A file appears under its name only when it is whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Yields ``<target>.<pid>.part`` to write to; on success it is fsynced and renamed to ``target``.

    When the block raises, the part is removed and an older ``target`` stays as it was. A part left by a killed process
    is never taken for the file.
    """
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        yield part
        _flush_to_disk(part)
        part.replace(target)
        _flush_to_disk(target.parent)
    finally:
        part.unlink(missing_ok=True)


def _flush_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
