"""What a request may say: fields that take JSON as it is, and bodies that refuse what they do not know.

A form of the browsable pages sends text only, so there a number is read from its digits; JSON is never coerced.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import empty
from rest_framework.utils import html

FORM_FIELDS = frozenset({"If-Match", "Idempotency-Key", "csrfmiddlewaretoken"})
"""What a form sends beside the body: headers, for a browser without JavaScript."""
LONGEST_TEXT = 20_000
LONGEST_ID = 255


def _is_json(field: serializers.Field[Any, Any, Any, Any]) -> bool:
    return not field.root.context.get("is_text", False)


class Text(serializers.CharField):
    """Text as it stands: nothing is trimmed. NUL and half surrogates cannot be kept (422)."""

    def __init__(self, *, max_length: int = LONGEST_TEXT, blank: bool = True, **options: Any) -> None:
        shortest = None if blank else 1
        super().__init__(max_length=max_length, min_length=shortest, allow_blank=blank, trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class Id(Text):
    """The id of something; what it names is looked up by the verb."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_ID, blank=False, **options)


class Whole(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        is_whole = isinstance(data, int) or (isinstance(data, float) and data.is_integer())
        if _is_json(self) and (isinstance(data, bool) or not is_whole):
            self.fail("invalid")
        number = int(super().to_internal_value(int(data) if isinstance(data, float) and data.is_integer() else data))
        if not is_storable(number):
            self.fail("invalid")
        return number


class Number(serializers.FloatField):
    def to_internal_value(self, data: Any) -> float:
        if _is_json(self) and (isinstance(data, bool) or not isinstance(data, int | float)):
            self.fail("invalid")
        try:
            number = float(super().to_internal_value(data))
        except OverflowError:
            self.fail("invalid")
        if number != number or number in (float("inf"), float("-inf")):
            self.fail("invalid")
        return number


class Flag(serializers.BooleanField):
    default_empty_html = empty  # an unticked box of a form leaves the value alone

    def to_internal_value(self, data: Any) -> bool:
        if _is_json(self) and not isinstance(data, bool):
            self.fail("invalid", input=data)
        return bool(super().to_internal_value(data))


class Choice(serializers.ChoiceField):
    """One word of a closed vocabulary."""

    def __init__(self, words: Iterable[str], **options: Any) -> None:
        super().__init__(choices=[(str(word), str(word)) for word in words], **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return str(super().to_internal_value(data))


class JsonObject(serializers.JSONField):
    """Data of the caller's own, kept as it is: an object of at most ``most`` members."""

    default_error_messages = {
        "not_an_object": "Write a JSON object.",
        "too_many": "This object has more members than are kept: write fewer.",
        "unprocessable": "This object holds a NUL, half a surrogate pair or a whole number beyond 64 bits: write it otherwise.",
    }

    def __init__(self, *, most: int = 200, **options: Any) -> None:
        super().__init__(**options)
        self.most = most

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        if not isinstance(value, dict):
            self.fail("not_an_object")
        if len(value) > self.most:
            self.fail("too_many")
        if not is_storable(value):
            self.fail("unprocessable")
        return value


class OwnOrValues(JsonObject):
    """The word ``own``, or an object of values."""

    default_error_messages = {"not_an_object": "Write own, or a JSON object of values."}

    def __init__(self, **options: Any) -> None:
        super().__init__(most=20, **options)

    def to_internal_value(self, data: Any) -> Any:
        return data if data == "own" else super().to_internal_value(data)


def is_storable(value: Any) -> bool:
    """Whether every text in JSON data, keys included, can be kept by every database, and every whole number be answered."""
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, Mapping):
        return all(is_storable(key) and is_storable(inner) for key, inner in value.items())
    return all(is_storable(inner) for inner in value) if isinstance(value, list) else True


class Input(serializers.Serializer[Any]):
    """A body, or the parameters of an address. Unknown names are refused; names that are absent are absent from the result,
    which speaks of columns (``source``)."""

    default_error_messages = {
        "unknown_field": "There is no “{name}” here: use {names}.",
        "invalid": "Write a JSON object.",
        "null": "Write a JSON object.",
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        unknown = self._unknown(data) if isinstance(data, Mapping) else {}
        try:
            value: dict[str, Any] = super().to_internal_value(data)
        except serializers.ValidationError as error:
            detail = error.detail if isinstance(error.detail, dict) else {}
            raise serializers.ValidationError({**detail, **unknown}) from error
        if unknown:
            raise serializers.ValidationError(unknown)
        return value

    def _unknown(self, data: Mapping[str, Any]) -> dict[str, list[str]]:
        known = {name for name, field in self.fields.items() if not field.read_only}
        allowed = known | (FORM_FIELDS if html.is_html_input(data) else set())
        names = ", ".join(sorted(known)) or "no field at all"
        sentence = str(self.error_messages["unknown_field"])
        return {
            str(name): [ErrorDetail(sentence.format(name=str(name)[:80], names=names), code="unknown_field")]
            for name in data
            if name not in allowed
        }


class Nothing(Input):
    """The body of a verb that needs none: no body, or an empty object."""
