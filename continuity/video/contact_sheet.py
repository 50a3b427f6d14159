"""A picture of a scene's cuts: last frame beside first frame, their palettes under them, what was measured beside."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from continuity.enums import Band
from continuity.video.lettering import FAINT, INK, MAT, PAPER, RULE, draw_band, line_height, wrapped, write_lines
from continuity.video.whole_file import whole_file
from continuity.vision.scale import Picture, require_picture

BOX_WIDTH, BOX_HEIGHT = 520, 400
"""A picture is as large as fits into this, upright ones beside wide ones included."""
NARROWEST_CELL, TEXT_WIDTH = 260, 440
MARGIN, GAP, STRIP = 20, 4, 18
TITLE, HEADLINE, TEXT = 26, 22, 17
"""Sizes at which the font's hinting leaves the spaces between words wide enough."""
MARK_RADIUS, MARK_WIDTH, DOT, INDENT = 8, 28, 2, 18


@dataclass(frozen=True, eq=False)
class CutPicture:
    """One cut. ``left``, the last frame before it, and ``right``, the first one after: uint8 height x width x 3, sRGB, of
    any two sizes. ``headline``: the verdict, such as "0.81 matches · bridged (NCC 0.99)"; ``band`` None = no mark beside it;
    ``lines``: the findings, a sentence each; palettes ``#RRGGBB``, largest first, empty = not measured."""

    left: Picture
    right: Picture
    left_caption: str
    right_caption: str
    headline: str
    band: Band | None = None
    lines: Sequence[str] = ()
    left_palette: Sequence[str] = ()
    right_palette: Sequence[str] = ()


def write_cut_sheet(target: Path, *, title: str, cuts: Sequence[CutPicture]) -> None:
    """Write the sheet as PNG, a row per cut; it appears only when whole. Captions are shortened to two lines, everything
    else is wrapped and whole. ValueError for no cuts, NotAPicture for a frame that is none."""
    if not cuts:
        raise ValueError("A contact sheet needs at least one cut.")
    pairs = [(_fitted(cut.left), _fitted(cut.right)) for cut in cuts]
    cell = max(NARROWEST_CELL, *(picture.width for pair in pairs for picture in pair))
    rows = [_heading(title, width=_width(cell))]
    rows += [_row(cut, *pair, cell=cell) for cut, pair in zip(cuts, pairs, strict=True)]
    sheet = _stacked(rows)
    with whole_file(target) as part:
        sheet.save(part, format="PNG")


def _fitted(rgb: Picture) -> Image.Image:
    picture = Image.fromarray(require_picture(rgb))
    scale = min(BOX_WIDTH / picture.width, BOX_HEIGHT / picture.height)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _heading(title: str, *, width: int) -> Image.Image:
    lines = wrapped(title, size=TITLE, width=width)
    heading = Image.new("RGB", (width, len(lines) * line_height(TITLE)), PAPER)
    write_lines(ImageDraw.Draw(heading), lines, x=0, y=0, size=TITLE, fill=INK)
    return heading


def _row(cut: CutPicture, left: Image.Image, right: Image.Image, *, cell: int) -> Image.Image:
    captions = [wrapped(text, size=TEXT, width=cell - GAP, most=2) for text in (cut.left_caption, cut.right_caption)]
    top = max(len(lines) for lines in captions) * line_height(TEXT) + GAP
    height = max(left.height, right.height)
    findings = _findings(cut)
    row_height = top + max(height + 2 * GAP + STRIP, findings.height)
    row = Image.new("RGB", (_width(cell), row_height), PAPER)
    draw = ImageDraw.Draw(row)
    palettes = (cut.left_palette, cut.right_palette)
    for x, caption, picture, palette in zip((0, cell + GAP), captions, (left, right), palettes, strict=True):
        write_lines(draw, caption, x=x, y=top - GAP - len(caption) * line_height(TEXT), size=TEXT, fill=FAINT)
        row.paste(_on_mat(picture, width=cell, height=height), (x, top))
        _paint_palette(draw, palette, x=x, y=top + height + GAP, width=cell)
    row.paste(findings, (row.width - TEXT_WIDTH, top))
    return row


def _width(cell: int) -> int:
    return 2 * cell + GAP + 2 * MARGIN + TEXT_WIDTH


def _on_mat(picture: Image.Image, *, width: int, height: int) -> Image.Image:
    """In the middle of a dark mat as high as the cut's other picture needs."""
    mat = Image.new("RGB", (width, height), MAT)
    mat.paste(picture, ((width - picture.width) // 2, (height - picture.height) // 2))
    return mat


def _paint_palette(draw: ImageDraw.ImageDraw, palette: Sequence[str], *, x: int, y: int, width: int) -> None:
    for number, colour in enumerate(palette):
        left = x + number * width // len(palette)
        right = x + (number + 1) * width // len(palette) - 3
        draw.rectangle((left, y, right, y + STRIP - 1), fill=colour, outline=RULE)


def _findings(cut: CutPicture) -> Image.Image:
    """The column beside the pictures: the verdict with its band's mark, then the findings with hanging lines."""
    beside = MARK_WIDTH if cut.band else 0
    headline = wrapped(_verdict(cut), size=HEADLINE, width=TEXT_WIDTH - beside)
    findings = [wrapped(line, size=TEXT, width=TEXT_WIDTH - INDENT) for line in cut.lines if line.strip()]
    height = len(headline) * line_height(HEADLINE) + sum(len(lines) * line_height(TEXT) + 6 for lines in findings) + 12
    column = Image.new("RGB", (TEXT_WIDTH, height), PAPER)
    draw = ImageDraw.Draw(column)
    if cut.band:
        draw_band(draw, cut.band, x=MARK_RADIUS + 1, y=line_height(HEADLINE) / 2 - 2, radius=MARK_RADIUS)
    y = write_lines(draw, headline, x=beside, y=0, size=HEADLINE, fill=INK) + 6
    for lines in findings:
        middle = y + line_height(TEXT) // 2
        draw.ellipse((DOT, middle - DOT, 3 * DOT, middle + DOT), fill=FAINT)
        y = write_lines(draw, lines, x=INDENT, y=y, size=TEXT, fill=INK) + 6
    return column


def _verdict(cut: CutPicture) -> str:
    """The headline, in which the band's word is never missing: a colour alone says nothing to many."""
    if cut.band is None or cut.band.value in cut.headline:
        return cut.headline
    return f"{cut.band.value} · {cut.headline}"


def _stacked(rows: Sequence[Image.Image]) -> Image.Image:
    """Below each other, a rule between every two."""
    height = sum(row.height + 2 * MARGIN for row in rows)
    sheet = Image.new("RGB", (rows[0].width + 2 * MARGIN, height), PAPER)
    draw = ImageDraw.Draw(sheet)
    y = MARGIN
    for number, row in enumerate(rows):
        if number:
            draw.line((MARGIN, y - MARGIN, sheet.width - MARGIN - 1, y - MARGIN), fill=RULE)
        sheet.paste(row, (MARGIN, y))
        y += row.height + 2 * MARGIN
    return sheet
