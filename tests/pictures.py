"""Pictures with something of a film still, and the changes that a drifting generator makes to them, of known strength."""

from collections.abc import Callable, Mapping

import numpy as np

from continuity.vision.colour import linear_of_oklab, linear_of_srgb, oklab_of_linear, srgb_of_linear

Picture = np.ndarray


def street(*, seed: int, height: int = 360, grain: float = 2, shift: float = 0) -> Picture:
    """An evening street, 16:9: shaded sky, houses, lit windows, glow, grain. ``shift``: how far the camera has panned."""
    random = np.random.default_rng(seed)
    width = height * 16 // 9
    rows, columns = np.mgrid[:height, :width].astype(np.float32) / height
    columns += shift
    warmth = random.uniform(-30, 30)
    picture = np.stack([60 + 60 * rows + warmth, 62 + 50 * rows, 100 + 40 * rows - warmth], axis=-1)
    for _ in range(24):
        left, top, tone = random.uniform(-0.3, 2), random.uniform(0.2, 0.7), random.uniform(0.3, 1.2)
        inside = (columns > left) & (columns < left + random.uniform(0.05, 0.3)) & (rows > top) & (rows < 0.85)
        picture[inside] = np.array([90, 80, 96]) * tone
    for _ in range(60):
        left, top = random.uniform(-0.3, 2), random.uniform(0.2, 0.8)
        lit = (columns > left) & (columns < left + 0.02) & (rows > top) & (rows < top + 0.03)
        picture[lit] = random.choice([[220, 170, 90], [210, 60, 130], [70, 180, 200]])
    picture = picture + np.exp(-((columns - 1.1) ** 2 + (rows - 0.5) ** 2) * 9)[..., None] * np.array([60, 20, 40])
    noise = np.random.default_rng([seed, 1]).normal(0, grain, (height, width, 1))
    return np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)


def exposure(picture: Picture, stops: float) -> Picture:
    return _from_linear(_to_linear(picture) * 2**stops)


def temperature(picture: Picture, log2_red_by_blue: float) -> Picture:
    gains = np.array([2 ** (log2_red_by_blue / 2), 1, 2 ** (-log2_red_by_blue / 2)], dtype=np.float32)
    return _from_linear(_to_linear(picture) * gains)


def saturation(picture: Picture, log2_chroma: float) -> Picture:
    lab = oklab_of_linear(_to_linear(picture))
    lab[..., 1:] *= 2**log2_chroma
    return _from_linear(linear_of_oklab(lab))


def hue(picture: Picture, degrees: float) -> Picture:
    lab = oklab_of_linear(_to_linear(picture))
    turn = np.deg2rad(degrees)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]], dtype=np.float32)
    lab[..., 1:] = lab[..., 1:] @ rotation
    return _from_linear(linear_of_oklab(lab))


def contrast(picture: Picture, log2_slope: float) -> Picture:
    return _to_codes((picture / np.float32(255) - 0.5) * 2**log2_slope + 0.5)


def gamma(picture: Picture, log2_exponent: float) -> Picture:
    return _to_codes((picture / np.float32(255)) ** 2**log2_exponent)


def grain(picture: Picture, sigma: float) -> Picture:
    """Grey grain; ``sigma`` in 8-bit code values."""
    noise = np.random.default_rng(5).normal(0, 1, (*picture.shape[:2], 1)).astype(np.float32)
    return _to_codes((picture + sigma * noise) / 255)


PERTURBATIONS: Mapping[str, tuple[Callable[[Picture, float], Picture], tuple[float, ...]]] = {
    "darker": (exposure, (-0.25, -0.5, -1)),
    "lighter": (exposure, (0.25, 0.5, 1)),
    "warmer": (temperature, (0.2, 0.4, 0.8)),
    "colder": (temperature, (-0.2, -0.4, -0.8)),
    "less saturated": (saturation, (-0.25, -0.5, -1)),
    "more saturated": (saturation, (0.25, 0.5, 1)),
    "less contrast": (contrast, (-0.2, -0.4, -0.8)),
    "more contrast": (contrast, (0.2, 0.4, 0.8)),
    "hue forwards": (hue, (10, 20, 40)),
    "hue backwards": (hue, (-10, -20, -40)),
    "gamma up": (gamma, (0.15, 0.3, 0.6)),
    "gamma down": (gamma, (-0.15, -0.3, -0.6)),
    "grain": (grain, (2, 4, 8)),
}
"""Each change, and rising strengths of it; strength 0 is the picture itself."""


def _to_linear(picture: Picture) -> np.ndarray:
    return linear_of_srgb(picture / np.float32(255))


def _from_linear(linear: np.ndarray) -> Picture:
    return _to_codes(srgb_of_linear(np.clip(linear, 0, 1)))


def _to_codes(values: np.ndarray) -> Picture:
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)
