"""One id per request: the caller's where it is plain, in the answer, in the log and in the audit rows."""

import logging
import threading

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from sessions_app import request_id
from sessions_app.models import AuditEvent
from sessions_app.request_id import RequestIdFilter, RequestIdMiddleware
from tests.factories.session import SessionFactory


def ask(theirs: str | None = None) -> tuple[str, str]:
    """The id in the answer, and the one that the view saw."""
    seen: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request_id.current())
        return HttpResponse()

    headers = {} if theirs is None else {"X-Request-Id": theirs}
    response = RequestIdMiddleware(view)(RequestFactory().get("/", headers=headers))
    return response["X-Request-Id"], seen[0]


@pytest.mark.parametrize("theirs", ["a", "3f2a-77.b_C", "x" * 64])
def test_a_plain_id_of_the_caller_is_kept(theirs: str) -> None:
    assert ask(theirs) == (theirs, theirs)


@pytest.mark.parametrize("theirs", [None, "", "x" * 65, "a b", "a\nSet-Cookie: b", "a\n", "ä", "<b>", "a;b", "\x00"])
def test_any_other_id_is_replaced_by_a_new_one(theirs: str | None) -> None:
    answered, seen = ask(theirs)

    assert answered == seen
    assert len(answered) == 24
    assert answered != ask(theirs)[0]


def test_outside_a_request_there_is_none() -> None:
    ask("mine")

    assert request_id.current() == ""
    assert request_id.is_by_token() is False


def test_a_view_that_fails_leaves_nothing_behind() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        request_id.note_token()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        RequestIdMiddleware(view)(RequestFactory().get("/"))

    assert (request_id.current(), request_id.is_by_token()) == ("", False)


def test_a_token_is_of_its_request_alone() -> None:
    seen: list[bool] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request_id.is_by_token())
        request_id.note_token()
        seen.append(request_id.is_by_token())
        return HttpResponse()

    middleware = RequestIdMiddleware(view)
    middleware(RequestFactory().get("/"))
    middleware(RequestFactory().get("/"))

    assert seen == [False, True, False, True]


def test_each_thread_has_its_own() -> None:
    seen: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        thread = threading.Thread(target=lambda: seen.append(request_id.current()))
        thread.start()
        thread.join()
        return HttpResponse()

    RequestIdMiddleware(view)(RequestFactory().get("/"))

    assert seen == [""]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/nothing", "/api/nothing", "/static/nothing.css"])
def test_every_answer_has_one(address: str) -> None:
    assert Client().get(address, headers={"X-Request-Id": "mine"})["X-Request-Id"] == "mine"


def test_a_line_of_the_log_says_which_request_it_is_of() -> None:
    record = logging.makeLogRecord({"msg": "Something."})
    ids: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        RequestIdFilter().filter(record)
        ids.append(record.request_id)
        return HttpResponse()

    RequestIdMiddleware(view)(RequestFactory().get("/", headers={"X-Request-Id": "mine"}))
    assert RequestIdFilter().filter(record) is True

    assert [*ids, record.request_id] == ["mine", "-"]


@pytest.mark.parametrize("address", ["/api/v2/shared/{}", "/share/{}/media/ast_1/poster", "/share/{}"])
def test_a_line_of_the_log_does_not_hold_the_secret_of_a_share_link(address: str) -> None:
    secret = "Zk3_9-aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789"
    record = logging.makeLogRecord({"msg": "%s: %s %d", "args": ("Not Found", address.format(secret), 404)})

    RequestIdFilter().filter(record)

    assert record.getMessage() == f"Not Found: {address.format('…')} 404"


@pytest.mark.django_db
def test_a_share_link_that_is_not_found_is_logged_without_its_secret(caplog) -> None:
    secret = "Zk3_9-aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789"
    caplog.handler.addFilter(RequestIdFilter())

    Client().get(f"/api/v2/shared/{secret}")

    assert "Not Found: /api/v2/shared/…" in caplog.text
    assert secret not in caplog.text


@pytest.mark.django_db
def test_an_audit_row_holds_it() -> None:
    session = SessionFactory()

    def view(request: HttpRequest) -> HttpResponse:
        session.record("session.rename", by=session.owner, target=session)
        request_id.note_token()
        session.record("session.rename", by=session.owner, target=session)
        return HttpResponse()

    RequestIdMiddleware(view)(RequestFactory().get("/", headers={"X-Request-Id": "mine"}))
    session.record("session.rename", by=None, target=session)

    rows = AuditEvent.objects.order_by("id").values_list("request_id", "actor_kind")
    assert list(rows) == [("mine", "user"), ("mine", "token"), ("", "worker")]
