"""Where in the user's prompt the style's sentences go, and the glue around them. Pure; the user's text is only read."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from prompts.words import quoted_spans

_TERMINATORS = ".!?…。！？"
_CLOSERS = "\"'”’»)]」』"
_GAP = re.compile(r"\s+|(?<=[。！？])")
_ABBREVIATIONS = frozenset(
    ("dr", "mr", "mrs", "ms", "st", "vs", "etc", "no", "int", "ext", "prof", "sr", "jr", "mt", "approx", "feat", "fig")
)
_SETUP_REACH = 2000
"""Smart looks for the end of the scene setup in this many first characters."""


@dataclass(frozen=True)
class Place:
    """The style goes in at code point ``offset`` of the prompt, between ``left`` and ``right``."""

    offset: int
    left: str
    right: str


def place_for(prompt: str, position: Literal["prefix", "suffix", "smart"]) -> Place:
    """Prefix: before the first word. Suffix: after the last. Smart: after the first sentence or line, else prefix."""
    start, end = len(prompt) - len(prompt.lstrip()), len(prompt.rstrip())
    if start >= end:
        return Place(0, "", "")
    if position == "suffix":
        return Place(end, _glue_after(prompt[:end]), "")
    offset = _end_of_setup(prompt) if position == "smart" else None
    if offset is None:
        return Place(start, "", " ")
    return Place(offset, "" if prompt[offset - 1].isspace() else " ", " ")


def _glue_after(text: str) -> str:
    """What ends the user's last sentence: nothing where it is ended, else a full stop."""
    ended = text.rstrip(_CLOSERS)[-1:] in _TERMINATORS or text[-1] in ",;:–—-"
    return " " if ended else ". "


def _end_of_setup(prompt: str) -> int | None:
    """Offset right after the first sentence or line that is followed by another one, or None.

    Never within quotation marks or brackets, after an abbreviation or an initial, or before a combining character.
    """
    quoted = quoted_spans(prompt[:_SETUP_REACH])
    for gap in _GAP.finditer(prompt, 0, _SETUP_REACH):
        offset = gap.end()
        if not prompt[: gap.start()].strip() or not prompt[offset:].strip():
            continue
        if _ends_sentence(prompt, gap) and not _is_enclosed(prompt[:offset], offset, quoted):
            return offset
    return None


def _ends_sentence(prompt: str, gap: re.Match[str]) -> bool:
    following = prompt[gap.end()]
    if unicodedata.category(following)[0] == "M" or unicodedata.category(following) == "Cf":
        return False
    if "\n" in gap.group():
        return True
    before = prompt[: gap.start()].rstrip(_CLOSERS)
    if not before or before[-1] not in _TERMINATORS or following.islower() or following in _TERMINATORS + _CLOSERS:
        return False
    last_word = re.split(r"\W", before.rstrip(_TERMINATORS)[-20:])[-1]
    return not (before[-1] == "." and (last_word.lower() in _ABBREVIATIONS or (len(last_word) == 1 and last_word.isupper())))


def _is_enclosed(before: str, offset: int, quoted: tuple[tuple[int, int], ...]) -> bool:
    """Whether a quotation mark or a bracket is still open; a lone mark counts as open, so nothing is put behind it."""
    if any(start < offset < end for start, end in quoted):
        return True
    pairs = (("“", "”"), ("«", "»"), ("(", ")"), ("[", "]"), ("「", "」"))
    return before.count('"') % 2 == 1 or any(before.count(opening) > before.count(closing) for opening, closing in pairs)
