"""What holds for every prompt: the user's words are whole, spans say what they claim, limits hold, reports are the same twice."""

import json
from itertools import pairwise
from pathlib import Path

import jsonschema_rs
from hypothesis import given, settings
from hypothesis import strategies as st

from prompts import compose as compose_module
from prompts.compose import InjectionOptions, PromptTooLong, StyleForInjection, StyleWord, compose, injection_report
from tests.prompts.styles import neon_night

SCHEMA = jsonschema_rs.validator_for(
    json.loads(Path(compose_module.__file__).with_name("injection.schema.json").read_text(encoding="utf-8"))
)
STYLE = neon_night()
PIECES = st.sampled_from(
    [
        *(
            "A woman runs",
            "at noon",
            "no rain",
            "in the snow",
            "palette of teal and amber",
            "EXT. STREET",
            "Dr. Who",
            "f/2.8",
            "cool tones",
        ),
        *(
            ". ",
            "! ",
            "。",
            "\n",
            "  ",
            ", ",
            '"',
            "“",
            "”",
            "(",
            ")",
            "’",
            "🏙️",
            "👩‍👩‍👧",
            "e\u0301",
            "\u200d",
            "雨の夜",
            "İ",
            "ß",
            "\u202e",
        ),
    ]
)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
PROMPTS = st.one_of(ANY_TEXT, st.lists(PIECES).map("".join))
OPTIONS = st.builds(
    InjectionOptions,
    strength=st.sampled_from(["light", "medium", "strong"]),
    position=st.sampled_from(["prefix", "suffix", "smart"]),
    include_colour=st.booleans(),
    include_lighting=st.booleans(),
    include_atmosphere=st.booleans(),
    include_technical=st.booleans(),
    skip_conflicting=st.booleans(),
    max_length=st.one_of(st.none(), st.integers(0, 700)),
)
EVERY = settings(max_examples=250, deadline=None, database=None)


def composed(prompt, options, style=STYLE):
    """The injection, or None where the user's own words are longer than the limit (and only there)."""
    try:
        return compose(prompt, style, options)
    except PromptTooLong:
        assert len(prompt) > options.max_length
        return None


@EVERY
@given(PROMPTS, OPTIONS)
def test_the_users_words_are_whole_and_in_order(prompt, options):
    injection = composed(prompt, options)

    if injection is not None:
        assert "".join(injection.text[start:end] for start, end in injection.user_spans) == prompt
        assert options.max_length is None or len(injection.text) <= options.max_length


@EVERY
@given(PROMPTS, OPTIONS)
def test_spans_say_what_they_claim_and_touch_no_word_of_the_user(prompt, options):
    injection = composed(prompt, options)

    if injection is not None:
        words = {word.key: word.text for word in (*STYLE.lighting, *STYLE.technical)}
        taken = sorted([*injection.user_spans, *((span.start, span.end) for span in injection.spans)])
        assert all(left[1] <= right[0] for left, right in pairwise(taken))
        said = [(injection.text[span.start : span.end].lower(), span.keys[0]) for span in injection.spans]
        assert [text for text, key in said if key in words] == [words[key].lower() for _, key in said if key in words]


@EVERY
@given(PROMPTS, OPTIONS)
def test_reports_are_valid_equal_twice_and_quote_the_user(prompt, options):
    injection = composed(prompt, options)

    if injection is not None:
        report = injection_report(injection)
        assert SCHEMA.is_valid(report)
        assert report == injection_report(composed(prompt, options))
        quoted = [row for row in (*report["skipped"], *report["conflicts"]) if row["usersSpan"]]
        assert [prompt[row["usersSpan"][0] : row["usersSpan"][1]] for row in quoted] == [row["usersWords"] for row in quoted]


@EVERY
@given(PROMPTS, OPTIONS)
def test_every_value_is_either_said_or_accounted_for(prompt, options):
    injection = composed(prompt, options)

    if injection is not None:
        said = {key for span in injection.spans for key in span.keys}
        left_out = {row.key for row in injection.skipped}
        assert {"colour.temperature", "atmosphere.timeOfDay"} <= said | left_out
        assert {row.key for row in injection.conflicts} <= said


@EVERY
@given(ANY_TEXT, st.sampled_from(["prefix", "suffix", "smart"]))
def test_no_style_word_brings_in_control_characters_or_more_than_eighty(words, position):
    style = StyleForInjection(atmosphere=(StyleWord("atmosphere.mood", words, "model"),))

    injection = composed("A woman runs. She falls.", InjectionOptions(strength="strong", position=position), style)

    assert len(injection.text) <= len("A woman runs. She falls.") + 80 + len(". ")
    assert all(character.isprintable() for character in injection.sentence.replace("\n", " "))
