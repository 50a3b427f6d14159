"""The answers' TypedDicts as JSON schemas (2020-12): one definition for the type checker, the document and the tests."""

import inspect
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints, is_typeddict

Schema = dict[str, Any]
Reference = Callable[[type], Schema]
"""``{"$ref": …}`` of a TypedDict, which is defined once."""


@dataclass(frozen=True)
class Page:
    """``answer=Page(ShotDto)``: a list of those, with the links to the pages beside it."""

    of: Any

    def schema(self, reference: Reference) -> Schema:
        link = {"type": ["string", "null"], "description": "Where that page is; null = there is none."}
        return {
            "type": "object",
            "properties": {"items": {"type": "array", "items": schema_of(self.of, reference)}, "next": link, "previous": link},
            "required": ["items", "next", "previous"],
        }


_PLAIN: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    Any: {},
}


def schema_of(hint: Any, reference: Reference) -> Schema:
    """The schema of a type of an answer. TypeError for one that no answer may have (a date, a Decimal)."""
    if isinstance(hint, Page):
        return hint.schema(reference)
    if hint in _PLAIN:
        return dict(_PLAIN[hint])
    if is_typeddict(hint):
        return reference(hint)
    if inspect.isclass(hint) and issubclass(hint, Enum):
        return {"type": "string", "enum": [member.value for member in hint]}
    return _generic(hint, get_origin(hint), get_args(hint), reference)


def _generic(hint: Any, origin: Any, inner: tuple[Any, ...], reference: Reference) -> Schema:
    if origin in (Required, NotRequired):
        return schema_of(inner[0], reference)
    if origin is Literal:
        return {"enum": list(inner)}
    if origin in (Union, types.UnionType):
        return _union([schema_of(one, reference) for one in inner])
    if inspect.isclass(origin) and issubclass(origin, Mapping):
        values = schema_of(inner[1], reference)
        return {"type": "object", "additionalProperties": values or True}
    if inspect.isclass(origin) and issubclass(origin, list | tuple):
        return {"type": "array", "items": schema_of(inner[0], reference)}
    if hint in (dict, Mapping):
        return {"type": "object", "additionalProperties": True}
    raise TypeError(f"No answer may hold a {hint}.")


def _union(schemas: list[Schema]) -> Schema:
    """``string or null`` in one line, everything else as anyOf."""
    if all(set(schema) == {"type"} for schema in schemas):
        return {"type": [schema["type"] for schema in schemas]}
    return {"anyOf": schemas}


def object_schema(made: type, reference: Reference) -> Schema:
    """The schema of a TypedDict's own members. Nothing else may be in it."""
    members = get_type_hints(made, include_extras=True)
    schema: Schema = {
        "type": "object",
        "properties": {name: schema_of(hint, reference) for name, hint in members.items()},
        "required": sorted(made.__required_keys__),  # type: ignore[attr-defined]
        "additionalProperties": False,
    }
    text = inspect.getdoc(made)
    return {"description": " ".join(text.split()), **schema} if text and not text.startswith("dict(") else schema
