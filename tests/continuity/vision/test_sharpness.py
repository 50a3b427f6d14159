import math

import numpy as np
import pytest

from continuity.vision.errors import NotAPicture
from continuity.vision.sharpness import RINGS, DetailLoss, detail_lost, restore_detail
from tests.blurring import blurred, gradient_energy
from tests.pictures import Picture, contrast, grain, street

CENTRES = (np.arange(RINGS) + 0.5) * (0.5 / RINGS)


def textured(*, height: int = 192, shift: int = 0) -> Picture:
    """Blocks of many sizes: detail at every frequency."""
    random = np.random.default_rng(6)
    width = height * 16 // 9
    picture = np.zeros((height, width + 32))
    for side in (2, 3, 5, 8, 16, 32):
        blocks = random.normal(0, 14, (height // side + 1, (width + 32) // side + 1))
        picture += blocks.repeat(side, axis=0).repeat(side, axis=1)[:height, : width + 32]
    shown = np.clip(np.rint(128 + picture[:, shift : shift + width]), 0, 255).astype(np.uint8)
    return np.repeat(shown[..., None], 3, axis=-1)


@pytest.mark.parametrize("sigma", [0.6, 0.9])
def test_a_gaussian_blur_is_read_as_its_own_transfer_function(sigma: float) -> None:
    loss = detail_lost(textured(), blurred(textured(), sigma))

    truth = np.exp(-2 * (math.pi * sigma * CENTRES) ** 2)
    readable = truth > 0.3  # below that what is left is the rounding to 8 bits
    np.testing.assert_allclose(np.array(loss.ratio)[readable], truth[readable], atol=0.06)
    assert loss.height == 192
    assert loss.most < 0.5


def test_a_picture_that_lost_nothing_comes_back_as_it_is() -> None:
    loss = detail_lost(textured(), textured())

    assert loss.most == pytest.approx(1, abs=1e-6)
    np.testing.assert_array_equal(restore_detail(textured(), loss), textured())


@pytest.mark.parametrize("change", [lambda one: contrast(one, 0.3), lambda one: contrast(one, -0.3)])
def test_contrast_is_no_loss_of_detail(change) -> None:
    picture = contrast(textured(), -0.6)  # room at both ends

    assert detail_lost(picture, change(picture)).most > 0.97


def test_a_shift_is_no_loss_of_detail() -> None:
    assert detail_lost(textured(), textured(shift=7)).most > 0.85
    assert detail_lost(textured(), blurred(textured(shift=7), 0.9)).most < 0.5


def test_grain_that_was_added_is_never_taken_away_nor_amplified() -> None:
    clean = street(seed=2, height=192, grain=0)
    grainy = grain(clean, 6)

    restored = restore_detail(grainy, detail_lost(clean, grainy))

    assert restored is grainy


@pytest.mark.parametrize("sigma", [0.5, 0.6])
def test_restoring_brings_detail_back_and_nearer_to_the_truth(sigma: float) -> None:
    start, far = textured(), textured(shift=20)
    soft = blurred(far, sigma)

    restored = restore_detail(soft, detail_lost(start, blurred(start, sigma)))

    assert gradient_energy(soft) < 0.85 * gradient_energy(far)
    assert 0.88 <= gradient_energy(restored) / gradient_energy(far) <= 1.05
    assert np.abs(restored - far.astype(float)).mean() < 0.6 * np.abs(soft - far.astype(float)).mean()
    np.testing.assert_allclose(restored.mean(axis=(0, 1)), far.mean(axis=(0, 1)), atol=0.5)


def test_no_amplitude_is_more_than_doubled() -> None:
    loss = DetailLoss((1.0, *[0.05] * (RINGS - 1)), height=192)
    wave = np.rint(128 + 20 * np.cos(2 * np.pi * 0.25 * np.arange(320))).astype(np.uint8)
    picture = np.repeat(np.tile(wave, (192, 1))[..., None], 3, axis=-1)

    restored = restore_detail(picture, loss)

    assert 1.8 <= (restored.max() - 128) / 20 <= 2.05


def test_what_is_no_stronger_than_the_noise_is_not_amplified() -> None:
    loss = DetailLoss((1.0, *[0.5] * (RINGS - 1)), height=192)
    noise = grain(np.full((192, 320, 3), 128, dtype=np.uint8), 5)

    restored = restore_detail(noise, loss)

    assert restored.std() < 1.2 * noise.std()


def test_a_larger_picture_takes_the_gain_at_the_frequencies_of_its_content() -> None:
    loss = detail_lost(textured(), blurred(textured(), 0.6))
    doubled = blurred(textured(), 0.6).repeat(2, axis=0).repeat(2, axis=1)

    restored = restore_detail(doubled, loss)[::2, ::2]

    assert gradient_energy(restored) > 1.1 * gradient_energy(doubled[::2, ::2])


def test_a_larger_start_is_brought_down_first() -> None:
    large = textured().repeat(2, axis=0).repeat(2, axis=1)

    assert detail_lost(large, textured()).most > 0.97


@pytest.mark.parametrize(
    ("start", "first", "words"),
    [
        (textured()[:60], textured()[:60], "below 64 px"),
        (textured()[:100, :100], textured(), "smaller than the shot"),
        (np.full((90, 160, 3), 80, np.uint8), np.full((90, 160, 3), 80, np.uint8), "of one tone"),
    ],
)
def test_what_cannot_be_compared_is_not_measured_and_nothing_is_done(start: Picture, first: Picture, words: str) -> None:
    loss = detail_lost(start, first)

    assert (loss.ratio, loss.height, loss.most) == (None, None, None)
    assert words in loss.reason
    assert restore_detail(first, loss) is first


def test_array_that_is_no_picture_is_refused() -> None:
    with pytest.raises(NotAPicture):
        detail_lost(textured().astype(float), textured())
