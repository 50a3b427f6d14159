"""The spec's own consistency formula on what pixels can tell: words compared by equality. The baseline that the scene
score is measured against; the product does not use it.

``compareColors`` and ``compareLighting`` as they stand, their mean being the score (``compareAtmosphere`` needs a vision
model, for both sides alike). Colours and intensity are the categories of ``categories``; the style of the light is low-key,
high-key or neither; its direction is where a plane through the lightness rises. One frame, as the spec's extractor gets.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from continuity.vision.categories import category_of
from continuity.vision.colour import chroma, oklab_of_rgb
from continuity.vision.errors import NotAPicture
from continuity.vision.palette import WORKING_WIDTH, Lab
from continuity.vision.scale import Picture, require_picture, shrink_to_width

COLOUR_WORTH = {"colour.temperature": 0.3, "colour.saturation": 0.3, "colour.contrast": 0.4}
LIGHTING_WORTH = {"lighting.style": 0.4, "lighting.direction": 0.3, "lighting.intensity": 0.3}
LEAST_SLOPE = 0.1
"""OKLab lightness by which one side of the picture is lighter than the other; less is light from the front."""

Words = Mapping[str, str]


def pixel_words(frames: Sequence[Picture]) -> Words:
    """The six words for the middle one of a shot's frames, by "aspect.key". Raises NotAPicture (also for no frame)."""
    if not frames:
        raise NotAPicture("There is no frame to measure: give at least one.")
    lab = oklab_of_rgb(shrink_to_width(require_picture(frames[len(frames) // 2]), WORKING_WIDTH))
    light = lab[..., 0]
    words = {
        "colour.temperature": category_of("colour.temperature", float(lab[..., 2].mean())),
        "colour.saturation": category_of("colour.saturation", float(chroma(lab).mean())),
        "colour.contrast": category_of("colour.contrast", float(np.subtract(*np.percentile(light, [95, 5])))),
        "lighting.intensity": category_of("lighting.intensity", float(light.mean())),
    }
    return words | {"lighting.style": _style(words), "lighting.direction": _direction(light)}


def spec_score(left: Words, right: Words) -> float:
    """0-1: the mean of ``compareColors`` and ``compareLighting``."""
    halves = [sum(value for key, value in worth.items() if left[key] == right[key]) for worth in (COLOUR_WORTH, LIGHTING_WORTH)]
    return sum(halves) / len(halves)


def _style(words: Words) -> str:
    """Dark with contrast is low-key, bright without is high-key."""
    intensity, contrast = words["lighting.intensity"], words["colour.contrast"]
    if intensity == "dim" and contrast != "low":
        return "low-key"
    return "high-key" if intensity == "bright" and contrast == "low" else "natural"


def _direction(light: Lab) -> str:
    """The side towards which the least-squares plane through the lightness rises most."""
    rightwards, downwards = _slope(light.mean(axis=0)), _slope(light.mean(axis=1))
    if np.hypot(rightwards, downwards) < LEAST_SLOPE:
        return "frontal"
    if abs(rightwards) > abs(downwards):
        return "from right" if rightwards > 0 else "from left"
    return "from below" if downwards > 0 else "from above"


def _slope(profile: Lab) -> float:
    """Rise of the fitted line from one end of the profile to the other."""
    place = np.linspace(-0.5, 0.5, len(profile))
    spread = float((place**2).sum())
    return float((place * profile).sum() / spread) if spread > 0 else 0.0
