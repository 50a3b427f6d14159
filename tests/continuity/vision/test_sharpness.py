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


def wave(frequency: float, *, height: int = 192) -> Picture:
    """Grey stripes of ``frequency`` cycles per pixel, 20 code values around 128."""
    row = np.rint(128 + 20 * np.cos(2 * np.pi * frequency * np.arange(height * 5 // 3))).astype(np.uint8)
    return np.repeat(np.tile(row, (height, 1))[..., None], 3, axis=-1)


def amplitude(picture: Picture) -> float:
    """Of such stripes away from the borders, 1 = as they were made."""
    return float(picture[40:-40, 40:-40].std() * math.sqrt(2) / 20)


@pytest.mark.parametrize(("ratio", "gain"), [(0.05, 2), (0.5, 2), (0.8, 1.25), (1, 1), (2, 1)])
def test_an_amplitude_is_given_back_at_most_doubled_and_never_taken(ratio: float, gain: float) -> None:
    at_a_quarter = [ratio if 12 <= ring < 20 else 0.9 for ring in range(RINGS)]

    restored = restore_detail(wave(0.25), DetailLoss(tuple(at_a_quarter), height=192))

    assert amplitude(restored) == pytest.approx(gain, abs=0.05)


def test_a_larger_picture_takes_the_gain_at_the_frequencies_of_its_content() -> None:
    at_a_quarter = DetailLoss(tuple(0.5 if 12 <= ring < 20 else 1.0 for ring in range(RINGS)), height=192)

    restored = [restore_detail(wave(frequency, height=384), at_a_quarter) for frequency in (0.125, 0.25)]

    assert [amplitude(picture) for picture in restored] == pytest.approx([2, 1], abs=0.05)


def test_what_is_no_stronger_than_the_noise_is_not_amplified() -> None:
    loss = DetailLoss((1.0, *[0.5] * (RINGS - 1)), height=192)
    noise = grain(np.full((192, 320, 3), 128, dtype=np.uint8), 5)

    restored = restore_detail(noise, loss)

    assert restored.std() < 1.2 * noise.std()


def test_a_larger_start_is_brought_down_first() -> None:
    large = textured().repeat(2, axis=0).repeat(2, axis=1)

    assert detail_lost(large, textured()).most > 0.97


def test_a_start_of_another_shape_is_cropped_to_that_of_the_shot() -> None:
    left = (341 - 192) // 2
    square = np.ascontiguousarray(textured()[:, left : left + 192])

    lost = [detail_lost(textured(), picture).most for picture in (square, blurred(square, 0.9))]

    assert lost[0] > 0.97
    assert lost[1] < 0.5


@pytest.mark.parametrize(
    ("start", "first", "words"),
    [
        (textured()[:60], textured()[:60], "below 64 px"),
        (textured()[:120, :213], textured(), "smaller than the shot"),
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
