"""Colour words of a prompt: which words name a colour, and which say the colour of the whole picture. Pure."""

from typing import NamedTuple

from prompts import lexicon_context
from prompts.colour_names import COLOUR_NAMES
from prompts.phrases import COLOUR_INDEX, Match, Reading, idioms_in, is_blocked, matches, split
from prompts.statements import is_followed_by_action, is_negated
from prompts.words import Words


class Colour(NamedTuple):
    """A colour word: its name in the table (lower case), ``#RRGGBB`` and (start, end) in code points."""

    name: str
    hex: str
    span: tuple[int, int]


def colours_of(text: str) -> list[Colour]:
    """The colour words in order, whatever they colour. Things that lend a colour its name ("a tomato") are left out."""
    return [_colour(words, match) for words, match in _colour_matches(text)]


def scene_colours_of(text: str) -> list[tuple[Reading, tuple[Colour, ...]]]:
    """Statements about the colours of the whole picture, each with the colours that it names.

    The value of the reading is ``palette``: "teal and orange palette", "a palette of navy and gold", "bathed in blue light".
    """
    found_colours = [match for _, match in _colour_matches(text)]
    words = split(text)
    found = []
    for group in _colour_lists(words, found_colours):
        start = _cue_before(words, group[0].first)
        end = _scene_noun_after(words, group[-1].last)
        if start is None and end is None:
            continue
        first, last = group[0].first if start is None else start, group[-1].last if end is None else end
        span = words.spans[first][0], words.spans[last][1]
        reading = Reading("palette", text[span[0] : span[1]], *span)
        found.append((reading, tuple(_colour(words, match) for match in group)))
    return found


def _colour_matches(text: str) -> list[tuple[Words, Match]]:
    words = split(text)
    idioms = idioms_in(text)
    candidates: list[Match] = []
    free_from = 0
    for match in matches(words, COLOUR_INDEX):
        if match.first >= free_from and not is_blocked(match, idioms) and not _names_no_colour(words, match):
            candidates.append(match)
            free_from = match.last + 1
    sure = {
        match.first
        for group in _colour_lists(words, candidates)
        if any(_is_surely_colour(words, match) for match in group)
        for match in group
    }
    return [(words, match) for match in candidates if match.first in sure]


def _names_no_colour(words: Words, match: Match) -> bool:
    """A proper name, something quoted, or a colour that is denied."""
    if words.quoted(match.first) or is_negated(words, match):
        return True
    if not words.capitalised(match.first) or words.title_case:
        return False
    if words.starts_sentence(match.first):
        return words.lowered[match.first] in lexicon_context.GIVEN_NAMES and is_followed_by_action(words, match.last)
    return True


def _is_surely_colour(words: Words, match: Match) -> bool:
    if len(match.entry.words) > 1 or match.entry.words[0] not in lexicon_context.NAMES_OF_THINGS_AS_COLOURS:
        return True
    before = words.before(match.first)
    if before == "of":
        before = words.before(match.first - 1)
    return before in lexicon_context.COLOUR_CUES_BEFORE or words.after(match.last) in lexicon_context.COLOUR_CUES_AFTER


def _colour_lists(words: Words, matches: list[Match]) -> list[list[Match]]:
    """Neighbouring colours as lists: "deep navy, neon pink and amber" is one."""
    groups: list[list[Match]] = []
    for match in matches:
        if groups and _is_listed_with(words, groups[-1][-1], match):
            groups[-1].append(match)
        else:
            groups.append([match])
    return groups


def _is_listed_with(words: Words, left: Match, right: Match) -> bool:
    gap = words.text[words.spans[left.last][1] : words.spans[right.first][0]]
    return len(gap) <= 12 and gap.strip().replace(" ", "") in (",", "and", ",and", "&", "/", "-", "+", "")


def _cue_before(words: Words, first: int) -> int | None:
    """Index of the first word of a scene cue that ends right before word ``first``, or None."""
    reach = max(0, first - 3)
    for start in range(reach, first):
        if " ".join(words.lowered[start:first]) in _SCENE_CUES and all(words.joined(at) for at in range(start, first)):
            return start
    return None


def _scene_noun_after(words: Words, last: int) -> int | None:
    """Index of a noun like "palette" right after word ``last`` (one word may stand between: "colour"), or None."""
    following = words.after(last)
    if following in lexicon_context.SCENE_COLOUR_NOUNS and following != "light":
        return last + 1
    if following in ("colour", "color", "light") and words.after(last + 1) in lexicon_context.SCENE_COLOUR_NOUNS:
        return last + 2
    return None


def _colour(words: Words, match: Match) -> Colour:
    name = " ".join(match.entry.words)
    return Colour(name, COLOUR_NAMES[name], (words.spans[match.first][0], words.spans[match.last][1]))


_SCENE_CUES = frozenset(lexicon_context.SCENE_COLOUR_CUES)
