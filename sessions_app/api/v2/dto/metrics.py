"""How far the promise is kept."""

from typing import Any, Literal, TypedDict


class MetricDto(TypedDict):
    """One figure beside its target. ``value`` null: it cannot be computed; ``isMet`` null: nobody knows; ``reason`` says why.
    ``figures`` are the counts behind it."""

    value: float | None
    wanted: Literal["above", "below"]
    target: float
    isMet: bool | None
    reason: str | None
    figures: dict[str, Any]


class MetricsDto(TypedDict):
    """The metrics of the sessions made since a time; ``since`` null: of all."""

    since: str | None
    undatedSessions: int
    cutMetric: str
    metrics: dict[str, MetricDto]
