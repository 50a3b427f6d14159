import json

import numpy as np
import pytest

from continuity.vision.causes import THRESHOLDS
from continuity.vision.drift import LOOKS_FROM, SAME_SCENE_SD, drift_between_shots, measure_drift
from continuity.vision.errors import NotAPicture
from continuity.vision.look import COLOUR_NUMBERS, UNITS
from tests.continuity.vision.shots import brown
from tests.pictures import contrast, exposure, grain, saturation, street, temperature
from tests.stand_ins.drift import Drift as Applied
from tests.stand_ins.drift import drifted

AMOUNTS = {"exposure": -2.4, "temperature": 1.8, "saturation": -0.9}


def test_drift_at_a_bridge_gives_numbers_and_causes() -> None:
    last, first = street(seed=2), street(seed=2, shift=0.004)

    drift = measure_drift(last, drifted(first, Applied(exposure=-0.5, temperature=0.3)), same_content=True)

    assert (drift.exposure, drift.temperature) == pytest.approx((-0.5, 0.3), abs=0.05)
    assert (drift.tint, drift.contrast) == pytest.approx((0, 0), abs=0.1)
    assert [cause.cause for cause in drift.causes] == ["exposure", "temperature"]
    assert drift.delta_e > 4
    assert (drift.is_same_content, dict(drift.not_measured)) == (True, {})


def test_nothing_drifts_between_two_frames_of_one_shot() -> None:
    drift = measure_drift(street(seed=2), street(seed=2, shift=0.004), same_content=True)

    assert drift.delta_e < 0.4
    assert drift.causes == ()


@pytest.mark.parametrize("grown", [True, False], ids=["grainier", "cleaner"])
def test_grain_is_a_cause(grown: bool) -> None:
    clean, grainy = street(seed=2, grain=0.5), grain(street(seed=2, grain=0.5, shift=0.004), 5)

    drift = measure_drift(*((clean, grainy) if grown else (grainy, clean)), same_content=True)

    assert [cause.cause for cause in drift.causes] == ["grain"]
    # log2((5.0 + .3) / (.5 + .3)), up or down.
    assert drift.grain == pytest.approx(2.7 if grown else -2.7, abs=0.3)


def test_grain_that_more_contrast_explains_is_no_cause() -> None:
    grainy = street(seed=2, grain=4)

    drift = measure_drift(grainy, contrast(street(seed=2, grain=4, shift=0.004), 0.45), same_content=True)

    assert drift.grain > THRESHOLDS["grain"]
    assert [cause.cause for cause in drift.causes] == ["contrast"]


def test_grain_that_nobody_sees_is_no_cause() -> None:
    """A codec takes .5 of grain away: by the ratio a lot, in the picture nothing."""
    drift = measure_drift(street(seed=2, grain=0.7), street(seed=2, grain=0.05, shift=0.004), same_content=True)

    assert drift.grain < -THRESHOLDS["grain"]
    assert drift.causes == ()


def test_grain_of_different_contents_is_named_where_it_is_seen() -> None:
    clean = street(seed=2, grain=0.3)

    faint, strong = (drift_between_shots([clean], [street(seed=2, grain=amount, shift=0.1)]) for amount in (0.75, 4))

    assert (faint.causes, [cause.cause for cause in strong.causes]) == ((), ["grain"])


def test_a_low_picture_has_no_grain_number_but_the_reason() -> None:
    drift = measure_drift(street(seed=2, height=180), street(seed=2), same_content=True)

    assert (drift.grain, [*drift.not_measured]) == (None, ["grain"])
    assert drift.not_measured["grain"] == ("One of the pictures is less than 360 px high, and grain is measured at 360 px.")


def test_a_picture_of_one_hue_says_that_its_cause_is_unsure() -> None:
    picture = brown()

    drift = measure_drift(picture, drifted(picture, Applied(temperature=0.5)), same_content=True)

    assert {cause.cause for cause in drift.causes} & {"temperature", "saturation"}
    assert drift.not_measured["cause"] == "The picture has one hue only, in which a warmer light and stronger colours look alike."


def test_amounts_of_different_contents_are_named_from_twice_their_natural_spread() -> None:
    shot, other = [street(seed=2, height=180)], [street(seed=2, height=180, shift=0.1)]

    small = [drifted(picture, Applied(exposure=-0.8, temperature=0.4)) for picture in other]
    large = [drifted(picture, Applied(exposure=-2.4)) for picture in other]

    assert drift_between_shots(shot, small).causes == ()
    assert [(cause.cause, cause.unit) for cause in drift_between_shots(shot, large).causes] == [("exposure", "stop")]
    assert drift_between_shots(shot, large).causes[0].amount == pytest.approx(-2.4, abs=0.3)


@pytest.mark.parametrize("cause", AMOUNTS)
def test_causes_of_different_contents_are_ordered_by_their_natural_spread(cause: str) -> None:
    changes = {"exposure": exposure, "temperature": temperature, "saturation": saturation}
    shot, other = street(seed=2, height=180), street(seed=2, height=180, shift=0.1)

    drift = drift_between_shots([shot], [changes[cause](other, AMOUNTS[cause])])

    assert cause in {found.cause for found in drift.causes}
    assert not drift.is_same_content
    sizes = [abs(found.amount) / SAME_SCENE_SD[found.cause] for found in drift.causes]
    assert sizes == sorted(sizes, reverse=True)
    assert min(sizes) >= LOOKS_FROM


def test_samples_of_a_shot_are_pooled() -> None:
    """Half of the shot is dark: against itself nothing differs, against its dark half it is brighter."""
    light, dark = street(seed=2, height=180), exposure(street(seed=2, height=180), -2)

    assert drift_between_shots([light, dark], [dark, light]).exposure == pytest.approx(0, abs=1e-6)
    assert drift_between_shots([dark], [light, dark]).exposure > 0.5


def test_one_picture_of_other_content_is_compared_as_a_shot_of_one_frame() -> None:
    left, right = street(seed=2, height=180), street(seed=9, height=180)

    assert measure_drift(left, right, same_content=False) == drift_between_shots([left], [right])


def test_json_names_every_number_and_is_json() -> None:
    drift = measure_drift(street(seed=2), exposure(street(seed=2), -0.5), same_content=True)

    report = drift.as_json()

    assert [*report] == ["deltaE", *UNITS, "sameContent", "causes"]
    assert report["causes"] == [{"cause": "exposure", "amount": pytest.approx(-0.5, abs=0.03), "unit": "stop"}]
    assert json.loads(json.dumps(report)) == report


@pytest.mark.parametrize("pair", [(np.zeros((0, 4, 3), np.uint8),) * 2, (np.zeros((90, 160), np.uint8),) * 2])
def test_what_is_no_picture_is_refused(pair: tuple[np.ndarray, np.ndarray]) -> None:
    for same_content in (True, False):
        with pytest.raises(NotAPicture):
            measure_drift(*pair, same_content=same_content)


def test_every_cause_has_a_threshold_a_spread_and_a_unit() -> None:
    assert [*THRESHOLDS] == [*SAME_SCENE_SD] == [*UNITS] == [*COLOUR_NUMBERS, "grain"]
