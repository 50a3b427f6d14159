"""The same key and body do the work once and are answered the same, however often and from however many threads they come."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from continuity.services.errors import Refused
from sessions_app.api import idempotency
from sessions_app.models import IdempotencyRecord, Session
from tests.engine import at_once
from tests.factories.session import NOON, IdempotencyRecordFactory
from tests.sessions_app.api import toy_door
from tests.sessions_app.api.documented import secret_of
from tests.sessions_app.api.toy_door import TOY

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.sessions_app.api.toy_door")]
PAID, SCENES = f"{TOY}/paid", f"{TOY}/scenes"
OWN_TIME = {"X-Request-Id", "Idempotent-Replayed"}
"""Headers in which a replay differs from what it replays."""


def pay(client: Client, key: str = "key-1", name: str = "A", address: str = PAID) -> Any:
    return client.post(address, {"name": name}, content_type="application/json", headers={"Idempotency-Key": key})


def status_and_code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json().get("code", "")


@pytest.fixture
def work() -> Iterator[dict[str, Any]]:
    """What paid work of a name does besides."""
    yield toy_door.WORK
    toy_door.WORK.clear()


def test_a_repeated_request_is_answered_the_same_and_done_once(api: Any) -> None:
    first, second = pay(api), pay(api)

    assert (first.status_code, second.status_code, first.content) == (202, 202, second.content)
    told = [{name: value for name, value in one.items() if name not in OWN_TIME} for one in (first, second)]
    assert told[0] == told[1]
    assert {"Location", "Retry-After", "Cache-Control"} <= set(told[0])
    assert ("Idempotent-Replayed" in first, second["Idempotent-Replayed"]) == (False, "true")
    assert Session.objects.count() == 1


def test_the_form_of_the_same_json_is_the_same_request(api: Any) -> None:
    pay(api)
    sent = ' {"name"  : "\\u0041"} '

    response = api.post(PAID, sent, headers={"Idempotency-Key": "key-1"})

    assert (response.status_code, response["Idempotent-Replayed"]) == (202, "true")


@pytest.mark.parametrize(("name", "address"), [("B", PAID), ("A", f"{PAID}?preview=0"), ("A", SCENES)])
def test_a_key_of_another_request_is_a_422(api: Any, name: str, address: str) -> None:
    pay(api)

    assert status_and_code(pay(api, name=name, address=address)) == (422, "idempotency_key_reused")
    assert Session.objects.count() == 1


def test_two_people_may_use_one_key(api: Any, api_of: Any, stranger: User) -> None:
    mine, theirs = pay(api), pay(api_of(stranger))

    assert mine.json() != theirs.json()
    assert set(Session.objects.values_list("owner__username", flat=True)) == {"owner", "stranger"}


def test_another_key_is_another_request(api: Any) -> None:
    assert pay(api, "key-1").json() != pay(api, "key-2").json()


@pytest.mark.parametrize("key", ["a", "x" * 255, "!~{}", "3f2a-77"])
def test_a_key_is_visible_ascii_of_up_to_255_characters(api: Any, key: str) -> None:
    assert (pay(api, key).status_code, pay(api, key).headers.get("Idempotent-Replayed")) == (202, "true")


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "ä", "a\x00", "a\n", "\t", " ", "🎬"])
def test_any_other_key_is_a_400(api: Any, key: str) -> None:
    assert status_and_code(pay(api, key)) == (400, "idempotency_key_invalid")
    assert Session.objects.count() == 0


def test_paid_work_without_a_key_is_a_428(api: Any) -> None:
    response = api.post(PAID, {"name": "A"})

    assert (*status_and_code(response), Session.objects.count()) == (428, "idempotency_key_required", 0)


def test_a_form_says_the_key_as_a_field_and_the_header_wins(api: Any) -> None:
    kind = "application/x-www-form-urlencoded"

    first = api.post(PAID, "name=A&Idempotency-Key=key-1", content_type=kind)
    same = api.post(PAID, "name=A&Idempotency-Key=key-1", content_type=kind)
    other = api.post(PAID, "name=A&Idempotency-Key=key-1", content_type=kind, headers={"Idempotency-Key": "key-2"})

    assert (first.json() == same.json(), first.json() == other.json()) == (True, False)
    assert pay(api).json() == first.json()


def test_free_work_honours_a_key_that_is_sent(api: Any) -> None:
    first, second, without = pay(api, address=SCENES), pay(api, address=SCENES), api.post(SCENES, {"name": "A"})

    assert (first.status_code, first.json() == second.json(), second["Location"]) == (201, True, first["Location"])
    assert (without.json() == first.json(), Session.objects.count()) == (False, 2)


def test_looking_first_remembers_nothing(api: Any) -> None:
    looked = pay(api, address=f"{PAID}?preview=1")

    assert (looked.status_code, IdempotencyRecord.objects.count(), pay(api, name="B").status_code) == (200, 0, 202)


@pytest.mark.parametrize("error", [Refused("shot_is_being_made", "Wait."), Refused("prompt_invalid", "Write words.")])
def test_refused_work_is_not_remembered_and_leaves_nothing(api: Any, work: dict[str, Any], error: Refused) -> None:
    def refuse() -> None:
        raise error

    work["A"] = refuse
    refused = pay(api)
    work.clear()

    assert (refused.status_code in (409, 422), Session.objects.count(), IdempotencyRecord.objects.count()) == (True, 0, 0)
    assert "Idempotent-Replayed" not in pay(api).headers
    assert Session.objects.count() == 1


def test_a_crash_inside_the_work_leaves_nothing(owner: User, work: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {secret_of(owner)}"}
    work["A"] = lambda: 1 // 0

    crashed = pay(Client(raise_request_exception=False, headers=headers))
    work.clear()

    assert status_and_code(crashed) == (500, "server_error")
    assert (Session.objects.count(), IdempotencyRecord.objects.count()) == (0, 0)
    assert pay(Client(headers=headers)).status_code == 202


def test_a_conflict_inside_the_work_takes_the_record_back(owner: User, work: dict[str, Any]) -> None:
    from prompts.expectations import VersionConflict

    def conflict() -> None:
        raise VersionConflict("ses_1")

    work["A"] = conflict

    answer = pay(Client(headers={"Authorization": f"Bearer {secret_of(owner)}"}))

    assert (answer.status_code, Session.objects.count(), IdempotencyRecord.objects.count()) == (412, 0, 0)


@pytest.mark.parametrize(("hours", "sessions"), [(23.99, 1), (24.01, 2)])
def test_a_key_is_kept_for_24_hours(owner: User, api_of: Any, hours: float, sessions: int) -> None:
    client = api_of(owner)
    with time_machine.travel(NOON, tick=False):
        pay(client)

    with time_machine.travel(NOON + timedelta(hours=hours), tick=False):
        assert pay(client).status_code == 202

    assert (Session.objects.count(), IdempotencyRecord.objects.count()) == (sessions, 1)


def test_an_expired_key_may_come_with_another_body(api: Any) -> None:
    pay(api)
    IdempotencyRecord.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert pay(api, name="B").status_code == 202


def test_the_expired_keys_of_others_are_left_alone(api: Any, stranger: User) -> None:
    theirs = IdempotencyRecordFactory(user=stranger, expires_at=timezone.now() - timedelta(days=1))

    pay(api)

    assert IdempotencyRecord.objects.filter(pk=theirs.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_are_one_execution_and_fifty_equal_answers(owner: User) -> None:
    headers = {"Authorization": f"Bearer {secret_of(owner)}"}

    answers = at_once(50, lambda number: pay(Client(headers=headers)))

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert {(answer.status_code, answer.content, answer["Location"]) for answer in answers} == {
        (202, answers[0].content, answers[0]["Location"])
    }
    assert sum("Idempotent-Replayed" not in answer for answer in answers) == 1
    assert (Session.objects.count(), IdempotencyRecord.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_ten_bodies_at_once_with_one_key_one_is_done(owner: User) -> None:
    headers = {"Authorization": f"Bearer {secret_of(owner)}"}

    answers = at_once(10, lambda number: pay(Client(headers=headers), name=f"Name {number}"))

    assert sorted(answer.status_code for answer in answers) == [202] + [422] * 9
    assert Session.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_after_a_first_call_that_failed_the_waiting_one_does_the_work(owner: User, work: dict[str, Any]) -> None:
    calls: list[int] = []

    def first_fails() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise Refused("shot_is_being_made", "Wait.")

    work["A"] = first_fails
    headers = {"Authorization": f"Bearer {secret_of(owner)}"}

    answers = at_once(5, lambda number: pay(Client(headers=headers)))

    assert sorted(answer.status_code for answer in answers) == [202] * 4 + [409]
    assert (len(calls), Session.objects.count()) == (2, 1)


class AtWork:
    """A first call with ``key-1`` whose work goes on until it is let go, in a thread of its own."""

    def __init__(self, headers: dict[str, str], work: dict[str, Any]) -> None:
        self.headers, self.begun, self.go_on = headers, threading.Event(), threading.Event()
        work["A"] = self._wait
        self.thread = threading.Thread(target=self._run)
        self.answer: Any = None

    def __enter__(self) -> "AtWork":
        self.thread.start()
        assert self.begun.wait(20)
        return self

    def __exit__(self, *error: object) -> None:
        self.go_on.set()
        self.thread.join()

    def _wait(self) -> None:
        self.begun.set()
        assert self.go_on.wait(20)

    def _run(self) -> None:
        self.answer = pay(Client(headers=self.headers))
        connection.close()

    def meanwhile(self, **how: Any) -> Any:
        """What a second call is answered that has little patience."""
        answers = at_once(1, lambda number: self._impatient(**how))
        return answers[0]

    def _impatient(self, **how: Any) -> Any:
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA busy_timeout=200")
        return pay(Client(headers=self.headers), **how)


@pytest.fixture
def at_work(owner: User, work: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> AtWork:
    monkeypatch.setattr(idempotency, "PATIENCE_MILLISECONDS", 200)
    return AtWork({"Authorization": f"Bearer {secret_of(owner, last_used_at=timezone.now())}"}, work)


@pytest.mark.django_db(transaction=True)
def test_while_the_first_call_is_at_work_the_second_one_is_told_so(at_work: AtWork) -> None:
    """PostgreSQL knows that it is this very key. SQLite has one writer: whose work holds the lock, nobody can say."""
    with at_work:
        meanwhile = at_work.meanwhile()
    afterwards = pay(Client(headers=at_work.headers))

    assert status_and_code(meanwhile) == {"postgresql": (409, "request_in_flight"), "sqlite": (503, "busy")}[connection.vendor]
    assert meanwhile["Retry-After"] == "2"
    assert (at_work.answer.status_code, afterwards.content, afterwards["Idempotent-Replayed"]) == (
        202,
        at_work.answer.content,
        "true",
    )
    assert Session.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_another_key_does_not_wait_for_the_first_ones_work(at_work: AtWork, owner: User) -> None:
    """Not even when both tidy up the same expired keys. SQLite's one writer makes everybody wait."""
    IdempotencyRecordFactory(user=owner, key="expired", expires_at=timezone.now() - timedelta(days=1))

    with at_work:
        meanwhile = at_work.meanwhile(key="key-2", name="B")

    assert meanwhile.status_code == {"postgresql": 202, "sqlite": 503}[connection.vendor]


