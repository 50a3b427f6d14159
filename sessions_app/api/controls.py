"""A body as a form: its fields as controls, and what was typed into them as JSON again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http.request import QueryDict
from rest_framework import serializers

from sessions_app.api.fields import FORM_FIELDS, LONGEST_TEXT, Input
from sessions_app.api.json_markup import pretty
from sessions_app.api.parsers import read_json
from sessions_app.api.problems import Problem

LONG_TEXT = 200
"""A text that may be longer than this is typed into more than one line."""
TEXTS = ("text", "long", "secret")
Field = serializers.Field[Any, Any, Any, Any]


@dataclass(frozen=True)
class Control:
    """``kind``: text, long, secret, choice, several, flag, number, json or file. Numbers, flags and JSON are typed as JSON.

    ``value`` is the text that stands in it, ``chosen`` the words of a list. ``empties_to``: what a control emptied by hand
    means as JSON.
    """

    name: str
    kind: str
    is_required: bool
    hint: str
    words: tuple[str, ...]
    empties_to: str
    value: str = ""
    chosen: tuple[str, ...] = ()
    error: str = ""


def controls(body: type[Input] | None, *, values: Mapping[str, Any], errors: Mapping[str, str]) -> list[Control]:
    """The fields of ``body`` as they are filled in with ``values``, each with the sentence that refused it."""
    fields = body().fields if body is not None else {}
    return [_filled(_control(name, field), values.get(name), errors.get(name, "")) for name, field in fields.items()]


def example(body: type[Input] | None, *, values: Mapping[str, Any]) -> str:
    """The body as JSON to begin with: that of the document, or what has to be said, with what is there now. "" = takes none."""
    if body is None:
        return ""
    fields = body().fields
    shown = getattr(body, "example", None) or {name: _BLANK[_kind(field)] for name, field in fields.items() if field.required}
    return pretty({name: values.get(name, value) for name, value in shown.items()})


def as_json(body: type[Input] | None, sent: QueryDict, *, file: str | None = None) -> dict[str, Any]:
    """What a form sent, as the JSON that it stands for. Headers, CSRF token and the part ``file`` are no part of it.

    Empty controls are left out, unless they are texts that have to be there. Numbers, flags and JSON are read from their text;
    what cannot be read stays text, for ``body`` to refuse.
    """
    fields = body().fields if body is not None else {}
    values = {name: sent.getlist(name) for name in sent if name not in FORM_FIELDS and name != file}
    return {name: _typed(fields.get(name), typed) for name, typed in values.items() if _is_said(fields.get(name), typed)}


def _is_said(field: Field | None, values: list[Any]) -> bool:
    is_needed_text = field is not None and field.required and _kind(field) in TEXTS
    return is_needed_text or any(value != "" for value in values)


def _typed(field: Field | None, values: list[Any]) -> Any:
    kind = _kind(field) if field is not None else "text"
    if kind == "several":
        return values
    value = values[0] if len(values) == 1 else values
    return _read(value) if kind in ("number", "flag", "json") and isinstance(value, str) else value


def _read(text: str) -> Any:
    try:
        return read_json(text)
    except Problem:
        return text


_BLANK: dict[str, Any] = {
    "text": "",
    "long": "",
    "secret": "",
    "choice": "",
    "several": [],
    "flag": False,
    "number": 0,
    "json": {},
    "file": "",
}


def _kind(field: Field) -> str:
    child = getattr(field, "child", None)
    if isinstance(field, serializers.ListField) and isinstance(child, serializers.ChoiceField):
        return "several"
    for kind, types in _KINDS.items():
        if isinstance(field, types):
            return kind
    if field.field_name == "password":
        return "secret"
    return "long" if (getattr(field, "max_length", None) or LONGEST_TEXT) > LONG_TEXT else "text"


_KINDS: dict[str, tuple[type[Any], ...]] = {
    "several": (serializers.MultipleChoiceField,),
    "choice": (serializers.ChoiceField,),
    "flag": (serializers.BooleanField,),
    "number": (serializers.IntegerField, serializers.FloatField, serializers.DecimalField),
    "file": (serializers.FileField,),
    "json": (serializers.JSONField, serializers.ListField, serializers.DictField, serializers.BaseSerializer),
}


def _control(name: str, field: Field) -> Control:
    kind = _kind(field)
    choices = getattr(field, "choices", None) or getattr(getattr(field, "child", None), "choices", None) or {}
    is_text = kind in TEXTS and getattr(field, "allow_blank", False)
    return Control(name, kind, field.required, _hint(field, kind), tuple(map(str, choices)), '""' if is_text else "null")


def _hint(field: Field, kind: str) -> str:
    """What may be written, in the words of the field's limits."""
    most, least = getattr(field, "max_value", None), getattr(field, "min_value", None)
    longest = getattr(field, "max_length", None) if kind in TEXTS else None
    parts = [
        str(field.help_text or "").removesuffix("."),
        "JSON" if kind == "json" else "",
        "a whole number" if isinstance(field, serializers.IntegerField) else "",
        f"from {least}" if least is not None else "",
        f"up to {most}" if most is not None else "",
        f"at most {longest:,} characters" if longest else "",
        "may be null" if field.allow_null else "",
    ]
    return ", ".join(part for part in parts if part)


def _filled(control: Control, value: Any, error: str) -> Control:
    if control.kind == "several":
        return replace(control, chosen=tuple(map(str, [value] if isinstance(value, str) else value or [])), error=error)
    if control.kind == "secret":
        return replace(control, error=error)  # is never sent back
    text = value if isinstance(value, str) else pretty(value)
    return replace(control, value="" if value is None else text, error=error)
