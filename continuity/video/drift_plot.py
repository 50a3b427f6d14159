"""The drift ledger as a picture: above the scores of each shot, below how far its grade is from the base.

What was not measured is a gap in its line, never a zero. A shot that was asked to differ has a ring and no line.
"""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from continuity.enums import Band
from continuity.video.plot_shapes import Drawing, Line, Mark, Shape, Words, svg_of, write_png_of
from continuity.vision.drift_ledger import DriftPoint, DriftTrend, drift_trend, in_order
from continuity.vision.scene_score import CHECK_FROM, MATCHES_FROM

__all__ = ["DriftPoint", "svg", "write_png"]

WIDTH, LEFT, RIGHT = 760, 44, 96
PANEL_HEIGHT, PANEL_TOPS, FOOT = 150, (48, 268), 52
FAINT, SOFT = 0.25, 0.7
RADIUS = 5
MOST_NUMBERS = 30
"""Of more shots than this not every number is written."""
BAND_SHAPES: dict[Band | None, Shape] = {Band.MATCHES: "disc", Band.CHECK: "diamond", Band.JUMP: "square", None: "disc"}
BAND_MIDDLES = {Band.MATCHES: (1 + MATCHES_FROM) / 2, Band.CHECK: (MATCHES_FROM + CHECK_FROM) / 2, Band.JUMP: CHECK_FROM / 2}

LOWEST_TOP = 5
"""ΔE2000 that the scale shows at least, so that nothing looks like much."""

Values = Sequence[tuple[DriftPoint, float | None]]


@dataclass(frozen=True)
class _Panel:
    """Where a shot and a value lie in the drawing; ``top_value`` is at the upper edge, 0 at the lower one."""

    top: float
    top_value: float
    numbers: Sequence[int]

    @property
    def right(self) -> float:
        return WIDTH - RIGHT

    def x(self, number: float) -> float:
        first, last = self.numbers[0], self.numbers[-1]
        share = 0.5 if first == last else (number - first) / (last - first)
        return LEFT + 16 + share * (self.right - LEFT - 32)

    def y(self, value: float) -> float:
        return self.top + PANEL_HEIGHT * (1 - value / self.top_value)


def svg(points: Sequence[DriftPoint], *, limit: float | None = None, name: str = "drift") -> str:
    """Inline SVG for a page, for screen readers too. ``limit``: ΔE2000 past which a fresh anchor is due, None = no line;
    ``name`` begins the element's ids. ValueError for no shot or one shot twice."""
    return svg_of(_drawing(points, limit=limit), name=name)


def write_png(points: Sequence[DriftPoint], target: Path, *, limit: float | None = None) -> None:
    """The same picture as PNG, 1520 pixels wide. Raises as ``svg``."""
    write_png_of(_drawing(points, limit=limit), target)


def _drawing(points: Sequence[DriftPoint], *, limit: float | None) -> Drawing:
    if not points:
        raise ValueError("A drift plot needs at least one shot.")
    ordered, trend = in_order(points), drift_trend(points)
    numbers = [point.number for point in ordered]
    scores = _Panel(PANEL_TOPS[0], 1, numbers)
    grades = _Panel(PANEL_TOPS[1], _top_of_scale(ordered, trend, limit), numbers)
    return Drawing(
        width=WIDTH,
        height=PANEL_TOPS[1] + PANEL_HEIGHT + FOOT,
        title=f"Drift of {len(ordered)} {'shot' if len(ordered) == 1 else 'shots'} along the scene",
        told=_told(ordered, trend, limit),
        shapes=[*_score_panel(scores, ordered), *_grade_panel(grades, ordered, trend, limit), *_foot(grades, ordered)],
    )


def _score_panel(panel: _Panel, points: Sequence[DriftPoint]) -> Iterator[Line | Mark | Words]:
    yield Words((LEFT, panel.top - 14), "Scene score", size=13)
    yield Words((panel.right, panel.top - 14), "line: against the shot before · dashes: against the base", "end", strength=SOFT)
    yield from _scale(panel, (0, CHECK_FROM, MATCHES_FROM, 1))
    for band, middle in BAND_MIDDLES.items():
        yield Words((panel.right + 8, panel.y(middle) + 4), band.value, strength=SOFT)
    to_base = [(point, point.score_to_base) for point in points]
    to_previous = [(point, point.score_to_previous) for point in points]
    yield from _lines(panel, to_base, name="score-to-base", strength=SOFT, dash=(5, 4))
    yield from _marks(panel, to_base, lambda point, _: "disc", name="score-to-base", share=0.6)
    yield from _lines(panel, to_previous, name="score-to-previous")
    yield from _marks(panel, to_previous, lambda point, _: BAND_SHAPES[point.band], name="score-to-previous", share=1)
    if all(value is None for _, value in to_base + to_previous):
        yield _not_measured(panel)


