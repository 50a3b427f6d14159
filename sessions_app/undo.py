"""Undo and redo: the inverse of a person's edit, through the same services that edit. Never paid work, never a worker's.

What an edit left (``Edit.after``) has to be there still; versions are not compared, or every second undo would be refused.
An undo is itself an edit, ``undo:<verb>``, and so is a redo.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Now

from continuity.enums import ChosenBy, GradeState
from continuity.models import Continuity, Cut, Frame, Grade, SceneProxy, Shot, Take
from continuity.services import cuts, grades, proxies, ranks, shots, shots_edit, style_base, style_overrides
from continuity.services.columns import as_data
from continuity.services.errors import Refused
from prompts import services as prompt_services
from prompts.models import Prompt
from sessions_app import services
from sessions_app.models import Edit, Session

DEPTH = 50
"""So many edits can be undone one after the other."""
TRIES = 3
UNDO, REDO = "undo:", "redo:"
Data = dict[str, Any]


@dataclass(frozen=True)
class Inverse:
    """How edits of one verb are taken back.

    ``now``: the columns that ``Edit.after`` names as they are now, comparable with ``told`` of it, held until the transaction
    ends; None = what was edited is not there any more. ``put``: the service that puts ``Edit.before`` back.
    """

    now: Callable[[Edit], Data | None]
    put: Callable[[Edit, User], object]
    told: Callable[[Edit], Data] = lambda edit: edit.after


def undoable(session: Session) -> list[Edit]:
    """The edits that can be undone, newest first: undoing takes them in this order."""
    return list(_undo_stack(session).select_related("by")[:DEPTH])


def redoable(session: Session) -> list[Edit]:
    """The undoings that can be taken back, newest first; none once something else was edited."""
    return list(_redo_stack(session).select_related("by")[:DEPTH])


def undo(*, session: Session, by: User) -> Edit:
    """Take the newest edit of the scene back; the edit that did so. Refused ``nothing_to_undo``, ``changed_since``, and for what
    the service refuses that puts it back."""
    nothing = Refused("nothing_to_undo", "There is nothing to undo: what was edited before is undone or too long ago.")
    return _invert(session, _undo_stack, UNDO, nothing=nothing, by=by)


def redo(*, session: Session, by: User) -> Edit:
    """Do again what was undone last; the edit that did so. Refused ``nothing_to_redo`` and as ``undo`` is."""
    nothing = Refused("nothing_to_redo", "There is nothing to do again: an undo comes first, and no other edit after it.")
    return _invert(session, _redo_stack, REDO, nothing=nothing, by=by)


def _undo_stack(session: Session) -> QuerySet[Edit]:
    verbs = [*INVERSES, *(f"{REDO}{verb}" for verb in INVERSES)]
    return Edit.objects.filter(session=session, undone_at=None, verb__in=verbs).order_by("-number")


def _redo_stack(session: Session) -> QuerySet[Edit]:
    plain = Edit.objects.filter(session=session).exclude(Q(verb__startswith=UNDO) | Q(verb__startswith=REDO))
    last = plain.aggregate(last=Max("number"))["last"] or 0
    undoings = Edit.objects.filter(session=session, undone_at=None, verb__startswith=UNDO, number__gt=last)
    return undoings.order_by("-number")


def _invert(session: Session, stack: Callable[[Session], QuerySet[Edit]], prefix: str, *, nothing: Refused, by: User) -> Edit:
    for _ in range(TRIES):
        try:
            made = _inverted(session, stack, prefix, nothing=nothing, by=by)
        except _MovedOn:
            continue
        made.refresh_from_db()
        return made
    raise Refused("busy", "Several people undo edits of this scene at once: try again in a moment.")


class _MovedOn(Exception):
    """While the edit was waited for, somebody undid it, or a worker completed it. Rolls back: what is held for it must not be
    held while another edit's shots are waited for."""


