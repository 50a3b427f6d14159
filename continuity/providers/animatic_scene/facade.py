"""One building's street front as a flat picture: floors of windows over a shop."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from continuity.providers.animatic_scene.canvas import Rgb, code_values, mixed, scaled
from continuity.providers.animatic_scene.light import Light

WALLS: tuple[Rgb, ...] = (
    (0.52, 0.47, 0.44), (0.60, 0.56, 0.50), (0.42, 0.44, 0.50), (0.55, 0.38, 0.32),
    (0.66, 0.62, 0.58), (0.36, 0.38, 0.42), (0.48, 0.50, 0.46),
)  # fmt: skip
LAMPS: tuple[Rgb, ...] = ((1.0, 0.80, 0.50), (1.0, 0.88, 0.68), (1.0, 0.72, 0.40), (0.80, 0.90, 1.0))
FLOOR = 3.1
SHOP = 3.3


@dataclass(frozen=True)
class Facade:
    """``image`` is the front; ``wall`` its bare colour in this light; ``shop`` the shop's lamp colour (black = closed)."""

    image: Image.Image
    wall: Rgb
    shop: Rgb


def paint_facade(
    light: Light,
    rng: np.random.Generator,
    *,
    wide: float,
    high: float,
    scale: float,
    facing: float,
    lamps: tuple[Rgb, ...] = LAMPS,
) -> Facade:
    """``wide`` and ``high`` in metres, ``scale`` pixels per metre, ``facing`` 0-1 how much key light falls on it;
    ``lamps`` the colours that shops may be lit in."""
    surface = WALLS[int(rng.integers(len(WALLS)))]
    lit = [
        min(1.0, part * (shade * 1.05 + key * 0.62 * facing))
        for part, shade, key in zip(surface, light.ambient, light.key, strict=True)
    ]
    wall: Rgb = (lit[0], lit[1], lit[2])
    image = Image.new("RGB", (max(8, round(wide * scale)), max(8, round(high * scale))), code_values(wall))
    _weather(image, rng)
    draw = ImageDraw.Draw(image)
    _windows(draw, light, rng, wall, wide=wide, high=high, scale=scale)
    shop = _shop(draw, light, rng, wall, lamp=lamps[int(rng.integers(len(lamps)))], wide=wide, high=high, scale=scale)
    return Facade(image=image, wall=wall, shop=shop)


