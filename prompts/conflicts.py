"""Whether the user's own words already speak of what a style value says. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from prompts.injection import StyleWord
from prompts.reading import Colour, Reading, phrase_in, readings_of, scene_colours_of

_TOPICS = {
    "colour.temperature": ("temperature", "monochrome"),
    "colour.saturation": ("saturation", "monochrome"),
    "colour.contrast": ("contrast",),
    "lighting.style": ("light_style",),
    "lighting.direction": ("light_direction",),
    "lighting.quality": ("light_quality",),
    "lighting.keyLight": ("light_source",),
    "lighting.intensity": ("light_intensity",),
    "atmosphere.timeOfDay": ("hour",),
    "atmosphere.weather": ("weather",),
    "atmosphere.mood": ("mood",),
    "technical.filmStock": ("film_stock",),
    "technical.lensCharacteristics": ("lens",),
    "technical.grainLevel": ("grain",),
    "technical.depthOfField": ("depth_of_field",),
    "technical.motionBlur": ("motion_blur",),
}
"""What the user has to speak of so that a style value of this key is theirs to say."""

_WARMTH = 0.15
"""Mean of red minus blue (0-1) of the named colours from which on a palette is called warm, below the negative cool."""


@dataclass(frozen=True)
class Verdict:
    """``users``: the user's words that settle it."""

    reason: Literal["user-said-otherwise", "already-said"]
    users: Reading


class UsersWords:
    """A prompt and what it says per topic, read once."""

    def __init__(self, prompt: str) -> None:
        self.prompt = prompt
        self._read: dict[str, tuple[Reading, ...]] = {}
        self._scene_colours: list[tuple[Reading, tuple[Colour, ...]]] | None = None

    def verdict(self, word: StyleWord) -> Verdict | None:
        """None = the user says nothing about it, so that it may be injected.

        The same words, or words with the same meaning, are already said; any other statement on the topic, or the denial
        of just this value, is the user saying otherwise.
        """
        if word.key.startswith("colour.palette."):
            return self._palette_verdict(word)
        if word.key == "atmosphere.elements":
            return self._element_verdict(word) or self._literal_denial(word) or self._literal_saying(word)
        topics = _TOPICS.get(word.key, ())
        said = tuple(reading for topic in topics for reading in self.readings(topic))
        meant = {reading.value for topic in topics for reading in _all(word.text, topic)}
        verdict = _weigh(said, meant) or (self._palette_warmth(meant) if word.key == "colour.temperature" else None)
        verdict = verdict or self._denial(word) or self._literal_denial(word)
        return verdict or (None if meant else self._literal_saying(word))

    def readings(self, topic: str) -> tuple[Reading, ...]:
        if topic not in self._read:
            self._read[topic] = tuple(_all(self.prompt, topic))
        return self._read[topic]

    def scene_colours(self) -> list[tuple[Reading, tuple[Colour, ...]]]:
        if self._scene_colours is None:
            self._scene_colours = scene_colours_of(self.prompt)
        return self._scene_colours

    def _palette_verdict(self, word: StyleWord) -> Verdict | None:
        """A dress may have any colour; only a statement about the colours of the whole picture replaces the palette."""
        for reading, colours in self.scene_colours():
            named = any(colour.name == word.text for colour in colours)
            return Verdict("already-said" if named else "user-said-otherwise", reading)
        return _weigh(self.readings("monochrome"), set())

    def _palette_warmth(self, meant: set[str]) -> Verdict | None:
        """A palette in words has a warmth of its own: "bathed in blue light" speaks against warm tones."""
        for reading, colours in self.scene_colours():
            warmth = _warmth(colours)
            if warmth and meant and warmth not in meant:
                return Verdict("user-said-otherwise", reading)
        return None

    def _literal_denial(self, word: StyleWord) -> Verdict | None:
        """Free text between commas: one item that the user denies in the same words refuses it."""
        found = [phrase_in(self.prompt, item) for item in word.text.split(",")]
        denied = next((reading for reading in found if reading and reading.negated), None)
        return Verdict("user-said-otherwise", denied) if denied else None

    def _literal_saying(self, word: StyleWord) -> Verdict | None:
        """Free text between commas is already said when the user has every item of it in the same words."""
        found = [phrase_in(self.prompt, item) for item in word.text.split(",")]
        return Verdict("already-said", found[0]) if found[0] and all(found) else None

    def _denial(self, word: StyleWord) -> Verdict | None:
        """Whether the value brings in a thing that the user denies ("no neon" against "neon bounce fill")."""
        for topic in ("element", "weather"):
            brought = {reading.value for reading in _all(word.text, topic)}
            denied = [reading for reading in self.readings(topic) if reading.negated and reading.value in brought]
            if denied:
                return Verdict("user-said-otherwise", denied[0])
        return None

    def _element_verdict(self, word: StyleWord) -> Verdict | None:
        """An element stands against another weather or hour, or against its own denial; never against another element."""
        for topic in ("weather", "hour", "element"):
            meant = {reading.value for reading in _all(word.text, topic)}
            said = self.readings(topic)
            if topic == "element":
                said = tuple(reading for reading in said if reading.value in meant)
            verdict = _weigh(said, meant) if meant else None
            if verdict:
                return verdict
        return None


def _weigh(said: Iterable[Reading], meant: set[str]) -> Verdict | None:
    stated = [reading for reading in said if not reading.negated]
    equal = next((reading for reading in stated if reading.value in meant), None)
    if equal:
        return Verdict("already-said", equal)
    denied = next((reading for reading in said if reading.negated and reading.value in meant), None)
    other = stated[0] if stated else denied
    return Verdict("user-said-otherwise", other) if other else None


def _all(text: str, topic: str) -> list[Reading]:
    """The statements on a topic; light that implies an hour counts where no hour is named."""
    found = list(readings_of(text, topic))
    if topic == "hour" and not any(not reading.negated for reading in found):
        found += readings_of(text, "hour_implied")
    return found


def _warmth(colours: Iterable[Colour]) -> str | None:
    differences = [(int(colour.hex[1:3], 16) - int(colour.hex[5:7], 16)) / 255 for colour in colours]
    mean = sum(differences) / len(differences)
    return "warm" if mean > _WARMTH else "cool" if mean < -_WARMTH else None
