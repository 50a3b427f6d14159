"""Each thing that pixels tell about the look of frames: its value over all frames, and how far the frames agree.

What cannot be read from these frames is a sentence (the reason) in place of a reading.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

import numpy as np

from continuity.vision.categories import SCALES, category_confidence, category_of
from continuity.vision.colour import chroma, oklab_of_hex
from continuity.vision.palette import Lab, Palette, Swatch, palette_of_pixels
from continuity.vision.texture import MEASURING_HEIGHT, Grey, blur_amount, noise_sigma

BLUR_UNIT = "crete-360p"
_COLOUR_REACH = 0.1
_BLUR_REACH = 0.1
_TOO_LOW = f"The picture is less than {MEASURING_HEIGHT} px high, and this is measured at {MEASURING_HEIGHT} px."
_NO_SUCH_COLOUR = {
    "secondary": "The picture has one colour only.",
    "accent": "No third colour stands out from the two largest.",
    "shadows": "The picture has no lighter and darker parts.",
    "highlights": "The picture has no lighter and darker parts.",
}
_NOTHING_TO_READ = {
    "technical.grainLevel": "No part of the picture is between black and white, where grain can be read.",
    "technical.blur": "The picture has no edges to judge sharpness by.",
}


@dataclass(frozen=True)
class Measured:
    """One thing read from the pixels.

    ``value``: a word of ``categories``, a colour ``#RRGGBB``, the dominant swatches, or the blur 0-1; ``number`` and
    ``unit`` None for colours; ``confidence`` 0-1 by agreement between the frames, None = there was one frame only.
    """

    value: str | float | tuple[Swatch, ...]
    confidence: float | None
    number: float | None = None
    unit: str | None = None


def palette_values(pixels: Sequence[Lab]) -> dict[str, Measured | str]:
    palette = palette_of_pixels(pixels)
    own = [_colours_of(palette_of_pixels([frame])) for frame in pixels]
    values: dict[str, Measured | str] = {
        "colour.palette.primary": Measured(palette.primary, _colour_confidence(palette.primary, own))
    }
    for role, reason in _NO_SUCH_COLOUR.items():
        colour = getattr(palette, role)
        values[f"colour.palette.{role}"] = Measured(colour, _colour_confidence(colour, own)) if colour else reason
    values["colour.palette.dominant"] = Measured(palette.dominant, _dominant_confidence(palette.dominant, own))
    return values


def _colours_of(palette: Palette) -> Lab:
    """Every colour of a palette, n x 3 OKLab."""
    roles = [palette.secondary, palette.accent, palette.shadows, palette.highlights]
    return np.stack([oklab_of_hex(colour) for colour in [swatch.hex for swatch in palette.dominant] + roles if colour])


def _colour_confidence(colour: str, own: Sequence[Lab]) -> float | None:
    """1 - mean OKLab distance to the nearest colour of each frame's own palette / 0.1 (another colour), at least 0."""
    if len(own) < 2:
        return None
    distances = [float(np.min(np.linalg.norm(colours - oklab_of_hex(colour), axis=1))) for colours in own]
    return round(max(0.0, 1 - fmean(distances) / _COLOUR_REACH), 3)


def _dominant_confidence(dominant: Sequence[Swatch], own: Sequence[Lab]) -> float | None:
    """The mean of the colours' confidences, weighted by area."""
    confidences = [_colour_confidence(swatch.hex, own) for swatch in dominant]
    known = [
        (confidence, swatch.share) for confidence, swatch in zip(confidences, dominant, strict=True) if confidence is not None
    ]
    if not known:
        return None
    return round(sum(confidence * share for confidence, share in known) / sum(share for _, share in known), 3)


def light_and_colour(pixels: Sequence[Lab]) -> dict[str, Measured | str]:
    readings: Mapping[str, Callable[[Lab], float]] = {
        "colour.temperature": lambda frame: float(frame[:, 2].mean()),
        "colour.saturation": lambda frame: float(chroma(frame).mean()),
        "colour.contrast": lambda frame: float(np.subtract(*np.percentile(frame[:, 0], [95, 5]))),
        "lighting.intensity": lambda frame: float(frame[:, 0].mean()),
    }
    return {key: _categorised(key, [read(frame) for frame in pixels]) for key, read in readings.items()}


def texture_values(greys: Sequence[Grey | None]) -> dict[str, Measured | str]:
    """Grain and blur; frames that give no reading are left out, and when none does the reason is given."""
    sized = [grey for grey in greys if grey is not None]
    if not sized:
        return dict.fromkeys(_NOTHING_TO_READ, _TOO_LOW)
    values: dict[str, Measured | str] = dict(_NOTHING_TO_READ)
    if sigmas := [sigma for grey in sized if (sigma := noise_sigma(grey)) is not None]:
        values["technical.grainLevel"] = _categorised("technical.grainLevel", sigmas)
    if blurs := [blur for grey in sized if (blur := blur_amount(grey)) is not None]:
        values["technical.blur"] = _blur(blurs)
    return values


def _categorised(key: str, numbers: Sequence[float]) -> Measured:
    # Rounded first, so that the number shown and its word never contradict each other.
    number = round(fmean(numbers), 4)
    return Measured(category_of(key, number), category_confidence(key, numbers), number, SCALES[key].unit)


def _blur(amounts: Sequence[float]) -> Measured:
    """Blur has no words; its confidence is 1 - standard deviation between the frames / 0.1, at least 0."""
    amount = round(fmean(amounts), 4)
    confidence = round(max(0.0, 1 - stdev(amounts) / _BLUR_REACH), 3) if len(amounts) > 1 else None
    return Measured(amount, confidence, amount, BLUR_UNIT)
