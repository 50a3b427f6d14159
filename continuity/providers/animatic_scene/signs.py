"""Neon signs with invented letters: strokes on a grid, never a real word."""

import colorsys

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from continuity.providers.animatic_scene.canvas import Rgb, code_values, mixed, scaled

NEON: tuple[Rgb, ...] = (
    (1.0, 0.18, 0.52),
    (0.10, 0.85, 0.95),
    (1.0, 0.72, 0.15),
    (0.60, 0.28, 1.0),
    (0.20, 0.95, 0.60),
    (1.0, 0.30, 0.22),
)
# Strokes of the invented letters, in a unit square.
STROKES = (
    ((0.05, 0.1), (0.95, 0.1)), ((0.05, 0.5), (0.95, 0.5)), ((0.05, 0.9), (0.95, 0.9)),
    ((0.5, 0.0), (0.5, 1.0)), ((0.12, 0.1), (0.12, 0.9)),
    ((0.88, 0.1), (0.88, 0.9)), ((0.5, 0.45), (0.05, 1.0)), ((0.5, 0.45), (0.95, 1.0)), ((0.2, 0.3), (0.8, 0.3)),
    ((0.2, 0.7), (0.8, 0.7)), ((0.3, 0.0), (0.2, 0.25)),
)  # fmt: skip


def neon_colours(named: tuple[Rgb, ...]) -> tuple[Rgb, ...]:
    """Tube colours: the named ones that can shine, made to shine; the usual six when none is named."""
    shining = [_shining(colour) for colour in named if max(colour) - min(colour) > 0.12]
    return tuple(shining) or NEON


def _shining(colour: Rgb) -> Rgb:
    hue, saturation, _ = colorsys.rgb_to_hsv(*colour)
    return colorsys.hsv_to_rgb(hue, min(1.0, max(0.6, saturation)), 1.0)


def paint_sign(colour: Rgb, rng: np.random.Generator, *, width: int, height: int, lit: float) -> Image.Image:
    """A box sign: ``lit`` 0 = off by day, 1 = at night. Letters run along its longer side."""
    filled = rng.random() < 0.4
    board = scaled(colour, 0.16 + 0.10 * lit) if not filled else mixed(scaled(colour, 0.35 + 0.5 * lit), (1, 1, 1), 0.10 * lit)
    tube = mixed(colour, (1, 1, 1), 0.55 * lit) if lit > 0.3 else mixed(colour, (0.8, 0.8, 0.8), 0.5)
    ink = scaled(colour, 0.12) if filled else tube
    image = Image.new("RGB", (width, height), code_values(board))
    draw = ImageDraw.Draw(image)
    border = max(1, round(min(width, height) * 0.06))
    draw.rectangle(
        (border, border, width - 1 - border, height - 1 - border), outline=code_values(scaled(tube, 0.9)), width=border
    )
    side = min(width, height) * 0.62
    count = max(1, int((max(width, height) - 2 * border) / (side * 1.25)))
    for place in range(count):
        along = (place + 0.5) / count
        centre = (width * along, height / 2) if width > height else (width / 2, height * along)
        _letter(draw, rng, centre, side, code_values(ink))
    return image.filter(ImageFilter.GaussianBlur(max(0.4, side * 0.012)))


def _letter(
    draw: ImageDraw.ImageDraw, rng: np.random.Generator, centre: tuple[float, float], side: float, ink: tuple[int, int, int]
) -> None:
    left, top = centre[0] - side / 2, centre[1] - side / 2
    for stroke in rng.choice(len(STROKES), int(rng.integers(4, 7)), replace=False):
        (x0, y0), (x1, y1) = STROKES[int(stroke)]
        draw.line(
            [(left + x0 * side, top + y0 * side), (left + x1 * side, top + y1 * side)], fill=ink, width=max(1, round(side * 0.11))
        )
