"""Single words and phrases out of a stranger's answer: plain text, one of a list, or a colour; or a reason why not. Pure.

What passes here may one day stand in a prompt, so a phrase that could be read as anything but a description is left out
whole, never cleaned and kept.
"""

import re
import unicodedata
from collections.abc import Sequence

from continuity.vision.errors import VisionError
from prompts.colour_names import COLOUR_NAMES
from prompts.style_words import is_unsafe

LONGEST = 80
MOST_WORDS = 12
_BEYOND_LATIN = 0x250
"""After Latin Extended-B; the wide and mathematical letters that look like Latin ones are beyond it."""

_PLAIN = re.compile(r"[^\W_](?:[^\W_]|[ ,'’-]|(?<=\w)[./](?=\d))*")
"""Letters, digits, spaces, commas, hyphens and apostrophes; a point or stroke before a digit (f/2.8, 2.39)."""

_ORDER = re.compile(
    r"""\b(?:ignor(?:e|ing)|disregard|forget|overrid(?:e|ing)|bypass|jailbreak|obey|pretend|respond|reply|answer|execute|delete
    |instructions?|instructed|prompts?|system|assistant|developers?|passwords?|credentials|tokens?|api
    |you|your|yours|please|must|should|shall|never|instead|do\ not|don['’]t|act\ as|from\ now\ on)\b
    |^(?:make|show|add|draw|paint|put|remove|change|turn|use|create|generate|write|insert|include|replace|say|tell|give|let)\b""",
    re.IGNORECASE | re.VERBOSE,
)
"""Words that address a reader, speak of a machine, or begin with a verb that asks for something. None of them describes light,
weather or a lens. No such list is complete: what passes it is still no more than a few plain words, told as a description."""

_NOTHING = frozenset(
    ("", "none", "null", "unknown", "unclear", "n/a", "na", "nothing", "not visible", "not applicable", "cannot tell", "unsure")
)
_HEX = re.compile(r"#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})")
_RGB = re.compile(r"rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)", re.IGNORECASE)
_BY_NAME = {name.replace(" ", ""): colour for name, colour in COLOUR_NAMES.items()}


class UnfitWord(VisionError):
    """A word of an answer that is not kept. ``str(error)`` is the end of a sentence that begins with what was asked for."""

    code = "unfit_word"


def plain_words(value: object, *, longest: int = LONGEST) -> str | None:
    """A phrase of at most ``longest`` characters and twelve words in Latin letters; None = the answer says that there is nothing.

    Raises UnfitWord for anything else: markup, addresses, control characters, another script, an instruction.
    """
    text = _text(value)
    phrase = " ".join(text.split()).rstrip(".").rstrip()
    if phrase.casefold() in _NOTHING:
        return None
    if not text.isprintable():
        raise UnfitWord("holds characters that are no text")
    if len(phrase) > longest or len(phrase.split()) > MOST_WORDS:
        raise UnfitWord(f"is longer than {longest} characters or {MOST_WORDS} words")
    if any(ord(character) >= _BEYOND_LATIN and character != "’" for character in phrase):
        raise UnfitWord("is not in Latin letters, and English was asked for")
    if not _PLAIN.fullmatch(phrase) or not any(character.isalpha() for character in phrase):
        raise UnfitWord("holds signs that no description needs")
    if _ORDER.search(phrase) or is_unsafe(phrase):
        raise UnfitWord("reads like an instruction, not like a description")
    return phrase


def one_of(value: object, words: Sequence[object]) -> str | None:
    """The word of a closed list, whatever its case and hyphens; None = null, where the list has it. Raises UnfitWord."""
    if value is None and None in words:
        return None
    spoken = " ".join(_text(value).casefold().replace("-", " ").replace("_", " ").split())
    found = next((word for word in words if word == spoken), None)
    if found is None:
        known = ", ".join(str(word) for word in words if word is not None)
        raise UnfitWord(f"is none of the words that were asked for ({known})")
    return str(found)


def read_colour(value: object) -> str | None:
    """``#RRGGBB`` in upper case of ``#RGB``, ``#RRGGBB``, ``rgb(r, g, b)`` or a name of the project's table; None = nothing.

    Raises UnfitWord for a colour that nobody knows: it is reported, never guessed.
    """
    text = _text(value).strip()
    if text.casefold() in _NOTHING:
        return None
    if _HEX.fullmatch(text):
        digits = text[1:] if len(text) == 7 else "".join(digit * 2 for digit in text[1:])
        return f"#{digits.upper()}"
    parts = _RGB.fullmatch(text)
    channels = [int(part) for part in parts.groups()] if parts else []
    if channels and max(channels) <= 255:
        return "#" + "".join(f"{channel:02X}" for channel in channels)
    named = _BY_NAME.get(re.sub(r"[\s-]+", "", text.casefold()))
    if named is None:
        raise UnfitWord("is no colour of the table, and none is guessed")
    return named


def _text(value: object) -> str:
    """The value as text of a length that is safe to look at; null is empty."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise UnfitWord("is no text")
    if len(value) > 1000:
        raise UnfitWord("is far too long")
    return unicodedata.normalize("NFC", value)
