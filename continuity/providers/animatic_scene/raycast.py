"""Rays through every pixel of a room: what each meets (walls, then boxes), so that light can be worked out per point.

Metres: X to the right, Y up from the floor, z ahead. Arrays are float32, (height, width) or (height, width, 3).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from continuity.providers.animatic_scene.canvas import Rgb
from continuity.providers.animatic_scene.noise import Field
from continuity.providers.animatic_scene.perspective import Lens

Floats = Field
Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Box:
    """An axis-parallel block between two corners; ``glow`` 0-1 = shines in its own colour."""

    low: Triple
    high: Triple
    colour: Rgb
    glow: float = 0.0


@dataclass(frozen=True)
class Walls:
    """The room: X from ``-half`` to ``half``, Y from 0 to ``high``, the back wall at z = ``deep``."""

    half: float
    high: float
    deep: float


@dataclass
class Hits:
    """Per pixel: the point met, the surface's normal, its own colour, how much it shines by itself, and which surface
    (0 floor, 1 ceiling, 2 left, 3 right, 4 back, 5 a box)."""

    point: Floats
    normal: Floats
    colour: Floats
    glow: Floats
    surface: NDArray[np.int8]


def ray_directions(lens: Lens, *, height: int, width: int) -> Floats:
    """(height, width, 3), z component 1: from the eye at (0, eye, 0)."""
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32) + 0.5, np.arange(height, dtype=np.float32) + 0.5)
    across, up = (columns - lens.column) / lens.focal, (lens.row - rows) / lens.focal
    return np.stack([across, up, np.ones_like(across)], axis=-1).astype(np.float32)


def meet_walls(rays: Floats, lens: Lens, walls: Walls, colours: tuple[Rgb, Rgb, Rgb, Rgb, Rgb]) -> Hits:
    """The inside of the room: ``colours`` of floor, ceiling, left, right and back."""
    across, up = rays[..., 0], rays[..., 1]
    far = np.float32(1e6)
    with np.errstate(divide="ignore"):
        reach = np.stack([
            np.where(up < 0, -lens.eye / np.minimum(up, -1e-6), far),
            np.where(up > 0, (walls.high - lens.eye) / np.maximum(up, 1e-6), far),
            np.where(across < 0, -walls.half / np.minimum(across, -1e-6), far),
            np.where(across > 0, walls.half / np.maximum(across, 1e-6), far),
            np.full_like(across, walls.deep),
        ])  # fmt: skip
    surface = reach.argmin(axis=0).astype(np.int8)
    depth = reach.min(axis=0)
    normals = np.asarray([(0, 1, 0), (0, -1, 0), (1, 0, 0), (-1, 0, 0), (0, 0, -1)], dtype=np.float32)
    point = rays * depth[..., None] + np.asarray((0, lens.eye, 0), dtype=np.float32)
    return Hits(
        point=point.astype(np.float32),
        normal=normals[surface],
        colour=np.asarray(colours, dtype=np.float32)[surface],
        glow=np.zeros(depth.shape, dtype=np.float32),
        surface=surface,
    )


def meet_box(hits: Hits, rays: Floats, lens: Lens, box: Box) -> None:
    """Put a box into ``hits`` where it is nearer. Works on the part of the picture that it can cover."""
    window = _window(box, lens, hits.glow.shape)
    if window is None:
        return
    part = rays[window]
    eye = np.asarray((0, lens.eye, 0), dtype=np.float32)
    safe = np.where(np.abs(part) < 1e-6, np.float32(1e-6), part)
    first, second = (np.asarray(box.low, dtype=np.float32) - eye) / safe, (np.asarray(box.high, dtype=np.float32) - eye) / safe
    entry, leave = np.minimum(first, second), np.maximum(first, second)
    near, far = entry.max(axis=-1), leave.min(axis=-1)
    met = (near < far) & (near > 0.05) & (near < hits.point[window][..., 2] - 1e-4)
    axis = entry.argmax(axis=-1)
    normal = -np.sign(np.take_along_axis(part, axis[..., None], axis=-1)) * np.eye(3, dtype=np.float32)[axis]
    hits.point[window][met] = (part * near[..., None] + eye)[met]
    hits.normal[window][met] = normal[met]
    hits.colour[window][met] = np.asarray(box.colour, dtype=np.float32)
    hits.glow[window][met] = box.glow
    hits.surface[window][met] = 5


def shadowed(points: Floats, boxes: tuple[Box, ...], towards: Triple) -> NDArray[np.bool_]:
    """Whether a box stands between each point (n, 3) and the sun in direction ``towards``."""
    direction = np.asarray(towards, dtype=np.float32)
    start = points + direction * np.float32(0.02)
    hidden = np.zeros(len(points), dtype=np.bool_)
    for box in boxes:
        first, second = (
            (np.asarray(box.low, dtype=np.float32) - start) / direction,
            (np.asarray(box.high, dtype=np.float32) - start) / direction,
        )
        hidden |= np.minimum(first, second).max(axis=1) < np.minimum(np.maximum(first, second).min(axis=1), 1e3)
    return hidden


def _window(box: Box, lens: Lens, shape: tuple[int, ...]) -> tuple[slice, slice] | None:
    corners = [
        lens.project(x, y, max(0.2, z))
        for x in (box.low[0], box.high[0])
        for y in (box.low[1], box.high[1])
        for z in (box.low[2], box.high[2])
    ]
    left, right = max(0, int(min(x for x, _ in corners)) - 1), min(shape[1], int(max(x for x, _ in corners)) + 2)
    top, bottom = max(0, int(min(y for _, y in corners)) - 1), min(shape[0], int(max(y for _, y in corners)) + 2)
    return (slice(top, bottom), slice(left, right)) if left < right and top < bottom else None
