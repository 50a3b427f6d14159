import numpy as np
import pytest

from continuity.vision.filling import filled


def _holes(height, width, rows, columns):
    holes = np.zeros((height, width), dtype=bool)
    holes[rows, columns] = True
    return holes


def test_hole_in_a_gradient_gets_the_gradient():
    gradient = np.stack(np.broadcast_arrays(np.arange(128)[:, None] * 1.5, np.arange(128) * 1.5, 60), axis=-1).astype(np.uint8)
    holes = _holes(128, 128, slice(40, 80), slice(50, 90))
    broken = gradient.copy()
    broken[holes] = 255

    result = filled(broken, holes)

    assert np.abs(result.astype(int) - gradient).max() <= 6
    assert np.array_equal(result[~holes], gradient[~holes])


def test_hole_at_the_border_goes_on_from_the_edge_without_a_step():
    picture = np.random.default_rng(3).integers(0, 256, (90, 160, 3), dtype=np.uint8)
    picture[:, 100:140] = np.linspace(40, 200, 90).astype(np.uint8)[:, None, None]
    holes = _holes(90, 160, slice(None), slice(140, 160))

    result = filled(picture, holes).astype(int)

    assert np.abs(result[:, 140] - result[:, 139]).max() <= 6
    assert result[holes].min() >= 40
    assert result[holes].max() <= 200


def test_fill_comes_from_the_known_pixels_only():
    picture = np.full((64, 64, 3), (0, 0, 255), dtype=np.uint8)
    picture[20:44, 20:32] = (255, 0, 0)
    holes = _holes(64, 64, slice(20, 44), slice(32, 44))

    result = filled(picture, holes, known=picture[..., 0] == 0)

    assert (result[holes] == (0, 0, 255)).all()
    assert (result[20:44, 20:32] == (255, 0, 0)).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (5, 3), (64, 33)])
def test_picture_without_a_known_pixel_is_grey_and_one_without_a_hole_stays(shape):
    picture = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)

    assert np.unique(filled(picture, np.ones(shape, dtype=bool))).tolist() == [128]
    assert np.array_equal(filled(picture, np.zeros(shape, dtype=bool)), picture)


def test_one_known_pixel_fills_everything():
    picture = np.zeros((33, 50, 3), dtype=np.uint8)
    picture[32, 0] = (10, 20, 30)
    holes = np.ones((33, 50), dtype=bool)
    holes[32, 0] = False

    assert (filled(picture, holes) == (10, 20, 30)).all()


def test_picture_that_is_given_is_not_changed():
    picture = np.full((8, 8, 3), 9, dtype=np.uint8)
    before = picture.copy()

    filled(picture, _holes(8, 8, slice(0, 4), slice(0, 4)))

    assert np.array_equal(picture, before)
