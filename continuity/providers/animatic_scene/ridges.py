"""Mountain chains in haze, each nearer one lower and darker, and conifers on the nearest."""

import numpy as np
from PIL import ImageDraw

from continuity.providers.animatic_scene.canvas import (
    Picture,
    Rgb,
    blend,
    code_values,
    image_of,
    mixed,
    picture_of,
    scaled,
)
from continuity.providers.animatic_scene.light import Light
from continuity.providers.animatic_scene.noise import Field, cloud_noise, line_noise
from continuity.providers.animatic_scene.surfaces import ROCK, SAND, SNOW, WOODED, as_rgb, lit


def paint_ridges(sky: Picture, light: Light, ground: str, rng: np.random.Generator, *, horizon: int, sun_x: float) -> Picture:
    """Mountain chains, each nearer one lower, darker and less hazy than the one behind."""
    height, width = sky.shape[:2]
    high = {"meadow": 0.40, "sea": 0.10, "desert": 0.16}[ground]
    picture = sky
    for step, (distance, tall, cell) in enumerate(((1.0, 1.0, 2.2), (0.72, 0.60, 3.4), (0.45, 0.36, 5.5))):
        if ground == "sea" and step == 2:
            break
        line = line_noise(rng, length=width, cell=width / cell, octaves=7)
        peaks = 1 - np.abs(2 * line - 1) if step == 0 and ground == "meadow" else line
        valley = 1 - 0.72 * np.exp(-(((np.arange(width) - sun_x) / (0.17 * width)) ** 2)) if light.sun_height is not None else 1.0
        crest = horizon - high * height * tall * (0.12 + 1.0 * peaks**1.25 * valley)
        surface = ROCK if step == 0 else mixed(ROCK, WOODED, 0.35 + 0.4 * step)
        surface = SAND if ground == "desert" else surface
        picture = _chain(picture, light, rng, crest=crest, horizon=horizon, surface=surface, distance=distance, sun_x=sun_x)
        if step == 2 and ground == "meadow":
            picture = _treeline(picture, light, rng, crest=crest, distance=distance)
    return picture


def _chain(
    picture: Picture,
    light: Light,
    rng: np.random.Generator,
    *,
    crest: Field,
    horizon: int,
    surface: Rgb,
    distance: float,
    sun_x: float,
) -> Picture:
    height, width = picture.shape[:2]
    top = max(0, int(crest.min()) - 2)
    bottom = min(height, horizon + round(0.06 * height))
    rows = np.arange(top, bottom, dtype=np.float32)[:, None]
    below = rows - crest[None, :]
    body = np.clip(below + 0.5, 0, 1)
    folds = cloud_noise(rng, height=bottom - top, width=width, cell=height / 4.5, octaves=6, stretch=0.75)
    ridged = 1 - np.abs(2 * folds - 1)
    slope = np.gradient(ridged, axis=1) * width / 42
    side = np.where(np.arange(width) < sun_x, 1.0, -1.0)[None, :] * np.clip(
        np.abs(np.arange(width) - sun_x) / (0.1 * width), 0, 1
    )
    facing = np.clip(0.42 + slope * side * -1, 0, 1).astype(np.float32)
    stone = np.broadcast_to(np.asarray(surface, dtype=np.float32), (*facing.shape, 3))
    cold = distance == 1.0 and surface == ROCK
    if cold or light.snow > 0.5:
        line = (0.10 + 0.10 * light.snow * 8) * height
        cap = np.clip((line - below + (ridged - 0.62) * 0.5 * height) / (0.03 * height), 0, 1) * (0.85 if cold else 0.6)
        stone = blend(stone, SNOW, cap.astype(np.float32))
    shaded = stone * (np.asarray(light.ambient) * 0.92 + np.asarray(light.key) * 0.62 * facing[..., None])
    low = np.clip(below / (0.34 * height), 0, 1)
    haze = np.clip(light.haze_share * distance * (0.62 + 0.75 * low) + 0.12 * distance, 0, 0.97).astype(np.float32)
    hazy = blend(shaded.astype(np.float32), mixed(light.haze, light.sky_horizon, 0.4), haze)
    done = picture.copy()
    done[top:bottom] = blend(picture[top:bottom], hazy, body)
    done[bottom:] = hazy[-1]
    return done


def _treeline(picture: Picture, light: Light, rng: np.random.Generator, *, crest: Field, distance: float) -> Picture:
    """Conifers in clumps along a crest."""
    image = image_of(picture)
    draw = ImageDraw.Draw(image)
    height, width = picture.shape[:2]
    clumps = line_noise(rng, length=width, cell=width / 9, octaves=3)
    base = as_rgb(lit(scaled(WOODED, 0.8), light, 0.25))
    for x in np.sort(rng.integers(0, width, 420)):
        if clumps[x] < 0.5:
            continue
        tall = height * float(rng.uniform(0.022, 0.05)) * (0.5 + clumps[x])
        foot = float(crest[x]) + tall * float(rng.uniform(0.25, 1.3))
        colour = mixed(scaled(base, float(rng.uniform(0.75, 1.2))), light.haze, light.haze_share * distance * 0.9)
        _conifer(draw, float(x), foot, tall, colour)
    return picture_of(image)


def _conifer(draw: ImageDraw.ImageDraw, x: float, foot: float, tall: float, colour: Rgb) -> None:
    points = [(x, foot - tall)]
    for tier in range(1, 5):
        reach, drop = tall * 0.065 * tier, foot - tall * (1 - tier / 4)
        points += [(x + reach, drop), (x + reach * 0.55, drop - tall * 0.02)]
    mirrored = [(2 * x - px, py) for px, py in reversed(points[1:])]
    draw.polygon(points + mirrored, fill=code_values(colour))
