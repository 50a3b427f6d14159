"""Each system check: green as we ship, red under one bad setting."""

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.checks import run_checks

from tests.environment import ROOT, clean_environment

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper


def errors() -> list[str]:
    return [str(message.id) for message in run_checks()]


def manage_check(tmp_path: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = clean_environment(local_dir=tmp_path) | variables
    command = [sys.executable, "-W", "error", "manage.py", "check"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_as_shipped_nothing_is_wrong(tmp_path: Path, settings: "SettingsWrapper") -> None:
    settings.SCRATCH_ROOT, settings.MEDIA_ROOT = tmp_path / "scratch", tmp_path / "media"

    assert errors() == []


def test_retry_within_the_longest_wait_is_an_error(settings: "SettingsWrapper") -> None:
    """Bound: one round for the task itself and one for each worker-load before it: 900 × (1 + ⌈3/2⌉) + 10 seconds."""
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"workers": 2, "queue_limit": 2, "timeout": 900, "retry": 2710}
    assert errors() == ["throughline.E002"]

    settings.Q_CLUSTER = settings.Q_CLUSTER | {"retry": 2711}
    assert errors() == []


@pytest.mark.parametrize("name", ["MEDIA_ROOT", "SCRATCH_ROOT"])
def test_folder_that_cannot_be_made_is_an_error(
    name: str, tmp_path: Path, settings: "SettingsWrapper", monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != locked)  # root may write everywhere
    settings.MEDIA_ROOT = settings.SCRATCH_ROOT = tmp_path
    setattr(settings, name, locked / "deeper" / "still")

    assert errors() == ["throughline.E003"]


def test_media_in_a_bucket_need_no_local_folder(
    tmp_path: Path, settings: "SettingsWrapper", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) == tmp_path)
    settings.SCRATCH_ROOT, settings.MEDIA_ROOT, settings.S3_BUCKET = tmp_path, "/nowhere", "films"

    assert errors() == []


def test_manage_check_passes_without_a_warning(tmp_path: Path) -> None:
    done = manage_check(tmp_path)

    assert (done.returncode, done.stdout.strip()) == (0, "System check identified no issues (0 silenced)."), done.stderr


def test_ffmpeg_that_does_not_start_is_an_error(tmp_path: Path) -> None:
    done = manage_check(tmp_path, IMAGEIO_FFMPEG_EXE=str(tmp_path / "no-ffmpeg"))

    assert done.returncode == 1
    assert "throughline.E001" in done.stderr
    assert "Traceback" not in done.stderr


def test_ffmpeg_without_h264_is_an_error(tmp_path: Path) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\necho ' V....D mpeg4  MPEG-4 part 2'\n")
    program.chmod(0o755)

    done = manage_check(tmp_path, IMAGEIO_FFMPEG_EXE=str(program))

    assert done.returncode == 1
    assert "(throughline.E001) This ffmpeg cannot write H.264." in done.stderr
