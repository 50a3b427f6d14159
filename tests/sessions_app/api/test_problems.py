"""Every error is a problem+json that says what to do: from a view, from the framework, from Django, and from a bug."""

import logging
from typing import Any

import pytest
from django.test import Client
from rest_framework.exceptions import ErrorDetail, ValidationError

from sessions_app.api.problems import WORDS_REFUSED, Problem, invalid, problem_of
from tests.sessions_app.api.documented import Document, document
from tests.sessions_app.api.toy_door import TOY

URLS = "tests.sessions_app.api.toy_door"
pytestmark = [pytest.mark.django_db, pytest.mark.urls(URLS)]
PROBLEM_JSON = "application/problem+json"


def problem(response: Any) -> tuple[int, str, str]:
    """Status, content type and code; AssertionError unless the body is what the document calls a problem."""
    described: Document = document(URLS)
    assert described.wrong(response.json(), {"$ref": "#/components/schemas/Problem"}) == []
    assert response.json()["status"] == response.status_code
    assert response.json()["requestId"] == response["X-Request-Id"]
    return response.status_code, response["Content-Type"], response.json()["code"]


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("refused", 409, "shot_is_being_made"),
        ("words", 422, "prompt_too_long"),
        ("clip", 422, "video_too_large"),
        ("style", 422, "style_invalid"),
        ("order", 422, "not_a_permutation"),
        ("conflict", 412, "edited_since"),
        ("missing", 404, "not_found"),
        ("missing-in-framework", 404, "not_found"),
        ("forbidden", 403, "forbidden"),
        ("forbidden-in-framework", 403, "forbidden"),
        ("large", 413, "body_too_large"),
        ("locked", 503, "busy"),
        ("problem", 422, "own_code"),
    ],
)
def test_what_a_verb_raises_is_a_problem(how: str, status: int, code: str) -> None:
    response = Client().get(f"{TOY}/failing/{how}")

    assert problem(response) == (status, PROBLEM_JSON, code)
    assert response.json()["instance"] == f"{TOY}/failing/{how}"
    assert response.json()["type"] == f"urn:throughline:problem:{code}"


def test_a_refusal_names_the_job_in_its_way() -> None:
    assert Client().get(f"{TOY}/failing/refused").json()["jobUrl"] == "/api/v2/jobs/job_1"


def test_further_members_of_a_problem_are_in_its_body() -> None:
    assert Client().get(f"{TOY}/failing/problem").json()["context"] == {"scope": "read"}


def test_a_busy_database_says_when_to_come_back_and_nothing_of_itself(caplog: pytest.LogCaptureFixture) -> None:
    response = Client().get(f"{TOY}/failing/locked")

    assert response["Retry-After"] == "2"
    assert b"secret" not in response.content
    assert [record.message for record in caplog.records if "database" in record.message] != []


def test_a_bug_is_a_500_with_its_request_id_and_nothing_of_the_traceback(caplog: pytest.LogCaptureFixture) -> None:
    response = Client(raise_request_exception=False).get(f"{TOY}/failing/bug", headers={"X-Request-Id": "mine-7"})

    assert problem(response) == (500, PROBLEM_JSON, "server_error")
    assert response.json()["requestId"] == "mine-7"
    for word in (b"secret", b"ZeroDivision", b"Traceback", b".py"):
        assert word not in response.content
    assert [record.exc_info[0] for record in caplog.records if record.levelno == logging.ERROR and record.exc_info] == [
        ZeroDivisionError
    ]


