"""The colour table: one hex per name, spelt as people say it."""

import re

from PIL import ImageColor

from prompts.colour_names import COLOUR_NAMES, CSS_COLOUR_NAMES, FILM_COLOUR_NAMES


def test_css_block_holds_every_css_name_with_the_value_of_css():
    squeezed = {name.replace(" ", ""): colour.lower() for name, colour in CSS_COLOUR_NAMES.items()}

    pillow = {name: "#{:02x}{:02x}{:02x}".format(*ImageColor.getrgb(name)) for name in ImageColor.colormap}
    assert squeezed == pillow


def test_names_are_lower_case_words_with_upper_case_hex():
    odd = [
        (name, colour)
        for name, colour in COLOUR_NAMES.items()
        if not (re.fullmatch(r"[a-z]+( [a-z]+)*", name) and re.fullmatch(r"#[0-9A-F]{6}", colour))
    ]

    assert odd == []


def test_the_two_blocks_share_no_name_and_no_value():
    assert set(CSS_COLOUR_NAMES) & set(FILM_COLOUR_NAMES) == set()
    assert set(CSS_COLOUR_NAMES.values()) & set(FILM_COLOUR_NAMES.values()) == set()
    assert len(set(FILM_COLOUR_NAMES.values())) == len(FILM_COLOUR_NAMES)


def test_film_words_that_css_lacks_are_there():
    assert {"neon pink", "amber", "deep blue", "warm orange", "golden", "deep navy"} <= set(FILM_COLOUR_NAMES)


def test_of_two_names_of_one_value_the_spoken_one_comes_first():
    names = list(COLOUR_NAMES)

    assert [
        names.index(spoken) < names.index(other) for spoken, other in (("grey", "gray"), ("cyan", "aqua"), ("magenta", "fuchsia"))
    ] == [
        True,
        True,
        True,
    ]
