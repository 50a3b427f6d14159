import numpy as np
import pytest

from continuity.vision.errors import NotAPicture
from continuity.vision.spec_formula import pixel_words, spec_score

WARM_EVENING = {
    "colour.temperature": "warm",
    "colour.saturation": "natural",
    "colour.contrast": "high",
    "lighting.intensity": "dim",
    "lighting.style": "low-key",
    "lighting.direction": "from left",
}


@pytest.mark.parametrize(
    ("changes", "score"),
    [
        ({}, 1.0),
        ({"colour.temperature": "cool"}, 0.85),
        ({"colour.contrast": "low"}, 0.8),
        ({"lighting.style": "natural"}, 0.8),
        ({"colour.saturation": "muted", "lighting.direction": "frontal"}, 0.7),
        (dict.fromkeys(WARM_EVENING, "other"), 0.0),
    ],
)
def test_score_is_the_mean_of_the_worth_of_equal_words(changes, score):
    assert spec_score(WARM_EVENING, WARM_EVENING | changes) == pytest.approx(score)


def _ramp(start: int, end: int, *, axis: int) -> np.ndarray:
    """Grey rising from one side to the other."""
    shape = (90, 160)
    values = np.linspace(start, end, shape[axis])
    plane = np.broadcast_to(values if axis == 1 else values[:, None], shape)
    return np.repeat(np.rint(plane)[..., None], 3, axis=2).astype(np.uint8)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (_ramp(0, 255, axis=1), ("high", "moderate", "natural", "from right")),
        (_ramp(130, 10, axis=1), ("medium", "dim", "low-key", "from left")),
        (_ramp(255, 190, axis=0), ("low", "bright", "high-key", "from above")),
        (_ramp(70, 150, axis=0), ("low", "moderate", "natural", "from below")),
        (_ramp(128, 128, axis=0), ("low", "moderate", "natural", "frontal")),
    ],
)
def test_words_are_those_of_a_shaded_wall(frame, expected):
    words = pixel_words([frame])

    keys = ("colour.contrast", "lighting.intensity", "lighting.style", "lighting.direction")
    assert tuple(words[key] for key in keys) == expected
    assert (words["colour.temperature"], words["colour.saturation"]) == ("neutral", "muted")


def test_words_are_those_of_the_middle_frame():
    orange = np.full((90, 160, 3), (240, 150, 40), dtype=np.uint8)
    blue = np.full((90, 160, 3), (20, 40, 160), dtype=np.uint8)

    assert pixel_words([blue, orange, blue]) == pixel_words([orange])
    assert pixel_words([orange])["colour.temperature"] == "warm"


def test_a_shot_needs_a_frame():
    with pytest.raises(NotAPicture, match="no frame"):
        pixel_words([])