@pytest.mark.django_db(transaction=True)
def test_the_expired_key_itself_is_in_flight_while_it_is_used_again(at_work: AtWork, owner: User) -> None:
    IdempotencyRecordFactory(user=owner, key="key-1", expires_at=timezone.now() - timedelta(days=1))

    with at_work:
        meanwhile = at_work.meanwhile()

    assert meanwhile.status_code == {"postgresql": 409, "sqlite": 503}[connection.vendor]
    assert Session.objects.count() == 1


def test_a_database_that_fails_is_not_another_call_at_work(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**row: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(IdempotencyRecord.objects, "create", broken)

    assert status_and_code(pay(api)) == (503, "busy")


def test_a_record_that_was_never_finished_is_a_409(api: Any, owner: User) -> None:
    body = {"name": "A"}
    sha256 = idempotency.digest(route=f"POST {PAID}", body=body, query={})
    IdempotencyRecordFactory(user=owner, key="key-1", request_sha256=sha256, expires_at=timezone.now() + timedelta(hours=1))

    assert status_and_code(pay(api)) == (409, "request_in_flight")


def test_what_is_kept_is_the_answer_as_it_was(api: Any) -> None:
    response = pay(api, name="Ä 🎬")

    record = IdempotencyRecord.objects.get()
    assert (record.state, record.status, record.route) == ("finished", 202, f"POST {PAID}")
    assert (json.loads(bytes(record.body or b"")), record.headers["Location"]) == (response.json(), response["Location"])
