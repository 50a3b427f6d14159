"""Dunes."""

import numpy as np

from continuity.providers.animatic_scene.canvas import (
    Picture,
    blend,
)
from continuity.providers.animatic_scene.light import Light
from continuity.providers.animatic_scene.noise import line_noise
from continuity.providers.animatic_scene.surfaces import SAND, lit, lying_noise


def paint_dunes(picture: Picture, light: Light, rng: np.random.Generator, horizon: int, sun_x: float) -> Picture:
    """Sand in sweeping crests, each with a lit and a shaded side."""
    height, width = picture.shape[:2]
    done = picture
    rows = np.arange(height, dtype=np.float32)[:, None]
    for step in range(4):
        near = step / 3
        sweep = line_noise(rng, length=width, cell=width / (2.4 - 0.3 * step), octaves=2)
        crest = horizon + (near**1.4 * 0.30 + 0.02) * height - (sweep - 0.3) * (0.05 + 0.13 * near) * height
        below = rows - crest[None, :]
        ripple = lying_noise(rng, height=height, width=width, horizon=horizon, cell=12)
        shaded = np.clip(below / ((0.03 + 0.10 * near) * height) * (0.6 + 0.8 * sweep[None, :]), 0, 1)
        facing = np.clip(0.95 - 0.75 * shaded + (ripple - 0.5) * 0.35, 0, 1).astype(np.float32)
        sand = np.asarray(lit(SAND, light, facing))
        sand = blend(sand, light.haze, light.haze_share * 0.8 * (1 - near))
        done = blend(done, np.clip(sand, 0, 1).astype(np.float32), np.clip(below + 0.5, 0, 1))
    return done
