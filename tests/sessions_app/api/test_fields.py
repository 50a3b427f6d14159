"""JSON is taken as it is, a form's text is read; what is not known is refused by name."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from sessions_app.api.fields import is_storable
from tests.sessions_app.api.documented import DocumentedClient
from tests.sessions_app.api.toy_door import TOY

URLS = "tests.sessions_app.api.toy_door"
pytestmark = [pytest.mark.django_db, pytest.mark.urls(URLS)]
FORM = "application/x-www-form-urlencoded"


def by_json(body: Any) -> Any:
    return DocumentedClient(urlconf=URLS).post(f"{TOY}/open", body)


def by_form(**fields: Any) -> Any:
    return Client().post(f"{TOY}/open", urlencode(fields, doseq=True), content_type=FORM)


def codes(response: Any) -> tuple[int, dict[str, str]]:
    """The status, and for each pointer its code."""
    return response.status_code, {row["pointer"]: row["code"] for row in response.json()["errors"]}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", 5), ("text", True), ("text", ["a"]), ("text", {}), ("other", None), ("other", 7),
        ("whole", "1"), ("whole", 1.5), ("whole", True), ("whole", []), ("whole", {}), ("whole", "NaN"),
        ("number", "1.5"), ("number", True), ("number", None), ("number", []),
        ("flag", "true"), ("flag", 1), ("flag", 0), ("flag", None), ("flag", "on"),
        ("choice", 1), ("choice", ["red"]), ("choice", {}), ("choice", True), ("choice", None),
        ("data", "{}"), ("data", []), ("data", 1), ("data", None),
        ("words", "one"), ("words", {"0": "one"}), ("words", [1]), ("words", [None]), ("words", None),
        ("inner", "{}"), ("inner", []), ("inner", {"seconds": "1"}), ("inner", None),
    ],
)  # fmt: skip
def test_json_of_another_type_is_a_400(name: str, value: Any) -> None:
    response = by_json({name: value})

    status, found = codes(response)
    assert (status, {pointer.split("/")[1] for pointer in found}) == (400, {name})


@pytest.mark.parametrize(
    ("sent", "arrived"),
    [
        ({"whole": 3.0}, {"whole": 3}),  # JSON knows one kind of number
        ({"whole": -100}, {"whole": -100}),
        ({"whole": None}, {"whole": None}),
        ({"number": 2}, {"number": 2.0}),
        ({"flag": False}, {"flag": False}),
        ({"text": ""}, {"text_column": ""}),
        ({"text": " a\n"}, {"text_column": " a\n"}),
        ({"data": {"a": "1", "b": {}}}, {"data": {"a": "1", "b": {}}}),
        ({"words": []}, {"words": []}),
        ({"inner": {"seconds": 1.5}}, {"inner": {"seconds": 1.5}}),
        ({}, {}),
    ],
)
def test_json_arrives_as_it_was_sent(sent: dict[str, Any], arrived: dict[str, Any]) -> None:
    body = by_json(sent).json()["body"]

    assert body == arrived
    assert {name: type(value) for name, value in body.items()} == {name: type(value) for name, value in arrived.items()}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("whole", 101),
        ("whole", -101),
        ("whole", 10**200),
        ("text", "x" * 31),
        ("other", ""),
        ("other", "x" * 256),
        ("choice", "green"),
    ],
)
def test_a_value_out_of_bounds_is_a_400(name: str, value: Any) -> None:
    status, found = codes(by_json({name: value}))

    assert (status, set(found)) == (400, {f"/{name}"})


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**250, 1e300])
def test_a_whole_number_that_no_column_holds_is_a_400(number: Any) -> None:
    status, found = codes(by_json({"bigWhole": number}))

    assert (status, set(found)) == (400, {"/bigWhole"})


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63)])
def test_a_whole_number_that_a_column_holds_arrives(number: int) -> None:
    assert by_json({"bigWhole": number}).json()["body"] == {"bigWhole": number}


@pytest.mark.parametrize("text", ["\u202eabc", "a\u200bb", "🎬", "e\u0301", "\u00e9", "<b>{{7*7}}</b>"])
def test_text_that_can_be_kept_is_kept(text: str) -> None:
    assert by_json({"text": text}).json()["body"] == {"text_column": text}


@pytest.mark.parametrize("data", [{"a": "\x00"}, {"\x00": 1}, {"a": [{"b": "\ud800"}]}, {"a": {"\udfff": 1}}, {"a": 2**63}])
def test_an_object_that_cannot_be_kept_is_a_422(data: dict[str, Any]) -> None:
    assert codes(by_json({"data": data})) == (422, {"/data": "unprocessable"})


def test_an_object_of_too_many_members_is_a_400() -> None:
    assert codes(by_json({"data": dict.fromkeys("abcd", 1)})) == (400, {"/data": "too_many"})


def test_unknown_fields_are_refused_with_those_that_there_are() -> None:
    response = by_json({"text": "a", "owner": 3, "id": "x", "inner": {"cost": 1}})

    assert codes(response) == (400, {"/owner": "unknown_field", "/id": "unknown_field", "/inner/cost": "unknown_field"})
    assert "There is no “owner” here: use bigWhole, choice, data" in response.json()["errors"][1]["detail"]


def test_a_known_and_an_unknown_field_are_both_told() -> None:
    assert codes(by_json({"whole": "1", "ids": []})) == (400, {"/whole": "invalid", "/ids": "unknown_field"})


@pytest.mark.parametrize("name", ["If-Match", "Idempotency-Key", "csrfmiddlewaretoken"])
def test_what_a_form_sends_beside_the_body_is_no_field_of_json(name: str) -> None:
    assert codes(by_json({name: "x"})) == (400, {f"/{name}": "unknown_field"})
    assert by_form(**{name: "x", "text": "a"}).json()["body"] == {"text_column": "a"}


def test_a_form_is_read_from_its_text() -> None:
    sent = {
        "text": "5",
        "whole": "7",
        "number": "1.5",
        "flag": "true",
        "choice": "red",
        "data": '{"a": [1]}',
        "words": ["one", "two"],
    }

    body = by_form(**sent).json()["body"]

    assert body == {
        "text_column": "5", "whole": 7, "number": 1.5, "flag": True, "choice": "red", "data": {"a": [1]}, "words": ["one", "two"],
    }  # fmt: skip


@pytest.mark.parametrize("flag", ["off", "false", "0"])
def test_a_flag_of_a_form_can_be_taken_away(flag: str) -> None:
    assert by_form(flag="false").json()["body"] == {"flag": False}


def test_a_flag_that_a_form_does_not_send_is_left_alone() -> None:
    assert by_form(text="a").json()["body"] == {"text_column": "a"}


@pytest.mark.parametrize("value", ["x", "1.5", "1e400", "NaN", "0x1", "9" * 5000])
def test_a_form_whose_number_is_none_is_a_400(value: str) -> None:
    assert codes(by_form(whole=value))[0] == 400


@pytest.mark.parametrize("value", ["nan", "inf", "-Infinity", "1e400", "x"])
def test_a_form_whose_number_is_not_finite_is_a_400(value: str) -> None:
    status, found = codes(by_form(number=value))

    assert (status, set(found)) == (400, {"/number"})


@pytest.mark.parametrize(
    "value",
    [
        '{"a": NaN}',
        '{"a": 1e999}',
        '{"a": 1, "a": 2}',
        '{"a":' * 5000,
        '{"a": ' + "[" * 40 + "]" * 40 + "}",
        "{",
        "[1]",
        "9" * 5000,
    ],
)
def test_json_in_a_form_is_read_as_strictly_as_a_body(value: str) -> None:
    status, found = codes(by_form(data=value))

    assert (status, set(found)) == (400, {"/data"})


def test_a_field_that_a_form_says_twice_is_refused() -> None:
    response = Client().post(f"{TOY}/open", "text=a&text=b", content_type=FORM)

    assert response.status_code == 400


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("a", True),
        ("\x00", False),
        ({"a": ["\ud800"]}, False),
        ({"\x00": 1}, False),
        ([1, None, 1.5, True, "é"], True),
        (2**63 - 1, True),
        (2**63, False),
        ({"a": [-(2**63) - 1]}, False),
        (1e300, True),
    ],
)
def test_is_storable(value: Any, kept: bool) -> None:
    assert is_storable(value) is kept
