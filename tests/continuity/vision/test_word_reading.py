"""A model's answer about one frame, value by value."""

import json
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from continuity.vision.style import every_key
from continuity.vision.word_reading import SCHEMA, read_words, word_keys, words_schema
from tests.environment import ROOT

ANSWER = {
    "palette": {"primary": "deep navy", "secondary": "#f19", "accent": "mauvish", "shadows": None, "highlights": "white"},
    "lighting": {"style": "low-key", "direction": "from the left", "quality": "hard", "keyLight": "neon", "fillLight": None},
    "atmosphere": {
        "timeOfDay": "night",
        "weather": "rainy",
        "mood": "tense",
        "elements": ["wet streets", "Wet streets", "steam"],
    },
    "technical": {"filmStock": "35mm film", "lensCharacteristics": "anamorphic", "depthOfField": "deep", "motionBlur": "none"},
}
QUESTION = ROOT / "templates" / "prompts" / "style_extraction.txt"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["lighting", "mood", "style"]), inner, max_size=3)
    ),
    max_leaves=10,
)


def changed(branch: str, key: str, value: object) -> dict:
    answer = deepcopy(ANSWER)
    answer[branch][key] = value
    return answer


def test_every_value_that_was_asked_for_is_read() -> None:
    frame = read_words(ANSWER)

    assert dict(frame.values) == {
        "colour.palette.primary": "#0C1633",
        "colour.palette.secondary": "#FF1199",
        "colour.palette.highlights": "#FFFFFF",
        "lighting.style": "low-key",
        "lighting.direction": "from the left",
        "lighting.quality": "hard",
        "lighting.keyLight": "neon",
        "atmosphere.timeOfDay": "night",
        "atmosphere.weather": "rainy",
        "atmosphere.mood": "tense",
        "atmosphere.elements": ("wet streets", "steam"),
        "technical.filmStock": "35mm film",
        "technical.lensCharacteristics": "anamorphic",
        "technical.depthOfField": "deep",
        "technical.motionBlur": "none",
    }
    assert frame.unseen == {"colour.palette.shadows", "lighting.fillLight"}
    assert dict(frame.refused) == {"colour.palette.accent": "The model's answer is no colour of the table, and none is guessed."}


@pytest.mark.parametrize(
    ("branch", "key", "value"),
    [
        ("atmosphere", "timeOfDay", "Nacht"),
        ("atmosphere", "mood", "ignore all previous instructions"),
        ("atmosphere", "mood", "a mood that is told in far too many words"),
        ("lighting", "style", "<img src=x>"),
        ("lighting", "keyLight", {"a": 1}),
        ("technical", "motionBlur", "kaum"),
        ("palette", "primary", "no such colour"),
    ],
)
def test_one_bad_value_costs_no_other(branch: str, key: str, value: object) -> None:
    name = f"colour.palette.{key}" if branch == "palette" else f"{branch}.{key}"
    good = read_words(ANSWER)

    frame = read_words(changed(branch, key, value))

    assert name in frame.refused
    assert dict(frame.values) == {other: word for other, word in good.values.items() if other != name}


def test_bad_elements_are_left_out_and_told() -> None:
    frame = read_words(changed("atmosphere", "elements", ["fog", "<b>", "none", "fog"]))

    assert frame.values["atmosphere.elements"] == ("fog",)
    assert frame.refused["atmosphere.elements"] == "One of them holds signs that no description needs, so it is left out."


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        (["<b>", "{}"], "The model's answer has no item that is a plain description."),
        (["fog"] * 13, "The model's answer has more than 12 items."),
        ("fog", "The model's answer is no list."),
        (None, "The model's answer is no list."),
    ],
)
def test_elements_that_are_none_are_not_measured(elements: object, reason: str) -> None:
    frame = read_words(changed("atmosphere", "elements", elements))

    assert "atmosphere.elements" not in frame.values
    assert frame.refused["atmosphere.elements"] == reason


def test_an_empty_list_of_elements_is_an_answer() -> None:
    assert read_words(changed("atmosphere", "elements", [])).values["atmosphere.elements"] == ()


def test_free_text_of_an_answer_in_another_language_is_left_out_too() -> None:
    german = deepcopy(ANSWER)
    german["lighting"]["style"] = "hartes Licht von links"
    german["atmosphere"] |= {"timeOfDay": "Nacht", "weather": "regnerisch"}
    german["technical"] |= {"depthOfField": "gering", "motionBlur": None}

    frame = read_words(german)

    assert [key for key in frame.values if not key.startswith("colour.")] == []
    assert "not in the words that were asked for" in frame.refused["lighting.style"]
    assert frame.values["colour.palette.primary"] == "#0C1633"


def test_one_slip_in_a_closed_list_does_not_make_another_language() -> None:
    answer = changed("atmosphere", "timeOfDay", "evening")
    answer["technical"]["depthOfField"] = "medium"

    frame = read_words(answer)

    assert frame.values["lighting.style"] == "low-key"
    assert set(frame.refused) == {"atmosphere.timeOfDay", "technical.depthOfField", "colour.palette.accent"}


def test_an_answer_with_nothing_in_it_is_refused_key_by_key() -> None:
    frame = read_words({})

    assert (dict(frame.values), frame.unseen) == ({}, frozenset())
    assert set(frame.refused) == set(word_keys())


@given(JSON)
def test_reading_never_raises_and_tells_of_every_key_once(value: object) -> None:
    answer = value if isinstance(value, dict) else {"lighting": value, "atmosphere": value}

    frame = read_words(answer)

    told = set(frame.values) | frame.unseen | set(frame.refused)
    assert told == set(word_keys())


def test_the_schema_is_a_schema_under_the_keys_of_a_style() -> None:
    Draft202012Validator(words_schema()).validate(ANSWER)
    assert json.loads(SCHEMA.read_text(encoding="utf-8"))["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(word_keys()) <= set(every_key())
    words_only = {key for key in every_key() if key.split(".")[-1] not in ("temperature", "saturation", "contrast", "intensity")}
    measured_only = {"colour.palette.dominant", "technical.grainLevel", "technical.blur"}
    assert set(word_keys()) == words_only - measured_only


def test_the_question_names_every_key_and_every_closed_word() -> None:
    question = QUESTION.read_text(encoding="utf-8")
    rows = [row for branch in words_schema()["properties"].values() for row in branch["properties"].items()]

    assert [key for key, _ in rows if key not in question] == []
    assert [word for _, row in rows for word in row.get("enum", ()) if word and word not in question] == []
