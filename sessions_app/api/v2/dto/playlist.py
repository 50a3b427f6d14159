"""A scene, played through."""

from typing import Literal, TypedDict

from sessions_app.api.v2.dto.basic import RationalDto
from sessions_app.api.v2.dto.job import JobDto
from sessions_app.api.v2.dto.media import AssetDto


class PlaylistItemDto(TypedDict):
    """One shot of the play list. A ``slate`` stands for a shot that has no clip yet, for its planned length; ``url`` and
    ``posterUrl`` are null there. ``start`` and ``duration`` are exact; the seconds beside them are for players."""

    kind: Literal["clip", "slate"]
    shotId: str
    sequenceIndex: int
    takeId: str | None
    title: str
    url: str | None
    posterUrl: str | None
    width: int | None
    height: int | None
    isGraded: bool
    start: RationalDto
    startSeconds: float
    duration: RationalDto
    durationSeconds: float


class PlaylistDto(TypedDict):
    """The chosen takes in order, with the grades applied to them. ``isComplete``: there is no slate among them."""

    sessionId: str
    items: list[PlaylistItemDto]
    duration: RationalDto
    durationSeconds: float
    isComplete: bool


class FilmDto(TypedDict):
    """The scene's film. ``asset`` null: there is none yet; ``isCurrent`` false: it was made from other takes or grades than those
    chosen now. ``job`` is making one; ``error`` says why the last try made none, empty when it did."""

    asset: AssetDto | None
    isCurrent: bool
    job: JobDto | None
    error: str
