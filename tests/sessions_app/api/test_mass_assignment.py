"""What a body may not say: every other field is refused by name, and nothing of the body is done."""

from typing import Any

import pytest
from rest_framework import serializers

from tests.sessions_app.api.bodies import ask_of
from tests.sessions_app.api.calls import Call, calls, send
from tests.sessions_app.api.fields_of import Field, body_calls, body_fields, put
from tests.sessions_app.api.roles import by_cookie
from tests.sessions_app.api.world import World, written

pytestmark = pytest.mark.django_db
NOT_FOR_PEOPLE = (
    *("userId", "owner", "ownerId", "owner_id", "id", "pk", "status", "version", "revision", "videoAssetId", "cost", "price"),
    *(
        "injectedPrompt",
        "injected_prompt",
        "createdAt",
        "deletedAt",
        "is_staff",
        "isStaff",
        "is_superuser",
        "chosenTakeId",
        "rank",
    ),
    *("chosen_take", "baseStyleId", "acceptedBy", "hash", "secret", "__proto__", "constructor", "user_prompt", "name__in"),
)
WITHOUT_BODY = [call for call in calls() if call.writes and call.operation.body is None]


def refused(call: Call, world: World, body: dict[str, Any]) -> dict[str, str]:
    """The pointers of what was refused, each with its code; the status must be 400 and nothing be written."""
    asking = by_cookie(world.owner)
    with written() as statements:
        answer = send(asking, call, world.mine, body=body)
    assert (answer.status_code, statements) == (400, []), answer.content
    return {error["pointer"]: error["code"] for error in answer.json()["errors"]}


@pytest.mark.parametrize("call", body_calls(), ids=lambda call: call.name)
def test_an_unknown_field_is_refused_by_name(call: Call, world: World) -> None:
    unknown = [name for name in NOT_FOR_PEOPLE if name not in call.operation.body().fields]
    usual = dict(ask_of(call.name, world.mine).body or {})

    assert refused(call, world, {**dict.fromkeys(unknown, "x"), **usual}) == {f"/{name}": "unknown_field" for name in unknown}


@pytest.mark.parametrize("call", WITHOUT_BODY, ids=lambda call: call.name)
def test_a_verb_without_a_body_takes_none(call: Call, world: World) -> None:
    unknown = dict.fromkeys(NOT_FOR_PEOPLE, "x")

    assert refused(call, world, unknown) == {f"/{name}": "unknown_field" for name in unknown}


@pytest.mark.parametrize(
    "field", [field for field in body_fields() if isinstance(field.field, serializers.BaseSerializer)], ids=str
)
def test_an_unknown_field_further_in_is_refused_too(field: Field, world: World) -> None:
    usual = dict(ask_of(field.call.name, world.mine).body or {})
    unknown = [name for name in NOT_FOR_PEOPLE if name not in field.field.fields]
    body = put(usual, field.way, {**dict(usual.get(field.name) or {}), **dict.fromkeys(unknown, "x")})

    pointers = refused(field.call, world, body)

    assert pointers == {f"/{'/'.join(field.way)}/{name}": "unknown_field" for name in unknown}
