"""What the pictures that people look at have in common: their colours, and words in the one font that Pillow carries.

The greys are neutral, so that the eye judges the footage's colours and not the paper's. No font of the system is used:
a sheet looks the same on every machine.
"""

import re
import unicodedata
from functools import cache

from PIL import ImageDraw, ImageFont

from continuity.enums import Band

Colour = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

PAPER, MAT, RULE = (20, 20, 20), (10, 10, 10), (51, 51, 51)
INK, FAINT = (237, 235, 230), (176, 173, 166)
BAND_COLOURS: dict[Band, Colour] = {Band.MATCHES: (143, 199, 154), Band.CHECK: (229, 181, 103), Band.JUMP: (240, 150, 138)}
LEFT_OUT = "…"
_RUN_LEFT_OUT = re.compile(rf"{LEFT_OUT}(\s*{LEFT_OUT})+")
SPELLED_OUT = str.maketrans("–—−‐‑⁄×•øØłŁđ", "-----/x·oOlLd") | str.maketrans(
    {"Δ": "delta ", "≥": ">=", "≤": "<=", "→": "->", "←": "<-", "±": "+-", "ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe"}
)


@cache
def font(size: float) -> Font:
    """The font at ``size`` pixels."""
    return ImageFont.load_default(size)


def writable(text: str) -> str:
    """One line of characters that the font has: signs spelled out (Δ is "delta"), accents dropped, whatever remains (a
    script that the font does not know) an ellipsis."""
    letters = unicodedata.normalize("NFKD", text.translate(SPELLED_OUT)).translate(SPELLED_OUT)
    signs = (sign for sign in letters if not unicodedata.combining(sign))
    shown = "".join(sign if sign.isspace() or _has_glyph(sign) else LEFT_OUT for sign in signs)
    return " ".join(_RUN_LEFT_OUT.sub(LEFT_OUT, shown).split())


def wrapped(text: str, *, size: float, width: float, most: int | None = None) -> list[str]:
    """``text``, made writable, in lines no wider than ``width`` pixels: broken between words, a longer word within itself.

    ``most``: the number of lines, the last ending in an ellipsis where words are left out; None = as many as it needs.
    """
    lines: list[str] = []
    for word in writable(text).split():
        if lines and font(size).getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines += _pieces(word, size=size, width=width)
    if most is None or len(lines) <= most:
        return lines
    return [*lines[: most - 1], _ending_in_ellipsis(" ".join(lines[most - 1 :]), size=size, width=width)]


def write_lines(draw: ImageDraw.ImageDraw, lines: list[str], *, x: int, y: int, size: int, fill: Colour) -> int:
    """Write them below each other from the top left corner; the y under the last one."""
    for line in lines:
        draw.text((x, y), line, fill=fill, font=font(size))
        y += line_height(size)
    return y


def line_height(size: int) -> int:
    """Pixels from one line to the next."""
    return round(size * 1.4)


def draw_band(draw: ImageDraw.ImageDraw, band: Band, *, x: float, y: float, radius: float) -> None:
    """A band's mark around that middle: its colour, and for whoever does not see colours a shape of its own."""
    corners = {
        Band.CHECK: [(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)],
        Band.JUMP: [(x - radius, y - radius), (x + radius, y - radius), (x + radius, y + radius), (x - radius, y + radius)],
    }
    if band in corners:
        draw.polygon(corners[band], fill=BAND_COLOURS[band])
    else:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=BAND_COLOURS[band])


@cache
def _has_glyph(sign: str) -> bool:
    """Whether the font draws something else than its box for "no such character"."""
    letters = font(16)
    drawn, missing = letters.getmask(sign), letters.getmask("\U0010ffff")
    return (drawn.size, bytes(drawn)) != (missing.size, bytes(missing))


def _pieces(word: str, *, size: float, width: float) -> list[str]:
    """A word in pieces that fit; a single letter is never broken, however narrow the place."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and font(size).getlength(pieces[-1] + letter) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _ending_in_ellipsis(text: str, *, size: float, width: float) -> str:
    while text and font(size).getlength(text.rstrip() + LEFT_OUT) > width:
        text = text[:-1]
    return text.rstrip() + LEFT_OUT
