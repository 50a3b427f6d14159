"""From what a vision model wrote to a VisionAnswer: parsed, of the shape that was asked for, counted and priced. Pure.

A model's text is untrusted input. Here only its **shape** is judged (JSON, the keys, the types); the words in it are read
by ``vision.word_reading``, value by value, so that one bad word costs one value and not the answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from continuity.providers.base import ContentRefused, OutputInvalid, OutputTruncated, ProviderError, VisionAnswer
from continuity.providers.capabilities import VisionCard
from continuity.providers.carriage import json_object, storable

RAW_CHARACTERS = 16_000
DEEPEST = 12


@dataclass(frozen=True)
class Count:
    """Tokens as the vendor counts them; thinking is in ``tokens_out``."""

    tokens_in: int
    tokens_out: int


@dataclass(frozen=True)
class Said:
    """What came back, in no vendor's words. ``refusal`` None = none; ``truncated``: it ended at the length allowed;
    ``ending``: the vendor's own word for why it ended; ``count`` None = the vendor gave none."""

    text: str
    refusal: str | None
    truncated: bool
    finished: bool
    ending: str
    count: Count | None


def answer_of(said: Said, *, card: VisionCard, schema: Mapping[str, object], ceiling_micros: int) -> VisionAnswer:
    """The answer, or ContentRefused (a refusal, or nothing at all), OutputTruncated, OutputInvalid (ended otherwise, no
    JSON, another shape), each with what it has cost."""
    count = said.count
    cost = ceiling_micros if count is None else card.cost_micros(tokens_in=count.tokens_in, tokens_out=count.tokens_out)
    data = json_object(said.text) or {}
    error = _fault_of(said, card) or _shape_error(data, said, card, schema)
    if error is not None:
        error.billed_micros = cost
        raise error
    tokens = 0 if count is None else count.tokens_in + count.tokens_out
    return VisionAnswer(data, storable(said.text)[:RAW_CHARACTERS], tokens, cost, is_counted=count is not None)


def mapping_of(value: object) -> Mapping[str, object]:
    """The object of a vendor's JSON; empty where something else stands."""
    return value if isinstance(value, dict) else {}


def first_of(value: object) -> Mapping[str, object]:
    """The first object of a vendor's list; empty where there is none."""
    return mapping_of(value[0]) if isinstance(value, list) and value else {}


def whole_number(value: object) -> int | None:
    """A count of a vendor's JSON; None for anything but a whole number from 0 to a milliard."""
    return value if type(value) is int and 0 <= value <= 1_000_000_000 else None


def _fault_of(said: Said, card: VisionCard) -> ProviderError | None:
    if said.refusal is not None:
        sentence = f"{card.label} refused to look at this picture: what only words can tell is not measured."
        return ContentRefused(sentence, raw=storable(said.refusal))
    if said.truncated:
        return OutputTruncated(f"The answer of {card.label} was cut at {card.max_tokens} tokens.", raw=storable(said.text))
    if not said.finished:
        return OutputInvalid(f"{card.label} ended its answer for a reason of its own ({said.ending}).", raw=storable(said.text))
    if not said.text.strip():
        return ContentRefused(f"{card.label} answered with nothing, which is how some refusals look.")
    return None


def _shape_error(data: Mapping[str, object], said: Said, card: VisionCard, schema: Mapping[str, object]) -> ProviderError | None:
    fault = shape_fault(data, schema) if data else "is empty, or no JSON object"
    return OutputInvalid(f"The answer of {card.label} {fault}.", raw=storable(said.text)) if fault else None


def shape_fault(data: object, schema: Mapping[str, object], place: str = "", depth: int = 0) -> str | None:
    """The first place where keys or types are not those of ``schema``, as the end of a sentence; None = the shape is right.

    Reads ``type`` (one or several), ``properties``, ``required``, ``additionalProperties`` false and ``items``; lengths
    and enums are not its business.
    """
    if depth > DEEPEST:
        return f"is nested too deeply at {place}"
    types = schema.get("type", ())
    if not any(_TYPES[str(name)](data) for name in ([types] if isinstance(types, str) else list(_sequence(types)))):
        return f"has the wrong kind of value at {place or 'its top'}"
    if isinstance(data, dict):
        return _object_fault(data, schema, place, depth)
    items = schema.get("items")
    if isinstance(data, list) and isinstance(items, Mapping):
        faults = (shape_fault(item, items, f"{place}[{index}]", depth + 1) for index, item in enumerate(data))
        return next((fault for fault in faults if fault), None)
    return None


def _object_fault(data: Mapping[str, object], schema: Mapping[str, object], place: str, depth: int) -> str | None:
    properties = schema.get("properties")
    known = properties if isinstance(properties, Mapping) else {}
    prefix = f"{place}." if place else ""
    missing = [str(name) for name in _sequence(schema.get("required")) if name not in data]
    if missing:
        return f"lacks {prefix}{missing[0]}"
    if any(name not in known for name in data):
        return f"has a key that was not asked for at {place or 'its top'}"
    faults = (shape_fault(value, known[name], f"{prefix}{name}", depth + 1) for name, value in data.items())
    return next((fault for fault in faults if fault), None)


def _sequence(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, list | tuple) else ()


_TYPES: Mapping[str, Callable[[object], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}
