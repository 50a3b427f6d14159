"""The door: what is looked at in which order, what an answer is, and what the parameters of an address may be."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import MULTIPART_CONTENT

from sessions_app.models import Session
from tests.factories.continuity import ShotFactory
from tests.factories.session import NOON, SessionFactory
from tests.sessions_app.api.toy_door import TOY, Things

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.sessions_app.api.toy_door")]


def errors(response: Any) -> tuple[int, list[tuple[str, str]]]:
    return response.status_code, [(row["pointer"], row["code"]) for row in response.json()["errors"]]


def test_a_declared_method_knows_what_it_is_declared_as() -> None:
    assert (Things.get.operation.summary, Things.post.operation.scope) == ("Read things", "write")


def test_parameters_are_read_from_their_text(api: Any) -> None:
    response = api.get(f"{TOY}?limit=3&word=%20a%C3%A4&first=1")

    assert response.json()["query"] == {"limit": 3, "word": " aä", "first": True}


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_parameter_is_a_400_that_names_it(api: Any, method: str) -> None:
    response = getattr(api, method)(f"{TOY}?Limit=3&ordering=user__password&a/b=1")

    assert errors(response) == (400, [(f"?{name}", "unknown_field") for name in ("Limit", "ordering", "a/b")])


@pytest.mark.parametrize("address", [f"{TOY}/bare", f"{TOY}/open"])
def test_an_operation_without_parameters_knows_none(api: Any, address: str) -> None:
    assert errors(api.post(f"{address}?x=1")) == (400, [("?x", "unknown_field")])


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "min_value"), ("limit=10", "max_value"), ("limit=x", "invalid"), ("limit=1.5", "invalid"),
        ("limit=", "invalid"),
        ("limit=1000000000", "max_value"), ("limit=" + "9" * 2000, "max_string_length"), ("first=maybe", "invalid"),
        ("word=" + "x" * 21, "max_length"), ("limit=%EF%BC%91%EF%BC%91", "max_value"),
    ],
)  # fmt: skip
def test_a_parameter_that_is_none_is_a_400(api: Any, query: str, code: str) -> None:
    assert errors(api.get(f"{TOY}?{query}")) == (400, [(f"?{query.partition('=')[0]}", code)])


def test_a_nul_in_a_parameter_is_a_422(api: Any) -> None:
    assert errors(api.get(f"{TOY}?word=a%00")) == (422, [("?word", "null_characters_not_allowed")])


@pytest.mark.parametrize("query", ["limit=1&limit=1", "limit=1&word=a&limit=2", "x=1&x=2"])
def test_a_parameter_said_twice_is_a_400(api: Any, query: str) -> None:
    assert errors(api.get(f"{TOY}?{query}")) == (400, [(f"?{query[0:5] if query[0] == 'l' else 'x'}", "twice")])


def test_parameters_that_exclude_each_other_are_a_400(api: Any) -> None:
    assert errors(api.get(f"{TOY}?first=1&last=1")) == (400, [("?", "invalid")])


@pytest.mark.parametrize("query", ["?format=json", "?format=json&limit=2"])
def test_the_format_may_be_said(api: Any, query: str) -> None:
    assert api.get(f"{TOY}{query}").status_code == 200


def test_another_format_is_not_there(owner: Any) -> None:
    from django.test import Client

    assert Client().get(f"{TOY}/open?format=xml").status_code == 404


def test_bytes_that_are_no_text_in_an_address_are_no_error_of_the_server(api: Any) -> None:
    assert api.get(f"{TOY}?word=%FF").status_code == 200


def test_the_objects_are_looked_at_before_parameters_and_body(api: Any, api_of: Any, owner: Any, stranger: Any) -> None:
    mine, theirs, gone = SessionFactory(owner=owner), SessionFactory(owner=stranger), SessionFactory(owner=owner, deleted_at=NOON)

    answers = [
        api.patch(f"{TOY}/scenes/{pk}?x=1", "{broken", headers={"If-Match": "*"})
        for pk in (mine.pk, theirs.pk, gone.pk, "ses_none")
    ]

    assert [answer.status_code for answer in answers] == [400, 404, 404, 404]
    bodies = [{**answer.json(), "instance": "", "requestId": ""} for answer in answers[1:]]
    assert bodies[0] == bodies[1] == bodies[2]


def test_the_body_is_looked_at_before_if_match(api: Any, owner: Any) -> None:
    session = SessionFactory(owner=owner)

    assert api.patch(f"{TOY}/scenes/{session.pk}", {"nam": "x"}).status_code == 400
    assert api.patch(f"{TOY}/scenes/{session.pk}", {"name": "x"}).status_code == 428


@pytest.mark.parametrize("session_id", ["%00", "a%00b", "%F0%9F%8E%AC", "x" * 300, "..", "'; --", "%25", "ses_1%0A", "%ED%A0%80"])
@pytest.mark.parametrize("method", ["get", "patch"])
def test_an_id_of_anything_is_a_404(api: Any, method: str, session_id: str) -> None:
    assert getattr(api, method)(f"{TOY}/scenes/{session_id}").status_code == 404


def test_a_shot_of_another_session_is_a_404(api: Any, owner: Any, stranger: Any) -> None:
    mine, other, theirs = SessionFactory(owner=owner), SessionFactory(owner=owner), SessionFactory(owner=stranger)
    shots = [ShotFactory(session=session) for session in (mine, other, theirs)]
    shots.append(ShotFactory(session=mine, deleted_at=NOON))

    answers = [api.get(f"{TOY}/scenes/{mine.pk}/shots/{shot.pk}").status_code for shot in shots]

    assert answers == [200, 404, 404, 404]
    assert api.get(f"{TOY}/scenes/{theirs.pk}/shots/{shots[2].pk}").status_code == 404


@pytest.mark.parametrize(("deleted_at", "status"), [(NOON, 200), (None, 404)])
def test_what_is_restored_is_a_deleted_one(api: Any, owner: Any, deleted_at: Any, status: int) -> None:
    session = SessionFactory(owner=owner, deleted_at=deleted_at)

    assert api.post(f"{TOY}/scenes/{session.pk}/restore").status_code == status


def test_the_deleted_ones_of_others_are_not_restored(api_of: Any, owner: Any, stranger: Any) -> None:
    session = SessionFactory(owner=owner, deleted_at=NOON)

    assert api_of(stranger).post(f"{TOY}/scenes/{session.pk}/restore").status_code == 404
    assert Session.all_objects.get().deleted_at == NOON


def test_no_body_is_a_204_and_nothing_is_kept_by_caches(api: Any) -> None:
    response = api.post(f"{TOY}/bare")

    assert (response.status_code, response.content, response["Cache-Control"]) == (204, b"", "private, no-store")


@pytest.mark.parametrize("body", ["", "{}", {}])
def test_a_verb_without_a_body_takes_an_empty_one(api: Any, body: Any) -> None:
    assert api.post(f"{TOY}/bare", body).status_code == 204


@pytest.mark.parametrize("body", [{"x": 1}, [1], "1"])
def test_a_verb_without_a_body_takes_no_other(api: Any, body: Any) -> None:
    assert api.post(f"{TOY}/bare", body).status_code == 400


def test_a_body_of_get_is_not_read(api: Any) -> None:
    assert api.generic("GET", TOY, b"{broken", content_type="application/json").status_code == 200


def test_something_new_is_a_201_that_says_where_it_is(api: Any) -> None:
    response = api.post(f"{TOY}/scenes", {"name": "A"})

    assert (response.status_code, response["Location"]) == (201, f"{TOY}/scenes/{response.json()['id']}")
    assert api.get(response["Location"]).json() == response.json()


def test_paid_work_is_a_202_that_names_its_job(api: Any) -> None:
    response = api.post(f"{TOY}/paid", {"name": "A"}, headers={"Idempotency-Key": "k"})

    assert (response.status_code, response["Location"]) == (202, f"/api/v2/jobs/{response.json()['id']}")


def test_a_file_comes_with_its_fields(api: Any) -> None:
    content = {"name": "A", "file": SimpleUploadedFile("a.png", b"bytes", "image/png")}

    response = api.post(f"{TOY}/files", content, content_type=MULTIPART_CONTENT)

    assert response.json()["body"] == {"name": "A"}


def test_a_file_where_none_is_taken_is_an_unknown_field(api: Any) -> None:
    content = {"file": SimpleUploadedFile("a.png", b"bytes", "image/png")}

    response = api.post(TOY, content, content_type=MULTIPART_CONTENT)

    assert errors(response) == (400, [("/file", "unknown_field")])


def test_only_those_who_are_signed_in_come_in_unless_it_is_open(db: None) -> None:
    from django.test import Client

    asked = ["GET ", "POST ", "GET /scenes", "POST /paid", "PATCH /scenes/ses_1", "GET /open"]
    answers = [Client().generic(method, TOY + path).status_code for method, path in (one.split(" ") for one in asked)]

    assert answers == [401, 401, 401, 401, 401, 200]


def test_reading_takes_no_if_match(api: Any, owner: Any) -> None:
    session = SessionFactory(owner=owner)

    assert api.get(f"{TOY}/scenes/{session.pk}", headers={"If-Match": '"99"'}).status_code == 200
