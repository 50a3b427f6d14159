"""Colour look-up tables: one 33³ cube of sRGB code values, applied by tetrahedral interpolation as ffmpeg's ``lut3d`` does.

The text form is the .cube of Adobe's "Cube LUT Specification 1.0" (2013): red runs fastest, values 0-1, no other domain.
"""

import math
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from continuity.vision.errors import VisionError
from continuity.vision.scale import Picture, require_picture

SIZE = 33
CELLS = SIZE - 1
LONGEST_TEXT = 8_000_000
Cube = NDArray[np.float32]
"""33 x 33 x 33 x 3, indexed [red, green, blue]: the sRGB code values 0-1 that a colour becomes."""

_STRIDES = np.array([SIZE * SIZE, SIZE, 1], dtype=np.int32)
_ROWS_AT_ONCE = 1 << 16
_DECIMALS = 6
_UNIT = 10**_DECIMALS


class NotACube(VisionError):
    """A text or an array that is not a 33³ look-up table of code values 0-1."""

    code = "not_a_cube"


@cache
def identity_cube() -> Cube:
    """The cube that changes nothing. Read-only, because it is made once."""
    axis = np.linspace(0, 1, SIZE, dtype=np.float32)
    cube = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1)
    cube.setflags(write=False)
    return cube


def require_cube(cube: NDArray[np.float32]) -> Cube:
    """The same array; NotACube unless it is float32, 33 x 33 x 33 x 3, every value within 0-1."""
    if cube.dtype != np.float32 or cube.shape != (SIZE, SIZE, SIZE, 3):
        raise NotACube(f"A cube is float32 {SIZE} x {SIZE} x {SIZE} x 3, not {cube.dtype} {cube.shape}: bake it anew.")
    if not (np.min(cube) >= 0 and np.max(cube) <= 1):  # written so that NaN fails
        raise NotACube("A cube holds code values from 0 to 1 only: clip it before it is used.")
    return cube


def apply_cube(rgb: Picture, cube: Cube) -> Picture:
    """A picture through the cube, rounded to 8 bits. Raises NotAPicture, NotACube."""
    pixels = require_picture(rgb).reshape(-1, 3)
    require_cube(cube)
    graded = np.empty_like(pixels)
    for start in range(0, len(pixels), _ROWS_AT_ONCE):  # what is at work at once stays in the processor's cache
        some = slice(start, start + _ROWS_AT_ONCE)
        colours = sample_cube(pixels[some].astype(np.float32) * np.float32(1 / 255), cube)
        graded[some] = (colours * 255 + 0.5).astype(np.uint8)
    return graded.reshape(rgb.shape)


def sample_cube(colours: NDArray[np.float32], cube: Cube) -> NDArray[np.float32]:
    """n x 3 code values 0-1, between the points of the cube too; outside 0-1 counts as the nearest end.

    Each cell is six tetrahedra along its grey diagonal; a colour is the weighted mean of the four corners of the one it
    is in (Kasson, Nin, Plouffe, Hafner, "Performing color space conversions with three-dimensional linear
    interpolation", 1995).
    """
    place = np.clip(colours, 0, 1) * np.float32(CELLS)
    cell = np.minimum(place.astype(np.int32), CELLS - 1)
    inside = place - cell
    red, green, blue = inside.T
    high, low = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    middle = red + green + blue - high - low
    first = np.where(red == high, _STRIDES[0], np.where(green == high, _STRIDES[1], _STRIDES[2]))
    last = np.where(blue == low, _STRIDES[2], np.where(green == low, _STRIDES[1], _STRIDES[0]))
    points, origin, diagonal = cube.reshape(-1, 3), cell @ _STRIDES, int(_STRIDES.sum())
    corners = (origin, origin + first, origin + (diagonal - last), origin + diagonal)
    weights = (1 - high, high - middle, middle - low, low)
    mixed = points[corners[0]] * weights[0][:, None]
    for corner, weight in zip(corners[1:], weights[1:], strict=True):
        mixed += points[corner] * weight[:, None]
    return np.asarray(mixed, dtype=np.float32)


def compose(first: Cube, then: Cube) -> Cube:
    """One cube that does what ``first`` and after it ``then`` do. Raises NotACube."""
    colours = sample_cube(require_cube(first).reshape(-1, 3), require_cube(then))
    return np.clip(colours, 0, 1).reshape(first.shape)


