"""Grain and blur of a picture, both at 360 px height, so that two sizes of one picture give one number.

Compression and scaling destroy grain: these numbers describe the file as it is, not what the camera saw.
"""

import math

import numpy as np
from numpy.typing import NDArray

from continuity.vision.scale import Picture, require_picture, shrink_to_height

Grey = NDArray[np.float32]

MEASURING_HEIGHT = 360
BLOCK = 16
FLATTEST_SHARE = 0.2
BLUR_TAPS = 11
_LUMA = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)


def grey_for_texture(picture: Picture) -> Grey | None:
    """BT.709 luma of the code values, 0-255, averaged down to 360 px height; None for a lower picture. Raises NotAPicture."""
    if require_picture(picture).shape[0] < MEASURING_HEIGHT:
        return None
    return np.asarray(shrink_to_height(picture, MEASURING_HEIGHT) @ _LUMA, dtype=np.float32)


def noise_sigma(grey: Grey) -> float | None:
    """Standard deviation of the grain in 8-bit code values, read where the picture is flattest.

    Immerkær, "Fast Noise Variance Estimation" (1996): mean |Laplacian| · √(π/2) / 6, here per block of 16 px whose mean
    is 16-239 (clipping hides grain); the median over the flattest fifth of the blocks. None = no such block.
    """
    if min(grey.shape) < BLOCK:
        return None
    blocks = _blocks(grey)
    blocks = blocks[(blocks.mean(axis=(1, 2)) >= 16) & (blocks.mean(axis=(1, 2)) <= 239)]
    if len(blocks) == 0:
        return None
    count = max(1, round(len(blocks) * FLATTEST_SHARE))
    flattest = blocks[np.argsort(_unevenness(blocks), kind="stable")[:count]]
    laplacian = _second_difference(_second_difference(flattest, axis=1), axis=2)
    return float(np.median(np.abs(laplacian).mean(axis=(1, 2)) * math.sqrt(math.pi / 2) / 6))


def blur_amount(grey: Grey) -> float | None:
    """How little a picture loses by being blurred once more: 0 sharp, 1 blurred; worse of the two directions.

    Crete, Dolmiere, Ladret, Nicolas, "The blur effect: perception and estimation with a new no-reference perceptual blur
    metric" (2007), with an 11-tap mean and Sobel gradients. It says "softer than", within one scene; no absolute scale.
    None = no edges to judge by (a flat picture), or a picture smaller than the mean.
    """
    if min(grey.shape) < BLUR_TAPS + 4:
        return None
    directions = [_blur_along_rows(grey), _blur_along_rows(grey.T)]
    known = [amount for amount in directions if amount is not None]
    return max(known) if known else None


def _blocks(grey: Grey) -> Grey:
    """Whole blocks only: n x 16 x 16."""
    rows, columns = grey.shape[0] // BLOCK, grey.shape[1] // BLOCK
    cut = grey[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    return cut.swapaxes(1, 2).reshape(-1, BLOCK, BLOCK)


def _unevenness(blocks: Grey) -> Grey:
    """Spread of the sixteen 4 px means of a block: content, hardly the grain itself, which would bias the choice."""
    means = blocks.reshape(-1, 4, 4, 4, 4).mean(axis=(2, 4))
    return np.asarray(means.std(axis=(1, 2)), dtype=np.float32)


def _second_difference(values: Grey, axis: int) -> Grey:
    return np.asarray(np.diff(values, n=2, axis=axis))


def _blur_along_rows(grey: Grey) -> float | None:
    """Share of the row gradient that survives blurring along the rows; valid pixels only, so that no border is invented."""
    sums = np.cumsum(np.pad(grey.astype(np.float64), ((1, 0), (0, 0))), axis=0)
    blurred = (sums[BLUR_TAPS:] - sums[:-BLUR_TAPS]) / BLUR_TAPS
    reach = BLUR_TAPS // 2
    sharp_gradient = _gradient(grey[reach:-reach].astype(np.float64))
    lost = np.maximum(0, sharp_gradient - _gradient(blurred)).sum()
    total = sharp_gradient.sum()
    return float((total - lost) / total) if total > 1e-6 * grey.size else None


def _gradient(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Absolute Sobel response across the rows."""
    smooth = values[:, :-2] + 2 * values[:, 1:-1] + values[:, 2:]
    return np.asarray(np.abs(smooth[2:] - smooth[:-2]))
