import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from continuity.vision.drift_ledger import DriftPoint, drift_slope, drift_trend, needs_reanchor


def _points(*values, overridden=()):
    return [
        DriftPoint(number, f"shot {number}", delta_e_to_base=value, is_overridden=number in overridden)
        for number, value in enumerate(values, start=1)
    ]


@settings(deadline=None, max_examples=50)
@given(some.floats(-2, 2), some.floats(0, 5), some.lists(some.integers(1, 40), min_size=3, max_size=9, unique=True))
def test_slope_of_shots_on_a_line_is_that_line_s(slope, height, numbers):
    points = [DriftPoint(number, "", delta_e_to_base=height + 100 + slope * number) for number in numbers]

    trend = drift_trend(points)

    assert drift_slope(points) == pytest.approx(slope, abs=1e-9)
    assert trend.at(7) == pytest.approx(height + 100 + slope * 7, abs=1e-6)
    assert (trend.first, trend.last) == (min(numbers), max(numbers))


def test_slope_is_not_tipped_by_one_shot_of_another_content():
    assert drift_slope(_points(0, 0.5, 1.0, 14.0, 2.0, 2.5, 3.0)) == pytest.approx(0.5, abs=0.01)


def test_slope_leaves_out_overridden_and_unmeasured_shots():
    assert drift_slope(_points(0, 1, None, 20, 4, None, 30, overridden={4, 7})) == pytest.approx(1)


@pytest.mark.parametrize(
    "points", [[], _points(None, None), _points(0, 4), _points(0, None, 4, None), _points(0, 4, 9, overridden={2})]
)
def test_slope_of_fewer_than_three_counted_shots_is_not_known(points):
    assert drift_slope(points) is None


def test_step_that_stays_is_no_drift():
    assert drift_slope(_points(0, 6, 6, 6, 6)) == 0


@pytest.mark.parametrize(
    "points",
    [
        [],
        _points(None, None, None),
        _points(0, 1, 2, 3),
        _points(0, 8),
        _points(0, 1, 12, 1),
        _points(0, 1, 30, overridden={3}),
        _points(9, 6, 3, 0),
    ],
    ids=["no shot", "nothing measured", "within both", "at the limit", "came back", "asked to differ", "comes nearer"],
)
def test_no_anchor_is_offered_while_the_scene_holds(points):
    assert needs_reanchor(points, limit=8, slope_limit=1) is None


@pytest.mark.parametrize(
    ("points", "why"),
    [
        (_points(0, 9.25), "Shot 2 is ΔE 9.2 away from the base, past the limit of 8: "),
        (_points(0, 9, None, 11, overridden={4}), "Shot 2 is ΔE 9.0 away from the base, past the limit of 8: "),
        (_points(0, 1.5, 3, 4.5), "The look moves away from the base by ΔE 1.50 per shot, past the limit of 1: "),
        (
            _points(0, 3, 6, 9),
            "Shot 4 is ΔE 9.0 away from the base, past the limit of 8, and the look moves away from the base by ΔE 3.00 per "
            "shot, past the limit of 1: ",
        ),
    ],
    ids=["limit", "limit, the newest asked to differ", "slope", "both"],
)
def test_anchor_is_offered_with_the_reason_and_what_to_do(points, why):
    sentence = needs_reanchor(points, limit=8, slope_limit=1)

    assert sentence == f"{why}start the next shot from a fresh anchor, or make the look it has now the new base."


def test_order_in_which_the_shots_come_does_not_matter():
    points = _points(0, 3, 6, 9, 4)

    assert needs_reanchor(points[::-1], limit=3.5, slope_limit=1) == needs_reanchor(points, limit=3.5, slope_limit=1)


@pytest.mark.parametrize(
    "field",
    [
        {"score_to_previous": 1.2},
        {"score_to_base": -0.1},
        {"score_to_base": math.nan},
        {"delta_e_to_base": math.nan},
        {"delta_e_to_base": math.inf},
        {"delta_e_to_base": -1},
    ],
)
def test_number_that_measures_nothing_is_refused(field):
    with pytest.raises(ValueError, match="give None where it was not measured"):
        DriftPoint(1, "a", **field)


def test_shot_that_is_there_twice_is_refused():
    with pytest.raises(ValueError, match="Shot 2 is in the ledger twice"):
        drift_slope([DriftPoint(2, "a"), DriftPoint(1, "b"), DriftPoint(2, "c")])
