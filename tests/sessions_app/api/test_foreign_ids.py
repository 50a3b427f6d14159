"""Ids of somebody else's things, in addresses and in bodies: answered like ids of nothing, and nothing is written."""

import re
from typing import Any

import pytest
from django.test import Client

from sessions_app.api.views import ApiView
from tests.sessions_app.api.bodies import ask_of, usual_ids
from tests.sessions_app.api.calls import METHODS, PREFIX, Call, address_of, calls, named, send, views
from tests.sessions_app.api.fields_of import Field, body_fields, parameter_fields, put
from tests.sessions_app.api.roles import NOWHERE, by_key, client, is_somebodys, sentence_of
from tests.sessions_app.api.world import World, rolled_back, written

pytestmark = pytest.mark.django_db
UNDER_A_SESSION = [call for call in calls() if len(call.parameters) > 1]
THINGS = {
    "sessionId": "session",
    "versionId": "prompt_version",
    "takeId": "take",
    "assetId": "clip",
    "frameId": "frame",
    "depthAssetId": "still",
    "templateId": "template",
    "bridgeFromShotId": "shot",
    "startImageId": "frame",
}
"""What each id in a body is the id of."""
LINKS = {"shot_id": "shot", "take_id": "take", "cut_id": "cut", "grade_id": "grade"}
NO_SOURCE = {"POST /sessions/{session_id}/continuity": {}}
"""Bodies in which an id takes the place of what is usually sent."""
TOKEN = re.compile(r'(name="csrfmiddlewaretoken" value|X-CSRFToken)\S*')


@pytest.fixture
def asking(world: World) -> Client:
    return by_key(world.key(world.owner))


def same_as_nothing(asking: Client, call: Call, world: World, *, foreign: dict[str, Any], nothing: dict[str, Any]) -> int:
    """The status of both calls, which must be refused alike."""
    with rolled_back(), written() as statements:
        theirs, none = (send(asking, call, world.mine, **options) for options in (foreign, nothing))
    assert (theirs.status_code, sentence_of(theirs)) == (none.status_code, sentence_of(none))
    assert statements == []
    return int(theirs.status_code)


@pytest.mark.parametrize("call", UNDER_A_SESSION, ids=lambda call: call.name)
def test_somebody_elses_thing_under_ones_own_session_is_404(call: Call, world: World, asking: Client) -> None:
    name = call.parameters[-1]
    theirs, nothing = {name: getattr(world.theirs, LINKS[name])}, {name: NOWHERE}

    assert same_as_nothing(asking, call, world, foreign={"ids": theirs}, nothing={"ids": nothing}) == 404


@pytest.mark.parametrize("call", UNDER_A_SESSION, ids=lambda call: call.name)
def test_ones_own_thing_under_another_session_of_ones_own_is_404(call: Call, world: World, asking: Client) -> None:
    elsewhere = {"session_id": world.mine.finished}
    nothing = elsewhere | {call.parameters[-1]: NOWHERE}

    assert same_as_nothing(asking, call, world, foreign={"ids": elsewhere}, nothing={"ids": nothing}) == 404


ID_FIELDS = [field for field in body_fields() if field.is_id]


def test_every_id_in_a_body_is_known_here() -> None:
    assert {field.name for field in ID_FIELDS} == set(THINGS)


@pytest.mark.parametrize("field", ID_FIELDS, ids=str)
def test_somebody_elses_id_in_a_body_is_422_like_none(field: Field, world: World, asking: Client) -> None:
    theirs = getattr(world.theirs, THINGS[field.name])
    foreign, nothing = ({"body": body_with(field, row_id, world)} for row_id in (theirs, NOWHERE))

    assert same_as_nothing(asking, field.call, world, foreign=foreign, nothing=nothing) == 422


def body_with(field: Field, row_id: str, world: World) -> dict[str, Any]:
    """The usual body with this id in place of the others that it could have named instead."""
    usual = dict(ask_of(field.call.name, world.mine).body or {})
    alternatives = {
        other.name for other in ID_FIELDS if other.call == field.call and other.name not in ("depthAssetId", "sessionId")
    }
    if field.name not in ("depthAssetId", "sessionId"):
        usual = {name: value for name, value in usual.items() if name not in alternatives}
    return put(NO_SOURCE.get(field.call.name, usual), field.way, row_id)


