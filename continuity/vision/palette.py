"""The palette of one or several frames: weighted Lloyd clustering over an OKLab histogram. Deterministic, no random start.

Frames are averaged down to 192 px width, and their colours counted in bins of 1/16 in L and 1/32 in a and b; each bin
stands for the mean of its own pixels. Lloyd, "Least squares quantization in PCM" (1982); the start takes the heaviest
bin, then again and again the bin with the most weight times squared distance to what is taken.

Clusters by area lose what is small and strong: a red dress in a dark street is a few pixels of a large brown. So the
accent is sought on its own, among the bins whose colour is neither grey nor that of the two largest clusters. Around each
cell of the (a, b) plane lie the cells of its colour (a like hue, a like chroma, any lightness: a dress has folds); the
accent is the group with the largest chroma · √area. Every cell is tried: no start that a few pixels could tip over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from continuity.vision.colour import chroma, hex_of, oklab_of_rgb, rgb_of_oklab
from continuity.vision.errors import NotAPicture
from continuity.vision.scale import Picture, area_average, require_picture, shrink_to_width

Lab = NDArray[np.float32]
Shares = NDArray[np.float32]

WORKING_WIDTH = 192
TALLEST = 4 * WORKING_WIDTH
CLUSTERS = 6
ROUNDS = 12
BINS_PER_UNIT = np.array([16, 32, 32], dtype=np.float32)
JUST_NOTICEABLE = 0.02
LEAST_ACCENT_SHARE = 0.01
"""Of the picture: all colours that stand out together. Less is a speck."""
LEAST_OF_SEVERAL_SHARE = 0.004
"""Of the picture: the accent alone, when other colours stand out beside it (a street of many neon signs)."""
LEAST_ACCENT_CHROMA = 0.05
"""Below this a dark or pale colour is called a grey."""
LIKE_HUE = float(np.cos(np.deg2rad(17)))
LIKE_CHROMA = 0.5
"""Alike: within 17 degrees of hue (red and magenta neon stay two) and at least half of each other's chroma; any lightness."""
OTHER_HUE = float(np.cos(np.deg2rad(20)))
MUCH_STRONGER = 3.0
"""Within 20 degrees of primary or secondary only three times their chroma stands out: a red dress in a maroon room."""
ONE_COLOUR = 0.1
"""An accent that is alike to a cluster and not further away than this is that cluster."""
MOST_DOMINANT = 5


@dataclass(frozen=True)
class Swatch:
    """One colour, ``#RRGGBB``, and the share 0-1 of all pixels that are nearest to it."""

    hex: str
    share: float


@dataclass(frozen=True)
class Palette:
    """The colours of a picture as ``#RRGGBB``. None = the picture has no such colour; nothing is made up.

    ``primary`` and ``secondary`` cover most area; ``accent`` is the most striking (chroma · √area) of what is neither
    grey nor of their colour: at least 1 % of the area, or 0.4 % where several such colours make up 1 % together;
    ``shadows`` and ``highlights`` are the means of the darkest and lightest tenth, None in a picture without lighter and
    darker parts; ``dominant`` is 1-5 swatches, largest first, but last the accent when it is none of the large clusters.
    """

    primary: str
    secondary: str | None
    accent: str | None
    shadows: str | None
    highlights: str | None
    dominant: tuple[Swatch, ...]


@dataclass(frozen=True)
class Clusters:
    """``centres`` n x 3 OKLab and ``shares`` n (sum 1), largest first."""

    centres: Lab
    shares: Shares


def measure_palette(frames: Sequence[Picture]) -> Palette:
    """The palette of all frames of one shot together. Raises NotAPicture (also for no frame)."""
    if not frames:
        raise NotAPicture("There is no frame to measure: give at least one.")
    return palette_of_pixels([pixels_of(frame) for frame in frames])


def pixels_of(frame: Picture) -> Lab:
    """OKLab pixels, n x 3, of a frame averaged down to 192 px width. Raises NotAPicture."""
    small = shrink_to_width(require_picture(frame), WORKING_WIDTH)
    # A strip taller than any film picture is squeezed, so that the work stays bounded.
    if small.shape[0] > TALLEST:
        small = area_average(small, height=TALLEST, width=small.shape[1])
    return oklab_of_rgb(small).reshape(-1, 3)


