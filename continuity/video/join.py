"""Cutting clips together: by copying their packets where they are alike, after normalising them where they are not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from continuity.video.errors import VideoDamaged
from continuity.video.material import Material, Parameters, Walk, difference, inspect
from continuity.video.normalise import form_of, normalise
from continuity.video.reading import decoded_alone, open_clip
from continuity.video.splice import CannotSplice, splice
from continuity.video.timing import shown_in_table
from continuity.video.tool import private_directory
from continuity.video.whole_file import whole_file


@dataclass(frozen=True)
class JoinReport:
    """``mode`` says how it was done and ``reason`` why, as a sentence; ``duration`` of the picture in seconds."""

    mode: Literal["copy", "normalised"]
    reason: str
    frame_count: int
    duration: Fraction


def join(clips: Sequence[Path], target: Path) -> JoinReport:
    """One clip after the other into ``target`` (MP4), every frame of each; the file appears only when whole.

    Normalised clips take the first one's displayed size (others are letterboxed) and rate. Raises the family of
    ``errors``, and ValueError for no clips.
    """
    if not clips:
        raise ValueError("A film needs at least one clip.")
    try:
        return _written(alike(clips), target, "copy", "All clips are alike, so their frames were copied.")
    except CannotSplice as error:
        materials = [inspect(clip) for clip in clips]
        reason = reason_not_to_copy(materials) or str(error)
    with private_directory(beside=target) as workdir:
        files = [material.path for material in normalised(materials, workdir)]
        return _written(opened(files), target, "normalised", reason)


def opened(clips: Iterable[Path]) -> Iterator[Walk]:
    """The clips one by one, each open until the next is asked for."""
    for clip in clips:
        with open_clip(clip) as source:
            yield Walk(source)


def alike(clips: Iterable[Path]) -> Iterator[Walk]:
    """As ``opened``, and CannotSplice as soon as one is not to be copied behind the first: by what it is before it is
    walked, by its packets afterwards."""
    first: Parameters = {}
    for number, walk in enumerate(opened(clips), start=1):
        first = first or walk.parameters
        if walk.foreign() or difference(first, walk.parameters):
            raise CannotSplice(f"Clip {number} is not like the first.")
        yield walk
        if walk.material().obstacle:
            raise CannotSplice(f"Clip {number} {walk.material().obstacle}.")


def normalised(materials: Sequence[Material], workdir: Path) -> list[Material]:
    """The clips in the form of the first, with sound if any has some, as new files in ``workdir``."""
    form = form_of(materials[0].facts, has_sound=any(material.facts.has_audio for material in materials))
    files = [workdir / f"{number:04}.mp4" for number in range(len(materials))]
    for material, file in zip(materials, files, strict=True):
        normalise(material.path, file, form)
    return [inspect(file) for file in files]


def reason_not_to_copy(materials: Sequence[Material]) -> str | None:
    """A sentence, or None when packets may be copied."""
    for number, material in enumerate(materials, start=1):
        if material.obstacle:
            return f"Clip {number} {material.obstacle}."
        name = difference(materials[0].parameters, material.parameters)
        if name:
            return f"Clip {number} differs from the first in {name}."
    return None


def _written(walks: Iterable[Walk], target: Path, mode: Literal["copy", "normalised"], reason: str) -> JoinReport:
    with whole_file(target) as part:
        materials = splice(walks, part)
        written, expected = _frames_in(part), sum(material.frame_count for material in materials)
        if written != expected:
            raise VideoDamaged(f"The film has {written} of {expected} frames: try again.")
    return JoinReport(mode, reason, written, sum((material.duration for material in materials), Fraction(0)))


def _frames_in(film: Path) -> int:
    """How many frames a film just written shows by its table, if its first one decodes and all their bytes are there."""
    size = film.stat().st_size
    with open_clip(film) as source:
        decoded_alone(source, next(source.media.demux(source.video)))
        lost = any(entry.pos + entry.size > size for entry in source.video.index_entries)
        return 0 if lost else shown_in_table(source) or 0
