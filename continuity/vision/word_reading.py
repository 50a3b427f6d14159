"""A vision model's answer about one frame, read value by value (``words.schema.json``). Pure.

The answer is untrusted. A value that is not what was asked for is left out with the reason, and costs no other value.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from continuity.vision.plain_words import UnfitWord, one_of, plain_words, read_colour

SCHEMA = Path(__file__).with_name("words.schema.json")
ELEMENTS = "atmosphere.elements"
_COLOUR = "colour."

Value = str | tuple[str, ...]


@dataclass(frozen=True)
class FrameWords:
    """What one answer says of one frame, by "aspect.key".

    ``values``: phrases, words of the closed lists, colours as ``#RRGGBB``, elements as a tuple (perhaps empty).
    ``unseen``: keys of which the model says that the frame does not show them. ``refused``: key -> why its value is not
    kept, a sentence; an element that is not kept is told here beside those that are.
    """

    values: Mapping[str, Value]
    unseen: frozenset[str]
    refused: Mapping[str, str]


@cache
def words_schema() -> Mapping[str, Any]:
    """The JSON Schema that the model is given, and that its answer is read by."""
    schema: Mapping[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return schema


@cache
def word_keys() -> tuple[str, ...]:
    """Every "aspect.key" that the model is asked for, in order."""
    return tuple(key for key, _ in _rows())


def read_words(data: Mapping[str, object]) -> FrameWords:
    """Read the ``data`` of a VisionAnswer. Never raises: what is missing or of another type is refused like any other value."""
    values: dict[str, Value] = {}
    unseen: set[str] = set()
    refused: dict[str, str] = {}
    for key, row in _rows():
        try:
            value = _value(key, row, _at(data, key), refused)
        except UnfitWord as error:
            refused[key] = _sentence(error)
            continue
        if value is None:
            unseen.add(key)
        else:
            values[key] = value
    _refuse_another_language(values, refused)
    return FrameWords(values, frozenset(unseen), refused)


def _rows() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The keys of Style.values with the row of the schema; the palette is colour's there, and stands alone in the schema."""
    for branch, rows in words_schema()["properties"].items():
        aspect = _COLOUR + branch if branch == "palette" else branch
        for name, row in rows["properties"].items():
            yield f"{aspect}.{name}", row


def _at(data: Mapping[str, object], key: str) -> object:
    branch, name = key.removeprefix(_COLOUR).split(".", 1)
    rows = data.get(branch)
    if not isinstance(rows, dict) or name not in rows:
        raise UnfitWord("is missing")
    return rows[name]


def _value(key: str, row: Mapping[str, Any], value: object, refused: dict[str, str]) -> Value | None:
    if key == ELEMENTS:
        return _elements(value, row, refused)
    if key.startswith(_COLOUR):
        return read_colour(value)
    return one_of(value, row["enum"]) if "enum" in row else plain_words(value, longest=row["maxLength"])


def _elements(value: object, row: Mapping[str, Any], refused: dict[str, str]) -> tuple[str, ...]:
    """Those elements that are plain words, each once; the first reason against the others goes into ``refused``."""
    if not isinstance(value, list):
        raise UnfitWord("is no list")
    if len(value) > row["maxItems"]:
        raise UnfitWord(f"has more than {row['maxItems']} items")
    kept: dict[str, str] = {}
    for item in value:
        try:
            phrase = plain_words(item, longest=row["items"]["maxLength"])
        except UnfitWord as error:
            refused.setdefault(ELEMENTS, f"One of them {error}, so it is left out.")
        else:
            kept |= {phrase.casefold(): phrase} if phrase and phrase.casefold() not in kept else {}
    if value and not kept and ELEMENTS in refused:
        raise UnfitWord("has no item that is a plain description")
    return tuple(kept.values())


def _refuse_another_language(values: dict[str, Value], refused: dict[str, str]) -> None:
    """Where no word of any closed list is one that was asked for, the free text is not English either, plain as it may be."""
    closed = [key for key, row in _rows() if "enum" in row]
    missed = [key for key in closed if key in refused]
    if len(missed) < 2 or any(key in values for key in closed):
        return
    for key in [key for key in values if not key.startswith(_COLOUR)]:
        refused[key] = _sentence(UnfitWord("stands in an answer that is not in the words that were asked for"))
        del values[key]


def _sentence(error: UnfitWord) -> str:
    return f"The model's answer {error}."