@transaction.atomic
def _inverted(session: Session, stack: Callable[[Session], QuerySet[Edit]], prefix: str, *, nothing: Refused, by: User) -> Edit:
    edit = _newest(session, stack)
    if edit is None:
        raise nothing
    verb, last = _verb(edit), _last_number(session)
    INVERSES[verb].put(edit, by)
    made = Edit.objects.filter(session=session, number__gt=last).latest("number")
    Edit.objects.filter(pk=made.pk).update(verb=f"{prefix}{verb}")
    Edit.objects.filter(pk=edit.pk).update(undone_at=Now(), undone_by_edit=made)
    return made


def _newest(session: Session, stack: Callable[[Session], QuerySet[Edit]]) -> Edit | None:
    """The edit on top of the stack, what it is about held until the transaction ends. Refused when that was changed since."""
    edit = stack(session).select_related("session").first()
    if edit is None:
        return None
    inverse = INVERSES[_verb(edit)]
    now = inverse.now(edit)
    if [edit.after] != list(stack(session).filter(pk=edit.pk).values_list("after", flat=True)):
        raise _MovedOn
    if now is None or now != inverse.told(edit):
        raise Refused("changed_since", "This was changed since by somebody: undo that first or change it by hand.")
    return edit


def _last_number(session: Session) -> int:
    return int(Edit.objects.filter(session=session).aggregate(last=Max("number"))["last"] or 0)


def _verb(edit: Edit) -> str:
    """``shot.move`` of ``undo:shot.move``."""
    return edit.verb.rpartition(":")[2]


def _columns(rows: "models.Manager[Any]", put: Callable[[Edit, User], object]) -> Inverse:
    """The inverse of an edit of one row's columns."""
    model = rows.model

    def now(edit: Edit) -> Data | None:
        row = rows.select_for_update(no_key=True, of=("self",)).filter(pk=edit.target_id).first()
        return None if row is None else {name: getattr(row, _field(model, name).attname) for name in edit.after}

    def told(edit: Edit) -> Data:
        return {name: _field(model, name).to_python(value) for name, value in edit.after.items()}

    return Inverse(now=now, put=put, told=told)


def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)


def _is_deleted(edit: Edit) -> Data | None:
    ranks.hold_shots(edit.session_id)
    shot = Shot.all_objects.filter(pk=edit.target_id).first()
    return None if shot is None else {"deleted": shot.deleted_at is not None}


def _put_deleted(edit: Edit, by: User) -> object:
    shot = Shot.all_objects.select_related("session").get(pk=edit.target_id)
    return (shots_edit.delete_shot if edit.before["deleted"] else shots_edit.restore_shot)(shot=shot, by=by)


def _rank(edit: Edit) -> Data | None:
    standing = [row for row in ranks.hold_shots(edit.session_id) if row.shot_id == edit.target_id and not row.is_deleted]
    return {"rank": standing[0].rank} if standing else None


def _order(edit: Edit) -> Data:
    return {"order": [row.shot_id for row in ranks.hold_shots(edit.session_id) if not row.is_deleted]}


def _put_shot(edit: Edit, by: User) -> object:
    related: dict[str, type[models.Model]] = {"bridge_from": Shot, "start_image": Frame}
    columns = {
        name: related[name]._default_manager.filter(pk=value).first() if name in related and value is not None else value
        for name, value in edit.before.items()
    }
    return shots_edit.change_shot(shot=_shot(edit), by=by, **columns)


def _put_choice(edit: Edit, by: User) -> None:
    shot, before = _shot(edit), edit.before
    take = Take.objects.filter(pk=before.get("chosen_take", shot.chosen_take_id)).first()
    chosen_by = ChosenBy(before.get("chosen_by", shot.chosen_by))
    shots.put_choice(shot=shot, take=take, chosen_by=chosen_by, by=by)


def _put_acceptance(edit: Edit, by: User) -> object:
    columns = {name: _field(Cut, name).to_python(value) for name, value in edit.before.items()}
    return cuts.put_acceptance(cut=Cut.objects.get(pk=edit.target_id), by=by, **columns)


