"""Who you are here, what you may spend, and what the models can do."""

from typing import TypedDict

from continuity.enums import ShotMode
from sessions_app.api.v2.dto.basic import MoneyDto
from sessions_app.enums import TokenScope


class BudgetDto(TypedDict):
    """What you may spend this month. ``limit`` and ``left`` null: no limit. ``reserved`` is held by what is being made."""

    month: str
    limit: MoneyDto | None
    reserved: MoneyDto
    spent: MoneyDto
    left: MoneyDto | None


class LimitsDto(TypedDict):
    """What this installation allows. ``jobsRunning`` of your ``jobsAtOnce`` are at work now."""

    jobsAtOnce: int
    jobsRunning: int
    uploadMaxBytes: int
    listMax: int


class ThrottlesDto(TypedDict):
    """How often you may ask, such as ``600/min``; null: as often as you like."""

    read: str | None
    write: str | None
    generate: str | None
    signIn: str | None


class MeDto(TypedDict):
    """You. ``scopes``: what the key that asked may do; all of them when you are signed in in a browser."""

    id: str
    username: str
    email: str
    isStaff: bool
    scopes: list[TokenScope]
    budget: BudgetDto
    limits: LimitsDto
    throttles: ThrottlesDto


class LengthsDto(TypedDict):
    """How long a clip can be. ``oneOf`` empty: any length from ``low`` to ``high``."""

    low: float
    high: float
    oneOf: list[float]


class SidesDto(TypedDict):
    """The smallest and the largest even side, where every size between is made."""

    low: int
    high: int


class PriceDto(TypedDict):
    """The price of a second of video. ``size`` ``any``: of every size."""

    size: str
    perSecond: MoneyDto


class ModelDto(TypedDict):
    """A model and what it can do. ``missing`` says what stands in its way here, empty when nothing does."""

    id: str
    label: str
    provider: str
    modes: list[ShotMode]
    startImage: bool
    endImage: bool
    referenceImages: int
    native: bool
    seconds: LengthsDto
    sizes: list[str]
    anySide: SidesDto | None
    fps: list[int]
    audio: bool
    seed: bool
    promptMax: int
    prices: list[PriceDto]
    priceVersion: str
    isAvailable: bool
    missing: str


class LinksDto(TypedDict):
    """Where everything begins."""

    self: str
    sessions: str
    jobs: str
    assets: str
    styleTemplates: str
    models: str
    tokens: str
    me: str
    docs: str
    openapi: str
