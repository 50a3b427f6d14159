"""Shots and pairs of shots labelled by a person, as two CSV files: what the scene score is fitted to and judged on.

``SHOTS.csv`` has the columns film, shot, clip (a path relative to the file); ``PAIRS.csv`` has film_a, shot_a, film_b,
shot_b, same_scene (1 or 0). Further columns are ignored.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from continuity.video.frames import sample_frames
from continuity.vision.errors import VisionError
from continuity.vision.scale import Picture
from continuity.vision.scene_evaluation import PairKind
from continuity.vision.scene_score import SCORE_POSITIONS

ShotKey = tuple[str, str]
"""(film, shot)."""
Progress = Callable[[int, int], None]
"""Told (shots done, shots in all)."""

SHOT_COLUMNS = ("film", "shot", "clip")
PAIR_COLUMNS = ("film_a", "shot_a", "film_b", "shot_b", "same_scene")


class SupportsWrite(Protocol):
    """A text stream, as far as it is needed here."""

    def write(self, text: str, /) -> object: ...


class LabelsError(VisionError):
    """A CSV file of labels that cannot be used; the sentence names the file and the line."""

    code = "labels"


@dataclass(frozen=True)
class LabelledPair:
    """Two shots, and whether a person calls them one scene."""

    left: ShotKey
    right: ShotKey
    is_same_scene: bool

    @property
    def kind(self) -> PairKind:
        if self.is_same_scene:
            return PairKind.SAME
        return PairKind.HARD if self.left[0] == self.right[0] else PairKind.CROSS


@dataclass(frozen=True)
class LabelledShots:
    """``clips`` of all shots by (film, shot), and the pairs, in the order of the file."""

    clips: Mapping[ShotKey, Path]
    pairs: Sequence[LabelledPair]

    def pictures(self, on_progress: Progress) -> Iterator[tuple[ShotKey, list[Picture]]]:
        """The frames at SCORE_POSITIONS (doubles left out) of every shot that a pair names, one shot at a time.

        Raises VideoError for a clip that cannot be read.
        """
        named = sorted({key for pair in self.pairs for key in (pair.left, pair.right)})
        for count, key in enumerate(named, start=1):
            frames = {frame.index: frame.rgb for frame in sample_frames(self.clips[key], SCORE_POSITIONS)}
            yield key, list(frames.values())
            on_progress(count, len(named))


def read_labelled_shots(shots: Path, pairs: Path) -> LabelledShots:
    """Both files. Raises LabelsError for the first row that does not hold, OSError for a file that is not there."""
    clips: dict[ShotKey, Path] = {}
    for where, row in _rows(shots, SHOT_COLUMNS):
        key, clip = (row["film"], row["shot"]), shots.parent / row["clip"]
        if key in clips:
            raise LabelsError(f"{where}: shot {key[1]} of {key[0]} is there twice: name each shot once.")
        if not clip.is_file():
            raise LabelsError(f"{where}: there is no clip {row['clip']}: give its path relative to {shots.name}.")
        clips[key] = clip
    found = [_pair(where, row, clips, shots.name) for where, row in _rows(pairs, PAIR_COLUMNS)]
    if not found:
        raise LabelsError(f"{pairs.name} holds no pair: give at least one.")
    return LabelledShots(clips, found)


def progress_on(stream: SupportsWrite) -> Progress:
    """Writes one line now and then, so that long work is seen to go on: at every tenth shot and at the last."""

    def on_progress(done: int, total: int) -> None:
        if done % 10 == 0 or done == total:
            stream.write(f"measured {done} of {total} shots\n")

    return on_progress


def _pair(where: str, row: Mapping[str, str], clips: Mapping[ShotKey, Path], shots: str) -> LabelledPair:
    left, right = (row["film_a"], row["shot_a"]), (row["film_b"], row["shot_b"])
    for film, shot in (left, right):
        if (film, shot) not in clips:
            raise LabelsError(f"{where}: {shots} knows no shot {shot} of {film}: add it there, or leave this pair out.")
    if left == right:
        raise LabelsError(f"{where}: a shot is paired with itself: name two.")
    if row["same_scene"] not in ("0", "1"):
        raise LabelsError(f"{where}: same_scene is “{row['same_scene'][:20]}”: write 1 for one scene and 0 for two.")
    return LabelledPair(left, right, row["same_scene"] == "1")


def _rows(file: Path, columns: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """("FILE, line N", the row's values of ``columns``, stripped)."""
    with file.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.DictReader(text, strict=True)
        try:
            _check_header(file, reader.fieldnames or (), columns)
            for row in reader:
                where = f"{file.name}, line {reader.line_num}"
                values = {column: (row[column] or "").strip() for column in columns}
                if empty := [column for column, value in values.items() if not value]:
                    raise LabelsError(f"{where}: nothing is written under {', '.join(empty)}: fill it in.")
                yield where, values
        except (csv.Error, UnicodeDecodeError) as error:
            raise LabelsError(f"{file.name}, line {reader.line_num + 1}: this is not CSV in UTF-8 ({error}).") from error


def _check_header(file: Path, header: Iterable[str], columns: Sequence[str]) -> None:
    names = set(header)
    if missing := [column for column in columns if column not in names]:
        raise LabelsError(f"{file.name}, line 1: there is no column {', '.join(missing)}: its first line must name the columns.")
