"""If-Match and If-None-Match: what names a version, and what becomes of an edit of another one."""

from typing import Any

import pytest
from django.test import Client

from sessions_app.api.etag import etag, is_known, required_version
from sessions_app.api.problems import Problem
from sessions_app.models import AuditEvent, Edit, Session
from tests.engine import at_once
from tests.factories.session import NOON, SessionFactory
from tests.sessions_app.api import toy_door
from tests.sessions_app.api.documented import secret_of
from tests.sessions_app.api.toy_door import TOY

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.sessions_app.api.toy_door")]
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def session(owner: Any) -> Session:
    """At version 3, revision 5."""
    made: Session = SessionFactory(owner=owner, name="Before", version=3, revision=5)
    return made


@pytest.fixture
def address(session: Session) -> str:
    return f"{TOY}/scenes/{session.pk}"


def state() -> tuple[str, int, int, int]:
    """Name and version of the one session, and how many edits and audit rows there are."""
    row = Session.all_objects.get()
    return row.name, row.version, Edit.objects.count(), AuditEvent.objects.count()


UNTOUCHED = ("Before", 3, 0, 0)
RENAMED = ("After", 5, 1, 1)
"""The toy counts two edits in one verb."""


@pytest.mark.parametrize(
    ("header", "version"),
    [
        ('"3.5"', 3), ('"3.4"', 3), ('"3"', 3), ("3", 3), ("3.5", 3), ('W/"3.5"', 3), ('"1.1", "3.5"', 3), ('"1.1",W/"3.9" ', 3),
        ('"3', 3), ("*", None), (" * ", None),
    ],
)  # fmt: skip
def test_if_match_names_the_version(header: str, version: int | None) -> None:
    assert required_version(header, version=3) == version


@pytest.mark.parametrize(
    "header",
    [
        '"4.5"',
        '"2.5"',
        '"33.5"',
        '"5.3"',
        '""',
        '"',
        '","',
        "garbage",
        "W/",
        "３",
        '"*"',
        "*x",
        "x*",
        '"1.1" *',
        "* *",
        "\x00",
        '"3 .5"',
    ],
)
def test_if_match_that_names_no_such_version_is_a_412(header: str) -> None:
    with pytest.raises(Problem) as caught:
        required_version(header, version=3)

    assert (caught.value.status, caught.value.code) == (412, "edited_since")


@pytest.mark.parametrize(
    ("header", "known"),
    [
        ('"3.5"', True), ('W/"3.5"', True), ('"1.1", "3.5"', True), ("*", False), ("3.5", True),
        ("", False), ('"3.4"', False), ('"3"', False), ('"3.55"', False), ('"*"', False), ("garbage", False),
    ],
)  # fmt: skip
def test_if_none_match_names_the_whole_tag(header: str, known: bool) -> None:
    assert is_known(header, etag(version=3, revision=5)) is known


def test_an_answer_has_the_tag_that_the_next_change_needs(api: Any, address: str) -> None:
    tag = api.get(address)["ETag"]

    first = api.patch(address, {"name": "After"}, headers={"If-Match": tag})
    second = api.patch(address, {"name": "Later"}, headers={"If-Match": first["ETag"]})

    assert (tag, first.status_code, second.status_code) == ('"3.5"', 200, 200)
    assert state()[0] == "Later"


def test_without_if_match_a_change_is_a_428(api: Any, address: str) -> None:
    response = api.patch(address, {"name": "After"})

    assert (response.status_code, response.json()["code"]) == (428, "if_match_required")
    assert state() == UNTOUCHED


@pytest.mark.parametrize("header", ['"2.5"', 'W/"4.5"', '"1", "2"', "garbage", '"*"'])
@pytest.mark.parametrize("method", ["patch", "put"])
def test_a_change_of_another_version_is_a_412_and_writes_nothing(api: Any, address: str, method: str, header: str) -> None:
    """``put`` does not require If-Match, and honours it all the same."""
    response = getattr(api, method)(address, {"name": "After"}, headers={"If-Match": header})

    assert (response.status_code, response.json()["code"]) == (412, "edited_since")
    assert state() == UNTOUCHED


@pytest.mark.parametrize("header", ['"3.5"', 'W/"3.1"', '"9.9", "3.5"', "*"])
def test_two_edits_of_one_verb_do_not_conflict_with_each_other(api: Any, address: str, header: str) -> None:
    response = api.patch(address, {"name": "After"}, headers={"If-Match": header})

    assert (response.status_code, response.json()["version"], response["ETag"]) == (200, 5, '"5.7"')
    assert state() == RENAMED


