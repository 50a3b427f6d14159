"""What a prompt says, and the traps: names, idioms, colours, quotations, comparisons, negations."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prompts import lexicon, reading
from prompts.colour_names import COLOUR_NAMES
from prompts.words import split_words

HOURS = [
    ("Dawn hugs her brother on Sunset Boulevard in a dark red dress", None),
    ("DAWN hugs her brother", None),
    ("Dawn is tired of waiting", None),
    ("Dawn and Peter walk along the pier", None),
    ("A woman named Dawn opens the door", None),
    ("He smiles at Dawn", None),
    ("Dawn breaks over the hills", "dawn"),
    ("Dawn is breaking", "dawn"),
    ("Dawn, a quiet street", "dawn"),
    ("The street at dawn", "dawn"),
    ("dawn’s first light on the water", "dawn"),
    ("It dawned on her", None),
    ("The dawn of time", None),
    ("May walks in May with Rose", None),
    ("Night Owl diner", None),
    ("a motel on sunset boulevard", None),
    ("She waits at the Night Owl diner at noon", "day"),
    ("Golden Gate Bridge", None),
    ("Monday, his birthday, an everyday scene", None),
    ("One day she left", None),
    ("A sunny day at the beach", "day"),
    ("EXT. STREET - DAY", "day"),
    ("INT. KITCHEN — NIGHT", "night"),
    ("A beach, day, wide shot", "day"),
    ("A midnight blue coat", None),
    ("At midnight the bell rings", "night"),
    ("Eyes in a shade of night", None),
    ("Hair black as night", None),
    ("A knight in a nightgown", None),
    ("The dead of night", "night"),
    ("Shot day-for-night", "night"),
    ("not at night", None),
    ("It is no longer night", None),
    ("They dance until dawn", None),
    ("Last night she dreamt", None),
    ("without rain or fog at night", "night"),
    ("No one is out at night", "night"),
    ("Good night, my love", None),
    ("Neon Night In Tokyo", "night"),
    ("Tokyo at Night", "night"),
    ("An evening gown on a chair", None),
    ("Blue hour over the harbour", "dusk"),
    ("golden-hour light", "golden hour"),
    ("Sunset over the sea", "golden hour"),
    ("A moonlit garden", "night"),
    ("A sunlit garden", "day"),
    ("A sunlit ridge at golden hour", "golden hour"),
    ('A sign reads "OPEN ALL NIGHT"', None),
    ("“A street at night”", "night"),
    ("A painting of dawn hangs on the wall", None),
    ("fortnight, overnight, nightingale", None),
]

WEATHERS = [
    ("A rainbow, a brain, a train and a raincoat", None),
    ("Light rain on the window", "rain"),
    ("Rainy Tokyo street", "rain"),
    ("no rain", None),
    ("without any fog", None),
    ("There isn't any snow", None),
    ("rain-free", None),
    ("The rain has stopped", None),
    ("never stops raining", "rain"),
    ("not only rain but thunder", "rain"),
    ("Snow White sleeps", None),
    ("A snow-white dress", None),
    ("Jon Snow rides home", None),
    ("Snow falls on the roofs", "snow"),
    ("Stormy Daniels arrives", None),
    ("Misty walks home", None),
    ("Misty hills", "fog"),
    ("A misty rose scarf", None),
    ("A foggy memory", None),
    ("A sunny disposition", None),
    ("A sunny disposition in heavy fog", "fog"),
    ("They storm the castle", None),
    ("A rain of arrows", None),
    ("It falls like rain", None),
    ("The calm before the storm", None),
    ("After the rain, puddles", None),
    ("Clear skies above", "clear"),
    ("A clear idea", None),
    ("Grey sky over the moor", "overcast"),
    ("A blizzard", "snow"),
    ("Thunder rolls", "storm"),
    ("no rain, heavy fog", "fog"),
    ("A dream of snow", None),
    ("She remembers the storm", None),
]

FRAMINGS = [
    ("Wide shot of a city", "wide"),
    ("Wide, night, slow push", "wide"),
    ("Her eyes open wide", None),
    ("A wide smile", None),
    ("Extreme close-up of a hand", "close-up"),
    ("closeup of rain", "close-up"),
    ("They close up shop", None),
    ("A medium shot", "medium"),
    ("A medium rare steak", None),
]

MOVES = [
    ("slow push in", "push"),
    ("The camera pushes in on her face", "push"),
    ("She pushes in the drawer", None),
    ("She pulls out a gun", None),
    ("He pulls back the curtain", None),
    ("The camera slowly pulls back", "pull"),
    ("dolly-out", "pull"),
    ("pan left across the bar", "pan-left"),
    ("The camera pans to the right", "pan-right"),
    ("Camera pans left to reveal the sea", "pan-left"),
    ("a slow pan left", "pan-left"),
    ("a slow pan", "pan-right"),
    ("slow zoom out", "pull"),
    ("slow tilt down", "tilt-down"),
    ("They push the car", None),
    ("A frying pan on the stove", None),
    ("Peter Pan flies", None),
    ("tilt up to the roof", "tilt-up"),
    ("She tilts her head", None),
    ("The camera tilts down", "tilt-down"),
    ("crane shot over the crowd", "crane"),
    ("A construction crane in the fog", None),
    ("He cranes his neck", None),
    ("Static shot", "static"),
    ("radio static crackles", None),
    ("locked-off camera", "static"),
]

PLACES = [
    ("On Sunset Boulevard", "street"),
    ("A narrow alley", "street"),
    ("INT. DINER", "room"),
    ("There is no room for error", None),
    ("An alpine meadow", "landscape"),
    ("A sea of people", None),
    ("shallow depth of field", None),
    ("A forest green coat", None),
]


@pytest.mark.parametrize(("prompt", "hour"), HOURS)
def test_hour_of_reads_statements_only(prompt, hour):
    found = reading.hour_of(prompt)

    assert (found.value if found else None) == hour


@pytest.mark.parametrize(("prompt", "weather"), WEATHERS)
def test_weather_of_reads_statements_only(prompt, weather):
    found = reading.weather_of(prompt)

    assert (found.value if found else None) == weather


@pytest.mark.parametrize(("prompt", "framing"), FRAMINGS)
def test_framing_of_reads_statements_only(prompt, framing):
    found = reading.framing_of(prompt)

    assert (found.value if found else None) == framing


@pytest.mark.parametrize(("prompt", "move"), MOVES)
def test_camera_move_of_reads_what_a_camera_does(prompt, move):
    found = reading.camera_move_of(prompt)

    assert (found.value if found else None) == move


@pytest.mark.parametrize(("prompt", "place"), PLACES)
def test_place_of_reads_statements_only(prompt, place):
    found = reading.place_of(prompt)

    assert (found.value if found else None) == place


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("in a dark red dress", ["dark red"]),
        ("Amber walks past a tomato", []),
        ("An amber glow", ["amber"]),
        ("Palette of deep navy, neon pink and amber", ["deep navy", "neon pink", "amber"]),
        ("teal and orange palette", ["teal", "orange"]),
        ("a glass of orange juice", []),
        ("in black and white", []),
        ("Mr. Brown met Snow White", []),
        ("The golden hour", []),
        ("Red light on wet asphalt", ["red"]),
        ("no red anywhere", []),
        ("a dark‑red dress", ["dark red"]),
        ("covered, bored, redwood", []),
        ("Ivory walls, amber lamps", ["ivory", "amber"]),
        ("Violet walks home", []),
        ("a dark slate blue wall", ["dark slate blue"]),
    ],
)
def test_colours_of_names_colours_and_no_things(prompt, names):
    assert [colour.name for colour in reading.colours_of(prompt)] == names


def test_colours_of_gives_the_hex_and_the_place():
    assert reading.colours_of("a teal door") == [("teal", COLOUR_NAMES["teal"], (2, 6))]


@pytest.mark.parametrize(
    ("prompt", "statements"),
    [
        ("a woman in a dark red dress", []),
        ("teal and orange palette", [("teal and orange palette", ["teal", "orange"])]),
        ("A palette of navy and gold, a red car", [("palette of navy and gold", ["navy", "gold"])]),
        ("bathed in blue light", [("bathed in blue", ["blue"])]),
        ("He stops at the red light", []),
    ],
)
def test_scene_colours_of_leaves_the_colours_of_objects_out(prompt, statements):
    found = [(said.words, [colour.name for colour in colours]) for said, colours in reading.scene_colours_of(prompt)]

    assert found == statements


@pytest.mark.parametrize(
    ("prompt", "elements"),
    [
        ("A woman and her child in a neon street", {"woman", "child", "neon"}),
        ("Light rain, fog and wet asphalt", {"rain", "fog", "wet ground"}),
        ("Passers-by in a crowded market, heavy film grain", {"crowd", "grain"}),
        ("A grain of rice", set()),
        ("no people, no neon", set()),
        ("A neon pink dress", set()),
        ("A man-made lake, an action figure", set()),
        ("Rain-slicked streets", {"wet ground"}),
        ("Clear skies", set()),
    ],
)
def test_elements_of_lists_what_is_in_the_picture(prompt, elements):
    assert set(reading.elements_of(prompt)) == elements


def test_the_longest_phrase_is_the_one_that_is_read():
    found = reading.framing_of("A wide-angle shot of a city")

    assert found == reading.Reading("wide", "wide-angle shot", 2, 17)


def test_readings_of_keeps_negated_statements_and_says_so():
    found = [(said.value, said.words, said.negated) for said in reading.readings_of("no rain, but fog", "weather")]

    assert found == [("rain", "rain", True), ("fog", "fog", False)]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_composed_and_decomposed_letters_read_the_same(form):
    found = reading.place_of(unicodedata.normalize(form, "Ein Tisch im Café"))

    assert found is not None
    assert found.value == "room"


@pytest.mark.parametrize(
    "text",
    ["", "雨の夜、東京", "🌧️👩‍👩‍👧 night 🏙️", "İstanbul’da ‘night’", "'''\"“”«", "\u0301\u200d night", "-" * 50, "ﬁlm ẞ ŉ"],
)
def test_readers_take_any_script(text):
    everything = [*reading.elements_of(text).values(), *filter(None, (reading.hour_of(text), reading.place_of(text)))]

    assert [said.words for said in everything] == [text[said.start : said.end] for said in everything]


PIECES = st.sampled_from(
    [
        "night",
        "Dawn",
        "rain",
        "no",
        "or",
        "palette of",
        "teal",
        "amber",
        "close-up",
        "“",
        '"',
        "\n",
        ", ",
        ". ",
        "-",
        "’",
        "🌧️",
        "e\u0301",
        "İ",
    ]
)


@settings(max_examples=200, deadline=None, database=None)
@given(st.one_of(st.text(), st.lists(PIECES).map(" ".join)))
def test_spans_point_at_the_words_that_were_read(text):
    said = [
        one for topic in ("hour", "weather", "framing", "move", "place", "element") for one in reading.readings_of(text, topic)
    ]
    colours = reading.colours_of(text)

    assert [one.words for one in said] == [text[one.start : one.end] for one in said]
    assert [colour.name for colour in colours] == [
        " ".join(unicodedata.normalize("NFC", text[colour.span[0] : colour.span[1]]).lower().replace("-", " ").split())
        for colour in colours
    ]


@pytest.mark.parametrize("piece", ["rain ", "no rain or ", '" ', "e\u0301", "palette of ", "red and ", "...", "a"])
def test_a_megabyte_is_read_to_its_end(piece):
    text = piece * (1_000_000 // len(piece)) + "\n\nAt dawn."

    found = reading.hour_of(text)

    assert found is not None
    assert (found.value, text[found.start :]) == ("dawn", "dawn.")


def test_every_phrase_of_the_lexicon_is_split_and_folded_like_a_prompt():
    tables = [value for name, value in vars(lexicon).items() if name.isupper() and isinstance(value, dict)]
    phrases = [phrase for table in tables for listed in table.values() for phrase in listed]

    assert len(phrases) > 500
    assert [phrase for phrase in phrases if " ".join(split_words(phrase).lowered) != phrase] == []