def palette_of_pixels(frames: Sequence[Lab]) -> Palette:
    """The palette of the pixels of one or several frames, as ``pixels_of`` gives them."""
    pixels = np.concatenate(frames)
    points, weight = _histogram(pixels)
    clusters = _lloyd(points, weight)
    largest = _swatches(clusters.centres[:2], clusters.shares[:2])
    accent, dominant = _dominant(clusters, points, weight)
    shadows, highlights = _ends(pixels)
    return Palette(
        primary=largest[0].hex,
        secondary=largest[1].hex if len(largest) > 1 else None,
        accent=accent.hex if accent else None,
        shadows=shadows,
        highlights=highlights,
        dominant=dominant,
    )


def cluster(pixels: Lab) -> Clusters:
    """At most six colours of n x 3 OKLab pixels; those that no eye tells apart are one."""
    return _lloyd(*_histogram(pixels))


def _lloyd(points: Lab, weight: Shares) -> Clusters:
    centres = _start(points, weight)
    for _ in range(ROUNDS):
        centres, shares = _round(points, weight, centres)
    return _merge(centres, shares)


def _histogram(pixels: Lab) -> tuple[Lab, Shares]:
    """Mean colour and weight of every bin that holds a pixel."""
    cells = np.floor(pixels * BINS_PER_UNIT).astype(np.int32) + 32
    codes = (cells[:, 0] * 128 + cells[:, 1]) * 128 + cells[:, 2]
    _, index = np.unique(codes, return_inverse=True)
    share = np.full(len(pixels), 1 / len(pixels), dtype=np.float32)
    return _means(pixels, share, index, int(index.max()) + 1)


def _means(points: Lab, weight: Shares, index: NDArray[np.intp], count: int) -> tuple[Lab, Shares]:
    """Weighted mean and total weight of the points of each group; groups that hold nothing are left out."""
    total = np.bincount(index, weights=weight, minlength=count)
    sums = np.stack([np.bincount(index, weights=weight * points[:, axis], minlength=count) for axis in range(3)], axis=1)
    held = total > 0
    return (sums[held] / total[held, None]).astype(np.float32), total[held].astype(np.float32)


def _start(points: Lab, weight: Shares) -> Lab:
    chosen = [int(np.argmax(weight))]
    distance = _squared(points, points[chosen[0]])
    while len(chosen) < CLUSTERS and float(distance.max()) > 0:
        chosen.append(int(np.argmax(weight * distance)))
        distance = np.minimum(distance, _squared(points, points[chosen[-1]]))
    return points[chosen]


def _round(points: Lab, weight: Shares, centres: Lab) -> tuple[Lab, Shares]:
    return _means(points, weight, _nearest(points, centres), len(centres))


def _nearest(points: Lab, centres: Lab) -> NDArray[np.intp]:
    return np.asarray(np.argmin(np.stack([_squared(points, centre) for centre in centres]), axis=0))


def _merge(centres: Lab, shares: Shares) -> Clusters:
    """Smaller clusters join the first larger one that is less than a just noticeable difference away."""
    kept: list[int] = []
    group = np.zeros(len(centres), dtype=np.intp)
    for index in np.argsort(-shares, kind="stable"):
        near = [place for place, other in enumerate(kept) if _squared(centres[index], centres[other]) < JUST_NOTICEABLE**2]
        group[index] = near[0] if near else len(kept)
        kept += [] if near else [int(index)]
    merged, total = _means(centres, shares, group, len(kept))
    order = np.argsort(-total, kind="stable")
    return Clusters(merged[order], total[order] / total.sum())


def _dominant(clusters: Clusters, points: Lab, weight: Shares) -> tuple[Swatch | None, tuple[Swatch, ...]]:
    """The accent, and the swatches with it among them: the cluster that it is, or else a last one with its own pixels."""
    swatches = _swatches(clusters.centres, clusters.shares)
    held = _accent(points, weight, clusters.centres[:2])
    if held is None:
        return None, tuple(swatches[:MOST_DOMINANT])
    # Weighted by chroma squared: the dress is the red of its lit side, not of its folds.
    centre = np.average(points[held], axis=0, weights=weight[held] * chroma(points[held]) ** 2)[None]
    away = np.where(_alike(clusters.centres, centre)[:, 0], np.sqrt(_squared(clusters.centres, centre)), np.inf)
    away[:2] = np.inf
    if away.min() < ONE_COLOUR:
        return _among(swatches, int(np.argmin(away)))
    # Each pixel counts once: those of the accent are taken out of the clusters that had swallowed them.
    inside = np.bincount(_nearest(points[held], clusters.centres), weights=weight[held], minlength=len(swatches))
    centres, shares = np.vstack([clusters.centres, centre]), np.append(clusters.shares - inside, inside.sum())
    left = [swatch for swatch in _swatches(centres, shares) if swatch.share > 0]
    return _among(left, len(left) - 1)


