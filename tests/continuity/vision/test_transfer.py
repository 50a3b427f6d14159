import numpy as np
import pytest

from continuity.vision.colour import oklab_of_rgb
from continuity.vision.transfer import Fit, fit_transfer, monge_kantorovich
from tests.pictures import Picture, exposure, gamma, hue, street


def colours(picture: Picture) -> np.ndarray:
    return oklab_of_rgb(picture).reshape(-1, 3)


def fitted(source: Picture, reference: Picture) -> Fit:
    return fit_transfer(colours(source), colours(reference), np.ones(len(colours(source)), dtype=bool))


def distance(fit: Fit, source: Picture, reference: Picture) -> float:
    """Mean OKLab distance times 100 after the transfer."""
    return float(100 * np.linalg.norm(fit.transfer(colours(source)) - colours(reference), axis=1).mean())


def test_linear_map_takes_mean_and_covariance_to_those_of_the_reference() -> None:
    random = np.random.default_rng(1)
    spread = np.array([[0.15, 0.02, 0], [0, 0.05, 0.01], [0, 0, 0.04]])
    source = (random.normal(size=(4000, 3)) @ spread + [0.5, 0.02, 0.01]).astype(np.float32)
    mixing = np.array([[1.1, 0.05, 0.0], [0.05, 0.9, 0.02], [0.0, 0.02, 1.2]])
    reference = ((source - source.mean(axis=0)) @ mixing + [0.6, 0, 0.03]).astype(np.float32)

    linear = monge_kantorovich(source, reference)

    np.testing.assert_allclose(linear.matrix, mixing, atol=0.01)  # symmetric and positive, so it is the very map
    np.testing.assert_allclose(linear(source).mean(axis=0), reference.mean(axis=0), atol=1e-4)


def test_no_direction_is_stretched_more_than_one_and_a_half_times() -> None:
    source = np.random.default_rng(2).normal(0, 0.05, (2000, 3)).astype(np.float32)

    stretches = [
        np.linalg.eigvalsh(monge_kantorovich(source, source * scale).matrix) for scale in (np.float32(9), np.float32(0.1))
    ]

    np.testing.assert_allclose(stretches, [[1.5] * 3, [1 / 1.5] * 3], atol=1e-4)


def test_picture_of_one_tone_gives_a_finite_map() -> None:
    grey = np.full((500, 3), 0.5, dtype=np.float32)

    fit = fit_transfer(grey, grey + np.float32(0.1), np.ones(500, dtype=bool))

    np.testing.assert_allclose(fit.transfer(grey), grey + 0.1, atol=1e-3)


@pytest.mark.parametrize("change", [lambda picture: hue(picture, 15), lambda picture: gamma(picture, -0.4)])
def test_pairs_correct_what_no_symmetric_linear_map_can(change) -> None:
    picture = street(seed=3, height=108)
    changed = change(picture)

    fit = fitted(changed, picture)

    linear = monge_kantorovich(colours(changed), colours(picture))
    left_by_linear = 100 * np.linalg.norm(linear(colours(changed)) - colours(picture), axis=1).mean()
    assert distance(fit, changed, picture) < 0.7 * left_by_linear


def test_what_moved_is_dropped_and_does_not_pull_the_fit() -> None:
    picture = street(seed=3, height=108)
    darker = exposure(picture, -0.5)
    moved = darker.copy()
    moved[20:70, 30:90] = [240, 40, 200]  # something that is only in the one frame

    fit = fitted(moved, picture)

    kept = fit.kept.reshape(108, 192)
    assert kept[20:70, 30:90].mean() < 0.02
    assert kept[75:].mean() > 0.9
    assert distance(fit, darker, picture) < 0.6


def test_correction_does_not_run_away_outside_the_colours_it_was_fitted_on() -> None:
    picture = street(seed=3, height=108) // 2 + 60
    turned = colours(hue(picture, 25))
    ends = oklab_of_rgb(np.array([[[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 0, 255]]], dtype=np.uint8))[0]

    transfer = fitted(hue(picture, 25), picture).transfer

    within, beyond = (np.abs(transfer(lab) - transfer.linear(lab)).max() for lab in (turned, ends))
    assert within > 0.005
    assert beyond < 1.5 * within


def test_correction_fades_where_pixels_do_not_lie_on_their_counterparts() -> None:
    blocks = np.random.default_rng(4).integers(40, 210, (27, 48, 3)).astype(np.uint8)
    picture = blocks.repeat(4, axis=0).repeat(4, axis=1)
    changed = gamma(picture, 0.4)

    fits = [fitted(shown, picture) for shown in (changed, np.roll(changed, 6, axis=1))]

    curved = [float(np.abs(fit.transfer.weights[:, 1:]).max()) for fit in fits]
    assert curved[0] > 0.005
    assert curved[1] < 0.1 * curved[0]
