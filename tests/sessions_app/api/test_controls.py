"""A body as controls of a form, and what was typed into them as JSON again."""

import json
from typing import Any

import pytest
from django.http import QueryDict

from sessions_app.api.controls import as_json, controls, example
from sessions_app.api.fields import Input, Text
from tests.sessions_app.api.toy_addresses import EveryKind, ShotChange


def test_every_field_has_the_control_of_its_kind() -> None:
    assert {control.name: control.kind for control in controls(EveryKind, values={}, errors={})} == {
        "userPrompt": "long",
        "model": "text",
        "continuityMode": "choice",
        "injectStyle": "flag",
        "seed": "number",
        "styleStrength": "number",
        "params": "json",
        "scopes": "several",
        "order": "json",
    }


def test_control_says_what_may_be_written() -> None:
    hints = {control.name: control.hint for control in controls(ShotChange, values={}, errors={})}

    assert hints["userPrompt"] == "What happens, at most 300 characters"
    assert hints["seed"] == "a whole number, from 0, up to 99, may be null"


def test_what_is_there_and_what_was_wrong_stand_in_the_controls() -> None:
    values = {"seed": 0, "injectStyle": False, "params": {"fps": 24}, "scopes": ["read"], "model": None, "order": "[typed"}

    made = {control.name: control for control in controls(EveryKind, values=values, errors={"seed": "Too small."})}

    assert [made[name].value for name in ("seed", "injectStyle", "model", "order")] == ["0", "false", "", "[typed"]
    assert json.loads(made["params"].value) == {"fps": 24}
    assert made["scopes"].chosen == ("read",)
    assert (made["seed"].error, made["order"].error) == ("Too small.", "")


class SignIn(Input):
    password = Text(blank=False)


def test_password_is_typed_unseen_and_never_sent_back() -> None:
    [control] = controls(SignIn, values={"password": "correct horse"}, errors={"password": "Too long."})

    assert (control.kind, control.value, control.error) == ("secret", "", "Too long.")


def test_emptied_text_means_empty_and_every_other_control_null() -> None:
    empties = {control.name: control.empties_to for control in controls(EveryKind, values={}, errors={})}

    assert empties["userPrompt"] == "null"  # it may not be blank: null is refused with a reason, "" would be too
    assert empties["seed"] == "null"
    assert {control.empties_to for control in controls(ShotChange, values={}, errors={}) if control.name == "userPrompt"} == {
        '""'
    }


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ({"userPrompt": "12", "model": "true"}, {"userPrompt": "12", "model": "true"}),
        ({"seed": "12", "styleStrength": "0.5"}, {"userPrompt": "", "seed": 12, "styleStrength": 0.5}),
        ({"seed": "many", "params": "{"}, {"userPrompt": "", "seed": "many", "params": "{"}),
        ({"params": "[" * 100_000}, {"userPrompt": "", "params": "[" * 100_000}),
        ({"injectStyle": "false", "order": '["a"]'}, {"userPrompt": "", "injectStyle": False, "order": ["a"]}),
        ({"scopes": ["read", "write"]}, {"userPrompt": "", "scopes": ["read", "write"]}),
        ({"scopes": "read"}, {"userPrompt": "", "scopes": ["read"]}),
        ({"model": "", "seed": "", "params": "", "order": "", "continuityMode": ""}, {"userPrompt": ""}),
        ({"If-Match": '"1"', "Idempotency-Key": "k", "csrfmiddlewaretoken": "t"}, {"userPrompt": ""}),
        ({"unknown": "x", "seed": ["1", "2"]}, {"userPrompt": "", "unknown": "x", "seed": ["1", "2"]}),
    ],
)
def test_form_is_read_as_the_json_that_it_stands_for(sent: dict[str, Any], meant: dict[str, Any]) -> None:
    query = QueryDict(mutable=True)
    for name, value in ({"userPrompt": ""} | sent).items():
        query.setlist(name, value if isinstance(value, list) else [value])

    assert as_json(EveryKind, query) == meant


def test_file_of_a_form_is_no_part_of_its_body() -> None:
    assert as_json(None, QueryDict("file=clip.mp4"), file="file") == {}
    assert as_json(None, QueryDict("file=clip.mp4")) == {"file": "clip.mp4"}


def test_example_is_that_of_the_document_with_what_is_there_now() -> None:
    assert json.loads(example(EveryKind, values={})) == {"userPrompt": "A ferry.", "order": ["sht_1"]}
    assert json.loads(example(ShotChange, values={"seed": 12, "model": "x"})) == {"userPrompt": "A ship.", "seed": 12}
    assert example(None, values={}) == ""
