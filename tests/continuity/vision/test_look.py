import math

import numpy as np
import pytest

from continuity.vision.look import (
    COLOUR_NUMBERS,
    GREY,
    NO_LIGHT,
    ONE_COLOUR,
    OTHER_HUES,
    UNITS,
    Pixels,
    grade_delta_e,
    grid_pixels,
    hue_agreement,
    numbers_of_contents,
    numbers_of_pair,
    paired_pixels,
    pooled_pixels,
)
from tests.pictures import contrast, exposure, hue, saturation, street, temperature
from tests.stand_ins.drift import Drift, drifted

CHANGES = {
    "exposure": (lambda picture, amount: exposure(picture, amount), (-0.6, -0.2, 0.2, 0.6), 0.04),
    "temperature": (lambda picture, amount: temperature(picture, amount), (-0.6, -0.2, 0.2, 0.6), 0.04),
    "tint": (lambda picture, amount: drifted(picture, Drift(tint=amount)), (-0.3, -0.1, 0.1, 0.3), 0.04),
    "saturation": (lambda picture, amount: saturation(picture, amount), (-0.6, -0.2, 0.2), 0.05),
    "contrast": (lambda picture, amount: contrast(picture, amount), (-0.6, -0.2, 0.2), 0.05),
    "hue": (lambda picture, amount: hue(picture, amount), (-20, -6, 6, 20), 1.5),
}


def pixels_of(*codes: float, count: int = 400) -> Pixels:
    """``count`` pixels of one colour, code values 0-1."""
    return np.tile(np.array(codes, dtype=np.float32), (count, 1))


@pytest.mark.parametrize(("cause", "amount"), [(cause, amount) for cause in CHANGES for amount in CHANGES[cause][1]])
def test_number_of_one_content_is_the_amount_applied(cause: str, amount: float) -> None:
    change, _, tolerance = CHANGES[cause]
    reference = street(seed=6, height=180)

    numbers = numbers_of_pair(*paired_pixels(reference, change(reference, amount)))

    assert numbers[cause] == pytest.approx(amount, abs=tolerance)


@pytest.mark.parametrize("cause", COLOUR_NUMBERS)
def test_nothing_differs_from_itself(cause: str) -> None:
    pixels = grid_pixels(street(seed=6, height=180))

    assert (numbers_of_pair(pixels, pixels)[cause], numbers_of_contents(pixels, pixels)[cause]) == pytest.approx((0, 0), abs=1e-5)


def test_clipped_pixels_do_not_say_how_much_light_there_was() -> None:
    """Half the picture is white in both; the rest is a stop darker."""
    white = pixels_of(1, 1, 1)
    before, after = np.concatenate([white, pixels_of(0.5, 0.5, 0.5)]), np.concatenate([white, pixels_of(0.3612, 0.3612, 0.3612)])

    assert numbers_of_pair(before, after)["exposure"] == pytest.approx(-1, abs=0.01)


def test_a_clipped_picture_has_no_exposure_but_a_reason() -> None:
    numbers = numbers_of_pair(pixels_of(1, 1, 1), pixels_of(0, 0, 0))

    assert [numbers[cause] for cause in ("exposure", "temperature", "tint")] == [None] * 3
    assert [numbers.not_measured[cause] for cause in ("exposure", "temperature", "tint")] == [NO_LIGHT] * 3


def test_a_grey_picture_has_neither_saturation_nor_hue() -> None:
    numbers = numbers_of_pair(grid_pixels(street(seed=6, height=90)), pixels_of(0.5, 0.5, 0.5, count=64 * 36))

    assert (numbers["saturation"], numbers["hue"]) == (None, None)
    assert {numbers.not_measured["saturation"], numbers.not_measured["hue"]} == {GREY}


def test_one_colour_shows_no_turn_of_hue() -> None:
    numbers = numbers_of_pair(pixels_of(0.7, 0.4, 0.3), pixels_of(0.3, 0.4, 0.7))

    assert (numbers["hue"], numbers.not_measured["hue"]) == (None, ONE_COLOUR)


def test_a_cast_is_no_turn_of_hue() -> None:
    reference = street(seed=6, height=180)

    numbers = numbers_of_pair(*paired_pixels(reference, temperature(reference, 0.4)))

    assert abs(numbers["hue"]) < 3


