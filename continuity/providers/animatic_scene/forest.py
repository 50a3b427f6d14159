"""A wood: trunks in four depths with haze between them."""

import numpy as np
from PIL import ImageDraw

from continuity.providers.animatic_scene.canvas import (
    Picture,
    blend,
    code_values,
    image_of,
    mixed,
    picture_of,
    scaled,
    screen,
)
from continuity.providers.animatic_scene.layers import Layer, Stage
from continuity.providers.animatic_scene.light import Light
from continuity.providers.animatic_scene.meadow import paint_blades
from continuity.providers.animatic_scene.surfaces import SNOW, as_rgb, lit, lying_noise


def paint_forest(sky: Picture, light: Light, rng: np.random.Generator, stage: Stage, horizon: int) -> list[Layer]:
    """Trunks in four depths with haze between them, light falling from behind, and two dark trunks near the lens."""
    height, width = stage.height, stage.width
    glow = np.exp(-(((np.arange(width) - width * 0.55) / (0.3 * width)) ** 2))[None, :] * np.ones((height, 1))
    back = blend(sky, mixed(light.haze, light.sky_horizon, 0.5), np.full((height, width), 0.75, dtype=np.float32))
    picture = screen(back, (0.35 * glow[..., None] * np.asarray(light.key)).astype(np.float32))
    moss = SNOW if light.snow > 0.5 else (0.22, 0.27, 0.12)
    patches = lying_noise(rng, height=height, width=width, horizon=horizon, cell=40)
    floor = np.asarray(lit(moss, light, np.clip(patches * 0.8 * (0.4 + glow), 0, 1).astype(np.float32)))
    rows = np.arange(height, dtype=np.float32)[:, None]
    depth = np.clip((rows - horizon) / (height - horizon), 0, 1)
    floor = blend(
        floor.astype(np.float32),
        light.haze,
        np.clip((1 - depth) ** 2 * (0.35 + light.haze_share), 0, 1) * np.ones((1, width), dtype=np.float32),
    )
    picture = blend(picture, floor, np.clip((rows - horizon) / (0.03 * height), 0, 1) * np.ones((1, width), dtype=np.float32))
    for step in range(4):
        picture = _trunks(picture, light, rng, near=step / 3, horizon=horizon)
    edge = np.full(width, horizon + 0.30 * (height - horizon), dtype=np.float32)
    return [Layer(image=image_of(paint_blades(picture, light, rng, edge, flowers=False)), depth=0.75)]


def _trunks(picture: Picture, light: Light, rng: np.random.Generator, *, near: float, horizon: int) -> Picture:
    height, width = picture.shape[:2]
    image = image_of(picture)
    draw = ImageDraw.Draw(image)
    haze = np.clip(light.haze_share * 1.1 * (1 - near) + 0.25 * (1 - near), 0, 0.93)
    bark = as_rgb(lit((0.30, 0.25, 0.20), light, 0.22))
    edge = as_rgb(lit((0.5, 0.42, 0.32), light, 0.8))
    for x in rng.uniform(-0.02, 1.02, max(3, round((26 - 17 * near) * min(1.0, 0.7 * width / height)))) * width:
        if near > 0.6 and abs(x / width - 0.5) < 0.16:
            continue
        wide = height * (0.008 + 0.042 * near**1.5) * float(rng.uniform(0.7, 1.3))
        foot = horizon + (height - horizon) * (0.03 + 0.75 * near**1.6) * float(rng.uniform(0.9, 1.1))
        lean = float(rng.normal(0, 0.02)) * height
        dark, bright = (
            mixed(scaled(bark, float(rng.uniform(0.8, 1.1))), light.haze, float(haze)),
            mixed(edge, light.haze, float(haze)),
        )
        sun_side = 1 if x < width * 0.55 else -1
        draw.polygon(
            [(x - wide * 0.62, foot), (x + wide * 0.62, foot), (x + lean + wide * 0.34, -5), (x + lean - wide * 0.34, -5)],
            fill=code_values(dark),
        )
        draw.line(
            [(x + sun_side * wide * 0.5, foot), (x + lean + sun_side * wide * 0.28, -5)],
            fill=code_values(bright),
            width=max(1, round(wide * 0.14)),
        )
        for _ in range(round(2 + 3 * (1 - near))):
            start = float(rng.uniform(0, 0.55)) * height
            reach = float(rng.choice([-1, 1])) * wide * float(rng.uniform(0.8, 2.6))
            draw.line(
                [(x + lean * 0.5, start), (x + lean * 0.5 + reach, start + abs(reach) * 0.25)],
                fill=code_values(dark),
                width=max(1, round(wide * 0.07)),
            )
    return picture_of(image)