def _weather(image: Image.Image, rng: np.random.Generator) -> None:
    """Stains and rain marks: soft vertical noise."""
    noise = rng.integers(0, 255, (max(2, image.height // 40), max(2, image.width // 8)), dtype=np.uint8)
    stain = Image.fromarray(noise).resize(image.size, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(1))
    image.paste((0, 0, 0), mask=stain.point([round(code * 0.22) for code in range(256)]))


def _windows(
    draw: ImageDraw.ImageDraw, light: Light, rng: np.random.Generator, wall: Rgb, *, wide: float, high: float, scale: float
) -> None:
    pitch = float(rng.choice([1.1, 1.4, 1.7, 2.1]))
    share_x, share_y = float(rng.uniform(0.5, 0.82)), float(rng.uniform(0.42, 0.66))
    banded = rng.random() < 0.3
    columns, floors = max(1, int(wide / pitch)), int((high - SHOP - 0.4) / FLOOR)
    alight = 0.42 * light.dark
    frame = code_values(scaled(wall, 0.55))
    ledge = code_values(mixed(scaled(wall, 1.25), (0.9, 0.93, 0.97), 0.8 * light.snow))
    for floor in range(floors):
        bottom = (high - SHOP - 0.35 - floor * FLOOR) * scale
        draw.rectangle((0, bottom + 0.04 * scale, wide * scale, bottom + (0.12 + 0.12 * light.snow) * scale), fill=ledge)
        _balcony(draw, rng, wall, wide=wide, bottom=bottom, scale=scale)
        busy = rng.random() < 0.75
        for column in range(columns):
            left = ((column + 0.5 - share_x / 2) * wide / columns) * scale
            box = (
                left,
                bottom - FLOOR * share_y * scale - 0.35 * scale,
                left + share_x * wide / columns * scale,
                bottom - 0.35 * scale,
            )
            lamp = rng.random() < alight * (1.2 if busy else 0.35)
            _window(draw, light, rng, box, lamp=lamp, frame=frame, banded=banded, scale=scale)


def _balcony(draw: ImageDraw.ImageDraw, rng: np.random.Generator, wall: Rgb, *, wide: float, bottom: float, scale: float) -> None:
    """Some floors have a rail, some an air conditioner: what makes a wall a lived-in one."""
    if rng.random() < 0.22:
        rail = code_values(scaled(wall, float(rng.uniform(0.55, 0.8))))
        draw.rectangle((0.1 * scale, bottom - 1.0 * scale, (wide - 0.1) * scale, bottom), fill=rail)
    for _ in range(int(rng.integers(0, 3))):
        x = float(rng.uniform(0, max(0.1, wide - 0.8))) * scale
        box = (x, bottom - 0.75 * scale, x + 0.75 * scale, bottom - 0.18 * scale)
        draw.rectangle(box, fill=code_values(scaled(wall, 1.15)), outline=code_values(scaled(wall, 0.5)))


def _window(
    draw: ImageDraw.ImageDraw,
    light: Light,
    rng: np.random.Generator,
    box: tuple[float, float, float, float],
    *,
    lamp: bool,
    frame: tuple[int, int, int],
    banded: bool,
    scale: float,
) -> None:
    glass = mixed(scaled(light.sky_middle, 0.42), scaled(light.ambient, 0.3), float(rng.random()) * 0.8)
    left, top, right, bottom = box
    if lamp:
        warm = scaled(LAMPS[int(rng.integers(len(LAMPS)))], float(rng.uniform(0.35, 0.92)))
        draw.rectangle(box, fill=code_values(scaled(warm, 0.8)), outline=frame, width=max(1, round(0.07 * scale)))
        draw.rectangle((left, (top + bottom) / 2, right, bottom - 1), fill=code_values(warm))
        if rng.random() < 0.5:
            edge = left + (right - left) * float(rng.uniform(0.2, 0.45))
            draw.rectangle((left, top, edge, bottom), fill=code_values(scaled(warm, 0.6)))
    else:
        draw.rectangle(box, fill=code_values(glass), outline=frame, width=max(1, round(0.07 * scale)))
        draw.polygon(
            [(left, top), (right, top), (left, (top + bottom) / 2)], fill=code_values(mixed(glass, light.sky_horizon, 0.12))
        )
    if not banded:
        middle = (left + right) / 2
        draw.line([(middle, top), (middle, bottom)], fill=frame, width=max(1, round(0.06 * scale)))


def _shop(
    draw: ImageDraw.ImageDraw,
    light: Light,
    rng: np.random.Generator,
    wall: Rgb,
    *,
    lamp: Rgb,
    wide: float,
    high: float,
    scale: float,
) -> Rgb:
    """The ground floor: a lit front with people-high stock, a door, an awning; or a shutter."""
    top, foot = (high - SHOP) * scale, high * scale
    is_open = rng.random() < 0.38 + 0.20 * light.dark
    inside = scaled(lamp, (0.30 + 0.26 * light.dark) * float(rng.uniform(0.75, 1.1))) if is_open else scaled(wall, 0.5)
    draw.rectangle((0, top, wide * scale, foot), fill=code_values(scaled(wall, 0.45)))
    front = (0.25 * scale, top + 0.75 * scale, (wide - 0.25) * scale, foot - 0.3 * scale)
    draw.rectangle(front, fill=code_values(inside))
    if is_open:
        _stock(draw, rng, front, inside, scale=scale)
    for line in range(0 if is_open else 14):
        y = front[1] + (front[3] - front[1]) * line / 14
        draw.line([(front[0], y), (front[2], y)], fill=code_values(scaled(inside, 0.8)), width=1)
    for post in range(1, max(2, round(wide / 1.7))):
        x = post * wide / max(2, round(wide / 1.7)) * scale
        draw.line([(x, front[1]), (x, front[3])], fill=code_values(scaled(wall, 0.3)), width=max(1, round(0.07 * scale)))
    hue = ((0.55, 0.16, 0.14), (0.14, 0.24, 0.42), (0.16, 0.36, 0.28), (0.60, 0.48, 0.26))[int(rng.integers(4))]
    awning = mixed(scaled(hue, 0.35 + 0.65 * (1 - light.dark)), scaled(lamp, 0.6), 0.2 * light.dark)
    draw.rectangle((0.1 * scale, top + 0.15 * scale, (wide - 0.1) * scale, top + 0.72 * scale), fill=code_values(awning))
    return scaled(inside, 1.0) if is_open else (0.0, 0.0, 0.0)


def _stock(
    draw: ImageDraw.ImageDraw, rng: np.random.Generator, front: tuple[float, float, float, float], inside: Rgb, *, scale: float
) -> None:
    """Behind the glass: light from the ceiling, a dim lower half, shelves with small things on them."""
    left, top, right, bottom = front
    for step in range(24):
        y = top + (bottom - top) * step / 24
        tone = scaled(inside, 1.12 - 0.62 * (step / 23) ** 0.7)
        draw.rectangle((left, y, right, y + (bottom - top) / 24 + 1), fill=code_values(tone))
    for shelf in (0.34, 0.58, 0.82):
        y = top + (bottom - top) * shelf
        x = left
        while x < right:
            wide, tall = float(rng.uniform(0.08, 0.34)) * scale, float(rng.uniform(0.10, 0.42)) * scale
            if rng.random() < 0.72:
                hue = mixed(
                    scaled(inside, float(rng.uniform(0.2, 0.7))),
                    (float(rng.random()), float(rng.random()), float(rng.random())),
                    0.22,
                )
                draw.rectangle((x, y - tall, min(right, x + wide), y), fill=code_values(scaled(hue, 0.8)))
            x += wide * float(rng.uniform(1.0, 1.5))
        draw.line([(left, y), (right, y)], fill=code_values(scaled(inside, 0.3)), width=max(1, round(0.05 * scale)))
