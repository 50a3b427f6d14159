"""What a room's floor and walls wear: boards, a rug, pictures, curtains."""

import numpy as np

from continuity.providers.animatic_scene.canvas import Rgb, mixed, scaled
from continuity.providers.animatic_scene.noise import cloud_noise
from continuity.providers.animatic_scene.raycast import (
    Box,
    Hits,
    Walls,
)
from continuity.providers.animatic_scene.room_light import Window


def lay_boards(hits: Hits, rng: np.random.Generator) -> None:
    """Floor boards that run away from the camera."""
    floor = hits.surface == 0
    x, z = hits.point[..., 0], hits.point[..., 2]
    board = np.floor(x / 0.16).astype(np.int32)
    tones = rng.uniform(0.82, 1.15, 512).astype(np.float32)
    grain = cloud_noise(rng, height=256, width=256, cell=40, octaves=4, stretch=0.25)
    texture = 0.88 + 0.24 * grain[(np.abs(z) * 40).astype(np.int32) % 256, (np.abs(x) * 160 + board * 37).astype(np.int32) % 256]
    gap = np.clip(np.abs((x / 0.16) % 1 - 0.5) * 2 - 0.95, 0, 0.05) / 0.05
    hits.colour[floor] *= (tones[board % 512] * texture * (1 - 0.45 * gap))[floor][:, None]


def lay_rug(hits: Hits, rng: np.random.Generator) -> None:
    x, z = hits.point[..., 0], hits.point[..., 2]
    hue = ((0.50, 0.20, 0.16), (0.20, 0.26, 0.36), (0.44, 0.36, 0.24))[int(rng.integers(3))]
    across, along = np.abs(x + 0.3) / 1.7, np.abs(z - 3.9) / 1.15
    on = (hits.surface == 0) & (across < 1) & (along < 1)
    edge = np.maximum(across, along)
    border = ((edge > 0.86) & (edge < 0.93))[..., None]
    tone = np.where(border, np.asarray((0.72, 0.64, 0.50)), np.asarray(hue)).astype(np.float32)
    hits.colour[on] = tone[on]


def dress_walls(hits: Hits, rng: np.random.Generator, wall: Rgb) -> None:
    """Skirting boards and pictures on the walls."""
    x, y, z = hits.point[..., 0], hits.point[..., 1], hits.point[..., 2]
    upright = (hits.surface >= 2) & (hits.surface <= 4)
    hits.colour[upright & (y < 0.12)] = np.asarray(scaled(wall, 1.2), dtype=np.float32)
    frames = [(4, x, -1.85, -1.05, 1.25, 1.95), (2, z, 3.4, 4.3, 1.25, 1.85), (2, z, 4.6, 5.2, 1.35, 1.8)]
    for surface, along, start, end, low, high in frames:
        paint = mixed((float(rng.random()), float(rng.random()), float(rng.random())), (0.4, 0.36, 0.3), 0.6)
        for inset, colour in ((0.0, (0.16, 0.12, 0.09)), (0.05, (0.80, 0.77, 0.70)), (0.13, paint)):
            inside = (
                (hits.surface == surface)
                & (along > start + inset)
                & (along < end - inset)
                & (y > low + inset)
                & (y < high - inset)
            )
            hits.colour[inside] = np.asarray(colour, dtype=np.float32)


def hang_curtains(window: Window, walls: Walls, rng: np.random.Generator) -> list[Box]:
    """Folds on both sides of the window, and the rail."""
    cloth = ((0.74, 0.68, 0.58), (0.56, 0.60, 0.62), (0.66, 0.50, 0.42))[int(rng.integers(3))]
    boxes = [
        Box(
            (window.left - 0.55, window.high + 0.16, walls.deep - 0.12),
            (window.right + 0.55, window.high + 0.19, walls.deep - 0.09),
            (0.2, 0.16, 0.12),
        )
    ]
    for side, start in ((-1, window.left - 0.42), (1, window.right - 0.04)):
        for fold in range(8):
            x = start + fold * 0.0575
            depth = 0.05 + 0.05 * float(np.sin(fold * 2.1 + side) ** 2)
            boxes.append(
                Box(
                    (x, 0.12, walls.deep - depth - 0.02),
                    (x + 0.0575, window.high + 0.16, walls.deep - 0.01),
                    scaled(cloth, float(rng.uniform(0.8, 1.08))),
                )
            )
    return boxes
