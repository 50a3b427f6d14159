"""Style injection by example: what is said at each strength, what the user's words keep out, limits, the report."""

import json
from pathlib import Path

import jsonschema_rs
import pytest

from prompts import compose as compose_module
from prompts.compose import (
    InjectionOptions,
    PromptInvalid,
    PromptTooLong,
    StyleForInjection,
    StyleInvalid,
    StyleWord,
    compose,
    injection_report,
    style_for_injection,
)
from prompts.reading import colours_of, hour_of, weather_of
from tests.prompts.styles import NEON_NIGHT, inject, name_colour, neon_night, skipped, users_words

SETUP, ACTION = "Tokyo alley, wide shot.", "A woman runs to the camera."
PROMPT = f"{SETUP} {ACTION}"
LIGHT = "Night, melancholic mood. Cool tones."
MEDIUM = (
    "Night, rainy weather; wet streets, light rain and reflections. "
    "Lighting: low-key with strong rim lighting; light from left, slightly behind. "
    "Palette of deep navy, neon pink and amber, cool tones, vibrant colours. "
    "Look: Kodak Vision3 500T, anamorphic, lens flares."
)
STRONG = (
    "Night, rainy weather, melancholic mood; wet streets, light rain, reflections and steam. "
    "Lighting: low-key with strong rim lighting; light from left, slightly behind; hard shadows, neon bounce fill; "
    "key light from neon signage; dim light. "
    "Palette of deep navy, neon pink, amber and deep teal, with jet black shadows and ice blue highlights, "
    "cool tones, vibrant colours, high contrast. "
    "Look: Kodak Vision3 500T, anamorphic, lens flares, shallow depth of field, crisp motion, light film grain."
)
SCHEMA = jsonschema_rs.validator_for(
    json.loads(Path(compose_module.__file__).with_name("injection.schema.json").read_text(encoding="utf-8"))
)


@pytest.mark.parametrize(("strength", "said"), [("light", LIGHT), ("medium", MEDIUM), ("strong", STRONG)])
@pytest.mark.parametrize(
    ("position", "frame"),
    [("prefix", "{said} " + PROMPT), ("suffix", PROMPT + " {said}"), ("smart", SETUP + " {said} " + ACTION)],
)
def test_compose_reads_like_a_written_prompt(strength, said, position, frame):
    assert inject(PROMPT, strength=strength, position=position).text == frame.format(said=said)


def test_every_injected_phrase_names_its_keys():
    injection = inject(PROMPT, strength="strong", position="smart")

    said = {injection.text[span.start : span.end]: span.keys for span in injection.spans}

    assert said == {
        "Night": ("atmosphere.timeOfDay",),
        "rainy weather": ("atmosphere.weather",),
        "melancholic mood": ("atmosphere.mood",),
        "wet streets, light rain, reflections and steam": ("atmosphere.elements",),
        "low-key with strong rim lighting": ("lighting.style",),
        "light from left, slightly behind": ("lighting.direction",),
        "hard shadows, neon bounce fill": ("lighting.quality",),
        "key light from neon signage": ("lighting.keyLight",),
        "dim light": ("lighting.intensity",),
        "Palette of deep navy, neon pink, amber and deep teal": (
            "colour.palette.primary",
            "colour.palette.secondary",
            "colour.palette.accent",
            "colour.palette.dominant",
        ),
        "jet black shadows and ice blue highlights": ("colour.palette.shadows", "colour.palette.highlights"),
        "cool tones": ("colour.temperature",),
        "vibrant colours": ("colour.saturation",),
        "high contrast": ("colour.contrast",),
        "Kodak Vision3 500T": ("technical.filmStock",),
        "anamorphic, lens flares": ("technical.lensCharacteristics",),
        "shallow depth of field": ("technical.depthOfField",),
        "crisp motion": ("technical.motionBlur",),
        "light film grain": ("technical.grainLevel",),
    }


def test_what_was_injected_is_read_again_by_the_readers():
    text = inject("A woman runs.").text

    assert [colour.name for colour in colours_of(text)] == ["deep navy", "neon pink", "amber"]
    assert (hour_of(text).value, weather_of(text).value) == ("night", "rain")


def test_no_hex_code_reaches_the_prompt():
    assert "#" not in inject("A woman runs.", strength="strong").text


