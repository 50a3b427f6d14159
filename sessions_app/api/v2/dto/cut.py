"""What was measured between takes, and what was done about it."""

from enum import StrEnum
from typing import Any, Literal, TypedDict

from continuity.enums import Band, BridgeKind, GradeState
from sessions_app.api.v2.dto.media import FrameDto


class CutStatus(StrEnum):
    """What stands between two shots now."""

    MATCHES = "matches"
    CHECK = "check"
    JUMP = "jump"
    STALE = "stale"
    MEASURING = "measuring"
    NOT_MEASURED = "not-measured"
    NO_CLIP = "no-clip"


class FindingDto(TypedDict):
    """One thing that differs, for programs; the cut's ``sentences`` say it in the words of film."""

    code: str
    amount: float | None
    unit: str | None
    isCertain: bool


class NotMeasuredDto(TypedDict):
    """One thing that nobody measured, and why."""

    key: str
    reason: str


class AcceptanceDto(TypedDict):
    """Somebody looked at this cut and wants it as it is."""

    userId: str | None
    at: str
    note: str


class GateDto(TypedDict):
    """What the scene's quality gate says of a cut. ``score`` is without the aspects that the shot wants different."""

    verdict: Literal["passed", "not-passed", "rejected", "not-measured"]
    score: float | None
    threshold: float
    sentence: str


class CutDto(TypedDict):
    """The cut between two neighbouring shots, as their chosen takes are now.

    ``id`` null: it was not measured yet. ``score`` 0-1; ``reason`` says why there is none. ``parts`` add up to the logit of the
    score. ``gate`` null: the scene has none, or the shot is not to follow the others.
    """

    id: str | None
    leftShotId: str
    rightShotId: str
    leftTakeId: str | None
    rightTakeId: str | None
    status: CutStatus
    isStale: bool
    score: float | None
    band: Band | None
    reason: str | None
    metric: str
    parts: dict[str, float]
    bridgeKind: BridgeKind | None
    ncc: float | None
    drift: dict[str, Any]
    findings: list[FindingDto]
    sentences: list[str]
    notMeasured: list[NotMeasuredDto]
    gate: GateDto | None
    accepted: AcceptanceDto | None
    jobId: str | None
    measuredAt: str | None


class DriftPointDto(TypedDict):
    """One shot of the drift ledger. Scores 0-1, ``deltaEToBase`` ΔE2000; null = not measured. ``isOverridden``: you asked for
    this shot to differ, so it does not count."""

    shotId: str
    sequenceIndex: int
    takeId: str
    scoreToPrevious: float | None
    scoreToBase: float | None
    deltaEToBase: float | None
    band: Band | None
    isOverridden: bool
    chainLength: int


class DriftDto(TypedDict):
    """Whether the scene's look walks away from its base. ``slope`` in ΔE2000 per shot; ``advice`` says when to anchor it anew,
    empty when there is no need."""

    baseTakeId: str | None
    points: list[DriftPointDto]
    slope: float | None
    limit: float
    chainLimit: int
    advice: str


class GradeDto(TypedDict):
    """A correction of one take, or the reason why none is given. ``previewUrl``: the take with it, once it is rendered."""

    id: str
    takeId: str
    state: GradeState
    strength: float
    deltaEBefore: float | None
    deltaEAfter: float | None
    guards: dict[str, Any]
    refusedReason: str | None
    lutUrl: str | None
    previewUrl: str | None
    sourceFrame: FrameDto
    referenceFrame: FrameDto
    userId: str | None
    createdAt: str
