import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from continuity.vision.colour import (
    hex_of,
    linear_of_oklab,
    linear_of_srgb,
    nearest_colour_name,
    oklab_of_linear,
    oklab_of_rgb,
    rgb_of_hex,
    rgb_of_oklab,
    srgb_of_linear,
)
from continuity.vision.errors import NotAColour
from prompts.colour_names import COLOUR_NAMES

CODES = st.tuples(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
# IEC 61966-2-1: CIE XYZ (D65) to linear sRGB.
LINEAR_OF_XYZ = np.array(
    [[3.2404542, -1.5371385, -0.4985314], [-0.9692660, 1.8760108, 0.0415560], [0.0556434, -0.2040259, 1.0572252]]
)


@pytest.mark.parametrize(
    ("xyz", "lab"),
    [
        ((0.950, 1.000, 1.089), (1.000, 0.000, 0.000)),
        ((1.000, 0.000, 0.000), (0.450, 1.236, -0.019)),
        ((0.000, 1.000, 0.000), (0.922, -0.671, 0.263)),
        ((0.000, 0.000, 1.000), (0.153, -1.415, -0.449)),
    ],
)
def test_oklab_gives_the_pairs_that_ottosson_published(xyz, lab):
    assert oklab_of_linear(LINEAR_OF_XYZ @ np.array(xyz)) == pytest.approx(lab, abs=6e-4)


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((255, 0, 0), (0.62796, 0.22486, 0.12585)),
        ((0, 255, 0), (0.86644, -0.23389, 0.17950)),
        ((0, 0, 255), (0.45201, -0.03246, -0.31153)),
        ((255, 255, 255), (1.0, 0.0, 0.0)),
        ((0, 0, 0), (0.0, 0.0, 0.0)),
    ],
)
def test_oklab_of_code_values_is_that_of_css(rgb, lab):
    assert oklab_of_rgb(np.array(rgb, dtype=np.uint8)) == pytest.approx(lab, abs=1e-4)


@given(CODES)
@settings(deadline=None)
def test_code_values_come_back_from_oklab_exactly(codes):
    rgb = np.array(codes, dtype=np.uint8)

    assert rgb_of_oklab(oklab_of_rgb(rgb)).tolist() == list(codes)


def test_averaged_code_values_and_bytes_give_the_same_oklab():
    rgb = np.random.default_rng(3).integers(0, 256, (20, 30, 3), dtype=np.uint8)

    assert np.abs(oklab_of_rgb(rgb) - oklab_of_rgb(rgb.astype(np.float32))).max() < 2e-6


def test_linear_light_inverts_both_ways_also_out_of_gamut():
    values = np.linspace(-0.2, 1.3, 301).repeat(3).reshape(-1, 3) * np.array([1.0, 0.7, 1.2])

    assert np.abs(srgb_of_linear(linear_of_srgb(values)) - values).max() < 1e-6
    assert np.abs(linear_of_oklab(oklab_of_linear(values)) - values).max() < 1e-9


def test_linear_light_of_mid_grey_is_that_of_the_standard():
    assert linear_of_srgb(np.array([128 / 255]))[0] == pytest.approx(0.215861, abs=1e-6)


def test_colours_that_srgb_cannot_show_are_clipped():
    beyond_red = oklab_of_linear(np.array([1.4, -0.1, 0.5]))

    assert rgb_of_oklab(beyond_red).tolist() == [255, 0, round(255 * float(srgb_of_linear(np.array([0.5]))[0]))]


@given(CODES)
@settings(deadline=None)
def test_hex_codes_come_back(codes):
    assert rgb_of_hex(hex_of(codes)) == codes


def test_hex_codes_are_capitals_and_read_in_either_case():
    assert (hex_of((255, 20, 147)), rgb_of_hex("#ff1493")) == ("#FF1493", (255, 20, 147))


@pytest.mark.parametrize("text", ["", "FF1493", "#FF149", "#FF14933", "#FF149G", " #FF1493", "#FF1493\n", "#FF14９3", "pink"])
def test_rgb_of_hex_takes_nothing_but_a_colour(text):
    with pytest.raises(NotAColour, match="#FF1493"):
        rgb_of_hex(text)


@pytest.mark.parametrize("codes", [(0, 0), (0, 0, 256), (-1, 0, 0)])
def test_hex_of_takes_nothing_but_code_values(codes):
    with pytest.raises(NotAColour, match="0 to 255"):
        hex_of(codes)


@pytest.mark.parametrize(
    ("colour", "name"),
    [("#000000", "black"), ("#FEFEFE", "white"), ("#FE0101", "red"), ("#FF1493", "deep pink"), ("#808081", "grey")],
)
def test_nearest_name_of_a_well_known_colour(colour, name):
    assert nearest_colour_name(colour) == name


def test_every_named_colour_is_named_by_a_name_of_that_very_colour():
    assert {COLOUR_NAMES[nearest_colour_name(colour)] for colour in COLOUR_NAMES.values()} == set(COLOUR_NAMES.values())


def test_nearest_name_is_judged_by_eye_and_not_by_code_values():
    # In code values the nearest of the table is a black or a brown; to the eye it is a blue.
    assert "blue" in nearest_colour_name("#00003A") or "navy" in nearest_colour_name("#00003A")
