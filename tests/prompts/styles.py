"""A scene's style as it is stored (DATA-MODEL 3.5), for the tests of style injection."""

from copy import deepcopy
from typing import Any

from prompts.colour_names import COLOUR_NAMES
from prompts.compose import InjectionOptions, StyleForInjection, compose, style_for_injection

NEON_NIGHT: dict[str, Any] = {
    "colour": {
        "palette.primary": {"value": "#0C1633", "source": "measured", "confidence": 0.9},
        "palette.secondary": {"value": "#FF2FA0", "source": "measured", "confidence": 0.8},
        "palette.accent": {"value": "#FFB000", "source": "measured", "confidence": 0.7},
        "palette.shadows": {"value": "#0A0A0C", "source": "measured", "confidence": None},
        "palette.highlights": {"value": "#C9E4F2", "source": "measured", "confidence": None},
        "palette.dominant": {"value": [{"hex": "#0C1633", "share": 0.6}, {"hex": "#07494F", "share": 0.2}], "source": "measured"},
        "temperature": {"value": "cool", "number": -0.03, "source": "measured"},
        "saturation": {"value": "vibrant", "number": 0.12, "source": "measured"},
        "contrast": {"value": "high", "number": 0.8, "source": "measured"},
    },
    "lighting": {
        "style": {"value": "low-key with strong rim lighting", "source": "model"},
        "direction": {"value": "from left, slightly behind", "source": "model"},
        "quality": {"value": "hard shadows, neon bounce fill", "source": "model"},
        "keyLight": {"value": "neon signage", "source": "model"},
        "fillLight": {"value": None, "source": "not-measured", "confidence": None},
        "intensity": {"value": "dim", "number": 0.3, "source": "measured"},
    },
    "atmosphere": {
        "timeOfDay": {"value": "night", "source": "model"},
        "weather": {"value": "rainy", "source": "model"},
        "mood": {"value": "melancholic", "source": "user"},
        "elements": {"value": ["wet streets", "light rain", "reflections", "steam"], "source": "model"},
    },
    "technical": {
        "filmStock": {"value": "Kodak Vision3 500T", "source": "user"},
        "lensCharacteristics": {"value": "anamorphic, lens flares", "source": "model"},
        "depthOfField": {"value": "shallow", "source": "model"},
        "motionBlur": {"value": "none", "source": "model"},
        "grainLevel": {"value": "light", "number": 1.4, "source": "measured"},
        "blur": {"value": 0.31, "number": 0.31, "source": "measured"},
    },
}

_NAME_OF = {colour: name for name, colour in reversed(COLOUR_NAMES.items())}


def name_colour(colour: str) -> str:
    """The name of a colour that is in the table."""
    return _NAME_OF[colour]


def neon_night(**changes: Any) -> StyleForInjection:
    """The style above in words, with values replaced by key: ``atmosphere_timeOfDay="dawn"``."""
    values = deepcopy(NEON_NIGHT)
    for name, value in changes.items():
        aspect, key = name.split("_", 1)
        values[aspect][key] = {"value": value, "source": "user" if value is not None else "not-measured"}
    return style_for_injection(values, name_colour=name_colour)


def inject(prompt: str, style: StyleForInjection | None = None, **options: Any):
    """``compose`` with the neon night by default."""
    return compose(prompt, style or neon_night(), InjectionOptions(**options))


def users_words(injection) -> str:
    return "".join(injection.text[start:end] for start, end in injection.user_spans)


def skipped(injection, reason: str) -> dict[str, str]:
    """Key → the user's words, of the values skipped for one reason."""
    return {row.key: row.users_words for row in injection.skipped if row.reason == reason}
