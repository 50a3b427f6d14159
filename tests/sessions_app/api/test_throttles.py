"""How often one may ask: each scope is counted apart, for each person or address, and Retry-After says when to come back."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.settings import api_settings

from sessions_app.models import Session
from tests.factories.session import NOON
from tests.sessions_app.api.documented import secret_of
from tests.sessions_app.api.toy_door import TOY

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.sessions_app.api.toy_door")]
READ, WRITE, GENERATE, SIGN_IN = ("GET", TOY), ("POST", f"{TOY}/bare"), ("POST", f"{TOY}/paid"), ("POST", f"{TOY}/open")


@pytest.fixture(autouse=True)
def rates(settings: Any) -> None:
    settings.THROTTLES = {"read": "2/min", "write": "2/min", "generate": "2/min", "sign-in": "2/min"}


def ask(what: tuple[str, str], client: Any, **headers: str) -> int:
    headers = {"Idempotency-Key": "k"} | headers
    return int(client.generic(*what, b"{}", content_type="application/json", headers=headers).status_code)


@pytest.mark.parametrize(("what", "let_in"), [(READ, 200), (WRITE, 204), (GENERATE, 400), (SIGN_IN, 200)])
def test_the_third_request_in_a_minute_is_a_429(api: Any, what: tuple[str, str], let_in: int) -> None:
    assert [ask(what, api) for _ in range(3)] == [let_in, let_in, 429]


@time_machine.travel(NOON, tick=False)
def test_a_429_says_when_to_come_back_and_then_lets_in(api: Any) -> None:
    ask(READ, api), ask(READ, api)

    response = api.get(TOY)

    assert (response.status_code, response.json()["code"]) == (429, "too_many_requests")
    assert 30 <= int(response["Retry-After"]) <= 61
    with time_machine.travel(datetime.fromtimestamp(NOON.timestamp() + int(response["Retry-After"]), tz=UTC), tick=False):
        assert ask(READ, api) == 200


def test_each_scope_is_counted_apart(api: Any) -> None:
    for _ in range(3):
        ask(READ, api)

    assert [ask(what, api) for what in (READ, WRITE, GENERATE, SIGN_IN)] == [429, 204, 400, 200]


def test_each_person_is_counted_apart_and_all_their_keys_together(owner: User, stranger: User) -> None:
    mine = [{"Authorization": f"Bearer {secret_of(owner)}"} for _ in range(2)]
    browser = Client()
    browser.force_login(owner)

    answers = [Client().get(TOY, headers=headers).status_code for headers in (*mine, mine[0])]

    assert (answers, browser.get(TOY).status_code) == ([200, 200, 429], 429)
    assert Client().get(TOY, headers={"Authorization": f"Bearer {secret_of(stranger)}"}).status_code == 200


def test_who_is_not_signed_in_is_counted_by_address() -> None:
    here = [Client().get(f"{TOY}/open", REMOTE_ADDR="192.0.2.1").status_code for _ in range(3)]

    assert (here, Client().get(f"{TOY}/open", REMOTE_ADDR="192.0.2.2").status_code) == ([200, 200, 429], 200)


def test_an_address_that_somebody_only_says_is_not_believed() -> None:
    answers = [
        Client().get(f"{TOY}/open", headers={"X-Forwarded-For": f"198.51.100.{number}"}).status_code for number in range(3)
    ]

    assert answers == [200, 200, 429]


def test_behind_a_trusted_proxy_the_address_that_it_saw_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_settings, "NUM_PROXIES", 1)

    def ask_from(address: str) -> int:
        headers = {"X-Forwarded-For": f"203.0.113.{ask_from.calls}, {address}"}  # type: ignore[attr-defined]
        ask_from.calls += 1  # type: ignore[attr-defined]
        return int(Client().get(f"{TOY}/open", headers=headers).status_code)

    ask_from.calls = 0  # type: ignore[attr-defined]

    assert [ask_from(address) for address in ("192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2")] == [200, 200, 429, 200]


def test_no_limit_is_no_limit(api: Any, settings: Any) -> None:
    settings.THROTTLES = settings.THROTTLES | {"read": ""}

    assert {ask(READ, api) for _ in range(20)} == {200}


def test_a_paid_request_that_is_one_too_many_does_nothing(api: Any) -> None:
    answers = [
        api.post(f"{TOY}/paid", {"name": "A"}, headers={"Idempotency-Key": f"k{number}"}).status_code for number in range(3)
    ]

    assert (answers, Session.objects.count()) == ([202, 202, 429], 2)


def test_a_method_that_there_is_not_and_options_are_not_counted(api: Any) -> None:
    for _ in range(4):
        api.options(TOY)
        api.delete(TOY)

    assert ask(READ, api) == 200


def test_head_is_counted_as_reading(api: Any) -> None:
    assert [api.head(TOY).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize("what", [GENERATE, SIGN_IN])
def test_what_costs_and_signing_in_are_counted_by_all_processes_together(api: Any, what: tuple[str, str]) -> None:
    """The other cache is a process's own memory, which another process would find empty."""
    from django.core.cache import caches

    ask(what, api), ask(what, api)
    caches["default"].clear()

    assert ask(what, api) == 429
