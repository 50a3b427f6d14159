"""Takes differ on purpose, less where the prompt holds an aspect, and never with the same seed."""

import numpy as np
import pytest

from continuity.providers.animatic_scene.drift import HELD, LIMIT_SIGMAS, drift_of
from continuity.vision.colour import oklab_of_rgb
from tests.continuity.providers.animatic_takes import all_frames, first_frame, small_take

SEEDS = range(6)


def test_same_seed_gives_the_same_frames_and_another_seed_others() -> None:
    one, again, other = (all_frames(small_take("a city street at dusk", seed=seed, frames=2)) for seed in (1, 1, 2))

    assert all(np.array_equal(first, second) for first, second in zip(one, again, strict=True))
    assert not np.array_equal(one[0], other[0])


def test_without_a_seed_the_prompt_decides() -> None:
    one, again, other = (small_take(prompt, seed=None).direction.seed for prompt in ("a", "a", "b"))

    assert one == again != other


def test_takes_drift_less_when_the_prompt_holds_the_look() -> None:
    spreads = {}
    for prompt in ("alpine meadow at noon", "alpine meadow at noon, clear sky, a palette of forest green and sky blue"):
        means = [oklab_of_rgb(first_frame(prompt, seed=seed))[..., 1:].mean(axis=(0, 1)) for seed in SEEDS]
        spreads[prompt] = float(np.linalg.norm(np.std(means, axis=0)))
    loose, held = spreads.values()

    assert loose > 0.008
    assert held < 0.6 * loose


@pytest.mark.parametrize(
    ("aspect", "names"),
    [("hour", ["exposure_stops"]), ("palette", ["temperature", "hue_degrees", "saturation"]), ("weather", ["weather"])],
)
def test_a_held_aspect_keeps_a_fifth_of_its_drift_and_the_others_all(aspect: str, names: list[str]) -> None:
    free, held = vars(drift_of(11, held=frozenset())), vars(drift_of(11, held=frozenset({aspect})))

    for name, value in free.items():
        centre = 1.0 if name in ("saturation", "weather") else 0.0
        share = HELD if name in names else 1.0
        assert held[name] - centre == pytest.approx(share * (value - centre))


def test_drift_is_bounded_and_centred() -> None:
    stops = np.asarray([drift_of(seed, held=frozenset()).exposure_stops for seed in range(400)])

    assert abs(stops.mean()) < 0.05
    assert np.abs(stops).max() <= 0.26 * LIMIT_SIGMAS
    assert stops.std() == pytest.approx(0.26, rel=0.15)
