"""What stands in a room, as boxes."""

import numpy as np

from continuity.providers.animatic_scene.canvas import Rgb, scaled
from continuity.providers.animatic_scene.raycast import Box, Walls

WOOD: tuple[Rgb, ...] = ((0.46, 0.30, 0.18), (0.34, 0.22, 0.15), (0.58, 0.42, 0.27))
CLOTH: tuple[Rgb, ...] = ((0.34, 0.40, 0.42), (0.52, 0.38, 0.30), (0.30, 0.34, 0.26), (0.44, 0.24, 0.22))
BOOKS: tuple[Rgb, ...] = (
    (0.50, 0.18, 0.15),
    (0.16, 0.26, 0.38),
    (0.62, 0.54, 0.38),
    (0.22, 0.32, 0.24),
    (0.28, 0.20, 0.28),
    (0.70, 0.66, 0.58),
)
TABLE_HIGH = 0.76


def furnished(rng: np.random.Generator, walls: Walls, *, accent: Rgb | None) -> tuple[tuple[Box, ...], tuple[float, float]]:
    """The boxes, and where the middle of the table is (X, z)."""
    wood = WOOD[int(rng.integers(len(WOOD)))]
    cloth = accent or CLOTH[int(rng.integers(len(CLOTH)))]
    table_x, table_z = float(rng.uniform(-0.75, -0.35)), 4.0
    boxes = [
        *_table(table_x, table_z, wood),
        *_chair(table_x - 0.95, table_z + 0.1, wood, facing=1),
        *_chair(table_x + 0.95, table_z + 0.15, wood, facing=-1),
    ]
    boxes += _shelf(rng, walls, wood)
    boxes += _sofa(walls, cloth)
    boxes += _on_table(rng, table_x, table_z)
    return tuple(boxes), (table_x, table_z)


def _table(x: float, z: float, wood: Rgb) -> list[Box]:
    legs = [
        Box((x + dx - 0.03, 0, z + dz - 0.03), (x + dx + 0.03, TABLE_HIGH - 0.04, z + dz + 0.03), scaled(wood, 0.8))
        for dx in (-0.62, 0.62)
        for dz in (-0.34, 0.34)
    ]
    return [*legs, Box((x - 0.72, TABLE_HIGH - 0.05, z - 0.42), (x + 0.72, TABLE_HIGH, z + 0.42), wood)]


def _chair(x: float, z: float, wood: Rgb, *, facing: int) -> list[Box]:
    legs = [
        Box((x + dx - 0.02, 0, z + dz - 0.02), (x + dx + 0.02, 0.44, z + dz + 0.02), scaled(wood, 0.7))
        for dx in (-0.18, 0.18)
        for dz in (-0.18, 0.18)
    ]
    back = x - facing * 0.20
    rails = [
        Box((back - 0.018, 0.44, z + dz - 0.02), (back + 0.018, 0.94, z + dz + 0.02), scaled(wood, 0.75))
        for dz in (-0.18, 0, 0.18)
    ]
    top = Box((back - 0.02, 0.86, z - 0.2), (back + 0.02, 0.95, z + 0.2), scaled(wood, 0.8))
    return [*legs, *rails, top, Box((x - 0.21, 0.43, z - 0.21), (x + 0.21, 0.47, z + 0.21), scaled(wood, 0.9))]


def _shelf(rng: np.random.Generator, walls: Walls, wood: Rgb) -> list[Box]:
    """A bookcase on the right wall, near the back."""
    right, near, far = walls.half, walls.deep - 2.5, walls.deep - 0.7
    boxes = [Box((right - 0.32, 0, near), (right, 2.05, far), scaled(wood, 0.45))]
    for board in range(6):
        low = 0.06 + board * 0.39
        boxes.append(Box((right - 0.36, low - 0.03, near), (right - 0.30, low, far), wood))
        z = near + 0.04
        while z < far - 0.08 and board < 5:
            thick, tall = float(rng.uniform(0.03, 0.075)), float(rng.uniform(0.20, 0.32))
            if rng.random() < 0.88:
                boxes.append(
                    Box(
                        (right - 0.345, low, z),
                        (right - 0.31, low + tall, z + thick),
                        scaled(BOOKS[int(rng.integers(len(BOOKS)))], float(rng.uniform(0.6, 1.0))),
                    )
                )
            z += thick + 0.004
    return boxes


def _sofa(walls: Walls, cloth: Rgb) -> list[Box]:
    """Along the left wall."""
    left = -walls.half
    return [
        Box((left, 0.08, 3.0), (left + 0.85, 0.42, 5.2), scaled(cloth, 0.85)),
        Box((left, 0.40, 3.0), (left + 0.24, 0.85, 5.2), cloth),
        Box((left, 0.40, 5.02), (left + 0.85, 0.62, 5.2), scaled(cloth, 0.95)),
        Box((left + 0.24, 0.42, 3.1), (left + 0.82, 0.52, 4.05), scaled(cloth, 1.1)),
        Box((left + 0.24, 0.42, 4.08), (left + 0.82, 0.52, 5.0), scaled(cloth, 1.1)),
    ]


def _on_table(rng: np.random.Generator, x: float, z: float) -> list[Box]:
    """A book, a bowl, a cup."""
    top = TABLE_HIGH
    book = BOOKS[int(rng.integers(len(BOOKS)))]
    return [
        Box((x - 0.42, top, z - 0.12), (x - 0.20, top + 0.035, z + 0.16), book),
        Box((x - 0.40, top + 0.035, z - 0.10), (x - 0.22, top + 0.06, z + 0.12), scaled(book, 0.7)),
        Box((x + 0.34, top, z - 0.04), (x + 0.42, top + 0.09, z + 0.04), (0.82, 0.80, 0.76)),
    ]
