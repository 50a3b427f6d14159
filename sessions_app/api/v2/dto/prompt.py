"""The prompt half of a session."""

from typing import Any, NotRequired, TypedDict


class PromptVersionDto(TypedDict):
    """One saved wording, which never changes. ``generations`` are records of an older system, shown and never made anew."""

    id: str
    number: int
    label: str | None
    input: str
    output: str | None
    generationParams: dict[str, Any]
    keyframes: list[Any]
    highlightCache: Any
    generations: list[Any]
    userId: str | None
    createdAt: str | None


class PromptDto(TypedDict):
    """The prompt half. ``input`` are your words, ``output`` what became of them. ``uuid`` is the share id of an older system."""

    input: str
    output: str | None
    uuid: str | None
    title: str | None
    targetModel: str | None
    mode: str | None
    generationParams: dict[str, Any]
    keyframes: list[Any]
    highlightCache: Any
    brainstorm: Any
    score: float | None
    currentVersionId: str | None
    version: int
    versions: NotRequired[list[PromptVersionDto]]
