"""The houses of a street and the signs on them: where they stand, and how they are put onto a plate."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from continuity.providers.animatic_scene.canvas import (
    Rgb,
    code_values,
    mixed,
    scaled,
)
from continuity.providers.animatic_scene.facade import LAMPS, Facade, paint_facade
from continuity.providers.animatic_scene.layers import Stage
from continuity.providers.animatic_scene.light import Light
from continuity.providers.animatic_scene.perspective import Lens, warp_onto
from continuity.providers.animatic_scene.signs import paint_sign

WALL = 4.7
NEAREST = 3.4
FARTHEST = 95.0
HAZE_METRES = 34.0


@dataclass(frozen=True)
class Sign:
    """A box sign that stands out from a wall and faces the camera: metres, and its painted face."""

    side: int
    z: float
    low: float
    high: float
    wide: float
    face: Image.Image
    colour: Rgb


@dataclass(frozen=True)
class Building:
    side: int
    near: float
    far: float
    high: float
    facade: Facade
    signs: tuple[Sign, ...]


def row_of_buildings(
    light: Light, lens: Lens, rng: np.random.Generator, stage: Stage, *, neon: bool, tubes: tuple[Rgb, ...]
) -> list[Building]:
    """Both sides, far to near."""
    found = []
    lamps = LAMPS + tuple(mixed(tube, LAMPS[1], 0.35) for tube in tubes) if neon else LAMPS
    for side in (-1, 1):
        near = NEAREST + float(rng.uniform(0, 1.5))
        while near < FARTHEST:
            wide = float(rng.uniform(4.5, 9.5)) * (1 + near / 60)
            high = float(rng.choice([8.5, 11.5, 14.5, 17.5, 21.0, 27.0])) * float(rng.uniform(0.95, 1.05))
            scale = float(np.clip(1.15 * lens.focal / max(near, 4.6), 6, 110 * stage.unit))
            facade = paint_facade(light, rng, wide=wide, high=high, scale=scale, facing=0.75 if side < 0 else 0.2, lamps=lamps)
            signs = _signs(light, lens, rng, side=side, near=near, far=near + wide, high=high, tubes=tubes) if neon else ()
            found.append(Building(side=side, near=near, far=near + wide, high=high, facade=facade, signs=signs))
            near += wide + (float(rng.uniform(0.3, 1.6)) if rng.random() < 0.4 else 0)
    return sorted(found, key=lambda building: -building.near)


def _signs(
    light: Light, lens: Lens, rng: np.random.Generator, *, side: int, near: float, far: float, high: float, tubes: tuple[Rgb, ...]
) -> tuple[Sign, ...]:
    signs = []
    for _ in range(int(rng.integers(1, 4))):
        z = float(rng.uniform(max(near, 5.4), max(far, 6.0)))
        upright = rng.random() < 0.72 or z < 9
        wide = float(rng.uniform(0.55, 1.0)) if upright else float(rng.uniform(1.1, 1.7))
        tall = float(rng.uniform(2.2, 5.2)) if upright else float(rng.uniform(0.6, 1.1))
        low = float(rng.uniform(2.7, max(3.0, min(high - tall, 8.5))))
        scale = lens.focal / z * 1.3
        colour = tubes[int(rng.integers(len(tubes)))]
        face = paint_sign(colour, rng, width=max(4, round(wide * scale)), height=max(4, round(tall * scale)), lit=light.dark)
        signs.append(Sign(side=side, z=z, low=low, high=low + tall, wide=wide, face=face, colour=colour))
    return tuple(sorted(signs, key=lambda sign: -sign.z))


def raise_building(plate: Image.Image, light: Light, lens: Lens, building: Building, *, up: int) -> None:
    """The side that faces the camera, the street front, the signs; ``up`` -1 = in the mirror of the ground."""
    x = building.side * WALL
    haze = haze_at(light, (building.near + building.far) / 2)
    face = mixed(scaled(building.facade.wall, 0.62), light.haze, haze)
    corners = [lens.project(x, 0, building.near), lens.project(x + building.side * 30, 0, building.near)]
    corners += [
        lens.project(x + building.side * 30, up * building.high, building.near),
        lens.project(x, up * building.high, building.near),
    ]
    ImageDraw.Draw(plate).polygon(corners, fill=code_values(face))
    texture = Image.blend(building.facade.image, Image.new("RGB", building.facade.image.size, code_values(light.haze)), haze)
    if building.side > 0:
        texture = texture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    quad = lens.quad(x=x, near=building.near, far=building.far, low=0, high=up * building.high)
    ordered = quad if building.side > 0 else [quad[1], quad[0], quad[3], quad[2]]
    warp_onto(plate, texture, ordered)
    for sign in building.signs:
        _hang(plate, light, lens, sign, up=up)


def _hang(plate: Image.Image, light: Light, lens: Lens, sign: Sign, *, up: int) -> None:
    left, top, right, bottom = _sign_box(lens, sign, up=up)
    size = (max(1, right - left), max(1, bottom - top))
    face = sign.face if up > 0 else sign.face.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    haze = haze_at(light, sign.z) * (1 - 0.5 * light.dark)
    face = Image.blend(face, Image.new("RGB", face.size, code_values(light.haze)), haze)
    plate.paste(face.resize(size, Image.Resampling.LANCZOS), (left, top))


def _sign_box(lens: Lens, sign: Sign, *, up: int = 1) -> tuple[int, int, int, int]:
    outer = sign.side * WALL
    inner = outer - sign.side * sign.wide
    columns = sorted((lens.project(outer, 0, sign.z)[0], lens.project(inner, 0, sign.z)[0]))
    rows = sorted((lens.project(0, up * sign.high, sign.z)[1], lens.project(0, up * sign.low, sign.z)[1]))
    return round(columns[0]), round(rows[0]), round(columns[1]), round(rows[1])


def haze_at(light: Light, z: float) -> float:
    return float(min(0.96, light.haze_share * 1.15 * (1 - np.exp(-z / HAZE_METRES))))


def shine(glow: Image.Image, light: Light, lens: Lens, building: Building, *, up: int = 1) -> None:
    """What gives light, as flat colour on black. A nearer wall hides what is behind it."""
    draw = ImageDraw.Draw(glow)
    x = building.side * WALL
    draw.polygon(lens.quad(x=x, near=building.near, far=building.far, low=0, high=up * building.high), fill=0)
    shop = lens.quad(x=x, near=building.near, far=building.far, low=up * 0.3, high=up * 2.5)
    draw.polygon(shop, fill=code_values(scaled(building.facade.shop, 0.8 * light.dark)))
    for sign in building.signs:
        draw.rectangle(_sign_box(lens, sign, up=up), fill=code_values(scaled(sign.colour, light.dark)))
