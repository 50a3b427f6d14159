"""The grade: fitting it, and putting a 720p clip through it: ``python -m tests.bench.grade``. Exit 1 when a target is missed.

Fitting is everything between two decoded frames and the cube (shrinking, bridge check, fit, bake, guards), without the
.cube text, on one core; beside it the machine, a fixed piece of numpy, 50 ms where the target of 20 ms was set. A clip
through ``apply_lut`` (which also checks the clip and the result) stands beside ffmpeg's own plain ``lut3d`` with the same
cube, encoder and threads. What the cube costs per frame, RGB in and RGB out, as ffmpeg's ``bench`` filter reads it, stands
beside PyPI's color-matcher (mkl): neither decodes or encodes.
"""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import numpy as np
from color_matcher import ColorMatcher

from continuity.video.grade import IN_16_BITS, apply_lut
from continuity.video.tool import ffmpeg_binary
from continuity.vision.cube import cube_text
from continuity.vision.match import match_pictures
from tests.bench.scene_score import REFERENCE_MS, machine, milliseconds
from tests.grade_table import drifted
from tests.pictures import street

ROUNDS = 7
FRAMES = 48
FIT_TARGET_MS = 20.0
ENCODER = ["-c:v", "libx264", "-preset", "fast", "-crf", "16", "-pix_fmt", "yuv420p"]


def compare(name: str, ours: Callable[[], float], other: str, theirs: Callable[[], float], *, target: float) -> bool:
    """Both give milliseconds. Prints their medians, and of the ratios within each round; the first round warms up.

    ``target``: the most that ours may be of theirs.
    """
    measured = [(ours(), theirs()) for _ in range(ROUNDS + 1)][1:]
    mine, reference = (median(column) for column in zip(*measured, strict=True))
    ratio = median(one / two for one, two in measured)
    sys.stdout.write(
        f"{name:<36} ours {mine:8.2f} ms  {other:<20} {reference:8.2f} ms  ratio {ratio:6.3f}  target <= {target:g}  "
        f"{'ok' if ratio <= target else 'MISSED'}\n"
    )
    return ratio <= target


@contextlib.contextmanager
def one_core() -> Iterator[None]:
    """Where the system can (Linux)."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def make_clip(target: Path) -> Path:
    picture = f"testsrc2=size=1280x720:rate=24:duration={FRAMES / 24}"
    ffmpeg(["-f", "lavfi", "-i", picture, "-vf", "eq=contrast=0.7", "-c:v", "libx264", "-preset", "fast", str(target)])
    return target


def ffmpeg(arguments: list[str]) -> str:
    command = [ffmpeg_binary(), "-nostdin", "-hide_banner", "-v", "info", "-y", "-threads", "2", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stderr


def cube_milliseconds(clip: Path, lut: Path) -> float:
    """Mean time of our filter per frame, by ffmpeg's own clock around it."""
    chain = f"{IN_16_BITS},bench=start,lut3d=file={lut}:interp=tetrahedral,bench=stop"
    return 1000 * float(re.findall(r"avg:([\d.]+)", ffmpeg(["-i", str(clip), "-vf", chain, "-f", "null", "-"]))[-1])


def main() -> int:
    still = street(seed=1, height=720)
    darker = drifted(still[None])[0]
    pixels = np.stack([still] * 5).astype(np.float32)
    cube = match_pictures(darker, still).cube
    if cube is None:
        raise SystemExit("The two pictures of this bench were not matched.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip, lut, made = make_clip(folder / "clip.mp4"), folder / "grade.cube", folder / "made.mp4"
        lut.write_text(cube_text(cube, "bench"))
        plain = ["-i", str(clip), "-vf", f"lut3d=file={lut}:interp=tetrahedral", *ENCODER, str(folder / "plain.mp4")]
        with one_core():
            results = [
                compare(
                    "fit and bake, two 1280x720 frames",
                    lambda: milliseconds(lambda: match_pictures(darker, still)),
                    "machine",
                    lambda: milliseconds(lambda: machine(pixels)),
                    target=FIT_TARGET_MS / REFERENCE_MS,
                )
            ]
        results += [
            compare(
                f"{FRAMES} frames of 1280x720, encoded",
                lambda: milliseconds(lambda: apply_lut(clip, cube, made)),
                "ffmpeg lut3d",
                lambda: milliseconds(lambda: ffmpeg(plain)),
                target=1.3,
            ),
            compare(
                "the cube on a 1280x720 frame",
                lambda: cube_milliseconds(clip, lut),
                "color-matcher mkl",
                lambda: milliseconds(lambda: ColorMatcher().transfer(src=darker, ref=still, method="mkl")),
                target=1 / 20,
            ),
        ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
