"""The few numbers that say how a picture is graded, and what lies between two such gradings.

Pixels are float32 n x 3, sRGB code values 0-1, area-averaged to a small grid: grain and detail are gone, the grade is not.
Every number but the hue of one content is a difference of means, so that movement between the pictures does not count.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from continuity.vision.bridge import bridge_check, cropped_like
from continuity.vision.colour import chroma, linear_of_srgb, oklab_of_linear
from continuity.vision.delta_e import cielab_of_linear, delta_e_2000
from continuity.vision.scale import Picture, area_average, require_picture

Pixels = NDArray[np.float32]

GRID_WIDTH = 64
DARKEST, BRIGHTEST = 0.04, 0.97
"""Code values outside are black or clipped: they do not tell how much light there was."""
LEAST_USABLE = 0.05
LEAST_CHROMA = 0.004
"""Mean OKLab chroma below which a picture is grey and has neither hue nor saturation to compare."""
HUE_BINS, LARGEST_TURN, HUE_BLUR = 180, 30, 3.0
"""Bins of 2 degrees; the largest turn looked for between different contents and the blur before, in bins."""

_LUMA = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)

UNITS: Mapping[str, str] = {
    "exposure": "stop",
    "temperature": "log2 R/B",
    "tint": "log2 G/√RB",
    "saturation": "log2",
    "contrast": "log2",
    "hue": "degree",
    "grain": "log2",
}
COLOUR_NUMBERS = ("exposure", "temperature", "tint", "saturation", "contrast", "hue")

NO_LIGHT = "Nearly all of the picture is black or clipped, so its light and its white balance cannot be read."
GREY = "One of the pictures is grey, and grey has neither hue nor saturation."
ONE_COLOUR = "The pictures hold hardly any two colours, so that a turn of the hues cannot be read."

OTHER_HUES = "The two shots have other hues altogether, so that none is a turn of the other."


@dataclass(frozen=True)
class GradeNumbers:
    """By cause (COLOUR_NUMBERS), each None when ``not_measured`` holds the reason: second picture relative to the first."""

    values: Mapping[str, float | None]
    not_measured: Mapping[str, str]

    def __getitem__(self, cause: str) -> float | None:
        return self.values[cause]


def grid_pixels(picture: Picture, *, width: int = GRID_WIDTH, height: int | None = None) -> Pixels:
    """The pixels of a picture averaged to ``width`` (less for a narrower one); ``height`` None = by its shape."""
    source_height, source_width = require_picture(picture).shape[:2]
    width = min(width, source_width)
    height = height or max(1, round(width * source_height / source_width))
    averaged = area_average(picture, height=min(height, source_height), width=width)
    return np.asarray(averaged.reshape(-1, 3) / np.float32(255), dtype=np.float32)


def paired_pixels(reference: Picture, picture: Picture) -> tuple[Pixels, Pixels]:
    """Both pictures of one content on one grid, pixel for pixel; pictures of two shapes as ``bridge_check`` found them alike."""
    if bridge_check(reference, picture).is_cropped:
        reference = cropped_like(reference, picture)
    width = min(GRID_WIDTH, reference.shape[1], picture.shape[1])
    height = min(max(1, round(width * picture.shape[0] / picture.shape[1])), reference.shape[0], picture.shape[0])
    return grid_pixels(reference, width=width, height=height), grid_pixels(picture, width=width, height=height)


def pooled_pixels(pictures: Sequence[Picture]) -> Pixels:
    """The pixels of several frames of a shot together."""
    return np.concatenate([grid_pixels(picture) for picture in pictures])


def grade_delta_e(reference: Pixels, pixels: Pixels) -> float:
    """CIEDE2000 between the mean CIELAB colours: the step of the grade as a whole, unlike the mean of pixel differences."""
    means = [cielab_of_linear(linear_of_srgb(side)).mean(axis=0) for side in (reference, pixels)]
    return float(delta_e_2000(*means))


def numbers_of_pair(reference: Pixels, pixels: Pixels) -> GradeNumbers:
    """How ``pixels`` differ from ``reference``, pixel for pixel of one content; what is clipped in either is left out."""
    usable = _usable(reference) & _usable(pixels)
    lab, other = _oklab(reference), _oklab(pixels)
    return _numbers(reference, pixels, usable, usable, _contrast(reference, pixels), _turn_of_pair(lab, other))


def numbers_of_contents(reference: Pixels, pixels: Pixels) -> GradeNumbers:
    """How ``pixels`` differ from ``reference`` where the two show different things.

    Contrast is then the log2 ratio of the spread of OKLab lightness (p95 - p5), and hue the turn by which the two circles of
    hues overlap best (in steps of 2 degrees, up to 60).
    """
    lab, other = _oklab(reference), _oklab(pixels)
    spreads = [max(float(np.subtract(*np.percentile(side[:, 0], [95, 5]))), 1e-3) for side in (lab, other)]
    contrast, turn = math.log2(spreads[1] / spreads[0]), _turn_of_circles(lab, other)
    return _numbers(reference, pixels, _usable(reference), _usable(pixels), contrast, turn)


def hue_agreement(pixels: Pixels) -> float:
    """0 = colours all around the circle (or grey), 1 = one hue only: length of the mean colour by the mean chroma, in OKLab."""
    plane = _complex(_oklab(pixels))
    return float(abs(plane.mean()) / max(float(np.abs(plane).mean()), LEAST_CHROMA))


def _numbers(
    reference: Pixels,
    pixels: Pixels,
    usable: NDArray[np.bool_],
    other_usable: NDArray[np.bool_],
    contrast: float,
    turn: float | str,
) -> GradeNumbers:
    values: dict[str, float | None] = dict.fromkeys(COLOUR_NUMBERS)
    reasons: dict[str, str] = {}
    if min(usable.mean(), other_usable.mean()) < LEAST_USABLE:
        reasons |= dict.fromkeys(("exposure", "temperature", "tint"), NO_LIGHT)
    else:
        values |= _light(reference[usable], pixels[other_usable])
    values["contrast"] = contrast
    before, after = _saturation(reference), _saturation(pixels)
    if before is None or after is None:
        return GradeNumbers(values, reasons | dict.fromkeys(("saturation", "hue"), GREY))
    values["saturation"] = math.log2(after / before)
    if isinstance(turn, str):
        return GradeNumbers(values, reasons | {"hue": turn})
    return GradeNumbers(values | {"hue": turn}, reasons)


def _light(reference: Pixels, pixels: Pixels) -> dict[str, float | None]:
    """Exposure by mean OKLab lightness, which is of degree 1/3 in linear light: exact for a gain, steady under contrast."""
    lightness, other = (float(_oklab(side)[:, 0].mean()) for side in (reference, pixels))
    gains = np.log2(linear_of_srgb(pixels).mean(axis=0) / linear_of_srgb(reference).mean(axis=0))
    red, green, blue = (float(gain) for gain in gains)
    return {"exposure": 3 * math.log2(other / lightness), "temperature": red - blue, "tint": green - (red + blue) / 2}


def _contrast(reference: Pixels, pixels: Pixels) -> float:
    """log2 of the contrast c about mid-grey in code values, told apart from a gain g: y' = c (g y - ½) + ½.

    Mean and deviation of the luma give both: deviation ratio s = c g, and c = 1 - 2 mean' + 2 s mean.
    """
    luma, other = reference @ _LUMA, pixels @ _LUMA
    spread = float(other.std() / max(float(luma.std()), 1e-4))
    contrast = 1 - 2 * float(other.mean()) + 2 * spread * float(luma.mean())
    return math.log2(min(max(contrast, 1 / 16), 16))


def _saturation(pixels: Pixels) -> float | None:
    """Mean chroma per mean lightness, which a gain of exposure leaves as it is; None = grey."""
    lab = _oklab(pixels)
    mean_chroma = float(chroma(lab).mean())
    return mean_chroma / max(float(lab[:, 0].mean()), 1e-3) if mean_chroma >= LEAST_CHROMA else None


def _turn_of_pair(lab: Pixels, other: Pixels) -> float | str:
    """Degrees by which the colours turned about their mean colour, so that a cast, which moves them all, is no turn."""
    plane, other_plane = _centred(lab), _centred(other)
    if min(plane.std(), other_plane.std()) < LEAST_CHROMA:
        return ONE_COLOUR
    return math.degrees(float(np.angle(np.vdot(plane, other_plane))))


def _turn_of_circles(lab: Pixels, other: Pixels) -> float | str:
    circle, other_circle = _hue_circle(lab), _hue_circle(other)
    turns = range(-LARGEST_TURN, LARGEST_TURN + 1)
    overlaps = [float(circle @ np.roll(other_circle, -turn)) for turn in turns]
    best = turns[int(np.argmax(overlaps))]
    return OTHER_HUES if abs(best) == LARGEST_TURN else best * 360 / HUE_BINS


def _hue_circle(lab: Pixels) -> NDArray[np.float64]:
    """Square roots of the shares of the hues, weighted by chroma and blurred: their product is the overlap of two circles."""
    place = (np.angle(_complex(lab)) / (2 * np.pi) % 1 * HUE_BINS).astype(np.intp) % HUE_BINS
    weights = np.bincount(place, weights=chroma(lab), minlength=HUE_BINS)
    reach = round(3 * HUE_BLUR)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / HUE_BLUR) ** 2)
    blurred = np.convolve(np.concatenate([weights[-reach:], weights, weights[:reach]]), kernel, mode="valid")
    return np.asarray(np.sqrt(blurred / max(float(blurred.sum()), 1e-9)))


def _centred(lab: Pixels) -> NDArray[Any]:
    plane = _complex(lab)
    return np.asarray(plane - plane.mean())


def _complex(lab: Pixels) -> NDArray[Any]:
    return np.asarray(lab[:, 1] + 1j * lab[:, 2])


def _oklab(pixels: Pixels) -> Pixels:
    return np.asarray(oklab_of_linear(linear_of_srgb(pixels)), dtype=np.float32)


def _usable(pixels: Pixels) -> NDArray[np.bool_]:
    return np.asarray(((pixels > DARKEST) & (pixels < BRIGHTEST)).all(axis=1))
