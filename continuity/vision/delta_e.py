"""How different two colours look: CIELAB (D65, 2°) and CIEDE2000. Pure arrays, last axis = three channels.

A difference of about 1 is just noticeable beside each other; 2.3 is the usual "same colour" in print.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from continuity.vision.colour import linear_of_srgb

_XYZ_OF_LINEAR = np.array(
    [
        [0.4123907993, 0.3575843394, 0.1804807884],
        [0.2126390059, 0.7151686788, 0.0721923154],
        [0.0193308187, 0.1191947798, 0.9505321522],
    ]
)
_WHITE = _XYZ_OF_LINEAR.sum(axis=1)
_EPSILON, _KAPPA = 216 / 24389, 24389 / 27
_GREY_REACH = 25.0**7


def cielab_of_linear(linear: NDArray[Any]) -> NDArray[np.float64]:
    """Linear sRGB primaries 0-1 -> CIELAB (CIE 15:2004, white D65): L* 0-100, a* and b* about +-110."""
    ratio = np.asarray(linear, dtype=np.float64) @ _XYZ_OF_LINEAR.T / _WHITE
    roots = np.where(ratio > _EPSILON, np.cbrt(ratio), (_KAPPA * ratio + 16) / 116)
    x, y, z = np.moveaxis(roots, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def cielab_of_rgb(rgb: NDArray[Any]) -> NDArray[np.float64]:
    """8-bit sRGB code values, fractional ones allowed -> CIELAB."""
    return cielab_of_linear(linear_of_srgb(np.asarray(rgb, dtype=np.float64) / 255))


def delta_e_2000(lab: NDArray[Any], other: NDArray[Any]) -> NDArray[np.float64]:
    """CIEDE2000 (CIE 142:2001), all weights 1, of two CIELAB arrays of one shape; that shape without the last axis.

    As in Sharma, Wu, Dalal, "The CIEDE2000 Color-Difference Formula: Implementation Notes" (2005).
    """
    light, red, yellow = np.moveaxis(np.asarray(lab, dtype=np.float64), -1, 0)
    other_light, other_red, other_yellow = np.moveaxis(np.asarray(other, dtype=np.float64), -1, 0)
    mean_seventh = ((np.hypot(red, yellow) + np.hypot(other_red, other_yellow)) / 2) ** 7
    stretch = 1 + 0.5 * (1 - np.sqrt(mean_seventh / (mean_seventh + _GREY_REACH)))
    chroma, hue = _polar(red * stretch, yellow)
    other_chroma, other_hue = _polar(other_red * stretch, other_yellow)
    light_step = (other_light - light) / _light_weight((light + other_light) / 2)
    mean_chroma = (chroma + other_chroma) / 2
    mean_hue, hue_turn = _mean_hue_and_turn(hue, other_hue, chroma * other_chroma == 0)
    chroma_step = (other_chroma - chroma) / (1 + 0.045 * mean_chroma)
    hue_step = 2 * np.sqrt(chroma * other_chroma) * np.sin(hue_turn / 2) / (1 + 0.015 * mean_chroma * _hue_weight(mean_hue))
    turn = _blue_rotation(mean_hue, mean_chroma)
    squared = light_step**2 + chroma_step**2 + hue_step**2 + turn * chroma_step * hue_step
    return np.asarray(np.sqrt(np.maximum(squared, 0)))


def _polar(red: NDArray[Any], yellow: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    return np.hypot(red, yellow), np.arctan2(yellow, red) % (2 * np.pi)


def _light_weight(mean_light: NDArray[Any]) -> NDArray[Any]:
    away = (mean_light - 50) ** 2
    return np.asarray(1 + 0.015 * away / np.sqrt(20 + away))


def _mean_hue_and_turn(
    hue: NDArray[Any], other: NDArray[Any], has_no_hue: NDArray[np.bool_]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The hue half way on the shorter arc, and the signed turn between the two; a grey has no hue of its own."""
    turn = (other - hue + np.pi) % (2 * np.pi) - np.pi
    halfway = (hue + turn / 2) % (2 * np.pi)
    return np.where(has_no_hue, hue + other, halfway), np.where(has_no_hue, 0.0, turn)


def _hue_weight(hue: NDArray[Any]) -> NDArray[Any]:
    degrees = np.deg2rad
    return np.asarray(
        1
        - 0.17 * np.cos(hue - degrees(30))
        + 0.24 * np.cos(2 * hue)
        + 0.32 * np.cos(3 * hue + degrees(6))
        - 0.20 * np.cos(4 * hue - degrees(63))
    )


def _blue_rotation(hue: NDArray[Any], chroma: NDArray[Any]) -> NDArray[Any]:
    seventh = chroma**7
    spread = np.deg2rad(30) * np.exp(-(((np.rad2deg(hue) - 275) / 25) ** 2))
    return np.asarray(-np.sin(2 * spread) * 2 * np.sqrt(seventh / (seventh + _GREY_REACH)))
