"""A room with one large window: daylight through it falls on floor and furniture, by night a lamp or a candle does."""

from dataclasses import replace

import numpy as np
from PIL import Image, ImageFilter

from continuity.providers.animatic_scene.canvas import Picture, Rgb, blurred, image_of, mask_of, picture_of, scaled, screen
from continuity.providers.animatic_scene.furniture import TABLE_HIGH, furnished
from continuity.providers.animatic_scene.layers import Layer, Stage
from continuity.providers.animatic_scene.light import Light
from continuity.providers.animatic_scene.noise import cloud_noise
from continuity.providers.animatic_scene.perspective import Lens
from continuity.providers.animatic_scene.raycast import (
    Box,
    Floats,
    Hits,
    Walls,
    meet_box,
    meet_walls,
    ray_directions,
)
from continuity.providers.animatic_scene.room_light import Lamp, Window, daylight_on, exposed, lamplight_on, sun_share
from continuity.providers.animatic_scene.room_surfaces import dress_walls, hang_curtains, lay_boards, lay_rug

WALLS: tuple[Rgb, ...] = ((0.66, 0.62, 0.55), (0.52, 0.58, 0.58), (0.62, 0.52, 0.44), (0.56, 0.58, 0.50))
FLAME: Rgb = (1.0, 0.62, 0.26)
BULB: Rgb = (1.0, 0.76, 0.48)
SHARPER = 1.2
SHAFT_STEPS = 24


def room_lens(stage: Stage, *, sharper: float = 1.0) -> Lens:
    tall = min(stage.height, stage.width * 0.8)
    return Lens(focal=0.86 * tall, column=stage.width / 2, row=stage.height * 0.50, eye=1.42).scaled(sharper)


def paint_room(
    light: Light, rng: np.random.Generator, stage: Stage, *, candle: bool, accent: Rgb | None
) -> tuple[list[Layer], Image.Image | None]:
    """The plate, and the same with its flame at its brightest (None when nothing flickers)."""
    lens = room_lens(stage, sharper=SHARPER)
    height, width = round(stage.height * SHARPER), round(stage.width * SHARPER)
    walls, window = Walls(half=2.7, high=2.75, deep=6.4), Window()
    boxes, (table_x, table_z) = furnished(rng, walls, accent=accent)
    rays = ray_directions(lens, height=height, width=width)
    hits = _scene(rays, lens, walls, window, boxes, rng)
    lamps = _lamps(light, walls, table=(table_x, table_z), candle=candle)
    daylight, lamplight = daylight_on(hits, light, walls, window, boxes), lamplight_on(hits, walls, lamps)
    outside = _outside(hits, light, window, rng)
    plates = []
    for flame in (0.86, 1.14) if candle else (1.0,):
        picture = _framed(exposed(hits.colour, daylight + lamplight * np.float32(flame)), hits, light, window, outside)
        picture = _with_air(picture, rays, lens, light, walls, window)
        plates.append(_finished(picture, lens, lamps, stage, flame=flame, candle=candle))
    return [Layer(image=plates[0], depth=0.85)], plates[1] if candle else None


def _scene(rays: Floats, lens: Lens, walls: Walls, window: Window, boxes: tuple[Box, ...], rng: np.random.Generator) -> Hits:
    wall = WALLS[int(rng.integers(len(WALLS)))]
    hits = meet_walls(rays, lens, walls, ((0.42, 0.29, 0.19), (0.78, 0.76, 0.72), wall, wall, scaled(wall, 0.97)))
    lay_boards(hits, rng)
    lay_rug(hits, rng)
    dress_walls(hits, rng, wall)
    for box in (*boxes, *hang_curtains(window, walls, rng)):
        meet_box(hits, rays, lens, box)
    return hits


def _lamps(light: Light, walls: Walls, *, table: tuple[float, float], candle: bool) -> list[Lamp]:
    if candle:
        return [Lamp((table[0] + 0.1, TABLE_HIGH + 0.27, table[1]), FLAME, 1.75)]
    if light.dark < 0.2:
        return []
    return [Lamp((-1.75, 1.45, 5.55), BULB, 0.9 + 0.9 * light.dark)]


def _outside(hits: Hits, light: Light, window: Window, rng: np.random.Generator) -> Picture:
    """What is to be seen through the window: sky over roofs."""
    x, y = hits.point[..., 0], hits.point[..., 1]
    up = np.clip((y - window.low) / (window.high - window.low), 0, 1)[..., None]
    bright = np.float32(1.0 if light.dark > 0.5 else 1.15)
    sky = (
        np.asarray(light.sky_horizon, dtype=np.float32) * (1 - up) + np.asarray(light.sky_middle, dtype=np.float32) * up
    ) * bright
    roofs = window.low + 0.32 + 0.34 * np.floor(cloud_noise(rng, height=2, width=64, cell=3, octaves=1)[0] * 4) / 4
    below = y < roofs[np.clip((x - window.left) / (window.right - window.left) * 63, 0, 63).astype(np.int32)]
    return np.asarray(np.where(below[..., None], sky * np.float32(0.78), sky))


