"""Attempts at a shot, and what goes into one."""

from typing import Any, Literal, NotRequired, TypedDict

from continuity.enums import Aspect, RetryBy, ShotMode, TakeOrigin, TakePurpose, TakeState
from sessions_app.api.v2.dto.basic import MoneyDto, ReasonDto, SecondsRangeDto
from sessions_app.api.v2.dto.media import AssetRefDto, FrameDto


class ParamsDto(TypedDict, total=False):
    """What a clip is asked to be. What a shot leaves open is taken from the scene's first clip, else from the model."""

    seconds: float
    size: str
    fps: int
    audio: bool


class AddedDto(TypedDict):
    """Added words: code points ``start`` to ``end`` (exclusive) of the injected prompt say these keys."""

    start: int
    end: int
    aspect: Aspect
    keys: list[str]


class SkippedDto(TypedDict):
    """What was not added, and why. ``usersWords`` and ``usersSpan`` are set where your own words are the reason."""

    aspect: Aspect
    key: str
    reason: Literal["user-said-otherwise", "already-said", "too-long", "overridden", "unsafe"]
    text: str
    usersWords: str
    usersSpan: list[int] | None


class ConflictDto(TypedDict):
    """What was added although your own words say otherwise."""

    aspect: Aspect
    key: str
    text: str
    usersWords: str
    usersSpan: list[int]


class InjectionDto(TypedDict):
    """What style injection did to a prompt. Your own words are never changed: ``userSpans`` says where they stand."""

    userSpans: list[list[int]]
    spans: list[AddedDto]
    skipped: list[SkippedDto]
    conflicts: list[ConflictDto]
    sentence: str


class ChangeDto(TypedDict):
    """One thing that a take does differently from the settings of its shot and scene."""

    what: Literal["mode", "model", "injectionStrength", "seed", "take"]
    was: str | None
    now: str | None


class RetryChangeDto(TypedDict):
    """Why a take was made that nobody asked for."""

    by: RetryBy
    changes: list[ChangeDto]
    verdict: NotRequired[Literal["passed", "not-passed", "rejected", "not-measured"]]


class CostDto(TypedDict):
    """What work was estimated to cost, what it may still cost (``held``) and what it did cost. ``overrun`` is what a provider
    billed beyond the reservation; it is part of ``spent``."""

    estimate: MoneyDto
    held: MoneyDto
    spent: MoneyDto
    overrun: MoneyDto


class TakeDto(TypedDict):
    """One attempt at a shot, which is never overwritten. Its inputs are those it was really made from."""

    id: str
    url: str
    sessionId: str
    shotId: str
    number: int
    purpose: TakePurpose
    origin: TakeOrigin
    state: TakeState
    isChosen: bool
    userPrompt: str
    injectedPrompt: str | None
    injection: InjectionDto | None
    mode: ShotMode
    model: str
    provider: str
    mechanism: str | None
    seed: int | None
    params: dict[str, Any]
    inputFrame: FrameDto | None
    styleId: str | None
    video: AssetRefDto | None
    firstFrame: FrameDto | None
    lastFrame: FrameDto | None
    cost: CostDto | None
    jobId: str | None
    error: ReasonDto | None
    retryOfTakeId: str | None
    retryReason: str
    retryChange: RetryChangeDto | None
    requestedByUserId: str
    createdAt: str | None
    finishedAt: str | None


class GenerationPreviewDto(TypedDict):
    """What generating a shot would send and cost now. Nothing was done to say so.

    ``inputFrame`` null: it starts from no picture, or from one that is not there yet (then ``inputFrameReason`` says why).
    ``injectedPrompt`` and ``price`` null: it would be refused before that is known. ``expectedSeconds`` null: no clip of this
    model was timed yet. ``refused``: why asking for it would be refused now.
    """

    shotId: str
    purpose: TakePurpose
    userPrompt: str
    injectedPrompt: str | None
    injection: InjectionDto | None
    styleId: str | None
    mode: ShotMode
    model: str
    params: dict[str, Any]
    inputFrame: FrameDto | None
    inputFrameReason: str | None
    referenceFrame: FrameDto | None
    price: MoneyDto | None
    expectedSeconds: SecondsRangeDto | None
    waitsFor: str | None
    refused: ReasonDto | None
