"""What lets somebody else, or a script, in."""

from typing import NotRequired, TypedDict

from sessions_app.api.v2.dto.basic import RationalDto
from sessions_app.enums import ShareOrigin, ShareScope, TokenScope


class ShareLinkDto(TypedDict):
    """A link that shows this scene, or its prompt, to whoever has it."""

    id: str
    url: str
    sessionId: str
    scope: ShareScope
    origin: ShareOrigin
    isValid: bool
    createdAt: str
    expiresAt: str | None
    revokedAt: str | None


class SharedPromptDto(TypedDict):
    """The words of a shared scene."""

    title: str | None
    input: str
    output: str | None


class SharedShotDto(TypedDict):
    """One shot of a shared scene. ``posterUrl`` works with the link alone; null where there is no clip. The clip itself is not
    handed out: files of strangers are shown re-encoded only."""

    sequenceIndex: int
    userPrompt: str
    posterUrl: str | None
    width: int | None
    height: int | None
    duration: RationalDto | None
    durationSeconds: float | None


class SharedSessionDto(TypedDict):
    """A scene as a share link shows it. What the link does not cover is absent."""

    name: str
    description: str
    scope: ShareScope
    prompt: NotRequired[SharedPromptDto]
    shots: NotRequired[list[SharedShotDto]]


class TokenDto(TypedDict):
    """A script's key. Only ``prefix``, its first characters, is ever shown again."""

    id: str
    name: str
    prefix: str
    scopes: list[TokenScope]
    createdAt: str
    lastUsedAt: str | None
    expiresAt: str | None
    revokedAt: str | None


class NewTokenDto(TokenDto):
    """A key that was just made. ``secret`` is shown this once: keep it where only the script can read it."""

    secret: str
