"""What the words of a prompt say about the picture: hour, weather, framing, camera, place, elements, colours. Pure.

Every reader takes any text and gives the canonical value with the words that say it, or None. A word is no statement when it
is a name ("Dawn hugs her brother", "Sunset Boulevard"), part of an idiom or of a colour ("midnight blue"), quoted speech or
signage, compared or remembered ("like rain", "a dream of snow"), or negated ("no rain"). Where several statements are
made the first one holds. The time is linear in the length of the text.

A colour word colours an object ("a dark red dress"). It is a statement about the *scene* only in the phrases that
``scene_colours_of`` reads: "teal and orange palette", "shades of blue", "bathed in blue light".
"""

from collections.abc import Container, Iterator

from prompts.colour_reading import Colour, colours_of, scene_colours_of
from prompts.phrases import INDEX, Entry, Reading, by_first_words, idioms_in, is_blocked, matches, split
from prompts.statements import is_name, is_negated, is_statement
from prompts.words import split_words

__all__ = [
    "Colour",
    "Reading",
    "camera_move_of",
    "colours_of",
    "elements_of",
    "framing_of",
    "hour_of",
    "phrase_in",
    "place_of",
    "readings_of",
    "scene_colours_of",
    "weather_of",
]


def hour_of(text: str) -> Reading | None:
    """dawn, golden hour, day, dusk or night; light that implies the hour ("moonlit") counts when no hour is named."""
    return _stated(text, "hour") or _stated(text, "hour_implied")


def weather_of(text: str) -> Reading | None:
    """clear, overcast, rain, fog, snow or storm."""
    return _stated(text, "weather")


def framing_of(text: str) -> Reading | None:
    """wide, medium or close-up."""
    return _stated(text, "framing")


def camera_move_of(text: str) -> Reading | None:
    """push, pull, pan-left, pan-right, tilt-up, tilt-down, crane or static."""
    return _stated(text, "move")


def place_of(text: str) -> Reading | None:
    """street, room or landscape."""
    return _stated(text, "place")


def elements_of(text: str) -> dict[str, Reading]:
    """What is in the picture, by element: neon, rain, fog, snow, wet ground, grain, person, crowd, woman, man, child."""
    found: dict[str, Reading] = {}
    for topic in ("weather", "element"):
        for reading in _readings(text, topic, found):
            if not reading.negated and reading.value not in ("clear", "overcast", "storm"):
                found.setdefault(reading.value, reading)
    return found


def readings_of(text: str, topic: str) -> Iterator[Reading]:
    """Every statement on a topic in order of the text, negated ones included (they say so).

    Topics: hour, hour_implied, weather, framing, move, place, element, temperature, saturation, monochrome, contrast,
    light_style, light_direction, light_quality, light_intensity, light_source, mood, film_stock, lens, grain,
    depth_of_field, motion_blur.
    """
    return _readings(text, topic, ())


def _readings(text: str, topic: str, known: Container[str]) -> Iterator[Reading]:
    """As ``readings_of``, without the values in ``known``, which may grow meanwhile: what is known costs nothing more."""
    words = split(text)
    idioms = idioms_in(text)
    free_from = 0
    for match in matches(words, INDEX[topic]):
        if match.entry.value in known or match.first < free_from or is_blocked(match, idioms) or not is_statement(words, match):
            continue
        free_from = match.last + 1
        start, end = words.spans[match.first][0], words.spans[match.last][1]
        yield Reading(match.entry.value, text[start:end], start, end, is_negated(words, match))


def phrase_in(text: str, phrase: str) -> Reading | None:
    """The first place where ``text`` says ``phrase`` in these very words (case and hyphens aside); it may be negated.

    Not where the words are quoted, part of an idiom or written like a name.
    """
    wanted = split_words(phrase).lowered
    if not wanted:
        return None
    words, idioms = split(text), idioms_in(text)
    for match in matches(words, by_first_words([Entry(wanted, "phrase", phrase, "")])):
        if not (words.quoted(match.first) or is_blocked(match, idioms) or is_name(words, match)):
            start, end = words.spans[match.first][0], words.spans[match.last][1]
            return Reading(phrase, text[start:end], start, end, is_negated(words, match))
    return None


def _stated(text: str, topic: str) -> Reading | None:
    return next((reading for reading in readings_of(text, topic) if not reading.negated), None)
