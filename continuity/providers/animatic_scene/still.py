"""A start image as plates: itself, itself without its frozen rain and grain, and that graded towards the prompt."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from continuity.providers.animatic_scene.canvas import Rgb
from continuity.providers.animatic_scene.drift import Drift
from continuity.providers.animatic_scene.grade import grade_table
from continuity.vision.colour import oklab_of_rgb

# How far the last frame has gone towards the palette that the prompt names.
GRADE_SHARE = 0.55
MEDIAN = 5


@dataclass(frozen=True)
class StillPlates:
    """RGB plates of the frame's size. ``graded`` None = the prompt names no palette. ``focus`` is where the picture's
    interest is, in frame widths and heights from the centre."""

    original: Image.Image
    clean: Image.Image
    graded: Image.Image | None
    focus: tuple[float, float]

    def at(self, moment: float, *, cleaned: float) -> Image.Image:
        """The plate at ``moment`` 0-1 of the clip; ``cleaned`` 0 = the start image itself, 1 = without its grain and rain."""
        plate = self.clean
        if self.graded is not None:
            plate = Image.blend(plate, self.graded, GRADE_SHARE * moment * moment * (3 - 2 * moment))
        if cleaned < 1:
            return Image.blend(self.original, plate, cleaned)
        return plate.copy() if plate is self.clean else plate


def read_picture(path: Path) -> Image.Image:
    """RGB, 8 bits; transparent parts keep their colour. Raises OSError when it is no picture."""
    with Image.open(path) as image:
        upright: Image.Image = image.convert("RGBA").convert("RGB")
    return upright


def still_plates(path: Path, *, width: int, height: int, palette: tuple[Rgb, ...]) -> StillPlates:
    """Read a start image (upright, sRGB; another shape is cut to fit, centred). Raises OSError when it is no picture."""
    original = ImageOps.fit(read_picture(path), (width, height), Image.Resampling.LANCZOS)
    clean = original.filter(ImageFilter.MedianFilter(MEDIAN))
    graded = clean.filter(grade_table(Drift(), palette=palette)) if palette else None
    return StillPlates(original=original, clean=clean, graded=graded, focus=_focus(clean))


def _focus(image: Image.Image) -> tuple[float, float]:
    """Where a colour stands out near the middle: the centre of mass of what differs most from the picture's mean."""
    small = image.resize((64, 36), Image.Resampling.BOX)
    lab = oklab_of_rgb(np.asarray(small))
    rows, columns = np.mgrid[0:36, 0:64]
    middle = np.exp(-(((columns - 31.5) / 15) ** 2) - ((rows - 17.5) / 11) ** 2)
    weight = (((lab - lab.mean(axis=(0, 1))) ** 2)[..., 1:].sum(axis=-1) + 1e-6) ** 1.5 * middle
    total = float(weight.sum())
    return float((weight * columns).sum()) / total / 63 - 0.5, float((weight * rows).sum()) / total / 35 - 0.5
