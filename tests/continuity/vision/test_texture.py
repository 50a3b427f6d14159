import numpy as np
import pytest

from continuity.vision.texture import blur_amount, grey_for_texture, noise_sigma

ROWS, COLUMNS = np.mgrid[:360, :640]


def _grainy(sigma: float, base: np.ndarray | float = 120.0, seed: int = 1) -> np.ndarray:
    """A picture 640x360 with gaussian grain, the same in all channels."""
    grain = np.random.default_rng(seed).normal(0, sigma, (360, 640))
    return np.clip(base + grain, 0, 255).round().astype(np.uint8)[..., None].repeat(3, axis=2)


@pytest.mark.parametrize("base", [120.0, 60 + COLUMNS / 640 * 100 + 30 * np.sin(ROWS / 40)], ids=["flat", "shaded"])
@pytest.mark.parametrize("sigma", [1, 2, 3, 4, 6, 8, 12, 16])
def test_noise_sigma_reads_back_the_grain_that_was_added(sigma, base):
    grey = grey_for_texture(_grainy(sigma, base))

    assert noise_sigma(grey) == pytest.approx(sigma, rel=0.1)


def test_noise_sigma_is_read_beside_detail_and_not_in_it():
    detail = 120 + 60.0 * ((COLUMNS // 3 + ROWS // 3) % 2) * (COLUMNS > 220)

    assert noise_sigma(grey_for_texture(_grainy(4, detail))) == pytest.approx(4, rel=0.1)


def test_noise_sigma_leaves_out_what_is_clipped():
    half_black = np.where(COLUMNS < 400, 0.0, 120.0)

    assert noise_sigma(grey_for_texture(_grainy(4, half_black))) == pytest.approx(4, rel=0.1)


@pytest.mark.parametrize("level", [0, 8, 255])
def test_a_black_or_white_picture_has_no_grain_to_read(level):
    assert noise_sigma(grey_for_texture(np.full((360, 640, 3), level, dtype=np.uint8))) is None


def test_a_clean_picture_has_no_grain():
    assert noise_sigma(grey_for_texture(np.full((360, 640, 3), 90, dtype=np.uint8))) == pytest.approx(0, abs=1e-4)


def test_texture_is_not_measured_below_360_px_height():
    assert grey_for_texture(np.zeros((359, 640, 3), dtype=np.uint8)) is None


def test_texture_of_a_larger_picture_is_that_of_it_at_360_px():
    picture = _grainy(6)
    enlarged = picture.repeat(3, axis=0).repeat(3, axis=1)

    grey = grey_for_texture(enlarged)

    assert grey.shape == (360, 640)
    assert np.abs(grey - grey_for_texture(picture)).max() < 1e-2


def test_grey_weighs_the_channels_as_bt709():
    picture = np.zeros((360, 4, 3), dtype=np.uint8)
    picture[:] = (255, 0, 100)

    assert grey_for_texture(picture)[0, 0] == pytest.approx(255 * 0.2126 + 100 * 0.0722, abs=1e-3)


def _tiles() -> np.ndarray:
    """A grey checkerboard of 20 px tiles."""
    return ((((COLUMNS // 20 + ROWS // 20) % 2) * 120 + 60)[:240, :320]).astype(np.float32)


def _smeared(picture: np.ndarray, taps: int, axis: int) -> np.ndarray:
    """Mean over ``taps`` pixels along an axis, borders cut off."""
    smeared = np.apply_along_axis(np.convolve, axis, picture, np.ones(taps) / taps, mode="same")
    return smeared[20:-20, 20:-20].astype(np.float32)


def test_blur_of_a_perfect_edge_is_two_elevenths():
    # A step keeps 2/11 of its gradient where it stands when it is spread over eleven pixels.
    assert blur_amount(_tiles()) == pytest.approx(2 / 11, abs=1e-4)


def test_blur_rises_with_every_further_blur():
    amounts = [blur_amount(_smeared(_smeared(_tiles(), taps, 0), taps, 1)) for taps in (1, 3, 5, 9, 15)]

    assert amounts == sorted(amounts)
    assert amounts[0] < 0.2 < 0.6 < amounts[-1] < 1


def test_blur_in_one_direction_counts():
    smeared = _smeared(_tiles(), 9, 1)

    assert blur_amount(smeared) > blur_amount(_tiles()) + 0.3
    assert blur_amount(smeared.T) == pytest.approx(blur_amount(smeared))


def test_blur_does_not_depend_on_brightness_or_contrast():
    tiles = _smeared(_tiles(), 5, 0)

    assert blur_amount(tiles * 0.3 + 20) == pytest.approx(blur_amount(tiles), abs=1e-5)


@pytest.mark.parametrize("grey", [np.full((90, 90), 77.0), np.zeros((1, 1)), np.zeros((360, 3)), np.zeros((3, 360))])
def test_a_picture_without_edges_has_no_blur_to_read(grey):
    assert blur_amount(grey.astype(np.float32)) is None


def test_a_picture_narrower_than_a_block_has_no_grain_to_read():
    assert noise_sigma(np.full((360, 15), 100, dtype=np.float32)) is None