def _framed(picture: Picture, hits: Hits, light: Light, window: Window, outside: Picture) -> Picture:
    """The picture with panes and window frame."""
    x, y = hits.point[..., 0], hits.point[..., 1]
    back = hits.surface == 4
    pane = back & (window.opens_at(x, y) > 0)
    edge = 0.06
    frame = (
        back & ~pane & (x > window.left - edge) & (x < window.right + edge) & (y > window.low - edge) & (y < window.high + edge)
    )
    done = picture.copy()
    done[frame] = done[frame] * 0.55 + 0.12 * (1 - light.dark)
    done[pane] = outside[pane]
    return np.clip(done, 0, 1)


def _with_air(picture: Picture, rays: Floats, lens: Lens, light: Light, walls: Walls, window: Window) -> Picture:
    """Shafts: how much of each sight line runs through sunlit air (worked out at an eighth of the size)."""
    if light.sun_height is None:
        return picture
    thin = rays[::8, ::8]
    lit = np.zeros(thin.shape[:2], dtype=np.float32)
    for step in range(SHAFT_STEPS):
        depth = 1.4 + (walls.deep - 1.45) * (step + 0.5) / SHAFT_STEPS
        point = thin * np.float32(depth) + np.asarray((0, lens.eye, 0), dtype=np.float32)
        inside = (point[..., 1] > 0) & (np.abs(point[..., 0]) < walls.half)
        lit += sun_share(point, light, walls, window) * inside
    soft = mask_of(lit / SHAFT_STEPS).filter(ImageFilter.GaussianBlur(3))
    shaft = soft.resize((picture.shape[1], picture.shape[0]), Image.Resampling.BICUBIC)
    return screen(picture, picture_of(shaft)[..., None] * np.asarray(light.key, dtype=np.float32) * np.float32(0.34))


def _finished(picture: Picture, lens: Lens, lamps: list[Lamp], stage: Stage, *, flame: float, candle: bool) -> Image.Image:
    """Flame or shade, bloom, and down to the plate's size."""
    image = image_of(picture).resize((stage.width, stage.height), Image.Resampling.LANCZOS)
    lens = lens.scaled(1 / SHARPER)
    light: Picture = np.zeros((stage.height, stage.width, 3), dtype=np.float32)
    for lamp in lamps:
        bright = replace(lamp, power=lamp.power * flame)
        light = light + (_flame if candle else _shade)(lens, bright, stage)
    over = np.clip(picture_of(image) - 0.72, 0, 1) * 1.5
    bloom = picture_of(blurred(image_of(over), 26 * stage.unit, shrink=4))
    return image_of(screen(screen(picture_of(image), light), bloom * 0.9))


def _flame(lens: Lens, lamp: Lamp, stage: Stage) -> Floats:
    x, y = lens.project(*lamp.place)
    size = lens.focal / lamp.place[2]
    columns, rows = (
        (np.arange(stage.width, dtype=np.float32)[None, :] - x) / size,
        (np.arange(stage.height, dtype=np.float32)[:, None] - y) / size,
    )
    narrow = 0.016 * np.clip(1 + rows / 0.09, 0.15, 1.0)
    core = np.exp(-((columns / narrow) ** 2)) * np.clip(np.minimum((rows + 0.075) / 0.03, (0.035 - rows) / 0.015), 0, 1)
    halo = 0.5 * np.exp(-np.hypot(columns, rows) / 0.10) + 0.22 * np.exp(-np.hypot(columns, rows) / 0.5)
    stick = (
        ((np.abs(columns) < 0.024) & (rows > 0.04) & (rows < 0.27)).astype(np.float32)
        * np.clip(1 - (rows - 0.04) / 0.35, 0, 1)
        * 0.75
    )
    tallow, wax = np.asarray((1.0, 0.93, 0.72)), np.asarray((0.92, 0.78, 0.55))
    shining = core[..., None] * tallow + stick[..., None] * wax
    return np.asarray(shining + halo[..., None] * np.asarray(lamp.colour) * lamp.power * 0.8, dtype=np.float32)


def _shade(lens: Lens, lamp: Lamp, stage: Stage) -> Floats:
    x, y = lens.project(*lamp.place)
    size = lens.focal / lamp.place[2]
    columns, rows = (
        (np.arange(stage.width, dtype=np.float32)[None, :] - x) / size,
        (np.arange(stage.height, dtype=np.float32)[:, None] - y) / size,
    )
    half = 0.15 + 0.07 * np.clip((rows + 0.17) / 0.34, 0, 1)
    body = np.clip((half - np.abs(columns)) * size + 0.5, 0, 1) * np.clip((0.17 - np.abs(rows)) * size + 0.5, 0, 1)
    glow = np.exp(-np.hypot(columns, rows) / 0.42) * 0.42
    tone = np.asarray(lamp.colour) * np.clip(1.05 - 1.2 * np.abs(rows), 0, 1)[..., None]
    return np.asarray(
        (body[..., None] * tone + glow[..., None] * np.asarray(lamp.colour)) * min(1.0, lamp.power / 1.6), dtype=np.float32
    )
