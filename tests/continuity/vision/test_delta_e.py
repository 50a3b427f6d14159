"""CIEDE2000 against the published test data of Sharma, Wu and Dalal (2005), table 1."""

import numpy as np
import pytest

from continuity.vision.delta_e import cielab_of_rgb, delta_e_2000

PUBLISHED = [
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, 3.1571, -77.2803), (50.0, 0.0, -82.7485), 2.8615),
    ((50.0, 2.8361, -74.02), (50.0, 0.0, -82.7485), 3.4412),
    ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0),
    ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
    ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0009), 7.1792),
    ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0011), 7.2195),
    ((50.0, -0.001, 2.49), (50.0, 0.0009, -2.49), 4.8045),
    ((50.0, 2.5, 0.0), (50.0, 0.0, -2.5), 4.3065),
    ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ((50.0, 2.5, 0.0), (58.0, 24.0, 15.0), 19.4535),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((63.0109, -31.0961, -5.8663), (62.8187, -29.7946, -4.0864), 1.263),
    ((22.7233, 20.0904, -46.694), (23.0331, 14.973, -42.5619), 2.0373),
    ((90.8027, -2.0831, 1.441), (91.1528, -1.6435, 0.0447), 1.4441),
    ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("lab", "other", "expected"), PUBLISHED)
def test_delta_e_is_the_published_one(lab: tuple[float, ...], other: tuple[float, ...], expected: float) -> None:
    pair = np.array(lab), np.array(other)

    forward, backward = delta_e_2000(*pair), delta_e_2000(*reversed(pair))

    assert (round(float(forward), 4), round(float(backward), 4)) == (expected, expected)


def test_cielab_of_the_primaries_is_the_published_one() -> None:
    codes = np.array([[255, 255, 255], [255, 0, 0], [0, 0, 255], [0, 0, 0]], dtype=np.uint8)

    lab = cielab_of_rgb(codes)

    expected = [[100, 0, 0], [53.2408, 80.0925, 67.2032], [32.2970, 79.1875, -107.8602], [0, 0, 0]]
    assert lab == pytest.approx(np.array(expected), abs=0.01)
