"""What a vision model says differs across a cut (``differences.schema.json``), read as untrusted as any answer. Pure.

Words beside the measurement of a cut, for a person to read: they enter no score, no gate and no prompt.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from continuity.vision.plain_words import UnfitWord, one_of, plain_words

SCHEMA = Path(__file__).with_name("differences.schema.json")
NOTHING = "nothing of it"


@dataclass(frozen=True)
class Difference:
    """``aspect``: lighting, atmosphere, technical, place, people or things; ``before`` and ``after`` None = not there;
    ``size``: slight, clear or strong, in the model's judgement."""

    aspect: str
    before: str | None
    after: str | None
    size: str

    @property
    def sentence(self) -> str:
        before, after = self.before or NOTHING, self.after or NOTHING
        return f"{self.aspect.capitalize()}: {before} before the cut, {after} after it ({self.size})."


@dataclass(frozen=True)
class CutDifferences:
    """``refused``: why rows of the answer are not kept, one sentence each."""

    differences: tuple[Difference, ...]
    refused: tuple[str, ...]


@cache
def differences_schema() -> Mapping[str, Any]:
    """The JSON Schema that the model is given, and that its answer is read by."""
    schema: Mapping[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return schema


def read_differences(data: Mapping[str, object]) -> CutDifferences:
    """Read the ``data`` of a VisionAnswer. Never raises: a row that is not what was asked for is refused with the reason."""
    rows = data.get("differences")
    listed = rows if isinstance(rows, list) else []
    most = differences_schema()["properties"]["differences"]["maxItems"]
    kept: dict[Difference, None] = {}
    refused = [] if isinstance(rows, list) else ["The model's answer is no list of differences."]
    for number, row in enumerate(listed[:most], 1):
        try:
            kept[_difference(row)] = None
        except UnfitWord as error:
            refused.append(f"Difference {number} {error}.")
    if len(listed) > most:
        refused.append(f"The model listed {len(listed)} differences: those after the first {most} are left out.")
    return CutDifferences(tuple(kept), tuple(refused))


def _difference(row: object) -> Difference:
    if not isinstance(row, dict):
        raise UnfitWord("is no object")
    properties = differences_schema()["properties"]["differences"]["items"]["properties"]
    aspect, size = (one_of(row.get(name), properties[name]["enum"]) for name in ("aspect", "size"))
    before, after = plain_words(row.get("before")), plain_words(row.get("after"))
    if before == after or aspect is None or size is None:
        raise UnfitWord("names no difference")
    return Difference(aspect, before, after, size)
