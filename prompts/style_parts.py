"""How the words of a style become sentences: what each strength says, in which phrase, and what is dropped first. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from prompts.injection import Strength, StyleWord

_LIGHT = frozenset(("colour.temperature", "atmosphere.timeOfDay", "atmosphere.mood"))
_NAMED_COLOURS = ("colour.palette.primary", "colour.palette.secondary", "colour.palette.accent", "colour.palette.dominant")
_MEDIUM = frozenset(
    (
        *_NAMED_COLOURS,
        "colour.temperature",
        "colour.saturation",
        "lighting.style",
        "lighting.direction",
        "atmosphere.timeOfDay",
        "atmosphere.weather",
        "atmosphere.elements",
        "technical.filmStock",
        "technical.lensCharacteristics",
    )
)
_COLOURS_SAID = {"light": 0, "medium": 3, "strong": 5}
_ELEMENTS_SAID = {"light": 0, "medium": 3, "strong": 12}

_LEADS = {"lighting": "lighting: ", "technical": "look: "}
_SEPARATORS = {"lighting": "; ", "technical": ", ", "colour": ", ", "atmosphere": ", "}


@dataclass(frozen=True)
class Part:
    """One phrase that is injected or dropped whole. ``separator`` stands before it when it is not the first of its aspect."""

    aspect: str
    keys: tuple[str, ...]
    text: str
    separator: str


_IMPORTANCE = (
    *("atmosphere.timeOfDay", "colour.temperature", "colour.palette.primary", "atmosphere.weather", "lighting.style"),
    *("lighting.direction", "atmosphere.mood", "atmosphere.elements", "technical.filmStock", "technical.lensCharacteristics"),
    *(
        "colour.saturation",
        "lighting.intensity",
        "lighting.quality",
        "lighting.keyLight",
        "colour.contrast",
        "technical.depthOfField",
    ),
    *("colour.palette.shadows", "lighting.fillLight", "technical.grainLevel", "technical.motionBlur"),
)
"""Most important first. The palette counts as its primary colour, shadows and highlights as the shadows."""


def words_wanted(words: Iterable[StyleWord], strength: Strength) -> list[StyleWord]:
    """The words that a strength says: light = warmth, hour and mood; medium = palette of three, tones, light, hour, weather,
    three elements, stock and lens; strong = everything known. The same colour name or element is said once."""
    wanted = [word for word in words if strength == "strong" or word.key in (_LIGHT if strength == "light" else _MEDIUM)]
    said: set[tuple[str, str]] = set()
    return [word for word in wanted if not _was_said(word, said)]


def parts_of(kept: Iterable[tuple[str, StyleWord]], strength: Strength) -> list[Part]:
    """The phrases of the kept words, in the order of the prompt."""
    words = [word for _, word in kept]
    parts = [
        *_listed_part(words, lambda key: key == "atmosphere.elements", _ELEMENTS_SAID[strength], "atmosphere", _listed, "; "),
        *_listed_part(words, lambda key: key in _NAMED_COLOURS, _COLOURS_SAID[strength], "colour", _palette, ", "),
        *_edge_part(words),
    ]
    singles = [Part(aspect, (word.key,), word.text, _SEPARATORS[aspect]) for aspect, word in kept if not _is_grouped(word.key)]
    return sorted(parts + singles, key=lambda part: _place_in_sentence(part))


def sentence_of(parts: Sequence[Part]) -> tuple[str, list[tuple[int, int]]]:
    """One sentence of the parts of one aspect, and the (start, end) of each part in it."""
    text, places = _LEADS.get(parts[0].aspect, ""), []
    for number, part in enumerate(parts):
        text += part.separator if number else ""
        places.append((len(text), len(text) + len(part.text)))
        text += part.text
    return _capitalised(text) + ("" if text[-1] in ".!?…" else "."), places


def least_important(parts: Iterable[Part]) -> Part:
    return max(parts, key=lambda part: _rank(part.keys[0]))


def _was_said(word: StyleWord, said: set[tuple[str, str]]) -> bool:
    if not (word.key in _NAMED_COLOURS or word.key == "atmosphere.elements"):
        return False
    name = (word.key.split(".")[1], word.text.lower()) if word.key == "atmosphere.elements" else ("palette", word.text.lower())
    if name in said:
        return True
    said.add(name)
    return False


def _is_grouped(key: str) -> bool:
    return key == "atmosphere.elements" or key.startswith("colour.palette.")


def _listed_part(
    words: Iterable[StyleWord],
    belongs: Callable[[str], bool],
    most: int,
    aspect: str,
    phrase: Callable[[Sequence[str]], str],
    separator: str,
) -> list[Part]:
    chosen = [word for word in words if belongs(word.key)][:most]
    if not chosen:
        return []
    keys = tuple(dict.fromkeys(word.key for word in chosen))
    return [Part(aspect, keys, phrase([word.text for word in chosen]), separator)]


def _edge_part(words: Iterable[StyleWord]) -> list[Part]:
    """Shadows and highlights: "deep navy shadows and amber highlights"."""
    edges = [word for word in words if word.key in ("colour.palette.shadows", "colour.palette.highlights")]
    if not edges:
        return []
    phrase = " and ".join(f"{word.text} {word.key.rsplit('.', 1)[1]}" for word in edges)
    return [Part("colour", tuple(word.key for word in edges), phrase, ", with ")]


def _palette(names: Sequence[str]) -> str:
    return f"palette of {_listed(names)}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _capitalised(text: str) -> str:
    """A capital first letter, unless that would make two letters of it."""
    first = text[:1].upper()
    return first + text[1:] if len(first) == 1 else text


_SENTENCE_ORDER = (
    *("atmosphere.timeOfDay", "atmosphere.weather", "atmosphere.mood", "atmosphere.elements"),
    *(
        "lighting.style",
        "lighting.direction",
        "lighting.quality",
        "lighting.keyLight",
        "lighting.fillLight",
        "lighting.intensity",
    ),
    *("colour.palette.primary", "colour.palette.secondary", "colour.palette.accent", "colour.palette.dominant"),
    *("colour.palette.shadows", "colour.palette.highlights", "colour.temperature", "colour.saturation", "colour.contrast"),
    *(
        "technical.filmStock",
        "technical.lensCharacteristics",
        "technical.depthOfField",
        "technical.motionBlur",
        "technical.grainLevel",
    ),
)


def _place_in_sentence(part: Part) -> int:
    return _SENTENCE_ORDER.index(part.keys[0])


def _rank(key: str) -> int:
    if key in _NAMED_COLOURS:
        return _IMPORTANCE.index("colour.palette.primary")
    if key == "colour.palette.highlights":
        return _IMPORTANCE.index("colour.palette.shadows")
    return _IMPORTANCE.index(key)
