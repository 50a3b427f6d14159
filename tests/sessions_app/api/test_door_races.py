"""What the door promises when somebody else comes in between, and what it keeps of what it answered."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from continuity.enums import TakeState
from continuity.jobs import create
from continuity.models import Job, Shot, Take
from continuity.services import shots, shots_edit
from continuity.services.errors import Refused
from sessions_app.api import idempotency
from sessions_app.models import IdempotencyRecord
from tests.engine import at_once, scene
from tests.factories.continuity import ContinuityFactory, DoneTakeFactory, ShotFactory
from tests.factories.session import SessionFactory

pytestmark = pytest.mark.django_db(transaction=True)
API = "/api/v2"


def keyed(api: Any, address: str, body: Any = None) -> Any:
    return api.post(API + address, body if body is not None else {}, headers={"Idempotency-Key": "k"})


def test_what_is_missing_is_asked_for_whole_or_not_at_all(api: Any, owner: Any) -> None:
    session, rows = scene(owner, "One", "Two", default_mode="none")
    Shot.objects.filter(pk=rows[1].pk).update(model="no-such-model")

    refused = keyed(api, f"/sessions/{session.pk}/generate")

    assert (refused.status_code, Take.objects.count(), Job.objects.count()) == (422, 0, 0)


def test_a_secret_is_not_kept_for_a_repetition(owner: Any) -> None:
    browser = Client()
    browser.force_login(owner)
    body = json.dumps({"name": "n", "scopes": ["spend"]})

    made = browser.post(f"{API}/tokens", body, content_type="application/json", headers={"Idempotency-Key": "k"})

    assert made.json()["secret"].startswith("tl_")
    assert not IdempotencyRecord.objects.exists()


def test_a_tag_does_not_outlive_the_answer_that_a_cut_is_being_measured(api: Any, owner: Any) -> None:
    session = SessionFactory(owner=owner)
    ContinuityFactory(session=session)
    for number in (1, 2):
        shot = ShotFactory(session=session, rank=number * 2**20)
        Shot.objects.filter(pk=shot.pk).update(chosen_take=DoneTakeFactory(shot=shot))
    address = f"{API}/sessions/{session.pk}?expand=cuts"
    before = api.get(address)

    api.post(f"{API}/sessions/{session.pk}/cuts/measure")
    after = api.get(address, headers={"If-None-Match": before["ETag"]})

    assert after.status_code == 200
    assert [answer.json()["continuity"]["cuts"][0]["status"] for answer in (before, after)] == ["not-measured", "measuring"]


def test_guessing_at_many_names_is_throttled_as_signing_in(settings: Any) -> None:
    settings.THROTTLES = {"read": "", "write": "", "generate": "", "sign-in": "5/min"}

    def guess(number: int) -> int:
        body = json.dumps({"username": f"name{number}", "password": "123456", "name": "x", "scopes": ["read"]})
        return Client().post(f"{API}/sign-in", body, content_type="application/json").status_code

    assert [guess(number) for number in range(7)] == [401] * 5 + [429] * 2


def test_only_what_was_seen_is_paid_for(api: Any, owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the door's look at the version and the take, another editor changes the words."""
    session, rows = scene(owner, "One", default_mode="none")
    shot, real = Shot.objects.get(pk=rows[0].pk), idempotency.digest

    def meanwhile(**words: Any) -> str:
        shots_edit.change_shot(shot=shot, by=owner, user_prompt="Something else, by another editor")
        return real(**words)

    monkeypatch.setattr(idempotency, "digest", meanwhile)
    headers = {"Idempotency-Key": "k", "If-Match": f'"{shot.version}.1"'}
    answer = api.post(f"{API}/sessions/{session.pk}/shots/{shot.pk}/generate", {}, headers=headers)

    assert (answer.status_code, Take.objects.count()) == (412, 0)


def test_of_those_who_write_the_first_prompt_at_once_one_does(api: Any, owner: Any) -> None:
    session = SessionFactory(owner=owner)
    address = f"{API}/sessions/{session.pk}/prompt"

    def write(number: int) -> int:
        return int(api.patch(address, {"input": f"words {number}"}, headers={"If-Match": '"1.1"'}).status_code)

    assert sorted(at_once(6, write)) == [200] + [412] * 5


def test_a_vendor_is_asked_outside_any_transaction(api: Any, owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    session, rows = scene(owner, "One", default_mode="none")
    take = shots.request_generation(shot=rows[0], by=owner)
    Take.objects.filter(pk=take.pk).update(state=TakeState.UNKNOWN, request_sha256="0" * 64)
    told: list[bool] = []
    monkeypatch.setattr(shots, "_unknown_job", lambda take: Job.objects.get(take=take, kind="generate"))
    monkeypatch.setattr(shots, "_require_at_vendor", lambda job, remote_id: told.append(connection.in_atomic_block))
    monkeypatch.setattr(shots.unknown, "resume", lambda *a, **k: None)

    keyed(api, f"/sessions/{session.pk}/takes/{take.pk}/resolve", {"decision": "attach", "remoteId": "r"})
    Take.objects.filter(pk=take.pk).update(state=TakeState.REQUESTED)

    assert told == [False]


def test_a_page_is_not_the_json_that_the_browser_has(owner: Any) -> None:
    browser = Client()
    browser.force_login(owner)
    address = f"{API}/sessions/{SessionFactory(owner=owner).pk}"
    data = browser.get(address, headers={"Accept": "application/json"})

    page = browser.get(address, headers={"Accept": "text/html", "If-None-Match": data["ETag"]})

    assert (page.status_code, page["Content-Type"]) == (200, "text/html; charset=utf-8")


def test_parallel_calls_do_not_slip_through_the_throttle(api: Any, owner: Any, settings: Any) -> None:
    settings.THROTTLES = {"read": "", "write": "", "generate": "3/min", "sign-in": ""}
    session, rows = scene(owner, "One", default_mode="none")
    address = f"{API}/sessions/{session.pk}/shots/{rows[0].pk}/generate"

    codes = at_once(12, lambda number: api.post(address, {}, headers={"Idempotency-Key": f"k{number}"}).status_code)

    assert (codes.count(202), codes.count(429)) == (3, 9)


def test_a_shot_deleted_meanwhile_is_refused_in_words(owner: Any) -> None:
    _, rows = scene(owner, "One", "Two", default_mode="none")
    seen = Shot.objects.get(pk=rows[1].pk)
    shots_edit.delete_shot(shot=rows[1], by=owner)

    with pytest.raises(Refused, match="deleted"):
        shots.request_generation(shot=seen, by=owner)


def test_what_follows_a_move_is_one_transaction(api: Any, owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[bool] = []
    session, rows = scene(owner, "One", "Two", default_mode="none")
    monkeypatch.setattr(create, "wake_waiters", lambda pk: told.append(connection.in_atomic_block))

    api.post(f"{API}/sessions/{session.pk}/shots/{rows[1].pk}/move", {"position": 0})

    assert told == [True]
