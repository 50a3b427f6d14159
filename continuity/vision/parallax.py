"""A picture seen from a step aside, by its depth: every pixel moves by how near it is, and the nearer hides the farther.

First the depth is moved forward, the nearest winning each place; then each place looks up its colour where that depth came
from. So no place is painted twice, nothing is softened twice, and what nothing came to is a hole.
"""

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from continuity.vision.filling import Mask
from continuity.vision.scale import Picture

SAME_SURFACE = 0.1
"""Two places whose nearness differs by no more belong to one surface."""
NOTHING = np.float32(-1)

Depth = NDArray[Any]
Nearness = NDArray[np.float32]
Positions = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Warped:
    """``holes`` = what nothing came to; ``background`` = the farther one of what lies around, to fill them from."""

    picture: Picture
    holes: Mask
    background: Mask


@dataclass(frozen=True)
class _Camera:
    """Where a place at (row, column) of that nearness is seen, and back."""

    height: int
    width: int
    yaw: float
    pitch: float
    dolly: float

    def forward(self, rows: Positions, columns: Positions, nearness: Nearness) -> tuple[Positions, Positions]:
        scale = 1 + self.dolly * nearness
        middle_row, middle_column = (self.height - 1) / 2, (self.width - 1) / 2
        return (
            middle_row + (rows - middle_row) * scale + self.pitch * self.height * nearness,
            middle_column + (columns - middle_column) * scale - self.yaw * self.width * nearness,
        )

    def back(self, rows: Positions, columns: Positions, nearness: Nearness) -> tuple[Positions, Positions]:
        scale = 1 + self.dolly * nearness
        middle_row, middle_column = (self.height - 1) / 2, (self.width - 1) / 2
        return (
            middle_row + (rows - middle_row - self.pitch * self.height * nearness) / scale,
            middle_column + (columns - middle_column + self.yaw * self.width * nearness) / scale,
        )

    @property
    def reach(self) -> int:
        """Pixels by which anything moves at most, and a few more."""
        sides = (abs(self.yaw) + abs(self.dolly) / 2) * self.width, (abs(self.pitch) + abs(self.dolly) / 2) * self.height
        return math.ceil(max(sides)) + 4


def warp(picture: Picture, nearness: Nearness, *, yaw: float, pitch: float, dolly: float) -> Warped:
    """``nearness`` height x width, 0 (stays) to 1 (moves by the whole step); ``yaw`` and ``pitch`` shares of the frame,
    ``dolly`` from -0.5 to 1. What the picture shows in the holes is undefined."""
    height, width = picture.shape[:2]
    camera = _Camera(height, width, yaw=yaw, pitch=pitch, dolly=dolly)
    seen = _moved(nearness, camera)
    rows, columns = np.meshgrid(np.arange(height, dtype=np.float32), np.arange(width, dtype=np.float32), indexing="ij")
    source_rows, source_columns = camera.back(rows, columns, np.maximum(seen, 0))
    background, holes = _background(seen, camera.reach), seen == NOTHING
    return Warped(_looked_up(picture, source_rows, source_columns), holes, background if background.any() else ~holes)


def _moved(nearness: Nearness, camera: _Camera) -> Nearness:
    """The nearest of what comes to each place, NOTHING where nothing does. Every pixel goes as four quarters, so that what
    lies behind does not shine through a surface that grows, up to twice its size."""
    seen = np.full(nearness.shape, NOTHING)
    farthest_first = np.argsort(np.rint(nearness * 65535).astype(np.uint16), axis=None, kind="stable")
    rows, columns = np.unravel_index(farthest_first, nearness.shape)
    values = nearness.ravel()[farthest_first]
    for row_step, column_step in itertools.product((-0.25, 0.25), repeat=2):
        layer = np.full(nearness.shape, NOTHING)
        to_rows, to_columns = camera.forward(
            (rows + row_step).astype(np.float32), (columns + column_step).astype(np.float32), values
        )
        to_rows, to_columns = np.rint(to_rows).astype(np.intp), np.rint(to_columns).astype(np.intp)
        inside = (to_rows >= 0) & (to_rows < camera.height) & (to_columns >= 0) & (to_columns < camera.width)
        # Of equal places the last is kept, and it is the nearest.
        layer[to_rows[inside], to_columns[inside]] = values[inside]
        seen = np.maximum(seen, layer)
    return seen


def _background(seen: Nearness, reach: int) -> Mask:
    """Around the holes, the farther half of what lies there, all of it where that is one surface: a hole is what a nearer
    thing hid, so the thing itself has nothing to say about it. ``reach`` = pixels that a hole is wide at most."""
    beside_holes = _highest_around(np.where(seen == NOTHING, 1, 0).astype(np.float32), reach) > 0
    highest = _highest_around(seen, 2 * reach)
    lowest = -_highest_around(np.where(seen == NOTHING, -np.inf, -seen).astype(np.float32), 2 * reach)
    farther = (seen <= (highest + lowest) / 2) | (highest - lowest <= SAME_SURFACE)
    return np.asarray(beside_holes & farther & (seen != NOTHING))


def _highest_around(values: Nearness, reach: int) -> Nearness:
    """The maximum of the square of ``2 · reach + 1`` pixels around each; reach is doubled step by step."""
    for axis in (0, 1):
        done = 0
        while done < reach:
            step = min(done + 1, reach - done)
            values = np.maximum(values, np.maximum(_shifted(values, step, axis), _shifted(values, -step, axis)))
            done += step
    return values


def _shifted(values: Nearness, step: int, axis: int) -> Nearness:
    """What lies ``step`` further, the edge's own value beyond the edge."""
    places = np.clip(np.arange(values.shape[axis]) + step, 0, values.shape[axis] - 1)
    return np.take(values, places, axis=axis)


def _looked_up(picture: Picture, rows: Positions, columns: Positions) -> Picture:
    """Bicubic (Catmull-Rom: Keys, "Cubic convolution interpolation", 1981, a = -1/2), the picture's edge going on."""
    top, left = np.floor(rows).astype(np.intp), np.floor(columns).astype(np.intp)
    total = np.zeros(picture.shape, dtype=np.float32)
    for row, column in itertools.product(range(-1, 3), repeat=2):
        weight = _keys(rows - (top + row)) * _keys(columns - (left + column))
        taken = picture[np.clip(top + row, 0, picture.shape[0] - 1), np.clip(left + column, 0, picture.shape[1] - 1)]
        total += weight[..., np.newaxis] * taken
    return np.clip(np.rint(total), 0, 255).astype(np.uint8)


def _keys(distance: Positions) -> NDArray[np.float32]:
    far = np.abs(distance).astype(np.float32)
    near = (1.5 * far - 2.5) * far**2 + 1
    outer = ((-0.5 * far + 2.5) * far - 4) * far + 2
    return np.where(far <= 1, near, np.where(far < 2, outer, 0)).astype(np.float32)
