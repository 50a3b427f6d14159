"""What the scene score compares: colours, grain, amount of detail and direction of edges of the frames of one shot.

Everything is read at fixed heights, from area averages, so that two sizes of one picture give nearly the same numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from continuity.vision.colour import linear_of_srgb, oklab_of_rgb
from continuity.vision.errors import NotAPicture
from continuity.vision.scale import Picture, require_picture, shrink_to_height
from continuity.vision.texture import MEASURING_HEIGHT, noise_sigma

Values = NDArray[np.float32]

COLOUR_HEIGHT = 108
BINS = (8, 12, 12)
REACH = 0.3
"""The histogram spans L 0-1 and a, b from -0.3 to 0.3; what lies beyond is counted in the outermost bins."""
EDGE_WIDTH = 0.2
"""Of a bin: the strip along each edge in which a pixel belongs to both sides."""
GRADIENT_HEIGHTS = (216, 108, 54, 27)
ORIENTATION_HEIGHT = 108
DIRECTIONS = 8
LUMA_QUANTILES = 48
SMALLEST = (GRADIENT_HEIGHTS[-1], 8)
"""Rows, and columns at that height, that a picture must have: edges are looked for down to there."""
LEAST_GRADIENT = 1e-3
FLAT = 0.5
"""A picture whose luma spreads by less than half a code value is flat: what edges it has come from rounding."""
_LUMA = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)

TOO_LOW = f"The picture is less than {MEASURING_HEIGHT} px high, and grain is measured at {MEASURING_HEIGHT} px."
NO_GRAIN = "No part of the picture is between black and white, where grain can be read."
TOO_SMALL = f"its picture is less than {SMALLEST[0]} px high or a mere strip"
NO_DETAIL = "its frames are all of one flat colour"


@dataclass(frozen=True, eq=False)
class ShotFeatures:
    """The look of one shot, as far as the scene score goes; arrays are float32.

    ``histogram``: shares (sum 1) of the OKLab bins, flat. ``noise``: sigma in 8-bit code values at 360 px height, None =
    not measured. ``gradients``: ln of the mean Sobel magnitude at each of GRADIENT_HEIGHTS, nan = the picture is lower.
    ``orientations``: shares (sum 1) of the edge directions. Both empty when ``reason`` says why there is no score.
    ``luma``: quantiles 0-1. ``exposure``: log2 of the mean linear luminance. ``not_measured``: part -> reason.
    """

    histogram: Values
    noise: float | None
    gradients: Values
    orientations: Values
    luma: Values
    exposure: float
    reason: str | None = None
    not_measured: Mapping[str, str] = field(default_factory=dict)


def shot_features(frames: Sequence[Picture]) -> ShotFeatures:
    """Measure the frames of one shot (those at SCORE_POSITIONS, doubles left out). Raises NotAPicture (also for none).

    A frame of one flat colour (black before a fade) counts for colours and tone, not for detail.
    """
    if not frames:
        raise NotAPicture("There is no frame to measure: give at least one.")
    pictures = [shrink_to_height(require_picture(frame), MEASURING_HEIGHT) for frame in frames]
    greys = [np.asarray(picture @ _LUMA, dtype=np.float32) for picture in pictures]
    thumbnails = [shrink_to_height(picture, COLOUR_HEIGHT) for picture in pictures]
    noise = _noise(greys)
    detailed = [grey for grey in greys if float(grey.std()) >= FLAT]
    reason = _reason(greys[0], detailed)
    return ShotFeatures(
        histogram=_mean([_histogram(oklab_of_rgb(thumbnail)) for thumbnail in thumbnails]),
        noise=noise if isinstance(noise, float) else None,
        gradients=_mean([] if reason else [_gradients(grey) for grey in detailed]),
        orientations=_mean([] if reason else [_orientations(grey) for grey in detailed]),
        luma=_luma_quantiles(thumbnails),
        exposure=_exposure(thumbnails),
        reason=reason,
        not_measured={"grain": noise} if isinstance(noise, str) else {},
    )


def _reason(grey: Values, detailed: Sequence[Values]) -> str | None:
    rows, columns = shrink_to_height(grey, SMALLEST[0]).shape
    if rows < SMALLEST[0] or columns < SMALLEST[1]:
        return TOO_SMALL
    return None if detailed else NO_DETAIL


def _mean(values: Sequence[Values]) -> Values:
    return np.mean(values, axis=0, dtype=np.float32) if values else np.empty(0, dtype=np.float32)


def _histogram(lab: Values) -> Values:
    """Shares of the pixels in each OKLab bin.

    Sharp bins tell scenes apart better than smooth ones, but greys lie on an edge between four of them. So a pixel near
    an edge is shared out between both sides, in a strip a fifth of a bin wide: then no rounding moves a whole wall.
    """
    places = [_lower_cell_and_upper_share(lab[..., axis], axis) for axis in range(3)]
    counts = np.zeros(int(np.prod(BINS)))
    for sides in product((0, 1), repeat=3):
        cells = [np.minimum(cell + side, bins - 1) for (cell, _), side, bins in zip(places, sides, BINS, strict=True)]
        weights = [upper if side else 1 - upper for (_, upper), side in zip(places, sides, strict=True)]
        codes = (cells[0] * BINS[1] + cells[1]) * BINS[2] + cells[2]
        counts += np.bincount(codes, weights=weights[0] * weights[1] * weights[2], minlength=len(counts))
    return np.asarray(counts / lab[..., 0].size, dtype=np.float32)


def _lower_cell_and_upper_share(values: Values, axis: int) -> tuple[NDArray[np.int32], Values]:
    """Per pixel one of the two bins next to it along an axis of OKLab, and its share in the bin above that one."""
    low, high = (0, 1) if axis == 0 else (-REACH, REACH)
    place = np.clip((values.ravel() - low) * (BINS[axis] / (high - low)), 0, BINS[axis])
    edge = np.rint(place)
    upper = np.clip((place - edge) / EDGE_WIDTH + 0.5, 0, 1)
    # Below the lowest edge there is no bin to share with.
    return np.maximum(edge - 1, 0).astype(np.int32), np.asarray(np.where(edge == 0, 0, upper), dtype=np.float32)


def _noise(greys: Sequence[Values]) -> float | str:
    """Median grain of the frames, or the reason why it is not measured."""
    if greys[0].shape[0] < MEASURING_HEIGHT:
        return TOO_LOW
    sigmas = [sigma for grey in greys if (sigma := noise_sigma(grey)) is not None]
    return float(median(sigmas)) if sigmas else NO_GRAIN


def _gradients(grey: Values) -> Values:
    """ln of the mean Sobel magnitude (luma 0-1) per height; nan where the picture is lower than that."""
    energies = [
        np.log(np.hypot(*_sobel(shrink_to_height(grey, height))).mean() / 255 + LEAST_GRADIENT)
        if grey.shape[0] >= height
        else np.nan
        for height in GRADIENT_HEIGHTS
    ]
    return np.array(energies, dtype=np.float32)


def _orientations(grey: Values) -> Values:
    """Shares of the eight edge directions (half a turn in all), each edge weighted by its Sobel magnitude."""
    across, down = _sobel(shrink_to_height(grey, ORIENTATION_HEIGHT))
    turns = np.arctan2(down, across) / np.pi % 1
    direction = np.minimum((turns * DIRECTIONS).astype(np.intp), DIRECTIONS - 1)
    weight = np.bincount(direction.ravel(), weights=np.hypot(across, down).ravel(), minlength=DIRECTIONS)
    return np.asarray(weight / weight.sum(), dtype=np.float32)


def _sobel(grey: Values) -> tuple[Values, Values]:
    """Horizontal and vertical 3x3 Sobel responses of the pixels that have all neighbours."""
    rows = grey[:-2] + 2 * grey[1:-1] + grey[2:]
    columns = grey[:, :-2] + 2 * grey[:, 1:-1] + grey[:, 2:]
    return rows[:, 2:] - rows[:, :-2], columns[2:] - columns[:-2]


def _luma_quantiles(thumbnails: Sequence[Values]) -> Values:
    luma = np.stack(thumbnails) @ _LUMA / 255
    return np.asarray(np.quantile(luma, np.linspace(0, 1, LUMA_QUANTILES)), dtype=np.float32)


def _exposure(thumbnails: Sequence[Values]) -> float:
    """log2 of the mean linear luminance, from code value 1/255 up: black has no stops of its own."""
    linear: NDArray[Any] = linear_of_srgb(np.stack(thumbnails) / np.float32(255)) @ _LUMA
    return float(np.log2(max(float(linear.mean()), 1 / 255 / 12.92)))
