"""The weights of the scene score: data with their origin, read strictly."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from continuity.vision.errors import VisionError

METRIC = "scene-score@1"
PART_OF = {"histogram": "colour", "noise": "grain", "gradient": "texture", "orientation": "structure"}
"""Each distance of the model, and the part of the score under which it is shown."""
MAY_BE_MISSING = ("noise",)
"""The distances that not every pair of shots has."""
PARTS = ("constant", "colour", "grain", "texture", "structure")
LARGEST = 1e6
PACKAGED = Path(__file__).with_name("scene_score.json")


class WeightsError(VisionError):
    """A weights file that cannot be used."""

    code = "scene_weights"


@dataclass(frozen=True)
class SceneWeights:
    """``logit = constant + Σ coefficient · distance``; every coefficient at most 0, one per distance of PART_OF.

    ``neutral``: for each of MAY_BE_MISSING the distance that speaks neither for one scene nor for two; a pair without it is
    taken for that, in the constant. ``metric``: id@version that goes with each score; ``provenance``: where it all comes from.
    """

    constant: float
    coefficients: Mapping[str, float]
    neutral: Mapping[str, float]
    metric: str = METRIC
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def parts_of(self, distances: Mapping[str, float]) -> dict[str, float]:
        """The logit's parts, in the order of PARTS. A distance that is not there has the part 0, and the constant is less."""
        parts = dict.fromkeys(PARTS, 0.0) | {"constant": self.constant}
        for name, coefficient in self.coefficients.items():
            if name in distances:
                parts[PART_OF[name]] += coefficient * distances[name]
            else:
                parts["constant"] += coefficient * self.neutral[name]
        return parts


def load_weights(path: Path | None = None) -> SceneWeights:
    """The weights in a JSON file; None = the packaged ones. Raises WeightsError for a broken file or another version's."""
    return _packaged() if path is None else _read(path)


@cache
def _packaged() -> SceneWeights:
    return _read(PACKAGED)


def _read(file: Path) -> SceneWeights:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise WeightsError(f"The weights file {file.name} cannot be read ({error.strerror}): check the path.") from error
    except (ValueError, RecursionError) as error:
        raise WeightsError(f"The weights file {file.name} is not JSON: write one with manage.py fit_scene_score.") from error
    return weights_of(content, name=file.name)


def weights_of(content: Any, *, name: str) -> SceneWeights:
    """The weights of decoded JSON; ``name`` is for the sentence of the WeightsError."""
    if not isinstance(content, dict) or not isinstance(content.get("metric"), str):
        raise WeightsError(f"{name} holds no weights of the scene score: write one with manage.py fit_scene_score.")
    if content["metric"] != METRIC:
        raise WeightsError(f"{name} is for {content['metric'][:40]}, and this is {METRIC}: fit it again.")
    coefficients = _numbers(content, "coefficients", PART_OF, name=name)
    neutral = _numbers(content, "neutral", MAY_BE_MISSING, name=name)
    if above := [term for term, value in coefficients.items() if value > 0]:
        sentence = f"{name} has a weight above 0 ({', '.join(above)}), as if a difference made shots alike: fit it again."
        raise WeightsError(sentence)
    provenance = content.get("provenance")
    return SceneWeights(
        _number(content.get("constant"), name), coefficients, neutral, METRIC, provenance if isinstance(provenance, dict) else {}
    )


def _numbers(content: Mapping[str, Any], key: str, terms: Iterable[str], *, name: str) -> dict[str, float]:
    found = content.get(key)
    if not isinstance(found, dict) or set(found) != set(terms):
        raise WeightsError(f"{name} must have under {key} one number for each of {', '.join(terms)}: fit it again.")
    return {term: _number(value, name) for term, value in found.items()}


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -LARGEST < value < LARGEST:
        raise WeightsError(f"{name} has a weight that is no number: fit it again.")
    return float(value)
