"""A camera standing in a street that runs straight ahead: metres to pixels, and pictures onto walls.

X metres to the right, Y metres up from the ground, z metres ahead.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

Point = tuple[float, float]


@dataclass(frozen=True)
class Lens:
    """``focal`` in pixels; ``column`` and ``row`` of the vanishing point; ``eye`` metres above the ground."""

    focal: float
    column: float
    row: float
    eye: float = 1.55

    def project(self, x: float, y: float, z: float) -> Point:
        return self.column + self.focal * x / z, self.row + self.focal * (self.eye - y) / z

    def quad(self, *, x: float, near: float, far: float, low: float, high: float) -> list[Point]:
        """Corners of a wall along the street at ``x``: far top, near top, near bottom, far bottom."""
        return [self.project(x, high, far), self.project(x, high, near), self.project(x, low, near), self.project(x, low, far)]

    def scaled(self, share: float) -> "Lens":
        return Lens(focal=self.focal * share, column=self.column * share, row=self.row * share, eye=self.eye)


def warp_onto(plate: Image.Image, texture: Image.Image, corners: list[Point]) -> None:
    """Paste ``texture`` (its corners top left, top right, bottom right, bottom left) onto four points of ``plate``."""
    columns, rows = [corner[0] for corner in corners], [corner[1] for corner in corners]
    box = (
        max(0, int(min(columns))),
        max(0, int(min(rows))),
        min(plate.width, int(max(columns)) + 1),
        min(plate.height, int(max(rows)) + 1),
    )
    if box[0] >= box[2] or box[1] >= box[3]:
        return
    size = (box[2] - box[0], box[3] - box[1])
    targets = [(column - box[0], row - box[1]) for column, row in corners]
    width, height = texture.size
    data = _coefficients(targets, [(0, 0), (width, 0), (width, height), (0, height)])
    warped = texture.transform(size, Image.Transform.PERSPECTIVE, data, Image.Resampling.BILINEAR)
    mask = Image.new("L", texture.size, 255).transform(size, Image.Transform.PERSPECTIVE, data, Image.Resampling.BILINEAR)
    plate.paste(warped, box[:2], mask)


def _coefficients(targets: list[Point], sources: list[Point]) -> list[float]:
    """The eight numbers of Pillow's PERSPECTIVE: they take a target pixel to its source pixel."""
    rows, values = [], []
    for (x, y), (u, v) in zip(targets, sources, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return [float(value) for value in np.linalg.solve(np.asarray(rows, dtype=np.float64), np.asarray(values, dtype=np.float64))]