def _among(swatches: list[Swatch], accent: int) -> tuple[Swatch, tuple[Swatch, ...]]:
    """The accent and at most five swatches; it moves up to the last of these places when its own is further back."""
    before = swatches[: min(accent, MOST_DOMINANT - 1)]
    return swatches[accent], tuple([*before, *swatches[accent:]][:MOST_DOMINANT])


def _swatches(centres: Lab, shares: NDArray[np.floating[Any]]) -> list[Swatch]:
    return [Swatch(hex_of(rgb), round(float(share), 4)) for rgb, share in zip(rgb_of_oklab(centres), shares, strict=True)]


def _accent(points: Lab, weight: Shares, taken: Lab) -> NDArray[np.bool_] | None:
    """Which bins are of the accent's colour; None when nothing stands out. ``taken``: the primary and secondary."""
    free = (chroma(points) >= LEAST_ACCENT_CHROMA) & ~_belongs(points, taken)
    if weight[free].sum() < LEAST_ACCENT_SHARE:
        return None
    index = _plane(points[free])
    cells, area = _means(points[free], weight[free], index, int(index.max()) + 1)
    alike = _alike(cells, cells)
    total = alike @ area
    striking = alike @ (area * chroma(cells)) / np.sqrt(total)
    striking[total < LEAST_OF_SEVERAL_SHARE] = 0
    best = int(np.argmax(striking))
    held = np.zeros(len(points), dtype=np.bool_)
    held[free] = alike[best][index]
    return held if striking[best] > 0 else None


def _plane(points: Lab) -> NDArray[np.intp]:
    """Number of the cell of the (a, b) plane, 1/32 wide, in which each point lies, whatever its lightness."""
    cells = np.floor(points[:, 1:] * BINS_PER_UNIT[1:]).astype(np.int32) + 32
    return np.asarray(np.unique(cells[:, 0] * 128 + cells[:, 1], return_inverse=True)[1])


def _belongs(points: Lab, taken: Lab) -> NDArray[np.bool_]:
    """n: is it the colour of one of ``taken``, that is of its hue and not much stronger? Nothing is a grey's colour."""
    weaker = chroma(points)[:, None] < MUCH_STRONGER * chroma(taken)[None]
    return np.asarray(((_hue_cosine(points, taken) >= OTHER_HUE) & weaker).any(axis=1))


def _alike(points: Lab, others: Lab) -> NDArray[np.bool_]:
    """n x m: are the two of one colour, in hue and in chroma?"""
    one, other = chroma(points)[:, None], chroma(others)[None]
    return np.asarray((_hue_cosine(points, others) >= LIKE_HUE) & (one >= LIKE_CHROMA * other) & (other >= LIKE_CHROMA * one))


def _hue_cosine(points: Lab, others: Lab) -> NDArray[np.float32]:
    """n x m: cosine of the angle between the two in the (a, b) plane; 0 = no like hue when one is an exact grey."""
    length = chroma(points)[:, None] * chroma(others)[None]
    return np.asarray(points[:, 1:] @ others[:, 1:].T / np.maximum(length, 1e-12))


def _ends(pixels: Lab) -> tuple[str | None, str | None]:
    """Mean colour of the darkest and of the lightest tenth; None twice when the two are as light as each other."""
    light = pixels[:, 0]
    low, high = np.percentile(light, [10, 90])
    if high - low < JUST_NOTICEABLE:
        return None, None
    # "at most" and not "below": a third of the picture may be equally black.
    ends = np.stack([pixels[light <= low].mean(axis=0), pixels[light >= high].mean(axis=0)])
    dark, bright = rgb_of_oklab(ends)
    return hex_of(dark), hex_of(bright)


def _squared(points: Lab, centre: Lab) -> NDArray[np.float32]:
    return np.asarray(np.sum((points - centre) ** 2, axis=-1))
