"""The list of sessions: what is asked for, page by page, whole sessions in two queries."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from continuity.services.errors import Refused
from sessions_app.api.v2 import dto, present
from sessions_app.models import Session
from tests.answers import problems_of
from tests.factories.continuity import ContinuityFactory, ShotFactory
from tests.factories.prompt import PromptFactory
from tests.factories.session import NOON, SessionFactory
from tests.large_scenes import large_scene

pytestmark = pytest.mark.django_db


def names(user: User, **query: Any) -> list[str]:
    return [session["name"] for session in present.session_page(user, query)["items"]]


def test_sessions_come_last_changed_first_without_anybody_elses(owner: User, stranger: User) -> None:
    for minutes, name in ((1, "older"), (2, "newer")):
        SessionFactory(owner=owner, name=name, updated_at=NOON + timedelta(minutes=minutes))
    SessionFactory(owner=owner, name="undated", updated_at=None, created_at=None)
    SessionFactory(owner=owner, name="deleted", deleted_at=NOON)
    SessionFactory(owner=stranger, name="a stranger's")

    assert names(owner) == ["newer", "older", "undated"]
    assert names(owner, deleted=True) == ["deleted"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "rain"}, ["Rain", "rain 100%"]),
        ({"q": "100%"}, ["rain 100%"]),
        ({"q": "%"}, ["rain 100%"]),
        ({"q": "_"}, ["snow_2"]),
        ({"q": "\\"}, []),
        ({"q": ""}, ["Rain", "rain 100%", "snow_2"]),
        ({"status": "archived"}, ["snow_2"]),
        ({"mode": "studio"}, ["rain 100%"]),
        ({"has_continuity": True}, ["Rain"]),
        ({"has_continuity": False}, ["rain 100%", "snow_2"]),
        ({"updated_after": "2026-11-20T12:01:00Z"}, ["Rain", "rain 100%"]),
        ({"updated_after": "2026-11-20T13:01:00+01:00"}, ["Rain", "rain 100%"]),
        ({"updated_after": "2026-11-20T12:01:00"}, ["Rain", "rain 100%"]),
        ({"q": "rain", "mode": "studio"}, ["rain 100%"]),
    ],
)
def test_a_list_can_be_asked_for_less(owner: User, query: dict[str, Any], found: list[str]) -> None:
    rain = SessionFactory(owner=owner, name="Rain", updated_at=NOON + timedelta(minutes=3))
    ContinuityFactory(session=rain)
    SessionFactory(owner=owner, name="rain 100%", active_mode="studio", updated_at=NOON + timedelta(minutes=2))
    SessionFactory(owner=owner, name="snow_2", status="archived", updated_at=NOON + timedelta(minutes=1))

    assert names(owner, **query) == found


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2026-13-01T00:00:00Z",
        "12:00",
        "0001-01-01T00:00:00+14:00",  # in UTC it is before the first day, or after the last
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_what_is_no_time_is_refused(owner: User, text: str) -> None:
    with pytest.raises(Refused, match="RFC 3339") as refused:
        present.session_page(owner, {"updated_after": text})

    assert refused.value.code == "not_a_time"


def test_the_next_page_is_asked_the_same_question(owner: User) -> None:
    for number in range(3):
        SessionFactory(owner=owner, name=f"rain & snow {number}", updated_at=NOON + timedelta(minutes=number))
    query = {"limit": 2, "q": "rain & snow", "has_continuity": False}

    first = present.session_page(owner, query)

    address = urlsplit(first["next"])
    asked = parse_qs(address.query)
    (cursor,) = asked.pop("cursor")
    assert (address.path, asked) == (
        "/api/v2/sessions",
        {"limit": ["2"], "q": ["rain & snow"], "hasContinuity": ["false"]},
    )
    second = present.session_page(owner, {**query, "cursor": cursor})
    assert [row["name"] for row in second["items"]] == ["rain & snow 0"]
    assert (second["next"], first["previous"], second["previous"] is not None) == (None, None, True)


@pytest.mark.parametrize("count", [1, 3, 20])
def test_a_page_of_whole_sessions_costs_two_queries(owner: User, count: int) -> None:
    for number in range(count):
        large_scene(owner, shots=2, name=f"scene {number}")
    SessionFactory(owner=owner, name="bare")

    with CaptureQueriesContext(connection) as queries:
        shown = present.session_page(owner, {"limit": 50})["items"]

    assert (len(shown), len(queries)) == (count + 1, 2)
    assert problems_of(shown, list[dto.SessionDto]) == []


def test_a_listed_session_is_the_one_that_is_read(owner: User) -> None:
    large_scene(owner, shots=3)
    prompt_only = SessionFactory(owner=owner)
    PromptFactory(session=prompt_only)
    ShotFactory(session=prompt_only)
    ContinuityFactory(session__owner=owner)

    shown = present.session_page(owner, {})["items"]

    assert len(shown) == 3
    assert shown == [present.session_dto(owner, session["id"]) for session in shown]
    assert [set(session) & {"prompt", "continuity"} for session in shown if session["id"] == prompt_only.pk] == [{"prompt"}]


def test_nothing_but_what_is_listed_is_read(owner: User) -> None:
    for number in range(3):
        large_scene(owner, shots=1, name=f"scene {number}")
    Session.objects.filter(name="scene 0").update(listed_at=NOON + timedelta(days=1))

    (only,) = present.session_page(owner, {"limit": 1})["items"]

    assert (only["name"], len(only["continuity"]["shots"])) == ("scene 0", 1)
