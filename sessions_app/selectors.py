"""Reads of the doors: the list of a person's scenes, one scene as its page shows it, and sessions with their halves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from django.db.models import Count, F, FilteredRelation, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from continuity.cut_selectors import CutProgress, SceneCuts, scene_cuts
from continuity.enums import LIVE_JOB_STATES, JobKind, JobState, TakeState
from continuity.models import Continuity, Job, Shot, Take
from continuity.selectors import FilmProgress, ShotProgress, film_progress, shot_progress
from sessions_app.access import Person, deleted_sessions, visible_sessions
from sessions_app.models import Session


def session_cards(user: Person) -> QuerySet[Session]:
    """The scenes of ``user``, last changed first, each with ``poster`` (id of the first clip, or None) and the counts
    ``shot_count``, ``done_count``, ``failed_count``, ``live_count``, ``unknown_count``: one query."""
    shots = Shot.objects.filter(session=OuterRef("pk"))
    newest_take = Take.objects.filter(shot=OuterRef("pk")).order_by("-number").values("state")[:1]
    failed = shots.filter(chosen_take=None).annotate(newest=Subquery(newest_take)).filter(newest=TakeState.FAILED)
    jobs = Job.objects.filter(session=OuterRef("pk"), kind=JobKind.GENERATE)
    first_clip = shots.filter(chosen_take__video__isnull=False).order_by("rank").values("chosen_take__video")[:1]
    return (
        visible_sessions(user)
        .annotate(
            poster=Subquery(first_clip),
            shot_count=_count(shots),
            done_count=_count(shots.filter(chosen_take__state=TakeState.DONE)),
            failed_count=_count(failed),
            live_count=_count(jobs.filter(state__in=[state for state in LIVE_JOB_STATES if state != JobState.UNKNOWN])),
            unknown_count=_count(jobs.filter(state=JobState.UNKNOWN)),
        )
        .order_by("-listed_at", "id")
    )


@dataclass(frozen=True)
class Scene:
    """One session as its page shows it. ``continuity`` None = it has no such half."""

    session: Session
    continuity: Continuity | None
    rows: Sequence[ShotProgress]
    film: FilmProgress
    measured: SceneCuts

    @cached_property
    def is_moving(self) -> bool:
        """Something on the page changes without a person doing anything."""
        is_measuring = any(cut.job is not None or cut.is_rendering for cut in self.measured.cuts)
        return is_measuring or self.film.job is not None or any(row.is_moving for row in self.rows)

    @cached_property
    def cuts(self) -> list[tuple[ShotProgress, ShotProgress, CutProgress]]:
        """Every shot with the one after it, and what was measured between them."""
        return list(zip(self.rows, self.rows[1:], self.measured.cuts, strict=False))

    @property
    def unmeasured(self) -> bool:
        """A cut between two finished shots has no number and nobody is at it."""
        return any(cut.word == "Not measured" and not cut.is_answered for cut in self.measured.cuts)

    @cached_property
    def missing_count(self) -> int:
        """Shots that have no clip and are not being made."""
        return sum(row.shot.chosen_take_id is None and row.job is None for row in self.rows)

    @cached_property
    def is_complete(self) -> bool:
        """Every shot has a finished clip, so a film can be made."""
        return bool(self.rows) and all(_has_clip(row) for row in self.rows)

    def number_of_clip(self, asset_id: str) -> int | None:
        """The place, from 1, of the shot that a clip is a take of; None = of none."""
        return next((row.number for row in self.rows if any(take.video_id == asset_id for take in row.takes)), None)

    @cached_property
    def base_source(self) -> str:
        """Where the base style was measured, such as “shot 1 take 2”; "" = it was not measured on a take of this scene."""
        take = self.continuity.base_style.source_take if self.continuity and self.continuity.base_style else None
        number = next((row.number for row in self.rows if take is not None and row.shot.pk == take.shot_id), None)
        return f"shot {number} take {take.number}" if take is not None and number is not None else ""


def _has_clip(row: ShotProgress) -> bool:
    take = row.take
    return take is not None and take.pk == row.shot.chosen_take_id and take.state == TakeState.DONE


def scene(session: Session) -> Scene:
    """Everything the scene's page says, in eleven queries however many shots there are."""
    continuity = Continuity.objects.filter(session=session).select_related("base_style__source_take").first()
    rows = shot_progress(session)
    return Scene(
        session=session,
        continuity=continuity,
        rows=rows,
        film=film_progress(session, rows),
        measured=scene_cuts(session, rows, continuity),
    )


class SessionCounts(NamedTuple):
    """What a session's entity tag is made of."""

    version: int
    revision: int


def session_counts(user: Person, session_id: str) -> SessionCounts | None:
    """None = there is no such session for ``user``. One query."""
    # One row at most, so there is nothing to sort; ``first`` would.
    found = next(iter(visible_sessions(user).filter(pk=session_id).values_list("version", "revision")), None)
    return SessionCounts(*found) if found is not None else None


def with_halves(sessions: QuerySet[Session], *, base_style: bool = False) -> QuerySet[Session]:
    """``sessions`` with their prompt and continuity halves, the style reference, and the current proxy as ``current_proxy``:
    no further query. ``base_style``: with the base style and the take that it was measured on."""
    halves = ["prompt", "continuity__primary_reference", "current_proxy__reference"]
    halves += ["continuity__base_style__source_take"] if base_style else []
    current = FilteredRelation("proxies", condition=Q(proxies__current=True))
    return sessions.annotate(current_proxy=current).select_related(*halves)


def filtered_sessions(
    user: Person,
    *,
    status: str | None = None,
    mode: str | None = None,
    q: str = "",
    has_continuity: bool | None = None,
    updated_after: datetime | None = None,
    deleted: bool = False,
) -> QuerySet[Session]:
    """The sessions of ``user`` that are all of what is asked. ``q``: the name contains this, as it stands, in either case;
    ``deleted``: the trash instead of what is there."""
    found = deleted_sessions(user) if deleted else visible_sessions(user)
    wishes = {
        "status": status,
        "active_mode": mode,
        "name__icontains": q or None,
        "updated_at__gt": updated_after,
        "continuity__isnull": None if has_continuity is None else not has_continuity,
    }
    return found.filter(**{name: value for name, value in wishes.items() if value is not None})


def _count(rows: "QuerySet[Shot] | QuerySet[Job]") -> Coalesce:
    counted = rows.order_by().annotate(of=F("session")).values("of").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
