"""People from behind: no face, clothes in the prompt's colour, a rim of the scene's light on both edges."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from continuity.providers.animatic_scene.body import Canvas, Glow, dome, symmetric
from continuity.providers.animatic_scene.canvas import Rgb, image_of, mask_of, mixed

SUPERSAMPLE = 2
SKIN: tuple[Rgb, ...] = ((0.86, 0.66, 0.54), (0.72, 0.52, 0.40), (0.55, 0.38, 0.28), (0.40, 0.27, 0.20))
HAIR: tuple[Rgb, ...] = ((0.10, 0.09, 0.10), (0.15, 0.10, 0.08), (0.26, 0.16, 0.10))
CLOTHES: tuple[Rgb, ...] = ((0.20, 0.22, 0.28), (0.30, 0.24, 0.20), (0.16, 0.24, 0.24), (0.42, 0.36, 0.30))
HALF_WIDTH = 0.34


@dataclass(frozen=True)
class Wardrobe:
    """Colours of a person's own surfaces; ``kind`` woman, man, child or person; ``is_skirt`` = dress rather than coat."""

    kind: str
    clothes: Rgb
    skin: Rgb
    hair: Rgb
    is_skirt: bool
    umbrella: Rgb | None = None


@dataclass(frozen=True)
class Sprite:
    """A painted person. ``foot`` is the row of the ground, ``centre`` the column of the body, in pixels of ``image``."""

    image: Image.Image
    mask: Image.Image
    centre: int
    foot: int


def wardrobe_of(
    kind: str, rng: np.random.Generator, *, clothes: Rgb | None, hair: Rgb | None, umbrella: Rgb | None, is_skirt: bool
) -> Wardrobe:
    """What was not named is drawn from the seed."""
    return Wardrobe(
        kind=kind,
        clothes=clothes or CLOTHES[int(rng.integers(len(CLOTHES)))],
        skin=SKIN[int(rng.integers(len(SKIN)))],
        hair=hair or HAIR[int(rng.integers(len(HAIR)))],
        is_skirt=is_skirt,
        umbrella=umbrella,
    )