def _looks(edit: Edit) -> Data:
    """The looks of the shots that were edited; a shot that is gone has none."""
    ranks.hold_shots(edit.session_id)
    wanted = edit.after["shots"]
    rows = {row.pk: row for row in Shot.objects.filter(pk__in=wanted)}
    return {"shots": {pk: as_data(rows[pk], look) for pk, look in wanted.items() if pk in rows}}


def _current_proxy(edit: Edit) -> Data:
    Session.all_objects.select_for_update(no_key=True).get(pk=edit.session_id)
    rows = SceneProxy.objects.filter(session=edit.session, current=True)
    return {"proxy": rows.values_list("pk", flat=True).first()}


def _applied(edit: Edit) -> Data | None:
    take = Take.objects.select_for_update(no_key=True).filter(grades=edit.target_id).first()
    if take is None:
        return None
    return {"applied": Grade.objects.filter(take=take, state=GradeState.APPLIED).values_list("pk", flat=True).first()}


def _put_applied(edit: Edit, by: User) -> None:
    take = Take.objects.select_related("shot__session").get(grades=edit.target_id)
    grades.put_applied(take=take, grade_id=edit.before["applied"], by=by)


def _shot(edit: Edit) -> Shot:
    return Shot.objects.select_related("session").get(pk=edit.target_id)


THERE_OR_NOT = Inverse(now=_is_deleted, put=_put_deleted)
PADLOCK = _columns(Shot.objects, lambda edit, by: shots.lock(shot=_shot(edit), locked=edit.before["locked"], by=by))
CHOICE = _columns(Shot.objects, _put_choice)
ACCEPTANCE = _columns(Cut.objects, _put_acceptance)
GRADE = Inverse(now=_applied, put=_put_applied)
WORDS = _columns(
    Prompt.objects,
    lambda edit, by: prompt_services.change_prompt(prompt=Prompt.objects.get(pk=edit.target_id), by=by, **edit.before),
)
INVERSES: dict[str, Inverse] = {
    "session.change": _columns(
        Session.objects, lambda edit, by: services.change_session(session=edit.session, by=by, **edit.before)
    ),
    "continuity.change": _columns(
        Continuity.objects, lambda edit, by: services.change_settings(session=edit.session, by=by, **edit.before)
    ),
    "shot.add": THERE_OR_NOT,
    "shot.duplicate": THERE_OR_NOT,
    "shot.restore": THERE_OR_NOT,
    "shot.delete": THERE_OR_NOT,
    "shot.move": Inverse(
        now=_rank, put=lambda edit, by: shots_edit.move_to_rank(shot=_shot(edit), rank=edit.before["rank"], by=by)
    ),
    "shots.reorder": Inverse(
        now=_order, put=lambda edit, by: shots_edit.reorder(session=edit.session, order=edit.before["order"], by=by)
    ),
    "shot.change": _columns(Shot.objects, _put_shot),
    "shot.lock": PADLOCK,
    "shot.unlock": PADLOCK,
    "take.choose": CHOICE,
    "take.choose_best": CHOICE,
    "style.base": _columns(Continuity.objects, lambda edit, by: style_base.set_base(session=edit.session, by=by, **edit.before)),
    "style.apply_all": Inverse(
        now=_looks,
        put=lambda edit, by: style_overrides.put_back_overrides(session=edit.session, by=by, shots=edit.before["shots"]),
    ),
    "proxy.set": Inverse(
        now=_current_proxy, put=lambda edit, by: proxies.make_current(session=edit.session, proxy_id=edit.before["proxy"], by=by)
    ),
    "cut.accept": ACCEPTANCE,
    "cut.withdraw": ACCEPTANCE,
    "grade.apply": GRADE,
    "grade.remove": GRADE,
    "prompt.change": WORDS,
    "prompt.restore": WORDS,
}
"""By verb. An edit of any other verb is not undoable."""
