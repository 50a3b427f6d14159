"""The look of one or several frames of a shot, as far as pixels can tell, and its JSON (DATA-MODEL 3.5, ``styles.schema.json``).

Pixels give numbers; a number with cut points also has a word. What pixels cannot tell (where the light comes from, hour,
weather, mood, lens …) is listed as not measured and never filled with a default.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from continuity.enums import ValueSource
from continuity.vision.colour import nearest_colour_name
from continuity.vision.errors import NotAPicture
from continuity.vision.palette import Swatch, pixels_of
from continuity.vision.readings import Measured, light_and_colour, palette_values, texture_values
from continuity.vision.scale import Picture, require_picture
from continuity.vision.texture import grey_for_texture

EXTRACTOR = "pixels@1"

KEYS: Mapping[str, tuple[str, ...]] = {
    "colour": (
        "palette.primary",
        "palette.secondary",
        "palette.accent",
        "palette.shadows",
        "palette.highlights",
        "palette.dominant",
        "temperature",
        "saturation",
        "contrast",
    ),
    "lighting": ("intensity", "style", "direction", "quality", "keyLight", "fillLight"),
    "atmosphere": ("timeOfDay", "weather", "mood", "elements"),
    "technical": ("grainLevel", "blur", "filmStock", "lensCharacteristics", "depthOfField", "motionBlur"),
}

_NAMED_ROLES = ("colour.palette.primary", "colour.palette.secondary", "colour.palette.accent")
_CANNOT_TELL = "Pixels alone do not tell this: ask a vision model or write it yourself."


@dataclass(frozen=True)
class StyleMeasurement:
    """``measured`` by "aspect.key"; ``not_measured`` "aspect.key" -> the reason, one sentence. Together all of KEYS."""

    measured: Mapping[str, Measured]
    not_measured: Mapping[str, str]
    frame_count: int


def measure_style(frames: Sequence[Picture]) -> StyleMeasurement:
    """Measure frames of one shot (three at 10, 50 and 90 % are enough), each uint8 height x width x 3, sRGB, upright.

    Numbers are means over the frames, the palette is that of all frames together. Raises NotAPicture.
    """
    if not frames:
        raise NotAPicture("There is no frame to measure: give at least one.")
    pixels = [pixels_of(frame) for frame in frames]
    greys = [grey_for_texture(frame) for frame in frames]
    found = {**palette_values(pixels), **light_and_colour(pixels), **texture_values(greys)}
    measured = {key: value for key, value in found.items() if isinstance(value, Measured)}
    reasons = {key: value for key, value in found.items() if isinstance(value, str)}
    missing = {key: reasons.get(key, _CANNOT_TELL) for key in every_key() if key not in measured}
    return StyleMeasurement(measured, missing, len(frames))


def frames_sha256(frames: Sequence[Picture]) -> str:
    """Name of a sequence of frames: SHA-256 over the size and RGB24 bytes of each, in order. Raises NotAPicture."""
    digest = hashlib.sha256()
    for frame in frames:
        height, width, _ = require_picture(frame).shape
        digest.update(f"{width}x{height}\n".encode())
        digest.update(np.ascontiguousarray(frame).tobytes())
    return digest.hexdigest()


def every_key() -> list[str]:
    """All "aspect.key" names, in order."""
    return [f"{aspect}.{key}" for aspect, keys in KEYS.items() for key in keys]


def to_values(measurement: StyleMeasurement, *, origin: str) -> dict[str, Any]:
    """The JSON of Style.values, with every key; ``origin`` is the id of the extraction the values come from."""
    values = unmeasured_values()
    for name, measured in measurement.measured.items():
        aspect, key = name.split(".", 1)
        values[aspect][key] = _entry(measured, origin)
    return values


def unmeasured_values() -> dict[str, Any]:
    """Style.values in which nothing is known: what a template or a person fills in."""
    return {
        aspect: {key: {"value": None, "source": ValueSource.NOT_MEASURED.value, "confidence": None} for key in keys}
        for aspect, keys in KEYS.items()
    }


def style_fragment(values: Mapping[str, Any]) -> str:
    """The spec's ``stylePromptFragment``: one short English line of what is known, colours by name; "" = nothing is.

    ``values`` is Style.values; what a model or a person said is told as well, in the very words that a prompt would get.
    Shadows, highlights and the further dominant colours are left out. Raises StyleInvalid (``prompts.compose``).
    """
    from prompts.compose import style_for_injection  # its word patterns take a while to build

    style = style_for_injection(values, name_colour=nearest_colour_name)
    palette = [word.text for word in style.colour if word.key in _NAMED_ROLES]
    words = [word.text for aspect in KEYS for word in style.words_of(aspect) if not word.key.startswith("colour.palette.")]
    return ", ".join(_palette_phrase(palette) + words)


def _palette_phrase(names: Sequence[str]) -> list[str]:
    """palette of a; of a and b; of a, b and c. A name is told once."""
    if not names:
        return []
    *others, last = dict.fromkeys(names)
    return [f"palette of {', '.join(others)} and {last}" if others else f"palette of {last}"]


def _entry(measured: Measured, origin: str) -> dict[str, Any]:
    numbers = {} if measured.number is None else {"number": measured.number, "unit": measured.unit}
    return {
        "value": _plain(measured.value),
        **numbers,
        "source": ValueSource.MEASURED.value,
        "confidence": measured.confidence,
        "origin": origin,
    }


def _plain(value: str | float | tuple[Swatch, ...]) -> Any:
    """JSON data of a value."""
    if isinstance(value, tuple):
        return [{"hex": swatch.hex, "share": swatch.share} for swatch in value]
    return value
