"""Grass and flowers from far to near, or snow over them."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from continuity.providers.animatic_scene.canvas import (
    Picture,
    Rgb,
    blend,
    code_values,
    gradient,
    image_of,
    mixed,
    picture_of,
    scaled,
)
from continuity.providers.animatic_scene.layers import Layer, Stage
from continuity.providers.animatic_scene.light import Light
from continuity.providers.animatic_scene.noise import Field, line_noise
from continuity.providers.animatic_scene.surfaces import GRASS, SNOW, as_rgb, lit, lying_noise, veil_of

FLOWERS: tuple[Rgb, ...] = ((0.96, 0.95, 0.92), (0.97, 0.80, 0.22), (0.80, 0.42, 0.72), (0.93, 0.52, 0.22), (0.55, 0.50, 0.90))


def paint_meadow(picture: Picture, light: Light, rng: np.random.Generator, horizon: int, sun_x: float) -> Picture:
    height, width = picture.shape[:2]
    edge = horizon + (line_noise(rng, length=width, cell=width / 3, octaves=3) - 0.5) * 0.07 * height
    rows = np.arange(height, dtype=np.float32)[:, None]
    depth = np.clip((rows - edge[None, :]) / (height - horizon), 0, 1)
    near_light = 0.45 + 0.35 * np.exp(-np.abs(np.arange(width) - sun_x) / (0.35 * width))[None, :]
    patches = lying_noise(rng, height=height, width=width, horizon=horizon, cell=46)
    facing = np.clip(near_light * (0.55 + 0.9 * patches), 0, 1).astype(np.float32)
    veil = veil_of(light)
    if light.snow > 0.5:
        ground: Picture = np.asarray(lit(SNOW, light, np.clip(facing * 1.2 - 0.1, 0, 1))) * 1.05
        ground = blend(
            ground, mixed(light.ambient, (0.55, 0.66, 0.86), 0.5), np.clip((patches - 0.45) * 1.1, 0, 0.4).astype(np.float32)
        )
    else:
        grass = gradient([(0.0, GRASS["far"]), (1.0, GRASS["near"])], depth)
        grass = blend(grass, GRASS["dry"], (np.clip(patches - 0.45, 0, 1) * 0.8 * (1 - 0.6 * depth)).astype(np.float32))
        ground = grass * (np.asarray(light.ambient) * 1.0 + np.asarray(light.key) * 0.85 * facing[..., None])
    ground = blend(
        ground.astype(np.float32),
        light.haze,
        (light.haze_share * 0.75 * (1 - depth) ** (3 - 2 * veil) + 0.22 * veil).astype(np.float32),
    )
    done = blend(picture, np.clip(ground, 0, 1), np.clip(rows - edge[None, :] + 0.5, 0, 1))
    return paint_blades(done, light, rng, edge)


def paint_blades(picture: Picture, light: Light, rng: np.random.Generator, edge: Field, *, flowers: bool = True) -> Picture:
    """Grass from far to near; backlit tips; flowers last. Snow leaves a few dry stalks."""
    image = image_of(picture)
    draw = ImageDraw.Draw(image)
    height, width = picture.shape[:2]
    count = 350 if light.snow > 0.5 else 11000 if flowers else 2600
    nearness = np.sort(rng.random(count) ** 0.75)
    columns = rng.integers(0, width, count)
    lean = rng.normal(0.12, 0.28, count)
    shade = rng.random((count, 2))
    veil = veil_of(light)
    tints = [as_rgb(lit(colour, light, 0.75)) for colour in (GRASS["near"], GRASS["far"], GRASS["dry"])]
    for place in range(count):
        depth, x = float(nearness[place]), int(columns[place])
        foot = edge[x] + (height * 1.04 - edge[x]) * depth
        tall = height * (0.006 + 0.075 * depth**1.6) * (0.5 + shade[place, 0])
        tone = mixed(tints[0], tints[1] if shade[place, 1] < 0.7 else tints[2], float(shade[place, 0]))
        tone = mixed(
            scaled(tone, 0.6 + 0.75 * float(shade[place, 1])),
            light.haze,
            light.haze_share * 0.5 * (1 - depth) ** (2 - veil) + 0.25 * veil,
        )
        tip = (x + lean[place] * tall, foot - tall)
        draw.line(
            [(x, foot), (x + lean[place] * tall * 0.3, foot - tall * 0.6), tip],
            fill=code_values(tone),
            width=1 + int(depth * height / 420),
        )
    if flowers and light.snow <= 0.5:
        _flowers(draw, light, rng, edge, height)
    return picture_of(image)


def _flowers(draw: ImageDraw.ImageDraw, light: Light, rng: np.random.Generator, edge: Field, height: int) -> None:
    drifts = line_noise(rng, length=len(edge), cell=len(edge) / 7, octaves=3)
    for nearness in np.sort(rng.random(620) ** 0.8):
        x = int(rng.integers(0, len(edge)))
        if drifts[x] < float(rng.uniform(0.25, 0.75)):
            continue
        foot = edge[x] + (height - edge[x]) * nearness
        size = height * (0.0012 + 0.0058 * nearness**1.5)
        colour = as_rgb(lit(FLOWERS[int(rng.integers(len(FLOWERS)))], light, 0.8))
        centre = (x, foot - height * 0.03 * nearness)
        draw.ellipse(
            (centre[0] - size, centre[1] - size * 0.8, centre[0] + size, centre[1] + size * 0.8), fill=code_values(colour)
        )


def near_grass(light: Light, rng: np.random.Generator, stage: Stage) -> Layer:
    """A few blurred stalks close to the lens, which move most."""
    height = round(0.34 * stage.height)
    image = Image.new("RGB", (stage.width, height), code_values(as_rgb(lit(GRASS["near"], light, 0.5))))
    mask = Image.new("L", image.size, 0)
    draw, paint = ImageDraw.Draw(mask), ImageDraw.Draw(image)
    clumps = line_noise(rng, length=stage.width, cell=stage.width / 5, octaves=2)
    for _ in range(150):
        x = int(rng.integers(0, stage.width))
        tall = height * float(rng.uniform(0.2, 0.85)) * max(0.12, (clumps[x] - 0.3) * 1.7)
        lean = float(rng.normal(0.1, 0.22)) * tall
        tone = code_values(
            as_rgb(lit(mixed(GRASS["near"], GRASS["dry"], float(rng.random())), light, float(rng.uniform(0.3, 1.0))))
        )
        wide = max(2, round(4 * stage.unit))
        points = [(x, height), (x + lean * 0.4, height - tall * 0.6), (x + lean, height - tall)]
        draw.line(points, fill=225, width=wide)
        paint.line(points, fill=tone, width=wide * 3)
    soft = ImageFilter.GaussianBlur(2.6 * stage.unit)
    return Layer(image=image.filter(soft), mask=mask.filter(soft), top=stage.height - height, depth=1.5, breath=1.5 * stage.unit)
