"""What a vision model wrote, judged by shape, priced by its row."""

from dataclasses import replace
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from continuity.providers.base import ContentRefused, OutputInvalid, OutputTruncated, ProviderError
from continuity.providers.capabilities import vision_card
from continuity.providers.vision_answer import (
    RAW_CHARACTERS,
    Count,
    Said,
    answer_of,
    first_of,
    mapping_of,
    shape_fault,
    whole_number,
)

CARD = vision_card("gpt-6-luna")
SCHEMA = {
    "type": "object",
    "properties": {
        "mood": {"type": ["string", "null"]},
        "list": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}},
    },
    "required": ["mood", "list"],
    "additionalProperties": False,
}
SAID = Said('{"mood": "calm", "list": []}', None, truncated=False, finished=True, ending="stop", count=Count(1000, 100))


def judge(said: Said) -> Any:
    return answer_of(said, card=CARD, schema=SCHEMA, ceiling_micros=999)


def test_an_answer_of_the_right_shape_is_counted_and_priced() -> None:
    answer = judge(SAID)

    assert answer.data == {"mood": "calm", "list": []}
    assert (answer.tokens, answer.cost_micros, answer.is_counted) == (1100, 150, True)


def test_an_answer_without_a_count_costs_the_ceiling() -> None:
    answer = judge(replace(SAID, count=None))

    assert (answer.tokens, answer.cost_micros, answer.is_counted) == (0, 999, False)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"refusal": "I cannot"}, ContentRefused),
        ({"text": " \n"}, ContentRefused),
        ({"truncated": True, "finished": False, "text": '{"mood": "ca'}, OutputTruncated),
        ({"finished": False, "ending": "tool_calls"}, OutputInvalid),
        ({"text": "calm"}, OutputInvalid),
        ({"text": "{}"}, OutputInvalid),
        ({"text": '{"mood": 7, "list": []}'}, OutputInvalid),
    ],
    ids=["refusal", "nothing", "truncated", "other ending", "no JSON", "empty object", "wrong type"],
)
def test_every_other_answer_is_an_error_that_knows_its_price(change: dict, error: type[ProviderError]) -> None:
    with pytest.raises(error) as caught:
        judge(replace(SAID, **change))

    assert type(caught.value) is error
    assert caught.value.billed_micros == 150


def test_a_whole_object_that_ended_at_the_limit_is_truncated_all_the_same() -> None:
    with pytest.raises(OutputTruncated, match="cut at 1500 tokens"):
        judge(replace(SAID, truncated=True, finished=False))


def test_raw_text_is_bounded_and_can_be_stored() -> None:
    text = '{"mood": "a\\u0000b", "list": []}' + " " * 50_000 + "\x00"
    answer = judge(replace(SAID, text=text.rstrip("\x00")))

    assert len(answer.raw) == RAW_CHARACTERS
    assert "\x00" not in answer.raw


SHAPES: list[tuple[object, str | None]] = [
    ({"mood": None, "list": [{"n": 1}]}, None),
    ({"mood": "calm"}, "lacks list"),
    ({"mood": "calm", "list": [], "more": 1}, "has a key that was not asked for at its top"),
    ({"mood": True, "list": []}, "has the wrong kind of value at mood"),
    ({"mood": "calm", "list": {}}, "has the wrong kind of value at list"),
    ({"mood": "calm", "list": [{"n": 1}, {"n": 1.5}]}, "has the wrong kind of value at list[1].n"),
    ({"mood": "calm", "list": [{"n": True}]}, "has the wrong kind of value at list[0].n"),
    ([], "has the wrong kind of value at its top"),
]


@pytest.mark.parametrize(("data", "fault"), SHAPES)
def test_shape_fault_names_the_place(data: object, fault: str | None) -> None:
    assert shape_fault(data, SCHEMA) == fault


@pytest.mark.parametrize(("data", "fault"), SHAPES)
def test_shape_fault_finds_nothing_right_that_json_schema_finds_wrong(data: object, fault: str | None) -> None:
    assert Draft202012Validator(SCHEMA).is_valid(data) == (fault is None)


def test_an_answer_that_never_ends_inwards_is_a_fault_and_no_crash() -> None:
    endless: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
    endless["properties"]["a"] = endless
    data: dict[str, Any] = {}
    for _ in range(50):
        data = {"a": data}

    assert "nested too deeply" in str(shape_fault(data, endless))


def test_a_vendors_json_is_read_without_trust() -> None:
    assert [mapping_of(value) for value in ({"a": 1}, [], None)] == [{"a": 1}, {}, {}]
    assert [first_of(value) for value in ([{"a": 1}], [7], [], "x")] == [{"a": 1}, {}, {}, {}]
    assert [whole_number(value) for value in (0, 7, -1, 1.0, True, "7", 10**30)] == [0, 7, None, None, None, None, None]
