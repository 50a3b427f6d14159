"""Sea or lake: the sky mirrored and broken by waves."""

import numpy as np

from continuity.providers.animatic_scene.canvas import (
    Picture,
    blend,
    mixed,
    scaled,
    screen,
)
from continuity.providers.animatic_scene.light import Light
from continuity.providers.animatic_scene.noise import cloud_noise


def paint_water(picture: Picture, light: Light, rng: np.random.Generator, horizon: int, sun_x: float) -> Picture:
    """The sky mirrored and broken by waves, with the sun's glitter."""
    height, width = picture.shape[:2]
    deep = height - horizon
    plane = cloud_noise(rng, height=900, width=width, cell=11, octaves=4, stretch=7.0)
    away = 1 / (np.arange(deep) / deep + 0.14)
    waves = plane[(899 * (away - away.min()) / (away.max() - away.min())).astype(np.int32)]
    rows = np.arange(deep, dtype=np.float32)[:, None]
    mirror = np.clip(horizon - 1 - rows * 0.9 + (waves - 0.5) * (10 + rows * 0.45), 0, horizon - 1).astype(np.int32)
    sheen = np.take_along_axis(picture, np.broadcast_to(mirror[..., None], (deep, width, 3)), axis=0)
    body = mixed(scaled(light.sky_top, 0.55), (0.05, 0.16, 0.20), 0.4)
    share = np.clip(0.72 - 0.42 * rows / deep + (waves - 0.5) * 0.9, 0.1, 0.95)
    water = blend(np.broadcast_to(np.asarray(body, dtype=np.float32), sheen.shape), sheen, share.astype(np.float32))
    spread = (0.03 + 0.10 * rows / deep) * width
    path = np.exp(-(((np.arange(width)[None, :] - sun_x) / spread) ** 2)) * np.clip((waves - 0.52) * 9, 0, 1)
    shine = (
        light.key
        if light.sun_height is not None
        else (0.5, 0.55, 0.7)
        if light.dark > 0.9 and light.clouds < 0.6
        else scaled(light.sky_horizon, 0.15)
    )
    done = picture.copy()
    done[horizon:] = screen(water, (path[..., None] * np.asarray(shine)).astype(np.float32))
    return done
