"""How a shot looks otherwise than its scene, and putting that aside or back for many shots at once."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F

from continuity.models import Shot
from continuity.services.columns import as_data

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from sessions_app.models import Session

Look = Mapping[str, Any]
OWN_LOOK: Look = {
    "style_overrides": {},
    "inherit_colour": None,
    "inherit_lighting": None,
    "inherit_atmosphere": None,
    "inherit_technical": None,
}
"""The columns by which a shot looks otherwise than its scene, and what they hold where it does not."""
EDIT = "style.apply_all"


def shots_of(session: "Session") -> list[Shot]:
    """The living shots in order, with their chosen takes."""
    return list(Shot.objects.filter(session=session).select_related("chosen_take").order_by("rank"))


def locked_shots_of(session: "Session") -> list[Shot]:
    """The same, locked until the caller's transaction ends: one after the other by their ids, so that nobody waits in a ring."""
    rows = Shot.objects.filter(session=session).select_related("chosen_take").order_by("pk")
    return sorted(rows.select_for_update(no_key=True, of=("self",)), key=lambda shot: shot.rank)


def put_back_overrides(*, session: "Session", by: "User", shots: Mapping[str, Look]) -> None:
    """Give shots their own looks (back): {shot id: columns of OWN_LOOK}, as one undoable edit. The undo of applying the scene's
    style to all shots, and its redo. Shots that are not there any more are passed over."""
    unknown = {name for look in shots.values() for name in look} - OWN_LOOK.keys()
    if unknown:
        raise TypeError(f"The look of a shot has no {', '.join(sorted(unknown))}.")
    with transaction.atomic():
        put_looks(session, shots, rows=locked_shots_of(session), by=by)


def put_looks(session: "Session", looks: Mapping[str, Look], *, rows: Sequence[Shot], by: "User") -> None:
    """Write ``looks`` into those of ``rows`` that they name, which the caller's transaction has locked. Counts the edit."""
    here = [row for row in rows if row.pk in looks]
    before = {row.pk: as_data(row, looks[row.pk]) for row in here}
    after = {row.pk: dict(looks[row.pk]) for row in here}
    for look, ids in _alike(after):
        Shot.objects.filter(pk__in=ids).update(**look, version=F("version") + 1)
    session.edit(EDIT, by=by, target=session, before={"shots": before}, after={"shots": after})


def _alike(looks: Mapping[str, dict[str, Any]]) -> list[tuple[dict[str, Any], list[str]]]:
    """Shots that get the same look together."""
    groups: dict[str, tuple[dict[str, Any], list[str]]] = {}
    for shot_id, look in sorted(looks.items()):
        groups.setdefault(json.dumps(look, sort_keys=True), (look, []))[1].append(shot_id)
    return list(groups.values())
