"""sRGB <-> linear light <-> OKLab, hex codes and the names of colours. Pure arrays, last axis = three channels.

OKLab: Björn Ottosson, "A perceptual color space for image processing" (2020), with its published matrices. L is 0-1;
a (green to red) and b (blue to yellow) stay within about +-0.33 for sRGB; a distance of 0.02 is just noticeable.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from continuity.vision.errors import NotAColour
from prompts.colour_names import COLOUR_NAMES

_LMS_OF_LINEAR = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB_OF_ROOTS = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_HEX = re.compile(r"#([0-9A-Fa-f]{6})")


def linear_of_srgb(srgb: NDArray[Any]) -> NDArray[Any]:
    """IEC 61966-2-1 decoding: sRGB 0-1 -> linear light 0-1, in the float type that comes in. Odd outside 0-1."""
    size = np.abs(srgb)
    linear = np.where(size <= 0.04045, size / 12.92, ((size + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.copysign(linear, srgb), dtype=srgb.dtype)


def srgb_of_linear(linear: NDArray[Any]) -> NDArray[Any]:
    """The inverse of ``linear_of_srgb``."""
    size = np.abs(linear)
    srgb = np.where(size <= 0.0031308, size * 12.92, 1.055 * size ** (1 / 2.4) - 0.055)
    return np.asarray(np.copysign(srgb, linear), dtype=linear.dtype)


def oklab_of_linear(linear: NDArray[Any]) -> NDArray[Any]:
    """Linear sRGB primaries -> OKLab; values outside 0-1 are allowed."""
    roots = np.cbrt(linear @ _LMS_OF_LINEAR.T.astype(linear.dtype))
    return np.asarray(roots @ _LAB_OF_ROOTS.T.astype(linear.dtype))


def linear_of_oklab(lab: NDArray[Any]) -> NDArray[Any]:
    """OKLab -> linear sRGB primaries, unclipped: below 0 or above 1 is a colour that sRGB cannot show."""
    roots = lab @ np.linalg.inv(_LAB_OF_ROOTS).T.astype(lab.dtype)
    return np.asarray(roots**3 @ np.linalg.inv(_LMS_OF_LINEAR).T.astype(lab.dtype))


def oklab_of_rgb(rgb: NDArray[Any]) -> NDArray[np.float32]:
    """8-bit sRGB code values -> OKLab float32. Fractional code values (an averaged picture) are taken as they are."""
    if rgb.dtype == np.uint8:
        return np.asarray(oklab_of_linear(_linear_codes()[rgb]), dtype=np.float32)
    return np.asarray(oklab_of_linear(linear_of_srgb(np.asarray(rgb, dtype=np.float32) / np.float32(255))), dtype=np.float32)


def rgb_of_oklab(lab: NDArray[Any]) -> NDArray[np.uint8]:
    """OKLab -> 8-bit sRGB code values, rounded; what sRGB cannot show is clipped per channel."""
    srgb = srgb_of_linear(np.clip(linear_of_oklab(np.asarray(lab, dtype=np.float64)), 0, 1))
    return np.asarray(np.rint(srgb * 255), dtype=np.uint8)


def chroma(lab: NDArray[Any]) -> NDArray[Any]:
    """Distance from grey, sqrt(a² + b²); shape without the last axis."""
    return np.asarray(np.hypot(lab[..., 1], lab[..., 2]))


def hex_of(rgb: Sequence[int] | NDArray[np.uint8]) -> str:
    """Three code values 0-255 -> ``#RRGGBB`` in capitals. NotAColour when they are not that."""
    codes = [int(code) for code in rgb]
    if len(codes) != 3 or not all(0 <= code <= 255 for code in codes):
        raise NotAColour(f"A colour has three code values from 0 to 255, not {codes}.")
    return "#{:02X}{:02X}{:02X}".format(*codes)


def rgb_of_hex(text: str) -> tuple[int, int, int]:
    """``#RRGGBB``, either case and nothing around it -> three code values. Raises NotAColour."""
    match = _HEX.fullmatch(text)
    if match is None:
        raise NotAColour(f"“{text[:40]}” is not a colour: write it as # and six hexadecimal digits, as in #FF1493.")
    red, green, blue = bytes.fromhex(match[1])
    return red, green, blue


def oklab_of_hex(text: str) -> NDArray[np.float32]:
    """``#RRGGBB`` -> one OKLab triple. Raises NotAColour."""
    return oklab_of_rgb(np.array(rgb_of_hex(text), dtype=np.uint8))


def nearest_colour_name(colour: str) -> str:
    """The name in ``prompts.colour_names`` whose colour is nearest in OKLab; of equals the first. Raises NotAColour."""
    names, table = _named_colours()
    distances = np.sum((table - oklab_of_hex(colour)) ** 2, axis=1)
    return names[int(np.argmin(distances))]


@cache
def _linear_codes() -> NDArray[np.float32]:
    """Linear light of each of the 256 code values."""
    return np.asarray(linear_of_srgb(np.arange(256) / 255), dtype=np.float32)


@cache
def _named_colours() -> tuple[tuple[str, ...], NDArray[np.float32]]:
    return tuple(COLOUR_NAMES), np.stack([oklab_of_hex(colour) for colour in COLOUR_NAMES.values()])
