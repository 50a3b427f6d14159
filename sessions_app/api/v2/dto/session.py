"""The session: one scene."""

from typing import NotRequired, TypedDict

from continuity.enums import ActiveMode, SessionStatus
from sessions_app.api.v2.dto.continuity import ContinuityDto
from sessions_app.api.v2.dto.prompt import PromptDto


class SessionDto(TypedDict):
    """One scene, with at most one prompt half and one continuity half; a half that it has not is absent.

    ``version`` counts people's edits, ``revision`` any change. A time that nobody knows is null.
    """

    id: str
    url: str
    userId: str
    name: str
    description: str
    status: SessionStatus
    activeMode: ActiveMode
    version: int
    revision: int
    createdAt: str | None
    updatedAt: str | None
    deletedAt: str | None
    prompt: NotRequired[PromptDto]
    continuity: NotRequired[ContinuityDto]
