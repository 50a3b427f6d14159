"""``manage.py match_grade``: what it writes, what it leaves alone, what it refuses, and that each has its own exit code."""

import json
import subprocess
import sys
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from continuity.video.frames import last_frame
from continuity.vision.cube import apply_cube, read_cube
from tests.clips import reference, run_reference
from tests.environment import ROOT
from tests.grade_table import drifted, encoded, far_delta_e, table
from tests.pictures import street

REAL_CLIPS = sorted((ROOT.parent / "shared" / "footage" / "clips").glob("*.mp4"))
KEYS = ["applied", "deltaEBefore", "deltaEAfter", "strength", "guards", "reason", "ncc"]
GUARDS = ["foldedCells", "extraClipping", "neutralSlopeLow", "neutralSlopeHigh"]


@dataclass(frozen=True)
class Split:
    """A pan along a street cut in two, and its second half in other grades.

    ``truth``: the last frame as it was filmed; ``far``: the same in the tail's grade, before it was encoded. ``dark`` is two
    and a half stops darker; ``other`` is another street.
    """

    head: Path
    tail: Path
    untouched: Path
    dark: Path
    other: Path
    far: np.ndarray
    truth: np.ndarray


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Split:
    folder = tmp_path_factory.mktemp("split")
    frames, other = (pan(seed) for seed in (1, 9))
    return Split(
        encoded(frames[:6], folder / "head.mp4"),
        encoded(drifted(frames[6:]), folder / "tail.mp4"),
        encoded(frames[6:], folder / "untouched.mp4"),
        encoded(drifted(frames[6:], stops=-2.5, warmth=0), folder / "dark.mp4"),
        encoded(other, folder / "other.mp4"),
        drifted(frames[-1:])[0],
        frames[-1],
    )


def pan(seed: int, frame_count: int = 14) -> np.ndarray:
    return np.stack([street(seed=seed, height=180, grain=0, shift=0.008 * number) for number in range(frame_count)])


@dataclass(frozen=True)
class Places:
    folder: Path

    @property
    def cube(self) -> Path:
        return self.folder / "grade.cube"

    @property
    def out(self) -> Path:
        return self.folder / "graded.mp4"

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def places(tmp_path: Path) -> Places:
    (tmp_path / "results").mkdir()
    return Places(tmp_path / "results")


def graded_far(split: Split, places: Places) -> np.ndarray:
    return apply_cube(split.far, read_cube(places.cube.read_text(encoding="utf-8")))


def run(previous: Path, clip: Path, *arguments: object) -> str:
    printed = StringIO()
    named = ["--previous", str(previous), "--clip", str(clip), *map(str, arguments)]
    call_command("match_grade", *named, stdout=printed)
    return printed.getvalue()


def refused(previous: Path, clip: Path, *arguments: object) -> tuple[CommandError, str]:
    printed = StringIO()
    named = ["--previous", str(previous), "--clip", str(clip), *map(str, arguments)]
    with pytest.raises(CommandError) as refusal:
        call_command("match_grade", *named, stdout=printed)
    return refusal.value, printed.getvalue()


def test_drift_is_undone_on_the_far_frame_in_rgb_and_in_the_file(split: Split, places: Places) -> None:
    report = json.loads(run(split.head, split.tail, "--cube", places.cube, "--out", places.out, "--json"))

    assert list(report) == KEYS
    assert list(report["guards"]) == GUARDS
    assert (report["applied"], report["strength"], report["reason"]) == (True, 1.0, None)
    assert report["ncc"] >= 0.97
    assert report["deltaEAfter"] < 0.3 < 3 < report["deltaEBefore"]
    assert far_delta_e(split.far, split.truth) > 3
    assert far_delta_e(graded_far(split, places), split.truth) <= 1.0
    assert far_delta_e(last_frame(places.out).rgb, split.truth) <= 1.5
    assert reference(places.out).times == reference(split.tail).times
    assert places.names() == ["grade.cube", "graded.mp4"]


