"""What a model, a codec or a colourist does to a grade, as functions on pixels: the candidates among which a cause is sought.

A cause has several operators, because nobody knows which of them was at work: a gain in linear light and a gain of the code
values are both "exposure". The cause is what is named, the operator never is. Pixels are float32 n x 3, sRGB code values 0-1.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from continuity.vision.colour import linear_of_oklab, linear_of_srgb, oklab_of_linear, srgb_of_linear
from continuity.vision.look import Pixels

_LUMA_709 = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
_LUMA_601 = np.array([0.299, 0.587, 0.114], dtype=np.float32)
_YUV_OF_RGB = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], dtype=np.float32)
_RGB_OF_YUV = np.linalg.inv(_YUV_OF_RGB).astype(np.float32)
_CODES_PER_STOP = 1 / 2.2
"""A gain of one stop in linear light, as a gain of code values (as a power of two)."""


@dataclass(frozen=True)
class Operator:
    """``apply(pixels, strength)`` -> pixels, 0 = unchanged; ``step`` is a small strength, ``limit`` the largest one tried.

    ``rank`` orders operators that are applied together; ``is_in_units`` = the strength is the amount in the unit of the cause.
    """

    name: str
    cause: str
    apply: Callable[[Pixels, float], Pixels]
    step: float
    limit: float
    rank: int
    is_in_units: bool = False


def _gain(pixels: Pixels, stops: float) -> Pixels:
    return _of_linear(linear_of_srgb(pixels) * np.float32(2**stops))


def _code_gain(pixels: Pixels, stops: float) -> Pixels:
    return _clipped(pixels * np.float32(2 ** (stops * _CODES_PER_STOP)))


def _luma_power(pixels: Pixels, strength: float) -> Pixels:
    """Gamma on the luma alone, colour differences kept: y^(2^-strength)."""
    luma = _luma(pixels)
    return _clipped(pixels + (np.maximum(luma, 1e-4) ** np.float32(2**-strength) - luma))


def _offset(pixels: Pixels, strength: float) -> Pixels:
    return _clipped(pixels + np.float32(strength))


def _white_balance(red: float, green: float, blue: float) -> Callable[[Pixels, float], Pixels]:
    """Gains of the linear channels, 2^(share x strength), of one luminance for grey: a change of light is an exposure."""
    shares = np.array([red, green, blue], dtype=np.float32)

    def apply(pixels: Pixels, strength: float) -> Pixels:
        gains = np.float32(2) ** (shares * np.float32(strength))
        return _of_linear(linear_of_srgb(pixels) * (gains / (gains @ _LUMA_709)).astype(np.float32))

    return apply


def _code_cast(pixels: Pixels, strength: float) -> Pixels:
    return _clipped(pixels + np.float32(strength) * _CAST)


def _mid_tone_cast(pixels: Pixels, strength: float) -> Pixels:
    luma = _luma(pixels)
    return _clipped(pixels + np.float32(strength) * 4 * luma * (1 - luma) * _CAST)


_CAST = np.array([0.1, 0, -0.1], dtype=np.float32)


def _contrast_about(pivot: float | None) -> Callable[[Pixels, float], Pixels]:
    """All channels about ``pivot``; None = about the mean luma of the picture."""

    def apply(pixels: Pixels, strength: float) -> Pixels:
        middle = np.float32(_luma(pixels).mean() if pivot is None else pivot)
        return _clipped((pixels - middle) * np.float32(2**strength) + middle)

    return apply


def _luma_contrast(pixels: Pixels, strength: float) -> Pixels:
    """About mid-grey, colour differences kept, as a video equaliser does."""
    luma = _luma(pixels)
    return _clipped(pixels + (luma - np.float32(0.5)) * np.float32(2**strength - 1))


def _light_contrast(pixels: Pixels, strength: float) -> Pixels:
    """A power of the luminance about 18 % grey, the ratios of the channels kept: contrast on a scale of stops."""
    linear = linear_of_srgb(pixels)
    luminance = np.maximum(linear @ _LUMA_709, 1e-5)[:, None]
    gain = np.power(luminance / np.float32(0.18), np.float32(2**strength - 1))
    return _of_linear(np.asarray(linear * gain, dtype=np.float32))


def _video_saturation(pixels: Pixels, strength: float) -> Pixels:
    luma = _luma(pixels)
    return _clipped(luma + (pixels - luma) * np.float32(2**strength))


def _oklab_saturation(pixels: Pixels, strength: float) -> Pixels:
    return _in_oklab(pixels, np.diag([1, 2**strength, 2**strength]))


def _video_hue(pixels: Pixels, degrees: float) -> Pixels:
    return _clipped(pixels @ (_RGB_OF_YUV @ _turn(degrees) @ _YUV_OF_RGB).T.astype(np.float32))


def _oklab_hue(pixels: Pixels, degrees: float) -> Pixels:
    return _in_oklab(pixels, _turn(degrees))


def _turn(degrees: float) -> NDArray[np.float32]:
    """Turns the second and third of three channels."""
    cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return np.array([[1, 0, 0], [0, cosine, -sine], [0, sine, cosine]], dtype=np.float32)


def _in_oklab(pixels: Pixels, matrix: NDArray[np.floating]) -> Pixels:
    return _of_linear(linear_of_oklab(oklab_of_linear(linear_of_srgb(pixels)) @ matrix.T.astype(np.float32)))


def _of_linear(linear: Pixels) -> Pixels:
    return srgb_of_linear(np.clip(linear, 0, 1))


def _luma(pixels: Pixels) -> Pixels:
    """BT.601, n x 1: it is what video filters mean by luma when nobody tells them otherwise."""
    return np.asarray((pixels @ _LUMA_601)[:, None], dtype=np.float32)


def _clipped(pixels: Pixels) -> Pixels:
    return np.clip(pixels, 0, 1)


OPERATORS: Sequence[Operator] = (
    Operator("linear gain", "exposure", _gain, step=0.1, limit=3, rank=0, is_in_units=True),
    Operator("code gain", "exposure", _code_gain, step=0.1, limit=3, rank=0, is_in_units=True),
    Operator("gamma", "exposure", _luma_power, step=0.1, limit=1.2, rank=0),
    Operator("offset", "exposure", _offset, step=0.02, limit=0.35, rank=0),
    Operator("red and blue", "temperature", _white_balance(0.5, 0, -0.5), step=0.1, limit=2, rank=1, is_in_units=True),
    Operator("red", "temperature", _white_balance(1, 0, 0), step=0.1, limit=2, rank=1, is_in_units=True),
    Operator("blue", "temperature", _white_balance(0, 0, -1), step=0.1, limit=2, rank=1, is_in_units=True),
    Operator("red more than blue", "temperature", _white_balance(0.65, 0, -0.35), step=0.1, limit=2, rank=1, is_in_units=True),
    Operator("blue more than red", "temperature", _white_balance(0.35, 0, -0.65), step=0.1, limit=2, rank=1, is_in_units=True),
    Operator("code cast", "temperature", _code_cast, step=0.1, limit=2.5, rank=1),
    Operator("mid-tone cast", "temperature", _mid_tone_cast, step=0.1, limit=3, rank=1),
    Operator("green", "tint", _white_balance(-1 / 3, 2 / 3, -1 / 3), step=0.1, limit=2, rank=2, is_in_units=True),
    Operator("about mid-grey", "contrast", _contrast_about(0.5), step=0.1, limit=1.2, rank=3, is_in_units=True),
    Operator("about the mean", "contrast", _contrast_about(None), step=0.1, limit=1.2, rank=3, is_in_units=True),
    Operator("of the luma", "contrast", _luma_contrast, step=0.1, limit=1.2, rank=3, is_in_units=True),
    Operator("of the light", "contrast", _light_contrast, step=0.1, limit=1.2, rank=3, is_in_units=True),
    Operator("video saturation", "saturation", _video_saturation, step=0.1, limit=4, rank=4, is_in_units=True),
    Operator("OKLab saturation", "saturation", _oklab_saturation, step=0.1, limit=4, rank=4, is_in_units=True),
    Operator("video hue", "hue", _video_hue, step=4, limit=60, rank=5, is_in_units=True),
    Operator("OKLab hue", "hue", _oklab_hue, step=4, limit=60, rank=5, is_in_units=True),
)
