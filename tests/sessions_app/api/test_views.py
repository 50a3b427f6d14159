"""What every view of the API is: JSON for scripts whatever they say, with the headers of the site."""

from typing import Any

import pytest
from django.test import Client

from sessions_app.api.renderers import OrjsonRenderer
from tests.factories.session import SessionFactory
from tests.sessions_app.api.toy_door import TOY

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.sessions_app.api.toy_door")]


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "application/*", "application/json, text/html;q=0.9"])
def test_a_script_gets_json(accept: str | None) -> None:
    response = Client().get(f"{TOY}/open", headers={} if accept is None else {"Accept": accept})

    assert (response["Content-Type"], response.json()) == ("application/json", {"body": {}, "query": {}})


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/problem+json, application/json"])
def test_a_script_gets_problems_as_problem_json(accept: str) -> None:
    response = Client().get(TOY, headers={"Accept": accept})

    assert (response.status_code, response["Content-Type"]) == (401, "application/problem+json")


def test_an_answer_may_not_be_guessed_at_or_framed() -> None:
    response = Client().get(f"{TOY}/open")

    assert (response["X-Content-Type-Options"], response["X-Frame-Options"]) == ("nosniff", "DENY")
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null"])
def test_no_other_site_may_read_an_answer(origin: str, owner: Any) -> None:
    client = Client()
    client.force_login(owner)

    for response in (client.get(TOY, headers={"Origin": origin}), client.options(TOY, headers={"Origin": origin})):
        assert [name for name in response.headers if name.lower().startswith("access-control")] == []


def test_an_answer_differs_by_who_asks_and_in_what() -> None:
    assert {"Accept", "Cookie"} <= {name.strip() for name in Client().get(f"{TOY}/open")["Vary"].split(",")}


def test_head_is_get_without_a_body(api: Any, owner: Any) -> None:
    session = SessionFactory(owner=owner)

    read, asked = api.get(f"{TOY}/scenes/{session.pk}"), api.head(f"{TOY}/scenes/{session.pk}")

    assert (asked.status_code, asked["ETag"], asked.content) == (200, read["ETag"], b"")


def test_a_list_has_its_pages(api: Any, owner: Any) -> None:
    SessionFactory(owner=owner)

    assert set(api.get(f"{TOY}/scenes").json()) == {"items", "next", "previous"}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("who", ["anonymous", "owner"])
def test_an_address_that_is_none_is_a_404_for_everybody(owner: Any, method: str, who: str) -> None:
    client = Client(enforce_csrf_checks=True)
    if who == "owner":
        client.force_login(owner)

    assert client.generic(method, "/api/v2/none", b"{broken", content_type="application/json").status_code == 404


def test_answers_are_plain_data() -> None:
    assert OrjsonRenderer().render({"a": [1, None, "ä"]}) == '{"a":[1,null,"ä"]}'.encode()
    assert OrjsonRenderer().render(None) == b""


def test_a_date_in_an_answer_is_a_mistake() -> None:
    from datetime import UTC, datetime
    from decimal import Decimal

    for value in (datetime(2026, 11, 20, tzinfo=UTC), Decimal("0.3")):
        with pytest.raises(TypeError):
            OrjsonRenderer().render({"at": value})
