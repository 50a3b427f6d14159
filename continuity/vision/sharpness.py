"""Fine detail that a generator loses between the picture it is given and the first frame it makes of it, and its return.

Every model softens a little, and a chain of shots multiplies that: what is measured at one link is given back to the frame
the next link starts from. Amplitudes only, no phases: nothing moves, and nothing is drawn that is not in the frame.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from continuity.vision.bridge import cropped_like
from continuity.vision.scale import Picture, area_average, require_picture
from continuity.vision.texture import noise_sigma

TILE = 64
RINGS = 32
"""Of frequencies from 0 to 0.5 cycles per pixel, the finest that a row of pixels can hold; corners count to the last."""

COARSE = slice(1, 8)
"""The rings of .016-.125 cycles per pixel, from which the change of contrast is read, which is not a loss of detail."""

MOST_GAIN = 2.0
MOST_LEFT = 0.05
"""The window blurs the rings a little into each other, so one pass gives back a percent too little, which ten links would
add up: the loss is measured again on the restored frame. More than this is not the window's doing."""

DEAD_ZONE = 0.03
SMALLEST_SIDE = 64
UNKNOWN_NOISE = 1.0
"""Code values, where a picture has no flat place to read its noise from: at least the rounding and the codec's."""

_LUMA = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
_HANN = np.outer(np.hanning(TILE + 2)[1:-1], np.hanning(TILE + 2)[1:-1]).astype(np.float32)
_CENTRES = (np.arange(RINGS) + 0.5) * (0.5 / RINGS)


@dataclass(frozen=True)
class DetailLoss:
    """``ratio``: the share of the amplitude that is left per ring of frequencies, 1 = all of it, measured on pictures
    ``height`` px high. Both None = not measured, and then ``reason`` says why."""

    ratio: tuple[float, ...] | None
    height: int | None = None
    reason: str | None = None

    @property
    def most(self) -> float | None:
        """The smallest ratio: one number to show, 1 = nothing is lost."""
        return None if self.ratio is None else min(1.0, *self.ratio)


def detail_lost(start: Picture, first: Picture) -> DetailLoss:
    """Compares the picture a shot was started from with its first frame. Both uint8 RGB of one content; raises NotAPicture.

    Radially averaged power of the luma code values (Welch: Hann windows of 64 px, half overlapping), ``first`` over
    ``start``, relative to the coarse rings so that a change of contrast does not count; the square root of it. Motion does
    not matter. ``start`` is cropped to the shape of ``first``, and a larger one is averaged down to it: what ``first`` has
    no pixels for is not a loss. Noise that ``first`` has gained hides a loss, so the answer errs towards too little.
    """
    height, width = require_picture(first).shape[:2]
    start = cropped_like(require_picture(start), first)
    if min(*start.shape[:2], height, width) < SMALLEST_SIDE:
        return DetailLoss(None, reason=f"A picture below {SMALLEST_SIDE} px has no fine detail to compare.")
    if start.shape[0] < height or start.shape[1] < width:
        return DetailLoss(None, reason="The start picture is smaller than the shot: its finest detail cannot be compared.")
    wanted, made = area_average(start, height=height, width=width) @ _LUMA, _grey(first)
    if min(_ring_power(grey)[COARSE].mean() for grey in (wanted, made)) <= _noise_power(UNKNOWN_NOISE):
        return DetailLoss(None, reason="The picture is of one tone: there is no detail to compare.")
    once = _ratio(made, wanted)
    left = _ratio(_restored(made, once, scale=1.0), wanted)
    ratio = once * np.clip(left, 1 - MOST_LEFT, 1 + MOST_LEFT)
    return DetailLoss(tuple(float(value) for value in ratio), height)


def restore_detail(picture: Picture, loss: DetailLoss) -> Picture:
    """The picture with the lost amplitudes given back, at most doubled; the same array where nothing is to be done.

    A zero-phase gain of 1 / ratio on the luma, ring by ring, added to the three channels alike. A loss below 3 % at every
    ring is left. What is no stronger than the picture's own noise is not amplified (Wiener's weight, 1 - noise / power). In
    a picture of another height the frequencies are those of the same content. Raises NotAPicture.
    """
    if loss.ratio is None or loss.height is None or min(require_picture(picture).shape[:2]) < SMALLEST_SIDE:
        return picture
    ratio = np.array(loss.ratio)
    if ratio.min() > 1 - DEAD_ZONE:
        return picture
    grey = _grey(picture)
    change = _restored(grey, ratio, scale=picture.shape[0] / loss.height) - grey
    return np.asarray(np.clip(np.rint(picture + change[..., None]), 0, 255), dtype=np.uint8)


