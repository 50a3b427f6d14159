"""A prompt split into words with their places, and the few facts about a word that readers ask for. Pure, linear in time."""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from prompts.lexicon_context import TITLES

_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f]|['’](?=[^\W\d_]))*")
_QUOTED = re.compile(
    r'"[^"\n]{1,400}"|“[^“”\n]{1,400}”|«[^«»\n]{1,400}»|„[^„“”\n]{1,400}[“”]|「[^「」\n]{1,400}」|(?<!\w)\'[^\'\n]{1,200}\'(?!\w)'
)
_JOINTS = frozenset(("-", "‐", "‑"))
_SMALL = frozenset(("the", "and", "for", "with", "from", "into", "over", "under"))
_SENTENCE_ENDS = frozenset('.!?…:;\n–—•*|("“«[{。！？')


@dataclass(frozen=True)
class Words:
    """The words of ``text`` in order: ``spans`` are code point offsets, ``lowered`` the folded spelling in NFC."""

    text: str
    spans: tuple[tuple[int, int], ...]
    lowered: tuple[str, ...]

    def joined(self, index: int) -> bool:
        """Whether nothing but white space (no blank line) or one hyphen stands between word ``index`` and the next."""
        if index + 1 >= len(self.spans):
            return False
        end, start = self.spans[index][1], self.spans[index + 1][0]
        if start - end == 1:
            return self.text[end] in _JOINTS or self.text[end].isspace()
        gap = self.text[end:start]
        return gap.isspace() and len(gap) <= 8 and gap.count("\n") < 2

    def before(self, index: int) -> str:
        """The word before in the same clause, or an empty string."""
        return self.lowered[index - 1] if index > 0 and self.joined(index - 1) else ""

    def after(self, index: int) -> str:
        """The word after in the same clause, or an empty string."""
        return self.lowered[index + 1] if self.joined(index) else ""

    def starts_sentence(self, index: int) -> bool:
        """Whether the word is the first of a sentence, a line, a slug part or an item."""
        if index == 0:
            return True
        gap = self.text[self.spans[index - 1][1] : self.spans[index][0]]
        if gap.startswith(".") and self.lowered[index - 1] in TITLES:
            return False
        return any(sign in _SENTENCE_ENDS for sign in gap) or " - " in gap

    def capitalised(self, index: int) -> bool:
        """Whether the word has a capital first letter and is not all in capitals."""
        start, end = self.spans[index]
        return self.text[start].isupper() and not (end - start > 1 and self.text[start:end].isupper())

    def covered_text(self, first: int, last: int) -> str:
        """The text as it was typed, from word ``first`` to word ``last`` inclusive."""
        return self.text[self.spans[first][0] : self.spans[last][1]]

    @cached_property
    def title_case(self) -> bool:
        """Whether the text is written like a headline, where a capital says nothing about a name."""
        letters = [
            self.text[start]
            for (start, end), word in zip(self.spans, self.lowered, strict=True)
            if end - start > 2 and word not in _SMALL
        ]
        return len(letters) >= 3 and sum(letter.isupper() for letter in letters) >= 0.8 * len(letters)

    @cached_property
    def _quotation_marks(self) -> tuple[list[int], list[int]]:
        spans = quoted_spans(self.text)
        return [start for start, _ in spans], [end for _, end in spans]

    def quoted(self, index: int) -> bool:
        """Whether the word stands in quotation marks: what somebody says or what is written on a sign."""
        starts, ends = self._quotation_marks
        position = bisect_right(starts, self.spans[index][0]) - 1
        return position >= 0 and self.spans[index][0] < ends[position]


def split_words(text: str) -> Words:
    """The words of any text; a letter with combining marks is one letter."""
    spans = tuple(match.span() for match in _WORD.finditer(text))
    return Words(text=text, spans=spans, lowered=tuple(_lowered(text, spans)))


def quoted_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Where quoted strings stand, marks included. A prompt that is wholly put in quotes counts as not quoted."""
    spans = tuple(match.span() for match in _QUOTED.finditer(text))
    if len(spans) == 1 and text.strip() == text[spans[0][0] : spans[0][1]]:
        return ()
    return spans


def _lowered(text: str, spans: tuple[tuple[int, int], ...]) -> list[str]:
    """Lower case, and in NFC with straight apostrophes where the text is more than ASCII."""
    if text.isascii():
        small = text.lower()
        return [small[start:end] for start, end in spans]
    return [_folded(text[start:end]) for start, end in spans]


def _folded(word: str) -> str:
    small = word.lower()
    return small if small.isascii() else unicodedata.normalize("NFC", small).replace("’", "'")