def _grade_panel(
    panel: _Panel, points: Sequence[DriftPoint], trend: DriftTrend | None, limit: float | None
) -> Iterator[Line | Mark | Words]:
    yield Words((LEFT, panel.top - 14), "Grade against the base, ΔE2000", size=13)
    yield from _scale(panel, _ticks(panel.top_value))
    if limit is not None:
        yield Line((LEFT, panel.y(limit)), (panel.right, panel.y(limit)), "limit", width=1.5, dash=(8, 4))
        yield Words((panel.right + 8, panel.y(limit) + 4), f"limit {limit:g}")
    if trend is not None:
        start, end = ((panel.x(number), panel.y(trend.at(number))) for number in _shown_of(trend))
        yield Line(start, end, "trend", width=1.5, strength=SOFT, dash=(2, 3))
        yield Words((panel.right, panel.top - 14), f"dots: the trend, {_signed(trend.slope)} per shot", "end", strength=SOFT)
    values = [(point, point.delta_e_to_base) for point in points]
    yield from _lines(panel, values, name="delta-e")
    yield from _marks(
        panel, values, lambda _, value: "square" if limit is not None and value > limit else "disc", name="delta-e", share=1
    )
    if all(value is None for _, value in values):
        yield _not_measured(panel)


def _foot(panel: _Panel, points: Sequence[DriftPoint]) -> Iterator[Words]:
    """The shots' numbers, and what the star at some of them means."""
    foot = panel.top + PANEL_HEIGHT
    every = math.ceil(len(points) / MOST_NUMBERS)
    for point in points[::every]:
        yield Words((panel.x(point.number), foot + 18), f"{point.number}{'*' * point.is_overridden}", "middle")
    yield Words((LEFT - 8, foot + 18), "shot", "end", strength=SOFT)
    if any(point.is_overridden for point in points):
        yield Words((LEFT, foot + 40), "* asked to differ: a ring, left out of lines, trend and limit", strength=SOFT)


def _scale(panel: _Panel, ticks: Sequence[float]) -> Iterator[Line | Words]:
    for tick in ticks:
        yield Line((LEFT, panel.y(tick)), (panel.right, panel.y(tick)), "grid", strength=FAINT)
        yield Words((LEFT - 8, panel.y(tick) + 4), f"{tick:g}", "end", strength=SOFT)


def _lines(
    panel: _Panel, values: Values, *, name: str, strength: float = 1, dash: tuple[float, float] | None = None
) -> Iterator[Line]:
    """Between two neighbours that were both measured and neither asked to differ."""
    drawn = [(point.number, None if point.is_overridden else value) for point, value in values]
    for (number, value), (following, next_value) in itertools.pairwise(drawn):
        if value is not None and next_value is not None:
            start, end = (panel.x(number), panel.y(value)), (panel.x(following), panel.y(next_value))
            yield Line(start, end, name, width=1.5, strength=strength, dash=dash)


def _marks(
    panel: _Panel, values: Values, shape_of: Callable[[DriftPoint, float], Shape], *, name: str, share: float
) -> Iterator[Mark]:
    """``share``: how large, of the mark that so many shots leave room for."""
    radius = share * (RADIUS if len(values) <= MOST_NUMBERS else RADIUS / 2)
    for point, value in values:
        if value is not None:
            shape = "ring" if point.is_overridden else shape_of(point, value)
            yield Mark((panel.x(point.number), panel.y(value)), shape, name, _told_shot(point), radius)


def _not_measured(panel: _Panel) -> Words:
    return Words(((LEFT + panel.right) / 2, panel.top + PANEL_HEIGHT - 10), "not measured", "middle", strength=SOFT)


def _top_of_scale(points: Sequence[DriftPoint], trend: DriftTrend | None, limit: float | None) -> float:
    """The tick above everything that is shown."""
    shown = [point.delta_e_to_base for point in points if point.delta_e_to_base is not None]
    ends = [trend.at(trend.first), trend.at(trend.last)] if trend else []
    highest = max([LOWEST_TOP, limit or 0, *shown, *ends])
    step = _step(highest)
    return step * math.ceil(highest * 1.05 / step)


def _ticks(top: float) -> list[float]:
    step = _step(top)
    return [step * count for count in range(math.floor(top / step) + 1)]


def _step(top: float) -> float:
    """1, 2 or 5 times a power of ten, of which ``top`` holds at most five."""
    power: float = 10.0 ** math.floor(math.log10(top / 5))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor * 5 >= top)


def _shown_of(trend: DriftTrend) -> tuple[float, float]:
    """From which to which shot the line is drawn: where it is not below zero, which no difference is."""
    first, last = float(trend.first), float(trend.last)
    if trend.at(first) < 0:
        first = -trend.height / trend.slope
    elif trend.at(last) < 0:
        last = -trend.height / trend.slope
    return first, last


def _told(points: Sequence[DriftPoint], trend: DriftTrend | None, limit: float | None) -> str:
    sentences = [_told_shot(point) for point in points]
    if limit is not None:
        sentences.append(f"The limit against the base is ΔE {limit:g}.")
    if trend is not None:
        sentences.append(f"The trend is {_signed(trend.slope)} ΔE per shot.")
    return " ".join(sentences)


def _told_shot(point: DriftPoint) -> str:
    name = f"Shot {point.number}, {point.label}" if point.label.strip() else f"Shot {point.number}"
    band = f" ({point.band.value})" if point.band else ""
    parts = [
        f"score against the shot before {_number(point.score_to_previous)}{band}",
        f"against the base {_number(point.score_to_base)}",
        f"ΔE against the base {_number(point.delta_e_to_base)}",
        *(["asked to differ"] if point.is_overridden else []),
    ]
    return f"{name}: {', '.join(parts)}."


def _number(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.2f}"


def _signed(value: float) -> str:
    """Two places; what rounds to nothing has no minus."""
    return f"{round(value, 2) + 0:+.2f}"
