"""What every point of a room receives: the window's sky and sun, lamps, what the walls throw back."""

from dataclasses import dataclass

import numpy as np

from continuity.providers.animatic_scene.canvas import Picture, Rgb, mixed
from continuity.providers.animatic_scene.light import Light
from continuity.providers.animatic_scene.raycast import (
    Box,
    Floats,
    Hits,
    Triple,
    Walls,
    shadowed,
)


@dataclass(frozen=True)
class Window:
    """In the back wall, in metres; ``bars`` panes across and up."""

    left: float = -0.25
    right: float = 1.75
    low: float = 0.85
    high: float = 2.35
    bars: tuple[int, int] = (3, 3)

    def opens_at(self, x: Floats, y: Floats) -> Floats:
        """1 where light comes through, 0 at bars and beyond the frame."""
        across, up = (x - self.left) / (self.right - self.left), (y - self.low) / (self.high - self.low)
        inside = (across > 0) & (across < 1) & (up > 0) & (up < 1)
        bar_x = np.abs((across * self.bars[0] + 0.5) % 1 - 0.5) < 0.035
        bar_y = np.abs((up * self.bars[1] + 0.5) % 1 - 0.5) < 0.03
        return np.asarray(inside & ~bar_x & ~bar_y, dtype=np.float32)


@dataclass(frozen=True)
class Lamp:
    place: Triple
    colour: Rgb
    power: float


def towards_sun(light: Light) -> Triple:
    """From the room to the sun, through the back wall. A low sun reaches far into the room."""
    height = light.sun_height if light.sun_height is not None else 0.7
    return 0.38, 0.20 + 0.55 * height, 1.0


def sun_share(points: Floats, light: Light, walls: Walls, window: Window) -> Floats:
    """0-1: whether the sun's ray through each point comes in by the window."""
    towards = towards_sun(light)
    reach = walls.deep - points[..., 2]
    return window.opens_at(points[..., 0] + towards[0] * reach, points[..., 1] + towards[1] * reach)


def daylight_on(hits: Hits, light: Light, walls: Walls, window: Window, boxes: tuple[Box, ...]) -> Picture:
    """What every point receives from the window's sky, its sun, and what the walls throw back."""
    sky = np.asarray(mixed(light.sky_middle, light.sky_horizon, 0.5), dtype=np.float32)
    day = 1 - light.dark
    thrown_back = np.asarray(mixed(light.ambient, light.sky_horizon, 0.3), dtype=np.float32) * np.float32(0.13 + 0.30 * day)
    centre: Triple = ((window.left + window.right) / 2, (window.low + window.high) / 2, walls.deep + 0.25)
    received = thrown_back * _corners(hits, walls)[..., None]
    received += sky * (_falloff(hits, centre, wide=1.3) * np.float32(0.55 + 2.3 * day))[..., None]
    if light.sun_height is not None:
        received += (
            np.asarray(light.key, dtype=np.float32) * (_sunshine(hits, light, walls, window, boxes) * np.float32(1.5))[..., None]
        )
    return received


def lamplight_on(hits: Hits, walls: Walls, lamps: list[Lamp]) -> Picture:
    received = np.zeros_like(hits.point)
    for lamp in lamps:
        share = (_falloff(hits, lamp.place, wide=0.30) + np.float32(0.05)) * np.float32(lamp.power)
        received += np.asarray(lamp.colour, dtype=np.float32) * (share * (0.4 + 0.6 * _corners(hits, walls)))[..., None]
    return received


def exposed(colour: Picture, received: Picture) -> Picture:
    """Film's shoulder: nothing clips."""
    return np.asarray(1 - np.exp(np.float32(-2.03) * colour * received), dtype=np.float32)


def _falloff(hits: Hits, place: Triple, *, wide: float) -> Floats:
    """Light of a soft source: cosine over distance squared, never infinite."""
    to_lamp = np.asarray(place, dtype=np.float32) - hits.point
    squared = (to_lamp**2).sum(axis=-1)
    cosine = (to_lamp * hits.normal).sum(axis=-1) / np.sqrt(squared + 1e-4)
    return np.asarray(np.clip(0.18 + 0.82 * cosine, 0.03, 1) / (wide + squared), dtype=np.float32)


def _corners(hits: Hits, walls: Walls) -> Floats:
    """Corners and the floor under furniture get less: 0.45-1 by the distance to the nearest other wall."""
    x, y, z = hits.point[..., 0], hits.point[..., 1], hits.point[..., 2]
    gaps = [walls.half - np.abs(x), y, walls.high - y, walls.deep - z]
    nearest = np.sort(np.stack(gaps), axis=0)[1]
    return np.asarray(0.45 + 0.55 * np.clip(nearest / 0.9, 0, 1) ** 0.6, dtype=np.float32)


def _sunshine(hits: Hits, light: Light, walls: Walls, window: Window, boxes: tuple[Box, ...]) -> Floats:
    towards = np.asarray(towards_sun(light), dtype=np.float32)
    direct = sun_share(hits.point, light, walls, window) * np.clip(
        (hits.normal * towards).sum(axis=-1) / float(np.linalg.norm(towards)), 0, 1
    )
    reached = direct > 0
    large = tuple(box for box in boxes if box.high[0] < walls.half - 0.4)
    direct[reached] *= 1 - shadowed(hits.point[reached], large, towards_sun(light)).astype(np.float32)
    return np.asarray(direct, dtype=np.float32)
