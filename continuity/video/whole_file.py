"""A file appears under its name only when it is whole."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Yields a new name ``<target>.<pid>.<random>.part`` to write to; on success it is fsynced and renamed to ``target``.

    Every call has a part of its own: of two that write the same target at once, each leaves it whole. When the block
    raises, the part is removed and an older ``target`` stays as it was. A part left by a killed process is never taken for
    the file.
    """
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "There is no such folder", str(target.parent))
    part = target.with_name(f"{target.name}.{os.getpid()}.{secrets.token_hex(8)}.part")
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
