"""The one place that builds storage keys and opens media: local files or S3, whatever STORAGES["default"] is.

A blob's key is its sha256, so writing the same bytes twice is harmless and a crash leaves nothing that could be taken for a
whole file: on disk a blob appears by rename after fsync, on S3 by one PUT.
"""

import contextlib
import hashlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils import timezone

from continuity.enums import BlobKind
from continuity.models import Blob
from continuity.video.frames import ExactFrame
from continuity.video.verify import Verified
from continuity.video.whole_file import whole_file

CHUNK = 1024 * 1024
SCRATCH_KEPT_SECONDS = 7 * 24 * 3600


def blob_key(sha256: str) -> str:
    return f"blobs/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def sha256_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def keep_clip(path: Path, verified: Verified) -> Blob:
    """The blob of a clip that was decoded whole (``verified``). The file at ``path`` stays."""
    facts = verified.facts
    return _keep(
        path,
        kind=BlobKind.VIDEO,
        container=facts.container.value,
        codec=facts.codec,
        width=facts.width,
        height=facts.height,
        rotation=facts.rotation,
        pix_fmt=facts.pix_fmt,
        colour_tags={
            "matrix": facts.colour_matrix,
            "primaries": facts.colour_primaries,
            "transfer": facts.colour_transfer,
            "range": facts.colour_range,
        },
        fps_num=facts.fps.numerator if facts.fps else None,
        fps_den=facts.fps.denominator if facts.fps else None,
        frame_count=verified.frame_count,
        duration_num=verified.duration.numerator,
        duration_den=verified.duration.denominator,
        has_audio=facts.has_audio,
    )


def keep_picture(frame: ExactFrame) -> Blob:
    """The blob of one picture as an 8-bit PNG with its very pixels."""
    with scratch_directory() as folder:
        path = folder / "picture.png"
        frame.write_png(path)
        return _keep(
            path, kind=BlobKind.IMAGE, container="png", codec="png", width=frame.width, height=frame.height, pix_fmt="rgb24"
        )


def keep_text(text: str, *, kind: BlobKind, container: str) -> Blob:
    """The blob of a short text file in UTF-8."""
    with scratch_directory() as folder:
        path = folder / "text"
        path.write_text(text, encoding="utf-8")
        return _keep(path, kind=kind, container=container)


@contextlib.contextmanager
def local_file(blob: Blob, *, suffix: str = "") -> Iterator[Path]:
    """The blob as a file on this machine, for as long as the block lasts. Read it, never write it."""
    if _is_local():
        yield Path(default_storage.path(blob.storage_key))
        return
    with scratch_directory() as folder:
        path = folder / f"blob{suffix}"
        with default_storage.open(blob.storage_key) as source, path.open("wb") as target:
            shutil.copyfileobj(source, target, CHUNK)
        yield path


def open_blob(blob: Blob) -> BinaryIO:
    """The blob's bytes, for reading; seekable."""
    return cast(BinaryIO, default_storage.open(blob.storage_key, "rb"))


def presigned_url(blob: Blob, *, content_type: str, disposition: str, seconds: int) -> str:
    """An address at which S3 hands out the blob to whoever holds it, for ``seconds``, with these two headers."""
    parameters = {"ResponseContentType": content_type, "ResponseContentDisposition": disposition}
    return str(default_storage.url(blob.storage_key, parameters=parameters, expire=seconds))  # type: ignore[call-arg]


@contextlib.contextmanager
def scratch_directory() -> Iterator[Path]:
    """A fresh folder on this machine, gone afterwards."""
    root = Path(settings.SCRATCH_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root) as name:
        yield Path(name)


def job_directory(job_id: str) -> Path:
    """Where a job keeps files between its steps. Another machine may not have them: steps fetch again what is missing."""
    folder = Path(settings.SCRATCH_ROOT) / job_id
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def forget_job_directory(job_id: str) -> None:
    shutil.rmtree(Path(settings.SCRATCH_ROOT) / job_id, ignore_errors=True)


def forget_old_scratch(*, seconds: float = SCRATCH_KEPT_SECONDS) -> None:
    """Remove what killed processes left in the scratch folder and nobody has touched for so long."""
    root = Path(settings.SCRATCH_ROOT)
    for folder in root.iterdir() if root.is_dir() else ():
        if time.time() - folder.stat().st_mtime > seconds:
            shutil.rmtree(folder, ignore_errors=True)


def _keep(path: Path, *, kind: BlobKind, **facts: Any) -> Blob:
    sha256 = sha256_of(path)
    key = blob_key(sha256)
    if not default_storage.exists(key):
        _put(path, key)
    row = {"size": path.stat().st_size, "storage_key": key, "kind": kind, "verified_at": timezone.now(), **facts}
    return Blob.objects.get_or_create(sha256=sha256, defaults=row)[0]


def _put(path: Path, key: str) -> None:
    if not _is_local():
        with path.open("rb") as stream:
            default_storage.save(key, File(stream))
        return
    target = Path(default_storage.path(key))
    target.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(target) as part:
        shutil.copyfile(path, part)


def _is_local() -> bool:
    return not settings.S3_BUCKET
