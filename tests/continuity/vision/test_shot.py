from dataclasses import replace

import numpy as np
import pytest

from continuity.vision.shot import ShotPictures, blown_out, is_black, is_copy, is_frozen, is_white
from tests.continuity.vision.shots import moving_shot, plain_shot, still_shot
from tests.pictures import Picture, exposure, street


def noisy(picture: Picture, amount: int, *, seed: int) -> Picture:
    """As another encoding leaves it: every pixel up to ``amount`` code values off."""
    noise = np.random.default_rng(seed).integers(-amount, amount + 1, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def encoded_again(shot: ShotPictures, amount: int = 3) -> ShotPictures:
    first, *samples, last = [noisy(picture, amount, seed=n) for n, picture in enumerate((shot.first, *shot.samples, shot.last))]
    return replace(shot, samples=tuple(samples), first=first, last=last)


def test_a_shot_that_moves_is_not_frozen() -> None:
    assert not is_frozen(moving_shot())


def test_a_picture_that_is_repeated_is_frozen() -> None:
    assert is_frozen(still_shot(street(seed=2, height=180)))


def test_one_frame_alone_is_not_called_frozen() -> None:
    picture = street(seed=2, height=180)

    assert not is_frozen(ShotPictures(samples=(picture,), first=picture, last=picture, frame_count=1))


def test_a_small_thing_that_moves_is_movement() -> None:
    picture = street(seed=2, height=180)
    later = picture.copy()
    later[100:106, 100:106] = 255 - later[100:106, 100:106]

    assert not is_frozen(replace(still_shot(picture), last=later))


def test_a_faint_thing_that_moves_in_a_picture_of_high_contrast_is_movement() -> None:
    board = np.kron(np.indices((9, 16)).sum(axis=0) % 2 * 200, np.ones((20, 20)))[..., None].repeat(3, axis=-1).astype(np.uint8)
    later = board.copy()
    later[82:98, 82:98] += 28

    assert not is_frozen(replace(still_shot(board), last=later))


def test_movement_in_a_dim_picture_of_little_contrast_is_movement() -> None:
    fog = (100 + 6 * np.sin(np.linspace(0, 6, 320))[None, :, None] * np.ones((180, 1, 3))).astype(np.uint8)

    assert not is_frozen(replace(still_shot(fog), last=np.roll(fog, 60, axis=1)))


@pytest.mark.parametrize("again", [lambda shot: shot, encoded_again], ids=["the same bytes", "encoded again"])
def test_the_same_clip_is_a_copy(again) -> None:
    shot = moving_shot()

    assert is_copy(shot, again(shot))


@pytest.mark.parametrize(
    "other",
    [
        moving_shot(start=0.3),
        moving_shot(seed=3),
        moving_shot(change=lambda picture: exposure(picture, -0.3)),
        moving_shot(frame_count=96),
        moving_shot(start=0.01),
        moving_shot(height=90),
    ],
    ids=["its continuation", "another place", "another grade", "another length", "a step further", "another size"],
)
def test_another_clip_is_no_copy(other: ShotPictures) -> None:
    assert not is_copy(moving_shot(), other)


def test_a_quiet_shot_in_another_grade_is_no_copy() -> None:
    """The two lie within what another encoding does, but so does everything that moves in them."""
    assert not is_copy(moving_shot(length=0.01), moving_shot(length=0.01, change=lambda picture: exposure(picture, -0.05)))


def test_a_still_picture_that_goes_on_is_a_copy_only_when_it_is_the_very_same() -> None:
    picture = street(seed=2, height=180)

    assert is_copy(still_shot(picture), still_shot(picture))
    assert not is_copy(still_shot(picture), encoded_again(still_shot(picture)))


@pytest.mark.parametrize(
    ("code", "black", "white"), [(0, True, False), (15, True, False), (16, False, False), (251, False, True)]
)
def test_black_and_white_pictures_are_told(code: int, black: bool, white: bool) -> None:
    picture = plain_shot(code).first

    assert (is_black(picture), is_white(picture)) == (black, white)


def test_a_light_in_the_dark_is_not_black() -> None:
    picture = plain_shot(0).first.copy()
    picture[80:100, 100:130] = 200

    assert not is_black(picture)


def test_share_that_is_blown_out_counts_pixels_white_in_every_channel() -> None:
    picture = np.zeros((100, 100, 3), dtype=np.uint8)
    picture[:30] = 255
    picture[30:60, :, 0] = 255

    assert blown_out(picture) == pytest.approx(0.3)


def test_size_is_that_of_the_pictures() -> None:
    assert (moving_shot().width, moving_shot().height) == (320, 180)
