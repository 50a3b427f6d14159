"""Analysis by synthesis: operators are applied to the reference until its colours are distributed like those of the picture.

Distributions are compared by sliced quantiles (the marginals along twelve directions of OKLab, as in the sliced Wasserstein
distance of Bonneel et al., "Sliced and Radon Wasserstein Barycenters of Measures", 2015), so that what moved between the two
frames does not count. Strengths are found together by damped least squares (Levenberg 1944, Marquardt 1963).
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from continuity.vision.cause_operators import OPERATORS, Operator
from continuity.vision.colour import linear_of_srgb, oklab_of_linear
from continuity.vision.look import Pixels

Model = Mapping[Operator, float]
"""Operators and their strengths, of one cause each."""

Vector = NDArray[np.float32]

DIRECTIONS = 12
QUANTILES = 48
CHROMA_WEIGHT = 2.0
"""A step of OKLab chroma is seen about twice as well as one of lightness."""

LEAST_PIXELS = 4 * QUANTILES
_DAMPING = 1e-3


@dataclass(frozen=True)
class Fitted:
    """``residual``: root mean square distance of the signatures, OKLab x 100 (2 is just noticeable)."""

    model: Model
    residual: float


class Synthesis:
    """A reference and a picture, n x 3 each with n >= LEAST_PIXELS; the same places of one content, or not even that."""

    def __init__(self, reference: Pixels, pixels: Pixels) -> None:
        self.reference = reference
        self._target = signature(pixels)

    def apart(self, model: Model) -> Vector:
        """Signature of the reference under ``model``, minus that of the picture."""
        return signature(synthesised(self.reference, model)) - self._target

    def untouched(self) -> Fitted:
        return Fitted({}, residual(self.apart({})))

    def secants(self) -> Mapping[Operator, Vector]:
        """How the signature moves per unit of each operator alone, taken at about the strength that suits best."""
        apart = self.apart({})
        found = {}
        for operator in OPERATORS:
            tangent = (self.apart({operator: operator.step}) - apart) / operator.step
            strength = _bounded(operator, _solved([tangent], apart)[0])
            if abs(strength) < operator.step / 20:
                strength = operator.step / 20
            found[operator] = (self.apart({operator: strength}) - apart) / strength
        return found

    def refined(self, start: Model, *, rounds: int) -> Fitted:
        """The strengths near ``start`` that leave least apart."""
        operators = list(start)
        steps = np.array([operator.step for operator in operators])
        strengths = np.array(list(start.values()))
        apart, damping = self.apart(start), _DAMPING
        for _ in range(rounds):
            slopes = self._slopes(dict(zip(operators, strengths, strict=True)), apart)
            move = _solved([slopes[operator] for operator in operators], apart, damping=damping) * steps
            tried = dict(zip(operators, (_bounded(*pair) for pair in zip(operators, strengths + move, strict=True)), strict=True))
            tried_apart = self.apart(tried)
            if residual(tried_apart) < residual(apart):
                strengths, apart = np.array(list(tried.values())), tried_apart
            else:
                damping = max(30 * damping, 0.1)
        return Fitted(dict(zip(operators, (float(strength) for strength in strengths), strict=True)), residual(apart))

    def extensions(self, model: Model, *, count: int) -> list[Model]:
        """The likeliest models with one cause more, by the slopes at ``model``; best first."""
        apart = self.apart(model)
        causes = {operator.cause for operator in model}
        others = [operator for operator in OPERATORS if operator.cause not in causes]
        slopes = self._slopes({**model, **dict.fromkeys(others, 0.0)}, apart, at=model)
        options = []
        for other in others:
            operators = [*model, other]
            columns = [slopes[operator] for operator in operators]
            moves = _solved(columns, apart)
            left = residual(apart + np.stack(columns, axis=1) @ moves)
            moved = zip(operators, moves, strict=True)
            options.append((left, {one: _bounded(one, model.get(one, 0.0) + move * one.step) for one, move in moved}))
        return [extended for _, extended in sorted(options, key=lambda option: option[0])[:count]]

    def _slopes(self, model: Model, apart: Vector, *, at: Model | None = None) -> dict[Operator, Vector]:
        """Change of the signature by one step of each operator of ``model``, the others standing as in ``at``."""
        at = model if at is None else at
        return {operator: self.apart({**at, operator: at.get(operator, 0.0) + operator.step}) - apart for operator in model}


def likeliest_singles(secants: Mapping[Operator, Vector], apart: Vector, *, count: int) -> list[Model]:
    options = []
    for operator, secant in secants.items():
        strength = float(_solved([secant], apart)[0])
        options.append((residual(apart + secant * np.float32(strength)), {operator: _bounded(operator, strength)}))
    return [model for _, model in sorted(options, key=lambda option: option[0])[:count]]


def likeliest_pairs(secants: Mapping[Operator, Vector], apart: Vector, *, count: int) -> list[Model]:
    """As if effects added up. One model per pair of causes, so that many operators of one pair do not crowd out another."""
    best: dict[frozenset[str], tuple[float, Model]] = {}
    for pair in itertools.combinations(secants, 2):
        causes = frozenset(operator.cause for operator in pair)
        if len(causes) < 2:
            continue
        strengths = _solved([secants[operator] for operator in pair], apart)
        left = residual(apart + np.stack([secants[operator] for operator in pair], axis=1) @ strengths)
        if causes not in best or left < best[causes][0]:
            best[causes] = (left, {operator: _bounded(operator, s) for operator, s in zip(pair, strengths, strict=True)})
    return [model for _, model in sorted(best.values(), key=lambda option: option[0])[:count]]


def synthesised(pixels: Pixels, model: Model) -> Pixels:
    """The pixels under all operators, in the order of their ranks."""
    for operator, strength in sorted(model.items(), key=lambda term: term[0].rank):
        if strength:
            pixels = operator.apply(pixels, strength)
    return pixels


def signature(pixels: Pixels) -> Vector:
    """Means of 48 equal shares of the sorted pixels along each of twelve directions of OKLab, one after the other."""
    along = np.sort((oklab_of_linear(linear_of_srgb(pixels)) @ _directions()).T, axis=1)
    edges = np.linspace(0, along.shape[1], QUANTILES + 1).astype(np.intp)
    return np.asarray((np.add.reduceat(along, edges[:-1], axis=1) / np.diff(edges)).ravel(), dtype=np.float32)


def residual(apart: NDArray[Any]) -> float:
    return float(np.sqrt(np.mean(np.square(apart, dtype=np.float64)))) * 100


@cache
def _directions() -> NDArray[np.float32]:
    """3 x 12, spread evenly over a half-sphere (Fibonacci lattice), first axis lightness."""
    number = np.arange(DIRECTIONS) + 0.5
    height, turn = number / DIRECTIONS, np.pi * (1 + np.sqrt(5)) * number
    across = np.sqrt(1 - height**2)
    sphere = np.stack([height, across * np.cos(turn), across * np.sin(turn)])
    return np.asarray(sphere * np.array([[1], [CHROMA_WEIGHT], [CHROMA_WEIGHT]]), dtype=np.float32)


def _solved(columns: Sequence[Vector], apart: Vector, *, damping: float = 1e-9) -> NDArray[np.float64]:
    """The steps along ``columns`` that leave least of ``apart``; ``damping`` as a share of each column's own weight."""
    slopes = np.stack(columns, axis=1).astype(np.float64)
    weights = slopes.T @ slopes
    moves = np.linalg.solve(weights + np.diag(damping * np.diag(weights) + 1e-12), -(slopes.T @ apart))
    return np.asarray(moves, dtype=np.float64)


def _bounded(operator: Operator, strength: float) -> float:
    return float(np.clip(strength, -operator.limit, operator.limit))
