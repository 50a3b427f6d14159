"""What a person may write into a style: by the published schema, and nothing that a prompt could read as anything but words."""

import json
from typing import Any

import pytest

from continuity.services.errors import Refused
from continuity.services.style_values import SCHEMA, edited
from continuity.vision.style import KEYS, unmeasured_values
from tests.books import STYLES_SCHEMA, validator

GOOD: list[tuple[str, Any, Any]] = [
    ("colour.palette.primary", "#ff8800", "#FF8800"),
    ("colour.palette.dominant", ["#000000", {"hex": "#ffffff", "share": 0.4}], None),
    ("colour.temperature", "warm", "warm"),
    ("colour.saturation", "muted", "muted"),
    ("colour.contrast", "high", "high"),
    ("lighting.intensity", "dim", "dim"),
    ("lighting.style", "  low-key rim light ", "low-key rim light"),
    ("atmosphere.timeOfDay", "blue hour", "blue hour"),
    ("atmosphere.mood", "x" * 80, "x" * 80),
    ("atmosphere.elements", [f"thing {number}" for number in range(12)], None),
    ("atmosphere.elements", [], []),
    ("technical.grainLevel", "none", "none"),
    ("technical.blur", 1, 1.0),
    ("technical.filmStock", "café noir", "café noir"),
]
BAD: list[tuple[str, Any]] = [
    *(("colour.palette.primary", value) for value in ("red", "#FFF", "#GGGGGG", "#1234567", 7, ["#000000"], "", "#FF8800\n")),
    *(("colour.palette.dominant", value) for value in ("#000000", [], ["#000000"] * 2, [f"#00000{n}" for n in range(6)], [{}])),
    *(("colour.temperature", value) for value in ("hot", "Warm", 3, True, ["warm"], "", {})),
    *(("lighting.intensity", value) for value in ("very dim", 0.2)),
    *(
        ("atmosphere.mood", value)
        for value in ("", "  ", "x" * 81, "a\x00b", "a\nb", "\u202ecalm", "<b>calm</b>", "…", 4, ["calm"])
    ),
    *(("lighting.style", value) for value in ("--seed 1", "https://x.example", "#FF0000", "a | b", "{x}", "\ud800")),
    ("atmosphere.elements", "fog"),
    ("atmosphere.elements", [f"thing {number}" for number in range(13)]),
    *(("atmosphere.elements", value) for value in (["fog", "Fog"], [""], [4], ["<i>"])),
    *(("technical.blur", value) for value in (-0.1, 1.1, "0.5", True, float("nan"))),
]


def changed(name: str, value: Any) -> dict[str, Any]:
    aspect, key = name.split(".", 1)
    return edited(None, {aspect: {key: value}}, origin="sty_1")


@pytest.mark.parametrize(("name", "value", "kept"), GOOD, ids=lambda case: str(case)[:30])
def test_a_good_value_is_kept_as_the_schema_wants_it(name: str, value: Any, kept: Any) -> None:
    values = changed(name, value)

    aspect, key = name.split(".", 1)
    entry = values[aspect][key]
    assert validator(STYLES_SCHEMA).is_valid(values)
    assert (entry["source"], entry["origin"], entry["confidence"]) == ("user", "sty_1", None)
    assert kept is None or entry["value"] == kept


@pytest.mark.parametrize(("name", "value"), BAD, ids=lambda case: ascii(case)[:40])
def test_a_bad_value_is_refused_with_what_its_key_takes(name: str, value: Any) -> None:
    with pytest.raises(Refused, match=rf"“{name}” takes .*, or null to say nothing of it\.") as refusal:
        changed(name, value)

    assert refusal.value.code == "style_invalid"


@pytest.mark.parametrize("name", [f"{aspect}.{key}" for aspect, keys in KEYS.items() for key in keys])
def test_every_key_may_be_unsaid(name: str) -> None:
    assert changed(name, None) == unmeasured_values()


@pytest.mark.parametrize("name", ["colour.hue", "sound.volume", "colour.", "__class__.x", "colour.palette"])
def test_a_key_that_no_style_has_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="A style has no “") as refusal:
        changed(name, "x")

    assert refusal.value.code == "style_invalid"


def test_what_is_not_named_stays_and_the_given_style_is_not_touched() -> None:
    before = changed("atmosphere.mood", "calm")
    copy = json.loads(json.dumps(before))

    after = edited(before, {"colour": {"temperature": "cool"}}, origin="sty_2")

    assert (before, after["atmosphere"]["mood"]) == (copy, before["atmosphere"]["mood"])
    assert after["colour"]["temperature"] == {"value": "cool", "source": "user", "confidence": None, "origin": "sty_2"}


def test_a_value_may_be_written_as_it_is_read() -> None:
    read = changed("colour.temperature", "warm")["colour"]["temperature"]

    values = changed("colour.temperature", {**read, "origin": "of another style", "source": "measured"})

    assert values["colour"]["temperature"] == read
    assert changed("atmosphere.mood", {"value": None, "source": "not-measured", "confidence": None}) == unmeasured_values()


def test_what_is_sent_as_it_was_read_keeps_where_it_came_from() -> None:
    before = changed("atmosphere.mood", "calm")

    after = edited(before, {"atmosphere": before["atmosphere"]}, origin="sty_2")

    assert after == before


def test_the_closed_lists_are_those_of_the_schema() -> None:
    rows = json.loads(SCHEMA.read_text(encoding="utf-8"))["properties"]["technical"]["properties"]

    kept = [changed("technical.grainLevel", word)["technical"]["grainLevel"]["value"] for word in ("none", "heavy")]

    assert set(kept) <= set(rows["grainLevel"]["properties"]["value"]["anyOf"][0]["enum"])
