"""How a scene looks. Every value says where it comes from."""

from typing import Any, NotRequired, TypedDict

from continuity.enums import StyleOrigin, ValueSource
from sessions_app.api.v2.dto.basic import MoneyDto


class StyleValueDto(TypedDict):
    """One value of a style. ``value`` is null when nobody measured it; ``confidence`` 0-1, null where it has none."""

    value: Any
    source: ValueSource
    confidence: float | None
    number: NotRequired[float]
    unit: NotRequired[str]
    origin: NotRequired[str]


class StyleValuesDto(TypedDict):
    """A style by aspect and key, such as ``colour`` → ``palette.primary``."""

    colour: dict[str, StyleValueDto]
    lighting: dict[str, StyleValueDto]
    atmosphere: dict[str, StyleValueDto]
    technical: dict[str, StyleValueDto]


class StyleDto(TypedDict):
    """One version of a scene's style, which never changes. ``lockedKeys`` (``aspect.key``) survive what is measured later."""

    id: str
    sessionId: str
    number: int
    origin: StyleOrigin
    parentId: str | None
    values: StyleValuesDto
    stylePromptFragment: str
    sourceTakeId: str | None
    lockedKeys: list[str]
    userId: str | None
    createdAt: str | None


class StyleTemplateDto(TypedDict):
    """A style that you saved under a name, to start other scenes from."""

    id: str
    name: str
    values: StyleValuesDto
    createdAt: str


class ExtractedStyleDto(TypedDict):
    """What was measured of one file. ``extractor`` names the method and its version."""

    id: str
    extractor: str
    values: StyleValuesDto
    createdAt: str


class ApplyModelDto(TypedDict):
    """What making the shots of one model anew would cost."""

    model: str
    shots: int
    wouldCost: MoneyDto


class ApplyReportDto(TypedDict):
    """What applying the scene's style to all shots changes. Nothing is made anew until you ask for it: ``wouldCost`` is what
    that would come to."""

    shotIds: list[str]
    wouldCost: MoneyDto
    perModel: list[ApplyModelDto]
    sentence: str
