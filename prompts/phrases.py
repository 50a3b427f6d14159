"""Where the lexicon's phrases stand in a text: an index by first two words, built once. Pure, linear in the text."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from prompts import lexicon, lexicon_context
from prompts.colour_names import COLOUR_NAMES
from prompts.words import Words, split_words


@dataclass(frozen=True)
class Reading:
    """A canonical ``value`` and the ``words`` that say it, at code points ``start`` to ``end`` of the text.

    ``negated``: the words deny the value ("no rain").
    """

    value: str
    words: str
    start: int
    end: int
    negated: bool = False

    @property
    def span(self) -> tuple[int, int]:
        return self.start, self.end


class Entry(NamedTuple):
    words: tuple[str, ...]
    topic: str
    value: str
    condition: str


class Match(NamedTuple):
    entry: Entry
    first: int
    last: int


Index = dict[str, dict[str, list[Entry]]]


@lru_cache(maxsize=4)
def split(text: str) -> Words:
    return split_words(text)


def matches(words: Words, index: Index) -> Iterator[Match]:
    """The longest phrase that begins at each word, found by its first two words."""
    lowered = words.lowered
    for first, word in enumerate(lowered):
        if word not in index:
            continue
        by_second = index[word]
        following = lowered[first + 1] if first + 1 < len(lowered) else ""
        for entry in (*by_second.get(following, ()), *by_second.get("", ())):
            last = first + len(entry.words) - 1
            if lowered[first : last + 1] == entry.words and all(words.joined(at) for at in range(first, last)):
                yield Match(entry, first, last)
                break


@lru_cache(maxsize=4)
def idioms_in(text: str) -> dict[int, tuple[int, int]]:
    """Word index → the idiom or colour of several words (first, last) which that word belongs to."""
    words = split(text)
    blocked: dict[int, tuple[int, int]] = {}
    for match in matches(words, _IDIOM_INDEX):
        blocked.update(dict.fromkeys(range(match.first, match.last + 1), (match.first, match.last)))
    return blocked


def is_blocked(match: Match, blocked: dict[int, tuple[int, int]]) -> bool:
    """Whether an idiom overlaps the match; a match that holds the idiom whole and more is stronger than it."""
    for at in range(match.first, match.last + 1):
        idiom = blocked.get(at)
        if idiom is not None and not (match.first <= idiom[0] and idiom[1] <= match.last):
            return True
    return False


_TOPICS: tuple[tuple[str, lexicon.Phrases, str], ...] = (
    ("hour", lexicon.HOUR, ""),
    ("hour", lexicon.HOUR_WHEN_ALONE, "alone"),
    ("hour_implied", lexicon.HOUR_IMPLIED, ""),
    ("weather", lexicon.WEATHER, ""),
    ("framing", lexicon.FRAMING, ""),
    ("framing", lexicon.FRAMING_WHEN_ALONE, "alone"),
    ("move", lexicon.MOVE, ""),
    ("move", lexicon.MOVE_OF_A_CAMERA, "camera"),
    ("place", lexicon.PLACE, ""),
    ("element", lexicon.ELEMENT, ""),
    ("temperature", lexicon.TEMPERATURE, ""),
    ("saturation", lexicon.SATURATION, ""),
    ("monochrome", lexicon.MONOCHROME, ""),
    ("monochrome", lexicon.MONOCHROME_WHEN_ALONE, "alone"),
    ("monochrome", lexicon.MONOCHROME_AT_THE_END, "at the end"),
    ("contrast", lexicon.CONTRAST, ""),
    ("light_style", lexicon.LIGHT_STYLE, ""),
    ("light_direction", lexicon.LIGHT_DIRECTION, ""),
    ("light_quality", lexicon.LIGHT_QUALITY, ""),
    ("light_intensity", lexicon.LIGHT_INTENSITY, ""),
    ("light_source", lexicon.LIGHT_SOURCE, ""),
    ("mood", lexicon.MOOD, ""),
    ("film_stock", lexicon.FILM_STOCK, ""),
    ("lens", lexicon.LENS, ""),
    ("grain", lexicon.GRAIN, ""),
    ("depth_of_field", lexicon.DEPTH_OF_FIELD, ""),
    ("motion_blur", lexicon.MOTION_BLUR, ""),
)


def entries(topic: str, phrases: lexicon.Phrases, condition: str) -> list[Entry]:
    return [Entry(tuple(phrase.split()), topic, value, condition) for value, listed in phrases.items() for phrase in listed]


def by_first_words(entries: list[Entry]) -> Index:
    """First word → second word (empty for a phrase of one word) → the phrases, longest first."""
    index: Index = {}
    for entry in sorted(entries, key=lambda entry: -len(entry.words)):
        second = entry.words[1] if len(entry.words) > 1 else ""
        index.setdefault(entry.words[0], {}).setdefault(second, []).append(entry)
    return index


def _index() -> dict[str, Index]:
    by_topic: dict[str, list[Entry]] = {}
    for topic, phrases, condition in _TOPICS:
        by_topic.setdefault(topic, []).extend(entries(topic, phrases, condition))
    return {topic: by_first_words(entries) for topic, entries in by_topic.items()}


INDEX = _index()
COLOUR_INDEX = by_first_words(entries("colour", {"": tuple(COLOUR_NAMES)}, ""))
_COLOURS_OF_SEVERAL_WORDS = tuple(name for name in COLOUR_NAMES if " " in name)
_IDIOM_INDEX = by_first_words(entries("idiom", {"": (*lexicon_context.IDIOMS, *_COLOURS_OF_SEVERAL_WORDS)}, ""))
SINGLE_WORDS = frozenset(word for topic in ("hour", "weather") for word, rows in INDEX[topic].items() if "" in rows)
NOUNS = (
    frozenset(word for topic in ("place", "element") for word, rows in INDEX[topic].items() if "" in rows)
    | lexicon_context.COLOUR_CUES_AFTER
)
