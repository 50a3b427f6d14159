"""Likeness of phrases: by meaning where the lexicon knows it, by stems elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from continuity.vision.word_likeness import list_likeness, meaning_of, phrase_likeness, stem_of

KEYS = [
    "lighting.style",
    "lighting.direction",
    "atmosphere.mood",
    "atmosphere.weather",
    "atmosphere.elements",
    "technical.filmStock",
]
WORDS = ["soft", "hard", "light", "from", "the left", "right", "behind", "backlit", "neon", "rain", "rainy", "fog", "night", "no"]
PHRASES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)


@pytest.mark.parametrize(
    ("key", "one", "other"),
    [
        ("lighting.direction", "backlit", "from behind"),
        ("lighting.quality", "soft, diffused", "Soft"),
        ("lighting.keyLight", "neon signs", "neon signage"),
        ("atmosphere.mood", "sombre", "melancholic"),
        ("atmosphere.mood", "tense", "suspenseful"),
        ("atmosphere.weather", "rainy", "heavy rain"),
        ("atmosphere.timeOfDay", "sunset", "golden hour"),
        ("atmosphere.elements", "wet asphalt", "slick streets"),
        ("technical.filmStock", "16mm film", "super 16"),
        ("technical.depthOfField", "shallow", "shallow depth of field"),
        ("technical.lensCharacteristics", "Anamorphic  lens", "anamorphic lens"),
    ],
)
def test_phrases_of_one_meaning_are_alike(key: str, one: str, other: str) -> None:
    assert phrase_likeness(key, one, other) == 1.0


@pytest.mark.parametrize(
    ("key", "one", "other"),
    [
        ("lighting.direction", "from the left", "from the right"),
        ("lighting.quality", "hard shadows", "soft"),
        ("lighting.keyLight", "sunlight", "moonlight"),
        ("atmosphere.timeOfDay", "day", "night"),
        ("atmosphere.weather", "clear", "rainy"),
        ("atmosphere.elements", "rain", "no rain"),
        ("atmosphere.mood", "calm", "tense"),
        ("lighting.style", "low-key", "high-key"),
        ("technical.motionBlur", "none", "noticeable"),
        ("technical.depthOfField", "shallow", "deep"),
    ],
)
def test_phrases_of_another_meaning_are_not(key: str, one: str, other: str) -> None:
    assert phrase_likeness(key, one, other) == 0.0


def test_likeness_is_dices_share_of_what_both_say() -> None:
    assert phrase_likeness("lighting.direction", "from the left, slightly behind", "from left") == pytest.approx(2 / 3)
    assert phrase_likeness("lighting.style", "low-key with strong rim light", "low key lighting") == pytest.approx(2 / 4)


def test_meaning_is_canonical_and_denials_are_kept_apart() -> None:
    assert meaning_of("lighting.direction", "backlit") == {"behind"}
    assert meaning_of("atmosphere.elements", "no rain") == {"not rain"}
    assert meaning_of("technical.motionBlur", "none") == {"non"} != meaning_of("technical.motionBlur", "noticeable")


@pytest.mark.parametrize(
    ("words", "stem"),
    [
        (("rain", "rains", "rainy", "raining"), "rain"),
        (("fog", "foggy"), "fog"),
        (("diffuse", "diffused"), "diffus"),
        (("soft", "softly"), "soft"),
        (("street", "streets"), "street"),
        (("shadow", "shadows", "shadowy"), "shadow"),
        (("glass",), "glass"),
        (("spring",), "spring"),
        (("red",), "red"),
        (("lens",), "len"),
        (("sky", "skies"), "sky"),
    ],
)
def test_endings_that_change_nothing_seen_are_taken_off(words: tuple[str, ...], stem: str) -> None:
    assert {stem_of(word) for word in words} == {stem}


@given(key=st.sampled_from(KEYS), one=PHRASES, other=PHRASES)
def test_phrase_likeness_is_symmetric_and_between_0_and_1(key: str, one: str, other: str) -> None:
    likeness = phrase_likeness(key, one, other)

    assert likeness == phrase_likeness(key, other, one)
    assert 0 <= likeness <= 1


@given(key=st.sampled_from(KEYS), text=st.text(max_size=80))
def test_every_phrase_is_like_itself(key: str, text: str) -> None:
    assert phrase_likeness(key, text, text) == 1.0
    assert 0 <= phrase_likeness(key, text, "soft light") <= 1


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ([], [], 1.0),
        (["rain"], [], 0.0),
        (["wet streets", "fog"], ["fog", "wet asphalt"], 1.0),
        (["fog"], ["fog", "neon"], 2 / 3),
        (["fog"], ["neon"], 0.0),
    ],
)
def test_lists_are_alike_as_far_as_their_items_are_met(one: list[str], other: list[str], likeness: float) -> None:
    assert list_likeness("atmosphere.elements", one, other) == pytest.approx(likeness)


@given(one=st.lists(PHRASES, max_size=4), other=st.lists(PHRASES, max_size=4))
def test_list_likeness_is_symmetric_and_does_not_mind_the_order(one: list[str], other: list[str]) -> None:
    likeness = list_likeness("atmosphere.elements", one, other)

    assert likeness == list_likeness("atmosphere.elements", other, one)
    assert likeness == list_likeness("atmosphere.elements", one[::-1], other)
    assert 0 <= likeness <= 1
