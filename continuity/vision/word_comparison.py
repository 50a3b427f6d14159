"""Two styles compared by their words: the user's ``compareStyles``, mended. Pure.

Its weights are kept (colour: temperature .3, saturation .3, contrast .4; lighting: style .4, direction .3, intensity .3;
atmosphere: hour .4, weather .3, elements .3; the three aspects count alike). Mended: identical styles score 1; what is not
known on both sides is left out, listed, and its weight shared by the rest, where a default used to agree with a default; an
empty list costs nothing; free text is compared by the meaning of its words. This is a comparison of *words*: whether
two shots cut together is measured on their pixels elsewhere.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from continuity.enums import ValueSource
from continuity.vision.categories import SCALES
from continuity.vision.word_likeness import list_likeness, phrase_likeness

WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "colour": {"colour.temperature": 0.3, "colour.saturation": 0.3, "colour.contrast": 0.4},
    "lighting": {"lighting.style": 0.4, "lighting.direction": 0.3, "lighting.intensity": 0.3},
    "atmosphere": {"atmosphere.timeOfDay": 0.4, "atmosphere.weather": 0.3, "atmosphere.elements": 0.3},
}
LABELS: Mapping[str, str] = {
    "colour.temperature": "Colour temperature",
    "colour.saturation": "Saturation",
    "colour.contrast": "Contrast",
    "lighting.style": "Lighting",
    "lighting.direction": "Light direction",
    "lighting.quality": "Quality of the light",
    "lighting.keyLight": "Key light",
    "lighting.fillLight": "Fill light",
    "lighting.intensity": "Intensity of the light",
    "atmosphere.timeOfDay": "Hour",
    "atmosphere.weather": "Weather",
    "atmosphere.mood": "Mood",
    "atmosphere.elements": "Atmosphere",
    "technical.grainLevel": "Grain",
    "technical.filmStock": "Film stock",
    "technical.lensCharacteristics": "Lens",
    "technical.depthOfField": "Depth of field",
    "technical.motionBlur": "Motion blur",
}
"""Every key that is compared, in order; those without a weight give issues only."""

DIFFERENT = 0.5
"""Below this likeness a key is an issue."""

_NOTHING_KNOWN = "Neither hue, light nor atmosphere is known in words on both sides."


@dataclass(frozen=True)
class Issue:
    """One thing that the styles say differently; ``likeness`` 0-1."""

    key: str
    left: str
    right: str
    likeness: float

    @property
    def sentence(self) -> str:
        return f"{LABELS[self.key]}: {self.left} against {self.right}."


@dataclass(frozen=True)
class WordComparison:
    """Scores 0-1, None = nothing of it is known on both sides; ``reason`` says why ``overall`` is None.

    ``not_measured``: key -> why it is left out, a sentence.
    """

    overall: float | None
    colour: float | None
    lighting: float | None
    atmosphere: float | None
    issues: tuple[Issue, ...]
    not_measured: Mapping[str, str]
    reason: str | None

    def as_json(self) -> dict[str, Any]:
        """For reports and columns, in the names of the spec."""
        return {
            "overall": self.overall,
            "color": self.colour,
            "lighting": self.lighting,
            "atmosphere": self.atmosphere,
            "issues": [issue.sentence for issue in self.issues],
            "notMeasured": dict(self.not_measured),
            "reason": self.reason,
        }


def compare_words(left: Mapping[str, Any], right: Mapping[str, Any]) -> WordComparison:
    """Compare two Style.values. Symmetric (issues swap sides); two equal styles score 1 wherever anything is known."""
    likeness: dict[str, float] = {}
    issues: list[Issue] = []
    missing: dict[str, str] = {}
    for key in LABELS:
        one, other = _value(left, key), _value(right, key)
        why = _why_left_out(one, other)
        if why:
            missing[key] = why
        if one is None or other is None:
            continue
        alike = _likeness(key, one, other)
        if not why:
            likeness[key] = alike
        if alike < DIFFERENT:
            issues.append(Issue(key, _said(one), _said(other), round(alike, 3)))
    scores = {aspect: _weighted(weights, likeness) for aspect, weights in WEIGHTS.items()}
    known = [score for score in scores.values() if score is not None]
    return WordComparison(
        overall=_rounded(math.fsum(known) / len(known)) if known else None,
        **{aspect: None if score is None else _rounded(score) for aspect, score in scores.items()},
        issues=tuple(issues),
        not_measured=missing,
        reason=None if known else _NOTHING_KNOWN,
    )


def _value(values: Mapping[str, Any], name: str) -> Any:
    """The value of "aspect.key"; None = not known."""
    aspect, key = name.split(".", 1)
    entry = values.get(aspect, {}).get(key)
    return None if entry is None or entry["source"] == ValueSource.NOT_MEASURED.value else entry["value"]


def _why_left_out(one: Any, other: Any) -> str | None:
    if one is None and other is None:
        return "Neither style says this."
    if one is None or other is None:
        return f"The {'first' if one is None else 'second'} style does not say this."
    if isinstance(one, list) and isinstance(other, list) and bool(one) != bool(other):
        return f"The {'second' if one else 'first'} style lists nothing, which costs nothing."
    return None


def _likeness(key: str, one: Any, other: Any) -> float:
    if isinstance(one, list) and isinstance(other, list):
        return list_likeness(key, one, other)
    if key in SCALES:
        return float(one == other)
    return phrase_likeness(key, str(one), str(other))


def _weighted(weights: Mapping[str, float], likeness: Mapping[str, float]) -> float | None:
    known = {key: weight for key, weight in weights.items() if key in likeness}
    if not known:
        return None
    return math.fsum(weight * likeness[key] for key, weight in known.items()) / math.fsum(known.values())


def _rounded(score: float) -> float:
    return min(1.0, round(score, 4))


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "nothing"
    return str(value)
