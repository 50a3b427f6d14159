import io
import json
from fractions import Fraction
from pathlib import Path

import jsonschema_rs
import numpy as np
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

import continuity.vision.style as style_module
from continuity.management.commands.extract_style import extract_style, position
from continuity.video.frames import first_frame, frame_at, last_frame, sample_frames
from continuity.video.tool import encode_stream, run_ffmpeg
from continuity.vision.style import every_key, measure_style, to_values

SCHEMA = json.loads(Path(style_module.__file__).with_name("styles.schema.json").read_text(encoding="utf-8"))
COUNT, FPS = 30, 10


@pytest.fixture(scope="session")
def fading_clip(tmp_path_factory) -> Path:
    """Three seconds, 480x360, that fade from dark blue to light orange: every frame measures differently."""
    clip = tmp_path_factory.mktemp("style") / "fading.mp4"
    shading = np.linspace(0.8, 1.0, 480)[None, :, None]
    with encode_stream(clip, width=480, height=360, fps=FPS) as sink:
        for index in range(COUNT):
            share = index / (COUNT - 1)
            colour = np.array([20, 40, 110]) * (1 - share) + np.array([250, 190, 120]) * share
            sink.write(np.broadcast_to(colour * shading, (360, 480, 3)).round().astype(np.uint8))
    return clip


@pytest.fixture
def red_picture(tmp_path) -> Path:
    path = tmp_path / "red.png"
    Image.new("RGB", (64, 48), (255, 0, 0)).save(path)
    return path


def _report(*arguments: object) -> dict:
    output = io.StringIO()
    call_command("extract_style", *map(str, arguments), "--json", stdout=output)
    return json.loads(output.getvalue())


def test_a_clip_is_measured_on_three_frames(fading_clip):
    report = _report(fading_clip)

    assert list(report) == ["source", "extractor", "style", "stylePromptFragment", "notMeasured"]
    assert report["source"] == {
        "file": "fading.mp4",
        "frames": [
            {"index": frame.index, "time": str(frame.time), "sha256": frame.sha256} for frame in sample_frames(fading_clip)
        ],
    }
    assert [Fraction(frame["time"]) for frame in report["source"]["frames"]] == [
        Fraction(3, 10),
        Fraction(3, 2),
        Fraction(27, 10),
    ]
    assert report["extractor"] == "pixels@1"


def test_the_style_is_that_of_those_frames_and_satisfies_the_schema(fading_clip):
    report = _report(fading_clip)

    measurement = measure_style([frame.rgb for frame in sample_frames(fading_clip)])
    assert report["style"] == to_values(measurement, origin="pixels@1")
    jsonschema_rs.validate(SCHEMA, report["style"])
    assert 0 <= report["style"]["colour"]["temperature"]["confidence"] < 0.8


@pytest.mark.parametrize(
    ("at", "read"),
    [
        ("first", first_frame),
        ("middle", lambda path: frame_at(path, 1.5)),
        ("last", last_frame),
        ("0", first_frame),
        ("2.05", lambda path: frame_at(path, 2.0)),
        ("3", last_frame),
    ],
)
def test_a_position_measures_that_one_frame(fading_clip, at, read):
    expected = read(fading_clip)

    report = _report(fading_clip, "--at", at)

    assert report["source"]["frames"] == [{"index": expected.index, "time": str(expected.time), "sha256": expected.sha256}]
    assert report["style"] == to_values(measure_style([expected.rgb]), origin="pixels@1")


def test_a_time_at_which_the_clip_is_over_is_refused(fading_clip):
    with pytest.raises(CommandError, match=r"lasts 3 s: ask for a time up to that, not 99\.") as refused:
        _report(fading_clip, "--at", "99")

    assert refused.value.returncode == 2


