"""Work that is being done."""

from typing import Any, TypedDict

from continuity.enums import JobKind, JobState
from sessions_app.api.v2.dto.basic import ReasonDto
from sessions_app.api.v2.dto.take import CostDto


class JobLinksDto(TypedDict):
    """Where the job and what it works on are found."""

    self: str
    session: str | None
    shot: str | None
    take: str | None


class JobDto(TypedDict):
    """One piece of work. Ask ``links.self`` again while ``isLive``; ``progress`` 0-1, null when nobody knows.

    ``waitingReason``: what it waits for. ``result`` names what came of it, by id. ``error``: why it failed, or why nobody knows
    what became of it (state ``unknown``).
    """

    id: str
    kind: JobKind
    state: JobState
    isLive: bool
    step: str
    progress: float | None
    progressNote: str
    waitingReason: str | None
    waitsForJobId: str | None
    isCancelRequested: bool
    sessionId: str | None
    shotId: str | None
    takeId: str | None
    attempts: int
    maxAttempts: int
    cost: CostDto | None
    result: dict[str, Any]
    error: ReasonDto | None
    createdAt: str
    finishedAt: str | None
    links: JobLinksDto
