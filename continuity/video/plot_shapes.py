"""What a plot is drawn with, and the two papers it is drawn on: inline SVG for a page, PNG for a file.

The SVG has no script, style attribute or address in it, so a strict content security policy lets it through. Everything is
drawn in ``currentColor``, so it follows the page's theme without a rule of style; the classes are there for pages that want
more.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw

from continuity.video.lettering import INK, PAPER, Colour, font, writable
from continuity.video.whole_file import whole_file

Shape = Literal["disc", "diamond", "square", "ring"]
Anchor = Literal["start", "middle", "end"]
Point = tuple[float, float]

SCALE = 2
"""Pixels of the PNG per unit of the drawing."""
SMOOTHING = 2


@dataclass(frozen=True)
class Line:
    """``dash``: lengths drawn and left out; None = unbroken. ``strength`` 0-1 between the paper and the ink."""

    start: Point
    end: Point
    name: str
    width: float = 1
    strength: float = 1
    dash: tuple[float, float] | None = None


@dataclass(frozen=True)
class Mark:
    """``told``: what a person reads who points at it."""

    at: Point
    shape: Shape
    name: str
    told: str
    radius: float = 4.5
    strength: float = 1


@dataclass(frozen=True)
class Words:
    """``at``: the baseline's start, middle or end."""

    at: Point
    text: str
    anchor: Anchor = "start"
    size: float = 12
    strength: float = 1


@dataclass(frozen=True)
class Drawing:
    """``title`` and ``told`` say for those who do not see it what it shows."""

    width: int
    height: int
    title: str
    told: str
    shapes: Sequence[Line | Mark | Words]


def svg_of(drawing: Drawing, *, name: str) -> str:
    """One ``<svg>`` element. ``name`` begins its ids: one per drawing on a page."""
    ids = escape(name)
    parts = [
        f'<svg class="plot" role="img" aria-labelledby="{ids}-title {ids}-told" xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 0 {drawing.width} {drawing.height}" width="{drawing.width}" height="{drawing.height}" '
        'fill="currentColor" font-family="inherit">',
        f'<title id="{ids}-title">{_plain(drawing.title)}</title>',
        f'<desc id="{ids}-told">{_plain(drawing.told)}</desc>',
        *(_svg_shape(shape) for shape in drawing.shapes),
        "</svg>",
    ]
    return "\n".join(parts)


def write_png_of(drawing: Drawing, target: Path) -> None:
    """On the sheets' dark paper, two pixels per unit; the file appears only when whole."""
    factor = SCALE * SMOOTHING
    large = Image.new("RGB", (drawing.width * factor, drawing.height * factor), PAPER)
    draw = ImageDraw.Draw(large)
    for shape in drawing.shapes:
        if isinstance(shape, Line):
            _draw_line(draw, shape, factor)
        elif isinstance(shape, Mark):
            _draw_mark(draw, shape, factor)
    picture = large.reduce(SMOOTHING)
    letters = ImageDraw.Draw(picture)
    for words in (shape for shape in drawing.shapes if isinstance(shape, Words)):
        _draw_words(letters, words)
    with whole_file(target) as part:
        picture.save(part, format="PNG")


def _svg_shape(shape: Line | Mark | Words) -> str:
    if isinstance(shape, Line):
        dash = f' stroke-dasharray="{shape.dash[0]:g} {shape.dash[1]:g}"' if shape.dash else ""
        (x1, y1), (x2, y2) = shape.start, shape.end
        return (
            f'<line class="plot-{escape(shape.name)}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="currentColor" stroke-width="{shape.width:g}" stroke-opacity="{shape.strength:g}"{dash}/>'
        )
    if isinstance(shape, Mark):
        return f'<g class="plot-{escape(shape.name)}"><title>{_plain(shape.told)}</title>{_svg_mark(shape)}</g>'
    x, y = shape.at
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{shape.size:g}" text-anchor="{shape.anchor}" fill-opacity="{shape.strength:g}"'
    return f'<text class="plot-words" {place}>{_plain(shape.text)}</text>'


def _svg_mark(mark: Mark) -> str:
    x, y = mark.at
    if mark.shape == "disc":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{mark.radius:g}" fill-opacity="{mark.strength:g}"/>'
    if mark.shape == "ring":
        stroke = f'stroke="currentColor" stroke-width="1.5" stroke-opacity="{mark.strength:g}"'
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{mark.radius:g}" fill="none" {stroke}/>'
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in _corners(mark))
    return f'<polygon points="{corners}" fill-opacity="{mark.strength:g}"/>'


def _corners(mark: Mark) -> list[Point]:
    (x, y), reach = mark.at, mark.radius
    if mark.shape == "diamond":
        return [(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)]
    return [(x - reach, y - reach), (x + reach, y - reach), (x + reach, y + reach), (x - reach, y + reach)]


def _plain(text: str) -> str:
    """Escaped, and free of control characters, which XML does not allow even escaped."""
    return escape(" ".join("".join(sign for sign in text if sign.isprintable() or sign.isspace()).split()))


def _draw_line(draw: ImageDraw.ImageDraw, line: Line, factor: int) -> None:
    for start, end in _dashes(line):
        ends = [(x * factor, y * factor) for x, y in (start, end)]
        draw.line(ends, fill=_ink(line.strength), width=max(1, round(line.width * factor)))


def _dashes(line: Line) -> Iterator[tuple[Point, Point]]:
    length = math.dist(line.start, line.end)
    if line.dash is None or length == 0:
        yield line.start, line.end
        return
    begin = 0.0
    while begin < length:
        yield _on(line, begin / length), _on(line, min(begin + line.dash[0], length) / length)
        begin += sum(line.dash)


def _on(line: Line, share: float) -> Point:
    (x1, y1), (x2, y2) = line.start, line.end
    return x1 + share * (x2 - x1), y1 + share * (y2 - y1)


def _draw_mark(draw: ImageDraw.ImageDraw, mark: Mark, factor: int) -> None:
    (x, y), reach = mark.at, mark.radius
    box = ((x - reach) * factor, (y - reach) * factor, (x + reach) * factor, (y + reach) * factor)
    if mark.shape == "disc":
        draw.ellipse(box, fill=_ink(mark.strength))
    elif mark.shape == "ring":
        draw.ellipse(box, outline=_ink(mark.strength), width=round(1.5 * factor))
    else:
        draw.polygon([(x * factor, y * factor) for x, y in _corners(mark)], fill=_ink(mark.strength))


def _draw_words(draw: ImageDraw.ImageDraw, words: Words) -> None:
    anchor = {"start": "ls", "middle": "ms", "end": "rs"}[words.anchor]
    x, y = words.at
    draw.text(
        (x * SCALE, y * SCALE), writable(words.text), fill=_ink(words.strength), font=font(words.size * SCALE), anchor=anchor
    )


def _ink(strength: float) -> Colour:
    red, green, blue = (round(paper + strength * (ink - paper)) for paper, ink in zip(PAPER, INK, strict=True))
    return red, green, blue
