"""The verbs that edit shots: add, change, move, put in order, duplicate, delete and restore. Each can be undone, none is paid."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from continuity.enums import LIVE_JOB_STATES, JobKind
from continuity.jobs import create
from continuity.models import Frame, Job, Shot
from continuity.services import cuts, generation, proxies, ranks
from continuity.services.columns import as_data
from continuity.services.errors import Refused
from continuity.services.ranks import Gap, Standing

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from sessions_app.models import Session

INHERITS = ("inherit_colour", "inherit_lighting", "inherit_atmosphere", "inherit_technical")
SHOT_COLUMNS = frozenset(
    {
        *("user_prompt", "mode", "inject", "model", "seed", "params", "style_overrides", "camera", "bridge_from", "start_image"),
        *INHERITS,
    }
)
"""What a person may set of a shot."""
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""As JSON writes it; PostgreSQL keeps none."""
KEPT_BY_THE_PADLOCK = frozenset({"bridge_from", "camera"})
"""What a locked shot started from; its words may still be edited."""


def add_shot(*, session: "Session", user_prompt: str, by: "User", position: int | None = None, **columns: Any) -> Shot:
    """A new shot at ``position`` (0-based; None = the end of the scene). ``columns`` are those of SHOT_COLUMNS.

    Refused for a prompt no model can be sent, a bridge from another scene or from no earlier shot, a start image of somebody
    else, and a position beyond the end.
    """
    _require_known(columns)
    proxies.require_visible(session_id=session.pk, camera=columns.get("camera", {}))
    shot = Shot(session=session, user_prompt=user_prompt, created_at=timezone.now(), **columns)
    _require_fitting(shot, {"user_prompt", *columns})

    def at_position() -> Gap:
        return ranks.gap_at(session.pk, position)

    return _inserted(shot, at_position, verb="shot.add", by=by)


def duplicate_shot(*, shot: Shot, by: "User") -> Shot:
    """The shot once more, right after it: its words and settings, none of its takes, no padlock."""
    columns = {name: getattr(shot, name) for name in SHOT_COLUMNS}
    twin = Shot(session=shot.session, prompt_version_id=shot.prompt_version_id, created_at=timezone.now(), **columns)

    def right_after() -> Gap:
        rank = Shot.objects.filter(pk=shot.pk).values_list("rank", flat=True).first()
        if rank is None:
            raise _deleted()
        return Gap(Standing(shot.pk, rank), ranks.gap_around(shot.session_id, rank, without=shot.pk).right)

    return _inserted(twin, right_after, verb="shot.duplicate", by=by)


def change_shot(*, shot: Shot, by: "User", **columns: Any) -> Shot:
    """Change columns of SHOT_COLUMNS; what is being made goes on as it was asked for. What stays the same is no edit.

    Refused as in ``add_shot``, for a camera that the scene's proxy cannot follow, and for a locked shot's start.
    """
    _require_known(columns)
    if columns.get("camera", shot.camera) != shot.camera:
        proxies.require_visible(session_id=shot.session_id, camera=columns["camera"])
    with transaction.atomic():
        row = held(shot)
        changed = {name: value for name, value in columns.items() if getattr(row, name) != value}
        if not changed:
            return row
        before = as_data(row, changed)
        for name, value in changed.items():
            setattr(row, name, value)
        _require_fitting(row, changed.keys())
        if row.locked and KEPT_BY_THE_PADLOCK & changed.keys():
            raise Refused("shot_locked", "This shot is locked: unlock it to change what it starts from.")
        row.save(update_fields=[*changed])
        if "bridge_from" in changed:
            create.wake_waiters(row.session_id)
        row.edit("shot.change", by=by, before=before, after=as_data(row, changed))
    return row


def move_shot(*, shot: Shot, position: int, by: "User") -> Shot:
    """Put the shot at ``position`` (0-based) among the living ones: one row changes. Where it stands already, nothing does.

    A cut that two shots come to by this is measured when it is next asked for.
    """
    try:
        with transaction.atomic():
            rank = ranks.move_in_one_statement(shot, position)
            if rank is None:
                raise ranks.PlaceTaken  # rolled back: PostgreSQL holds a row that it waited for, though it did not write it
            return _moved(shot, rank, by=by)
    except _StandsThere:
        return shot
    except (IntegrityError, ranks.PlaceTaken):
        pass  # no room there, no such position, or somebody else took it: look, and say so
    return ranks.placing(lambda: _moved_slowly(shot, position, by=by))


