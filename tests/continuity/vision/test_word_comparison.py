"""The comparison of two styles by their words."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from continuity.vision.categories import SCALES
from continuity.vision.style import every_key, unmeasured_values
from continuity.vision.word_comparison import LABELS, WEIGHTS, compare_words

NIGHT = {
    "colour.temperature": "cool",
    "colour.saturation": "muted",
    "colour.contrast": "high",
    "lighting.style": "low-key",
    "lighting.direction": "from the left",
    "lighting.intensity": "dim",
    "atmosphere.timeOfDay": "night",
    "atmosphere.weather": "rainy",
    "atmosphere.elements": ["wet streets", "steam"],
}


def style(words: dict[str, Any]) -> dict[str, Any]:
    """Style.values of these words; what is not among them is not measured."""
    values = unmeasured_values()
    for name, value in words.items():
        aspect, key = name.split(".", 1)
        values[aspect][key] = {"value": value, "source": "model", "confidence": 1.0, "origin": "test"}
    return values


WORDS = ["soft", "hard", "light", "left", "right", "neon", "rain", "fog", "night", "day", "calm", "tense"]
FREE = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
VALUES = {
    key: st.sampled_from(SCALES[key].words)
    if key in SCALES
    else st.lists(FREE, max_size=3, unique=True)
    if key.endswith("elements")
    else FREE
    for key in LABELS
}
STYLES = st.fixed_dictionaries({}, optional=VALUES).map(style)


def test_identical_styles_score_one() -> None:
    found = compare_words(style(NIGHT), style(NIGHT))

    assert (found.overall, found.colour, found.lighting, found.atmosphere) == (1.0, 1.0, 1.0, 1.0)
    assert found.issues == ()
    assert found.reason is None


def test_identical_styles_with_no_elements_score_one_too() -> None:
    """The spec's own sum is 0.9 here: its empty list overlaps with nothing."""
    bare = style(NIGHT | {"atmosphere.elements": []})

    assert compare_words(bare, bare).atmosphere == 1.0
    assert compare_words(bare, bare).overall == 1.0


def test_one_empty_list_costs_nothing_and_is_told() -> None:
    found = compare_words(style(NIGHT), style(NIGHT | {"atmosphere.elements": []}))

    assert found.overall == 1.0
    assert found.not_measured["atmosphere.elements"] == "The second style lists nothing, which costs nothing."
    assert [issue.sentence for issue in found.issues] == ["Atmosphere: wet streets, steam against nothing."]


@pytest.mark.parametrize(
    ("change", "colour", "lighting", "atmosphere"),
    [
        ({"colour.temperature": "warm"}, 0.7, 1.0, 1.0),
        ({"colour.contrast": "low"}, 0.6, 1.0, 1.0),
        ({"lighting.direction": "from the right"}, 1.0, 0.7, 1.0),
        ({"lighting.style": "high-key"}, 1.0, 0.6, 1.0),
        ({"atmosphere.timeOfDay": "day"}, 1.0, 1.0, 0.6),
        ({"atmosphere.elements": ["steam"]}, 1.0, 1.0, 0.9),
    ],
)
def test_each_difference_costs_its_weight(change: dict, colour: float, lighting: float, atmosphere: float) -> None:
    found = compare_words(style(NIGHT), style(NIGHT | change))

    assert (found.colour, found.lighting, found.atmosphere) == (colour, lighting, atmosphere)
    assert found.overall == pytest.approx((colour + lighting + atmosphere) / 3, abs=1e-4)


def test_free_text_is_compared_by_meaning() -> None:
    left, right = style({"lighting.direction": "backlit"}), style({"lighting.direction": "light from behind"})

    assert compare_words(left, right).lighting == 1.0


def test_what_one_side_does_not_know_is_left_out_and_listed() -> None:
    right = {key: word for key, word in NIGHT.items() if key not in ("lighting.style", "atmosphere.weather")}

    found = compare_words(style(NIGHT), style(right | {"lighting.direction": "from the right"}))

    assert found.lighting == 0.5
    assert found.atmosphere == 1.0
    assert found.not_measured["lighting.style"] == "The second style does not say this."
    assert found.not_measured["atmosphere.mood"] == "Neither style says this."
    assert set(found.not_measured) == set(LABELS) - set(right)


def test_an_aspect_of_which_nothing_is_known_has_no_score() -> None:
    left, right = style({"colour.temperature": "cool"}), style({"colour.temperature": "warm"})

    found = compare_words(left, right)

    assert (found.overall, found.colour, found.lighting, found.atmosphere) == (0.0, 0.0, None, None)


def test_two_unknown_styles_have_no_score_but_a_reason() -> None:
    found = compare_words(unmeasured_values(), unmeasured_values())

    assert (found.overall, found.issues) == (None, ())
    assert found.reason == "Neither hue, light nor atmosphere is known in words on both sides."
    assert set(found.not_measured) == set(LABELS)


def test_an_aspect_that_a_shot_overrides_says_nothing() -> None:
    own = style(NIGHT) | {"lighting": {}}

    assert compare_words(style(NIGHT), own).lighting is None


def test_keys_without_a_weight_give_issues_only() -> None:
    left, right = style(NIGHT | {"atmosphere.mood": "calm"}), style(NIGHT | {"atmosphere.mood": "tense"})

    found = compare_words(left, right)

    assert found.overall == 1.0
    assert [(issue.key, issue.left, issue.right) for issue in found.issues] == [("atmosphere.mood", "calm", "tense")]


def test_report_has_the_names_of_the_spec() -> None:
    report = compare_words(style(NIGHT), style(NIGHT | {"colour.temperature": "warm"})).as_json()

    assert {key: report[key] for key in ("overall", "color", "lighting", "atmosphere", "issues", "reason")} == {
        "overall": 0.9,
        "color": 0.7,
        "lighting": 1.0,
        "atmosphere": 1.0,
        "issues": ["Colour temperature: cool against warm."],
        "reason": None,
    }
    assert report["notMeasured"]["technical.filmStock"] == "Neither style says this."


def test_weights_are_the_specs_and_every_key_is_one_of_a_style() -> None:
    assert [sum(weights.values()) for weights in WEIGHTS.values()] == pytest.approx([1, 1, 1])
    assert {key for weights in WEIGHTS.values() for key in weights} <= set(LABELS) <= set(every_key())


@settings(max_examples=60, deadline=None)
@given(left=STYLES, right=STYLES)
def test_comparison_is_symmetric_and_between_0_and_1(left: dict, right: dict) -> None:
    one, other = compare_words(left, right), compare_words(right, left)

    scores = [(found.overall, found.colour, found.lighting, found.atmosphere) for found in (one, other)]
    assert scores[0] == scores[1]
    assert all(score is None or 0 <= score <= 1 for score in scores[0])
    assert {(issue.key, issue.left, issue.right) for issue in one.issues} == {
        (issue.key, issue.right, issue.left) for issue in other.issues
    }
    assert set(one.not_measured) == set(other.not_measured)


@settings(max_examples=60, deadline=None)
@given(values=STYLES)
def test_every_style_is_like_itself(values: dict) -> None:
    found = compare_words(values, deepcopy(values))

    assert found.overall in (1.0, None)
    assert {found.colour, found.lighting, found.atmosphere} <= {1.0, None}
    assert found.issues == ()
    assert (found.overall is None) == (found.reason is not None)
