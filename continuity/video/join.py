"""Cutting clips together: by copying their packets where they are alike, after normalising them where they are not."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from continuity.video.errors import VideoDamaged
from continuity.video.material import Material, inspect
from continuity.video.normalise import form_of, normalise
from continuity.video.splice import CannotSplice, splice
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
    materials = [inspect(clip) for clip in clips]
    reason = reason_not_to_copy(materials)
    if reason is None:
        try:
            return _written(materials, target, "copy", "All clips are alike, so their frames were copied.")
        except CannotSplice as error:
            reason = str(error)
    with private_directory(beside=target) as workdir:
        return _written(normalised(materials, workdir), target, "normalised", reason)


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
        difference = materials[0].difference_from(material)
        if difference:
            return f"Clip {number} differs from the first in {difference}."
    return None


def _written(materials: Sequence[Material], target: Path, mode: Literal["copy", "normalised"], reason: str) -> JoinReport:
    with whole_file(target) as part:
        splice(materials, part)
        film = inspect(part)
        expected = sum(material.frame_count for material in materials)
        if film.frame_count != expected:
            raise VideoDamaged(f"The film has {film.frame_count} of {expected} frames: try again.")
    return JoinReport(mode, reason, film.frame_count, film.duration)