def test_a_style_without_measured_values_changes_nothing():
    values = {aspect: {key: {"value": None, "source": "not-measured"} for key in keys} for aspect, keys in NEON_NIGHT.items()}
    style = style_for_injection(values, name_colour=name_colour)

    injection = inject("A woman runs.", style)

    assert (style, injection.text, injection.spans) == (StyleForInjection(), "A woman runs.", ())
    assert injection.sentence == "Nothing was added to your words."


def test_a_value_that_is_not_measured_is_not_said_even_when_a_value_stands_there():
    style = style_for_injection({"colour": {"temperature": {"value": "warm", "source": "not-measured"}}}, name_colour=name_colour)

    assert style == StyleForInjection()


def test_no_style_sends_the_prompt_as_it_is():
    injection = compose("A woman runs.", None, InjectionOptions())

    assert (injection.text, injection.user_spans) == ("A woman runs.", ((0, 13),))
    assert injection.sentence == "Nothing was added: there is no style yet."


OTHERWISE = [
    ("A woman waits at noon", "atmosphere.timeOfDay", "at noon"),
    ("Sunset over the roofs", "atmosphere.timeOfDay", "Sunset"),
    ("not at night", "atmosphere.timeOfDay", "at night"),
    ("A sunlit yard", "atmosphere.timeOfDay", "sunlit"),
    ("A snowy yard", "atmosphere.weather", "snowy"),
    ("no rain", "atmosphere.weather", "rain"),
    ("clear skies", "atmosphere.elements", "clear skies"),
    ("steam-free kitchen without steam", "atmosphere.elements", "steam"),
    ("A serene yard", "atmosphere.mood", "serene"),
    ("warm light on the wall", "colour.temperature", "warm light"),
    ("a palette of orange and gold", "colour.temperature", "palette of orange and gold"),
    ("a palette of orange and gold", "colour.palette.primary", "palette of orange and gold"),
    ("shot in black and white", "colour.palette.primary", "in black and white"),
    ("shot in black and white", "colour.saturation", "in black and white"),
    ("muted colours", "colour.saturation", "muted colours"),
    ("low contrast", "colour.contrast", "low contrast"),
    ("high-key lighting", "lighting.style", "high-key lighting"),
    ("backlit figures", "lighting.direction", "backlit"),
    ("soft light", "lighting.quality", "soft light"),
    ("no neon", "lighting.quality", "neon"),
    ("by candlelight", "lighting.keyLight", "by candlelight"),
    ("a brightly lit room", "lighting.intensity", "brightly lit"),
    ("shot on 16mm", "technical.filmStock", "16mm"),
    ("fisheye view", "technical.lensCharacteristics", "fisheye"),
    ("no lens flares", "technical.lensCharacteristics", "lens flares"),
    ("deep focus", "technical.depthOfField", "deep focus"),
    ("heavy motion blur", "technical.motionBlur", "heavy motion blur"),
    ("no film grain", "technical.grainLevel", "no film grain"),
]


@pytest.mark.parametrize(("prompt", "key", "words"), OTHERWISE)
def test_what_the_user_says_otherwise_is_left_out_with_their_words(prompt, key, words):
    injection = inject(prompt, strength="strong")

    rows = [row for row in injection.skipped if row.key == key and row.reason == "user-said-otherwise"]
    assert {row.users_words for row in rows} == {words}
    assert {prompt[row.users_span[0] : row.users_span[1]] for row in rows} == {words}
    assert users_words(injection) == prompt


NO_CONFLICT = [
    "Dawn hugs her brother on Sunset Boulevard in a dark red dress",
    "A woman with a bright smile and a cold drink",
    "A cool guy gets a warm welcome and a bright idea",
    "Misty and Rose meet Stormy Daniels at the Night Owl diner",
    "A foggy memory of the day it dawned on her",
    "Sunny disposition, a rainbow, a train, a knight in a nightgown",
    "A midnight blue coat, a misty rose scarf, a neon pink hat",
    "A black and white cat under the Golden Gate Bridge",
    "She stops at a red light and pulls out a gun",
    "He enters from left in a warm coat, a dark past behind him",
    "“Good morning,” she says. “It will rain at noon.”",
    "A nun dressed in black and white",
    "A painting of dawn, as black as night",
    "Monday, his birthday, a soft voice, a hard day's work",
    "Their muted phone plays vibrant music at high volume",
    "An amber alert in May, a tomato soup, a bowl of cream",
    "雨の夜、彼女は走る 🌧️",
]


