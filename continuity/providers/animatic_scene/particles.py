"""Rain, snow, dust and drifting mist: masks painted once, that wrap round, shifted per frame and pasted once."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from continuity.providers.animatic_scene.canvas import mask_of
from continuity.providers.animatic_scene.noise import cloud_noise


@dataclass(frozen=True)
class Sheet:
    """One wrapping L mask the size of the frame and how it moves: frame heights per second down, widths per second to
    the right, and how far (in widths) it sways."""

    mask: Image.Image
    down: float
    right: float
    sway: float = 0.0

    def at(self, seconds: float) -> Image.Image:
        width, height = self.mask.size
        sideways = self.right * seconds + self.sway * float(np.sin(1.7 * seconds + 9 * self.down))
        return ImageChops.offset(self.mask, round(sideways * width), round(self.down * seconds * height))


def falling_sheets(kind: str, *, width: int, height: int, strength: float, rng: np.random.Generator) -> tuple[Sheet, ...]:
    """The sheets of ``rain``, ``storm``, ``snow`` or ``dust``, from far to near; none for anything else."""
    makers: dict[str, Callable[[], tuple[Sheet, ...]]] = {
        "rain": lambda: _rain(width, height, strength, rng, slant=0.10),
        "storm": lambda: _rain(width, height, 1.7 * strength, rng, slant=0.28),
        "snow": lambda: _snow(width, height, strength, rng),
        "dust": lambda: _dust(width, height, rng),
    }
    return makers[kind]() if kind in makers else ()


def falling_mask(sheets: tuple[Sheet, ...], seconds: float) -> Image.Image:
    """All sheets at that moment as one L mask."""
    mask = sheets[0].at(seconds)
    for sheet in sheets[1:]:
        mask = ImageChops.lighter(mask, sheet.at(seconds))
    return mask


def mist_sheet(*, width: int, height: int, share: float, rng: np.random.Generator) -> Sheet:
    """Drifting haze, thickest a little below the middle; ``share`` 0-1 is its greatest opacity."""
    noise = cloud_noise(rng, height=height, width=width // 2, cell=height / 3, octaves=4, stretch=3.0)
    wrapped = np.concatenate([noise, noise[:, ::-1]], axis=1)
    wrapped = np.pad(wrapped, ((0, 0), (0, width - wrapped.shape[1])), mode="edge")
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    band = np.exp(-(((rows - 0.58) / 0.26) ** 2))
    return Sheet(mask=mask_of(np.clip((wrapped - 0.32) * 1.9, 0, 1) * band * share), down=0, right=0.018)


def _rain(width: int, height: int, strength: float, rng: np.random.Generator, *, slant: float) -> tuple[Sheet, ...]:
    far = _streaks(width, height, rng, count=round(520 * strength), length=0.05, brightness=(28, 62), slant=slant, thickness=1)
    near = _streaks(width, height, rng, count=round(90 * strength), length=0.12, brightness=(50, 105), slant=slant, thickness=2)
    ratio = height / width
    return (Sheet(far, down=1.7, right=1.7 * slant * ratio), Sheet(near, down=2.9, right=2.9 * slant * ratio))


def _streaks(
    width: int,
    height: int,
    rng: np.random.Generator,
    *,
    count: int,
    length: float,
    brightness: tuple[int, int],
    slant: float,
    thickness: int,
) -> Image.Image:
    mask = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(mask)
    line_width = max(1, round(thickness * min(width, height) / 720))
    for _ in range(count):
        x, y = rng.random() * width, rng.random() * height
        fall = height * length * rng.uniform(0.6, 1.3)
        code = int(rng.integers(*brightness))
        for shift_x in (0, -width):
            for shift_y in (0, -height):
                start = (x + shift_x, y + shift_y)
                draw.line([start, (start[0] + slant * fall, start[1] + fall)], fill=code, width=line_width)
    return mask.filter(ImageFilter.GaussianBlur(0.6 * min(width, height) / 720))


def _snow(width: int, height: int, strength: float, rng: np.random.Generator) -> tuple[Sheet, ...]:
    scale = min(width, height) / 720
    far = _flakes(width, height, rng, count=round(700 * strength), radius=1.3 * scale, brightness=(90, 170), blur=0.5 * scale)
    middle = _flakes(width, height, rng, count=round(170 * strength), radius=2.6 * scale, brightness=(130, 225), blur=0.9 * scale)
    near = _flakes(width, height, rng, count=round(26 * strength), radius=8 * scale, brightness=(60, 120), blur=3.5 * scale)
    return (Sheet(far, 0.10, 0.01, 0.004), Sheet(middle, 0.19, 0.02, 0.008), Sheet(near, 0.36, 0.05, 0.015))


def _dust(width: int, height: int, rng: np.random.Generator) -> tuple[Sheet, ...]:
    scale = min(width, height) / 720
    near = _flakes(width, height, rng, count=16, radius=2.2 * scale, brightness=(20, 62), blur=1.3 * scale)
    far = _flakes(width, height, rng, count=60, radius=1.1 * scale, brightness=(30, 85), blur=0.5 * scale)
    return (Sheet(far, -0.008, 0.006, 0.006), Sheet(near, -0.016, 0.012, 0.01))


def _flakes(
    width: int, height: int, rng: np.random.Generator, *, count: int, radius: float, brightness: tuple[int, int], blur: float
) -> Image.Image:
    mask = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(mask)
    for _ in range(count):
        x, y = rng.random() * width, rng.random() * height
        size = radius * rng.uniform(0.6, 1.3)
        code = int(rng.integers(*brightness))
        for shift_x in (0, -width, width):
            draw.ellipse((x + shift_x - size, y - size, x + shift_x + size, y + size), fill=code)
    return mask.filter(ImageFilter.GaussianBlur(max(0.3, blur)))
