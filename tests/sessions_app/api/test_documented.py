"""The client that the other tests trust finds what is not documented: each kind of answer that it must not let through."""

from typing import Any, TypedDict

import pytest
from django.http import HttpResponse
from django.urls import path, re_path

from sessions_app.api.answers import Answer
from sessions_app.api.fields import Input, Text
from sessions_app.api.operation import Asked, operation
from sessions_app.api.problems import Problem
from sessions_app.api.views import ApiView, NoSuchAddress
from sessions_app.enums import TokenScope
from tests.sessions_app.api.documented import DocumentedClient, document

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
ANSWERS: dict[str, Answer] = {
    "good": Answer({"name": "a", "number": 1}),
    "another-status": Answer({"name": "a", "number": 1}, status=201),
    "a-member-too-many": Answer({"name": "a", "number": 1, "userId": 7}),
    "a-member-too-few": Answer({"name": "a"}),
    "another-type": Answer({"name": "a", "number": "1"}),
    "no-body": Answer(),
}


class Said(TypedDict):
    name: str
    number: int


class Name(Input):
    name = Text()


class Answering(ApiView):
    @operation("Answer", answer=Said, anonymous=True)
    def get(self, asked: Asked) -> Answer:
        if asked.ids["how"] == "another-problem":
            raise Problem(418, "teapot", "Take the other pot.")
        return ANSWERS[asked.ids["how"]]

    @operation("Say nothing", body=Name, scope=TokenScope.WRITE)
    def post(self, asked: Asked) -> Answer:
        return Answer()


urlpatterns = [
    path("api/v2/answers/<str:how>", Answering.as_view()),
    path("api/plain", lambda request: HttpResponse("a page")),
    re_path(r"^api/.*\Z", NoSuchAddress.as_view()),
]


@pytest.fixture
def client() -> DocumentedClient:
    return DocumentedClient(urlconf=__name__)


@pytest.mark.parametrize(
    ("how", "complaint"),
    [
        ("another-status", "→ 201: documented are 200, "),
        ("a-member-too-many", "userId"),
        ("a-member-too-few", "number"),
        ("another-type", "/number: "),
        ("no-body", "→ 204: documented are 200, "),
        ("another-problem", "→ 418: documented are 200, "),
    ],
)
def test_an_answer_that_is_not_documented_is_not_let_through(client: DocumentedClient, how: str, complaint: str) -> None:
    with pytest.raises(AssertionError, match=r"GET /api/v2/answers/") as caught:
        client.get(f"/api/v2/answers/{how}")

    assert complaint in str(caught.value)


def test_an_answer_as_documented_is_let_through(client: DocumentedClient) -> None:
    assert client.get("/api/v2/answers/good").status_code == 200
    assert client.head("/api/v2/answers/good").status_code == 200
    assert client.options("/api/v2/answers/good").status_code == 204
    assert client.delete("/api/v2/answers/good").status_code == 405
    assert client.get("/api/v2/nothing").status_code == 404
    assert client.get("/api/plain").status_code == 200


def test_the_client_of_the_fixture_sends_json_with_the_token(api: Any, api_of: Any, owner: Any) -> None:
    assert api.post("/api/v2/answers/good", {"name": "a"}).status_code == 204
    assert api_of(owner, scopes=[TokenScope.READ]).post("/api/v2/answers/good", {"name": "a"}).status_code == 403


def test_a_body_of_what_has_none_is_not_let_through(api: Any) -> None:
    response = api.post("/api/v2/answers/good", {"name": "a"})
    response.content = b"{}"

    with pytest.raises(AssertionError, match="no body is documented"):
        document(__name__).check(response)


def test_another_content_type_is_not_let_through(client: DocumentedClient) -> None:
    response = client.get("/api/v2/answers/good")
    response["Content-Type"] = "text/plain"

    with pytest.raises(AssertionError, match="text/plain is not documented, application/json is"):
        document(__name__).check(response)
