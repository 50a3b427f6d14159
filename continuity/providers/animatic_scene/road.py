"""The ground of a street: asphalt in perspective, kerbs and markings, and what a wet or snowy surface shows."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from continuity.providers.animatic_scene.canvas import Picture, blend, code_values, image_of, mixed, picture_of, scaled
from continuity.providers.animatic_scene.light import Light
from continuity.providers.animatic_scene.noise import Field, cloud_noise
from continuity.providers.animatic_scene.perspective import Lens

KERB = 2.8


def paint_road(light: Light, lens: Lens, rng: np.random.Generator, *, height: int, width: int) -> Picture:
    """(height - horizon, width, 3): the dry ground from the horizon down."""
    horizon = round(lens.row)
    coarse = ground_noise(lens, rng, height=height, width=width, metres=1.6)
    tone = 0.30 + 0.10 * (coarse - 0.5) + 0.05 * (ground_noise(lens, rng, height=height, width=width, metres=0.12) - 0.5)
    sun = np.asarray(light.ambient) * 0.95 + np.asarray(light.key) * 0.55
    ground = (tone[..., None] * np.asarray((1.0, 1.0, 1.03)) * sun).astype(np.float32)
    image = image_of(ground)
    _markings(image, light, lens, horizon)
    ground = picture_of(image)
    if light.snow > 0.5:
        cover = np.clip(0.35 + coarse * 1.7, 0, 1) * 0.93
        white = np.asarray((0.90, 0.93, 0.98)) * (np.asarray(light.ambient) * 0.95 + np.asarray(light.key) * 0.5)
        ground = blend(ground, white.astype(np.float32), _without_tracks(cover, lens, horizon))
    z = lens.focal * lens.eye / np.maximum(1, np.arange(height - horizon, dtype=np.float32))
    haze = light.haze_share * (1 - np.exp(-z / 28))
    return blend(ground, light.haze, np.repeat(haze[:, None], width, axis=1).astype(np.float32))


def ground_noise(lens: Lens, rng: np.random.Generator, *, height: int, width: int, metres: float) -> Field:
    """Noise lying on the ground, 0-1, shape (height - horizon, width); ``metres`` its coarsest grain."""
    rows = np.maximum(1.0, np.arange(height - round(lens.row), dtype=np.float32))
    z = lens.focal * lens.eye / rows
    across = (np.arange(width, dtype=np.float32)[None, :] - lens.column) * z[:, None] / lens.focal
    plane = cloud_noise(rng, height=512, width=512, cell=32, octaves=4)
    step = 32 / metres
    return np.asarray(plane[_folded(z * step)[:, None], _folded(across * step)])


def _folded(places: Field) -> np.ndarray:
    """Indices into a 512 plane that is mirrored for ever, so that it has no seams."""
    index = np.abs(places).astype(np.int64) % 1022
    return np.where(index > 511, 1022 - index, index)


def _without_tracks(cover: Field, lens: Lens, horizon: int) -> Field:
    """Two wheel tracks pressed into the snow of the road."""
    rows = np.maximum(1.0, np.arange(cover.shape[0], dtype=np.float32))
    across = (np.arange(cover.shape[1], dtype=np.float32)[None, :] - lens.column) * (lens.eye / rows)[:, None]
    track = np.exp(-(((np.abs(across) - 0.8) / 0.34) ** 2))
    return np.asarray(cover * (1 - 0.45 * track), dtype=np.float32)


def _markings(image: Image.Image, light: Light, lens: Lens, horizon: int) -> None:
    """Pavements, kerbs, a zebra crossing and the middle line."""
    draw = ImageDraw.Draw(image, "RGBA")

    def strip(x0: float, x1: float, z0: float, z1: float, fill: tuple[int, int, int, int]) -> None:
        corners = [lens.project(x0, 0, z0), lens.project(x1, 0, z0), lens.project(x1, 0, z1), lens.project(x0, 0, z1)]
        draw.polygon([(x, y - horizon) for x, y in corners], fill=fill)

    pale = (*code_values(mixed(scaled(light.ambient, 1.1), light.key, 0.4)), 80)
    for side in (-1, 1):
        strip(side * KERB, side * 40, 1.2, 300, (*code_values(mixed(light.ambient, light.key, 0.25)), 46))
        strip(side * (KERB - 0.13), side * KERB, 1.2, 300, pale)
    for stripe in range(-3, 4):
        strip(stripe * 1.0 - 0.26, stripe * 1.0 + 0.26, 6.6, 9.2, pale)
    for dash in range(5, 40):
        strip(-0.06, 0.06, 4 * dash - 8, 4 * dash - 6, pale)


def wet(
    ground: Picture, mirror: Image.Image, light: Light, lens: Lens, rng: np.random.Generator, *, height: int, width: int
) -> Picture:
    """The ground with the street mirrored in it. ``mirror`` is what lies below the horizon, RGB, same size as ``ground``.

    Puddles give it back clear; wet asphalt smears it upwards and downwards; ripples push it sideways.
    """
    deep = ground.shape[0]
    smeared = picture_of(
        mirror.filter(ImageFilter.BoxBlur((2, max(3, deep // 16)))).filter(ImageFilter.BoxBlur((1, max(3, deep // 24))))
    )
    clear = picture_of(mirror.filter(ImageFilter.BoxBlur((0, max(1, deep // 120)))))
    grain = ground_noise(lens, rng, height=height, width=width, metres=0.5)
    push = ((grain - 0.5) * (6 + 34 * np.linspace(0, 1, deep, dtype=np.float32)[:, None])).astype(np.int32)
    columns = np.clip(np.arange(width)[None, :] + push, 0, width - 1)[..., None]
    smeared, clear = np.take_along_axis(smeared, columns, axis=1), np.take_along_axis(clear, columns // 1, axis=1)
    puddle = np.clip((ground_noise(lens, rng, height=height, width=width, metres=2.4) - 0.50) * 9, 0, 1)[..., None]
    shown = smeared * (1 - puddle) + clear * puddle
    grazing = (0.92 - 0.34 * np.linspace(0, 1, deep, dtype=np.float32))[:, None, None]
    share = light.wet * grazing * (0.62 + 0.30 * puddle) * (0.75 + 0.5 * (grain[..., None] - 0.5))
    return np.asarray(ground * (1 - 0.72 * share) * 0.8 + shown * share * 1.25, dtype=np.float32)
