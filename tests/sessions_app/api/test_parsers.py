"""Bodies that two readers could understand differently, or that cost more than they are worth, are refused with a reason."""

import gzip
import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.factories.session import SessionFactory
from tests.sessions_app.api.documented import secret_of
from tests.sessions_app.api.toy_door import TOY

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.sessions_app.api.toy_door")]
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def knock(body: bytes, *, kind: str = JSON, **headers: str) -> Any:
    return Client().generic("POST", f"{TOY}/open", body, content_type=kind, headers=headers)


def malformed(body: bytes) -> str:
    """The sentence that says why; AssertionError for another answer than 400 malformed_body."""
    response = knock(body)
    assert (response.status_code, response.json()["code"]) == (400, "malformed_body"), response.content[:300]
    return str(response.json()["detail"])


def test_a_body_is_read_as_it_stands() -> None:
    response = knock('{"text": " Ä\\u00e4\\ud83c\\udfac\u202e ", "whole": 3, "data": {"a": [1.5, null, {"b": true}]}}'.encode())

    assert response.json()["body"] == {"text_column": " Ää🎬\u202e ", "whole": 3, "data": {"a": [1.5, None, {"b": True}]}}


def test_a_body_of_ten_megabytes_is_a_413() -> None:
    response = knock(b'{"text": "' + b"x" * 10_000_000 + b'"}')

    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("more", [0, 1])
def test_the_limit_is_exact(settings: Any, more: int) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    body = b'{"text": "a"}'.ljust(100 + more)

    assert knock(body).status_code == (413 if more else 200)


@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=b"])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_form_of_ten_megabytes_is_a_413(kind: str, method: str, owner: User) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n' if "boundary" in kind else b"text="
    body = part + b"x" * 10_000_000 + (b"\r\n--b--\r\n" if "boundary" in kind else b"")
    address = f"{TOY}/open" if method == "POST" else f"{TOY}/scenes/{SessionFactory(owner=owner).pk}"
    headers = {"Authorization": f"Bearer {secret_of(owner)}"}

    response = Client().generic(method, address, body, content_type=kind, headers=headers)

    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("body", [b"[" * 10_000, b"[" * 10_000 + b"]" * 10_000, b'{"data":' * 10_000 + b"1" + b"}" * 10_000])
def test_ten_thousand_levels_are_refused(body: bytes) -> None:
    assert malformed(body) == "The body is nested more than 32 levels deep: flatten it."


@pytest.mark.parametrize("levels", [32, 33])
def test_the_deepest_level_is_exact(levels: int) -> None:
    body = b'{"data": {"a": ' + b"[" * (levels - 2) + b"1" + b"]" * (levels - 2) + b"}}"

    assert knock(body).status_code == (200 if levels == 32 else 400)


@pytest.mark.parametrize("body", [b'{"text": "a", "text": "b"}', b'{"data": {"text": 1, "a": 2, "text": 1}}'])
def test_a_name_said_twice_is_refused(body: bytes) -> None:
    assert malformed(body) == "The body says “text” twice: say it once."


@pytest.mark.parametrize("body", [b'{"a\\ud800": 1, "a\\ud800": 2}', b'{"\\ud800": 1}'])
def test_a_name_that_cannot_be_written_is_refused_in_an_answer_that_can(body: bytes) -> None:
    response = knock(body)

    assert (response.status_code, "?" in response.json()["detail"]) == (400, True)


@pytest.mark.parametrize(
    "body",
    [b'{"number": NaN}', b'{"number": Infinity}', b'{"number": -Infinity}', b'{"data": {"a": [NaN]}}'],
)
def test_what_is_no_number_is_refused(body: bytes) -> None:
    assert "is no JSON number: send a finite number." in malformed(body)


@pytest.mark.parametrize("number", [b"1e400", b"-1e400", b"9" * 301, b"-" + b"9" * 300, b"9" * 5000])
def test_a_number_beyond_a_float_is_refused(number: bytes) -> None:
    assert malformed(b'{"data": {"a": ' + number + b"}}") == "A number in the body is too large: send a smaller one."


@pytest.mark.parametrize(
    "body", [b"{} x", b"{}{}", b'{"text": "a"', b"{'text': 1}", b'{"text": "a",}', b"// no\n{}", b"\xef\xbb\xbf{}", b" "]
)
def test_what_is_not_json_is_refused_with_its_place(body: bytes) -> None:
    assert "The body is not JSON: " in malformed(body)
    assert " at line " in malformed(body)


