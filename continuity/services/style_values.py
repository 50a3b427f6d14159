"""What a person may write into a style: each value checked against ``styles.schema.json``, and what a prompt can hold."""

import json
import re
from collections.abc import Collection, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from continuity.enums import ValueSource
from continuity.services.errors import Refused
from continuity.vision import style as measured_style
from continuity.vision.style import KEYS, unmeasured_values
from prompts.style_words import is_unsafe

SCHEMA = Path(measured_style.__file__).with_name("styles.schema.json")
MOST_ELEMENTS = 12
MOST_COLOURS = 5
LONGEST = 80
_HEX = re.compile(r"#[0-9A-Fa-f]{6}")


OWN = "own"
"""An aspect of a shot that takes nothing from its scene, and says nothing instead."""


def edited(values: Mapping[str, Any] | None, changes: Mapping[str, Mapping[str, Any]], *, origin: str) -> dict[str, Any]:
    """``values`` (None = nothing is known yet) with a person's ``changes``: {aspect: {key: value, or None = say nothing}}.

    ``origin``: id of the version that the edit makes. Refused ``style_invalid`` with what the key takes.
    """
    merged = deepcopy(dict(values)) if values is not None else unmeasured_values()
    for aspect, rows in changes.items():
        for key, value in rows.items():
            require_key(f"{aspect}.{key}")
            if value == merged[aspect][key]:  # as it was read
                continue
            merged[aspect][key] = entry(value, aspect=aspect, key=key, source=ValueSource.USER, origin=origin)
    return merged


def overrides(wished: Mapping[str, Any]) -> dict[str, Any]:
    """What a shot is to have of its own, as ``Shot.style_overrides`` holds it: per aspect ``own``, or checked values.

    ``wished``: {aspect: "own" | {key: value}}. Refused ``style_invalid`` with what the key takes.
    """
    return {aspect: rows if rows == OWN else _own_values(aspect, rows) for aspect, rows in wished.items()}


def _own_values(aspect: str, rows: Mapping[str, Any]) -> dict[str, Any]:
    for key in rows:
        require_key(f"{aspect}.{key}")
    return {key: entry(value, aspect=aspect, key=key, source=ValueSource.USER, origin="shot") for key, value in rows.items()}


def entry(value: Any, *, aspect: str, key: str, source: ValueSource, origin: str) -> dict[str, Any]:
    """One checked value with where it comes from; None = not measured."""
    told = value["value"] if isinstance(value, Mapping) and "value" in value else value  # an entry, as a style is read
    checked = _checked(told, f"{aspect}.{key}") if told is not None else None
    if checked is None:
        return {"value": None, "source": ValueSource.NOT_MEASURED.value, "confidence": None}
    return {"value": checked, "source": source.value, "confidence": None, "origin": origin}


def require_keys(names: Collection[str]) -> None:
    for name in names:
        require_key(name)


def require_key(name: str) -> None:
    """Refused unless ``name`` is an "aspect.key" of a style."""
    aspect, _, key = name.partition(".")
    if key not in KEYS.get(aspect, ()):
        known = ", ".join(KEYS.get(aspect, ())) or ", ".join(KEYS)
        raise Refused("style_invalid", f"A style has no “{name[:80]}”: there are {known}.")


def says_anything(values: Mapping[str, Any]) -> bool:
    """Whether a style has a value at all."""
    return any(row["value"] is not None for rows in values.values() for row in rows.values())


def says_the_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two styles differ in nothing but the version that their values name."""
    return _without_origins(one) == _without_origins(other)


def _without_origins(values: Mapping[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (aspect, key): {name: value for name, value in row.items() if name != "origin"}
        for aspect, rows in values.items()
        for key, row in rows.items()
    }


def _checked(value: Any, name: str) -> Any:
    if name == "colour.palette.dominant":
        return _swatches(value, name)
    if name.startswith("colour.palette."):
        return _colour(value, name)
    if name == "atmosphere.elements":
        return _elements(value, name)
    if name == "technical.blur":
        return _share(value, name)
    closed = _closed_lists().get(name)
    return _one_of(value, closed, name) if closed else _words(value, name)


@cache
def _closed_lists() -> dict[str, tuple[str, ...]]:
    """The words of each "aspect.key" that takes one of a list, from the schema."""
    aspects = json.loads(SCHEMA.read_text(encoding="utf-8"))["properties"]
    rows = {f"{aspect}.{key}": row for aspect, part in aspects.items() for key, row in part["properties"].items()}
    choices = {name: row["properties"]["value"]["anyOf"][0].get("enum", ()) for name, row in rows.items() if "properties" in row}
    return {name: tuple(words) for name, words in choices.items() if words}


def _one_of(value: Any, words: tuple[str, ...], name: str) -> str:
    if value not in words:
        raise _refused(name, f"one of {', '.join(words)}")
    return str(value)


def _colour(value: Any, name: str) -> str:
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise _refused(name, "a colour such as #1A2B3C")
    return value.upper()


def _swatches(value: Any, name: str) -> list[dict[str, Any]]:
    """Colours, or rows with a ``hex``, as a style is read; the shares are measured ones and are not kept."""
    wanted = f"a list of one to {MOST_COLOURS} different colours such as #1A2B3C"
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_COLOURS:
        raise _refused(name, wanted)
    colours = [_colour(row.get("hex") if isinstance(row, dict) else row, name) for row in value]
    if len(set(colours)) != len(colours):
        raise _refused(name, wanted)
    return [{"hex": colour, "share": None} for colour in colours]


def _elements(value: Any, name: str) -> list[str]:
    if not isinstance(value, list) or len(value) > MOST_ELEMENTS:
        raise _refused(name, f"a list of at most {MOST_ELEMENTS} short descriptions")
    said = [_words(item, name) for item in value]
    if len({item.casefold() for item in said}) != len(said):
        raise _refused(name, "a list in which nothing stands twice")
    return said


def _words(value: Any, name: str) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not text or is_unsafe(text):
        raise _refused(name, f"a plain description of at most {LONGEST} characters, without markup, options or addresses")
    return text


def _share(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise _refused(name, "a number from 0 to 1")
    return float(value)


def _refused(name: str, wanted: str) -> Refused:
    return Refused("style_invalid", f"“{name}” takes {wanted}, or null to say nothing of it.")