def test_a_form_says_if_match_as_a_field(api: Any, address: str) -> None:
    refused = api.post(address, "name=After&If-Match=%222.5%22", content_type=FORM)
    missing = api.post(address, "name=After", content_type=FORM)
    changed = api.post(address, "name=After&If-Match=%223.5%22", content_type=FORM)

    assert [response.status_code for response in (refused, missing, changed)] == [412, 428, 200]


def test_the_header_wins_over_the_form(api: Any, address: str) -> None:
    stale = api.post(address, "name=After&If-Match=%223.5%22", content_type=FORM, headers={"If-Match": '"2.5"'})
    fresh = api.post(address, "name=After&If-Match=%222.5%22", content_type=FORM, headers={"If-Match": '"3.5"'})

    assert [response.status_code for response in (stale, fresh)] == [412, 200]


def test_who_edits_between_the_look_and_the_write_is_not_overwritten(
    api: Any, address: str, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The door has compared the versions; the UPDATE that counts the edit compares them again."""
    real = toy_door.rename

    def late(row: Session, asked: Any) -> Any:
        Session.objects.filter(pk=row.pk).update(version=4, name="Theirs")
        return real(row, asked)

    monkeypatch.setattr(toy_door, "rename", late)

    response = api.patch(address, {"name": "After"}, headers={"If-Match": '"3.5"'})

    assert (response.status_code, response.json()["code"]) == (412, "edited_since")
    assert state() == ("Theirs", 4, 0, 0)


def test_a_worker_between_the_look_and_the_write_is_no_conflict(api: Any, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = toy_door.rename

    def late(row: Session, asked: Any) -> Any:
        row.touch(by=None)
        return real(row, asked)

    monkeypatch.setattr(toy_door, "rename", late)

    assert api.patch(address, {"name": "After"}, headers={"If-Match": '"3.5"'}).status_code == 200
    assert state() == RENAMED


@pytest.mark.django_db(transaction=True)
def test_of_ten_editors_with_one_version_one_wins(owner: Any, address: str) -> None:
    headers = {"Authorization": f"Bearer {secret_of(owner)}", "If-Match": '"3.5"'}

    def act(number: int) -> int:
        body = {"name": f"Name {number}"}
        return int(Client().patch(address, body, content_type="application/json", headers=headers).status_code)

    answers = at_once(10, act)

    assert sorted(answers, key=str) == [200] + [412] * 9
    assert state()[1:] == (5, 1, 1)


def test_if_match_of_a_shot_is_the_shots_own_version(api: Any, session: Session) -> None:
    from continuity.models import Shot
    from tests.factories.continuity import ShotFactory

    shot = ShotFactory(session=session)
    Shot.objects.filter(pk=shot.pk).update(version=8)
    address = f"{TOY}/scenes/{session.pk}/shots/{shot.pk}"

    of_session = api.patch(address, headers={"If-Match": '"3.5"'})
    of_shot = api.patch(address, headers={"If-Match": '"8.1"'})

    assert (of_session.status_code, of_shot.status_code) == (412, 200)
    assert (Shot.objects.get().version, Session.objects.get().version) == (9, 4)


def test_restoring_honours_if_match_too(api: Any, address: str, session: Session) -> None:
    Session.objects.filter(pk=session.pk).update(deleted_at=NOON)

    stale = api.post(f"{address}/restore", headers={"If-Match": '"2.5"'})
    fresh = api.post(f"{address}/restore", headers={"If-Match": '"3.5"'})

    assert (stale.status_code, fresh.status_code) == (412, 200)


@pytest.mark.parametrize("header", ['"3.5"', 'W/"3.5"', '"1.1", "3.5"'])
def test_who_has_the_answer_already_gets_a_304_without_a_body(api: Any, address: str, header: str) -> None:
    response = api.get(address, headers={"If-None-Match": header})

    assert (response.status_code, response.content, response["ETag"]) == (304, b"", '"3.5"')
    assert response["Cache-Control"] == "private, no-cache"
    assert "Content-Type" not in response.headers


@pytest.mark.parametrize("change", [{"version": 4}, {"revision": 6}])
def test_after_a_change_the_old_tag_is_not_known(api: Any, address: str, change: dict[str, int]) -> None:
    Session.objects.update(**change)

    assert api.get(address, headers={"If-None-Match": '"3.5"'}).status_code == 200


def test_a_stranger_with_the_right_tag_gets_a_404_and_not_a_304(api_of: Any, stranger: Any, address: str) -> None:
    assert api_of(stranger).get(address, headers={"If-None-Match": '"3.5"'}).status_code == 404


def test_if_match_of_a_stranger_is_a_404_and_not_a_412(api_of: Any, stranger: Any, address: str) -> None:
    assert api_of(stranger).patch(address, {"name": "x"}, headers={"If-Match": '"1.1"'}).status_code == 404
