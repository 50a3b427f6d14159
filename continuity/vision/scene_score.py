"""Do two shots look like one scene? A number from 0 to 1 whose parts add up to it exactly.

A logistic model of four distances, every weight of which is at most 0: what differs more never counts as more alike. The
colours of shots of one scene come back in other proportions, so it is the overlap of their bins that is compared (Hellinger
distance), not how far colours would have to move. What the numbers of the model are and where they come from is in
``scene_score.json``.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from continuity.enums import Band
from continuity.vision.scene_features import ShotFeatures, Values, shot_features
from continuity.vision.scene_weights import METRIC, PARTS, SceneWeights, WeightsError, load_weights

__all__ = [
    "METRIC",
    "PARTS",
    "SCORE_POSITIONS",
    "SceneScore",
    "SceneWeights",
    "ShotFeatures",
    "WeightsError",
    "band_of",
    "distances",
    "load_weights",
    "scene_score",
    "shot_features",
]

SCORE_POSITIONS = (0.1, 0.3, 0.5, 0.7, 0.9)
MATCHES_FROM = 0.75
CHECK_FROM = 0.32
LARGEST_GRAIN_STEP = math.log(3)
GRAIN_FLOOR = 0.3
_FINEST = 2**20
"""Parts are multiples of 2^-20: small enough to be nothing, and sums of such numbers are exact in any order."""


@dataclass(frozen=True)
class SceneScore:
    """``score`` 0-1 and ``band``, None when ``reason`` says why; ``logit`` = the sum of ``parts`` (constant, colour, grain,
    texture, structure; all but the constant at most 0), exactly. A part that was not measured is 0 and in ``not_measured``
    (part -> reason). ``tone`` is shown beside, not summed: ``luma`` = mean distance of the luma quantiles (0-1),
    ``exposure`` = stops by which the right shot is brighter.
    """

    score: float | None
    band: Band | None
    logit: float | None
    parts: Mapping[str, float]
    tone: Mapping[str, float]
    metric: str
    not_measured: Mapping[str, str] = field(default_factory=dict)
    reason: str | None = None


def scene_score(left: ShotFeatures, right: ShotFeatures, weights: SceneWeights | None = None) -> SceneScore:
    """How much two shots look like one scene. ``weights``: None = the packaged ones. Symmetric but for the tone's sign."""
    weights = weights or load_weights()
    tone = {"luma": _mean_distance(left.luma, right.luma), "exposure": right.exposure - left.exposure}
    if reason := _reason(left, right):
        return SceneScore(None, None, None, {}, tone, weights.metric, _not_measured(left, right), reason)
    parts = weights.parts_of(distances(left, right))
    rounded = {part: round(value * _FINEST) / _FINEST for part, value in parts.items()}
    logit = sum(rounded.values())
    score = _logistic(logit)
    return SceneScore(score, band_of(score), logit, rounded, tone, weights.metric, _not_measured(left, right))


def distances(left: ShotFeatures, right: ShotFeatures) -> dict[str, float]:
    """Each distance of the model, at least 0; without ``noise`` when one of the two has none. Both need to be scorable."""
    found = {
        "histogram": hellinger(left.histogram, right.histogram),
        "gradient": float(np.nanmean(np.abs(left.gradients - right.gradients))),
        "orientation": hellinger(left.orientations, right.orientations),
    }
    if left.noise is not None and right.noise is not None:
        step = abs(math.log((left.noise + GRAIN_FLOOR) / (right.noise + GRAIN_FLOOR)))
        found["noise"] = min(step, LARGEST_GRAIN_STEP)
    return found


def band_of(score: float) -> Band:
    """matches from .75, check from .32, else jump."""
    if score >= MATCHES_FROM:
        return Band.MATCHES
    return Band.CHECK if score >= CHECK_FROM else Band.JUMP


def hellinger(shares: Values, others: Values) -> float:
    """Hellinger distance of two distributions, 0 (equal) to 1 (nothing in common)."""
    return math.sqrt(max(0.0, 1 - float(np.sqrt(shares.astype(np.float64) * others).sum())))


def _logistic(logit: float) -> float:
    """1 / (1 + e^-logit), without overflow."""
    share = math.exp(-abs(logit))
    return (1 if logit >= 0 else share) / (1 + share)


def _mean_distance(quantiles: Values, others: Values) -> float:
    return float(np.abs(quantiles - others).mean())


def _reason(left: ShotFeatures, right: ShotFeatures) -> str | None:
    """Why there is no score; None = there is one."""
    if left.reason and right.reason:
        return f"Neither shot can be compared: the left one because {left.reason}, the right one because {right.reason}."
    if reason := left.reason or right.reason:
        return f"The {'left' if left.reason else 'right'} shot cannot be compared, because {reason}."
    return None


def _not_measured(left: ShotFeatures, right: ShotFeatures) -> dict[str, str]:
    return {**right.not_measured, **left.not_measured}