def cube_text(cube: Cube, title: str) -> str:
    """The .cube file, six decimals. ``title`` is put on one line without quotation marks. Raises NotACube."""
    name = " ".join(title.replace('"', "'").split())
    header = f'TITLE "{name}"\nLUT_3D_SIZE {SIZE}\nDOMAIN_MIN 0.0 0.0 0.0\nDOMAIN_MAX 1.0 1.0 1.0\n'
    values = np.rint(require_cube(cube).transpose(2, 1, 0, 3).reshape(-1, 3).astype(np.float64) * _UNIT).astype(np.int32)
    return header + _fixed_point(values).tobytes().decode("ascii")


def read_cube(text: str) -> Cube:
    """The cube of a .cube text. NotACube, with the line, for anything that is not a plain 33³ table of values 0-1."""
    if len(text) > LONGEST_TEXT:
        raise NotACube(f"A {SIZE}³ .cube file is smaller than {LONGEST_TEXT // 1_000_000} MB: give another file.")
    lines = [(number, words) for number, words in _lines(text) if not words[0].startswith("#")]
    table = [(number, words) for number, words in lines if not words[0][0].isalpha()]
    _read_header([line for line in lines if line[1][0][0].isalpha()])
    return _read_table(table)


def _fixed_point(values: NDArray[np.int32]) -> NDArray[np.uint8]:
    """n x 3 millionths as ASCII, ``0.123456 0.123456 0.123456`` and a new line each: all digits of all numbers at once."""
    width = _DECIMALS + 3
    text = np.empty((len(values), 3, width), dtype=np.uint8)
    text[..., 0] = ord("0") + values // _UNIT
    text[..., 1] = ord(".")
    for place in range(_DECIMALS):
        text[..., 2 + place] = ord("0") + values // 10 ** (_DECIMALS - 1 - place) % 10
    text[..., -1] = ord(" ")
    text[:, -1, -1] = ord("\n")
    return text


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """(number from 1, words) of the lines that are not empty."""
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        words = line.split()
        if words:
            yield number, words


def _read_header(lines: Sequence[tuple[int, list[str]]]) -> None:
    """NotACube unless the keywords name a 33³ table over 0-1, its size exactly once."""
    sizes = 0
    for number, (keyword, *values) in lines:
        if keyword == "LUT_3D_SIZE":
            sizes += 1
            if values != [str(SIZE)]:
                raise NotACube(f"Line {number}: the cube has {' '.join(values)[:20]} points a side: bake it with {SIZE}.")
        elif keyword in ("DOMAIN_MIN", "DOMAIN_MAX"):
            _require_domain(number, values, 0.0 if keyword == "DOMAIN_MIN" else 1.0)
        elif keyword != "TITLE":
            raise NotACube(f"Line {number}: “{keyword[:40]}” is not known here: give a 3-D .cube without shaper or metadata.")
    if sizes != 1:
        raise NotACube(f"The text does not say LUT_3D_SIZE {SIZE} exactly once: give a 3-D .cube file.")


def _require_domain(number: int, values: Sequence[str], end: float) -> None:
    if _numbers(number, values) != [end] * 3:
        raise NotACube(f"Line {number}: the cube is for another range than 0 to 1: bake it for 0 to 1.")


def _read_table(table: Sequence[tuple[int, list[str]]]) -> Cube:
    if len(table) != SIZE**3:
        raise NotACube(f"The cube has {len(table)} of its {SIZE**3} lines: it is cut short or has too many.")
    values = np.array([_numbers(number, words) for number, words in table], dtype=np.float32)
    cube = np.ascontiguousarray(values.reshape(SIZE, SIZE, SIZE, 3).transpose(2, 1, 0, 3))
    return require_cube(cube)


def _numbers(number: int, words: Sequence[str]) -> list[float]:
    """Three finite numbers; NotACube with the line."""
    try:
        values = [float(word) for word in words]
    except ValueError:
        values = []
    if len(values) != 3 or not all(math.isfinite(value) for value in values):
        raise NotACube(f"Line {number} is not three numbers: “{' '.join(words)[:40]}”.")
    return values
