"""Does a scene's look walk away from its base? The numbers of its shots in order, their trend, and when to say so."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from continuity.enums import Band

FEWEST_FOR_A_TREND = 3
"""Through two points goes a line whatever they are."""


@dataclass(frozen=True)
class DriftPoint:
    """One shot of the ledger. Scores 0-1, ``band`` that of the cut to the previous shot, ``delta_e_to_base`` ΔE2000 of the
    grade against the base, at least 0; None = not measured. ``is_overridden``: a person asked for this shot to differ, so
    it is shown, and counts neither for the trend nor for the limit.

    ValueError for a number that is none of those.
    """

    number: int
    label: str
    score_to_previous: float | None = None
    score_to_base: float | None = None
    delta_e_to_base: float | None = None
    is_overridden: bool = False
    band: Band | None = None

    def __post_init__(self) -> None:
        for score in (self.score_to_previous, self.score_to_base):
            if score is not None and not 0 <= score <= 1:
                raise ValueError(f"A score is from 0 to 1, not {score}: give None where it was not measured.")
        delta_e = self.delta_e_to_base
        if delta_e is not None and not 0 <= delta_e < math.inf:
            raise ValueError(f"A difference is zero or more, not {delta_e}: give None where it was not measured.")


@dataclass(frozen=True)
class DriftTrend:
    """The straight line ``height + slope · number`` in ΔE2000, from shot ``first`` to shot ``last``."""

    slope: float
    height: float
    first: int
    last: int

    def at(self, number: float) -> float:
        return self.height + self.slope * number


def in_order(points: Sequence[DriftPoint]) -> list[DriftPoint]:
    """By number. ValueError when a shot is there twice."""
    ordered = sorted(points, key=lambda point: point.number)
    for point, following in itertools.pairwise(ordered):
        if point.number == following.number:
            raise ValueError(f"Shot {point.number} is in the ledger twice: give one point per shot.")
    return ordered


def drift_trend(points: Sequence[DriftPoint]) -> DriftTrend | None:
    """The line through ΔE against the base over the shots' numbers; None for fewer than three measured shots.

    Theil (1950), Sen (1968): the median of the slopes of all pairs, so that one shot of other content does not tip it as
    it tips least squares. Overridden shots are left out.
    """
    counted = _counted(points)
    if len(counted) < FEWEST_FOR_A_TREND:
        return None
    slope = median((right[1] - left[1]) / (right[0] - left[0]) for left, right in itertools.combinations(counted, 2))
    height = median(delta_e - slope * number for number, delta_e in counted)
    return DriftTrend(slope, height, first=counted[0][0], last=counted[-1][0])


def drift_slope(points: Sequence[DriftPoint]) -> float | None:
    """ΔE2000 per shot by which the scene moves away from its base, below 0 when it comes back; see ``drift_trend``."""
    trend = drift_trend(points)
    return trend.slope if trend is not None else None


def needs_reanchor(points: Sequence[DriftPoint], *, limit: float, slope_limit: float) -> str | None:
    """The sentence that says why a fresh anchor is due, None when none is.

    ``limit``: ΔE2000 that the newest counted shot may be away from the base; an earlier one that the scene came back from
    is that shot's own affair. ``slope_limit``: ΔE2000 per shot. Both are passed when exceeded, not when reached.
    """
    counted, slope = _counted(points), drift_slope(points)
    reasons = []
    if counted and counted[-1][1] > limit:
        number, delta_e = counted[-1]
        reasons.append(f"shot {number} is ΔE {delta_e:.1f} away from the base, past the limit of {limit:g}")
    if slope is not None and slope > slope_limit:
        reasons.append(f"the look moves away from the base by ΔE {slope:.2f} per shot, past the limit of {slope_limit:g}")
    if not reasons:
        return None
    why = ", and ".join(reasons)
    return f"{why[0].upper()}{why[1:]}: start the next shot from a fresh anchor, or make the look it has now the new base."


def _counted(points: Sequence[DriftPoint]) -> list[tuple[int, float]]:
    """(number, ΔE) of the shots that were measured and not asked to differ, in order."""
    return [
        (point.number, point.delta_e_to_base)
        for point in in_order(points)
        if point.delta_e_to_base is not None and not point.is_overridden
    ]
