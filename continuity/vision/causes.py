"""Which cause a step of the grade has: the one or the few operations that, applied to the reference, explain the picture.

A cause is named only if naming it leaves a quarter less unexplained, and only by an amount that a person would see.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from continuity.vision.cause_fit import LEAST_PIXELS, Fitted, Model, Synthesis, Vector, likeliest_pairs, likeliest_singles
from continuity.vision.cause_operators import Operator
from continuity.vision.look import UNITS, Pixels, hue_agreement, numbers_of_pair

LEAST_GAIN = 0.25
"""Share of what is unexplained that one cause more has to explain."""

UNSEEN = 0.3
"""Residual (OKLab x 100) below which nothing is left that a person could see: the search ends."""

THRESHOLDS: Mapping[str, float] = {
    "exposure": 0.2,
    "temperature": 0.15,
    "tint": 0.15,
    "saturation": 0.15,
    "contrast": 0.12,
    "hue": 5.0,
    "grain": 0.3,
}
"""Least amount named where the two pictures show the same thing."""

MOST_CAUSES = 3
ONE_HUE_FROM = 0.95
ONE_HUE_DOUBT = 1.6
"""In a picture of one hue, a warmer light and stronger colours look the same: the commoner cause is named unless stronger
colours explain it better by this factor."""

_BLACK, _WHITE = 0.02, 0.98
_LEAST_KEPT = 0.3
_SAME_PLACE = 0.02
"""Distance in code values (0-1) within which two pixels of one place are always taken for the same thing."""


@dataclass(frozen=True)
class Cause:
    """One cause of a step: exposure, temperature, tint, saturation, contrast, hue or grain; ``amount`` in ``unit``, signed:
    the picture relative to the reference (-0.5 stop = half a stop darker, temperature up = warmer, tint up = greener)."""

    cause: str
    amount: float
    unit: str


def name_causes(reference: Pixels, pixels: Pixels) -> tuple[tuple[Cause, ...], Model]:
    """The causes, largest (by its threshold) first, and the model that explains the picture, whose smallest terms are not named.

    Both n x 3, sRGB code values 0-1, places of one content in one order. Nothing = no cause explains a quarter of the step, or
    there is no step that a person could see.
    """
    reference, pixels = standing_pixels(reference, pixels)
    if len(reference) < LEAST_PIXELS:
        return (), {}
    found = _explained(Synthesis(reference, pixels))
    return _named(reference, found.model), found.model


def standing_pixels(reference: Pixels, pixels: Pixels) -> tuple[Pixels, Pixels]:
    """The places that show the same thing in both, whatever the grade: neither clipped nor moved.

    An affine map of the colours, fitted with Cauchy weights, tells what a change of grade would make of each pixel; what lies
    further from that than most has moved. The affine map only sorts out pixels: it is too bendable to name a cause by.
    """
    low, high = np.minimum(reference, pixels), np.maximum(reference, pixels)
    open_places = np.asarray(((low > _BLACK) & (high < _WHITE)).all(axis=1))
    if open_places.mean() < _LEAST_KEPT:
        open_places = np.ones(len(reference), dtype=np.bool_)
    inputs = np.concatenate([reference, np.ones((len(reference), 1), dtype=np.float32)], axis=1).astype(np.float64)
    weights, identity = open_places.astype(np.float64), np.eye(4)[:, :3]
    for _ in range(4):
        weighted = inputs * weights[:, None]
        graded = inputs @ np.linalg.solve(weighted.T @ inputs + 1e-4 * np.eye(4), weighted.T @ pixels + 1e-4 * identity)
        distances = np.asarray(np.linalg.norm(graded - pixels, axis=1))
        middle = float(np.median(distances[open_places])) + 1e-4
        weights = open_places / (1 + np.square(distances / (1.5 * middle)))
    kept = open_places & (distances <= max(_SAME_PLACE, 1.5 * middle))
    return reference[kept], pixels[kept]


def _explained(synthesis: Synthesis) -> Fitted:
    """One cause, then two, then three: the larger model has to be better by a quarter each time, and name something."""
    found = fitted = synthesis.untouched()
    if found.residual < UNSEEN:
        return found
    secants = synthesis.secants()
    doubt = ONE_HUE_DOUBT if hue_agreement(synthesis.reference) >= ONE_HUE_FROM else 1.0
    for count in range(1, MOST_CAUSES + 1):
        fitted = _best(synthesis, _candidates(synthesis, fitted.model, secants, count), doubt)
        is_better = fitted.residual <= found.residual * (1 - LEAST_GAIN) and _named(synthesis.reference, fitted.model)
        # Two causes may explain what neither does alone, three may not.
        if not is_better and count > 1:
            break
        found = fitted if is_better else found
        if found.residual < UNSEEN:
            break
    return found


def _candidates(synthesis: Synthesis, before: Model, secants: Mapping[Operator, Vector], count: int) -> list[Model]:
    """Models of ``count`` causes worth refining; two are looked for afresh too, as the best single one may be a wrong start."""
    apart = synthesis.apart({})
    if count == 1:
        return likeliest_singles(secants, apart, count=5)
    if count == 2:
        return [*likeliest_pairs(secants, apart, count=6), *synthesis.extensions(before, count=2)]
    return synthesis.extensions(before, count=3)


def _best(synthesis: Synthesis, models: list[Model], doubt: float) -> Fitted:
    def doubted(fitted: Fitted) -> float:
        is_doubtful = any(operator.cause == "saturation" for operator in fitted.model)
        return fitted.residual * (doubt if is_doubtful else 1.0)

    fits = [synthesis.refined(model, rounds=2) for model in models]
    return synthesis.refined(min(fits, key=doubted).model, rounds=2)


def _named(reference: Pixels, model: Model) -> tuple[Cause, ...]:
    """The terms of a model that pass their threshold."""
    amounts = {operator.cause: _amount(reference, {operator: strength}) for operator, strength in model.items()}
    sizes = {cause: abs(amount) / THRESHOLDS[cause] for cause, amount in amounts.items()}
    passing = sorted((cause for cause in sizes if sizes[cause] >= 1), key=lambda cause: -sizes[cause])
    return tuple(Cause(cause, round(amounts[cause], 4), UNITS[cause]) for cause in passing)


def _amount(reference: Pixels, term: Model) -> float:
    """What an operator alone does to the reference, in the unit of its cause."""
    ((operator, strength),) = term.items()
    if operator.is_in_units:
        return strength
    return numbers_of_pair(reference, operator.apply(reference, strength))[operator.cause] or 0.0