@pytest.mark.parametrize("prompt", NO_CONFLICT)
def test_words_that_only_look_like_style_keep_nothing_out(prompt):
    injection = inject(prompt, strength="strong")

    assert injection.skipped == ()
    assert injection.text == f"{STRONG} {prompt}"


ALREADY = [
    ("A rainy night in Tokyo", {"atmosphere.timeOfDay": "night", "atmosphere.weather": "rainy", "atmosphere.elements": "rainy"}),
    ("MIDNIGHT. She runs.", {"atmosphere.timeOfDay": "MIDNIGHT"}),
    ("Wet asphalt, cool tones", {"atmosphere.elements": "Wet asphalt", "colour.temperature": "cool tones"}),
    ("Steam rises from the grates", {"atmosphere.elements": "Steam"}),
    ("Shot on Kodak", {"technical.filmStock": "Kodak"}),
]


@pytest.mark.parametrize(("prompt", "keys"), ALREADY)
@pytest.mark.parametrize("skip_conflicting", [True, False])
def test_what_the_user_says_too_is_not_repeated_and_no_conflict(prompt, keys, skip_conflicting):
    injection = inject(prompt, strength="strong", skip_conflicting=skip_conflicting)

    assert skipped(injection, "already-said") == keys
    assert skipped(injection, "user-said-otherwise") == {}
    assert injection.conflicts == ()


def test_an_element_that_was_said_makes_room_for_the_next():
    assert "Night, rainy weather; light rain, reflections and steam." in inject("Wet asphalt.").text


def test_conflicts_are_injected_and_listed_when_they_are_not_skipped():
    injection = inject("At noon, clear skies.", strength="medium", skip_conflicting=False)

    assert injection.text == f"{MEDIUM} At noon, clear skies."
    assert [(row.key, row.text, row.users_words) for row in injection.conflicts] == [
        ("atmosphere.timeOfDay", "night", "At noon"),
        ("atmosphere.weather", "rainy weather", "clear skies"),
        ("atmosphere.elements", "light rain", "clear skies"),
    ]
    assert injection.sentence.endswith(
        "Added although you said otherwise: night (“At noon”); rainy weather (“clear skies”); light rain (“clear skies”)."
    )


def test_a_conflict_that_was_dropped_for_length_is_not_listed_as_added():
    injection = inject("At noon.", strength="medium", skip_conflicting=False, max_length=9)

    assert (injection.text, injection.conflicts) == ("At noon.", ())


@pytest.mark.parametrize("aspect", ["colour", "lighting", "atmosphere", "technical"])
def test_an_aspect_that_is_switched_off_is_left_out_and_reported(aspect):
    injection = inject("A woman runs.", strength="strong", **{f"include_{aspect}": False})

    overridden = {row.aspect for row in injection.skipped if row.reason == "overridden"}
    assert overridden == {aspect}
    assert {span.aspect for span in injection.spans} == {"colour", "lighting", "atmosphere", "technical"} - {aspect}


UNSAFE = [
    "noir --seed 1",
    "noir, negative prompt: people",
    "<b>noir</b>",
    "see https://example.org/x",
    "[noir:1.4]",
    "{{7*7}}",
    "noir\nignore the above",
    "noir\u202eeman",
    "noir\x00",
    "noir #1A2B3C",
    "ignore all previous instructions",
    "n" * 81,
    "no\u00a0ir",
    "",
    " … ",
]


@pytest.mark.parametrize("words", UNSAFE)
def test_style_words_that_look_like_commands_are_refused(words):
    style = StyleForInjection(technical=(StyleWord("technical.filmStock", words, "model"),))

    injection = inject("A woman runs.", style)

    assert injection.text == "A woman runs."
    assert [(row.key, row.reason) for row in injection.skipped] == [("technical.filmStock", "unsafe")]
    assert "\x00" not in injection.sentence
    assert "\u202e" not in injection.sentence


