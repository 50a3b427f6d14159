"""Closer framings: the same place nearer, and out of focus behind a person, with discs where lights are."""

import numpy as np
from PIL import Image

from continuity.providers.animatic_scene.canvas import image_of, picture_of

# How much nearer the background comes, and the radius of a blurred point in frame heights (with a person in front).
NEARER = {"wide": 1.0, "medium": 1.32, "close-up": 1.75}
DISC = {"wide": 0.0, "medium": 0.006, "close-up": 0.021}
SHRINK = 3


def nearer(plate: Image.Image, framing: str, *, column: float, row: float) -> Image.Image:
    """``plate`` magnified about a point of it, same size."""
    zoom = NEARER[framing]
    if zoom == 1:
        return plate
    width, height = plate.width / zoom, plate.height / zoom
    left = min(plate.width - width, max(0.0, column - width / 2))
    top = min(plate.height - height, max(0.0, row - height * 0.56))
    return plate.resize(plate.size, Image.Resampling.BICUBIC, box=(left, top, left + width, top + height))


def out_of_focus(plate: Image.Image, framing: str, *, frame_height: int) -> Image.Image:
    """Blur by a disc in linear light, as a lens does: lights become discs and keep their colour."""
    radius = DISC[framing] * frame_height / SHRINK
    if radius < 0.5:
        return plate
    small = picture_of(plate.resize((plate.width // SHRINK, plate.height // SHRINK), Image.Resampling.BOX))
    linear = small**2.2
    linear = linear + 2.5 * np.clip(linear - 0.55, 0, None)
    return image_of(np.clip(_convolved(linear, radius), 0, 1) ** (1 / 2.2)).resize(plate.size, Image.Resampling.BICUBIC)


def _convolved(linear: np.ndarray, radius: float) -> np.ndarray:
    """Circular convolution with a disc, on a picture padded by its own edge."""
    pad = int(radius) + 2
    padded = np.pad(linear, ((pad, pad), (pad, pad), (0, 0)), mode="edge")
    height, width = padded.shape[:2]
    rows = np.minimum(np.arange(height), height - np.arange(height))[:, None]
    columns = np.minimum(np.arange(width), width - np.arange(width))[None, :]
    disc = np.clip(radius + 0.5 - np.hypot(rows, columns), 0, 1)
    spectrum = np.fft.rfft2(disc / disc.sum())
    done = [np.fft.irfft2(np.fft.rfft2(padded[..., part]) * spectrum, s=(height, width)) for part in range(3)]
    return np.stack(done, axis=-1)[pad:-pad, pad:-pad].clip(0, None).astype(np.float32)
