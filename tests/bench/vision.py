"""The palette against colorthief, on one 1080p picture in one run: ``python -m tests.bench.vision``.

Both get the decoded picture; our time includes bringing it down to 192 px width, colorthief's its own sampling of every
tenth pixel. Ours must be ten times faster, and its six colours must lie nearer to the picture's own.
"""

import io
import sys
import time
from collections.abc import Callable
from statistics import median

import numpy as np
from colorthief import ColorThief
from PIL import Image

from continuity.vision.colour import oklab_of_rgb
from continuity.vision.palette import CLUSTERS, cluster, measure_palette, pixels_of

ROUNDS = 7
SPEED_TARGET = 10.0
DISTANCE_TARGET = 1.0


def evening_street(seed: int = 4) -> np.ndarray:
    """A picture like a shot, 1920x1080: shaded sky, dark houses with lit windows, a wet ground, neon, grain."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[:1080, :1920].astype(np.float32)
    picture = np.stack([30 + rows / 12, 34 + rows / 16, 70 + rows / 22], axis=-1)
    for _ in range(60):
        left, top, tone = random.integers(0, 1800), random.integers(200, 700), random.uniform(0.2, 0.8)
        picture[top:820, left : left + random.integers(40, 220)] = np.array([60, 52, 66]) * tone
    for _ in range(500):
        top, left = random.integers(220, 800), random.integers(0, 1900)
        picture[top : top + 14, left : left + 9] = random.choice([[250, 190, 90], [255, 60, 150], [70, 210, 230]])
    glow = np.exp(-((columns - 1300) ** 2 + (rows - 500) ** 2) / 90_000)[..., None]
    picture = picture + glow * np.array([190, 40, 110])
    picture[820:] = picture[819:559:-1] * 0.6
    return np.clip(picture + random.normal(0, 4, (1080, 1920, 1)), 0, 255).astype(np.uint8)


def colorthief_palette(picture: Image.Image) -> list[tuple[int, int, int]]:
    thief = ColorThief.__new__(ColorThief)
    thief.image = picture
    return thief.get_palette(color_count=CLUSTERS, quality=10)


def mean_distance(pixels: np.ndarray, colours: np.ndarray) -> float:
    """Mean OKLab distance of the pixels to the nearest of the colours, times 100."""
    distances = np.stack([np.linalg.norm(pixels - colour, axis=1) for colour in colours])
    return 100 * float(distances.min(axis=0).mean())


def interleaved(ours: Callable[[], object], reference: Callable[[], object]) -> tuple[float, float]:
    """Median milliseconds of both, measured in turns."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for run, spent in zip((ours, reference), times, strict=True):
            start = time.perf_counter()
            run()
            spent.append(1000 * (time.perf_counter() - start))
    return median(times[0]), median(times[1])


def row(name: str, *, ours: float, reference: float, target: float, unit: str) -> bool:
    """Prints both sides; ``ratio`` is how many times ours is better than the reference."""
    ratio = reference / ours
    good = ratio >= target
    sys.stdout.write(
        f"{name:<34} ours {ours:8.2f} {unit:<6} colorthief {reference:8.2f} {unit:<6} "
        f"ratio {ratio:6.2f}  target >= {target:g}  {'ok' if good else 'MISSED'}\n"
    )
    return good


def main() -> int:
    picture = evening_street()
    # Decoded once for both; colorthief itself only takes a file, so the file is read before its clock starts.
    loaded = Image.open(io.BytesIO(_png(picture)))
    loaded.load()
    milliseconds = interleaved(lambda: measure_palette([picture]), lambda: colorthief_palette(loaded))
    pixels = pixels_of(picture)
    theirs = oklab_of_rgb(np.array(colorthief_palette(loaded), dtype=np.uint8))
    distances = (mean_distance(pixels, cluster(pixels).centres), mean_distance(pixels, theirs))
    results = [
        row("palette of 1920x1080", ours=milliseconds[0], reference=milliseconds[1], target=SPEED_TARGET, unit="ms"),
        row("mean distance to six colours", ours=distances[0], reference=distances[1], target=DISTANCE_TARGET, unit="OKLab%"),
    ]
    return 0 if all(results) else 1


def _png(picture: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, format="PNG", compress_level=1)
    return file.getvalue()


if __name__ == "__main__":
    sys.exit(main())