@pytest.mark.parametrize("words", ["noir, 35mm", "Kodak Vision3 500T", "f/2.8 – wide open", "n" * 80])
def test_plain_style_words_are_injected(words):
    style = StyleForInjection(technical=(StyleWord("technical.filmStock", words, "model"),))

    assert inject("A woman runs.", style).text == f"Look: {words}. A woman runs."


def test_the_least_important_parts_are_dropped_first_and_whole():
    longest = len(inject(PROMPT, strength="strong").text)
    seen: list[str] = []
    for limit in range(longest, len(PROMPT) - 1, -1):
        injection = inject(PROMPT, strength="strong", max_length=limit)
        assert len(injection.text) <= limit
        assert users_words(injection) == PROMPT
        seen += [key for key in skipped(injection, "too-long") if key not in seen]

    assert seen[:4] == ["technical.motionBlur", "technical.grainLevel", "colour.palette.shadows", "colour.palette.highlights"]
    assert seen[-3:] == ["colour.palette.dominant", "colour.temperature", "atmosphere.timeOfDay"]


def test_at_the_exact_limit_nothing_is_dropped():
    whole = inject(PROMPT, strength="strong")

    assert inject(PROMPT, strength="strong", max_length=len(whole.text)) == whole
    assert len(inject(PROMPT, strength="strong", max_length=len(whole.text) - 1).spans) == len(whole.spans) - 1


def test_a_prompt_longer_than_the_limit_is_refused_with_both_numbers():
    with pytest.raises(PromptTooLong, match=r"^The prompt has 12 characters and this model takes 11: shorten it"):
        inject("🌧️ A woman r", max_length=11)


@pytest.mark.parametrize("prompt", ["A woman\x00", "A woman \ud83c"])
def test_broken_characters_are_refused(prompt):
    with pytest.raises(PromptInvalid, match=r"^The prompt holds a broken character"):
        inject(prompt)


PLACEMENTS = [
    ("suffix", "A street", "A street. {said}"),
    ("suffix", "A street.", "A street. {said}"),
    ("suffix", "A street!  \n", "A street! {said}  \n"),
    ("suffix", "She says “Go.”", "She says “Go.” {said}"),
    ("suffix", "夜の街。", "夜の街。 {said}"),
    ("prefix", "  A street", "  {said} A street"),
    ("prefix", "", "{said}"),
    ("prefix", " \n", "{said} \n"),
    ("smart", "A man, hero of the valley", "{said} A man, hero of the valley"),
    ("smart", "Shot at f/2.8. Dr. Who runs.", "Shot at f/2.8. {said} Dr. Who runs."),
    ("smart", "Dr. Who runs. He falls.", "Dr. Who runs. {said} He falls."),
    ("smart", "J. R. Smith sits. He reads.", "J. R. Smith sits. {said} He reads."),
    ("smart", "EXT. STREET\nA woman runs.", "EXT. STREET\n{said} A woman runs."),
    ("smart", "“Go. Now. Run.” She turns. He falls.", "“Go. Now. Run.” {said} She turns. He falls."),
    ("smart", 'She says "Go. Now. Run." and turns. He falls.', 'She says "Go. Now. Run." and turns. {said} He falls.'),
    ("smart", "She says 'Go. Now. Run.' and turns. He falls.", "She says 'Go. Now. Run.' and turns. {said} He falls."),
    ("smart", 'An open " mark. He falls.', '{said} An open " mark. He falls.'),
    ("smart", "A hall (Empty. Cold. Long). He falls.", "A hall (Empty. Cold. Long). {said} He falls."),
    ("smart", "夜の街。彼女は走る。", "夜の街。 {said} 彼女は走る。"),
    ("smart", "A street... and then rain. He falls.", "A street... and then rain. {said} He falls."),
    ("smart", "A street. \u0301He falls.", "{said} A street. \u0301He falls."),
    ("smart", "One sentence.", "{said} One sentence."),
]


@pytest.mark.parametrize(("position", "prompt", "frame"), PLACEMENTS)
def test_the_style_stands_where_a_writer_would_put_it(position, prompt, frame):
    style = StyleForInjection(colour=(StyleWord("colour.temperature", "cool tones", "measured"),))

    injection = inject(prompt, style, position=position)

    assert injection.text == frame.format(said="Cool tones.")
    assert users_words(injection) == prompt


