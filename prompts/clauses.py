"""A prompt taken apart into whole clauses, and what each of them speaks of: framing, subject, action, place, light or camera.

Pure, linear in the length of the text. Nothing is taken out of a clause or added to it. What is quoted or in brackets is never
taken apart; what begins with "and", "while" or "which" belongs to the clause before it, and so does a short clause of which
nobody can tell what it speaks of.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from prompts import clause_words
from prompts.reading import camera_move_of, elements_of, framing_of, readings_of
from prompts.words import Words, quoted_spans, split_words

PARTS = ("framing", "subject", "action", "place", "light", "camera")
"""The order in which a prompt is told."""

PLACE_TOPICS = ("place", "weather")
LIGHT_TOPICS = (
    *("hour", "hour_implied", "light_style", "light_direction", "light_quality", "light_intensity", "light_source"),
    *("temperature", "saturation", "monochrome", "contrast", "mood"),
)
CAMERA_TOPICS = ("film_stock", "lens", "grain", "depth_of_field", "motion_blur")
PEOPLE = frozenset(("person", "woman", "man", "child", "crowd"))
TELLS_ENOUGH = 3
"""A clause of so many words of its own tells something for itself, even where nobody can tell what."""

EARLY = 4
"""A noun among so many of a clause's first own words is what the clause is about."""

_SEPARATOR = re.compile(r"(?<![,;])[,;]+\s+|(?<![.!?…])[.!?…]+\s+|(?<!\n)\n\s*")
_SENTENCE_END = re.compile(r"[.!?…\n]")
_WORD_BEFORE = re.compile(r"[^\W\d_]*\Z")


@dataclass(frozen=True)
class Clause:
    """``part``: one of PARTS. ``text``: the words as they were typed."""

    part: str
    text: str


@dataclass(frozen=True)
class Clauses:
    """``before``, clause, separator, clause … ``after`` is the whole text: one separator fewer than clauses."""

    before: str
    clauses: tuple[Clause, ...]
    separators: tuple[str, ...]
    after: str

    def starts_sentence(self, slot: int) -> bool:
        """Whether a sentence or a line begins at this place."""
        return slot == 0 or _SENTENCE_END.search(self.separators[slot - 1]) is not None

    def with_texts(self, texts: Sequence[str]) -> str:
        """Other words between the same signs."""
        gaps = (*self.separators, self.after)
        return self.before + "".join(text + gap for text, gap in zip(texts, gaps, strict=True))


def clauses_of(text: str) -> Clauses:
    """The clauses of any text, in their order; of a text without a word none."""
    start = len(text) - len(text.lstrip())
    end = max(start, len(text.rstrip(" \t\r\n.!?…,;")))
    if start == end:
        return Clauses(text, (), (), "")
    pieces: list[Clause] = []
    separators: list[str] = []
    at = start
    for first, last in (*_separators(text, start, end), (end, end)):
        piece = text[at:first]
        part = _part_of(piece)
        if pieces and _hangs_on(piece, part, pieces[-1].part):
            pieces[-1] = Clause(pieces[-1].part, pieces[-1].text + separators.pop() + piece)
        else:
            pieces.append(Clause(part or "subject", piece))
        separators.append(text[first:last])
        at = last
    return Clauses(text[:start], tuple(pieces), tuple(separators[:-1]), text[end:])