@pytest.mark.parametrize("field", [field for field in parameter_fields() if field.is_id], ids=str)
def test_somebody_elses_id_as_a_parameter_finds_what_none_finds(field: Field, world: World, asking: Client) -> None:
    address = address_of(field.call, {})
    answers = [asking.get(f"{address}?{field.name}={row_id}") for row_id in (world.theirs.session, NOWHERE)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["items"] == answers[1].json()["items"] == []


def test_an_order_with_somebody_elses_shot_is_refused_like_one_with_none(world: World, asking: Client) -> None:
    call = named("PUT /sessions/{session_id}/shot-order")
    foreign, nothing = ({"body": {"shotIds": [*world.mine.living_shots[1:], one]}} for one in (world.theirs.shot, NOWHERE))

    assert same_as_nothing(asking, call, world, foreign=foreign, nothing=nothing) == 422


@pytest.mark.parametrize("path", sorted({call.path for call in calls()}))
def test_what_is_no_method_of_an_address_is_405(path: str, world: World, asking: Client) -> None:
    known = {call.method for call in calls() if call.path == path}
    call = next(call for call in calls() if call.path == path)
    address = address_of(call, usual_ids(world.mine))

    with written() as statements:
        statuses = {method: asking.generic(method, address).status_code for method in METHODS if method not in known}

    assert statuses == dict.fromkeys(statuses, 405)
    assert statements == []


SOMEBODYS = [call for call in calls() if not call.writes and is_somebodys(call)]


@pytest.mark.parametrize("call", SOMEBODYS, ids=lambda call: call.name)
def test_head_obeys_the_same_check(call: Call, world: World, asking: Client) -> None:
    address = address_of(call, usual_ids(world.mine))
    stranger = by_key(world.key(world.stranger))

    assert (asking.head(address).status_code, stranger.head(address).status_code) == (200, 404)


@pytest.mark.parametrize("call", SOMEBODYS, ids=lambda call: call.name)
def test_the_page_of_somebody_elses_thing_is_that_of_none(call: Call, world: World) -> None:
    stranger, usual = by_key(world.key(world.stranger)), usual_ids(world.mine)
    addresses = [address_of(call, {**usual, **ids}) for ids in ({}, dict.fromkeys(usual, NOWHERE))]
    theirs, none = (stranger.get(address, headers={"Accept": "text/html"}) for address in addresses)

    assert (theirs.status_code, none.status_code) == (404, 404)
    assert theirs["Content-Type"].startswith("text/html")
    assert without(theirs, addresses[0]) == without(none, addresses[1])


def without(page: Any, address: str) -> str:
    """The page without the address it was asked at, and what is said of this one request."""
    text = page.content.decode()
    for part in (page["X-Request-Id"], *sorted(address.removeprefix(PREFIX).split("/"), key=len, reverse=True)):
        text = text.replace(part, "") if part else text
    return TOKEN.sub("", text)


def test_a_share_link_shows_neither_who_made_it_nor_what_was_deleted(world: World) -> None:
    shown = client().get(f"{PREFIX}/shared/{world.mine.link_token}")

    text = shown.content.decode()
    assert shown.status_code == 200
    assert [name for name, row_id in world.mine.ids().items() if row_id in text and name != "link_token"] == []
    assert [word for word in ("owner", "userId", "Wide shot: deleted", "email") if word in text] == []


@pytest.mark.parametrize("query", ["expand=owner.email", "expand=owner", "fields=password", "fields=owner__password"])
def test_what_is_no_part_of_a_session_cannot_be_asked_for(query: str, world: World, asking: Client) -> None:
    answer = asking.get(f"{PREFIX}/sessions/{world.mine.session}?{query}")

    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_name")


@pytest.mark.parametrize("call", [call for call in calls() if not call.writes], ids=lambda call: call.name)
def test_an_unknown_parameter_is_400(call: Call, world: World) -> None:
    asking = by_key(world.key(world.staff if call.name == "GET /metrics" else world.owner))
    for name in ("ordering", "search", "owner", "user_id", "owner__username", "page_size"):
        answer = asking.get(f"{address_of(call, usual_ids(world.mine))}?{name}=1")

        assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (400, [f"?{name}"])


def test_what_else_there_is_beside_the_operations_is_of_nobody() -> None:
    others = {route for route, view in views() if not issubclass(getattr(view, "cls", object), ApiView)}

    assert others == {"api/v2/docs", "api/v2/openapi.yaml"}
    assert [client().get(f"/{route}").status_code for route in sorted(others)] == [200, 200]