def place_shot(*, shot: Shot, position: int, by: "User") -> Shot:
    """``move_shot``, and then what follows from the new order: parked jobs look again, new cuts are measured."""
    moved = move_shot(shot=shot, position=position, by=by)
    follow_up(shot.session, by=by)
    shot.session.revise()  # its cuts may be shown as being measured
    return moved


def move_to_rank(*, shot: Shot, rank: int, by: "User") -> Shot:
    """Put the shot back to the very rank it had. Refused when another one stands there now."""

    def attempt() -> Shot:
        if any(row.rank == rank and not row.is_deleted and row.shot_id != shot.pk for row in ranks.hold(shot.session)):
            raise Refused("place_taken", "Another shot stands there now: move this one by hand.")
        return _put_at(held(shot), rank, by=by)

    return ranks.placing(attempt)


def reorder(*, session: "Session", order: Sequence[str], by: "User") -> None:
    """Put every living shot of the scene in this order of ids; the places of deleted ones stay. Nothing is written when they
    stand so. Refused unless ``order`` names each of them once."""

    def attempt() -> None:
        living = [row for row in ranks.hold(session) if not row.is_deleted]
        before = [row.shot_id for row in living]
        if sorted(order) != sorted(before):
            raise Refused("not_a_permutation", "The order has to name every shot of the scene once: read the scene again.")
        placed = {shot_id: row.rank for shot_id, row in zip(order, living, strict=True) if shot_id != row.shot_id}
        if placed:
            ranks.write_ranks(placed)
            follow_up(session, by=by)
            session.edit("shots.reorder", by=by, target=session, before={"order": before}, after={"order": [*order]})

    ranks.placing(attempt)


def delete_shot(*, shot: Shot, by: "User") -> None:
    """Take the shot out of the scene; it keeps its takes and can be restored. Later shots that bridged from it start from the
    one before them. Refused while a take of it is being made."""
    with transaction.atomic():
        row = held(shot)
        live = Job.objects.filter(shot=row, kind=JobKind.GENERATE, state__in=LIVE_JOB_STATES).first()
        if live is not None:
            sentence = "A take of this shot is being made: cancel it, or wait, then delete the shot."
            raise Refused("shot_is_being_made", sentence, job_id=live.pk)
        Shot.objects.filter(pk=row.pk).update(deleted_at=Now())
        follow_up(row.session, by=by)
        row.edit("shot.delete", by=by, before={"deleted": False}, after={"deleted": True})


def restore_shot(*, shot: Shot, by: "User") -> Shot:
    """Put a deleted shot back at its place, with its takes; where another one stands there now, right after that one."""

    def attempt() -> Shot:
        ranks.hold(shot.session)
        row = Shot.all_objects.select_related("session").get(pk=shot.pk)
        if row.deleted_at is None:
            raise Refused("shot_not_deleted", "This shot is not deleted: there is nothing to restore.")
        row.rank, row.deleted_at = _place_to_return_to(row), None
        Shot.all_objects.filter(pk=row.pk).update(deleted_at=None, rank=row.rank)
        follow_up(row.session, by=by)
        row.edit("shot.restore", by=by, before={"deleted": True}, after={"deleted": False})
        return row

    return ranks.placing(attempt)


def held(shot: Shot) -> Shot:
    """The living shot as it is now, held until the caller's transaction ends. Refused when it was deleted meanwhile."""
    rows = Shot.objects.select_for_update(no_key=True, of=("self",)).select_related("session__owner")
    row = rows.filter(pk=shot.pk).first()
    if row is None:
        raise _deleted()
    return row


def _inserted(shot: Shot, find: Callable[[], Gap], *, verb: str, by: "User") -> Shot:
    def insert() -> Shot:
        ranks.hold_session(shot.session)
        shot.rank = find().rank()
        _require_earlier(shot, shot.bridge_from)
        shot.save(force_insert=True)
        shot.session.edit(verb, by=by, target=shot, before={"deleted": True}, after={"deleted": False})
        return shot

    def make_room_and_insert() -> Shot:
        ranks.renumber(shot.session)
        return insert()

    try:
        return ranks.placing(insert)
    except ranks.NoRoom:
        return ranks.placing(make_room_and_insert)


