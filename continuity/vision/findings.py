"""What the numbers of a cut say, as codes and amounts: stored without the numbers of shots, told in words when somebody looks.

A finding about the shot after the cut has a code as it is; about the shot before it, the same code with "previous-" in front.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from continuity.enums import Band, BridgeKind
from continuity.vision.bridge import BridgeCheck
from continuity.vision.drift import Drift
from continuity.vision.finding_words import in_words
from continuity.vision.scene_score import SceneScore
from continuity.vision.shot import ShotPictures, blown_out, is_black, is_copy, is_frozen, is_white

__all__ = ["Finding", "findings_of", "in_words", "stored_findings"]

PREVIOUS = "previous-"
GRADE_HOLDS_BELOW = 1.0
GRADE_FAILS_FROM = 3.0
FEW_FRAMES = 5
BLOWN_OUT_FROM = 0.1
SAME_RATE_WITHIN = 0.01


@dataclass(frozen=True)
class Finding:
    """``amount`` in ``unit``, both None where there is nothing to count. ``is_certain``: "is"; False: "looks".

    ``detail`` holds what the words need besides (JSON data).
    """

    code: str
    amount: float | None = None
    unit: str | None = None
    is_certain: bool = True
    detail: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "amount": self.amount,
            "unit": self.unit,
            "isCertain": self.is_certain,
            "detail": dict(self.detail),
        }


def stored_findings(rows: Iterable[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """The findings of ``as_json``; what a row lacks is as in a new Finding."""
    return tuple(
        Finding(row["code"], row.get("amount"), row.get("unit"), row.get("isCertain", True), row.get("detail") or {})
        for row in rows
    )


def findings_of(
    left: ShotPictures, right: ShotPictures, *, score: SceneScore, bridge: BridgeCheck, drift: Drift | None
) -> tuple[Finding, ...]:
    """What is to be said of a cut, the gravest first. ``drift`` None = it could not be measured."""
    return (
        *_of_clips(left, right),
        *_of_score(score, left, right),
        *_of_bridge(bridge),
        *(_of_drift(drift, bridge) if drift is not None else ()),
        *_of_formats(left, right),
    )


def _of_clips(left: ShotPictures, right: ShotPictures) -> Iterator[Finding]:
    if is_copy(left, right):
        yield Finding("copy")
    for prefix, shot in (("", right), (PREVIOUS, left)):
        yield from _of_clip(prefix, shot)
    if is_black(left.last) and not _is_plain(left, is_black):
        yield Finding(f"{PREVIOUS}ends-black")
    if is_black(right.first) and not _is_plain(right, is_black):
        yield Finding("begins-black")


def _of_clip(prefix: str, shot: ShotPictures) -> Iterator[Finding]:
    if shot.frame_count == 1:
        yield Finding(f"{prefix}one-frame")
    elif shot.frame_count < FEW_FRAMES:
        yield Finding(f"{prefix}few-frames", float(shot.frame_count), "frame")
    if is_frozen(shot):
        yield Finding(f"{prefix}frozen")
    if _is_plain(shot, is_black):
        yield Finding(f"{prefix}black")
    elif _is_plain(shot, is_white):
        yield Finding(f"{prefix}white")
    elif (share := sum(map(blown_out, shot.samples)) / len(shot.samples)) >= BLOWN_OUT_FROM:
        yield Finding(f"{prefix}blown-out", round(share, 4), "share")
    if shot.curve:
        yield Finding(f"{prefix}hdr", detail={"curve": shot.curve})
    if shot.has_alpha:
        yield Finding(f"{prefix}alpha")


def _is_plain(shot: ShotPictures, test: Any) -> bool:
    return all(map(test, shot.samples))


def _of_score(score: SceneScore, left: ShotPictures, right: ShotPictures) -> Iterator[Finding]:
    if score.band is not None and score.score is not None:
        yield Finding("band", round(score.score, 4), "score", detail={"band": score.band.value})
    if score.band in (Band.CHECK, Band.JUMP):
        costs = {part: logit for part, logit in score.parts.items() if part != "constant"}
        costliest = min(costs, key=lambda part: costs[part])
        yield Finding(f"other-{costliest}", round(costs[costliest], 4), "logit", detail=_direction(costliest, left, right))
    if score.score is not None and "grain" in score.not_measured:
        yield Finding("without-grain")


def _direction(part: str, left: ShotPictures, right: ShotPictures) -> dict[str, Any]:
    """For texture and grain, whether the right shot has more of it."""
    if part == "texture":
        return {"more": bool((right.features.gradients > left.features.gradients).mean() > 0.5)}
    if part == "grain" and left.features.noise is not None and right.features.noise is not None:
        return {"more": right.features.noise > left.features.noise}
    return {}


def _of_bridge(bridge: BridgeCheck) -> Iterator[Finding]:
    if bridge.kind is not None and bridge.ncc is not None:
        detail = {"cropped": True} if bridge.is_cropped and bridge.kind is not BridgeKind.CUT else {}
        yield Finding(bridge.kind.value, round(bridge.ncc, 4), "NCC", detail=detail)


def _of_drift(drift: Drift, bridge: BridgeCheck) -> Iterator[Finding]:
    for cause in drift.causes:
        yield Finding(f"drift-{cause.cause}", round(cause.amount, 4), cause.unit, is_certain=drift.is_same_content)
    if not drift.is_same_content:
        return
    # Movement alone moves the mean colours by up to 1.9.
    is_exact = bridge.kind is BridgeKind.BRIDGED
    amount = round(drift.delta_e, 4)
    if drift.delta_e >= (GRADE_HOLDS_BELOW if is_exact else GRADE_FAILS_FROM):
        yield Finding("grade-step", amount, "ΔE2000", detail={"named": bool(drift.causes), "large": amount >= GRADE_FAILS_FROM})
    elif is_exact and not drift.causes:
        yield Finding("grade-holds", amount, "ΔE2000")


def _of_formats(left: ShotPictures, right: ShotPictures) -> Iterator[Finding]:
    sizes = {"left": [left.width, left.height], "right": [right.width, right.height]}
    if (left.width > left.height) != (right.width > right.height):
        yield Finding("orientation", detail=sizes)
    elif sizes["left"] != sizes["right"]:
        yield Finding("size", detail=sizes)
    if left.fps and right.fps and abs(right.fps / left.fps - 1) > SAME_RATE_WITHIN:
        yield Finding("frame-rate", detail={"left": round(left.fps, 3), "right": round(right.fps, 3)})
