"""A city street seen straight down: buildings, signs, lamps and wires from far to near, then the ground."""

import numpy as np
from PIL import Image, ImageDraw

from continuity.providers.animatic_scene.buildings import Building, haze_at, raise_building, row_of_buildings, shine
from continuity.providers.animatic_scene.canvas import (
    Picture,
    Rgb,
    blurred,
    code_values,
    image_of,
    mixed,
    picture_of,
    scaled,
    screen,
)
from continuity.providers.animatic_scene.layers import Layer, Stage
from continuity.providers.animatic_scene.light import Light
from continuity.providers.animatic_scene.perspective import Lens
from continuity.providers.animatic_scene.road import paint_road, wet
from continuity.providers.animatic_scene.signs import neon_colours
from continuity.providers.animatic_scene.sky import paint_sky

# The sun this low stands at the street's end.
LOW_SUN = 0.5
POLE = 3.3


def street_lens(rng: np.random.Generator, stage: Stage) -> Lens:
    tall = min(stage.height, stage.width * 0.85)
    return Lens(focal=0.80 * tall, column=stage.width * float(rng.uniform(0.45, 0.55)), row=stage.height * 0.555)


def paint_street(
    light: Light, lens: Lens, rng: np.random.Generator, stage: Stage, *, neon: bool, colours: tuple[Rgb, ...]
) -> list[Layer]:
    """One opaque plate. ``neon`` hangs signs out; ``colours`` are the named ones for their tubes."""
    horizon = round(lens.row)
    low_sun = lens.column + 0.02 * stage.width if light.sun_height is not None and light.sun_height < LOW_SUN else None
    plate = image_of(paint_sky(light, rng, height=stage.height, width=stage.width, horizon=horizon, sun_column=low_sun))
    if neon:
        plate = _city_glow(plate, neon_colours(colours), light, lens)
    _towers(plate, light, lens, rng)
    buildings = row_of_buildings(light, lens, rng, stage, neon=neon, tubes=neon_colours(colours))
    plate.paste(image_of(_ground(plate, buildings, light, lens, rng, stage)), (0, horizon))
    glow = Image.new("RGB", plate.size, 0)
    for building in buildings:
        raise_building(plate, light, lens, building, up=1)
        shine(glow, light, lens, building)
    _wires(plate, light, lens, rng)
    lit = _lit_up(plate, glow, light)
    return [Layer(image=_sunlit(lit, light, lens) if low_sun is not None else lit, depth=0.8)]


def _ground(
    plate: Image.Image, buildings: list[Building], light: Light, lens: Lens, rng: np.random.Generator, stage: Stage
) -> Picture:
    """From the horizon down; the whole street upside down in it where it is wet."""
    dry = paint_road(light, lens, rng, height=stage.height, width=stage.width)
    if light.wet <= 0:
        return dry
    turn = (1, 0, 0, 0, -1, 2 * lens.row)
    mirror = plate.transform(plate.size, Image.Transform.AFFINE, turn)
    glow = Image.new("RGB", plate.size, 0)
    for building in buildings:
        raise_building(mirror, light, lens, building, up=-1)
        shine(glow, light, lens, building, up=-1)
    shining = image_of(screen(picture_of(mirror), picture_of(blurred(glow, 14, shrink=4)) * 0.8))
    below = shining.crop((0, round(lens.row), stage.width, stage.height))
    return wet(dry, below, light, lens, rng, height=stage.height, width=stage.width)


def _city_glow(plate: Image.Image, tubes: tuple[Rgb, ...], light: Light, lens: Lens) -> Image.Image:
    """Signs light the wet air at the street's end."""
    mean = np.mean(np.asarray(tubes[:3], dtype=np.float32), axis=0)
    rows = (np.arange(plate.height, dtype=np.float32)[:, None] - np.float32(lens.row)) / plate.height
    columns = (np.arange(plate.width, dtype=np.float32)[None, :] - np.float32(lens.column)) / plate.height
    share = 0.62 * light.dark * np.exp(-np.hypot(rows, columns * 1.3) / 0.26)
    return image_of(screen(picture_of(plate), (share[..., None] * mean).astype(np.float32)))