def _ratio(made: NDArray[np.float32], wanted: NDArray[np.float32]) -> NDArray[np.float64]:
    """Amplitude of ``made`` over ``wanted`` per ring, 1 where only the contrast has changed."""
    ratio = np.sqrt((_ring_power(made) + 1e-6) / (_ring_power(wanted) + 1e-6))
    ratio /= _contrast(ratio)
    ratio[0] = 1
    return np.asarray(ratio)


def _contrast(ratio: NDArray[np.float64]) -> float:
    """What the ratio tends to where frequencies are too low to be softened: a Gaussian blur is a line over their squares."""
    _, level = np.polyfit(_CENTRES[COARSE] ** 2, np.log(ratio[COARSE]), 1)
    return float(np.exp(level))


def _restored(grey: NDArray[np.float32], ratio: NDArray[np.float64], *, scale: float) -> NDArray[np.float32]:
    """``grey`` with the bounded gain; ``scale``: its height over that of the pictures the ratio was measured on."""
    added = np.clip(1 / np.maximum(ratio, 1e-3), 1, MOST_GAIN) - 1
    return grey + _filtered(grey, added * _share_above_noise(grey), scale=scale)


def _share_above_noise(grey: NDArray[np.float32]) -> NDArray[np.float64]:
    """Per ring 0-1: how much of the power is not noise that is equally strong at all frequencies."""
    sigma = noise_sigma(grey)
    noise = _noise_power(UNKNOWN_NOISE if sigma is None else sigma)
    return np.asarray(np.clip(1 - noise / np.maximum(_ring_power(grey), 1e-9), 0, 1))


def _noise_power(sigma: float) -> float:
    """Of white noise of standard deviation ``sigma``, per coefficient of a window."""
    return sigma**2 * float((_HANN**2).sum())


def _filtered(grey: NDArray[np.float32], response: NDArray[np.float64], *, scale: float) -> NDArray[np.float32]:
    """``grey`` through a radial response; mirrored at its borders, so that opposite sides do not mix."""
    height, width = grey.shape
    reach = TILE // 2
    padded = np.pad(grey, reach, mode="reflect")
    spectrum = np.fft.rfft2(padded) * np.interp(_frequencies(*padded.shape) * scale, _CENTRES, response)
    changed = np.fft.irfft2(spectrum, s=padded.shape)[reach : reach + height, reach : reach + width]
    return np.asarray(changed, dtype=np.float32)


def _ring_power(grey: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean power per coefficient in each ring, over windows that cover the whole picture, mirrored at its borders."""
    half = TILE // 2
    height, width = grey.shape
    padded = np.pad(grey, ((half, half + -height % half), (half, half + -width % half)), mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (TILE, TILE))[::half, ::half]
    power = np.zeros((TILE, half + 1))
    for row in windows:  # one row of windows at a time: all of them would be four pictures in memory
        level = (row * _HANN).sum(axis=(1, 2), keepdims=True) / _HANN.sum()
        power += (np.abs(np.fft.rfft2((row - level) * _HANN)) ** 2).sum(axis=0)
    ring = np.minimum((_frequencies(TILE, TILE) * (2 * RINGS)).astype(np.intp), RINGS - 1).ravel()
    sizes = np.bincount(ring, minlength=RINGS) * (windows.shape[0] * windows.shape[1])
    return np.asarray(np.bincount(ring, weights=power.ravel(), minlength=RINGS) / sizes)


def _frequencies(height: int, width: int) -> NDArray[np.float64]:
    """Cycles per pixel of each coefficient of a real two-dimensional transform."""
    return np.asarray(np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :]))


def _grey(picture: Picture) -> NDArray[np.float32]:
    """BT.709 luma of the code values."""
    return np.asarray(picture @ _LUMA, dtype=np.float32)
