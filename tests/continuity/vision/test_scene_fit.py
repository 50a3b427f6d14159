from dataclasses import replace

import numpy as np
import pytest

from continuity.vision.scene_evaluation import PairKind, figures
from continuity.vision.scene_fit import FitError, MeasuredPair, films_with_both, fit, held_out_logits
from continuity.vision.scene_weights import SceneWeights

PRIOR = SceneWeights(
    constant=5.0,
    coefficients={"histogram": -6.0, "noise": -2.0, "gradient": -1.0, "orientation": -4.0},
    neutral={"noise": 0.35},
)
TRUTH = {"histogram": -9.0, "noise": -1.0, "gradient": -2.0, "orientation": -3.0}
SPREAD = {"histogram": 1.0, "noise": 1.0, "gradient": 1.5, "orientation": 0.6}


def _pairs(films: tuple[str, ...], *, each: int, constant: float = 7.0, truth=TRUTH, seed: int = 1) -> list[MeasuredPair]:
    """Pairs within each film whose labels follow the logistic of ``truth``."""
    random = np.random.default_rng(seed)
    found = []
    for film in films:
        for _ in range(each):
            distances = {term: float(random.uniform(0, spread)) for term, spread in SPREAD.items()}
            logit = constant + sum(truth[term] * distance for term, distance in distances.items())
            kind = PairKind.SAME if random.random() < 1 / (1 + np.exp(-logit)) else PairKind.HARD
            found.append(MeasuredPair((film, film), kind, distances))
    return found


def test_fit_without_pull_finds_the_weights_behind_the_labels():
    found = fit(_pairs(("a", "b"), each=4000), PRIOR, pull=0.0)

    assert found.coefficients == pytest.approx(TRUTH, rel=0.2)


def test_fit_minimises_the_loss():
    """Compared with a plain search around the answer: no weight can be moved to a lower loss."""
    pairs = _pairs(("a",), each=300)
    found = fit(pairs, PRIOR, pull=0.05)
    here = _loss(pairs, found, pull=0.05)

    for term, value in found.coefficients.items():
        for step in (-0.05, 0.05):
            moved = replace(found, coefficients={**found.coefficients, term: value + step})
            assert _loss(pairs, moved, pull=0.05) > here
    for step in (-0.05, 0.05):
        assert _loss(pairs, replace(found, constant=found.constant + step), pull=0.05) > here


def test_strong_pull_keeps_the_prior_and_a_weak_one_does_not():
    pairs = _pairs(("a",), each=300)

    away = [abs(fit(pairs, PRIOR, pull=pull).coefficients["histogram"] + 6.0) for pull in (100.0, 1.0, 0.001)]

    assert away[0] < 0.01
    assert away[0] < away[1] < away[2]


def test_weight_that_would_rise_above_nought_stays_there():
    truth = TRUTH | {"gradient": 3.0}

    found = fit(_pairs(("a",), each=2000, truth=truth), PRIOR, pull=0.0001)

    assert found.coefficients["gradient"] == 0.0
    assert all(value < 0 for term, value in found.coefficients.items() if term != "gradient")


def test_long_film_does_not_decide_alone():
    """Two films that contradict each other: the short one weighs by the square root of its length."""
    other = TRUTH | {"histogram": 0.0, "orientation": -12.0}
    short, long = _pairs(("short",), each=100), _pairs(("long",), each=6400, truth=other, seed=2)
    alone = fit(long, PRIOR, pull=0.0).coefficients["histogram"]

    together = fit(short + long, PRIOR, pull=0.0).coefficients["histogram"]

    equal_votes = fit(short * 64 + long, PRIOR, pull=0.0).coefficients["histogram"]
    assert alone > together > equal_votes
    assert together < alone - 0.3


def test_one_class_is_refused():
    with pytest.raises(FitError, match="pairs of one scene and pairs of two"):
        fit([pair for pair in _pairs(("a",), each=50) if pair.kind is PairKind.SAME], PRIOR)


def test_a_pair_without_grain_is_fitted_as_neutral():
    pairs = _pairs(("a",), each=200)
    without = [replace(pair, distances={**pair.distances, "noise": 0.35}) for pair in pairs]
    missing = [
        replace(pair, distances={term: value for term, value in pair.distances.items() if term != "noise"}) for pair in pairs
    ]

    assert fit(missing, PRIOR).coefficients == fit(without, PRIOR).coefficients


def test_held_out_logits_come_from_weights_that_never_saw_the_film():
    pairs = [*_pairs(("a", "b", "c"), each=60), MeasuredPair(("a", "b"), PairKind.CROSS, dict(SPREAD))]

    logits = held_out_logits(pairs, PRIOR)

    without_a = fit([pair for pair in pairs if "a" not in pair.films], PRIOR)
    without_both = fit([pair for pair in pairs if pair.films == ("c", "c")], PRIOR)
    assert logits[0] == sum(without_a.parts_of(pairs[0].distances).values())
    assert logits[-1] == sum(without_both.parts_of(pairs[-1].distances).values())
    assert figures(logits, [pair.kind for pair in pairs])["within_film"] > 0.8


@pytest.mark.parametrize("films", [("a",), ("a", "b")])
def test_leave_one_film_out_is_refused_below_three_films_with_both_classes(films):
    one_class = [MeasuredPair(("d", "d"), PairKind.SAME, dict(SPREAD)), MeasuredPair(("a", "d"), PairKind.CROSS, dict(SPREAD))]
    pairs = _pairs(films, each=30) + one_class

    with pytest.raises(FitError, match=f"needs 3 films .* here are {len(films)}: label more films"):
        held_out_logits(pairs, PRIOR)
    assert films_with_both(pairs) == list(films)


def _loss(pairs: list[MeasuredPair], weights: SceneWeights, *, pull: float) -> float:
    """Half of the mean loss of each class (one film), and the pull towards the prior."""
    losses: dict[bool, list[float]] = {True: [], False: []}
    for pair in pairs:
        logit = sum(weights.parts_of(pair.distances).values())
        is_same = pair.kind is PairKind.SAME
        losses[is_same].append(float(np.log1p(np.exp(-logit if is_same else logit))))
    away = sum(
        ((value - PRIOR.coefficients[term]) / max(abs(PRIOR.coefficients[term]), 1)) ** 2
        for term, value in weights.coefficients.items()
    )
    return float(0.5 * np.mean(losses[True]) + 0.5 * np.mean(losses[False]) + pull * away)
