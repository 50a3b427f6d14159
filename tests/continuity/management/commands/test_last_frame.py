"""``manage.py last_frame``: a thin door, but its answer is exact and its refusal one sentence."""

import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from continuity.video.errors import VideoError
from tests.clips import Zoo, reference, session_zoo


@pytest.fixture(scope="session")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Zoo:
    return session_zoo(tmp_path_factory)


def test_last_frame_prints_json_and_writes_the_picture(zoo: Zoo, tmp_path: Path) -> None:
    clip, picture, printed = zoo.clip("h264-b-frames"), tmp_path / "last.png", StringIO()

    call_command("last_frame", str(clip), "--out", str(picture), "--json", stdout=printed)

    report = json.loads(printed.getvalue())
    pixels = np.asarray(Image.open(picture))
    assert list(report) == ["index", "time", "width", "height", "sha256"]
    assert (report["index"], report["time"], report["width"], report["height"]) == (35, "35/24", 160, 90)
    np.testing.assert_array_equal(pixels, reference(clip).rgb[-1])
    assert [entry.name for entry in tmp_path.iterdir()] == ["last.png"]


def test_last_frame_without_json_is_a_sentence(zoo: Zoo, tmp_path: Path) -> None:
    printed = StringIO()

    call_command("last_frame", str(zoo.clip("h264-b-frames")), "--out", str(tmp_path / "last.png"), stdout=printed)

    assert printed.getvalue().startswith("Frame 35 at 35/24 s (160x90) is the last one; its pixels are sha256 ")


@pytest.mark.parametrize("content", [b"#EXTM3U\nsecret.ts\n", b"", b"\x00\x00\x00\x18ftypisom" + bytes(200)])
def test_bad_input_is_one_sentence_and_exit_code_2(content: bytes, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(content)

    with pytest.raises(CommandError) as refusal:
        call_command("last_frame", str(clip), "--out", str(tmp_path / "last.png"))

    assert refusal.value.returncode == 2
    assert isinstance(refusal.value.__cause__, VideoError)
    assert "\n" not in str(refusal.value)
    assert [entry.name for entry in tmp_path.iterdir()] == ["clip.mp4"]


def test_a_place_that_cannot_be_written_is_one_sentence_and_exit_code_2(zoo: Zoo, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no such folder: check the path and its permissions") as refusal:
        call_command("last_frame", str(zoo.clip("h264-b-frames")), "--out", str(tmp_path / "missing" / "last.png"))

    assert refusal.value.returncode == 2
