"""What a generator does to the picture it continues, in known amounts: the arithmetic of the drifting stand-in.

Written without the product's own colour code, so that a mistake there cannot hide behind the same mistake here.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""Height x width x 3, 8-bit sRGB, upright."""
Light = NDArray[np.float32]
"""Height x width x 3, linear light 0-1."""

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
"""BT.709, for linear light; the same weights give luma from code values."""
MIDDLE_GREY = 0.18
BLACK = 1e-5


@dataclass(frozen=True)
class Drift:
    """Amounts relative to the picture that comes in; all zero = that very picture.

    ``exposure``: stops. ``temperature``: log2 of red against blue, + is warmer. ``tint``: log2 of green against the
    geometric mean of red and blue, + is greener. ``saturation``: log2 of each colour's distance from its own grey.
    ``contrast``: log2 of the exponent of luminance around 18 % grey (×1.04 is ``log2(1.04)``). ``hue``: degrees in BT.709's
    plane of colour differences, + turns red towards yellow. ``softness``: sigma of a gaussian, in pixels of the picture.
    ``grain``: sigma of grey noise, in code values. All but hue and grain act on linear light; temperature and tint leave
    a grey's luminance as it is. What passes white is clipped, as a sensor does.
    """

    exposure: float = 0.0
    temperature: float = 0.0
    tint: float = 0.0
    saturation: float = 0.0
    contrast: float = 0.0
    hue: float = 0.0
    softness: float = 0.0
    grain: float = 0.0

    def repeated(self, times: int) -> "Drift":
        """What ``times`` links with this drift add up to, clipping aside: variances of blur and grain add, the rest is a sum."""
        sums = {
            name: getattr(self, name) * times for name in ("exposure", "temperature", "tint", "saturation", "contrast", "hue")
        }
        return Drift(**sums, softness=self.softness * math.sqrt(times), grain=self.grain * math.sqrt(times))


def drifted(picture: Picture, drift: Drift, *, seed: int = 0) -> Picture:
    """``picture`` with ``drift``; ``seed`` makes the grain, and nothing else. The same arguments give the same picture."""
    light = softened(linear_light(picture), drift.softness) * (_gains(drift) * np.float32(2**drift.exposure))
    light = _contrasted(_saturated(light, 2**drift.saturation), 2**drift.contrast)
    return grained(_picture(_hue_turned(code_values(light), drift.hue)), drift.grain, seed=seed)


def grained(picture: Picture, sigma: float, *, seed: int) -> Picture:
    """With grey noise of ``sigma`` code values, new for each ``seed``."""
    if not sigma:
        return picture
    noise = np.random.default_rng(seed).normal(0, sigma, picture.shape[:2])
    return _picture(picture + noise.astype(np.float32)[..., None])


def _picture(codes: Light) -> Picture:
    return np.asarray(np.clip(np.rint(codes), 0, 255), dtype=np.uint8)


def linear_light(picture: Picture) -> Light:
    """IEC 61966-2-1."""
    table = np.arange(256) / 255
    table = np.where(table <= 0.04045, table / 12.92, ((table + 0.055) / 1.055) ** 2.4)
    return np.asarray(table.astype(np.float32)[picture])


def code_values(light: Light) -> Light:
    """The inverse, as fractional code values 0-255; what lies outside 0-1 is clipped."""
    light = np.clip(light, 0, 1)
    return np.asarray(255 * np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055), dtype=np.float32)


def softened(values: Light, sigma: float) -> Light:
    """By a gaussian of ``sigma`` pixels, exactly (a sampled kernel is too narrow below 0.8); mirrored beyond the edges."""
    if not sigma:
        return values
    for axis in (0, 1):
        count = values.shape[axis]
        mirrored = np.concatenate([values, np.flip(values, axis)], axis=axis)
        transfer = np.exp(-2 * (np.pi * sigma * np.fft.rfftfreq(2 * count)) ** 2).reshape(-1, *[1] * (1 - axis), 1)
        soft = np.fft.irfft(np.fft.rfft(mirrored, axis=axis) * transfer, n=2 * count, axis=axis)
        values = soft.take(range(count), axis=axis).astype(np.float32)
    return values


def _gains(drift: Drift) -> Light:
    """Per channel, with the two ratios asked for and the luminance of a grey kept."""
    stops = [drift.temperature / 2 - drift.tint / 3, drift.tint * 2 / 3, -drift.temperature / 2 - drift.tint / 3]
    gains = np.exp2(np.array(stops, dtype=np.float32))
    return np.asarray(gains / (gains @ LUMINANCE))


def _saturated(light: Light, factor: float) -> Light:
    grey = (light @ LUMINANCE)[..., None]
    return np.asarray(grey + np.float32(factor) * (light - grey))


def _contrasted(light: Light, exponent: float) -> Light:
    """Each pixel's luminance Y becomes grey·(Y/grey)^exponent; its colour, the ratios of its channels, stays."""
    luminance = np.maximum(light @ LUMINANCE, BLACK)[..., None]
    return np.asarray(light * (luminance / MIDDLE_GREY) ** np.float32(exponent - 1))


def _hue_turned(codes: Light, degrees: float) -> Light:
    """A turn of (Cb, Cr), which keeps luma."""
    if not degrees:
        return codes
    red, green, blue = LUMINANCE
    to_luma_cb_cr = np.array([LUMINANCE, [-red, -green, 1 - blue], [1 - red, -green, -blue]])
    to_luma_cb_cr[1:] /= 2 * np.array([[1 - blue], [1 - red]])
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[1, 0, 0], [0, cosine, -sine], [0, sine, cosine]])
    return np.asarray(codes @ (np.linalg.inv(to_luma_cb_cr) @ turn @ to_luma_cb_cr).T.astype(np.float32))
