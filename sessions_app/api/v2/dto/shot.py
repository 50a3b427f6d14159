"""One shot of a scene."""

from typing import Any, NotRequired, TypedDict

from continuity.enums import ChosenBy, ShotMode, ShotStyleSource
from continuity.shot_status import ShotStatus
from sessions_app.api.v2.dto.media import AssetRefDto, FrameDto
from sessions_app.api.v2.dto.take import ParamsDto, TakeDto


class CameraDto(TypedDict, total=False):
    """Where the shot looks at the scene's proxy from: ``yaw`` (right) and ``pitch`` (up) as a share of the frame, ``dolly`` as
    zoom. Empty: it does not."""

    yaw: float
    pitch: float
    dolly: float


class ShotDto(TypedDict):
    """One shot. What is null in a setting is as the scene says; ``effectiveMode`` and ``effectiveModel`` are what comes of it.

    ``status`` ``done`` with ``isLive``: it has a clip, and another take is being made. ``isStale``: the chosen take started
    from a take that is no longer the chosen one. ``progress`` 0-1, null when nobody knows.
    """

    id: str
    url: str
    sessionId: str
    sequenceIndex: int
    userPrompt: str
    status: ShotStatus
    statusNote: str
    isLive: bool
    progress: float | None
    jobId: str | None
    continuityMode: ShotMode | None
    effectiveMode: ShotMode
    useFrameBridge: bool
    injectStyle: bool | None
    model: str | None
    effectiveModel: str
    seed: int | None
    params: ParamsDto
    styleOverrides: dict[str, Any]
    inheritColour: bool | None
    inheritLighting: bool | None
    inheritAtmosphere: bool | None
    inheritTechnical: bool | None
    camera: CameraDto
    bridgeFromShotId: str | None
    startImageId: str | None
    styleSource: ShotStyleSource
    locked: bool
    chosenTakeId: str | None
    chosenBy: ChosenBy
    takeCount: int
    isStale: bool
    injectedPrompt: str | None
    video: AssetRefDto | None
    firstFrame: FrameDto | None
    lastFrame: FrameDto | None
    version: int
    createdAt: str | None
    deletedAt: str | None
    takes: NotRequired[list[TakeDto]]
