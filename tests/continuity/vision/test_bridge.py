import math

import numpy as np
import pytest

from continuity.enums import BridgeKind
from continuity.vision.bridge import BridgeCheck, bridge_check, cropped_like, normalised_cross_correlation
from continuity.vision.errors import NotAPicture
from tests.pictures import Picture, contrast, exposure, gamma, hue, saturation, street, temperature

PAN = 0.004
"""A step of the camera between two frames, as a share of the height."""


def plain(code: int, *, height: int = 90, width: int = 160) -> Picture:
    return np.full((height, width, 3), code, dtype=np.uint8)


def stripes(*, shift: float, width: int = 640, height: int = 64) -> Picture:
    """A sine of four periods across the picture, ``shift`` in radians."""
    wave = 128 + 80 * np.sin(np.linspace(0, 8 * np.pi, width, endpoint=False) + shift)
    return np.repeat(np.tile(np.rint(wave).astype(np.uint8), (height, 1))[..., None], 3, axis=-1)


@pytest.mark.parametrize("shift", [0, 0.5, 1, math.pi / 2, math.pi])
def test_correlation_of_two_waves_is_the_cosine_of_their_shift(shift: float) -> None:
    assert normalised_cross_correlation(stripes(shift=0), stripes(shift=shift)) == pytest.approx(math.cos(shift), abs=0.01)


@pytest.mark.parametrize(
    "change",
    [
        lambda picture: exposure(picture, -0.7),
        lambda picture: temperature(picture, 0.4),
        lambda picture: saturation(picture, -0.6),
        lambda picture: contrast(picture, -0.4),
        lambda picture: hue(picture, 20),
        lambda picture: gamma(picture, 0.4),
    ],
)
def test_the_next_frame_is_bridged_whatever_its_grade(change) -> None:
    last, first = street(seed=1, height=180), change(street(seed=1, height=180, shift=PAN))

    check = bridge_check(last, first)

    assert (check.kind, check.reason) == (BridgeKind.BRIDGED, None)
    assert check.ncc >= 0.97


def test_a_camera_that_went_on_a_little_is_bridged_with_motion() -> None:
    check = bridge_check(street(seed=1, height=180), street(seed=1, height=180, shift=0.04))

    assert check.kind == BridgeKind.BRIDGED_WITH_MOTION
    assert 0.85 <= check.ncc < 0.97


def test_another_picture_is_a_cut() -> None:
    check = bridge_check(street(seed=1, height=180), street(seed=9, height=180))

    assert check.kind == BridgeKind.CUT
    assert check.ncc < 0.85


@pytest.mark.parametrize(("ncc", "kind"), [(0.97, "bridged"), (0.9699, "bridged-with-motion"), (0.85, "bridged-with-motion")])
def test_the_thresholds_belong_to_the_better_kind(monkeypatch: pytest.MonkeyPatch, ncc: float, kind: str) -> None:
    monkeypatch.setattr("continuity.vision.bridge.normalised_cross_correlation", lambda left, right: ncc)

    assert bridge_check(street(seed=1, height=90), street(seed=1, height=90)) == BridgeCheck(BridgeKind(kind), ncc)


def test_check_is_symmetric_for_pictures_of_one_shape() -> None:
    left, right = street(seed=1, height=180), street(seed=2, height=180)

    assert bridge_check(left, right) == bridge_check(right, left)


@pytest.mark.parametrize("height", [90, 180, 360])
def test_size_of_the_pictures_does_not_matter(height: int) -> None:
    check = bridge_check(street(seed=3, height=720, grain=0), street(seed=3, height=height, grain=0))

    assert check.ncc >= 0.99
    assert not check.is_cropped


@pytest.mark.parametrize("aspect", [9 / 16, 1, 1.66, 2.35], ids=["upright", "square", "slightly narrower", "wider"])
def test_a_picture_made_of_another_shape_is_compared_with_the_middle_it_shows(aspect: float) -> None:
    last = street(seed=4, height=360)
    frame = np.zeros((1000, round(1000 * aspect), 3), dtype=np.uint8)

    check = bridge_check(last, cropped_like(street(seed=4, height=360, shift=PAN), frame))

    assert (check.kind, check.is_cropped) == (BridgeKind.BRIDGED, True)


def test_a_picture_that_was_pressed_into_another_shape_is_compared_whole() -> None:
    last = street(seed=4, height=360, grain=0)
    pressed = last[:, ::2]

    check = bridge_check(last, pressed)

    assert (check.kind, check.is_cropped) == (BridgeKind.BRIDGED, False)


def test_crop_is_the_largest_middle_of_the_other_shape() -> None:
    picture = np.arange(6 * 10 * 3, dtype=np.uint8).reshape(6, 10, 3)

    upright = cropped_like(picture, np.zeros((3, 2, 3), dtype=np.uint8))

    np.testing.assert_array_equal(upright, picture[:, 3:7])


@pytest.mark.parametrize("code", [0, 128, 255])
def test_a_picture_of_one_tone_has_no_correlation_but_a_reason(code: int) -> None:
    picture = street(seed=1, height=90)

    assert bridge_check(plain(code), picture) == BridgeCheck(
        None,
        None,
        "The last frame of the shot before is of one tone (black, white or a plain colour): there is nothing to compare.",
    )
    assert bridge_check(picture, plain(code)).reason == (
        "The first frame of the shot is of one tone (black, white or a plain colour): there is nothing to compare."
    )
    assert normalised_cross_correlation(picture, plain(code)) is None


def test_noise_on_black_is_no_content() -> None:
    noise = np.random.default_rng(2).integers(0, 4, (180, 320, 3)).astype(np.uint8)

    assert bridge_check(noise, noise).kind is None


def test_a_part_in_common_that_is_of_one_tone_gives_no_correlation() -> None:
    """All detail lies outside the middle that an upright picture could show; pressed together, the wide one is not plain."""
    wide = plain(128, height=90, width=320)
    wide[:, :60] = street(seed=1, height=90)[:, :60]
    upright = street(seed=2, height=160)[:, 100:190]

    check = bridge_check(wide, upright)

    assert (check.kind, check.is_cropped) == (BridgeKind.CUT, False)


def test_a_tiny_picture_is_not_compared() -> None:
    check = bridge_check(street(seed=1, height=90), street(seed=1, height=90)[:6, :6])

    assert (check.kind, check.ncc) == (None, None)
    assert check.reason == "The first frame of the shot is 6x6: a picture of less than 8 px has no content to compare."


@pytest.mark.parametrize("wrong", [np.zeros((9, 9), np.uint8), np.zeros((9, 9, 3), np.float32), np.zeros((0, 9, 3), np.uint8)])
def test_what_is_no_picture_is_refused(wrong: np.ndarray) -> None:
    with pytest.raises(NotAPicture):
        bridge_check(street(seed=1, height=90), wrong)
