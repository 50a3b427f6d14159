"""How well a score tells pairs of shots of one scene from pairs of two scenes: ROC AUC with bootstrap intervals.

Pure numpy on scores and labels; where the pairs come from is the caller's affair.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]

RESAMPLES = 2000
SEED = 20_261_120
CONFIDENCE = 0.95
NO_PAIRS = {
    "all": "needs pairs of one scene and pairs of two scenes",
    "within_film": "needs pairs of one scene and pairs of two scenes of one film",
    "across_films": "needs pairs of one scene and pairs of two films",
}


class PairKind(StrEnum):
    """same = one scene; hard = two scenes of one film; cross = two films."""

    SAME = "same"
    HARD = "hard"
    CROSS = "cross"


AGAINST = {
    "all": (PairKind.HARD, PairKind.CROSS),
    "within_film": (PairKind.HARD,),
    "across_films": (PairKind.CROSS,),
}
"""What the pairs of one scene are told from, for each figure."""


@dataclass(frozen=True, eq=False)
class Contest:
    """The scores of the pairs of one scene, and of those they are to be told from; both may be empty."""

    same: Scores
    different: Scores

    @property
    def is_empty(self) -> bool:
        return not (len(self.same) and len(self.different))


def contests(scores: Sequence[float], kinds: Sequence[PairKind]) -> dict[str, Contest]:
    """One contest per figure of AGAINST; ``scores`` and ``kinds`` go pair by pair."""
    values, labels = np.asarray(scores, dtype=np.float64), np.asarray([kind.value for kind in kinds], dtype=str)
    same = values[labels == PairKind.SAME.value]
    return {name: Contest(same, values[np.isin(labels, [kind.value for kind in others])]) for name, others in AGAINST.items()}


def auc(contest: Contest) -> float | None:
    """Chance that a pair of one scene scores above a pair of two (a tie counts half); None = one side has no pair."""
    return None if contest.is_empty else float(_wins(contest).mean())


def auc_interval(contest: Contest) -> tuple[float, float] | None:
    """Bounds that 95 % of the AUCs lie in when the pairs of each side are drawn anew (percentile bootstrap, seeded).

    Pairs that share a shot are not independent, so the true interval is wider. None = one side has no pair.
    """
    if contest.is_empty:
        return None
    random = np.random.default_rng(SEED)
    same, different = len(contest.same), len(contest.different)
    drawn = random.multinomial(same, np.full(same, 1 / same), size=RESAMPLES) / same
    others = random.multinomial(different, np.full(different, 1 / different), size=RESAMPLES) / different
    aucs = np.einsum("ri,ri->r", drawn @ _wins(contest), others)
    low, high = np.quantile(aucs, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def figures(scores: Sequence[float], kinds: Sequence[PairKind]) -> dict[str, float | None]:
    """The AUC of each contest, rounded to 4 places."""
    return {name: _rounded(auc(contest)) for name, contest in contests(scores, kinds).items()}


def intervals(scores: Sequence[float], kinds: Sequence[PairKind]) -> dict[str, list[float] | None]:
    """[low, high] of each contest, rounded to 4 places."""
    bounds = {name: auc_interval(contest) for name, contest in contests(scores, kinds).items()}
    return {name: None if pair is None else [round(bound, 4) for bound in pair] for name, pair in bounds.items()}


def shares_from(scores: Sequence[float], kinds: Sequence[PairKind], *, threshold: float) -> dict[str, float | None]:
    """Share of the pairs of each kind that score ``threshold`` or more; None = there is no pair of that kind."""
    of_kind = {kind: [score >= threshold for score, own in zip(scores, kinds, strict=True) if own is kind] for kind in PairKind}
    return {kind.value: _rounded(float(np.mean(hits))) if hits else None for kind, hits in of_kind.items()}


def missing_figures(aucs: Mapping[str, float | None]) -> dict[str, str]:
    """Why a figure is None: "auc.<figure>" -> reason."""
    return {f"auc.{name}": NO_PAIRS[name] for name, value in aucs.items() if value is None}


def _wins(contest: Contest) -> NDArray[Any]:
    """1 where the pair of one scene scores higher, 1/2 where equal, for every pair of pairs."""
    one, other = contest.same[:, None], contest.different[None]
    return np.asarray((one > other) + 0.5 * (one == other))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
