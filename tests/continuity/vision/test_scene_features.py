import numpy as np
import pytest

from continuity.vision.colour import oklab_of_rgb
from continuity.vision.errors import NotAPicture
from continuity.vision.scene_features import BINS, NO_DETAIL, NO_GRAIN, TOO_LOW, TOO_SMALL, shot_features
from continuity.vision.scene_score import hellinger
from tests.pictures import street

RED, BLUE = (210, 50, 20), (20, 60, 160)
"""Both well inside a bin."""


def _halves(left: int, right: int, *, height: int = 360, width: int = 480) -> np.ndarray:
    """Grey left of the middle, another grey right of it."""
    picture = np.full((height, width, 3), left, dtype=np.uint8)
    picture[:, width // 2 :] = right
    return picture


def _bin_of(rgb: tuple[int, int, int]) -> int:
    light, green_red, blue_yellow = oklab_of_rgb(np.array(rgb, dtype=np.uint8))
    cells = int(light * 8), int((green_red + 0.3) / 0.05), int((blue_yellow + 0.3) / 0.05)
    return int(np.ravel_multi_index(cells, BINS))


def test_histogram_holds_the_share_of_each_colour():
    picture = np.empty((360, 480, 3), dtype=np.uint8)
    picture[:, :120], picture[:, 120:] = RED, BLUE

    histogram = shot_features([picture]).histogram

    red, blue = _bin_of(RED), _bin_of(BLUE)
    assert red != blue
    assert {index: round(float(histogram[index]), 4) for index in np.flatnonzero(histogram)} == {red: 0.25, blue: 0.75}


def test_histogram_counts_white_and_colours_beyond_its_reach_in_the_outermost_bins():
    features = shot_features([_halves(255, 0)])

    assert features.histogram.shape == (8 * 12 * 12,)
    assert features.histogram.reshape(BINS).sum(axis=(1, 2)) == pytest.approx([0.5, 0, 0, 0, 0, 0, 0, 0.5])


def test_a_rounded_code_value_does_not_move_a_grey_wall_to_other_bins():
    """Greys lie on the edge between bins: sharp ones would call the two walls entirely different."""
    grey, warmer, colder = (np.full((360, 480, 3), 128, dtype=np.uint8) for _ in range(3))
    warmer[..., 2], colder[..., 2] = 127, 129

    shares = [shot_features([wall]).histogram for wall in (warmer, grey, colder)]

    assert [hellinger(shares[1], other) < 0.4 for other in shares] == [True, True, True]
    assert hellinger(shares[0], shares[2]) < 0.6


def test_gradients_are_those_of_one_edge_at_four_heights():
    features = shot_features([_halves(0, 255)])

    # A step of 1 is 4 in the two columns beside it; the outermost rows and columns have no neighbours.
    widths = np.array([288, 144, 72, 36])
    assert features.gradients == pytest.approx(np.log(2 * 4 / (widths - 2) + 1e-3), abs=1e-4)


def test_edges_upright_and_level_are_two_directions():
    upright, level = _halves(0, 255), np.ascontiguousarray(_halves(0, 255, height=480, width=360).swapaxes(0, 1))

    shares = [shot_features([picture]).orientations for picture in (upright, level)]

    assert [np.flatnonzero(share > 0.01).tolist() for share in shares] == [[0], [4]]


def test_frames_of_a_shot_are_averaged():
    dark, light = _halves(40, 60), _halves(200, 220)

    both, first, second = shot_features([dark, light]), shot_features([dark]), shot_features([light])

    assert both.histogram == pytest.approx((first.histogram + second.histogram) / 2)
    assert both.gradients == pytest.approx((first.gradients + second.gradients) / 2)


def test_noise_is_the_median_of_the_frames_in_code_values():
    # Grain on 720 rows is halved by averaging 2 x 2 pixels.
    frames = [street(seed=1, grain=grain, height=720) for grain in (4, 4, 16)]

    assert shot_features(frames).noise == pytest.approx(2.0, rel=0.1)


def test_a_low_picture_leaves_grain_and_the_finest_detail_out():
    features = shot_features([street(seed=1, height=180)])

    assert (features.noise, features.not_measured) == (None, {"grain": TOO_LOW})
    assert np.isnan(features.gradients).tolist() == [True, False, False, False]
    assert features.reason is None


def test_clipped_picture_has_no_grain_but_can_be_compared():
    features = shot_features([_halves(0, 255)])

    assert (features.noise, features.not_measured, features.reason) == (None, {"grain": NO_GRAIN}, None)


@pytest.mark.parametrize("level", [0, 127, 255])
def test_frames_of_one_flat_colour_cannot_be_compared(level):
    frame = np.full((360, 640, 3), level, dtype=np.uint8)

    features = shot_features([frame, frame])

    assert (features.reason, features.gradients.size, features.orientations.size) == (NO_DETAIL, 0, 0)


def test_a_black_frame_in_a_shot_does_not_count_for_detail():
    picture = street(seed=2)

    faded, plain = shot_features([np.zeros_like(picture), picture]), shot_features([picture])

    assert faded.reason is None
    assert (faded.gradients == plain.gradients).all()
    assert (faded.orientations == plain.orientations).all()
    assert not np.array_equal(faded.histogram, plain.histogram)


@pytest.mark.parametrize("size", [(26, 640), (1, 1), (2000, 30), (4, 6)])
def test_specks_and_strips_cannot_be_compared(size):
    frame = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)

    assert shot_features([frame]).reason == TOO_SMALL


@pytest.mark.parametrize("size", [(27, 48), (90, 160), (640, 360), (216, 2000), (361, 203)])
def test_small_tall_and_wide_pictures_can_be_compared(size):
    frame = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)

    features = shot_features([frame])

    assert features.reason is None
    assert float(features.histogram.sum()) == pytest.approx(1)
    assert float(features.orientations.sum()) == pytest.approx(1)


def test_two_sizes_of_one_picture_have_nearly_the_same_features():
    large, small = shot_features([street(seed=3, height=1080, grain=0)]), shot_features([street(seed=3, height=360, grain=0)])

    assert np.abs(large.gradients - small.gradients).max() < 0.05
    assert np.abs(large.luma - small.luma).max() < 0.02


def test_exposure_is_counted_in_stops():
    darker, lighter = shot_features([_halves(0, 64)]), shot_features([_halves(0, 64).astype(np.uint8) * 2])

    # sRGB 64 is .0513 in linear light, 128 is .2159.
    assert lighter.exposure - darker.exposure == pytest.approx(np.log2(0.2159 / 0.0513), abs=0.01)


def test_a_shot_needs_a_frame_and_the_frame_must_be_a_picture():
    with pytest.raises(NotAPicture, match="no frame"):
        shot_features([])
    with pytest.raises(NotAPicture, match="8-bit RGB"):
        shot_features([np.zeros((360, 640, 4), dtype=np.uint8)])
