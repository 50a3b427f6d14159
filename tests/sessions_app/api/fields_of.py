"""Every field that a body or the parameters of an operation may have, found in what the operations declare."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

from sessions_app.api.fields import Id, Input
from tests.sessions_app.api.calls import Call, calls


@dataclass(frozen=True)
class Field:
    """``way``: the names that lead to it in the body; a list's own members are ``child`` of its field."""

    call: Call
    way: tuple[str, ...]
    field: Any

    def __str__(self) -> str:
        return f"{self.call.name} /{'/'.join(self.way)}"

    @property
    def name(self) -> str:
        return self.way[-1]

    @property
    def is_id(self) -> bool:
        return isinstance(self.field, Id)


def body_calls() -> list[Call]:
    """The operations with a body; a dry run has that of the real one."""
    return [call for call in calls() if call.operation.body is not None and call.writes and not call.query]


def body_fields() -> list[Field]:
    return [field for call in body_calls() for field in _fields(call, call.operation.body, ())]


def parameter_fields() -> list[Field]:
    """Those after the question mark."""
    return [field for call in calls() if call.operation.query for field in _fields(call, call.operation.query, ())]


def _fields(call: Call, made: type[Input] | None, way: tuple[str, ...]) -> Iterator[Field]:
    assert made is not None
    for name, field in made().fields.items():
        yield Field(call, (*way, name), field)
        if isinstance(field, serializers.BaseSerializer):
            yield from _fields(call, type(field), (*way, name))  # type: ignore[arg-type]


def put(body: dict[str, Any], way: tuple[str, ...], value: Any) -> dict[str, Any]:
    """``body`` with ``value`` there."""
    first, rest = way[0], way[1:]
    return {**body, first: put(dict(body.get(first) or {}), rest, value) if rest else value}
