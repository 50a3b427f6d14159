"""What the scene's templates say about rows, without a page around it."""

from fractions import Fraction
from typing import Any

import pytest

from continuity.models import Blob, Take
from sessions_app.templatetags import scene as tags
from tests.factories import continuity as make


def pieces(prompt: str, *spans: tuple[int, int]) -> list[tuple[str, bool]]:
    injection = {"spans": [{"start": start, "end": end, "keys": ["colour.temperature"]} for start, end in spans]}
    return [(piece.text, piece.added) for piece in tags.segments(Take(injected_prompt=prompt, injection=injection))]


def test_segments_are_the_whole_prompt_in_order() -> None:
    assert pieces("Warm. A ferry. Grain.", (15, 20), (0, 4)) == [
        ("Warm", True),
        (". A ferry. ", False),
        ("Grain", True),
        (".", False),
    ]


def test_segments_count_code_points() -> None:
    assert pieces("🎬 Warm 🌊", (2, 6)) == [("🎬 ", False), ("Warm", True), (" 🌊", False)]


@pytest.mark.parametrize("take", [Take(), Take(injected_prompt="", injection={"spans": []})])
def test_segments_of_nothing_are_none(take: Take) -> None:
    assert tags.segments(take) == []


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("user-said-otherwise", "you wrote “golden hour”"),
        ("already-said", "you already say “golden hour”"),
        ("too-long", "the prompt would be too long for the model"),
        ("overridden", "that aspect is switched off here"),
        ("unsafe", "it does not read as plain words"),
    ],
)
def test_skipped_says_why(reason: str, expected: str) -> None:
    take = Take(injection={"skipped": [{"text": "dim light", "reason": reason, "usersWords": "golden hour"}]})

    assert tags.skipped(take) == [("dim light", expected)]


@pytest.mark.parametrize(("length", "expected"), [(Fraction(4), "4 s"), (Fraction(95, 24), "3.96 s"), (Fraction(10), "10 s")])
def test_seconds(length: Fraction, expected: str) -> None:
    assert tags.seconds(Blob(duration_num=length.numerator, duration_den=length.denominator)) == expected


@pytest.mark.parametrize(("share", "expected"), [(None, None), (0.0, 0), (0.424, 42), (1.0, 100)])
def test_percent(share: float | None, expected: int | None) -> None:
    assert tags.percent(share) == expected


def test_colour_that_is_none_is_not_drawn() -> None:
    values: dict[str, Any] = make.style_values()
    values["colour"]["palette.dominant"] = {"value": [{"hex": "#141620"}], "source": "user", "confidence": None}

    assert [swatch.name for swatch in tags.palette(make.StyleFactory.build(values=values, session=None))] == ["ebony"]
    assert tags.palette(make.StyleFactory.build(values=make.style_values(), session=None)) == []
    assert tags.palette(None) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("charge", "expected"),
    [
        ({"reserved_micros": 300_000}, "up to $0.30"),
        ({"reserved_micros": 300_000, "settled_micros": 200_000, "released_micros": 100_000, "state": "closed"}, "$0.20"),
        ({"reserved_micros": 300_000, "released_micros": 300_000, "state": "closed"}, "free"),
        (None, ""),
    ],
)
def test_cost_of_a_take(charge: dict[str, Any] | None, expected: str) -> None:
    take = make.TakeFactory()
    if charge is not None:
        make.ChargeFactory(job=make.JobFactory(take=take, session=take.shot.session), take=take, **charge)

    assert tags.cost(take) == expected
