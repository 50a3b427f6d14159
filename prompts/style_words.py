"""From the values of a style (``Style.values``, DATA-MODEL 3.5) to words that a prompt can hold. Pure."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from prompts.injection import StyleForInjection, StyleInvalid, StyleWord

_PALETTE = ("palette.primary", "palette.secondary", "palette.accent", "palette.dominant", "palette.shadows", "palette.highlights")

_NOUNS = {
    "colour.temperature": "tones",
    "colour.saturation": "colours",
    "colour.contrast": "contrast",
    "lighting.intensity": "light",
    "atmosphere.mood": "mood",
    "technical.depthOfField": "depth of field",
    "technical.motionBlur": "motion blur",
    "technical.grainLevel": "film grain",
}
"""The noun that makes a category into words: warm → "warm tones"."""

_OF_NONE = {"technical.grainLevel": "clean image", "technical.motionBlur": "crisp motion"}

_LIGHTS = {"lighting.keyLight": "key light", "lighting.fillLight": "fill light"}
"""neon signage → "key light from neon signage"."""

_KEYS = {
    "colour": (*_PALETTE, "temperature", "saturation", "contrast"),
    "lighting": ("style", "direction", "quality", "keyLight", "fillLight", "intensity"),
    "atmosphere": ("timeOfDay", "weather", "mood", "elements"),
    "technical": ("filmStock", "lensCharacteristics", "depthOfField", "motionBlur", "grainLevel"),
}
"""The keys that have words, in the order of the prompt. ``technical.blur`` is a relative number and has none."""

_LONGEST = 80
_COMMAND = re.compile(
    r"--\w|://|\bwww\.|\bjavascript:|\bnegative[\s_-]*prompt|\bprompt\s*:|\bignore\b.*\binstructions?\b|\bsystem\s*:|\bnsfw\b|[<>{}\[\]`\\|]|#[0-9a-f]{3,8}\b",
    re.IGNORECASE,
)


def style_for_injection(values: Mapping[str, Any], *, name_colour: Callable[[str], str]) -> StyleForInjection:
    """The known values in words; ``name_colour`` turns ``#RRGGBB`` into a colour name (vision's nearest name).

    Not measured values and keys without words give nothing. Raises StyleInvalid where a value has the wrong shape.
    """
    words = {
        aspect: tuple(word for key in keys for word in _words_of(aspect, key, values.get(aspect, {}).get(key), name_colour))
        for aspect, keys in _KEYS.items()
    }
    return StyleForInjection(**words)


def is_unsafe(text: str) -> bool:
    """Whether style words could be read as something else than words: options ("--seed 1"), markup, addresses, control
    or direction characters, odd spaces, bare hex codes, no word at all, or more than 80 characters."""
    odd = not text.isprintable()
    wordless = not any(character.isalnum() for character in text)
    return odd or wordless or len(text) > _LONGEST or _COMMAND.search(text) is not None


def shown(text: str) -> str:
    """Style words as they may be stored and shown when they were refused: printable, at most 120 characters."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text[:120])


def _words_of(aspect: str, key: str, entry: Any, name_colour: Callable[[str], str]) -> list[StyleWord]:
    if entry is None or entry.get("source") == "not-measured" or entry.get("value") is None:
        return []
    full_key, value, source = f"{aspect}.{key}", entry["value"], entry["source"]
    if key in _PALETTE:
        return [StyleWord(full_key, name_colour(colour), source, colour) for colour in _colours(full_key, value)]
    if key == "elements":
        return [StyleWord(full_key, _stripped(full_key, element), source) for element in value]
    text = _stripped(full_key, value)
    return [StyleWord(full_key, _worded(full_key, text), source)] if text else []


def _colours(key: str, value: Any) -> list[str]:
    """One colour, or the dominant colours with their shares."""
    colours = (
        [value] if isinstance(value, str) else [swatch["hex"] if isinstance(swatch, Mapping) else swatch for swatch in value]
    )
    for colour in colours:
        if not re.fullmatch(r"#[0-9A-Fa-f]{6}", colour):
            raise StyleInvalid(f"The style's {key} is not a colour like #1A2B3C: measure the style again or edit that value.")
    return colours


def _stripped(key: str, value: Any) -> str:
    """The text with plain spaces and without the full stop of a sentence of its own."""
    if not isinstance(value, str):
        raise StyleInvalid(f"The style's {key} is not text: measure the style again or edit that value.")
    spaced = "".join(" " if unicodedata.category(character) == "Zs" else character for character in value)
    return spaced.strip().rstrip(".;,")


def _worded(key: str, text: str) -> str:
    """The value with the noun that it needs, unless it has one already."""
    if text == "none" and key in _OF_NONE:
        return _OF_NONE[key]
    noun = _NOUNS.get(key)
    if noun and not _has_noun(text, noun):
        return f"{text} {noun}"
    if key == "atmosphere.weather" and " " not in text and (text.lower().endswith("y") or text.lower() in ("clear", "overcast")):
        return f"{text} weather"
    if key in _LIGHTS and not text.lower().startswith(_LIGHTS[key]):
        return f"{_LIGHTS[key]} from {text}"
    if key == "lighting.direction" and text.lower().startswith("from "):
        return f"light {text}"
    return text


def _has_noun(text: str, noun: str) -> bool:
    """Whether free text already brings a noun of its own: it holds the noun's last word, or is more than two words."""
    return noun.split()[-1] in text.lower() or len(text.split()) > 2
