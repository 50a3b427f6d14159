"""``manage.py cut_report``: what it prints of good cuts and bad ones, and its defined answer to every bad input."""

import json
import shutil
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from continuity.management.commands.cut_report import shown_names
from continuity.video.frames import sample_frames
from continuity.vision.look import UNITS
from continuity.vision.scene_score import METRIC
from tests.clips import PICTURE, X264, Zoo, reference, session_zoo
from tests.environment import ROOT
from tests.pictures import Picture, street
from tests.stand_ins.drift import Drift, drifted
from tests.stand_ins.drifting import encoded

REAL_CLIPS = sorted((ROOT.parent / "shared" / "footage" / "clips").glob("*.mp4"))
DARKER_AND_WARMER = Drift(exposure=-0.5, temperature=0.3)
KEYS = ["from", "fromShot", "to", "toShot", "metric", "score", "band", "parts", "tone", "bridge", "drift"]
KEYS += ["findings", "notMeasured", "reason"]


@pytest.fixture(scope="session")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Zoo:
    return session_zoo(tmp_path_factory)


def pan(*, start: float, frames: int = 12, seed: int = 2, height: int = 180) -> list[Picture]:
    """Frames of a slow pan, ``start`` in frames."""
    return [street(seed=seed, height=height, shift=0.008 * (start + number)) for number in range(frames)]


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder: head.mp4, its continuation tail.mp4 and darker.mp4 (half a stop darker and warmer), other.mp4."""
    folder = tmp_path_factory.mktemp("cuts")
    tail = pan(start=12)
    shots = {
        "head": pan(start=0),
        "tail": tail,
        "darker": [drifted(picture, DARKER_AND_WARMER) for picture in tail],
        "other": pan(start=0, seed=9),
    }
    for name, pictures in shots.items():
        (folder / f"{name}.mp4").write_bytes(encoded(pictures, fps=24))
    return folder


def report_of(*arguments: object) -> dict[str, Any]:
    printed = StringIO()
    call_command("cut_report", *map(str, arguments), "--json", stdout=printed)
    assert printed.getvalue().count("\n") == 1
    return json.loads(printed.getvalue())


def cut_of(left: Path, right: Path) -> dict[str, Any]:
    return report_of(left, right)["cuts"][0]


def refusal(*arguments: object) -> str:
    with pytest.raises(CommandError) as refused:
        call_command("cut_report", *map(str, arguments), stdout=StringIO())
    assert refused.value.returncode == 2
    assert "\n" not in str(refused.value)
    return str(refused.value)


def reasons(cut: dict[str, Any]) -> dict[str, str]:
    return {row["key"]: row["reason"] for row in cut["notMeasured"]}


def test_a_tail_that_is_darker_and_warmer_is_bridged_and_both_causes_are_named(clips: Path) -> None:
    cut = cut_of(clips / "head.mp4", clips / "darker.mp4")

    assert [*cut] == KEYS
    assert (cut["from"], cut["fromShot"], cut["to"], cut["toShot"], cut["metric"]) == ("head.mp4", 1, "darker.mp4", 2, METRIC)
    assert (cut["bridge"]["kind"], cut["bridge"]["ncc"] > 0.97, cut["band"], cut["reason"]) == ("bridged", True, "matches", None)
    assert {cause["cause"]: cause["amount"] for cause in cut["drift"]["causes"]} == pytest.approx(
        {"exposure": -0.5, "temperature": 0.3}, abs=0.08
    )
    assert [cause["unit"] for cause in cut["drift"]["causes"]] == [UNITS[cause["cause"]] for cause in cut["drift"]["causes"]]
    assert "shot 2 is 0.5 stop darker and warmer than shot 1 at the cut" in cut["findings"]


def test_an_untouched_tail_is_bridged_and_no_cause_is_named(clips: Path) -> None:
    cut = cut_of(clips / "head.mp4", clips / "tail.mp4")

    assert (cut["bridge"]["kind"], cut["drift"]["causes"], cut["drift"]["deltaE"] < 1) == ("bridged", [], True)
    assert cut["findings"][0].startswith("shot 1 and shot 2 look like one scene (")
    assert cut["findings"][-1].startswith("the grade holds from shot 1 to shot 2 (ΔE 0.")


def test_another_shot_is_a_cut(clips: Path) -> None:
    cut = cut_of(clips / "head.mp4", clips / "other.mp4")

    assert (cut["bridge"]["kind"], cut["drift"]["sameContent"]) == ("cut", False)
    assert cut["score"] == pytest.approx(1 / (1 + np.exp(-sum(cut["parts"].values()))))


def test_every_later_shot_is_also_measured_against_the_first(clips: Path) -> None:
    names = ["head.mp4", "darker.mp4", "other.mp4"]

    report = report_of(*(clips / name for name in names))

    assert [*report] == ["cuts", "againstFirst"]
    assert [(cut["from"], cut["to"]) for cut in report["cuts"]] == [("head.mp4", "darker.mp4"), ("darker.mp4", "other.mp4")]
    assert [(cut["from"], cut["to"]) for cut in report["againstFirst"]] == [("head.mp4", "darker.mp4"), ("head.mp4", "other.mp4")]
    assert report["cuts"][1]["parts"] == cut_of(clips / "darker.mp4", clips / "other.mp4")["parts"]
    assert report["againstFirst"][0] == report["cuts"][0]
    assert report["againstFirst"][1] == {**cut_of(clips / "head.mp4", clips / "other.mp4")} | {
        "toShot": 3,
        "findings": [
            finding.replace("shot 2", "shot 3") for finding in cut_of(clips / "head.mp4", clips / "other.mp4")["findings"]
        ],
    }


def test_what_only_a_vision_model_sees_is_always_listed(clips: Path) -> None:
    listed = reasons(cut_of(clips / "head.mp4", clips / "tail.mp4"))

    assert {"lighting.direction", "atmosphere.weather", "atmosphere.mood", "technical.depthOfField"} <= set(listed)
    assert listed["lighting.direction"].startswith("No vision model looked at these two shots")


def test_a_person_gets_a_table(clips: Path) -> None:
    printed = StringIO()

    call_command("cut_report", *(str(clips / f"{name}.mp4") for name in ("head", "darker", "other")), stdout=printed)

    lines = printed.getvalue().splitlines()
    assert lines[0].startswith("head.mp4 → darker.mp4  ")
    assert ", bridged (NCC " in lines[0]
    assert "  shot 2 is 0.5 stop darker and warmer than shot 1 at the cut" in lines
    assert "against head.mp4" in lines
    assert sum("No vision model looked" in line for line in lines) == 1
    assert lines[-1] == METRIC


def test_sheet_shows_a_row_per_cut(clips: Path, tmp_path: Path) -> None:
    sheet, one = tmp_path / "sheet.png", tmp_path / "one.png"

    report_of(clips / "head.mp4", clips / "darker.mp4", "--sheet", one)
    report_of(clips / "head.mp4", clips / "darker.mp4", clips / "other.mp4", "--sheet", sheet)

    with Image.open(one) as single, Image.open(sheet) as both:
        assert (single.format, both.format, both.width) == ("PNG", "PNG", single.width)
        assert both.height > 1.5 * single.height
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.png", "sheet.png"]


@pytest.mark.parametrize(("count", "is_terminal", "told"), [(3, True, 3), (3, False, 0), (2, True, 0)])
def test_progress_is_told_to_a_person_who_waits(count: int, is_terminal: bool, told: int, clips: Path) -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return is_terminal

    errors = Terminal()
    call_command("cut_report", *[str(clips / "head.mp4")] * count, "--json", stdout=StringIO(), stderr=errors)

    assert errors.getvalue().count("\n") == told


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (["a/x.mp4", "b/y.mp4"], ["x.mp4", "y.mp4"]),
        (["a/x.mp4", "b/x.mp4", "c.mp4"], ["a/x.mp4", "b/x.mp4", "c.mp4"]),
        (["a/x.mp4", "a/x.mp4", "c.mp4"], ["x.mp4 (1)", "x.mp4 (2)", "c.mp4"]),
        (["a/x.mp4", "b/x.mp4", "a/x.mp4"], ["a/x.mp4 (1)", "b/x.mp4", "a/x.mp4 (3)"]),
    ],
)
def test_names_of_clips_are_short_and_never_alike(given: list[str], shown: list[str]) -> None:
    assert shown_names([Path(name) for name in given]) == shown


# bad input


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_clips_are_refused(count: int, clips: Path) -> None:
    assert refusal(*[clips / "head.mp4"] * count) == "A cut lies between two clips: give at least two, in the order of the film."


def test_a_clip_of_one_frame_is_measured(zoo: Zoo) -> None:
    cut = cut_of(zoo.clip("h264-b-frames"), zoo.clip("h264-one-frame"))

    assert cut["findings"][0] == "shot 2 is a single frame"
    assert cut["score"] is not None


def test_a_shot_of_three_frames_is_measured(zoo: Zoo) -> None:
    cut = cut_of(zoo.clip("h264-b-frames"), zoo.make("3-frames.mp4", [*PICTURE, *X264, "-frames:v", "3"]))

    assert cut["findings"][0] == "shot 2 has only 3 frames"
    assert cut["score"] is not None


def test_another_size_rate_and_orientation_are_told(zoo: Zoo) -> None:
    cut = cut_of(zoo.clip("h264-b-frames"), zoo.clip("h264-29.97-vertical"))

    assert cut["findings"][-2:] == [
        "shot 2 is upright (90x160) and shot 1 wide (160x90)",
        "shot 2 runs at 29.97 frames a second and shot 1 at 24",
    ]
    assert cut["score"] is not None


def test_a_start_picture_cropped_to_upright_is_still_bridged(tmp_path: Path) -> None:
    wide, upright = tmp_path / "wide.mp4", tmp_path / "upright.mp4"
    wide.write_bytes(encoded(pan(start=0), fps=24))
    upright.write_bytes(encoded([np.ascontiguousarray(picture[:, 109:211]) for picture in pan(start=12)], fps=24))

    assert cut_of(wide, upright)["bridge"]["kind"] == "bridged"


@pytest.mark.parametrize("colour", ["black", "white"])
def test_a_plain_clip_has_no_score_but_a_reason(colour: str, zoo: Zoo) -> None:
    plain = zoo.make(f"{colour}.mp4", ["-f", "lavfi", "-i", f"color={colour}:size=160x90:rate=24:duration=1", *X264])

    cut = cut_of(zoo.clip("h264-b-frames"), plain)

    assert (cut["score"], cut["band"], cut["drift"], cut["parts"], cut["bridge"]) == (
        None,
        None,
        None,
        {},
        {"kind": None, "ncc": None},
    )
    assert cut["reason"] == "The right shot cannot be compared, because its frames are all of one flat colour."
    assert {"bridge", "drift"} <= set(reasons(cut))
    assert f"shot 2 is {colour} from beginning to end" in cut["findings"]


def test_hdr_beside_sdr_has_no_score_but_a_reason(zoo: Zoo) -> None:
    cut = cut_of(zoo.clip("h264-b-frames"), zoo.clip("h264-10-bit-hdr"))

    assert (cut["score"], cut["drift"]) == (None, None)
    assert cut["reason"].startswith("The two shots have two transfer curves (SDR and PQ)")


def test_two_hdr_clips_are_measured_as_decoded(zoo: Zoo) -> None:
    hdr = zoo.clip("h264-10-bit-hdr")
    longer = zoo.directory / "longer-hdr.mp4"
    shutil.copy(hdr, longer)

    cut = cut_of(hdr, longer)

    assert cut["score"] is not None
    assert reasons(cut)["toneMapping"].endswith("pictures are measured as decoded, not tone-mapped.")
    assert "shot 2 is HDR (PQ): it is measured as decoded, not tone-mapped" in cut["findings"]


def test_transparency_is_told(zoo: Zoo) -> None:
    arguments = ["-vf", "format=yuva444p10le", "-c:v", "prores_ks", "-profile:v", "4", "-pix_fmt", "yuva444p10le"]

    cut = cut_of(zoo.clip("h264-b-frames"), zoo.make("alpha.mov", [*PICTURE, *arguments]))

    assert "shot 2 carries transparency: its colours are measured without it" in cut["findings"]


def test_identical_files_are_the_same_clip(zoo: Zoo, tmp_path: Path) -> None:
    copy = tmp_path / "copy.mp4"
    shutil.copy(zoo.clip("h264-b-frames"), copy)

    cut = cut_of(zoo.clip("h264-b-frames"), copy)

    assert cut["findings"][0] == "shot 1 and shot 2 are the same clip"
    assert cut["score"] == pytest.approx(1, abs=1e-3)


def test_a_picture_of_a_few_pixels_has_no_score_but_a_reason(zoo: Zoo) -> None:
    cut = cut_of(zoo.clip("h264-b-frames"), zoo.clip("h264-tiny"))

    assert (cut["score"], cut["bridge"]["kind"]) == (None, None)
    assert cut["reason"].startswith("The right shot cannot be compared, because its picture is less than")


def test_a_file_that_is_no_clip_is_refused_in_one_sentence(zoo: Zoo, tmp_path: Path) -> None:
    clip, picture, text = zoo.clip("h264-b-frames"), tmp_path / "still.png", tmp_path / "list.mp4"
    Image.new("RGB", (64, 48), "red").save(picture)
    text.write_text("#EXTM3U\nsecret.ts\n")
    sound = zoo.make("sound.mp4", ["-f", "lavfi", "-i", "sine=duration=0.2", "-c:a", "aac"])

    assert refusal(clip, picture) == "still.png is a still picture: give a clip (MP4, MOV, WebM, MKV, MPEG-TS or GIF)."
    assert refusal(clip, text) == "list.mp4 is not a clip: give an MP4, MOV, WebM, MKV, MPEG-TS or GIF file."
    assert refusal(sound, clip) == "sound.mp4 has no moving picture: give a clip with video."
    assert refusal(clip, tmp_path / "missing.mp4") == "There is no file missing.mp4: check the path."


def test_a_truncated_clip_is_refused(zoo: Zoo, tmp_path: Path) -> None:
    data = zoo.clip("h264-mkv").read_bytes()
    torn = tmp_path / "torn.mkv"
    torn.write_bytes(data[: len(data) // 2])

    assert "torn.mkv" in refusal(zoo.clip("h264-b-frames"), torn)


@pytest.mark.parametrize("content", ["{", "{}", '{"metric": "scene-score@0", "constant": 1, "coefficients": {}}'])
def test_weights_that_are_broken_or_of_another_version_are_refused(content: str, clips: Path, tmp_path: Path) -> None:
    weights = tmp_path / "weights.json"
    weights.write_text(content)

    assert "weights.json" in refusal(clips / "head.mp4", clips / "tail.mp4", "--weights", weights)


def test_a_sheet_that_cannot_be_written_is_refused(clips: Path, tmp_path: Path) -> None:
    sentence = refusal(clips / "head.mp4", clips / "tail.mp4", "--sheet", tmp_path / "missing" / "sheet.png")

    assert sentence.endswith("There is no such folder: check the path and its permissions.")


def split_in_the_middle(source: Path) -> tuple[list[Picture], list[Picture]]:
    """The twelve frames before the middle of a clip, and the twelve from there on."""
    count = len(reference(source).times)
    middle = count // 2
    frames = [frame.rgb for frame in sample_frames(source, [(middle + n + 0.5) / count for n in range(-12, 12)])]
    return frames[:12], frames[12:]


def split_rates(sources: Sequence[Path], folder: Path, tell: Callable[[str], object]) -> dict[str, int]:
    """Each clip split in its middle, the tail untouched and half a stop darker and warmer, all written as H.264 and reported.

    ``tell`` gets a line per clip; the result counts: bridged, both causes named, and nothing named of the untouched tail.
    """
    counts = dict.fromkeys(("bridged", "both named", "none named"), 0)
    for source in sources:
        before, after = split_in_the_middle(source)
        paths = {name: folder / f"{name}.mp4" for name in ("head", "untouched", "drifted")}
        tails = {"untouched": after, "drifted": [drifted(picture, DARKER_AND_WARMER) for picture in after]}
        for name, pictures in {"head": before, **tails}.items():
            paths[name].write_bytes(encoded(pictures, fps=24))
        found = {name: cut_of(paths["head"], paths[name]) for name in tails}
        named = {
            name: {cause["cause"]: round(cause["amount"], 2) for cause in cut["drift"]["causes"]} for name, cut in found.items()
        }
        bridge = found["drifted"]["bridge"]
        counts["bridged"] += bridge["kind"] == "bridged"
        counts["both named"] += {"exposure", "temperature"} <= set(named["drifted"])
        counts["none named"] += named["untouched"] == {}
        tell(
            f"{source.stem:<10} {bridge['kind']} {bridge['ncc']:.3f}  drifted {named['drifted']}  untouched {named['untouched']}"
        )
    return counts


@pytest.mark.soak
def test_split_clips_of_real_film_are_bridged_and_their_causes_named(tmp_path: Path) -> None:
    drawn = tmp_path / "drawn.mp4"
    drawn.write_bytes(encoded(pan(start=0, frames=24), fps=24))
    sources = [*REAL_CLIPS, drawn]

    counts = split_rates(sources, tmp_path, print)

    print(f"{len(sources)} clips:", counts)  # noqa: T201
    assert counts["none named"] == len(sources)
    assert counts["both named"] >= 0.95 * len(sources)
    assert counts["bridged"] >= 0.9 * len(sources)