def paint_figure(wardrobe: Wardrobe, glow: Glow, rng: np.random.Generator, *, tall: float, rows: int) -> Sprite:
    """``tall`` is the body's height in pixels; only the first ``rows`` of it below the top of the picture are painted."""
    scale = tall * SUPERSAMPLE
    above = 0.20 if wardrobe.umbrella else 0.02
    height = min(round(scale * (above + 1.03)), rows * SUPERSAMPLE)
    half = HALF_WIDTH if wardrobe.umbrella else 0.24
    canvas = Canvas(width=round(2 * half * scale), height=height, scale=scale, top=-above, glow=glow, rng=rng)
    draw = {"man": _man, "child": _child}.get(wardrobe.kind, _woman)
    draw(canvas, wardrobe)
    if wardrobe.umbrella:
        _umbrella(canvas, wardrobe.umbrella)
    size = (max(1, canvas.width // SUPERSAMPLE), max(1, canvas.height // SUPERSAMPLE))
    image = image_of(canvas.picture).resize(size, Image.Resampling.BOX)
    mask = mask_of(canvas.cover).resize(size, Image.Resampling.BOX)
    return Sprite(image=image, mask=mask, centre=size[0] // 2, foot=round(tall * (above + 0.985)))


def _legs(canvas: Canvas, colour: Rgb, *, start: float, thick: float, shoe: Rgb, trousers: bool = False) -> None:
    """A step: the right foot is ahead and therefore higher up the picture."""
    ankle = thick * (0.72 if trousers else 0.42)
    for side, foot, shade in ((1, 0.945, 0.78), (-1, 0.985, 1.0)):
        hip, heel = side * 0.032, side * 0.030
        knee = start + (foot - start) * 0.45
        leg = (
            (start, hip - thick, hip + thick),
            (knee, hip - thick * 0.82, hip + thick * 0.82),
            ((knee + foot) / 2, heel - thick * 0.80, heel + thick * 0.80),
            (foot - 0.02, heel - ankle, heel + ankle),
        )
        canvas.part(leg, colour, shade=shade, folds=0.25 if trousers else 0.0, fold_count=3)
        canvas.part(
            (
                (foot - 0.035, heel - ankle * 1.15, heel + ankle * 1.15),
                (foot - 0.012, heel - 0.019, heel + 0.019),
                (foot, heel - 0.017, heel + 0.017),
            ),
            shoe,
            shade=shade,
        )


def _arm(
    canvas: Canvas, side: int, colour: Rgb, skin: Rgb, *, shoulder: float, thick: float, sleeve: float, hand: float = 0.475
) -> None:
    knots = (
        (0.172, shoulder - 0.034),
        (0.181, shoulder - 0.014),
        (0.198, shoulder - 0.004),
        (0.225, shoulder),
        (0.30, shoulder + 0.018),
        (0.345, shoulder + 0.024),
        (0.42, shoulder + 0.030),
        (hand, shoulder + 0.028),
    )
    widths = (thick * 0.25, thick * 0.72, thick * 0.98, thick, thick * 0.88, thick * 0.74, thick * 0.60, thick * 0.42)

    def stretch(end: float, surface: Rgb, first: float) -> None:
        rows = [first, *[row for row, _ in knots if first < row < end], end]
        middle = np.interp(rows, [row for row, _ in knots], [column for _, column in knots])
        half = np.interp(rows, [row for row, _ in knots], widths)
        canvas.part(tuple((row, side * m - h, side * m + h) for row, m, h in zip(rows, middle, half, strict=True)), surface)

    stretch(hand, skin, 0.172)
    stretch(sleeve, colour, 0.172)
    column = side * (shoulder + 0.028)
    canvas.part(
        (
            (hand - 0.012, column - 0.013, column + 0.013),
            (hand + 0.02, column - 0.017, column + 0.017),
            (hand + 0.05, column - 0.008, column + 0.008),
        ),
        skin,
    )


def _woman(canvas: Canvas, wear: Wardrobe) -> None:
    shoe = mixed(wear.hair, (0.1, 0.08, 0.08), 0.5)
    if wear.is_skirt:
        _legs(canvas, wear.skin, start=0.62, thick=0.031, shoe=shoe)
    else:
        _legs(canvas, mixed(wear.clothes, (0.08, 0.08, 0.1), 0.75), start=0.56, thick=0.040, shoe=shoe, trousers=True)
    for side in (-1, 1):
        _arm(canvas, side, wear.clothes, wear.skin, shoulder=0.098, thick=0.027, sleeve=0.24 if wear.is_skirt else 0.462)
    canvas.part(symmetric(((0.10, 0.026), (0.17, 0.030), (0.20, 0.05))), wear.skin, shade=0.8)
    if wear.is_skirt:
        canvas.part(
            symmetric(((0.385, 0.066), (0.44, 0.080), (0.52, 0.104), (0.64, 0.128), (0.745, 0.150))),
            wear.clothes,
            folds=0.34,
            fold_count=8,
        )
        canvas.part(
            symmetric(((0.172, 0.052), (0.185, 0.094), (0.21, 0.108), (0.26, 0.098), (0.34, 0.072), (0.395, 0.064))),
            wear.clothes,
            folds=0.12,
            fold_count=4,
        )
        canvas.part(((0.20, -0.0009, 0.0009), (0.72, -0.0013, 0.0013)), mixed(wear.clothes, (0, 0, 0), 0.5), rim=0)
        canvas.part(symmetric(((0.380, 0.0655), (0.402, 0.068))), mixed(wear.clothes, (0, 0, 0), 0.45))
    else:
        canvas.part(
            symmetric(
                ((0.168, 0.050), (0.183, 0.098), (0.21, 0.115), (0.30, 0.102), (0.40, 0.088), (0.50, 0.106), (0.66, 0.120))
            ),
            wear.clothes,
            folds=0.22,
            fold_count=6,
        )
        canvas.part(symmetric(((0.392, 0.090), (0.415, 0.091))), mixed(wear.clothes, (0, 0, 0), 0.4))
    _head(canvas, wear, radius=0.051)
    _long_hair(canvas, wear)


def _long_hair(canvas: Canvas, wear: Wardrobe) -> None:
    sway = float(canvas.rng.uniform(-0.008, 0.008))
    rows = np.linspace(0.05, 0.315, 22)
    wave = np.sin(rows * 62 + 1) * 0.0028 * np.clip((rows - 0.09) / 0.1, 0, 1)
    wide = np.interp(rows, (0.05, 0.085, 0.13, 0.17, 0.23, 0.28, 0.315), (0.0575, 0.0595, 0.0575, 0.059, 0.063, 0.055, 0.028))
    drift = sway * np.clip((rows - 0.12) / 0.2, 0, 1)
    fall = tuple(
        (float(row), float(d - w + v), float(d + w + v * 0.6)) for row, w, v, d in zip(rows, wide, wave, drift, strict=True)
    )
    for _ in range(26):
        column = float(canvas.rng.uniform(-0.052, 0.052)) + sway
        end, bend = float(canvas.rng.uniform(0.295, 0.345)), float(canvas.rng.normal(0, 0.006))
        canvas.part(
            (
                (0.19, 0.6 * column - 0.002, 0.6 * column + 0.002),
                (0.28, column - 0.005 + bend, column + 0.005 + bend),
                (end, column + 1.6 * bend - 0.0004, column + 1.6 * bend + 0.0004),
            ),
            wear.hair,
            rim=0.7,
        )
    canvas.part(dome(0.0575, 0.055) + fall, wear.hair, folds=0.8, fold_count=26, gloss=0.75, soft=1.6)


def _head(canvas: Canvas, wear: Wardrobe, *, radius: float) -> None:
    for side in (-1, 1):
        canvas.part(
            ((0.070, side * radius - 0.007, side * radius + 0.007), (0.098, side * radius - 0.006, side * radius + 0.006)),
            wear.skin,
        )
    canvas.part(
        dome(radius, 0.055) + symmetric(((0.055, radius), (0.085, radius * 0.97), (0.112, radius * 0.74), (0.128, radius * 0.5))),
        wear.skin,
    )


def _short_hair(canvas: Canvas, wear: Wardrobe, *, radius: float) -> None:
    wide = radius * 1.06
    canvas.part(
        dome(wide, 0.055, -0.006) + symmetric(((0.055, wide), (0.080, wide * 0.95), (0.104, wide * 0.70), (0.114, wide * 0.45))),
        wear.hair,
        folds=0.5,
        fold_count=24,
        gloss=0.3,
        soft=2,
    )


def _man(canvas: Canvas, wear: Wardrobe) -> None:
    dark = mixed(wear.clothes, (0.07, 0.07, 0.09), 0.72)
    _legs(canvas, dark, start=0.50, thick=0.043, shoe=(0.07, 0.06, 0.06), trousers=True)
    for side in (-1, 1):
        _arm(canvas, side, wear.clothes, wear.skin, shoulder=0.120, thick=0.033, sleeve=0.462)
    canvas.part(symmetric(((0.10, 0.032), (0.165, 0.037), (0.19, 0.06))), wear.skin, shade=0.85)
    canvas.part(
        symmetric(
            (
                (0.152, 0.040),
                (0.168, 0.088),
                (0.185, 0.128),
                (0.22, 0.140),
                (0.32, 0.120),
                (0.42, 0.104),
                (0.52, 0.112),
                (0.64, 0.118),
            )
        ),
        wear.clothes,
        folds=0.2,
        fold_count=6,
    )
    canvas.part(((0.42, -0.0012, 0.0012), (0.64, -0.002, 0.002)), mixed(wear.clothes, (0, 0, 0), 0.6), rim=0)
    canvas.part(symmetric(((0.148, 0.036), (0.160, 0.046), (0.176, 0.050))), mixed(wear.clothes, (0, 0, 0), 0.25))
    _head(canvas, wear, radius=0.050)
    _short_hair(canvas, wear, radius=0.050)


def _child(canvas: Canvas, wear: Wardrobe) -> None:
    """The same body with a larger head: drawn by a woman's or man's parts, stretched about the neck."""
    dark = mixed(wear.clothes, (0.1, 0.1, 0.14), 0.6)
    _legs(
        canvas, wear.skin if wear.is_skirt else dark, start=0.60, thick=0.040, shoe=(0.12, 0.10, 0.10), trousers=not wear.is_skirt
    )
    for side in (-1, 1):
        _arm(canvas, side, wear.clothes, wear.skin, shoulder=0.110, thick=0.034, sleeve=0.44, hand=0.50)
    flare = 0.150 if wear.is_skirt else 0.115
    canvas.part(
        symmetric(((0.175, 0.05), (0.195, 0.105), (0.23, 0.118), (0.40, 0.105), (0.55, (0.105 + flare) / 2), (0.68, flare))),
        wear.clothes,
        folds=0.2,
        fold_count=5,
    )
    wide = 0.078
    canvas.part(
        dome(wide, 0.085) + symmetric(((0.085, wide), (0.13, wide * 0.92), (0.165, wide * 0.66), (0.19, wide * 0.4))),
        wear.hair,
        folds=0.5,
        fold_count=24,
        gloss=0.3,
        soft=2,
    )


def _umbrella(canvas: Canvas, colour: Rgb) -> None:
    """A dome over head and shoulders, seen from behind and a little below its rim."""
    canvas.part(((-0.075, 0.088, 0.094), (0.36, 0.088, 0.094)), (0.2, 0.2, 0.22))
    rows = np.linspace(0, 1, 12)
    canopy = tuple(
        (
            -0.185 + 0.185 * float(row),
            0.02 - 0.30 * float(np.sqrt(1 - (1 - row) ** 2)) - 0.002,
            0.02 + 0.30 * float(np.sqrt(1 - (1 - row) ** 2)) + 0.002,
        )
        for row in rows
    )
    canvas.part(canopy, colour, folds=0.20, fold_count=7, gloss=0.45)
    for rib in range(8):
        left = 0.02 - 0.30 + 0.60 * rib / 8
        middle, half = left + 0.0375, 0.0375
        canvas.part(
            ((-0.004, middle - half, middle + half), (0.018, middle - half * 0.1, middle + half * 0.1)),
            mixed(colour, (0, 0, 0), 0.25),
            rim=0.4,
        )
