"""Grade matching on clips of one's own: ``python -m tests.grade_table CLIP.mp4 …`` prints a table, exit 1 when a row misses.

Each clip is split at a frame into two shots; the second is made half a stop darker and warmer in linear light and encoded.
``manage.py match_grade`` fits on the cut; judged is the *far* frame, the last one of the second shot, against the true one:
CIEDE2000 averaged over its pixels.

    before    as it came out of the drifted file
    in RGB    the drifted pixels, never encoded, through the cube: what the match itself leaves
    decoded   the drifted file's pixels through the cube, (floor) beside it: the same file without drift and cube
    in file   the graded file, (floor) beside it: the same two files without drift and with a cube that changes nothing
"""

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from continuity.management.commands.match_grade import match_grade
from continuity.video.frames import last_frame
from continuity.video.grade import apply_lut
from continuity.video.tool import encode_stream
from continuity.vision.bridge import BRIDGED_WITH_MOTION_FROM
from continuity.vision.colour import linear_of_srgb, srgb_of_linear
from continuity.vision.cube import apply_cube, identity_cube, read_cube
from continuity.vision.delta_e import cielab_of_rgb, delta_e_2000
from tests.clips import reference

MOST_IN_RGB = 1.0
MOST_IN_FILE = 1.5
HEADER = "clip                split    ncc strength  before  in RGB   decoded (floor)   in file (floor)  untouched  other shot"


@dataclass(frozen=True)
class Figures:
    """Mean ΔE2000 of the far frame at the three places the module's text names, with the codec's floor of the last two."""

    in_rgb: float
    decoded: float
    decoded_floor: float
    in_file: float
    file_floor: float


@dataclass(frozen=True)
class Row:
    """``figures`` None = refused, because the two frames at the cut share too little (``ncc``). ``is_left_alone``: nothing is
    written for the same split without drift; ``is_refused``: nor for another shot, which is refused (None = none to try)."""

    name: str
    split: int
    ncc: float
    strength: float
    before: float
    figures: Figures | None
    is_left_alone: bool
    is_refused: bool | None

    @property
    def is_good(self) -> bool:
        if not self.is_left_alone or self.is_refused is False:
            return False
        if self.figures is None:
            return self.ncc < BRIDGED_WITH_MOTION_FROM
        return self.figures.in_rgb <= MOST_IN_RGB and self.figures.in_file <= MOST_IN_FILE

    def __str__(self) -> str:
        end = f"{'left alone' if self.is_left_alone else 'CHANGED':>10} {REFUSAL[self.is_refused]:>11}"
        verdict = "MISSED" if not self.is_good else "ok" if self.figures else "refused"
        begin = f"{self.name[:18]:<18} {self.split:>6} {self.ncc:6.3f} {self.strength:8.2f} {self.before:7.2f}"
        return f"{begin} {_figures(self.figures)} {end}  {verdict}"


REFUSAL = {True: "refused", False: "GRADED", None: "-"}


def _figures(figures: Figures | None) -> str:
    if figures is None:
        return f"{'-':>7} {'-':>17} {'-':>17}"
    decoded = f"{figures.decoded:.2f} ({figures.decoded_floor:.2f})"
    return f"{figures.in_rgb:7.2f} {decoded:>17} {f'{figures.in_file:.2f} ({figures.file_floor:.2f})':>17}"


def drifted(frames: NDArray[np.uint8], *, stops: float = -0.5, warmth: float = 0.3) -> NDArray[np.uint8]:
    """Gain in linear light; ``warmth`` is log2 red/blue."""
    gains = 2**stops * np.array([2 ** (warmth / 2), 1, 2 ** (-warmth / 2)])
    codes = srgb_of_linear(np.clip(linear_of_srgb(np.arange(256) / 255)[:, None] * gains, 0, 1))
    table = np.rint(codes * 255).astype(np.uint8)
    return np.stack([table[:, channel][frames[..., channel]] for channel in range(3)], axis=-1)


def encoded(frames: NDArray[np.uint8], target: Path) -> Path:
    height, width = frames.shape[1:3]
    with encode_stream(target, width=width, height=height, fps=24) as sink:
        for frame in frames:
            sink.write(np.ascontiguousarray(frame))
    return target


def far_delta_e(picture: NDArray[np.uint8], truth: NDArray[np.uint8]) -> float:
    return float(delta_e_2000(cielab_of_rgb(picture), cielab_of_rgb(truth)).mean())


def measure(clip: Path, folder: Path, *, at: float = 0.5, other: Path | None = None) -> Row:
    """One row. ``at``: where to split, as a share of the frames; ``other``: a different shot, which must be refused."""
    frames = reference(clip).rgb
    frames = frames[:, : frames.shape[1] // 2 * 2, : frames.shape[2] // 2 * 2]
    split = max(1, min(int(len(frames) * at), len(frames) - 2))
    changed = drifted(frames[split:])
    head, tail = encoded(frames[:split], folder / "head.mp4"), encoded(changed, folder / "tail.mp4")
    untouched = encoded(frames[split:], folder / "untouched.mp4")
    report, _ = match_grade(head, tail, cube=folder / "grade.cube", out=folder / "graded.mp4")
    return Row(
        clip.stem,
        split,
        report["ncc"] or 0.0,
        report["strength"],
        far_delta_e(last_frame(tail).rgb, frames[-1]),
        far_figures(changed[-1], frames[-1], folder) if report["applied"] else None,
        _writes_nothing(head, untouched, folder),
        None if other is None else _writes_nothing(head, other, folder, is_refused=True),
    )


def far_figures(changed: NDArray[np.uint8], truth: NDArray[np.uint8], folder: Path) -> Figures:
    cube = read_cube((folder / "grade.cube").read_text(encoding="utf-8"))
    apply_lut(folder / "untouched.mp4", identity_cube(), folder / "identity.mp4")
    pictures = [
        apply_cube(changed, cube),
        apply_cube(last_frame(folder / "tail.mp4").rgb, cube),
        *(last_frame(folder / name).rgb for name in ("untouched.mp4", "graded.mp4", "identity.mp4")),
    ]
    return Figures(*(far_delta_e(picture, truth) for picture in pictures))


def _writes_nothing(previous: Path, clip: Path, folder: Path, *, is_refused: bool = False) -> bool:
    """Whether nothing is applied and no file appears; with ``is_refused``, because of a refusal."""
    cube, graded = folder / "nothing.cube", folder / "nothing.mp4"
    report, refusal = match_grade(previous, clip, cube=cube, out=graded)
    is_empty = not report["applied"] and not cube.exists() and not graded.exists()
    return is_empty and (refusal is not None or not is_refused)


def table(clips: Sequence[Path], *, at: float = 0.5) -> list[Row]:
    """Prints a row per clip as it is measured; each is also tried against the next clip, which must be refused."""
    sys.stdout.write(f"{HEADER}\n")
    rows = []
    for clip, other in zip(clips, [*clips[1:], clips[0]], strict=True):
        with tempfile.TemporaryDirectory() as name:
            rows.append(measure(clip, Path(name), at=at, other=None if other == clip else other))
        reference.cache_clear()
        sys.stdout.write(f"{rows[-1]}\n")
        sys.stdout.flush()
    return rows


def main(arguments: Sequence[str]) -> int:
    if not arguments:
        sys.stderr.write("Name the clips: python -m tests.grade_table CLIP.mp4 …\n")
        return 2
    return 0 if all(row.is_good for row in table([Path(name) for name in arguments])) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
