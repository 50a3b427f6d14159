"""The scene score's own time: ``python -m tests.bench.scene_score``. Decoding is left out; one core.

Beside it, in turns, the machine: a fixed piece of numpy on as many pixels as the five frames have, which takes 50 ms
where the targets (200 ms for the features of a shot, 5 ms for a pair) were set. So the ratios decide, on any machine.
"""

import os
import sys
import time
from collections.abc import Callable
from statistics import median

import numpy as np

from continuity.vision.scene_score import scene_score, shot_features
from tests.pictures import street

ROUNDS = 9
FRAMES = 5
REFERENCE_MS = 50.0
TARGETS_MS = {"features": 200.0, "pair": 5.0}


def machine(pixels: np.ndarray) -> float:
    """Six rounds of square roots and a sum over float32 frames."""
    total = 0.0
    for _ in range(6):
        total += float(np.sqrt(pixels).sum())
    return total


def milliseconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return 1000 * (time.perf_counter() - start)


def report(name: str, ours: Callable[[], object], reference: Callable[[], object], *, target_ms: float) -> bool:
    """Prints the medians of both, and of the ratios within each round; the round that warms up both is left out."""
    measured = [(milliseconds(ours), milliseconds(reference)) for _ in range(ROUNDS + 1)][1:]
    mine, machines = (median(column) for column in zip(*measured, strict=True))
    ratio, target = median(one / other for one, other in measured), target_ms / REFERENCE_MS
    verdict = "ok" if ratio <= target else "MISSED"
    sys.stdout.write(
        f"{name:<38} ours {mine:8.2f} ms  machine {machines:6.1f} ms  ratio {ratio:6.3f}  target <= {target:g} "
        f"({target_ms:g} ms where the machine takes {REFERENCE_MS:g})  {verdict}\n"
    )
    return ratio <= target


def keep_to_one_core() -> None:
    """Where the system can (Linux); elsewhere numpy's few matrix products may use more."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def main() -> int:
    keep_to_one_core()
    frames = [street(seed=1, height=720, shift=0.02 * index) for index in range(FRAMES)]
    pixels = np.stack(frames).astype(np.float32)
    one, other = shot_features(frames), shot_features([street(seed=2, height=720)])

    def reference() -> float:
        return machine(pixels)

    met = [
        report("features of 5 frames of 1280x720", lambda: shot_features(frames), reference, target_ms=TARGETS_MS["features"]),
        report("score of a pair", lambda: scene_score(one, other), reference, target_ms=TARGETS_MS["pair"]),
    ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
