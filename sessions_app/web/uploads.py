"""An uploaded file on its way in: never more than UPLOAD_MAX_BYTES of it, and nothing of it left behind afterwards."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.http import HttpRequest

from continuity.storage import scratch_directory

LONGEST_NAME = 60
"""Characters kept of a file's name, from its end: 240 bytes at most."""


class LimitedUpload(TemporaryFileUploadHandler):
    """Straight to disk; a file that grows too large is thrown away at once, and the form's other fields are still read."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > settings.UPLOAD_MAX_BYTES:
            assert self.request is not None
            self.request.file_is_too_large = True  # type: ignore[attr-defined]
            raise SkipFile
        super().receive_data_chunk(raw_data, start)


def limit_uploads(request: HttpRequest) -> None:
    """Call before anything reads ``request.POST``."""
    request.upload_handlers = [LimitedUpload(request)]


def was_too_large(request: HttpRequest) -> bool:
    return bool(getattr(request, "file_is_too_large", False))


@contextlib.contextmanager
def clip_on_disk(clip: "UploadedFile[bytes] | None") -> Iterator[Path | None]:
    """As ``upload_on_disk``; None when there is none."""
    if clip is None:
        yield None
        return
    with upload_on_disk(clip) as path:
        yield path


@contextlib.contextmanager
def upload_on_disk(upload: "UploadedFile[bytes]") -> Iterator[Path]:
    """The upload as a file of its own name, which refusals quote, while the block lasts. Its request had ``limit_uploads``."""
    assert isinstance(upload, TemporaryUploadedFile)
    upload.flush()
    with scratch_directory() as folder:
        path = folder / (upload.name or "file")[-LONGEST_NAME:]
        shutil.move(upload.temporary_file_path(), path)
        yield path
