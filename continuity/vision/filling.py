"""Filling the holes of a picture softly from what lies around them: no streaks, no mirrored things, nothing made up.

The fill is the membrane through the known pixels (the solution of Laplace's equation with the known colours on its edge and
no gradient across the picture's border), as Pérez, Gangnet, Blake, "Poisson Image Editing" (2003) have it for no guidance
field. It is found from coarse to fine, so that a wide hole costs what a narrow one does.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from continuity.vision.scale import Picture

ROUNDS = 12
"""Of relaxation per size; the coarser size has already brought the fill near to where it belongs."""

Colours = NDArray[np.float32]
Mask = NDArray[np.bool_]


def filled(picture: Picture, holes: Mask, *, known: Mask | None = None) -> Picture:
    """A copy whose ``holes`` are filled. ``known``: the pixels to fill from, None = all that are no hole; with none at all
    the holes turn mid grey. sRGB code values; height x width masks."""
    sources = ~holes if known is None else known & ~holes
    result = picture.copy()
    if holes.any():
        membrane = _membrane(picture.astype(np.float32), sources)
        result[holes] = np.clip(np.rint(membrane[holes]), 0, 255).astype(np.uint8)
    return result


def _membrane(colours: Colours, known: Mask) -> Colours:
    if not known.any():
        return np.full_like(colours, 127.5)
    if known.all():
        return colours
    smaller, some_known = _halved(colours, known)
    start = _enlarged(_membrane(smaller, some_known), known.shape)
    start[known] = colours[known]
    return _relaxed(start, ~known)


def _halved(colours: Colours, known: Mask) -> tuple[Colours, Mask]:
    """Each four pixels as the mean of the known ones among them."""
    height, width = known.shape
    padding = ((0, height % 2), (0, width % 2))
    weights = np.pad(known, padding).astype(np.float32)[..., np.newaxis]
    weighted = np.pad(colours, (*padding, (0, 0))) * weights
    shape = (weights.shape[0] // 2, 2, weights.shape[1] // 2, 2, -1)
    counts = weights.reshape(shape).sum(axis=(1, 3))
    return weighted.reshape(shape).sum(axis=(1, 3)) / np.maximum(counts, 1), counts[..., 0] > 0


def _enlarged(colours: Colours, shape: tuple[int, ...]) -> Colours:
    size = (shape[1], shape[0])
    layers = [Image.fromarray(layer).resize(size, Image.Resampling.BILINEAR) for layer in np.moveaxis(colours, -1, 0)]
    return np.stack([np.asarray(layer) for layer in layers], axis=-1).astype(np.float32)


def _relaxed(colours: Colours, unknown: Mask) -> Colours:
    """Every unknown pixel becomes the mean of its four neighbours, again and again (Jacobi)."""
    rows, columns = np.nonzero(unknown)
    height, width = unknown.shape
    above, below = np.maximum(rows - 1, 0), np.minimum(rows + 1, height - 1)
    before, after = np.maximum(columns - 1, 0), np.minimum(columns + 1, width - 1)
    for _ in range(ROUNDS):
        around = colours[above, columns] + colours[below, columns] + colours[rows, before] + colours[rows, after]
        colours[rows, columns] = around / 4
    return colours
