"""Where a shot stands: sparse ranks, so that a move or an insert writes one row, and new ones for all when a gap is used up.

Three kinds of writers, who never wait for each other in a ring:
- A move writes its one row, without having locked anything, and then the session. Its rank is odd.
- An insert holds the session first, and then writes a row that nobody else knows. Its rank is even, so that it never waits for
  a move that waits for the session.
- Who writes other or many ranks holds every shot first and the session then, as in the order of locks everywhere.
"""

from collections.abc import Callable, Mapping
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from django.db import IntegrityError, connections, transaction
from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan, IsNull, LessThan
from django.db.models.sql import UpdateQuery

from continuity.models import Shot
from continuity.models.scene import RANK_STEP
from continuity.services.errors import Refused
from prompts.expectations import count_edit

if TYPE_CHECKING:
    from sessions_app.models import Session

Answer = TypeVar("Answer")
SHIFT = 2**50
"""Ranks that are about to change are first put so far away that none of them meets a new one."""
BATCH = 400
"""Ranks per UPDATE."""
ODD_NEEDS = 3
"""In a gap wider than this there is always an odd rank at or right after the middle, whichever way the half is rounded."""
TRIES = 20
"""How often a place is looked for: each time somebody else took it in the same moment."""


class PlaceTaken(Exception):
    """Somebody else placed a shot in this moment: roll back and look again."""


class NoRoom(Exception):
    """The gap is used up: roll back, renumber, and look again."""


class Standing(NamedTuple):
    """A shot and its rank, as they were read."""

    shot_id: str
    rank: int
    is_deleted: bool = False