def _sunlit(plate: Image.Image, light: Light, lens: Lens) -> Image.Image:
    """The sun at the street's end: it floods the air and skims the road."""
    picture = picture_of(plate)
    rows = np.arange(plate.height, dtype=np.float32)[:, None] - np.float32(lens.row * 0.93)
    columns = np.arange(plate.width, dtype=np.float32)[None, :] - np.float32(lens.column)
    distance = np.sqrt(rows * rows + columns * columns) / plate.height
    flood = 0.62 * np.exp(-distance / 0.10) + 0.40 * np.exp(-distance / 0.42)
    below = np.clip(np.arange(plate.height, dtype=np.float32)[:, None] - lens.row, 0, None) / plate.height
    skim = (
        0.35
        * np.exp(-(((columns / plate.height) / (0.05 + 0.7 * below)) ** 2))
        * np.clip(below / 0.02, 0, 1)
        * np.exp(-below / 0.25)
    )
    return image_of(screen(picture, ((flood + skim)[..., None] * np.asarray(light.key)).astype(np.float32)))


def _lit_up(plate: Image.Image, glow: Image.Image, light: Light) -> Image.Image:
    """Light spills: a tight halo, a wide one, and the air itself."""
    if light.dark <= 0:
        return plate
    near = picture_of(blurred(glow, 9, shrink=2))
    wide = picture_of(blurred(glow, 60, shrink=8))
    return image_of(screen(picture_of(plate), near * 0.42 + wide * (0.55 + 0.35 * light.haze_share)))


def _towers(plate: Image.Image, light: Light, lens: Lens, rng: np.random.Generator) -> None:
    """A far skyline at the street's end, deep in haze."""
    draw = ImageDraw.Draw(plate)
    unit = plate.height / 864
    for near in (0.0, 0.5, 1.0):
        body = mixed(scaled(light.ambient, 0.75), mixed(light.haze, light.sky_horizon, 0.5), 0.86 - 0.22 * near)
        for _ in range(9):
            x = lens.column + float(rng.normal(0, 130)) * unit
            wide, high = float(rng.uniform(20, 58)) * unit, float(rng.uniform(60, 250)) * unit * (1.15 - 0.4 * near)
            draw.rectangle((x, lens.row - high, x + wide, lens.row), fill=code_values(body))
            for _ in range(round(26 * light.dark)):
                dot = (x + float(rng.uniform(2, max(3, wide - 3))), lens.row - float(rng.uniform(4, high - 3)))
                draw.point(dot, fill=code_values(mixed(body, (1.0, 0.85, 0.6), 0.55)))
            draw.line(
                [(x + wide / 2, lens.row - high), (x + wide / 2, lens.row - high - 14 * unit)], fill=code_values(body), width=1
            )


def _wires(plate: Image.Image, light: Light, lens: Lens, rng: np.random.Generator) -> None:
    """Poles on one side and wires across, which tell how deep the street is."""
    draw = ImageDraw.Draw(plate)
    side = 1 if rng.random() < 0.5 else -1
    dark = scaled(light.ambient, 0.32)
    poles = [7.5 + 9.0 * step + float(rng.uniform(0, 2)) for step in range(6)]
    for z in reversed(poles):
        tone = code_values(mixed(dark, light.haze, haze_at(light, z)))
        foot, top = lens.project(side * POLE, 0, z), lens.project(side * POLE, 7.6, z)
        draw.line([foot, top], fill=tone, width=max(1, round(0.22 * lens.focal / z)))
        for arm in (6.6, 7.2):
            ends = lens.project(side * POLE - 0.8, arm, z), lens.project(side * POLE + 0.8, arm, z)
            draw.line(ends, fill=tone, width=max(1, round(0.10 * lens.focal / z)))
    for near, far in zip([2.6, *poles], poles, strict=False):
        for offset in (-0.7, 0.0, 0.7):
            line = [_sag(lens, side * POLE + offset, near, far, part / 14) for part in range(15)]
            draw.line(
                line,
                fill=code_values(mixed(dark, light.haze, haze_at(light, near))),
                width=max(1, round(0.03 * lens.focal / near)),
            )


def _sag(lens: Lens, x: float, near: float, far: float, share: float) -> tuple[float, float]:
    return lens.project(x, 7.1 - 0.9 * 4 * share * (1 - share), near + (far - near) * share)
