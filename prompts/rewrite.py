"""A prompt put into the order in which video models read best: framing, subject, action, place, light, camera.

Pure. Local rules only move whole clauses: every word of the user stays, none is added. What a text model makes of a prompt
comes in through ``TextModel``.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from prompts import clause_words
from prompts.clauses import PARTS, Clauses, clauses_of
from prompts.lexicon_context import KNOWN_PLACES
from prompts.phrases import INDEX
from prompts.words import Words, split_words

LOCAL_RULES = "local-rules"
"""``engine`` of what ``reorder`` made."""

LONGEST = 20_000
"""Characters; a longer text is no prompt, and is left as it is."""

IN_ORDER = f"Already in this order: {', '.join(PARTS)}. Nothing was moved."
NOT_ENGLISH = "The local rules read English only, and this does not look like it: nothing was moved."
TOO_LONG = f"This is longer than {LONGEST} characters: nothing was moved. Shorten it first."
NOTHING_THERE = "There is nothing to put in order: write the prompt first."
UNCLEAR = "The order of this cannot be changed without changing what it says: nothing was moved."
_MOST_QUOTED = 4
_QUOTE_LENGTH = 60


class TextModel(Protocol):
    """A model that words a prompt better. ``name`` is shown beside what it wrote."""

    @property
    def name(self) -> str: ...

    def rewrite(self, prompt: str) -> str:
        """The prompt in the model's words; what goes wrong is raised as the vendor's error with a sentence."""
        ...


@dataclass(frozen=True)
class Rewritten:
    """``text``: the prompt in its new order. ``parts``: (one of PARTS, clause) in that order; empty when it was left alone.

    ``sentence`` says what was moved, or why nothing was.
    """

    text: str
    parts: tuple[tuple[str, str], ...]
    sentence: str


def reorder(prompt: str) -> Rewritten:
    """The user's own clauses in the order of PARTS, the signs between them where they were. Doing it twice changes nothing.

    Only a capital at the beginning of a sentence may come or go. English only; anything else is left as it is and says so.
    """
    reason = _why_not(prompt)
    if reason:
        return Rewritten(prompt, (), reason)
    read = clauses_of(prompt)
    order = _order(read)
    parts = tuple((read.clauses[at].part, read.clauses[at].text) for at in order)
    if list(order) == sorted(order):
        return Rewritten(prompt, parts, IN_ORDER)
    text = read.with_texts(_texts(read, order))
    if not _is_sound(prompt, text):
        return Rewritten(prompt, (), UNCLEAR)
    return Rewritten(text, parts, _moved_sentence(read, order))


def is_english(text: str) -> bool:
    """Whether the small words and the words of the lexicon are English ones rather than those of a neighbour's language."""
    letters = [character for character in text if character.isalpha()]
    if not letters or sum(character.isascii() for character in letters) < 0.9 * len(letters):
        return False
    lowered = split_words(text).lowered
    english = sum(word in _KNOWN for word in lowered)
    foreign = sum(word in clause_words.OF_OTHER_LANGUAGES and word not in _KNOWN for word in lowered)
    return english > foreign


def _known_words() -> frozenset[str]:
    return clause_words.FUNCTION_WORDS | KNOWN_PLACES | frozenset(word for index in INDEX.values() for word in index)


_KNOWN = _known_words()


def _why_not(prompt: str) -> str:
    if not any(character.isalnum() for character in prompt):
        return NOTHING_THERE
    if len(prompt) > LONGEST:
        return TOO_LONG
    return "" if is_english(prompt) else NOT_ENGLISH


def _order(read: Clauses) -> tuple[int, ...]:
    """The places of the clauses in their new order; clauses of one part stay as they follow each other."""
    return tuple(sorted(range(len(read.clauses)), key=lambda at: PARTS.index(read.clauses[at].part)))


def _texts(read: Clauses, order: Sequence[int]) -> list[str]:
    """The clauses in their new places, with the capital that a place needs or that a clause loses inside a sentence."""
    return [_in_place(read, slot, origin) for slot, origin in enumerate(order)]


def _in_place(read: Clauses, slot: int, origin: int) -> str:
    text = read.clauses[origin].text
    starts, started = read.starts_sentence(slot), read.starts_sentence(origin)
    first, _, _ = text.partition(" ")
    if starts and not started and read.clauses[slot].text[0].isupper() and first.isascii() and first.islower():
        return text[0].upper() + text[1:]
    if started and not starts and first.lower() in clause_words.LOWERED_INSIDE and text != text.upper():
        return text[0].lower() + text[1:]
    return text


def _is_sound(prompt: str, text: str) -> bool:
    """Every word is there as often as before, and read again the text is in order."""
    again = clauses_of(text)
    in_order = list(_order(again)) == list(range(len(again.clauses)))
    return in_order and _counted(split_words(prompt)) == _counted(split_words(text))


def _counted(words: Words) -> Counter[str]:
    return Counter(words.lowered)


def _moved_sentence(read: Clauses, order: Sequence[int]) -> str:
    moved = [read.clauses[at] for at in sorted(set(order) - _longest_rise(order))]
    told = ", ".join(f"“{_short(clause.text)}” ({clause.part})" for clause in moved[:_MOST_QUOTED])
    more = f" and {len(moved) - _MOST_QUOTED} more" if len(moved) > _MOST_QUOTED else ""
    return f"Moved {told}{more}, so that it reads {', '.join(PARTS)}. No word was added, dropped or changed."


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _QUOTE_LENGTH else f"{plain[: _QUOTE_LENGTH - 1].rstrip()}…"


def _longest_rise(order: Sequence[int]) -> set[int]:
    """A longest rising run of ``order``: the clauses that stayed where they were while the others moved past them."""
    tails: list[int] = []
    before: dict[int, int | None] = {}
    for number in order:
        at = bisect_left(tails, number)
        before[number] = tails[at - 1] if at else None
        tails[at : at + 1] = [number]
    run, number_before = set[int](), tails[-1] if tails else None
    while number_before is not None:
        run.add(number_before)
        number_before = before[number_before]
    return run