@pytest.mark.parametrize(
    "address", ["/api/nothing", "/api/v9/sessions", f"{TOY}/", "/api/", "/api/a%0Ab", f"{TOY}/scenes%0A", "/api/%00"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS", "HEAD"])
def test_an_address_that_is_none_is_a_404(address: str, method: str) -> None:
    response = Client().generic(method, address)

    assert (response.status_code, response["Content-Type"]) == (404, PROBLEM_JSON)


def test_an_address_outside_the_api_is_no_problem_json() -> None:
    assert Client().get("/nothing")["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_another_method_is_a_405_that_says_which_there_are(method: str) -> None:
    response = Client().generic(method, f"{TOY}/open")

    assert problem(response) == (405, PROBLEM_JSON, "method_not_allowed")
    assert response["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_options_says_which_methods_there_are() -> None:
    response = Client().options(f"{TOY}/open")

    assert (response.status_code, response["Allow"], response.content) == (204, "GET, POST, HEAD, OPTIONS", b"")


@pytest.mark.parametrize("accept", ["application/xml", "image/png"])
def test_a_type_that_no_answer_has_is_a_406(accept: str) -> None:
    assert problem(Client().get(f"{TOY}/open", headers={"Accept": accept})) == (406, PROBLEM_JSON, "not_acceptable")


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "text/json", "application/merge-patch+json", ""])
def test_a_content_type_that_is_not_read_is_a_415(kind: str) -> None:
    response = Client().generic("POST", f"{TOY}/open", b"{}", content_type=kind)

    assert problem(response) == (415, PROBLEM_JSON, "unsupported_media_type")


def test_a_host_that_is_not_served_is_a_400(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["throughline.example"]

    response = Client().get(f"{TOY}/open", headers={"Host": "elsewhere.example"})

    assert problem(response) == (400, PROBLEM_JSON, "bad_request")
    assert b"elsewhere" not in response.content


def test_a_host_that_is_not_served_gets_a_page_outside_the_api(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["throughline.example"]

    response = Client().get("/elsewhere/", headers={"Host": "elsewhere.example"})

    assert (response.status_code, response["Content-Type"]) == (400, "text/html; charset=utf-8")


def test_a_form_of_too_many_fields_is_a_400() -> None:
    fields = "&".join(f"a{number}=1" for number in range(1001))

    response = Client().generic("POST", f"{TOY}/open", fields.encode(), content_type="application/x-www-form-urlencoded")

    assert problem(response) == (400, PROBLEM_JSON, "bad_request")


def test_each_wrong_field_has_its_pointer() -> None:
    response = Client().post(
        f"{TOY}/open", {"whole": "1", "a/b~c": 1, "words": ["one", "three"]}, content_type="application/json"
    )

    found = {row["pointer"]: row["code"] for row in response.json()["errors"]}
    assert found == {"/whole": "invalid", "/a~1b~0c": "unknown_field", "/words/1": "invalid_choice"}


@pytest.mark.parametrize(
    ("codes", "status"),
    [
        (["null_characters_not_allowed"], 422),
        (["surrogate_characters_not_allowed", "unprocessable"], 422),
        (["null_characters_not_allowed", "invalid"], 400),
        (["required"], 400),
    ],
)
def test_unusable_content_is_a_422_and_everything_else_a_400(codes: list[str], status: int) -> None:
    error = ValidationError({f"field{number}": [ErrorDetail("No.", code)] for number, code in enumerate(codes)})

    assert invalid(error).status == status


def test_a_problem_of_parameters_points_at_them() -> None:
    error = ValidationError({"limit": ["Too many."], "a/b": ["Unknown."], "non_field_errors": ["Not both."]})

    assert [row["pointer"] for row in invalid(error, parameters=True).errors] == ["?limit", "?a/b", "?"]


def test_a_problem_of_a_thousand_fields_names_some_of_them() -> None:
    error = ValidationError({f"field{number}": ["No."] for number in range(1000)})

    made = invalid(error)

    assert len(made.errors) == 50
    assert made.detail.endswith(" …")


@pytest.mark.parametrize("code", sorted(WORDS_REFUSED))
def test_refusals_of_what_was_sent_are_422(code: str) -> None:
    from continuity.services.errors import Refused

    made = problem_of(Refused(code, "Write it otherwise."))

    assert made is not None
    assert (made.status, made.detail) == (422, "Write it otherwise.")


def test_half_a_surrogate_in_a_sentence_can_be_sent() -> None:
    body = Problem(400, "malformed_body", "“\ud800”", errors=[{"pointer": "/\udfff", "code": "a", "detail": "\ud800"}]).body(
        instance="/api/\ud800"
    )

    assert (body["detail"], body["errors"], body["instance"]) == (
        "“?”",
        [{"pointer": "/?", "code": "a", "detail": "?"}],
        "/api/?",
    )


def test_a_long_quotation_is_cut_off() -> None:
    body = Problem(400, "invalid_request", "x" * 1_000_000).body(instance="/api")

    assert len(body["detail"]) == 2001
