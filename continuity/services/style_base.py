"""The scene's base style: the one function by which a person changes it, new versions of it, and what a person locked in it."""

from collections.abc import Collection, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from continuity.enums import GradeState, StyleOrigin
from continuity.models import Continuity, Extraction, Grade, Style, Take
from continuity.services import cuts
from continuity.services.columns import as_data
from continuity.services.errors import Refused
from continuity.vision.style import style_fragment

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from sessions_app.models import Session

BASE_COLUMNS = ("base_style", "base_style_source", "base_take", "primary_reference")
"""The four columns that together are the base."""
EDIT = "style.base"


def set_base(*, session: "Session", by: "User", **columns: str | None) -> Continuity:
    """A person changes the base: ``columns`` are ids (None = none) of BASE_COLUMNS. One undoable edit, and the way in which
    such an edit is undone. Refused ``no_continuity``.
    """
    unknown = columns.keys() - set(BASE_COLUMNS)
    if unknown:
        raise TypeError(f"The base has no {', '.join(sorted(unknown))}.")
    with transaction.atomic():
        half = locked_half(session)
        before = base_of(half)
        after = {name: value for name, value in columns.items() if value != before[name]} or columns
        put_base(half, after, by=by)
        session.edit(EDIT, by=by, target=half, before={name: before[name] for name in after}, after=after, detail=after)
    return half


def half_of(session: "Session") -> Continuity:
    """The continuity half. Refused for a session without one."""
    return _required(Continuity.objects.filter(session=session).first())


def locked_half(session: "Session") -> Continuity:
    """The continuity half, locked until the caller's transaction ends. Refused for a session without one."""
    return _required(
        Continuity.objects.select_for_update(of=("self",)).select_related("base_style").filter(session=session).first()
    )


def _required(half: Continuity | None) -> Continuity:
    if half is None:
        raise Refused("no_continuity", "This session has no continuity half: add it first.")
    return half


def base_of(half: Continuity) -> dict[str, str | None]:
    """The four columns as ids."""
    return as_data(half, BASE_COLUMNS)


def put_base(half: Continuity, columns: Mapping[str, str | None], *, by: "User") -> None:
    """Write columns of the base, inside the caller's transaction and without counting an edit: what workers do too.

    Another base take: what was only proposed led to the one before and is taken back, what a person applied is theirs to take
    off. Cuts against the base are asked for.
    """
    led_elsewhere = "base_take" in columns and columns["base_take"] != half.base_take_id
    for name, value in columns.items():
        setattr(half, name if name == "base_style_source" else f"{name}_id", value)
    half.save(update_fields=[*columns])
    if led_elsewhere:
        Grade.objects.filter(take__shot__session=half.session_id, state=GradeState.PROPOSED).update(state=GradeState.REMOVED)
    cuts.request_missing(session=half.session, by=by)


def new_version(
    *,
    session: "Session",
    origin: StyleOrigin,
    values: dict[str, Any],
    parent: Style | None,
    by: "User | None",
    locked_keys: Collection[str] | None = None,
    take: Take | None = None,
    extraction: Extraction | None = None,
    style_id: str | None = None,
) -> Style:
    """The next version of the scene's style, inside the caller's transaction, which holds the continuity half.

    ``locked_keys`` None = those of ``parent``. ``style_id``: a fresh id that ``values`` name already; None = any.
    """
    kept = (parent.locked_keys if parent is not None else ()) if locked_keys is None else locked_keys
    number = (Style.objects.filter(session=session).aggregate(last=Max("number"))["last"] or 0) + 1
    fresh = {} if style_id is None else {"id": style_id}
    return Style.objects.create(
        session=session,
        number=number,
        origin=origin,
        parent=parent,
        by=by,
        values=values,
        fragment=style_fragment(values),
        source_take=take,
        extraction=extraction,
        created_at=timezone.now(),
        locked_keys=sorted(set(kept)),
        **fresh,
    )


def with_locked(values: Mapping[str, Any], parent: Style | None) -> dict[str, Any]:
    """``values`` in which every key that a person locked says what it said in ``parent``, and where that came from."""
    merged = deepcopy(dict(values))
    if parent is None:
        return merged
    for name in parent.locked_keys:
        aspect, key = name.split(".", 1)
        merged[aspect][key] = deepcopy(parent.values[aspect][key])
    return merged
