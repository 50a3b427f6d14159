import numpy as np
import pytest

from continuity.vision.errors import NotAPicture
from continuity.vision.scale import area_average, require_picture, shrink_to_height, shrink_to_width


def _random(*shape: int) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize(("height", "width"), [(4, 6), (5, 3), (7, 9), (1, 1), (6, 2)])
def test_area_average_equals_the_mean_of_the_covered_area(height, width):
    picture = _random(7, 9, 3)
    # Repeating each pixel makes every covered area a whole number of pixels, so that a plain mean is the truth.
    fine = picture.astype(np.float64).repeat(height, axis=0).repeat(width, axis=1)
    truth = fine.reshape(height, 7, width, 9, 3).mean(axis=(1, 3))

    averaged = area_average(picture, height=height, width=width)

    assert np.abs(averaged - truth).max() < 1e-3


def test_area_average_of_a_flat_picture_is_that_value():
    averaged = area_average(np.full((1080, 1919), 255, dtype=np.uint8), height=77, width=192)

    assert (averaged.shape, np.abs(averaged - 255).max() < 1e-3) == ((77, 192), True)


@pytest.mark.parametrize(
    ("source", "expected"), [((1080, 1920), (108, 192)), ((100, 192), (100, 192)), ((3, 2), (3, 2)), ((1, 4000), (1, 192))]
)
def test_shrink_to_width_keeps_the_aspect_and_never_enlarges(source, expected):
    assert shrink_to_width(np.zeros((*source, 3), dtype=np.uint8), 192).shape == (*expected, 3)


@pytest.mark.parametrize(("source", "expected"), [((1080, 1920), (360, 640)), ((359, 8), (359, 8)), ((4000, 1), (360, 1))])
def test_shrink_to_height_keeps_the_aspect_and_never_enlarges(source, expected):
    assert shrink_to_height(np.zeros((*source, 3), dtype=np.uint8), 360).shape == (*expected, 3)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4), dtype=np.uint8),
        np.zeros((4, 4, 4), dtype=np.uint8),
        np.zeros((4, 4, 3)),
        np.zeros((0, 4, 3), dtype=np.uint8),
    ],
)
def test_require_picture_refuses_what_is_no_rgb_picture(array):
    with pytest.raises(NotAPicture, match="8-bit RGB"):
        require_picture(array)