def test_without_a_place_for_the_clip_only_the_cube_is_written(split: Split, places: Places) -> None:
    sentence = run(split.head, split.tail, "--cube", places.cube)

    assert sentence.startswith("ΔE ")
    assert "(strength 1, NCC 0.99" in sentence or "(strength 1, NCC 1.00" in sentence
    assert places.names() == ["grade.cube"]


def test_untouched_split_is_left_alone_and_nothing_is_encoded_again(split: Split, places: Places) -> None:
    report = json.loads(run(split.head, split.untouched, "--cube", places.cube, "--out", places.out, "--json"))

    assert list(report) == KEYS
    assert (report["applied"], report["strength"], report["guards"]) == (False, 0.0, {})
    assert report["deltaEBefore"] == report["deltaEAfter"] < 1
    assert report["reason"].endswith("nothing needs doing. Nothing is encoded again and no file is written.")
    assert places.names() == []


def test_two_different_shots_are_refused_with_exit_code_3(split: Split, places: Places) -> None:
    error, printed = refused(split.head, split.other, "--cube", places.cube, "--out", places.out, "--json")

    report = json.loads(printed)
    assert error.returncode == 3
    assert str(error) == "These two shots do not share content: a grade fitted from them would make it worse."
    assert list(report) == KEYS
    assert (report["applied"], report["reason"], report["strength"]) == (False, str(error), 0.0)
    assert (report["deltaEBefore"], report["deltaEAfter"]) == (None, None)
    assert places.names() == []


def test_grade_over_the_cap_is_refused_with_exit_code_3(split: Split, places: Places) -> None:
    error, printed = refused(split.head, split.dark, "--cube", places.cube, "--json")

    assert error.returncode == 3
    assert str(error).endswith("apart, more than 12: generate the shot again instead.")
    assert json.loads(printed)["deltaEBefore"] > 12
    assert places.names() == []