def test_the_end_of_a_fade_to_orange_is_warmer_and_brighter_than_its_start(fading_clip):
    start, end = _report(fading_clip, "--at", "first")["style"], _report(fading_clip, "--at", "last")["style"]

    assert (start["colour"]["temperature"]["value"], end["colour"]["temperature"]["value"]) == ("cool", "warm")
    assert (start["lighting"]["intensity"]["value"], end["lighting"]["intensity"]["value"]) == ("dim", "bright")


@pytest.mark.parametrize("at", ["clip", "last", "7"])
def test_a_still_picture_is_its_own_only_frame(red_picture, at):
    report = _report(red_picture, "--at", at)

    assert [(frame["index"], frame["time"]) for frame in report["source"]["frames"]] == [(0, "0")]
    assert report["style"]["colour"]["palette.primary"] == {
        "value": "#FF0000",
        "source": "measured",
        "confidence": None,
        "origin": "pixels@1",
    }
    assert report["stylePromptFragment"] == "palette of red, warm tones, vibrant colours, low contrast, moderate light"


def test_a_clip_of_one_frame_is_one_witness_and_has_no_confidence(tmp_path):
    clip = tmp_path / "one.mp4"
    with encode_stream(clip, width=64, height=48, fps=10) as sink:
        sink.write(np.full((48, 64, 3), (200, 60, 30), dtype=np.uint8))

    report = _report(clip)

    assert len(report["source"]["frames"]) == 1
    assert report["style"]["colour"]["temperature"]["confidence"] is None


def test_what_was_not_measured_is_listed_with_the_reason(red_picture):
    report = _report(red_picture)

    unknown = [
        f"{aspect}.{key}" for aspect, entries in report["style"].items() for key in entries if entries[key]["value"] is None
    ]
    assert [missing["key"] for missing in report["notMeasured"]] == unknown
    assert {missing["key"]: missing["reason"] for missing in report["notMeasured"]}["technical.grainLevel"] == (
        "The picture is less than 360 px high, and this is measured at 360 px."
    )


def test_the_table_names_every_key_and_every_colour(fading_clip):
    output = io.StringIO()

    call_command("extract_style", str(fading_clip), stdout=output)

    shown = output.getvalue()
    assert shown.startswith("fading.mp4, frame 3, 15, 27 (pixels@1)\n")
    assert [key for key in every_key() if key.split(".", 1)[1] not in shown] == []
    style = extract_style(fading_clip)["style"]
    assert style["colour"]["palette.primary"]["value"] in shown
    assert "% of the picture" in shown
    assert "confidence" in shown


@pytest.mark.parametrize("at", ["-1", "nan", "inf", "soon", "", "1,5", "-0.001"])
def test_a_position_that_is_none_is_refused_in_one_sentence(at):
    with pytest.raises(CommandError, match="is no position: give first, middle, last, clip, or seconds from 0 on") as refusal:
        position(at)

    assert refusal.value.returncode == 2


@pytest.mark.parametrize(
    "content",
    [None, b"", b"just some text", b"#EXTM3U\n#EXT-X-TARGETDURATION:4\nhttp://127.0.0.1/a.ts\n", b"\x89PNG\r\n\x1a\n0000"],
)
def test_a_file_that_is_no_picture_is_refused_in_one_sentence(tmp_path, content):
    path = tmp_path / "clip.mp4"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(CommandError) as refusal:
        call_command("extract_style", str(path), stdout=io.StringIO())

    assert refusal.value.returncode == 2
    assert "\n" not in str(refusal.value)
    assert "clip.mp4" in str(refusal.value)


def test_a_clip_without_a_picture_is_refused(tmp_path):
    sound = tmp_path / "sound.mp4"
    run_ffmpeg(
        ["-f", "lavfi", "-i", "sine=duration=0.2", "-c:a", "aac", "-f", "mp4", "sound.mp4"], workdir=tmp_path, timeout_seconds=20
    )

    with pytest.raises(CommandError) as refusal:
        call_command("extract_style", str(sound), stdout=io.StringIO())

    assert refusal.value.returncode == 2