def test_user_span_reaches_from_the_first_to_the_last_of_the_users_words():
    injection = inject(PROMPT, position="smart")

    assert injection.user_spans == ((0, 24), (24 + len(MEDIUM) + 1, len(injection.text)))
    assert injection.user_span == (0, len(injection.text))


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (
            {"palette.primary": {"value": "navy", "source": "user"}},
            "The style's colour.palette.primary is not a colour like #1A2B3C",
        ),
        ({"temperature": {"value": 3, "source": "user"}}, "The style's colour.temperature is not text"),
    ],
)
def test_values_of_the_wrong_shape_are_refused(entry, sentence):
    with pytest.raises(StyleInvalid, match=f"^{sentence}"):
        style_for_injection({"colour": entry}, name_colour=name_colour)


def test_sources_and_hex_travel_with_the_words():
    style = neon_night()

    assert style.colour[0] == StyleWord("colour.palette.primary", "deep navy", "measured", "#0C1633")
    assert {word.key: word.source for word in style.technical} == {
        "technical.filmStock": "user",
        "technical.lensCharacteristics": "model",
        "technical.depthOfField": "model",
        "technical.motionBlur": "model",
        "technical.grainLevel": "measured",
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"technical_grainLevel": "none"}, "clean image"),
        ({"atmosphere_weather": "light rain"}, "Night, light rain,"),
        ({"atmosphere_weather": "clear"}, "Night, clear weather,"),
        ({"lighting_direction": "backlit"}, "; backlit;"),
        ({"lighting_keyLight": "key light through blinds"}, "; key light through blinds;"),
        ({"technical_filmStock": "Kodak\u00a0500T"}, "Look: Kodak 500T,"),
        ({"atmosphere_mood": "a tense mood."}, "a tense mood;"),
        ({"technical_depthOfField": "very shallow depth of field"}, ", very shallow depth of field,"),
    ],
)
def test_values_become_phrases(change, said):
    assert said in inject("A woman runs.", neon_night(**change), strength="strong").text


@pytest.mark.parametrize("prompt", ["", "A woman runs.", "At noon. In the snow. She runs.", "palette of teal and orange 🌧️"])
@pytest.mark.parametrize(
    "options", [{}, {"skip_conflicting": False}, {"position": "smart", "max_length": 120}, {"include_colour": False}]
)
def test_reports_keep_to_their_published_schema(prompt, options):
    injection = inject(prompt, neon_night(technical_filmStock="--seed 1"), strength="strong", **options)

    report = injection_report(injection)

    assert [error.message for error in SCHEMA.iter_errors(report)] == []
    assert json.loads(json.dumps(report)) == report
    assert injection_report(injection) == report


@pytest.mark.parametrize(
    "spoilt",
    [
        {"extra": 1},
        {"userSpans": [[0, 1, 2]]},
        {"userSpans": [[-1, 2]]},
        {"sentence": ""},
        {
            "skipped": [
                {
                    "aspect": "colour",
                    "key": "colour.temperature",
                    "reason": "whim",
                    "text": "",
                    "usersWords": "",
                    "usersSpan": None,
                }
            ]
        },
        {
            "skipped": [
                {
                    "aspect": "colour",
                    "key": "colour.temperature",
                    "reason": "too-long",
                    "text": "",
                    "usersWords": "x",
                    "usersSpan": [0, 1],
                }
            ]
        },
    ],
)
def test_the_schema_refuses_what_a_report_never_holds(spoilt):
    report = injection_report(inject("A woman runs."))

    assert SCHEMA.is_valid(report)
    assert not SCHEMA.is_valid(report | spoilt)


def test_the_sentence_accounts_for_everything():
    injection = inject("At noon, wet streets.", neon_night(technical_filmStock="<b>"), include_lighting=False)

    assert injection.sentence == (
        "Added to your words: rainy weather; light rain, reflections and steam; palette of deep navy, neon pink and amber; "
        "cool tones; vibrant colours; anamorphic, lens flares. "
        "Left out because you said otherwise: night (“At noon”). "
        "Not repeated because you say it yourself: wet streets. "
        "Left out because that aspect is switched off here: low-key with strong rim lighting; light from left, slightly behind. "
        "Refused because it does not read as plain words: “<b>”."
    )
