"""The take's grade as one colour table: drift, the palette that the prompt names, the look of reference pictures.

A table of ``SIZE``³ entries is worked out once in linear light and OKLab (Ottosson 2020) and applied to every plate.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from continuity.providers.animatic_scene.canvas import Rgb
from continuity.providers.animatic_scene.drift import Drift
from continuity.vision.colour import linear_of_oklab, linear_of_srgb, oklab_of_linear, oklab_of_rgb, srgb_of_linear

SIZE = 25
# How far a named palette pulls the picture's chroma towards itself.
PALETTE_PULL = 0.6
# OKLab distance at which a palette colour loses hold of a pixel.
PALETTE_REACH = 0.22
# A reference's tone is followed less than its colour: the prompt's hour still says how dark it is.
REFERENCE_TONE = 0.5
SAMPLE_WIDTH = 96

Lab = NDArray[np.float32]


@dataclass(frozen=True)
class Look:
    """Mean and standard deviation of the OKLab values of one or several pictures; ``weight`` 0-1 how far to follow it."""

    mean: tuple[float, float, float]
    spread: tuple[float, float, float]
    weight: float


def look_of(pictures: Sequence[tuple[Image.Image, float]]) -> Look | None:
    """The shared look of (picture, weight 0-1) pairs; None when there are none or none has any weight."""
    weighted = [(_samples(image), weight) for image, weight in pictures if weight > 0]
    if not weighted:
        return None
    total = sum(weight for _, weight in weighted)
    mean = sum((lab.mean(axis=0) * (weight / total) for lab, weight in weighted), np.zeros(3))
    spread = sum((lab.std(axis=0) * (weight / total) for lab, weight in weighted), np.zeros(3))
    return Look(mean=_three(mean), spread=_three(spread), weight=max(weight for _, weight in weighted))


def grade_table(
    drift: Drift, *, palette: Sequence[Rgb] = (), painted: Look | None = None, wanted: Look | None = None
) -> ImageFilter.Color3DLUT:
    """The table for ``Image.filter``. ``painted`` and ``wanted`` (both or neither): the plate's look and the references'."""
    grid = _grid()
    linear = linear_of_srgb(grid) * _gains(drift)
    lab = oklab_of_linear(linear.astype(np.float32))
    lab = _turned(lab, drift)
    if palette:
        lab = _pulled(lab, palette)
    if painted is not None and wanted is not None:
        lab = _transferred(lab, painted, wanted)
    srgb = srgb_of_linear(np.clip(linear_of_oklab(lab), 0, 1))
    return ImageFilter.Color3DLUT(SIZE, np.ascontiguousarray(srgb, dtype=np.float32).ravel().tolist())


def _grid() -> Lab:
    """(SIZE³, 3) sRGB 0-1, red fastest, as Pillow wants it."""
    steps = np.linspace(0, 1, SIZE, dtype=np.float32)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    return np.stack([red.ravel(), green.ravel(), blue.ravel()], axis=-1)


def _gains(drift: Drift) -> NDArray[np.float32]:
    half = 2 ** (drift.temperature / 2)
    return np.asarray([half, 1.0, 1 / half], dtype=np.float32) * np.float32(2**drift.exposure_stops)


def _turned(lab: Lab, drift: Drift) -> Lab:
    angle = np.deg2rad(drift.hue_degrees)
    green_red, blue_yellow = lab[:, 1].copy(), lab[:, 2].copy()
    turned = lab.copy()
    turned[:, 1] = drift.saturation * (np.cos(angle) * green_red - np.sin(angle) * blue_yellow)
    turned[:, 2] = drift.saturation * (np.sin(angle) * green_red + np.cos(angle) * blue_yellow)
    return turned


def _pulled(lab: Lab, palette: Sequence[Rgb]) -> Lab:
    """Chroma towards the palette's nearest colours (a soft choice), lightness kept; black and white stay neutral.

    A palette brings its colours and does not wash out others: the less chroma the target has beside the pixel's own, the
    less it pulls. So a picture graded towards its own palette, greys and all, stays nearly as it is.
    """
    wanted = oklab_of_rgb(np.asarray(palette, dtype=np.float32) * 255)
    distance = ((lab[:, None, :] - wanted[None]) ** 2 * np.asarray([0.5, 1.0, 1.0], dtype=np.float32)).sum(axis=-1)
    hold = np.exp(-(distance - distance.min(axis=1, keepdims=True)) / PALETTE_REACH**2 * 4)
    target = (hold[..., None] * wanted[None, :, 1:]).sum(axis=1) / hold.sum(axis=1, keepdims=True)
    lightness = np.clip(lab[:, :1], 0, 1)
    room = np.clip(4 * lightness * (1 - lightness), 0, 1) ** 0.6
    own, aimed = (np.linalg.norm(chroma, axis=1, keepdims=True) for chroma in (lab[:, 1:], target))
    gain = np.clip(aimed / np.maximum(own, 1e-4), 0, 1) ** 2
    pulled = lab.copy()
    pulled[:, 1:] += PALETTE_PULL * room * gain * (target - lab[:, 1:])
    return pulled


def _transferred(lab: Lab, painted: Look, wanted: Look) -> Lab:
    """Mean and spread transfer (Reinhard et al. 2001) in OKLab, the ratio of spreads kept within 0.5-2."""
    amount = np.asarray([REFERENCE_TONE, 1.0, 1.0], dtype=np.float32) * np.float32(wanted.weight)
    ratio = np.clip(np.asarray(wanted.spread) / np.maximum(np.asarray(painted.spread), 1e-4), 0.5, 2.0)
    moved = (lab - np.asarray(painted.mean)) * ratio + np.asarray(wanted.mean)
    return np.asarray(lab + (moved - lab) * amount, dtype=np.float32)


def _samples(image: Image.Image) -> Lab:
    height = max(1, round(image.height * SAMPLE_WIDTH / image.width))
    small = image.convert("RGB").resize((SAMPLE_WIDTH, height), Image.Resampling.BOX)
    return oklab_of_rgb(np.asarray(small)).reshape(-1, 3)


def _three(values: NDArray[np.float64]) -> tuple[float, float, float]:
    first, second, third = (float(value) for value in values)
    return first, second, third