@pytest.mark.parametrize(
    "body", [b'{"text": "\xff"}', b'{"text": "\xed\xa0\x80"}', '{"text": "ä"}'.encode("utf-16"), b'{"text": "\xe4"}']
)
def test_what_is_not_utf_8_is_refused(body: bytes) -> None:
    assert malformed(body) == "The body is not UTF-8: send UTF-8."


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"null", b"true", b"[{}]"])
def test_a_body_that_is_no_object_is_a_400(body: bytes) -> None:
    response = knock(body)

    assert (response.status_code, response.json()["code"], response.json()["errors"][0]["pointer"]) == (
        400,
        "invalid_request",
        "",
    )


def test_a_nul_and_half_a_surrogate_are_a_422_at_their_field() -> None:
    for text in ("a\\u0000b", "\\ud800", "\\udc00\\ud800"):
        response = knock(b'{"text": "' + text.encode() + b'", "other": "x"}')

        assert (response.status_code, [row["pointer"] for row in response.json()["errors"]]) == (422, ["/text"])


@pytest.mark.parametrize(
    "kind", [f"{JSON}; charset=utf-16", f"{JSON}; charset=latin-1", f'{JSON};charset="iso-8859-1"', f"{JSON}; charset=zip"]
)
def test_another_charset_is_a_415(kind: str) -> None:
    assert knock(b'{"text": "a"}', kind=kind).status_code == 415


@pytest.mark.parametrize("kind", [f"{JSON}; charset=utf-8", f'{JSON}; charset="UTF-8"', f"{JSON}; q=1", "Application/JSON"])
def test_utf_8_may_be_said(kind: str) -> None:
    assert knock(b'{"text": "a"}', kind=kind).status_code == 200


@pytest.mark.parametrize("charset", ["utf-16", "utf-7", "latin-1", "no-such"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_form_is_utf_8_whatever_it_says(method: str, charset: str) -> None:
    response = Client().generic(method, f"{TOY}/open?x=ä", "text=ä".encode(), content_type=f"{FORM}; charset={charset}")

    assert response.status_code == 415


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip", "compress"])
@pytest.mark.parametrize("kind", [JSON, FORM])
def test_a_compressed_body_is_a_415(encoding: str, kind: str) -> None:
    response = knock(gzip.compress(b'{"text": "' + b"a" * 5_000_000 + b'"}'), kind=kind, **{"Content-Encoding": encoding})

    assert response.status_code == 415


def test_a_body_of_unknown_length_is_refused_and_not_taken_for_an_empty_one() -> None:
    """As a server hands a chunked body on: there is no Content-Length, and Django reads nothing."""
    response = Client().generic("POST", f"{TOY}/open", b"", content_type=JSON, headers={"Transfer-Encoding": "chunked"})

    assert (response.status_code, response.json()["code"]) == (400, "length_required")


@pytest.mark.parametrize("body", [b"<?xml version='1.0'?><thing><text>a</text></thing>", b"text: a"])
@pytest.mark.parametrize("kind", ["application/xml", "text/xml", "text/plain", "application/yaml", "application/x-json"])
def test_only_json_and_forms_are_read(kind: str, body: bytes) -> None:
    assert knock(body, kind=kind).status_code == 415


def test_xml_that_calls_itself_json_is_malformed() -> None:
    assert "not JSON" in malformed(b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>')


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_header_does_not_change_the_method(header: str) -> None:
    assert knock(b'{"text": "a"}', **{header: "DELETE"}).json() == {"body": {"text_column": "a"}, "query": {}}


@pytest.mark.parametrize("name", ["_method", "_content", "_content_type"])
def test_a_field_does_not_change_the_method(name: str) -> None:
    """It is an unknown field: had it been the method, the answer would be 405."""
    response = knock(f"{name}=DELETE&text=a".encode(), kind=FORM)

    assert (response.status_code, [row["pointer"] for row in response.json()["errors"]]) == (400, [f"/{name}"])


@pytest.mark.parametrize("body", [b"text=%00", b"text=a%00b"])
def test_a_nul_in_a_form_is_a_422(body: bytes) -> None:
    assert knock(body, kind=FORM).status_code == 422


def test_a_multipart_body_without_its_boundary_is_malformed() -> None:
    response = knock(b"--x\r\n", kind="multipart/form-data")

    assert (response.status_code, response.json()["code"]) == (400, "malformed_body")


def test_a_body_of_many_unknown_fields_is_answered_with_less_than_it_said() -> None:
    body = json.dumps({f"a{number}": 1 for number in range(20_000)}).encode()

    response = knock(body)

    assert response.status_code == 400
    assert len(response.content) < len(body) / 10


def test_a_long_value_is_not_sent_back() -> None:
    response = knock(json.dumps({"choice": "x" * 1_000_000, "y" * 1_000_000: 1}).encode())

    assert response.status_code == 400
    assert len(response.content) < 20_000