def test_refusal_is_a_process_that_ends_with_3_and_one_sentence(split: Split, places: Places) -> None:
    command = [sys.executable, "manage.py", "match_grade", "--previous", str(split.head), "--clip", str(split.other)]

    done = subprocess.run([*command, "--cube", str(places.cube)], cwd=ROOT, capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (3, "Refused.\n")
    assert done.stderr == "CommandError: These two shots do not share content: a grade fitted from them would make it worse.\n"


@pytest.mark.parametrize("content", [b"", b"#EXTM3U\nsecret.ts\n", b"\x00\x00\x00\x18ftypisom" + bytes(200)])
def test_bad_input_is_one_sentence_and_exit_code_2(content: bytes, split: Split, places: Places, tmp_path: Path) -> None:
    bad = tmp_path / "clip.mp4"
    bad.write_bytes(content)

    for previous, clip in ((bad, split.tail), (split.head, bad)):
        error, printed = refused(previous, clip, "--cube", places.cube, "--out", places.out, "--json")
        assert (error.returncode, printed) == (2, "")
        assert "\n" not in str(error)
    assert places.names() == []


def test_missing_clip_and_missing_folder_are_one_sentence_and_exit_code_2(split: Split, places: Places) -> None:
    gone = places.folder / "gone"

    errors = [
        refused(gone, split.tail, "--cube", places.cube)[0],
        refused(split.head, split.tail, "--cube", gone / "grade.cube", "--out", places.out)[0],
        refused(split.head, split.tail, "--cube", places.cube, "--out", gone / "graded.mp4")[0],
    ]

    assert [error.returncode for error in errors] == [2, 2, 2]
    assert ["check the path" in str(error) for error in errors] == [True, True, True]
    assert places.names() == []


def test_hdr_is_one_sentence_and_exit_code_2(split: Split, places: Places, tmp_path: Path) -> None:
    hdr = tmp_path / "hdr.mp4"
    tags = "setparams=colorspace=bt2020nc:color_primaries=bt2020:color_trc=smpte2084"
    run_reference(["-i", str(split.tail), "-vf", tags, "-c:v", "libx264", "-pix_fmt", "yuv420p10le", str(hdr)])

    for previous, clip in ((hdr, split.tail), (split.head, hdr)):
        error, _ = refused(previous, clip, "--cube", places.cube)
        assert (error.returncode, str(error)[:21]) == (2, "hdr.mp4 is HDR (PQ), ")
    assert places.names() == []


@pytest.mark.parametrize("code", ["black", "white"])
def test_plain_frames_are_refused_because_there_is_nothing_to_compare(
    code: str, split: Split, places: Places, tmp_path: Path
) -> None:
    plain = tmp_path / "plain.mp4"
    run_reference(["-f", "lavfi", "-i", f"color={code}:size=320x180:rate=24:duration=0.2", str(plain)])

    error, _ = refused(split.head, plain, "--cube", places.cube)

    assert error.returncode == 3
    assert "of one tone" in str(error)


def test_no_clip_is_written_over(split: Split, places: Places) -> None:
    before = split.tail.read_bytes()
    link = places.folder / "link.mp4"
    link.symlink_to(split.tail)

    named_twice = [
        ["--cube", places.cube, "--out", split.tail],
        ["--cube", places.cube, "--out", link],
        ["--cube", split.head],
        ["--cube", places.cube, "--out", places.cube],
    ]
    errors = [refused(split.head, split.tail, *arguments)[0] for arguments in named_twice]

    assert [error.returncode for error in errors] == [2, 2, 2, 2]
    assert [str(error).endswith("is named twice: write to a file of its own.") for error in errors] == [True] * 4
    assert split.tail.read_bytes() == before


def test_older_results_stay_when_the_clip_cannot_be_graded(split: Split, places: Places, tmp_path: Path) -> None:
    whole = split.tail.read_bytes()
    holed = tmp_path / "holed.mp4"
    middle = whole.index(b"mdat") + (len(whole) - whole.index(b"mdat")) * 3 // 4
    holed.write_bytes(whole[:middle] + bytes(400) + whole[middle + 400 :])
    places.cube.write_text("older")

    error, _ = refused(split.head, holed, "--cube", places.cube, "--out", places.out)

    assert error.returncode == 2
    assert places.cube.read_text() == "older"
    assert places.names() == ["grade.cube"]


def test_sizes_and_shapes_may_differ(split: Split, places: Places, tmp_path: Path) -> None:
    small = tmp_path / "small.mp4"
    run_reference(["-i", str(split.tail), "-vf", "crop=180:180,scale=120:120", "-c:v", "libx264", "-crf", "12", str(small)])

    report = json.loads(run(split.head, small, "--cube", places.cube, "--json"))

    assert report["applied"]
    assert far_delta_e(graded_far(split, places), split.truth) <= 1.0


def test_one_frame_clips_are_enough(split: Split, places: Places, tmp_path: Path) -> None:
    single = tmp_path / "single.mp4"
    run_reference(["-i", str(split.tail), "-frames:v", "1", "-c:v", "libx264", "-crf", "12", str(single)])

    report = json.loads(run(split.head, single, "--cube", places.cube, "--out", places.out, "--json"))

    assert report["applied"]
    assert len(reference(places.out).times) == 1


@pytest.mark.soak
@pytest.mark.parametrize("at", [0.5, 0.25])
def test_table_of_clips_split_at_a_frame(at: float, split: Split, tmp_path: Path) -> None:
    """All real clips beside the checkout, where there are any, and two of our own in any case."""
    made = [encoded(pan(seed, 20), tmp_path / f"street-{seed}.mp4") for seed in (1, 9)]
    sys.stdout.write("\n")

    rows = table([*made, *REAL_CLIPS], at=at)

    assert [str(row) for row in rows if not row.is_good] == []
    assert sum(row.figures is not None for row in rows) >= 0.9 * len(rows)
