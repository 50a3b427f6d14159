"""The schema of each kind of hint, and of every answer that there is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, NotRequired, Optional, Required, TypedDict, get_type_hints, is_typeddict

import jsonschema_rs
import pytest

from sessions_app.api.typed import Page, Schema, object_schema, schema_of
from sessions_app.api.v2 import dto

DTOS = sorted((made for made in vars(dto).values() if is_typeddict(made)), key=lambda made: made.__name__)
DRAFT = "https://json-schema.org/draft/2020-12/schema"


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Inner(TypedDict):
    name: str


class Half(TypedDict, total=False):
    """Some of it
    may be missing."""

    left: int
    right: Required[bool]


class Whole(Half):
    inner: NotRequired[Inner]
    colour: Colour


def reference(made: type) -> Schema:
    return {"$ref": f"#/$defs/{made.__name__}"}


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        (str, {"type": "string"}),
        (int, {"type": "integer"}),
        (float, {"type": "number"}),
        (bool, {"type": "boolean"}),
        (None, {"type": "null"}),
        (type(None), {"type": "null"}),
        (Any, {}),
        (str | None, {"type": ["string", "null"]}),
        (Optional[int], {"type": ["integer", "null"]}),  # noqa: UP045 - the other spelling is what is tested
        (Literal["USD"], {"enum": ["USD"]}),
        (Literal["a", None], {"enum": ["a", None]}),
        (Colour, {"type": "string", "enum": ["red", "blue"]}),
        (Colour | None, {"anyOf": [{"type": "string", "enum": ["red", "blue"]}, {"type": "null"}]}),
        (Inner, {"$ref": "#/$defs/Inner"}),
        (Inner | None, {"anyOf": [{"$ref": "#/$defs/Inner"}, {"type": "null"}]}),
        (list[str], {"type": "array", "items": {"type": "string"}}),
        (list[Inner | None], {"type": "array", "items": {"anyOf": [{"$ref": "#/$defs/Inner"}, {"type": "null"}]}}),
        (tuple[float, ...], {"type": "array", "items": {"type": "number"}}),
        (dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (dict[str, Any], {"type": "object", "additionalProperties": True}),
        (Mapping[str, Inner], {"type": "object", "additionalProperties": {"$ref": "#/$defs/Inner"}}),
        (dict, {"type": "object", "additionalProperties": True}),
        (NotRequired[int], {"type": "integer"}),
    ],
)
def test_a_hint_has_its_schema(hint: Any, schema: Schema) -> None:
    assert schema_of(hint if hint is not None else type(None), reference) == schema


@pytest.mark.parametrize(
    "hint", [datetime, Decimal, bytes, object, set[str], Sequence[str], list[datetime], dict[str, Decimal], int | bytes]
)
def test_what_is_no_json_may_not_be_answered(hint: Any) -> None:
    with pytest.raises(TypeError, match="No answer may hold"):
        schema_of(hint, reference)


def test_a_page_is_a_list_with_its_links() -> None:
    schema = schema_of(Page(Inner), reference)

    assert schema["properties"]["items"] == {"type": "array", "items": {"$ref": "#/$defs/Inner"}}
    assert sorted(schema["required"]) == ["items", "next", "previous"]


def test_an_object_has_its_members_and_nothing_else() -> None:
    assert object_schema(Whole, reference) == {
        "type": "object",
        "properties": {
            "left": {"type": "integer"},
            "right": {"type": "boolean"},
            "inner": {"$ref": "#/$defs/Inner"},
            "colour": {"type": "string", "enum": ["red", "blue"]},
        },
        "required": ["colour", "right"],
        "additionalProperties": False,
    }


def test_what_is_said_of_an_object_is_in_its_schema() -> None:
    assert object_schema(Half, reference)["description"] == "Some of it may be missing."


def definitions(*made: type) -> dict[str, Schema]:
    """The schemas of the TypedDicts and of all that they refer to."""
    found: dict[str, Schema] = {}

    def refer(one: type) -> Schema:
        if one.__name__ not in found:
            found[one.__name__] = {}
            found[one.__name__] = object_schema(one, refer)
        return reference(one)

    for one in made:
        refer(one)
    return found


def sample(hint: Any, schemas: dict[str, Schema]) -> Any:
    """The least that a schema allows, with every member that may be left out."""
    if "$ref" in hint:
        return sample(schemas[hint["$ref"].rpartition("/")[2]], schemas)
    if "anyOf" in hint:
        return sample(hint["anyOf"][0], schemas)
    if "enum" in hint:
        return hint["enum"][0]
    kind = hint.get("type", "null")
    if kind == "object":
        return {name: sample(inner, schemas) for name, inner in hint.get("properties", {}).items()}
    if kind == "array":
        return [sample(hint["items"], schemas)]
    plain: dict[str, Any] = {"string": "", "integer": 1, "number": 1.5, "boolean": True, "null": None}
    return plain[kind if isinstance(kind, str) else kind[0]]


def validator(made: type) -> tuple[Any, dict[str, Schema]]:
    schemas = definitions(made)
    return jsonschema_rs.validator_for({"$schema": DRAFT, "$defs": schemas, **reference(made)}), schemas


def test_there_are_answers() -> None:
    assert len(DTOS) > 40


@pytest.mark.parametrize("made", DTOS, ids=lambda made: made.__name__)
def test_every_answer_has_a_schema_whose_references_are_all_there(made: type) -> None:
    check, schemas = validator(made)

    assert check.is_valid(sample(reference(made), schemas))


@pytest.mark.parametrize("made", DTOS, ids=lambda made: made.__name__)
def test_every_answer_refuses_a_member_too_many_or_too_few(made: type) -> None:
    check, schemas = validator(made)
    whole = sample(reference(made), schemas)

    assert not check.is_valid({**whole, "userId": 1})
    for name in schemas[made.__name__]["required"]:
        assert not check.is_valid({key: value for key, value in whole.items() if key != name}), name


@pytest.mark.parametrize("made", DTOS, ids=lambda made: made.__name__)
def test_what_may_be_left_out_is_what_is_declared_so(made: type) -> None:
    """A wrong reading of NotRequired would make every answer without it invalid."""
    hints = get_type_hints(made, include_extras=True)
    left_out = {name for name, hint in hints.items() if getattr(hint, "__origin__", None) is NotRequired}
    required = set(definitions(made)[made.__name__]["required"])

    assert required == (set(hints) - left_out if made.__total__ else set())  # type: ignore[attr-defined]


def test_names_of_answers_are_their_own() -> None:
    """The document names a schema by the class without Dto: two of one name would be one."""
    names = [made.__name__.removesuffix("Dto") for made in DTOS]

    assert len(names) == len(set(names))
    assert [name for name in names if not name[0].isupper()] == []
