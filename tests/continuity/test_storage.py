"""Blobs: whole or not at all, each kept once under its sha256, and scratch that goes away."""

import hashlib
import os
import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from continuity import storage
from continuity.models import Blob
from continuity.video.frames import ExactFrame, read_still
from continuity.video.verify import verify

pytestmark = pytest.mark.django_db


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_key_is_made_of_the_digest() -> None:
    assert storage.blob_key("ab" * 32) == f"blobs/ab/ab/{'ab' * 32}"


def test_a_clip_is_kept_under_its_digest_with_its_facts(clip, local_dir) -> None:
    blob = storage.keep_clip(clip, verify(clip))

    digest = hashlib.sha256(clip.read_bytes()).hexdigest()
    assert (blob.sha256, blob.storage_key, blob.size) == (digest, storage.blob_key(digest), clip.stat().st_size)
    assert (blob.kind, blob.codec, blob.width, blob.height, blob.pix_fmt) == ("video", "h264", 160, 90, "yuv420p")
    assert (blob.fps_num, blob.fps_den, blob.frame_count, blob.has_audio, blob.rotation) == (24, 1, 24, False, 0)
    assert Fraction(blob.duration_num, blob.duration_den) == 1
    assert files(local_dir / "media") == [local_dir / "media" / blob.storage_key]
    assert clip.exists()


def test_the_same_bytes_are_kept_once(clip, tmp_path, local_dir) -> None:
    copy = tmp_path / "copy.mp4"
    shutil.copyfile(clip, copy)

    blobs = [storage.keep_clip(path, verify(path)) for path in (clip, copy)]

    kept = local_dir / "media" / blobs[0].storage_key
    assert (blobs[0], Blob.objects.count(), files(local_dir / "media")) == (blobs[1], 1, [kept])


def test_bytes_that_are_there_are_not_written_again(clip, local_dir, monkeypatch) -> None:
    storage.keep_clip(clip, verify(clip))
    Blob.objects.all().delete()  # a crash between the file and its row
    monkeypatch.setattr(storage, "_put", lambda path, key: pytest.fail("it is there"))

    assert storage.keep_clip(clip, verify(clip)).size == clip.stat().st_size


def test_a_crash_in_the_middle_leaves_no_file_under_the_key(clip, local_dir, monkeypatch) -> None:
    def breaks_off(source: Path, target: Path) -> None:
        Path(target).write_bytes(Path(source).read_bytes()[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage.shutil, "copyfile", breaks_off)

    with pytest.raises(OSError, match="No space left"):
        storage.keep_clip(clip, verify(clip))

    assert (files(local_dir / "media"), Blob.objects.count()) == ([], 0)


def test_a_half_file_of_a_killed_process_is_never_taken_for_the_blob(clip, local_dir) -> None:
    key = local_dir / "media" / storage.blob_key(storage.sha256_of(clip))
    key.parent.mkdir(parents=True)
    key.with_name(f"{key.name}.4711.part").write_bytes(b"half")

    blob = storage.keep_clip(clip, verify(clip))

    with storage.local_file(blob) as path:
        assert path.read_bytes() == clip.read_bytes()


def test_a_picture_is_kept_with_its_very_pixels() -> None:
    rgb = np.random.default_rng(7).integers(0, 256, (40, 60, 3), dtype=np.uint8)

    blob = storage.keep_picture(ExactFrame(index=0, time=Fraction(0), rgb=rgb))

    assert (blob.kind, blob.container, blob.width, blob.height, blob.pix_fmt) == ("image", "png", 60, 40, "rgb24")
    with storage.local_file(blob, suffix=".png") as path:
        assert np.array_equal(read_still(path).rgb, rgb)


def test_open_blob_reads_and_seeks(clip) -> None:
    blob = storage.keep_clip(clip, verify(clip))

    with storage.open_blob(blob) as stream:
        stream.seek(4)
        assert stream.read(4) == b"ftyp"
        stream.seek(0)
        assert stream.read() == clip.read_bytes()


def test_a_blob_of_another_storage_is_fetched_for_as_long_as_it_is_needed(clip, monkeypatch) -> None:
    blob = storage.keep_clip(clip, verify(clip))
    monkeypatch.setattr(storage, "_is_local", lambda: False)

    with storage.local_file(blob, suffix=".mp4") as path:
        assert (path.read_bytes(), path.suffix) == (clip.read_bytes(), ".mp4")

    assert not path.exists()


def test_another_storage_gets_the_bytes_under_the_same_key(clip, local_dir, monkeypatch) -> None:
    monkeypatch.setattr(storage, "_is_local", lambda: False)

    blob = storage.keep_clip(clip, verify(clip))

    assert (local_dir / "media" / blob.storage_key).read_bytes() == clip.read_bytes()


def test_scratch_goes_away_even_after_an_error(local_dir) -> None:
    seen: list[Path] = []

    def fails_half_way() -> None:
        with storage.scratch_directory() as folder:
            (folder / "half").write_bytes(b"half")
            seen.extend(files(local_dir / "scratch"))
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        fails_half_way()

    assert ([path.name for path in seen], list((local_dir / "scratch").iterdir())) == (["half"], [])


def test_a_job_has_its_own_directory_until_it_is_forgotten(local_dir) -> None:
    folder = storage.job_directory("job_1")
    (folder / "clip.mp4").write_bytes(b"clip")
    assert storage.job_directory("job_1") == folder == local_dir / "scratch" / "job_1"

    storage.forget_job_directory("job_1")
    storage.forget_job_directory("job_2")  # was never there

    assert not folder.exists()


def test_scratch_that_nobody_touched_for_a_week_is_forgotten(local_dir) -> None:
    old, new = storage.job_directory("job_old"), storage.job_directory("job_new")
    (old / "clip.mp4").write_bytes(b"left behind")
    os.utime(old, (0, 0))

    storage.forget_old_scratch()

    assert (old.exists(), new.exists()) == (False, True)
