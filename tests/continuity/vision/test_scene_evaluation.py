import numpy as np
import pytest

from continuity.vision.scene_evaluation import PairKind, contests, figures, intervals, missing_figures, shares_from

SAME, HARD, CROSS = PairKind.SAME, PairKind.HARD, PairKind.CROSS


def test_auc_is_the_share_of_pairs_of_pairs_in_the_right_order():
    scores = [0.9, 0.5, 0.6, 0.5, 0.1]
    kinds = [SAME, SAME, HARD, HARD, CROSS]

    # Against hard: .9 wins twice, .5 loses once and ties once; against cross both win.
    assert figures(scores, kinds) == {"all": round(4.5 / 6, 4), "within_film": 2.5 / 4, "across_films": 1.0}


def test_a_score_that_knows_nothing_has_half():
    random = np.random.default_rng(1)
    kinds = [SAME, HARD] * 2000

    assert figures(list(random.random(4000)), kinds)["within_film"] == pytest.approx(0.5, abs=0.02)
    assert figures([0.3] * 4, kinds[:4])["within_film"] == 0.5


def test_figure_without_its_pairs_is_none_with_a_reason():
    aucs = figures([0.9, 0.1], [SAME, HARD])

    assert aucs == {"all": 1.0, "within_film": 1.0, "across_films": None}
    assert missing_figures(aucs) == {"auc.across_films": "needs pairs of one scene and pairs of two films"}
    assert intervals([0.9, 0.1], [SAME, HARD])["across_films"] is None


def test_interval_is_that_of_the_normal_theory_and_the_same_each_time():
    random = np.random.default_rng(2)
    scores = [*random.normal(1, 1, 300), *random.normal(0, 1, 300)]
    kinds = [SAME] * 300 + [HARD] * 300

    first, second = intervals(scores, kinds), intervals(scores, kinds)

    auc = figures(scores, kinds)["within_film"]
    low, high = first["within_film"]
    # Hanley and McNeil (1982): standard error of an AUC.
    worse, better = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    error = np.sqrt((auc * (1 - auc) + 299 * (worse - auc**2) + 299 * (better - auc**2)) / 300**2)
    assert first == second
    assert (high - low) / (2 * 1.96 * error) == pytest.approx(1, abs=0.1)
    assert low < auc < high


def test_shares_count_from_the_threshold_on():
    shares = shares_from([0.75, 0.74, 0.9], [SAME, SAME, HARD], threshold=0.75)

    assert shares == {"same": 0.5, "hard": 1.0, "cross": None}


def test_contests_tell_one_scene_from_the_others():
    found = contests([1, 2, 3], [SAME, HARD, CROSS])

    assert {name: (list(contest.same), list(contest.different)) for name, contest in found.items()} == {
        "all": ([1], [2, 3]),
        "within_film": ([1], [2]),
        "across_films": ([1], [3]),
    }
