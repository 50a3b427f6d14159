"""Whether a phrase that was found is a statement about the scene: not a name, a comparison, another time, or denied. Pure."""

from prompts import lexicon, lexicon_context
from prompts.phrases import NOUNS, SINGLE_WORDS, Match
from prompts.words import Words


def is_statement(words: Words, match: Match) -> bool:
    condition, topic = match.entry.condition, match.entry.topic
    if words.quoted(match.first):
        return False
    if condition == "alone":
        return _stands_alone(words, match) or (topic == "hour" and _is_qualified_day(words, match))
    if condition == "at the end":
        return words.before(match.first) not in lexicon.WORDS_OF_CLOTHES and not words.joined(match.last)
    if condition == "camera":
        return _is_camera_work(words, match)
    if topic in ("hour", "hour_implied", "weather"):
        return not (is_name(words, match) or _is_elsewhere(words, match))
    return not (topic == "element" and words.capitalised(match.first) and is_name(words, match))


def is_name(words: Words, match: Match) -> bool:
    """Whether capitals and neighbours say that the word is (part of) a name."""
    first, following = match.first, match.last + 1
    named = words.lowered[first] in lexicon_context.GIVEN_NAMES
    if match.entry.topic == "hour" and words.after(match.last) in lexicon_context.ENDINGS_OF_STREET_NAMES:
        return True
    if not words.text[words.spans[first][0]].isupper():
        return False
    if not words.capitalised(first) or words.title_case:
        return named and is_followed_by_action(words, match.last)
    followed_by_name = (
        words.joined(match.last) and words.capitalised(following) and words.lowered[following] not in lexicon_context.KNOWN_PLACES
    )
    if words.starts_sentence(first):
        adjective = words.lowered[match.last].endswith("y") or words.lowered[match.last] == "overcast"
        return (followed_by_name and (named or not adjective)) or (named and is_followed_by_action(words, match.last))
    return named or followed_by_name or words.before(first) not in ("at", "by", "during", "before", "after")


def is_followed_by_action(words: Words, last: int) -> bool:
    """Whether the next word is what a person does: "Dawn hugs", "Dawn is tired", but not "Dawn breaks", "Dawn is near"."""
    verb = words.after(last)
    if verb in lexicon_context.AUXILIARY_VERBS:
        return words.after(last + 1) not in lexicon_context.VERBS_OF_AN_HOUR | {"near", "here", "close"}
    if verb == "and":
        return words.joined(last + 1) and words.capitalised(last + 2)
    acts = (verb.endswith("s") and not verb.endswith("ss") and len(verb) > 3) or verb.endswith("ed")
    return acts and verb not in lexicon_context.VERBS_OF_AN_HOUR and verb not in NOUNS


def _is_elsewhere(words: Words, match: Match) -> bool:
    """Whether the words before put the statement into another time, a picture, a thought or a comparison."""
    at = match.first
    before = words.before(at)
    if before in ("the", "a", "an"):
        at -= 1
        before = words.before(at)
    if before in lexicon_context.NOT_NOW or before in ("like", "as"):
        return True
    if before == "of":
        return words.before(at - 1) in lexicon_context.DEPICTIONS
    if before == "for":
        return words.before(at - 1) in ("wait", "waits", "waiting", "dressed", "ready", "hoping", "praying")
    return match.entry.topic == "weather" and before == "before"


def is_negated(words: Words, match: Match) -> bool:
    """Whether a negation of the same clause reaches the match ("without rain or fog"), or it is undone after ("rain-free")."""
    at = match.first
    for _ in range(6):
        before = words.before(at)
        if before in lexicon_context.NEGATIONS:
            return True
        carried = before in SINGLE_WORDS and _carries_negation(words.lowered[at], at == match.first)
        if before not in lexicon_context.NEGATION_FILLERS and not carried:
            break
        at -= 1
    after = words.after(match.last)
    return (
        after in lexicon_context.NEGATED_AFTERWARDS
        or f"{after} {words.after(match.last + 1)}" in lexicon_context.NEGATED_AFTERWARDS
    )


def _carries_negation(following: str, is_match: bool) -> bool:
    """Whether a negation reaches over a weather or an hour to ``following``: "no rain or fog", "not a rainy night"."""
    return following in ("or", "nor") or (is_match and following not in ("at", "by", "in", "during", "before", "after", "under"))


def _stands_alone(words: Words, match: Match) -> bool:
    """Whether the words are an item of their own: between punctuation, or a slug part ("EXT. STREET - DAY")."""
    begins = match.first == 0 or not words.joined(match.first - 1)
    ends = match.last + 1 >= len(words.spans) or not words.joined(match.last) or match.entry.words[-1] in ("of", "on")
    return begins and ends


def _is_qualified_day(words: Words, match: Match) -> bool:
    return words.before(match.first) in lexicon.DAY_QUALIFIERS and not is_name(words, match)


def _is_camera_work(words: Words, match: Match) -> bool:
    """Whether a camera does it: a camera word up to four words before, "push-in" as a noun, or an item of its own."""
    at = match.first
    for _ in range(4):
        before = words.before(at)
        if before in lexicon.CAMERA_WORDS:
            return True
        if not before:
            break
        at -= 1
    if (
        match.first == at
        and len(match.entry.words) > 1
        and words.after(match.last) not in ("the", "a", "an", "her", "his", "their", "my")
    ):
        return True
    text = words.covered_text(match.first, match.last)
    return _stands_alone(words, match) or any(hyphen in text for hyphen in "-‑")
