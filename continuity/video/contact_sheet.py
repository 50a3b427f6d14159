"""A picture of a scene's cuts: last frame beside first frame, their palettes under them, what was measured beside."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from continuity.video.whole_file import whole_file

FRAME_WIDTH, GAP, MARGIN, STRIP, CAPTION, HEADING = 620, 6, 28, 26, 46, 64
PAPER, INK, FAINT = (22, 22, 26), (236, 236, 240), (150, 150, 160)


@dataclass(frozen=True)
class SheetCut:
    """One cut. ``left`` and ``right`` are uint8 height x width x 3, sRGB; the palettes are ``#RRGGBB``, largest first."""

    left: NDArray[np.uint8]
    right: NDArray[np.uint8]
    left_caption: str
    right_caption: str
    left_palette: Sequence[str]
    right_palette: Sequence[str]
    finding: str


def write_contact_sheet(target: Path, *, title: str, cuts: Sequence[SheetCut]) -> None:
    """Write the sheet as PNG; it appears only when whole. ValueError for no cuts."""
    if not cuts:
        raise ValueError("A contact sheet needs at least one cut.")
    rows = [_row(cut) for cut in cuts]
    width = rows[0].width + 2 * MARGIN
    height = HEADING + sum(row.height + MARGIN for row in rows) + MARGIN // 2
    sheet = Image.new("RGB", (width, height), PAPER)
    ImageDraw.Draw(sheet).text((MARGIN, MARGIN // 2 + 4), _shortened(title, 80), fill=INK, font=_font(26))
    top = HEADING
    for row in rows:
        sheet.paste(row, (MARGIN, top))
        top += row.height + MARGIN
    with whole_file(target) as part:
        sheet.save(part, format="PNG")


def _row(cut: SheetCut) -> Image.Image:
    left, right = _fitted(cut.left), _fitted(cut.right)
    frame_height = max(left.height, right.height)
    row = Image.new("RGB", (2 * FRAME_WIDTH + GAP, CAPTION + frame_height + STRIP + CAPTION // 2 + 6), PAPER)
    draw = ImageDraw.Draw(row)
    captions = ((left, cut.left_caption, cut.left_palette), (right, cut.right_caption, cut.right_palette))
    for column, (picture, caption, palette) in enumerate(captions):
        x = column * (FRAME_WIDTH + GAP)
        draw.text((x, 14), _shortened(caption, 72), fill=FAINT, font=_font(16))
        row.paste(picture, (x + (FRAME_WIDTH - picture.width) // 2, CAPTION))
        _paint_palette(draw, palette, x=x, y=CAPTION + frame_height + 4)
    draw.text((0, CAPTION + frame_height + STRIP + 6), _shortened(cut.finding, 150), fill=INK, font=_font(16))
    return row


def _paint_palette(draw: ImageDraw.ImageDraw, palette: Sequence[str], *, x: int, y: int) -> None:
    for number, colour in enumerate(palette):
        left = x + number * FRAME_WIDTH // len(palette)
        right = x + (number + 1) * FRAME_WIDTH // len(palette) - 2
        draw.rectangle((left, y, right, y + STRIP - 6), fill=colour)


def _fitted(rgb: NDArray[np.uint8]) -> Image.Image:
    picture = Image.fromarray(rgb)
    scale = min(FRAME_WIDTH / picture.width, FRAME_WIDTH / picture.height)
    return picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.Resampling.LANCZOS)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _shortened(text: str, length: int) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= length else one_line[: length - 3] + "..."
