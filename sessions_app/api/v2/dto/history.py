"""What people changed, and can take back."""

from typing import Any, TypedDict


class EditDto(TypedDict):
    """One change by a person. ``before`` and ``after`` hold what changed. ``undoneByEditId``: the change that took it back."""

    id: str
    number: int
    verb: str
    targetKind: str
    targetId: str
    before: dict[str, Any]
    after: dict[str, Any]
    userId: str
    isUndone: bool
    undoneByEditId: str | None
    createdAt: str
    undoneAt: str | None
