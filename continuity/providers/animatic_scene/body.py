"""Parts of a body, painted with roundness, folds and a rim of light.

A part is a column of rows, each with a left and a right edge; across a row ``u`` runs -1 to 1, which gives the
roundness, the folds and the rim. Lengths are shares of the body's height: 0 = crown, 1 = the ground.
"""

from dataclasses import dataclass

import numpy as np

from continuity.providers.animatic_scene.canvas import Picture, Rgb
from continuity.providers.animatic_scene.noise import Field, line_noise

Knots = tuple[tuple[float, float, float], ...]


@dataclass(frozen=True)
class Glow:
    """The light on a person: ``ambient`` multiplies the surface, ``left`` and ``right`` rim the edges, ``top`` falls on
    crown and shoulders."""

    ambient: Rgb
    left: Rgb
    right: Rgb
    top: Rgb


class Canvas:
    """Where parts are painted, nearer ones over farther ones."""

    def __init__(self, *, width: int, height: int, scale: float, top: float, glow: Glow, rng: np.random.Generator) -> None:
        self.width, self.height, self.scale, self.top = width, height, scale, top
        self.glow, self.rng = glow, rng
        base = np.asarray(glow.ambient, dtype=np.float32) * 0.4
        self.picture: Picture = np.broadcast_to(base, (height, width, 3)).copy()
        self.cover: Field = np.zeros((height, width), dtype=np.float32)

    def part(
        self,
        knots: Knots,
        colour: Rgb,
        *,
        folds: float = 0.0,
        fold_count: float = 6.0,
        rim: float = 1.0,
        gloss: float = 0.0,
        shade: float = 1.0,
        soft: float = 1.0,
    ) -> None:
        """Paint one part. ``knots`` are (row, left, right) from top to bottom; ``folds`` 0-1 how deep, ``fold_count`` how
        many; ``rim`` how much edge light; ``gloss`` a band of top light; ``soft`` the edge's width in pixels."""
        first = max(0, int((knots[0][0] - self.top) * self.scale) - 1)
        last = min(self.height, int((knots[-1][0] - self.top) * self.scale) + 2)
        if first >= last:
            return
        places = (np.arange(first, last, dtype=np.float32) + 0.5) / self.scale + self.top
        left, right = _edges(knots, places, self.scale)
        from_column = max(0, int((left.min()) * self.scale + self.width / 2) - 3)
        to_column = min(self.width, int((right.max()) * self.scale + self.width / 2) + 4)
        if from_column >= to_column:
            return
        x = ((np.arange(from_column, to_column, dtype=np.float32) + 0.5 - self.width / 2) / self.scale)[None, :]
        mask = np.clip(np.minimum(x - left[:, None], right[:, None] - x) * self.scale / soft + 0.5, 0, 1)
        ends = np.clip(np.minimum(places - knots[0][0], knots[-1][0] - places) * self.scale + 0.5, 0, 1)
        mask = mask * ends[:, None]
        across = (2 * x - left[:, None] - right[:, None]) / np.maximum(right - left, 1e-5)[:, None]
        down = (places - knots[0][0]) / (knots[-1][0] - knots[0][0])
        tones = self._tones(
            np.clip(across, -1, 1), down[:, None], colour, folds=folds, fold_count=fold_count, rim=rim, gloss=gloss, shade=shade
        )
        window = (slice(first, last), slice(from_column, to_column))
        self.picture[window] += (tones - self.picture[window]) * mask[..., None]
        self.cover[window] = np.maximum(self.cover[window], mask)

    def _tones(
        self, across: Field, down: Field, colour: Rgb, *, folds: float, fold_count: float, rim: float, gloss: float, shade: float
    ) -> Picture:
        surface = np.asarray(colour, dtype=np.float32)
        roundness = np.sqrt(np.maximum(0, 1 - across * across))
        body = (0.55 + 0.45 * roundness) * shade
        if folds:
            noise = line_noise(self.rng, length=512, cell=512 / fold_count / 2, octaves=3)
            drift = across * (1 - 0.12 * down) + 0.05 * np.sin(5 * down + 2)
            index = np.clip((drift + 1.2) / 2.4 * 511, 0, 511).astype(np.int32)
            body = body * (1 + folds * (0.35 + 0.65 * down) * (noise[index] - 0.5) * 2)
        strands = noise[index] if folds else np.float32(0.7)
        edge = np.clip((np.abs(across) - 0.58) / 0.42, 0, 1) ** 2 * rim
        side = (across + 1) / 2
        glow = self.glow
        rim_light = np.asarray(glow.left) * (1 - side)[..., None] + np.asarray(glow.right) * side[..., None]
        sheen = np.exp(-(((down - 0.19 - 0.05 * across * across) / 0.075) ** 2)) + 0.35 * np.exp(-(((down - 0.62) / 0.16) ** 2))
        band = sheen * roundness * gloss * np.clip(strands * 2.4 - 0.7, 0, 1) + np.exp(-down / 0.05) * 0.25 * rim
        lit = surface * np.asarray(glow.ambient) * body[..., None]
        lit = lit + edge[..., None] * rim_light * (0.30 + 0.70 * surface)
        lit = lit + band[..., None] * np.asarray(glow.top) * (0.35 + 0.65 * surface)
        return np.asarray(np.clip(lit, 0, 1), dtype=np.float32)


def _edges(knots: Knots, places: Field, scale: float) -> tuple[Field, Field]:
    """Left and right edge at each row, rounded at the knots."""
    rows = [knot[0] for knot in knots]
    spread = max(1, int(0.008 * scale))
    edges = []
    for side in (1, 2):
        line = np.interp(places, rows, [knot[side] for knot in knots])
        padded = np.pad(line, spread, mode="edge")
        window = np.hanning(2 * spread + 3)[1:-1]
        edges.append(np.convolve(padded, window / window.sum(), mode="valid").astype(np.float32))
    return edges[0], edges[1]


def symmetric(knots: tuple[tuple[float, float], ...], centre: float = 0.0) -> Knots:
    return tuple((row, centre - half, centre + half) for row, half in knots)


def dome(half: float, row: float, start: float = 0.0) -> Knots:
    """The rows of a rounded top: half an ellipse from ``start`` down to ``row``, where it is ``half`` wide."""
    steps = 1 - np.cos(np.linspace(0, np.pi / 2, 14))[:-1]
    return tuple(
        (
            start + (row - start) * float(step),
            -half * float(np.sqrt(1 - (1 - step) ** 2)),
            half * float(np.sqrt(1 - (1 - step) ** 2)),
        )
        for step in steps
    )
