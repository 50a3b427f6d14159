"""Where people stand in the frame, and how the scene lights them."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from continuity.providers.animatic_scene.body import Glow
from continuity.providers.animatic_scene.canvas import Rgb, image_of, mask_of, mixed, picture_of, scaled
from continuity.providers.animatic_scene.direction import Direction
from continuity.providers.animatic_scene.figure import Sprite, paint_figure, wardrobe_of
from continuity.providers.animatic_scene.layers import Layer, Stage
from continuity.providers.animatic_scene.light import Light

# Body height, in frame heights, and where the crown is, by framing.
STANDING = {"wide": (0.44, None), "medium": (1.25, 0.16), "close-up": (2.55, 0.20)}
# A sun this low stands behind the person: the side that is seen lies in shade.
LOW_SUN = 0.5
SHORT = {"child": 0.70, "man": 1.05}


@dataclass(frozen=True)
class Ground:
    """How the ground takes a person: ``wet`` 0-1 mirrors, ``shadow`` 0-1 darkens towards the camera; ``row`` of the
    horizon on the plate."""

    wet: float
    shadow: float
    row: float


def glow_of(light: Light, backdrop: Image.Image, *, column: float) -> Glow:
    """The edges take the colour of what is behind them, left and right, so that a person belongs to the picture."""
    small = picture_of(backdrop.resize((12, 6), Image.Resampling.BOX))
    middle = min(10, max(2, round(column / backdrop.width * 12)))
    left, right = _strongest(small[1:5, :middle]), _strongest(small[1:5, middle:])
    ambient = mixed(scaled(light.ambient, 1.0), scaled(light.key, 0.8), 0.30 + 0.2 * (1 - light.dark))
    lift = 0.62 * light.dark
    ambient = mixed(ambient, (0.62, 0.60, 0.64), lift * 0.6)
    if light.sun_height is not None and light.sun_height < LOW_SUN:
        ambient = scaled(ambient, 0.72)
    back = light.key if light.sun_height is not None else light.sky_horizon
    share = 0.5 if light.sun_height is not None else 0.15
    strength = 1.0 + 0.4 * light.dark
    return Glow(
        ambient=ambient,
        left=scaled(mixed(left, back, share), strength),
        right=scaled(mixed(right, back, share), strength),
        top=mixed(scaled(mixed(light.sky_horizon, back, share), 0.8), mixed(left, right, 0.5), 0.6 * light.dark),
    )


def _strongest(part: np.ndarray) -> Rgb:
    """The brightest colourful tenth of a region."""
    colours = part.reshape(-1, 3)
    worth = colours.max(axis=1) + 0.8 * (colours.max(axis=1) - colours.min(axis=1))
    best = colours[np.argsort(worth)[-max(1, len(colours) // 6) :]].mean(axis=0)
    peak = max(0.35, float(best.max()))
    red, green, blue = (float(part) * 0.85 / peak for part in best)
    return red, green, blue


def subject_layers(
    direction: Direction, light: Light, backdrop: Image.Image, ground: Ground, rng: np.random.Generator, stage: Stage
) -> list[Layer]:
    """The person (and reflection or shadow), as layers over ``backdrop``; none when nobody was asked for."""
    kind = direction.subject
    if kind is None:
        return []
    share, crown = STANDING[direction.framing]
    tall = share * stage.frame_height * SHORT.get(kind, 1.0)
    tall = min(tall, stage.frame_width * 0.9 * share / 0.44) if direction.framing == "wide" else tall
    centre = stage.width / 2 + float(rng.uniform(-0.10, 0.10)) * stage.frame_width * (1 if direction.framing == "wide" else 0.6)
    frame_top = (stage.height - stage.frame_height) / 2
    foot = ground.row + tall * 0.86 if crown is None else frame_top + crown * stage.frame_height + tall
    foot = min(foot, frame_top + 0.90 * stage.frame_height) if crown is None else foot
    wear = wardrobe_of(
        kind,
        rng,
        clothes=direction.clothes,
        hair=direction.hair,
        umbrella=direction.umbrella,
        is_skirt=direction.is_skirt or (kind == "child" and rng.random() < 0.5),
    )
    glow = glow_of(light, backdrop, column=centre)
    top = foot - tall
    sprite = paint_figure(wear, glow, rng, tall=tall, rows=round(stage.height - top + 0.25 * tall))
    layers = _grounded(sprite, ground, centre, foot) if crown is None else []
    breath = 0.0025 * stage.frame_height
    place = {"left": round(centre) - sprite.centre, "top": round(foot) - sprite.foot}
    return [*layers, Layer(image=sprite.image, mask=sprite.mask, depth=1.0, breath=breath, **place)]


def passers_by(
    light: Light, backdrop: Image.Image, rng: np.random.Generator, stage: Stage, *, count: int, row: float, rain: bool
) -> Image.Image:
    """The backdrop with small dark people in it: nothing moves far away."""
    picture = backdrop.copy()
    for place in np.sort(rng.uniform(0.05, 0.17, count)):
        tall = float(place) * stage.frame_height
        kind = ("woman", "man", "person")[int(rng.integers(3))]
        umbrella = (0.10, 0.11, 0.14) if rain and rng.random() < 0.6 else None
        wear = wardrobe_of(kind, rng, clothes=None, hair=None, umbrella=umbrella, is_skirt=False)
        x = stage.width / 2 + float(rng.choice([-1, 1])) * float(rng.uniform(0.35, 1.6)) * tall
        glow = glow_of(light, backdrop, column=x)
        sprite = paint_figure(
            wear,
            Glow(scaled(glow.ambient, 0.35), scaled(glow.left, 0.5), scaled(glow.right, 0.5), scaled(glow.top, 0.4)),
            rng,
            tall=tall,
            rows=stage.height,
        )
        haze = Image.new("RGB", sprite.image.size, tuple(round(255 * part) for part in light.haze))
        image = Image.blend(sprite.image, haze, light.haze_share * (0.75 - 3 * float(place)))
        picture.paste(image, (round(x) - sprite.centre, round(row + tall * 0.92) - sprite.foot), sprite.mask)
    return picture


def _grounded(sprite: Sprite, ground: Ground, centre: float, foot: float) -> list[Layer]:
    """What the ground shows of a standing person: a broken reflection, a shadow towards the camera, a dark touch."""
    legs = (0, 0, sprite.image.width, min(sprite.foot, sprite.image.height))
    flipped, cover = (part.crop(legs).transpose(Image.Transpose.FLIP_TOP_BOTTOM) for part in (sprite.image, sprite.mask))
    place = {"left": round(centre) - sprite.centre, "top": round(foot) - 2}
    fade = np.linspace(1, 0, flipped.height, dtype=np.float32)[:, None]
    layers = [_touch(sprite, centre, foot)]
    if ground.wet > 0:
        wavy = _rippled(flipped, cover)
        mask = mask_of(picture_of(wavy[1]) * fade**0.8 * 0.62 * ground.wet)
        layers.append(Layer(image=wavy[0], mask=mask, depth=1.0, **place))
    elif ground.shadow > 0:
        soft = picture_of(cover.filter(ImageFilter.GaussianBlur(max(1, sprite.image.width / 90))))
        dark = image_of(np.zeros((*soft.shape, 3), dtype=np.float32) + np.asarray((0.06, 0.05, 0.09), dtype=np.float32))
        layers.append(Layer(image=dark, mask=mask_of(soft * fade * 0.55 * ground.shadow), depth=1.0, **place))
    return layers


def _touch(sprite: Sprite, centre: float, foot: float) -> Layer:
    width, height = max(8, round(sprite.image.width * 0.5)), max(4, round(sprite.image.width * 0.09))
    x, y = np.linspace(-1, 1, width)[None, :], np.linspace(-1, 1, height)[:, None]
    mask = mask_of(np.clip(1 - np.sqrt(x * x + y * y), 0, 1).astype(np.float32) * 0.65)
    return Layer(
        image=Image.new("RGB", (width, height), (6, 6, 10)),
        mask=mask,
        left=round(centre - width / 2),
        top=round(foot - height * 0.62),
        depth=1.0,
    )


def _rippled(image: Image.Image, mask: Image.Image) -> tuple[Image.Image, Image.Image]:
    """Rows pushed sideways, more so farther from the feet."""
    rows = np.arange(image.height)
    push = (np.sin(rows / max(2.0, image.height / 26)) * rows / image.height * image.width * 0.03).astype(np.int32)
    columns = np.clip(np.arange(image.width)[None, :] + push[:, None], 0, image.width - 1)
    codes, cover = np.asarray(image), np.asarray(mask)
    moved = np.take_along_axis(codes, columns[..., None], axis=1)
    return Image.fromarray(moved).filter(ImageFilter.BoxBlur((1, 3))), Image.fromarray(np.take_along_axis(cover, columns, axis=1))
