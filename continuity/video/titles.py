"""A title as a picture: white words with a dark edge on nothing, in the font that Pillow carries (no system font)."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

HEIGHT_SHARE = 1 / 14
WIDTH_SHARE = 0.86
BASELINE_SHARE = 0.86
LONGEST_TITLE = 500


def title_picture(words: str, *, width: int, height: int) -> NDArray[np.uint8]:
    """uint8 height x width x 4 (RGBA, straight alpha): ``words`` centred in the lower third, in as many lines as needed."""
    size = max(height * HEIGHT_SHARE, 8)
    font = ImageFont.load_default(size)
    lines = "\n".join(_wrapped(words.strip()[:LONGEST_TITLE], font, width * WIDTH_SHARE))
    picture = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    ImageDraw.Draw(picture).multiline_text(
        (width / 2, height * BASELINE_SHARE),
        lines,
        font=font,
        anchor="md",
        align="center",
        fill="white",
        stroke_width=max(round(size / 14), 1),
        stroke_fill=(0, 0, 0, 200),
    )
    return np.asarray(picture, dtype=np.uint8)


def _wrapped(words: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: float) -> list[str]:
    """Lines no wider than ``width`` pixels, broken between words; a longer word has a line of its own."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
