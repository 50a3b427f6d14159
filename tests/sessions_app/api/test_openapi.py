"""The OpenAPI document: current, valid, and true."""

import json
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from drf_spectacular.validation import validate_schema

from sessions_app.api.docs import DOCUMENT
from tests.sessions_app.api.bodies import ask_of
from tests.sessions_app.api.calls import PREFIX, Call, calls, named, send
from tests.sessions_app.api.roles import by_cookie, is_somebodys, undocumented
from tests.sessions_app.api.world import World, rolled_back

COMMAND = "python manage.py spectacular --validate --fail-on-warn --file sessions_app/api/v2/openapi.yaml"
METHODS = ("get", "post", "put", "patch", "delete")
CALLS = [call for call in calls() if not call.query]


@pytest.fixture(scope="module")
def document() -> Any:
    return yaml.load(DOCUMENT.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def test_the_committed_document_is_what_the_code_says() -> None:
    said = StringIO()

    call_command("spectacular", "--validate", "--fail-on-warn", stdout=said)

    assert DOCUMENT.read_text(encoding="utf-8").strip() == said.getvalue().strip(), f"Say: {COMMAND}"


def test_it_is_valid_openapi_3_1(document: Any) -> None:
    validate_schema(document)

    assert document["openapi"].startswith("3.1.")


def operations(document: Any) -> dict[str, Any]:
    """Every operation by method and address, as the calls are named."""
    return {
        f"{method.upper()} {path.removeprefix(PREFIX) or '/'}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    }


def test_it_has_the_routes_and_no_others(document: Any) -> None:
    assert set(operations(document)) == {call.name for call in CALLS}


def test_every_operation_has_a_name_of_its_own(document: Any) -> None:
    names = Counter(operation["operationId"] for operation in operations(document).values())

    assert {name for name, count in names.items() if count > 1} == set()
    assert all(name.isidentifier() for name in names)


def resolved(schema: Any, document: Any) -> Any:
    """``schema``, or what its reference leads to."""
    while "$ref" in schema:
        found = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def objects_in(schema: Any, document: Any) -> Iterator[Any]:
    """Every schema of named members in ``schema``, those it refers to included."""
    schema = resolved(schema, document)
    if "properties" in schema:
        yield schema
    further = [*schema.get("properties", {}).values(), *schema.get("allOf", []), *schema.get("anyOf", [])]
    for inner in [*further, schema["items"]] if "items" in schema else further:
        yield from objects_in(inner, document)


@pytest.mark.parametrize("call", [call for call in CALLS if call.operation.body], ids=lambda call: call.name)
def test_no_body_takes_a_further_property(call: Call, document: Any) -> None:
    content = operations(document)[call.name]["requestBody"]["content"]
    found = [schema for media in content.values() for schema in objects_in(media["schema"], document)]

    assert found
    assert [schema for schema in found if schema.get("additionalProperties") is not False] == []


def refusals(call: Call) -> set[str]:
    """What can happen to this call."""
    statuses = {400, 406, 429, 503}
    statuses |= set() if call.operation.anonymous and not call.writes else {401}
    statuses |= set() if call.operation.anonymous else {403}
    statuses |= {404} if is_somebodys(call) or call.parameters else set()
    statuses |= {409, 413, 415, 422} if call.writes else set()
    statuses |= {412} if call.writes and "session_id" in call.parameters else set()
    statuses |= {428} if call.operation.if_match else set()
    return {str(status) for status in statuses}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_what_can_happen_is_documented(call: Call, document: Any) -> None:
    responses = operations(document)[call.name]["responses"]

    assert refusals(call) - set(responses) == set()
    assert str(call.status) in responses


def with_example(document: Any) -> dict[str, Any]:
    """Operation → its example body."""
    found = {}
    for name, operation in operations(document).items():
        media = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        if "example" in media:
            found[name] = media["example"]
    return found


EXAMPLES = [call.name for call in CALLS if getattr(call.operation.body, "example", None) is not None]


def test_every_example_is_tried(document: Any) -> None:
    assert sorted(with_example(document)) == sorted(EXAMPLES)


@pytest.mark.django_db
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_does_what_it_says(name: str, document: Any, world: World) -> None:
    call, example = named(name), with_example(document)[name]
    if name == "POST /sign-in":
        example = {**example, **{key: ask_of(name, world.mine).body[key] for key in ("username", "password")}}

    with rolled_back():
        answer = send(by_cookie(world.owner), call, world.mine, body=json.loads(json.dumps(example)))

    assert answer.status_code == call.status, answer.content
    assert undocumented(answer) == []
