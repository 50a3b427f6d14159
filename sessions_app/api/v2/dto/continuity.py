"""The continuity half of a session: its settings, its look, its shots."""

from typing import NotRequired, TypedDict

from continuity.enums import (
    BaseStyleSource,
    GenerationMode,
    InjectionPosition,
    InjectionStrength,
    ProxyKind,
    ProxyState,
    ShotMode,
)
from sessions_app.api.v2.dto.cut import CutDto
from sessions_app.api.v2.dto.media import FrameDto
from sessions_app.api.v2.dto.shot import ShotDto
from sessions_app.api.v2.dto.style import StyleDto


class SettingsDto(TypedDict):
    """How a scene's shots are made to follow each other. ``defaultModel`` empty: the installation's own."""

    generationMode: GenerationMode
    defaultContinuityMode: ShotMode
    defaultStyleStrength: float
    injectionStrength: InjectionStrength
    injectionPosition: InjectionPosition
    inheritColour: bool
    inheritLighting: bool
    inheritAtmosphere: bool
    inheritTechnical: bool
    autoExtractStyle: bool
    autoFrameBridge: bool
    defaultModel: str
    previewFirst: bool
    previewModel: str | None
    takesPerShot: int
    gateEnabled: bool
    gateThreshold: float
    maxRetries: int
    safeBridge: bool
    chainLimit: int
    driftLimit: float


class SceneProxyDto(TypedDict):
    """A picture of the scene that shots can look at from a little to the side."""

    id: str
    kind: ProxyKind
    state: ProxyState
    reference: FrameDto
    depthAssetId: str | None
    error: str | None
    createdAt: str | None


class ProxyPreviewDto(TypedDict):
    """The proxy from one camera. ``holeShare`` 0-1: what the reference picture does not show of it."""

    frame: FrameDto
    holeShare: float


class ContinuityDto(TypedDict):
    """The continuity half. ``baseStyleId`` is the style that goes into prompts, ``baseTakeId`` the take that "against the first
    shot" means."""

    shots: list[ShotDto]
    primaryStyleReference: FrameDto | None
    sceneProxy: SceneProxyDto | None
    settings: SettingsDto
    baseStyleId: str | None
    baseStyleSource: BaseStyleSource
    baseTakeId: str | None
    style: NotRequired[StyleDto | None]
    styles: NotRequired[list[StyleDto]]
    cuts: NotRequired[list[CutDto]]
