"""What a prompt asks for, in the engine's own terms. Words that it does not know are left to the seed."""

import re
from dataclasses import dataclass

import numpy as np

from continuity.providers.animatic_scene.canvas import Rgb, mixed, rgb_of
from prompts import reading

DEFAULT_HOURS = ("golden hour", "day", "dusk")
CLOTHES = re.compile(
    r"^\W*(?:\w+\W+){0,2}?(?:dress|gown|kimono|coat|overcoat|trench\s?coat|raincoat|jacket|suit|hoodie|shirt|t-shirt|blouse"
    r"|sweater|cardigan|cape|cloak|robe|uniform|scarf|skirt|parka|poncho|clothes|outfit)\b",
    re.IGNORECASE,
)
UMBRELLA = re.compile(r"^\W*(?:\w+\W+){0,1}?(?:umbrella|parasol)\b", re.IGNORECASE)
# No cloth is as pure as a screen's primary.
DYE = (0.42, 0.40, 0.40)
UMBRELLA_BLACK = (0.12, 0.12, 0.14)
PALETTE_MAX = 6
HAIR = re.compile(r"^\W*(?:\w+\W+){0,1}?hair(?:ed)?\b", re.IGNORECASE)
OWNERS = {"clothes": CLOTHES, "umbrella": UMBRELLA, "hair": HAIR}
GROUNDS = {
    "sea": r"\b(?:sea|ocean|beach|shore|coast|lake|river|harbou?r|bay|lagoon|waves?)\b",
    "desert": r"\b(?:desert|dunes?|sahara)\b",
    "forest": r"\b(?:forest|woods?|woodland|pines?|jungle|taiga)\b",
}
DRESSES = r"\b(?:dress|gown|kimono|skirt)\b"
CANDLE = r"\b(?:candle|candles|candlelight|candlelit|fireplace|firelight|oil lamp)\b"


@dataclass(frozen=True)
class Direction:
    """One take, directed. ``palette`` are the scene's colours (0-1 sRGB) that the prompt names, in its order; ``clothes``,
    ``umbrella`` and ``hair`` None = nothing was said; ``subject`` woman, man, child, person or None = nobody; ``ground``
    what a landscape is made of; ``held`` the aspects that words hold against drift (see ``drift``)."""

    hour: str
    weather: str
    framing: str
    move: str
    place: str
    ground: str
    subject: str | None
    is_skirt: bool
    candle: bool
    elements: frozenset[str]
    palette: tuple[Rgb, ...]
    accents: tuple[Rgb, ...]
    clothes: Rgb | None
    umbrella: Rgb | None
    hair: Rgb | None
    held: frozenset[str]
    seed: int
    slate: str

    @property
    def graded_towards(self) -> tuple[Rgb, ...]:
        """The palette, and with it the colours of named things, so that a red dress stays red in a teal scene."""
        named = (self.clothes, self.umbrella, self.hair)
        return self.palette + tuple(colour for colour in named if colour is not None) if self.palette else ()


def direction_of(prompt: str, *, seed: int | None, request_sha256: str, from_image: bool = False) -> Direction:
    """Read the prompt. ``seed`` None = taken from the request's own digest, so that the same request is the same clip.

    ``from_image``: without a named move the camera goes towards the picture's subject instead of where the seed says.
    """
    number = abs(seed) if seed is not None else int(request_sha256[:8], 16)
    choice = np.random.default_rng([number, 0xC401CE])
    elements = _elements(prompt)
    hour, weather = _word(reading.hour_of(prompt)), _word(reading.weather_of(prompt))
    framing, move = _word(reading.framing_of(prompt)), _word(reading.camera_move_of(prompt))
    palette, things = _palette(prompt), _things(prompt)
    held = {name for name, said in (("hour", hour), ("weather", weather), ("palette", palette)) if said}
    hour = hour or _default_hour(prompt, elements, choice)
    weather = weather or _default_weather(elements)
    framing = framing or "wide"
    move = move or _default_move(framing, choice, from_image=from_image)
    place = _place(prompt, elements)
    subject = next((kind for kind in ("woman", "man", "child", "person") if kind in elements), None)
    return Direction(
        hour=hour,
        weather=weather,
        framing=framing,
        move=move,
        place=place,
        ground=_ground(prompt),
        subject=subject,
        is_skirt=bool(re.search(DRESSES, prompt, re.IGNORECASE)),
        candle=bool(re.search(CANDLE, prompt, re.IGNORECASE)),
        elements=elements,
        palette=palette,
        accents=_accents(prompt),
        clothes=things.get("clothes"),
        umbrella=things.get("umbrella", UMBRELLA_BLACK if "umbrella" in prompt.lower() else None),
        hair=things.get("hair"),
        held=frozenset(held),
        seed=number,
        slate=f"ANIMATIC · {framing} · {hour} · {move} · seed {number}",
    )


def _word(found: reading.Reading | None) -> str | None:
    return found.value if found else None


def _elements(prompt: str) -> frozenset[str]:
    return frozenset(reading.elements_of(prompt))


def _default_hour(prompt: str, elements: frozenset[str], choice: np.random.Generator) -> str:
    if "neon" in elements or re.search(CANDLE, prompt, re.IGNORECASE):
        return "night"
    return DEFAULT_HOURS[int(choice.integers(len(DEFAULT_HOURS)))]


def _default_move(framing: str, choice: np.random.Generator, *, from_image: bool) -> str:
    if from_image or framing == "close-up":
        return "push"
    return ("push", "push", "push", "pan-right", "pan-left")[int(choice.integers(5))]


def _default_weather(elements: frozenset[str]) -> str:
    return next((kind for kind in ("rain", "snow", "fog") if kind in elements), "clear")


def _place(prompt: str, elements: frozenset[str]) -> str:
    said = _word(reading.place_of(prompt))
    if said:
        return said
    if "neon" in elements or "crowd" in elements:
        return "street"
    return "room" if re.search(CANDLE, prompt, re.IGNORECASE) else "landscape"


def _ground(prompt: str) -> str:
    return next((name for name, words in GROUNDS.items() if re.search(words, prompt, re.IGNORECASE)), "meadow")


def _palette(prompt: str) -> tuple[Rgb, ...]:
    """The colours of statements about the whole picture ("a palette of navy and gold")."""
    named = [colour.hex for _, colours in reading.scene_colours_of(prompt) for colour in colours]
    return tuple(rgb_of(code) for code in dict.fromkeys(named))[:PALETTE_MAX]


def _things(prompt: str) -> dict[str, Rgb]:
    """The first colour of clothes, umbrella and hair: a colour that stands before the thing."""
    things: dict[str, Rgb] = {}
    for colour in reading.colours_of(prompt):
        owner = _owner(prompt[colour.span[1] : colour.span[1] + 60])
        if owner is not None:
            things.setdefault(owner, mixed(rgb_of(colour.hex), DYE, 0.14))
    return things


def _accents(prompt: str) -> tuple[Rgb, ...]:
    """Every named colour that is nobody's: what signs, lamps and flowers are painted in."""
    codes = [colour.hex for colour in reading.colours_of(prompt) if _owner(prompt[colour.span[1] : colour.span[1] + 60]) is None]
    return tuple(rgb_of(code) for code in dict.fromkeys(codes))[:PALETTE_MAX]


def _owner(after: str) -> str | None:
    return next((name for name, words in OWNERS.items() if words.match(after)), None)