class _StandsThere(Exception):
    """Rolls back: the shot is at its place already."""


def _moved(shot: Shot, rank: int, *, by: "User") -> Shot:
    if rank == shot.rank:
        raise _StandsThere
    before = as_data(shot, ["rank"])
    shot.session.edit("shot.move", by=by, target=shot, before=before, after={"rank": rank})
    shot.rank = rank
    return shot


def _moved_slowly(shot: Shot, position: int, *, by: "User") -> Shot:
    ranks.hold(shot.session)
    row, gap = held(shot), ranks.gap_at(shot.session_id, position, without=shot.pk)
    if ranks.gap_around(row.session_id, row.rank, without=row.pk) == gap:
        return row
    try:
        rank = gap.rank()
    except ranks.NoRoom:
        ranks.renumber(shot.session)
        row, rank = held(shot), ranks.gap_at(shot.session_id, position, without=shot.pk).rank()
    return _put_at(row, rank, by=by)


def _put_at(row: Shot, rank: int, *, by: "User") -> Shot:
    before = as_data(row, ["rank"])
    Shot.objects.filter(pk=row.pk).update(rank=rank)
    row.rank = rank
    row.edit("shot.move", by=by, before=before, after={"rank": rank})
    return row


def _place_to_return_to(shot: Shot) -> int:
    """Its own rank, else one right after the shot that has it now."""
    if not Shot.objects.filter(session_id=shot.session_id, rank=shot.rank).exists():
        return shot.rank
    after = ranks.gap_around(shot.session_id, shot.rank, without=shot.pk).right
    try:
        return Gap(Standing("", shot.rank), after).rank()
    except ranks.NoRoom:  # then there is a rank of its own, right after the other's
        ranks.renumber(shot.session)
        return Shot.all_objects.values_list("rank", flat=True).get(pk=shot.pk)


def follow_up(session: "Session", *, by: "User") -> None:
    """The order is another one: what waits looks again, and cuts that are new are measured. Free; a move leaves it to its
    caller, so that dragging one of a thousand shots stays four statements."""
    with transaction.atomic():
        create.wake_waiters(session.pk)
        cuts.request_missing(session=session, by=by)


def _require_known(columns: Mapping[str, Any]) -> None:
    unknown = columns.keys() - SHOT_COLUMNS
    if unknown:
        raise TypeError(f"A shot has no {', '.join(sorted(unknown))}.")


def _require_fitting(shot: Shot, names: Any) -> None:
    """Refused for what the columns cannot hold, and for rows of others."""
    generation.require_prompt(shot.user_prompt)
    checked = {name for name in names if name not in ("bridge_from", "start_image")}
    try:
        shot.clean_fields(exclude={field.name for field in shot._meta.fields} - checked)
    except ValidationError as error:
        name, (message, *_) = next(iter(error.message_dict.items()))
        raise Refused("shot_invalid", f"A shot cannot have this {name}: {message}") from error
    _require_storable([shot.params, shot.style_overrides, shot.camera])
    _require_own(shot.session, start_image=shot.start_image if "start_image" in names else None)
    if "bridge_from" in names:
        _require_earlier(shot, shot.bridge_from)


def _require_storable(settings: list[Any]) -> None:
    """Refused for what no database keeps as JSON: half a surrogate pair, NUL, not a number."""
    try:
        written = json.dumps(settings, ensure_ascii=False, allow_nan=False)
        written.encode()
    except ValueError:
        written = "\\u0000"
    if NUL.search(written):
        raise Refused("shot_invalid", "A setting holds a broken character or no number: write plain text and finite numbers.")


def _require_earlier(shot: Shot, source: Shot | None) -> None:
    if source is None:
        return
    if source.session_id != shot.session_id:
        raise Refused("bridge_of_another_scene", "A shot can only continue a shot of its own scene: choose one of this scene.")
    if shot.rank is not None and source.rank >= shot.rank:
        raise Refused("bridge_not_earlier", "A shot can only start from an earlier shot of its scene: choose one before it.")


def _require_own(session: "Session", *, start_image: Frame | None) -> None:
    if start_image is not None and start_image.asset.owner_id != session.owner_id:
        raise Refused("start_image_of_another_owner", "This start image is not yours: upload the picture to this scene first.")


def _deleted() -> Refused:
    return Refused("shot_deleted", "This shot is deleted: restore it first.")
