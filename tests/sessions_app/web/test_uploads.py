"""A clip on its way in takes no more room than it may."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import SkipFile
from django.test import RequestFactory

from sessions_app.web.uploads import LimitedUpload, clip_on_disk, limit_uploads, upload_on_disk, was_too_large


@pytest.fixture
def arriving(settings: Any, tmp_path: Path, rf: RequestFactory) -> LimitedUpload:
    """A file whose limit is ten bytes, before its first byte came."""
    settings.UPLOAD_MAX_BYTES = 10
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    request = rf.post("/")
    limit_uploads(request)
    [handler] = request.upload_handlers
    assert isinstance(handler, LimitedUpload)
    handler.new_file("clip", "film.mp4", "video/mp4", None)
    return handler


def size_on_disk(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def test_bytes_up_to_the_limit_are_kept(arriving: LimitedUpload, tmp_path: Path) -> None:
    arriving.receive_data_chunk(b"12345", 0)
    arriving.receive_data_chunk(b"67890", 5)
    arriving.file.flush()

    assert (size_on_disk(tmp_path), was_too_large(arriving.request)) == (10, False)
    arriving.file.close()


def test_byte_beyond_the_limit_ends_it(arriving: LimitedUpload, tmp_path: Path) -> None:
    arriving.receive_data_chunk(b"1234567890", 0)

    with pytest.raises(SkipFile):
        arriving.receive_data_chunk(b"x", 10)

    arriving.file.flush()
    assert (size_on_disk(tmp_path), was_too_large(arriving.request)) == (10, True)
    arriving.file.close()


def whole(name: str) -> TemporaryUploadedFile:
    upload = TemporaryUploadedFile(name, "video/mp4", 5, None)
    upload.write(b"12345")
    return upload


@pytest.mark.parametrize(
    ("name", "kept"),
    [("pier.mp4", "pier.mp4"), ("../../etc/cron.d/x", "x"), ("-i.mp4", "-i.mp4"), ("a" * 200 + ".mp4", "a" * 56 + ".mp4")],
)
def test_an_upload_lies_under_its_own_name_and_is_gone_afterwards(name: str, kept: str, local_dir: Path) -> None:
    upload = whole(name)

    with upload_on_disk(upload) as path:
        assert (path.name, path.read_bytes(), path.is_relative_to(local_dir / "scratch")) == (kept, b"12345", True)

    upload.close()
    assert list((local_dir / "scratch").iterdir()) == []


def test_no_clip_is_no_file() -> None:
    with clip_on_disk(None) as path:
        assert path is None
