"""How much two phrases about the look of a picture mean the same, from 0 to 1. Pure.

Words are compared by meaning as far as the project's lexicon knows it ("backlit" is light from behind, "sombre" is
melancholic), otherwise by their stems. The measure is Dice's: twice what both say over what each of them says.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import chain

from prompts.listing import words
from prompts.phrases import INDEX
from prompts.reading import readings_of

_TOPICS: Mapping[str, tuple[str, ...]] = {
    "lighting.style": ("light_style",),
    "lighting.direction": ("light_direction",),
    "lighting.quality": ("light_quality",),
    "lighting.keyLight": ("light_source",),
    "lighting.fillLight": ("light_source",),
    "atmosphere.timeOfDay": ("hour",),
    "atmosphere.weather": ("weather",),
    "atmosphere.mood": ("mood",),
    "atmosphere.elements": ("weather", "element"),
    "technical.filmStock": ("film_stock",),
    "technical.lensCharacteristics": ("lens",),
    "technical.depthOfField": ("depth_of_field",),
    "technical.motionBlur": ("motion_blur",),
}
_IN_CONTEXT: Mapping[str, str] = {
    "lighting.style": "{} lighting",
    "lighting.direction": "light {}",
    "lighting.quality": "{} light",
    "lighting.keyLight": "{} light",
    "lighting.fillLight": "{} light",
    "atmosphere.mood": "{} mood",
    "technical.depthOfField": "{} depth of field",
    "technical.motionBlur": "{} motion blur",
}
"""The lexicon reads statements, so a bare value gets its noun: "tense" as "tense mood"."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?")
_EMPTY = words("""
    a an the of with and or in on at by to from for as is are some very slightly slight somewhat rather quite mostly mainly its it
    there coming
""")
_DENIALS = frozenset(("no", "not", "without"))
_SPELLINGS = {"color": "colour", "gray": "grey"}


def phrase_likeness(key: str, left: str, right: str) -> float:
    """Likeness 0-1 of two values of one key ("lighting.style"); symmetric, and 1 for equal phrases whatever their case."""
    if _folded(left) == _folded(right):
        return 1.0
    said_left, said_right = meaning_of(key, left), meaning_of(key, right)
    if not said_left or not said_right:
        return 0.0
    return 2 * len(said_left & said_right) / (len(said_left) + len(said_right))


def list_likeness(key: str, left: Sequence[str], right: Sequence[str]) -> float:
    """Likeness 0-1 of two lists whose order means nothing: how well each item is met on the other side, over all items.

    Two empty lists are alike; an empty one beside another is not.
    """
    if not left or not right:
        return 1.0 if not left and not right else 0.0
    table = [[phrase_likeness(key, one, other) for other in right] for one in left]
    met = [max(row) for row in table] + [max(column) for column in zip(*table, strict=True)]
    return float(sum(sorted(met)) / len(met))


def meaning_of(key: str, text: str) -> frozenset[str]:
    """The stems of a phrase, its known expressions by their canonical words; what a phrase denies begins with "not "."""
    known = _canonical(key)
    if _folded(text) in known:
        return frozenset((_one_token(_folded(text)),))
    context = _IN_CONTEXT.get(key, "{}").format(text)
    found: set[str] = set()
    rest = context
    for topic in _TOPICS.get(key, ()):
        for reading in readings_of(context, topic):
            found.add(f"not {_one_token(reading.value)}" if reading.negated else _one_token(reading.value))
            rest = rest[: reading.start] + " " * (reading.end - reading.start) + rest[reading.end :]
    plain = _stems(rest) - _stems(_IN_CONTEXT.get(key, "").replace("{}", ""))
    return frozenset(found | (plain - _DENIALS if any(word.startswith("not ") for word in found) else plain))


@cache
def _canonical(key: str) -> frozenset[str]:
    """The lexicon's own words for a key: they mean themselves, without a noun ("none" is no motion blur)."""
    rows = (
        entry for topic in _TOPICS.get(key, ()) for by_second in INDEX[topic].values() for entry in chain(*by_second.values())
    )
    return frozenset(entry.value for entry in rows)


def _one_token(value: str) -> str:
    """A canonical value is one thing: low-key and high-key share no key."""
    return value if " " in value or "-" in value else stem_of(value)


def _stems(text: str) -> set[str]:
    spelled = (_SPELLINGS.get(word, word) for word in _WORD.findall(_folded(text)))
    return {stem_of(word) for word in spelled if word not in _EMPTY}


def stem_of(word: str) -> str:
    """The word without the endings that do not change what is seen: rainy, raining and rains are rain."""
    stem = word.replace("’", "'").removesuffix("'s")
    if len(stem) > 4 and stem.endswith("ies"):
        stem = stem[:-3] + "y"
    elif len(stem) > 3 and stem.endswith("s") and not stem.endswith(("ss", "us", "is")):
        stem = stem[:-1]
    for ending in ("ing", "ed", "ly"):
        if stem.endswith(ending) and len(stem) - len(ending) >= 3 and re.search("[aeiou]", stem[: -len(ending)]):
            stem = stem[: -len(ending)]
            break
    if len(stem) > 3 and stem[-1] in "ey":
        stem = stem[:-1]
    doubled = len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "aeioulsz"
    return stem[:-1] if doubled else stem


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
