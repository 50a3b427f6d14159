"""The numbers of a style that have a word: their units, their cut points, and how sure the word is.

Cut points as measured on film shots in OKLab. Within one shot 13-42 % of such words flip between two frames, so the
number is the truth, the word a reading of it, and its confidence says how near the edge it lies.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev


@dataclass(frozen=True)
class Scale:
    """``words`` in rising order, ``edges`` between them (a number on an edge takes the upper word), ``unit`` of the
    number, ``resolution`` = the standard deviation below which two readings count as equal."""

    unit: str
    edges: tuple[float, ...]
    words: tuple[str, ...]
    resolution: float


SCALES: Mapping[str, Scale] = {
    # Warm begins above .02, so that .02 itself is neutral.
    "colour.temperature": Scale("oklab-b", (-0.01, math.nextafter(0.02, 1)), ("cool", "neutral", "warm"), 0.002),
    "colour.saturation": Scale("oklab-chroma", (0.04, 0.09), ("muted", "natural", "vibrant"), 0.002),
    "colour.contrast": Scale("oklab-lightness-p95-p5", (0.40, 0.65), ("low", "medium", "high"), 0.005),
    "lighting.intensity": Scale("oklab-lightness", (0.40, 0.65), ("dim", "moderate", "bright"), 0.005),
    "technical.grainLevel": Scale("sigma-8bit-360p", (0.8, 2.5, 6.0), ("none", "light", "moderate", "heavy"), 0.05),
}


def category_of(key: str, number: float) -> str:
    """The word of a number; ``key`` as in SCALES."""
    scale = SCALES[key]
    return scale.words[bisect_right(scale.edges, number)]


def category_confidence(key: str, numbers: Sequence[float]) -> float | None:
    """Chance that another frame of the shot gets the word of the mean: 0-1; None when there is one frame only.

    The frames' numbers are taken for a normal distribution with their mean and standard deviation (at least the
    resolution of the scale); the confidence is its share between the edges of the word.
    """
    if len(numbers) < 2:
        return None
    scale, mean = SCALES[key], round(fmean(numbers), 4)
    spread = max(stdev(numbers), scale.resolution)
    place = bisect_right(scale.edges, mean)
    below = _normal_share((scale.edges[place - 1] - mean) / spread) if place > 0 else 0.0
    above = 1 - _normal_share((scale.edges[place] - mean) / spread) if place < len(scale.edges) else 0.0
    return round(1 - below - above, 3)


def _normal_share(deviations: float) -> float:
    """Share of a standard normal distribution below ``deviations``."""
    return (1 + math.erf(deviations / math.sqrt(2))) / 2
