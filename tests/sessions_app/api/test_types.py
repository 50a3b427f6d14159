"""Every field of every body with every wrong type: 400 at its pointer, nothing written. And texts of every kind."""

import json
from typing import Any

import pytest
from django.test import Client
from rest_framework import serializers

from sessions_app.api.fields import Choice, Flag, JsonObject, Number, Text, Whole
from tests.sessions_app.api.bodies import ask_of
from tests.sessions_app.api.calls import Call, send
from tests.sessions_app.api.fields_of import Field, body_calls, body_fields, put
from tests.sessions_app.api.roles import by_cookie
from tests.sessions_app.api.world import World, rolled_back, written

pytestmark = pytest.mark.django_db
NO_NUMBERS = ("1", "", True, False, [], {}, [1], {"a": 1})
WRONG: dict[type, tuple[Any, ...]] = {
    Whole: (*NO_NUMBERS, 1.5, -1.5, 10**299),
    Number: (*NO_NUMBERS, 10**299),
    Flag: ("true", "false", "", "1", 0, 1, 1.5, [], {}),
    Choice: (0, 1, 1.5, True, [], {}, "", "no such word", "ACTIVE"),
    Text: (0, 1, 1.5, True, [], {}, ["a"], {"a": "b"}),
    serializers.RegexField: (0, 1.5, True, [], {}, "", "0x0", "1280x720; DROP", "９x９"),
    JsonObject: (0, 1.5, True, [], "", "{}", [{}]),
    serializers.ListField: (0, 1.5, True, {}, "", "[]", [0], [None], [[]]),
    serializers.BaseSerializer: (0, 1.5, True, [], "", "{}", [{}]),
}
MALFORMED = (b"1" * 400, b"NaN", b"Infinity", b"-Infinity", b"1e400", b"'a'", b"undefined", b"01", b"+1")
FIELDS = body_fields()
NUL, HALF = "a\x00b", "a\ud800b"
STRANGE = "قارب في المطر 🎬 \u200b e\u0301 é 漢字"
"""Right to left, an emoji, a zero-width space, the same letter composed and not, Han."""
TURNED = "a\u202eb\u2066c"
LONG = "a" * 1_000_000


@pytest.fixture
def asking(world: World) -> Client:
    return by_cookie(world.owner)


def answer_to(field: Field, value: Any, world: World, asking: Client) -> Any:
    usual = dict(ask_of(field.call.name, world.mine).body or {})
    return send(asking, field.call, world.mine, body=put(usual, field.way, value))


def kind_of(field: Field) -> type:
    return next(kind for kind in WRONG if isinstance(field.field, kind))


def wrong_values(field: Field) -> list[Any]:
    """Of the wrong type, beyond the bounds, and null where that means nothing."""
    values = list(WRONG[kind_of(field)])
    least, most = getattr(field.field, "min_value", None), getattr(field.field, "max_value", None)
    values += [least - 1, -(10**9)] if least is not None else []
    values += [most + 1, max(most + 1, 10**9)] if most is not None else []
    return values if field.field.allow_null else [*values, None]


@pytest.mark.parametrize("field", FIELDS, ids=str)
def test_a_wrong_type_is_400_at_its_pointer(field: Field, world: World, asking: Client) -> None:
    pointer = f"/{'/'.join(field.way)}"

    with written() as statements:
        answers = {repr(value): answer_to(field, value, world, asking) for value in wrong_values(field)}

    told = {value: (answer.status_code, points_at(answer, pointer)) for value, answer in answers.items()}
    assert told == dict.fromkeys(answers, (400, True))
    assert statements == []


def points_at(answer: Any, pointer: str) -> bool:
    return any(error["pointer"].startswith(pointer) for error in answer.json().get("errors", []))


@pytest.mark.parametrize("call", body_calls(), ids=lambda call: call.name)
def test_what_is_no_json_is_400(call: Call, world: World, asking: Client) -> None:
    first = next(field for field in FIELDS if field.call == call)
    whole = json.dumps(put(dict(ask_of(call.name, world.mine).body or {}), first.way, "HERE")).encode()

    with written() as statements:
        answers = [send(asking, call, world.mine, body=whole.replace(b'"HERE"', value)) for value in MALFORMED]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(400, "malformed_body")] * len(MALFORMED)
    assert statements == []


TEXTS = [field for field in FIELDS if type(field.field) is Text]
OBJECTS = [field for field in FIELDS if isinstance(field.field, JsonObject)]


@pytest.mark.parametrize("bad", [NUL, HALF], ids=["NUL", "half a surrogate pair"])
@pytest.mark.parametrize("field", [field for field in FIELDS if isinstance(field.field, Text)], ids=str)
def test_what_no_database_keeps_is_422(field: Field, bad: str, world: World, asking: Client) -> None:
    with written() as statements:
        answer = answer_to(field, bad, world, asking)

    assert (answer.status_code, points_at(answer, f"/{'/'.join(field.way)}"), statements) == (422, True, [])


@pytest.mark.parametrize("bad", [{NUL: 1}, {"a": HALF}, {"a": [{"b": NUL}]}], ids=["key", "value", "deep inside"])
@pytest.mark.parametrize("field", OBJECTS, ids=str)
def test_what_no_database_keeps_is_422_inside_data_too(field: Field, bad: Any, world: World, asking: Client) -> None:
    with written() as statements:
        answer = answer_to(field, bad, world, asking)

    assert (answer.status_code, statements) == (422, [])


@pytest.mark.parametrize("field", [field for field in FIELDS if isinstance(field.field, Text)], ids=str)
def test_a_text_of_a_megabyte_is_400(field: Field, world: World, asking: Client) -> None:
    with written() as statements:
        answer = answer_to(field, LONG, world, asking)

    assert (answer.status_code, statements) == (400, [])


KEPT = {
    "POST /sessions": {"name": ("name",), "description": ("description",), "prompt/input": ("prompt", "input")},
    "PATCH /sessions/{session_id}": {"name": ("name",), "description": ("description",)},
    "PATCH /sessions/{session_id}/prompt": {"input": ("prompt", "input"), "title": ("prompt", "title")},
    "POST /sessions/{session_id}/shots": {"userPrompt": ("userPrompt",)},
    "PATCH /sessions/{session_id}/shots/{shot_id}": {"userPrompt": ("userPrompt",)},
    "POST /sessions/{session_id}/cuts/{cut_id}/accept": {"note": ("accepted", "note")},
}
"""Texts that are a person's own, and where the answer has them."""
OWN_WORDS = [field for field in TEXTS if "/".join(field.way) in KEPT.get(field.call.name, {})]


@pytest.mark.parametrize("words", [STRANGE, TURNED, "  spaces stay  "], ids=["strange", "turned round", "spaces"])
@pytest.mark.parametrize("field", OWN_WORDS, ids=str)
def test_ones_own_words_are_kept_as_they_are(field: Field, words: str, world: World, asking: Client) -> None:
    with rolled_back():
        answer = answer_to(field, words, world, asking)

    assert answer.status_code == field.call.status, answer.content
    told = answer.json()
    for name in KEPT[field.call.name]["/".join(field.way)]:
        told = told[name]
    assert told == words


@pytest.mark.parametrize("field", TEXTS, ids=str)
def test_no_text_is_a_crash(field: Field, world: World, asking: Client) -> None:
    for words in (STRANGE, TURNED, LONG[:20_000], "", " ", "<script>alert(1)</script>", "{{7*7}}", "../../x", "%00"):
        with rolled_back():
            answer = answer_to(field, words, world, asking)

        assert answer.status_code in (field.call.status, 400, 401, 409, 422), (words, answer.content)
