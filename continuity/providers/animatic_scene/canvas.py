"""Small operations on pictures that every scene needs: float arrays 0-1, shape (height, width, 3), display-referred sRGB."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from continuity.providers.animatic_scene.noise import Field

Picture = NDArray[np.floating[Any]]
Rgb = tuple[float, float, float]


def rgb_of(code: str) -> Rgb:
    """``#RRGGBB`` as three numbers 0-1."""
    red, green, blue = (int(code[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def flat(colour: Rgb, *, height: int, width: int) -> Picture:
    return np.broadcast_to(np.asarray(colour, dtype=np.float32), (height, width, 3)).copy()


def mixed(first: Rgb, second: Rgb, share: float) -> Rgb:
    """``share`` 0 = the first colour, 1 = the second."""
    red, green, blue = (one + (other - one) * share for one, other in zip(first, second, strict=True))
    return red, green, blue


def scaled(colour: Rgb, factor: float) -> Rgb:
    red, green, blue = (min(1.0, part * factor) for part in colour)
    return red, green, blue


def code_values(colour: Rgb) -> tuple[int, int, int]:
    """0-255, for Pillow's drawing calls."""
    red, green, blue = (round(255 * min(1.0, max(0.0, part))) for part in colour)
    return red, green, blue


def gradient(stops: list[tuple[float, Rgb]], positions: Field) -> Picture:
    """Colours at ``positions`` (any shape) between ``stops`` (position, colour), which rise; shape positions + (3,)."""
    places = [place for place, _ in stops]
    parts = [np.interp(positions, places, [colour[part] for _, colour in stops]) for part in range(3)]
    return np.stack(parts, axis=-1).astype(np.float32)


def blend(base: Picture, colour: Rgb | Picture, share: Field | float) -> Picture:
    """``base`` moved towards ``colour`` by ``share`` (height, width) or one number, 0-1."""
    amount = share[..., None] if isinstance(share, np.ndarray) else share
    return base + (np.asarray(colour, dtype=np.float32) - base) * amount


def screen(base: Picture, light: Picture) -> Picture:
    """Light added the way a projector adds it: never past white."""
    return 1 - (1 - base) * (1 - np.clip(light, 0, 1))


def image_of(picture: Picture) -> Image.Image:
    return Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))


def mask_of(field: Field) -> Image.Image:
    return Image.fromarray((np.clip(field, 0, 1) * 255 + 0.5).astype(np.uint8))


def picture_of(image: Image.Image) -> Picture:
    return np.asarray(image, dtype=np.float32) / 255


def blurred(image: Image.Image, radius: float, *, shrink: int = 1) -> Image.Image:
    """Gaussian blur; ``shrink`` works at a fraction of the size, for radii where nobody sees the difference."""
    if shrink == 1:
        return image.filter(ImageFilter.GaussianBlur(radius))
    small = image.resize((max(1, image.width // shrink), max(1, image.height // shrink)), Image.Resampling.BOX)
    return small.filter(ImageFilter.GaussianBlur(radius / shrink)).resize(image.size, Image.Resampling.BICUBIC)
