"""Where an address of the API lies: the way to it, and what can be done beneath it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

from sessions_app.api.operation import Operation

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Crumb:
    """One part of the way; ``address`` is empty where nothing can be read."""

    label: str
    address: str


@dataclass(frozen=True)
class Below:
    """An address beneath the one shown, with what can be done there."""

    label: str
    address: str
    operations: dict[str, Operation]


def operations_of(view: Any) -> dict[str, Operation]:
    """Method → what it is declared as, of a view or its class."""
    declared = {method: getattr(getattr(view, method.lower(), None), "operation", None) for method in METHODS}
    return {method: operation for method, operation in declared.items() if operation is not None}


def crumbs(path: str) -> list[Crumb]:
    """The way to ``path`` (decoded), beginning at the root of the API; the last one is where one is."""
    parts = path.strip("/").split("/")
    ways = ["/" + "/".join(parts[:number]) for number in range(2, len(parts) + 1)]
    labels = ["API " + parts[1] if len(parts) > 1 else "API", *parts[2:]]
    return [Crumb(label, quote(way) if _is_read_at(way) else "") for label, way in zip(labels, ways, strict=False)]


def _is_read_at(path: str) -> bool:
    try:
        return "GET" in operations_of(getattr(resolve(path).func, "cls", None))
    except Resolver404:
        return False


def below(route: str, path: str) -> list[Below]:
    """What is beneath ``route``, shown at ``path``: addresses that need no further id and have no nearer parent to read."""
    known = dict(_routes(get_resolver().url_patterns, ""))
    read = [known_route for known_route, operations in known.items() if "GET" in operations]
    beneath = [other for other in known if other.startswith(f"{route}/") and "<" not in other[len(route) :]]
    nearest = {
        other: max((parent for parent in read if other.startswith(f"{parent}/")), key=len, default="") for other in beneath
    }
    return [
        Below(other[len(route) + 1 :], quote(path) + other[len(route) :], known[other])
        for other in beneath
        if nearest[other] == route
    ]


def _routes(patterns: Sequence[URLPattern | URLResolver], prefix: str) -> Iterator[tuple[str, dict[str, Operation]]]:
    for entry in patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _routes(entry.url_patterns, route)
        elif operations := operations_of(getattr(entry.callback, "cls", None)):
            yield route, operations