def _separators(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    closed = _enclosed(text)
    for gap in _SEPARATOR.finditer(text, start, end):
        if gap.start() > start and not closed[gap.start()] and not _is_abbreviated(text, gap):
            yield gap.span()


def _enclosed(text: str) -> list[bool]:
    """For each character whether it stands in quotation marks or brackets; a bracket that is never closed encloses the rest."""
    enclosed, depth = [], 0
    for character in text:
        depth = max(0, depth + (character in "([{") - (character in ")]}"))
        enclosed.append(depth > 0)
    for first, last in quoted_spans(text):
        enclosed[first:last] = [True] * (last - first)
    return enclosed


def _is_abbreviated(text: str, gap: re.Match[str]) -> bool:
    """ "EXT. STREET", "Dr. No", "J. Smith": a full stop that ends no sentence."""
    if not gap.group().startswith("."):
        return False
    found = _WORD_BEFORE.search(text[max(0, gap.start() - 12) : gap.start()])
    word = found.group() if found else ""
    return word.lower() in clause_words.ABBREVIATIONS or (len(word) == 1 and word.isupper())


def _hangs_on(piece: str, part: str | None, before: str) -> bool:
    """Whether a piece belongs to the clause before it: by its first word, as what its subject does, or because it says too
    little by itself."""
    first = split_words(piece[:40]).lowered[:1]
    return part is None or first[0] in clause_words.HANGS_ON or (part == "action" and before in ("subject", "action"))


def _part_of(piece: str) -> str | None:
    """One of PARTS, told from the piece alone, or None."""
    words = split_words(piece)
    own = [at for at, word in enumerate(words.lowered) if word not in clause_words.FUNCTION_WORDS]
    if not own:
        return None
    if words.lowered[0] in clause_words.SLUGS or _is_framing(piece, words, own):
        return "framing"
    if _is_camera(piece, words, own):
        return "camera"
    return _part_of_the_scene(piece, words, own)


def _part_of_the_scene(piece: str, words: Words, own: list[int]) -> str | None:
    first = words.lowered[0]
    if first in clause_words.PRONOUNS:
        return "subject"
    if _is_gerund(first) and (len(words.lowered) == 1 or words.after(0) in clause_words.FUNCTION_WORDS):
        return "action"
    if PEOPLE & elements_of(piece).keys():
        return "subject"
    surroundings = _surroundings(piece, words, own)
    if surroundings is not None:
        return surroundings
    return "subject" if first in clause_words.STARTS_A_THING or len(own) >= TELLS_ENOUGH else None


def _is_gerund(word: str) -> bool:
    return word.endswith("ing") and len(word) > 4 and word not in clause_words.NOT_GERUNDS


def _surroundings(piece: str, words: Words, own: list[int]) -> str | None:
    """place or light, where at least half of the piece's own words speak of them."""
    place = {at for topic in PLACE_TOPICS for at in _told(piece, topic, words)}
    light = {at for topic in LIGHT_TOPICS for at in _told(piece, topic, words)}
    for name, reading in elements_of(piece).items():
        told = set(_between(words, reading.start, reading.end))
        place |= told if name == "wet ground" else set()
        light |= told if name == "neon" else set()
    if _about(clause_words.LIGHT_NOUNS, words, own) is not None:
        return "light"
    if 2 * len((place | light) & set(own)) < len(own):
        return None
    has_place = any(True for _ in readings_of(piece, "place"))
    return "place" if has_place or not light else "light"


def _is_framing(piece: str, words: Words, own: list[int]) -> bool:
    if framing_of(piece) is not None:
        return True
    noun = _about(clause_words.FRAMING_NOUNS, words, own)
    if noun is None or words.lowered[own[0]] in clause_words.CAMERA_HEADS:
        return False
    return not PEOPLE & elements_of(piece[: words.spans[noun][0]]).keys()  # "a man is shot in a bar"


def _about(nouns: frozenset[str], words: Words, own: list[int]) -> int | None:
    """Where one of ``nouns`` stands that is the last of the piece's own words, or an early one of which more is told."""
    early = (at for at in own[:EARLY] if words.lowered[at] in nouns and words.after(at) in clause_words.TELLS_MORE)
    return next(early, own[-1] if words.lowered[own[-1]] in nouns else None)


def _is_camera(piece: str, words: Words, own: list[int]) -> bool:
    head = words.lowered[own[0]]
    if head in clause_words.CAMERA_HEADS or (head == "slow" and words.after(own[0]) == "motion"):
        return True
    if camera_move_of(piece) is not None:
        return True
    told = {at for topic in CAMERA_TOPICS for at in _told(piece, topic, words)}
    return 2 * len(told & set(own)) >= len(own)


def _told(piece: str, topic: str, words: Words) -> list[int]:
    """The words of the piece that speak of a topic, denied or not ("no fog" is about the weather too)."""
    return [at for reading in readings_of(piece, topic) for at in _between(words, reading.start, reading.end)]


def _between(words: Words, start: int, end: int) -> Iterator[int]:
    return (at for at, span in enumerate(words.spans) if span[0] >= start and span[1] <= end)
