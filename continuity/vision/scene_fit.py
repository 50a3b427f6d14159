"""Fitting the weights of the scene score to labelled pairs of shots: ridge towards a prior, no weight above 0.

Logistic loss, both classes weighing the same, and within a class each film (or pair of films) by the square root of its
number of pairs, so that no long film decides alone. Minimised by Newton steps on the weights that are free to move.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from continuity.vision.errors import VisionError
from continuity.vision.scene_evaluation import PairKind
from continuity.vision.scene_weights import PART_OF, SceneWeights

Vector = NDArray[np.float64]

TERMS = tuple(PART_OF)
PULL = 0.05
"""Strength of the ridge: the cost of a weight that is off the prior's by as much as the prior's own size."""
STEPS = 200
LEAST_FILMS = 3


class FitError(VisionError):
    """Pairs that nothing can be fitted to."""

    code = "scene_fit"


@dataclass(frozen=True)
class MeasuredPair:
    """The distances between two shots, as ``scene_score.distances`` gives them, and what the pair is."""

    films: tuple[str, str]
    kind: PairKind
    distances: Mapping[str, float]


def fit(pairs: Sequence[MeasuredPair], prior: SceneWeights, *, pull: float = PULL) -> SceneWeights:
    """The weights that tell the pairs apart best without leaving ``prior`` far. Raises FitError without both classes."""
    labels = np.array([pair.kind is PairKind.SAME for pair in pairs], dtype=np.float64)
    if not 0 < labels.sum() < len(labels):
        raise FitError("A fit needs pairs of one scene and pairs of two: label both.")
    start = np.array([prior.constant, *(prior.coefficients[term] for term in TERMS)])
    found = _minimise(_design(pairs, prior), labels, _pair_weights(pairs), start, pull)
    coefficients = dict(zip(TERMS, (float(value) for value in found[1:]), strict=True))
    return replace(prior, constant=float(found[0]), coefficients=coefficients, provenance={})


def held_out_logits(pairs: Sequence[MeasuredPair], prior: SceneWeights, *, pull: float = PULL) -> list[float]:
    """Leave-one-film-out: the logit of each pair under weights fitted without any pair of its film or films.

    Raises FitError below three films that have both classes.
    """
    if len(films_with_both(pairs)) < LEAST_FILMS:
        raise FitError(
            f"Leave-one-film-out needs {LEAST_FILMS} films with pairs of one scene and pairs of two scenes of that film, "
            f"and here are {len(films_with_both(pairs))}: label more films."
        )
    models: dict[frozenset[str], SceneWeights] = {}
    for films in {frozenset(pair.films) for pair in pairs}:
        models[films] = fit([pair for pair in pairs if not films & set(pair.films)], prior, pull=pull)
    return [sum(models[frozenset(pair.films)].parts_of(pair.distances).values()) for pair in pairs]


def films_with_both(pairs: Sequence[MeasuredPair]) -> list[str]:
    """The films that have a pair of one scene and a pair of two scenes within themselves, in order of name."""
    kinds: dict[str, set[PairKind]] = {}
    for pair in pairs:
        if pair.kind is not PairKind.CROSS:
            kinds.setdefault(pair.films[0], set()).add(pair.kind)
    return sorted(film for film, found in kinds.items() if len(found) == 2)


def _design(pairs: Sequence[MeasuredPair], prior: SceneWeights) -> Vector:
    """pairs x (1, distances); one that was not measured is neutral, as in the score."""
    return np.array([[1.0, *({**prior.neutral, **pair.distances}[term] for term in TERMS)] for pair in pairs])


def _pair_weights(pairs: Sequence[MeasuredPair]) -> Vector:
    """Sum 1; half for each class; within a class a group of n pairs of the same film or films weighs √n."""
    groups = [(pair.kind is PairKind.SAME, frozenset(pair.films)) for pair in pairs]
    sizes = Counter(groups)
    weights = np.array([sizes[group] ** -0.5 for group in groups])
    same = np.array([group[0] for group in groups])
    for side in (same, ~same):
        weights[side] *= 0.5 / weights[side].sum()
    return weights


def _minimise(design: Vector, labels: Vector, weights: Vector, prior: Vector, pull: float) -> Vector:
    """Projected Newton steps with halving; the first number is free, all others stay at or below 0."""
    ridge = pull / np.maximum(np.abs(prior), 1.0) ** 2
    ridge[0] = 0.0
    current = prior.copy()
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-np.clip(design @ current, -60, 60)))
        gradient = design.T @ (weights * (chance - labels)) + 2 * ridge * (current - prior)
        held = (current >= 0) & (gradient < 0)
        held[0] = False
        free = np.flatnonzero(~held)
        curvature = (design.T * (weights * chance * (1 - chance))) @ design + np.diag(2 * ridge + 1e-9)
        step = np.zeros_like(current)
        step[free] = -np.linalg.solve(curvature[np.ix_(free, free)], gradient[free])
        moved = _line_search(design, labels, weights, (prior, ridge), current, step)
        if np.abs(moved - current).max() < 1e-9:
            break
        current = moved
    return current


def _line_search(
    design: Vector, labels: Vector, weights: Vector, ridge: tuple[Vector, Vector], current: Vector, step: Vector
) -> Vector:
    """The longest of step, step / 2, step / 4 … that lowers the loss, weights kept at or below 0."""
    before = _loss(design, labels, weights, ridge, current)
    for halvings in range(30):
        moved = current + step * 0.5**halvings
        moved[1:] = np.minimum(moved[1:], 0.0)
        if _loss(design, labels, weights, ridge, moved) < before:
            return moved
    return current


def _loss(design: Vector, labels: Vector, weights: Vector, ridge: tuple[Vector, Vector], at: Vector) -> float:
    logit = design @ at
    prior, strength = ridge
    return float((weights * (np.logaddexp(0, logit) - labels * logit)).sum() + (strength * (at - prior) ** 2).sum())
