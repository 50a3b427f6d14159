"""Pictures for the stand-ins that look like shots: drawn ones, and one of a real film where footage lies beside the checkout."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from tests.stand_ins.drift import Picture, softened

FILMED = Path(__file__).resolve().parents[3] / "shared" / "footage" / "clips" / "bbb_s09.mp4"
Field = NDArray[np.float64]
"""Height x width, or height x width x 3 in code values 0-255."""
Colour = tuple[int, int, int]
LENS = 0.5
"""Sigma in pixels of what a lens softens: no camera shows an edge without a pixel between."""


@dataclass(frozen=True)
class Place:
    """What one drawn scene looks like. ``roughness``: sigma of the surfaces' texture in code values."""

    sky: Colour
    horizon: Colour
    ground: Colour
    wall: Colour
    cloth: Colour
    skin: Colour
    roughness: float


PLACES = (
    Place((70, 118, 176), (202, 206, 196), (78, 104, 46), (150, 96, 70), (168, 44, 40), (206, 150, 120), 15.0),
    Place((12, 14, 34), (64, 34, 78), (30, 26, 40), (44, 40, 66), (196, 120, 30), (148, 104, 92), 6.0),
    Place((186, 198, 212), (220, 220, 216), (172, 182, 196), (120, 138, 150), (36, 92, 96), (222, 184, 164), 9.0),
)


def opening_pictures(width: int, height: int) -> dict[str, Picture]:
    """The pictures that a scene may open with, by name: "drawn", and "filmed" where there is footage."""
    filmed = {"filmed": filmed_picture(width, height)} if FILMED.exists() else {}
    return {"drawn": drawn_picture(width, height), **filmed}


def opening_picture(width: int, height: int) -> Picture:
    """The most real of ``opening_pictures``."""
    return list(opening_pictures(width, height).values())[-1]


@cache
def filmed_picture(width: int, height: int) -> Picture:
    from continuity.video.frames import first_frame

    return np.asarray(ImageOps.fit(Image.fromarray(first_frame(FILMED).rgb), (width, height), Image.Resampling.LANCZOS))


@cache
def drawn_picture(width: int, height: int, *, scene: int = 0, seed: int = 4) -> Picture:
    """Somebody in front of a wall, under a sky: one of ``PLACES`` by ``scene``. Another ``seed`` is another spot of that
    place: other clouds and grass, the person elsewhere."""
    place, random = PLACES[scene], np.random.default_rng([scene, seed])
    across, down = np.meshgrid((np.arange(width) + 0.5) / height, (np.arange(height) + 0.5) / height)
    shift = random.uniform(-0.12, 0.12)
    picture = _sky(place, down, _roughness(random, height, width, slope=1.6))
    _wall(picture, place, across - shift, down)
    _ground(picture, place, down, _roughness(random, height, width, slope=0.7))
    _person(picture, place, across - shift / 2 - 0.28 * width / height, down)
    fine = _roughness(random, height, width, slope=1.0) * place.roughness * np.clip(2.5 * down - 0.75, 0, 1)
    seen = softened((picture + fine[..., None]).astype(np.float32), LENS)
    grain = random.normal(0, 1.5, (height, width, 1))
    return np.asarray(np.clip(np.rint(seen + grain), 0, 255).astype(np.uint8))


def _roughness(random: np.random.Generator, height: int, width: int, *, slope: float) -> Field:
    """Noise whose amplitude falls with frequency^slope, as that of natural surfaces does; mean 0, sd 1."""
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    frequency[0, 0] = np.inf
    spectrum = np.fft.rfft2(random.normal(size=(height, width))) / frequency**slope
    noise = np.fft.irfft2(spectrum, s=(height, width))
    return np.asarray(noise / noise.std())


def _sky(place: Place, down: Field, clouds: Field) -> Field:
    share = np.clip(down / 0.6, 0, 1)[..., None]
    sky = np.array(place.sky) * (1 - share) + np.array(place.horizon) * share
    return np.asarray(sky + 30 * np.clip(clouds, 0, 1.2)[..., None] * (1 - share))


def _wall(picture: Field, place: Place, across: Field, down: Field) -> None:
    """Brick by brick, with lit windows, its shadow side to the right."""
    inside = (across > 0.95) & (across < 1.55) & (down > 0.12)
    joint = (down * 40 % 1 < 0.15) | ((across * 18 + 0.5 * (np.floor(down * 40) % 2)) % 1 < 0.07)
    shade = np.clip(1.15 - 0.7 * (across - 0.95), 0.4, 1.2) * np.where(joint, 0.72, 1.0)
    picture[inside] = (np.array(place.wall) * shade[..., None])[inside]
    window = inside & (across % 0.2 > 0.12) & (down % 0.22 > 0.1) & (down < 0.7)
    picture[window] = np.array([236, 206, 142]) * (0.75 + 0.4 * (down[window] % 0.22))[..., None]


def _ground(picture: Field, place: Place, down: Field, grass: Field) -> None:
    below = down > 0.72
    ground = np.array(place.ground) * (1 + 0.35 * grass * np.clip(down - 0.5, 0, 1) + 0.5 * (down - 0.72))[..., None]
    picture[below] = ground[below]


def _person(picture: Field, place: Place, across: Field, down: Field) -> None:
    """Shoulders, head and hair, lit from the left."""
    light = np.clip(1.02 - 1.6 * across, 0.45, 1.25)[..., None]
    body = ((across / 0.25) ** 2 + ((down - 1.0) / 0.42) ** 2 < 1) & (down > 0.6)
    picture[body] = (np.array(place.cloth) * light * (1 + 0.12 * np.sin(across * 190))[..., None])[body]
    neck = (abs(across) < 0.055) & (down > 0.5) & (down < 0.66)
    head = (across / 0.115) ** 2 + ((down - 0.42) / 0.155) ** 2 < 1
    hair = ((across / 0.135) ** 2 + ((down - 0.36) / 0.165) ** 2 < 1) & ((down < 0.35) | (abs(across) > 0.1))
    picture[neck] = (np.array(place.skin) * light * 0.8)[neck]
    picture[head] = (np.array(place.skin) * light)[head]
    picture[hair] = (np.array([46, 32, 26]) * light * (1 + 0.3 * np.sin(across * 320))[..., None])[hair]
    for eye in (-0.045, 0.045):
        picture[((across - eye) / 0.02) ** 2 + ((down - 0.41) / 0.009) ** 2 < 1] = (34, 28, 30)
    picture[(across / 0.036) ** 2 + ((down - 0.505) / 0.009) ** 2 < 1] = np.array(place.skin) * (0.82, 0.52, 0.54)
