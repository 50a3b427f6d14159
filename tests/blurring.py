"""Softness for tests: a Gaussian blur, and a number that says how much detail a picture has."""

import numpy as np

Picture = np.ndarray
_LUMA = np.array([0.2126, 0.7152, 0.0722])


def blurred(picture: Picture, sigma: float) -> Picture:
    """Gaussian, ``sigma`` in pixels, of the code values; the border is mirrored. Rounded to 8 bits."""
    reach = max(2, round(5 * sigma))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weights /= weights.sum()
    result = np.pad(picture.astype(np.float64), ((reach, reach), (reach, reach), (0, 0)), mode="reflect")
    for axis in (0, 1):
        length = picture.shape[axis]
        result = sum(weight * np.take(result, range(at, at + length), axis=axis) for at, weight in enumerate(weights))
    return np.clip(np.rint(result), 0, 255).astype(np.uint8)


def gradient_energy(picture: Picture) -> float:
    """Root of the mean squared steps of the luma between neighbours."""
    grey = picture @ _LUMA
    return float(np.sqrt((np.diff(grey, axis=0) ** 2).mean() + (np.diff(grey, axis=1) ** 2).mean()))
