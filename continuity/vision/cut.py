"""Everything that is measured of a cut: scene score, bridge check, drift of the grade, and what they say.

Two questions, two instruments: the score says whether two shots look like one scene, the drift whether the grade has moved.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from continuity.enums import Aspect, Band, BridgeKind
from continuity.vision.bridge import BridgeCheck, bridge_check
from continuity.vision.drift import Drift, drift_between_shots, measure_drift
from continuity.vision.findings import Finding, findings_of
from continuity.vision.scene_score import SceneScore, SceneWeights, scene_score
from continuity.vision.shot import ShotPictures, is_black, is_white
from continuity.vision.style import KEYS

__all__ = ["CutMeasurement", "ShotPictures", "gate_score", "measure_cut", "not_measured_of"]

PARTS_OF_ASPECT: Mapping[str, tuple[str, ...]] = {
    Aspect.COLOUR: ("colour",),
    Aspect.TECHNICAL: ("grain", "texture"),
}
"""Which parts of the score show an aspect (DATA-MODEL 4.5); the others have none, as pixels tell nothing of them."""

SHOWN_BY: Mapping[str, tuple[str, ...]] = {
    Aspect.COLOUR: ("parts.colour", "tone"),
    Aspect.TECHNICAL: ("parts.grain", "parts.texture"),
}
"""The keys of ``not_measured`` under which an aspect that was asked to differ is listed."""

WORDS_ONLY: Mapping[str, tuple[str, ...]] = {
    "lighting": ("style", "direction", "quality", "keyLight", "fillLight"),
    "atmosphere": KEYS["atmosphere"],
    "technical": ("filmStock", "lensCharacteristics", "depthOfField", "motionBlur"),
}
NOBODY_LOOKED = "No vision model looked at these two shots, and pixels alone do not tell this."
AS_WISHED = "You asked for this to differ."
NOT_TONE_MAPPED = "Of these shots one at least is HDR ({curve}): pictures are measured as decoded, not tone-mapped."
TWO_CURVES = (
    "The two shots have two transfer curves ({curves}), so that their code values do not mean the same light: bring both to one "
    "curve first."
)


@dataclass(frozen=True, eq=False)
class CutMeasurement:
    """A cut as measured under ``metric`` (id@version).

    ``score`` 0-1 and ``band`` are None together, and only then ``reason`` says why; ``parts`` of the logit add up to it;
    ``tone`` stands beside. ``drift`` None: its reason is in ``not_measured`` (key -> reason, one sentence each), which always
    lists what only a vision model sees. ``gate_score``: the score without the aspects that were asked to differ.
    """

    metric: str
    score: float | None
    band: Band | None
    parts: Mapping[str, float]
    tone: Mapping[str, float]
    bridge: BridgeCheck
    drift: Drift | None
    findings: tuple[Finding, ...]
    not_measured: Mapping[str, str]
    reason: str | None
    gate_score: float | None

    def as_json(self) -> dict[str, Any]:
        """For reports: findings as codes and amounts."""
        return {
            "metric": self.metric,
            "score": self.score,
            "band": self.band.value if self.band else None,
            "parts": dict(self.parts),
            "tone": {name: round(number, 4) for name, number in self.tone.items()},
            "bridge": {"kind": self.bridge.kind.value if self.bridge.kind else None, "ncc": _rounded(self.bridge.ncc)},
            "drift": self.drift.as_json() if self.drift else None,
            "findings": [finding.as_json() for finding in self.findings],
            "notMeasured": [{"key": key, "reason": reason} for key, reason in self.not_measured.items()],
            "reason": self.reason,
        }

    def columns(self) -> dict[str, Any]:
        """The same under the names of the columns of ``Cut``, without the metric."""
        report = self.as_json()
        return {
            "score": self.score,
            "band": report["band"],
            "parts": report["parts"],
            "bridge_kind": report["bridge"]["kind"],
            "ncc": report["bridge"]["ncc"],
            "drift": report["drift"] or {},
            "findings": report["findings"],
            "not_measured": report["notMeasured"],
            "reason": self.reason,
        }


def measure_cut(
    left: ShotPictures, right: ShotPictures, *, differs: Collection[Aspect] = (), weights: SceneWeights | None = None
) -> CutMeasurement:
    """Measure the cut from ``left`` to ``right``. Raises NotAPicture, WeightsError.

    ``differs``: aspects that the right shot was asked to have different: measured and shown like the others, listed in
    ``not_measured``, left out of ``gate_score``. ``weights`` None = the packaged ones.
    """
    score = scene_score(left.features, right.features, weights)
    if left.curve != right.curve:
        score = _without_score(score, _two_curves(left, right))
    bridge = bridge_check(left.last, right.first)
    drift = _drift(left, right, bridge)
    known = drift if isinstance(drift, Drift) else None
    return CutMeasurement(
        metric=score.metric,
        score=score.score,
        band=score.band,
        parts=score.parts,
        tone=score.tone,
        bridge=bridge,
        drift=known,
        findings=findings_of(left, right, score=score, bridge=bridge, drift=known),
        not_measured=_not_measured(score, bridge, drift) | _tone_mapping(left, right) | _wishes(differs),
        reason=score.reason,
        gate_score=gate_score(score.parts, differs=differs),
    )


def gate_score(parts: Mapping[str, float], *, differs: Collection[str] = ()) -> float | None:
    """The score 0-1 of those parts of a logit that no aspect of ``differs`` shows; None for no parts (there was no score)."""
    if not parts:
        return None
    wished = {part for aspect in differs for part in PARTS_OF_ASPECT.get(aspect, ())}
    return 1 / (1 + math.exp(-sum(logit for part, logit in parts.items() if part not in wished)))


def not_measured_of(rows: Iterable[Mapping[str, str]], *, differs: Collection[str] = ()) -> list[tuple[str, str]]:
    """(key, reason) of stored ``notMeasured`` rows, and of what ``differs`` asks to be different."""
    return [*((row["key"], row["reason"]) for row in rows), *_wishes(differs).items()]


def _drift(left: ShotPictures, right: ShotPictures, bridge: BridgeCheck) -> Drift | str:
    """At a bridge from the two frames at the cut, else from all samples; the reason where neither is to be had."""
    if left.curve != right.curve:
        return _two_curves(left, right)
    if bridge.kind in (BridgeKind.BRIDGED, BridgeKind.BRIDGED_WITH_MOTION):
        return measure_drift(left.last, right.first, same_content=True)
    for name, shot in (("before", left), ("after", right)):
        if all(is_black(sample) or is_white(sample) for sample in shot.samples):
            return f"The shot {name} the cut is black or white from beginning to end, and has no grade to compare."
    return drift_between_shots(left.samples, right.samples)


def _not_measured(score: SceneScore, bridge: BridgeCheck, drift: Drift | str) -> dict[str, str]:
    reasons = {f"parts.{part}": reason for part, reason in score.not_measured.items()}
    if bridge.reason:
        reasons["bridge"] = bridge.reason
    if isinstance(drift, str):
        reasons["drift"] = drift
    else:
        reasons |= {f"drift.{key}": reason for key, reason in drift.not_measured.items()}
    return reasons | {f"{aspect}.{key}": NOBODY_LOOKED for aspect, keys in WORDS_ONLY.items() for key in keys}


def _tone_mapping(left: ShotPictures, right: ShotPictures) -> dict[str, str]:
    curves = " and ".join(sorted({shot.curve for shot in (left, right) if shot.curve}))
    return {"toneMapping": NOT_TONE_MAPPED.format(curve=curves)} if curves else {}


def _two_curves(left: ShotPictures, right: ShotPictures) -> str:
    return TWO_CURVES.format(curves=f"{left.curve or 'SDR'} and {right.curve or 'SDR'}")


def _wishes(differs: Collection[str]) -> dict[str, str]:
    keys = (key for aspect in differs for key in SHOWN_BY.get(aspect, (str(aspect),)))
    return dict.fromkeys(keys, AS_WISHED)


def _without_score(score: SceneScore, reason: str) -> SceneScore:
    return SceneScore(None, None, None, {}, score.tone, score.metric, score.not_measured, reason)


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)