def test_an_exposure_is_neither_saturation_nor_contrast() -> None:
    reference = street(seed=6, height=180)

    numbers = numbers_of_pair(*paired_pixels(reference, exposure(reference, -0.5)))

    assert (numbers["saturation"], numbers["contrast"]) == pytest.approx((0, 0), abs=0.06)


@pytest.mark.parametrize(("stops", "degrees"), [(-0.7, 20), (0.4, -14)])
def test_numbers_of_different_contents_see_a_change_of_the_whole_shot(stops: float, degrees: float) -> None:
    reference = street(seed=6, height=180)
    other = np.ascontiguousarray(hue(exposure(reference, stops), degrees)[:, ::-1])

    numbers = numbers_of_contents(grid_pixels(reference), grid_pixels(other))

    assert numbers["exposure"] == pytest.approx(stops, abs=0.1)
    assert numbers["hue"] == pytest.approx(degrees, abs=4)


def test_other_hues_are_no_turn_of_hue() -> None:
    numbers = numbers_of_contents(pixels_of(0.7, 0.3, 0.3), pixels_of(0.3, 0.3, 0.7))

    assert (numbers["hue"], numbers.not_measured["hue"]) == (None, OTHER_HUES)


def test_contrast_of_different_contents_is_the_ratio_of_their_spreads() -> None:
    """OKLab lightness of a grey is the cube root of its light: .2 to .8 against .35 to .65."""
    lightness = np.linspace(0, 1, 1001)
    spreads = [(0.2 + 0.6 * lightness, "wide"), (0.35 + 0.3 * lightness, "narrow")]
    wide, narrow = (np.repeat(_code_of_lightness(values)[:, None], 3, axis=1).astype(np.float32) for values, _ in spreads)

    assert numbers_of_contents(wide, narrow)["contrast"] == pytest.approx(math.log2(0.5), abs=0.01)


def _code_of_lightness(lightness: np.ndarray) -> np.ndarray:
    linear = lightness**3
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def test_grade_delta_e_is_that_of_the_mean_colours_and_not_of_the_pixels() -> None:
    pixels = grid_pixels(street(seed=6, height=90))
    shuffled = np.random.default_rng(3).permutation(pixels)

    assert grade_delta_e(pixels, shuffled) == pytest.approx(0, abs=1e-5)
    # L* 53.585 and 61.704 of the greys 128 and 149; CIEDE2000 weighs lightness there by 1 + .015·(57.64-50)²/√(20+(57.64-50)²).
    weight = 1 + 0.015 * 7.6445**2 / math.sqrt(20 + 7.6445**2)
    greys = [pixels_of(*[code / 255] * 3) for code in (128, 149)]
    assert grade_delta_e(*greys) == pytest.approx(8.119 / weight, abs=0.01)


@pytest.mark.parametrize("shape", [(360, 640), (90, 160), (480, 270), (50, 40)])
def test_grid_keeps_the_shape_and_is_64_px_wide_at_most(shape: tuple[int, int]) -> None:
    height, width = shape

    pixels = grid_pixels(np.full((height, width, 3), 51, dtype=np.uint8))

    columns = min(64, width)
    assert pixels.shape == (columns * round(columns * height / width), 3)
    np.testing.assert_allclose(pixels, 0.2, atol=1e-6)


def test_pairs_of_two_sizes_and_shapes_lie_on_one_grid() -> None:
    upright = street(seed=4, height=360)[:, 220:422]

    before, after = paired_pixels(street(seed=4, height=360), upright)

    assert before.shape == after.shape
    assert float(np.abs(before - after).mean()) < 0.01


def test_pooled_pixels_are_those_of_all_frames() -> None:
    frames = [street(seed=seed, height=90) for seed in (1, 2)]

    np.testing.assert_array_equal(pooled_pixels(frames), np.concatenate([grid_pixels(frame) for frame in frames]))


def test_agreement_of_hues() -> None:
    around = np.concatenate([pixels_of(0.7, 0.4, 0.4), pixels_of(0.4, 0.62, 0.4), pixels_of(0.4, 0.45, 0.8)])

    assert hue_agreement(pixels_of(0.7, 0.4, 0.3)) == pytest.approx(1, abs=1e-4)
    assert hue_agreement(around) < 0.4


def test_every_number_has_a_unit() -> None:
    assert [*UNITS] == [*COLOUR_NUMBERS, "grain"]
