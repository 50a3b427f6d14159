"""What a shot is called while it is made and afterwards: one table for the pages, API v2 and API v1 (DATA-MODEL 4.3).

A clip that is there counts more than the take that is being made beside it; only a take that nobody knows the fate of
counts more than that, since somebody's money waits for a decision.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from continuity.enums import GenerateStep, JobState, ShotMode, ShotStyleSource, TakeState


class ShotStatus(StrEnum):
    """``status`` of a shot in API v2."""

    DRAFT = "draft"
    QUEUED = "queued"
    BLOCKED = "blocked"
    GENERATING = "generating"
    UNKNOWN = "unknown"
    DONE = "done"
    FAILED = "failed"


class LegacyShotStatus(StrEnum):
    """``status`` of a shot in API v1."""

    DRAFT = "draft"
    GENERATING_KEYFRAME = "generating-keyframe"
    GENERATING_VIDEO = "generating-video"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True)
class Row:
    """One row of the table: what a page says, what v2 says, what v1 says."""

    word: str
    status: ShotStatus
    legacy: LegacyShotStatus


DRAFT = Row("Draft", ShotStatus.DRAFT, LegacyShotStatus.DRAFT)
QUEUED = Row("Queued", ShotStatus.QUEUED, LegacyShotStatus.DRAFT)
QUEUED_AGAIN = Row("Queued", ShotStatus.QUEUED, LegacyShotStatus.GENERATING_VIDEO)
BLOCKED = Row("Blocked", ShotStatus.BLOCKED, LegacyShotStatus.GENERATING_VIDEO)
KEYFRAME = Row("Generating", ShotStatus.GENERATING, LegacyShotStatus.GENERATING_KEYFRAME)
GENERATING = Row("Generating", ShotStatus.GENERATING, LegacyShotStatus.GENERATING_VIDEO)
UNKNOWN = Row("Needs your decision", ShotStatus.UNKNOWN, LegacyShotStatus.GENERATING_VIDEO)
DONE = Row("Done", ShotStatus.DONE, LegacyShotStatus.COMPLETED)
FAILED = Row("Failed", ShotStatus.FAILED, LegacyShotStatus.FAILED)
CANCELLED = Row("Cancelled", ShotStatus.DRAFT, LegacyShotStatus.DRAFT)

STEP_WORDS: dict[str, str] = {
    GenerateStep.PREPARE: "Reading the scene",
    GenerateStep.SUBMIT: "Sending the request",
    GenerateStep.POLL: "At the provider",
    GenerateStep.FETCH: "Fetching the clip",
    GenerateStep.VERIFY: "Checking the clip",
    GenerateStep.FRAMES: "Keeping its frames",
    GenerateStep.SETTLE: "Finishing",
}


@dataclass(frozen=True)
class LiveJob:
    """What the table asks of the shot's live generate job. ``attempts`` 0 = no worker ever had it; ``mode`` of its take."""

    state: str
    step: str
    wait_reason: str | None = None
    progress_note: str = ""
    error_sentence: str | None = None
    attempts: int = 0
    mode: str = ShotMode.NONE


@dataclass(frozen=True)
class ShotState:
    """What a shot is called now. ``also`` is what a newer take is called while the shot is Done, "" = none is being made;
    ``note`` says more about whichever of the two is alive, or why the newest take failed."""

    row: Row
    note: str = ""
    also: str = ""

    @property
    def sentence(self) -> str:
        """``also`` and ``note`` as one text, for who shows only one."""
        return f"{self.also}: {self.note}" if self.also and self.note else self.also or self.note


def state_of(*, chosen: str | None, newest: str | None, error: str | None = None, job: LiveJob | None = None) -> ShotState:
    """``chosen`` and ``newest``: states of the chosen and of the newest take, None = there is none; ``error``: the newest
    take's sentence; ``job``: the shot's live generate job."""
    if job is None:
        return _resting(chosen, newest, error)
    row, note = _live(job)
    if chosen == TakeState.DONE and row is not UNKNOWN:
        return ShotState(DONE, note, also=row.word)
    return ShotState(row, note)


def _live(job: LiveJob) -> tuple[Row, str]:
    if job.state == JobState.UNKNOWN:
        return UNKNOWN, job.error_sentence or ""
    if job.state == JobState.QUEUED:
        return (QUEUED_AGAIN if job.attempts else QUEUED), ""
    if job.state == JobState.WAITING and job.wait_reason:
        return BLOCKED, job.wait_reason
    draws_keyframe = job.step == GenerateStep.PREPARE and job.mode == ShotMode.STYLE_MATCH
    return (KEYFRAME if draws_keyframe else GENERATING), job.progress_note or STEP_WORDS.get(job.step, "")


def _resting(chosen: str | None, newest: str | None, error: str | None) -> ShotState:
    if chosen == TakeState.DONE:
        return _RESTING_DONE
    if newest == TakeState.FAILED:
        return ShotState(FAILED, error or "")
    return _RESTING_CANCELLED if newest == TakeState.CANCELLED else _RESTING_DRAFT


_RESTING_DONE, _RESTING_CANCELLED, _RESTING_DRAFT = ShotState(DONE), ShotState(CANCELLED), ShotState(DRAFT)


def style_source_of(style_overrides: Mapping[str, Any], *, is_first: bool) -> ShotStyleSource:
    """The spec's ``styleSource``: the first shot is the base, overrides make it custom."""
    if style_overrides:
        return ShotStyleSource.CUSTOM
    return ShotStyleSource.BASE if is_first else ShotStyleSource.INHERITED
