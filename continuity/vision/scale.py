"""The one place where pictures are made smaller: exact area averaging, and the check that an array is a picture.

Averages are taken over sRGB code values, as video scalers do and as every cut point here was measured.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from continuity.vision.errors import NotAPicture

Picture = NDArray[np.uint8]
"""Height x width x 3, 8-bit sRGB, upright."""


def require_picture(picture: NDArray[Any]) -> Picture:
    """The same array; NotAPicture unless it is uint8, height x width x 3, with at least one pixel."""
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or picture.size == 0:
        raise NotAPicture(
            f"A picture is 8-bit RGB, height x width x 3, not {picture.dtype} {picture.shape}: decode it to RGB24 first."
        )
    return picture


def shrink_to_width(picture: NDArray[Any], width: int) -> NDArray[np.float32]:
    """Area-averaged to ``width`` pixels, keeping the aspect; a narrower picture keeps its size. Code values as float32."""
    height, source_width = picture.shape[:2]
    if source_width <= width:
        return picture.astype(np.float32)
    return area_average(picture, height=max(1, round(height * width / source_width)), width=width)


def shrink_to_height(picture: NDArray[Any], height: int) -> NDArray[np.float32]:
    """Area-averaged to ``height`` pixels, keeping the aspect; a lower picture keeps its size. Code values as float32."""
    source_height, width = picture.shape[:2]
    if source_height <= height:
        return picture.astype(np.float32)
    return area_average(picture, height=height, width=max(1, round(width * height / source_height)))


def area_average(picture: NDArray[Any], *, height: int, width: int) -> NDArray[np.float32]:
    """Every target pixel is the mean of the source area it covers, fractions of pixels counted by their area.

    ``picture`` is height x width or height x width x channels, any real dtype; the target may not be larger than it.
    """
    rows = _average(picture, height, axis=0)
    return _average(rows, width, axis=1)


def _average(picture: NDArray[Any], count: int, *, axis: int) -> NDArray[np.float32]:
    """Along one axis: the n-th source pixels of all target pixels are added up together, weighted by what is covered."""
    source = picture.shape[axis]
    edges = np.arange(count + 1) * (source / count)
    first = edges[:-1].astype(np.intp)
    total = np.zeros((*picture.shape[:axis], count, *picture.shape[axis + 1 :]), dtype=np.float32)
    for step in range(int(np.ceil(source / count)) + 1):
        covered = np.minimum(edges[1:], first + step + 1) - np.maximum(edges[:-1], first + step)
        weight = (np.clip(covered, 0, 1) * (count / source)).astype(np.float32)
        if weight.any():
            place = np.minimum(first + step, source - 1)
            total += np.take(picture, place, axis=axis) * weight.reshape(-1, *[1] * (picture.ndim - 1 - axis))
    return total
