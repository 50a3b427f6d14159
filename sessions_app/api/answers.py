"""What a view hands back, before it is rendered."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Answer:
    """``body`` is plain JSON data, None = no body."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class NotModified(Exception):
    """The caller has this very answer already. ``args[0]`` is its tag."""


def accepted(job: Any) -> Answer:
    """202 with the job that does the work, and where to ask how it goes. ``job`` is a JobDto."""
    return Answer(job, status=202, headers={"Location": f"/api/v2/jobs/{job['id']}", "Retry-After": "1"})


def created(body: Any, location: str) -> Answer:
    return Answer(body, status=201, headers={"Location": location})
