"""What open country is made of, and how light falls on it."""

import numpy as np

from continuity.providers.animatic_scene.canvas import (
    Picture,
    Rgb,
)
from continuity.providers.animatic_scene.light import Light
from continuity.providers.animatic_scene.noise import Field, cloud_noise

GRASS = {"far": (0.36, 0.44, 0.17), "near": (0.20, 0.31, 0.09), "dry": (0.62, 0.58, 0.30)}
ROCK = (0.42, 0.42, 0.47)
WOODED = (0.20, 0.28, 0.20)
SAND = (0.86, 0.66, 0.42)
SNOW = (0.90, 0.93, 0.98)


def lit(surface: Rgb, light: Light, facing: Field | float) -> Picture | Rgb:
    """A surface's colour in shade plus what the key adds; ``facing`` 0-1, a field or one number."""
    shade = np.asarray(surface, dtype=np.float32) * np.asarray(light.ambient, dtype=np.float32) * 0.92
    sun = np.asarray(surface, dtype=np.float32) * np.asarray(light.key, dtype=np.float32) * 0.66
    if isinstance(facing, np.ndarray):
        return shade + sun * facing[..., None]
    red, green, blue = (float(part) for part in shade + sun * facing)
    return red, green, blue


def as_rgb(value: Picture | Rgb) -> Rgb:
    red, green, blue = (min(1.0, float(part)) for part in np.asarray(value))
    return red, green, blue


def lying_noise(rng: np.random.Generator, *, height: int, width: int, horizon: int, cell: float) -> Field:
    """Noise that lies on the ground: its rows crowd together towards the horizon."""
    plane = cloud_noise(rng, height=700, width=width, cell=cell, octaves=5, stretch=2.2)
    away = 1 / (np.clip(np.arange(height) - horizon, 0, None) / (height - horizon) + 0.09)
    source = (699 * (away - away.min()) / (away.max() - away.min())).astype(np.int32)
    return np.asarray(plane[source])


def veil_of(light: Light) -> float:
    """0 in clear air, 1 in thick fog: how far even the nearest grass is veiled."""
    return float(np.clip((light.haze_share - 0.6) / 0.3, 0, 1))