class Gap(NamedTuple):
    """Between which two living shots something is to stand; None = there is none on that side."""

    left: Standing | None
    right: Standing | None

    def rank(self) -> int:
        """An even rank in the gap. Raises NoRoom."""
        if self.left is None:
            return _even(RANK_STEP if self.right is None else self.right.rank - RANK_STEP)
        if self.right is None:
            return _even(self.left.rank + RANK_STEP)
        between = _even((self.left.rank + self.right.rank) // 2)
        if between <= self.left.rank:
            raise NoRoom
        return between


def placing(attempt: Callable[[], Answer]) -> Answer:
    """``attempt`` in a transaction, and again while somebody else takes the place that it found. May raise NoRoom."""
    for _ in range(TRIES):
        try:
            # In a copy: which version the caller has seen is to be checked again by the next attempt.
            return copy_context().run(_in_transaction, attempt)
        except PlaceTaken:
            continue
        except IntegrityError as error:
            if "rank" not in str(error):
                raise
    raise Refused("busy", "The shots of this scene are being moved by several people at once: try again in a moment.")


def gap_at(session_id: str, position: int | None, *, without: str = "") -> Gap:
    """The gap in which a shot stands that is to have ``position`` (0-based, None = the end) among the living ones, ``without``
    not counted. Refused for a position beyond the end."""
    rows = Shot.objects.filter(session_id=session_id).exclude(pk=without).values_list("pk", "rank")
    if position is None:
        last = rows.order_by("-rank").first()
        return Gap(Standing(*last) if last else None, None)
    around = [Standing(*row) for row in rows.order_by("rank")[max(0, position - 1) : position + 1]]
    if position == 0:
        return Gap(None, around[0] if around else None)
    if not around:
        raise _no_such_position(rows.count())
    return Gap(around[0], around[1] if len(around) > 1 else None)


def gap_around(session_id: str, rank: int, *, without: str) -> Gap:
    """The gap in which ``rank`` lies, ``without`` (the shot that stands there) not counted."""
    others = Shot.objects.filter(session_id=session_id).exclude(pk=without).values_list("pk", "rank")
    left, right = others.filter(rank__lt=rank).order_by("-rank").first(), others.filter(rank__gt=rank).order_by("rank").first()
    return Gap(Standing(*left) if left else None, Standing(*right) if right else None)


def hold_shots(session_id: str) -> list[Standing]:
    """Every shot of the scene in order, deleted ones too, held until the transaction ends. By their ids, so that two who do this
    never wait for each other in a ring."""
    rows = Shot.all_objects.filter(session_id=session_id).select_for_update(no_key=True).order_by("pk")
    standings = [Standing(pk, rank, at is not None) for pk, rank, at in rows.values_list("pk", "rank", "deleted_at")]
    return sorted(standings, key=lambda row: (row.rank, row.is_deleted))


def hold_session(session: "Session") -> None:
    """Hold the session until the transaction ends: nobody else inserts a shot."""
    type(session).all_objects.select_for_update(no_key=True).get(pk=session.pk)


def hold(session: "Session") -> list[Standing]:
    """``hold_shots``, and the session with them: nobody else places a shot. Raises PlaceTaken when one was added meanwhile."""
    standings = hold_shots(session.pk)
    hold_session(session)
    if set(Shot.all_objects.filter(session=session).values_list("pk", flat=True)) != {row.shot_id for row in standings}:
        raise PlaceTaken
    return standings


def renumber(session: "Session") -> None:
    """Room everywhere again, in the same order. Deleted shots keep their place among the others, to be restored there."""
    write_ranks({row.shot_id: number * RANK_STEP for number, row in enumerate(hold(session), start=1)})


def write_ranks(ranks: Mapping[str, int]) -> None:
    """Give many shots new ranks: one shift out of the way, then one UPDATE per BATCH of them."""
    Shot.all_objects.filter(pk__in=ranks).update(rank=F("rank") + SHIFT)
    rows = list(ranks.items())
    for start in range(0, len(rows), BATCH):
        batch = dict(rows[start : start + BATCH])
        whens = [When(pk=shot_id, then=Value(rank)) for shot_id, rank in batch.items()]
        Shot.all_objects.filter(pk__in=batch).update(rank=Case(*whens, output_field=BigIntegerField()))


def move_in_one_statement(shot: Shot, position: int) -> int | None:
    """Write the rank that puts ``shot`` at ``position``, counting the edit, and answer it: one statement whatever the number of
    shots. None = ``shot`` is not what was read any more. IntegrityError = there is no room there, or no such position."""
    told: list[int] = []
    rows = _TellingRank(Shot, told=told).filter(deleted_at=None, rank=shot.rank)
    count_edit(rows, shot.pk, rank=_rank_at(shot, position))
    return told[0] if told else None


def _rank_at(shot: Shot, position: int) -> Coalesce | Case:
    """Its own rank where it stands there already, NULL where it cannot stand."""
    others = Shot.objects.filter(session_id=shot.session_id).exclude(pk=shot.pk).order_by("rank").values("rank")
    right = Subquery(others[position : position + 1])
    if position == 0:
        nearer = Case(When(rank__lt=right, then=F("rank")), default=(right - RANK_STEP).bitor(1))
        return Coalesce(nearer, F("rank"), output_field=BigIntegerField())
    left = Subquery(others[position - 1 : position])
    is_last = IsNull(right, True)
    return Case(
        When(Q(GreaterThan(F("rank"), left)) & (Q(is_last) | Q(LessThan(F("rank"), right))), then=F("rank")),
        When(is_last, then=(left + RANK_STEP).bitor(1)),
        When(GreaterThan(right - left, ODD_NEEDS), then=((left + right) / 2).bitor(1)),
        default=None,
        output_field=BigIntegerField(),
    )


class _TellingRank(QuerySet[Shot]):
    """Rows whose UPDATE also answers the ranks that it wrote, into ``told``: a move has no statement to spare."""

    def __init__(self, *args: Any, told: list[int] | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.told = [] if told is None else told

    def _clone(self) -> "_TellingRank":
        clone: _TellingRank = super()._clone()  # type: ignore[misc]
        clone.told = self.told
        return clone

    def update(self, **columns: Any) -> int:
        query = cast(UpdateQuery, self.query.chain(UpdateQuery))
        query.add_update_values(columns)
        statement, params = query.get_compiler(self.db).as_sql()
        with connections[self.db].cursor() as cursor:
            cursor.execute(f"{statement} RETURNING rank", params)
            ranks = [int(rank) for (rank,) in cursor.fetchall()]
        self.told.extend(ranks)
        return len(ranks)


def _in_transaction(attempt: Callable[[], Answer]) -> Answer:
    with transaction.atomic():
        return attempt()


def _even(rank: int) -> int:
    return rank - rank % 2


def _no_such_position(count: int) -> Refused:
    return Refused("no_such_position", f"There is no such place in this scene: choose a position from 0 to {count}.")
