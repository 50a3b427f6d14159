"""What a person does to the scene's style: edit values, lock them, go back to the first shot, keep a style as a template and
start from one. Every one of them makes a new version; versions never change, and a locked value stays through all but an edit.

The doors find the neighbours' verbs here too: the style reference and applying the style to all shots.
"""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from continuity.enums import BaseStyleSource, StyleOrigin, ValueSource
from continuity.models import Shot, Style, StyleTemplate
from continuity.services import style_base, style_values, styles
from continuity.services.errors import Refused
from continuity.services.style_apply import ApplyReport, apply_to_all, apply_to_all_preview
from continuity.services.style_base import set_base
from continuity.services.style_overrides import put_back_overrides
from continuity.services.style_reference import set_style_reference
from prompts.ids import new_id

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from sessions_app.models import Session

__all__ = [
    "ApplyReport",
    "apply_to_all",
    "apply_to_all_preview",
    "delete_template",
    "edit_style",
    "put_back_overrides",
    "reset_to_first_shot",
    "save_template",
    "set_base",
    "set_style_reference",
    "start_from_template",
]

LONGEST_NAME = 200


def edit_style(
    *,
    session: "Session",
    by: "User",
    changes: Mapping[str, Mapping[str, Any]] | None = None,
    lock: Collection[str] | None = None,
) -> Style:
    """A person's own values over the base style's, or over nothing where there is none yet: the scene's new base.

    ``changes``: {aspect: {key: value, or None = say nothing of it}}. ``lock``: every "aspect.key" that is locked from now on;
    None = as before. Returns the base as it was when nothing is different. Refused ``style_invalid``.
    """
    style_values.require_keys(lock or ())
    with transaction.atomic():
        parent = style_base.locked_half(session).base_style
        style_id = new_id("sty")
        values = style_values.edited(parent.values if parent is not None else None, changes or {}, origin=style_id)
        is_locked_so = lock is None or (parent is not None and set(lock) == set(parent.locked_keys))
        if parent is not None and is_locked_so and style_values.says_the_same(values, parent.values):
            return parent
        if parent is None and not style_values.says_anything(values):
            raise Refused("style_invalid", "This scene has no style yet: write at least one value of it.")
        style = style_base.new_version(
            session=session, origin=StyleOrigin.EDITED, values=values, parent=parent, by=by, locked_keys=lock, style_id=style_id
        )
        session.record("style.edit", by=by, target=style)
        set_base(session=session, by=by, base_style=style.pk, base_style_source=BaseStyleSource.USER_DEFINED)
    return style


def reset_to_first_shot(*, session: "Session", by: "User") -> Style:
    """The measured look of the first shot's chosen take is the scene's base again; what is locked stays.

    Refused while there is no such take or its look is not measured.
    """
    first = (
        Shot.objects.filter(session=session)
        .select_related("chosen_take__shot__session", "chosen_take__video__blob", "chosen_take__video__owner")
        .select_related("chosen_take__measured")
        .order_by("rank")
        .first()
    )
    take = first.chosen_take if first is not None else None
    if take is None:
        raise Refused("no_first_take", "The first shot has no chosen take to go back to: make one, or choose one.")
    return styles.base_on(take=take, origin=StyleOrigin.RESET, action="style.reset", by=by)


def save_template(*, session: "Session", name: str, by: "User") -> StyleTemplate:
    """Keep the scene's base style under a name of its owner's. Refused without a style, and for a name that is taken."""
    text = name.strip()
    if not text or len(text) > LONGEST_NAME or not text.isprintable():
        raise Refused("template_name", f"Give the template a name of 1 to {LONGEST_NAME} characters, in one line.")
    try:
        with transaction.atomic():
            base = style_base.locked_half(session).base_style
            if base is None:
                raise Refused("no_style", "This scene has no style yet: make its first shot, or write a style.")
            template = StyleTemplate.objects.create(owner_id=session.owner_id, name=text, values=base.values)
            session.record("style.save_template", by=by, target=template)
    except IntegrityError as error:
        raise Refused(
            "template_name_taken", f"You have a template “{text}” already: choose another name, or delete it."
        ) from error
    return template


def start_from_template(*, session: "Session", template: StyleTemplate, by: "User") -> Style:
    """The template's values as the scene's new base; what is locked stays. Refused for somebody else's or a deleted one."""
    if template.owner_id != session.owner_id or template.deleted_at is not None:
        raise Refused("no_such_template", "There is no such template: choose one of yours.")
    with transaction.atomic():
        parent = style_base.locked_half(session).base_style
        style = style_base.new_version(
            session=session,
            origin=StyleOrigin.TEMPLATE,
            values=style_base.with_locked(_of_template(template), parent),
            parent=parent,
            by=by,
        )
        session.record("style.start_from_template", by=by, target=style, detail={"template": template.pk})
        set_base(session=session, by=by, base_style=style.pk, base_style_source=BaseStyleSource.TEMPLATE)
    return style


def delete_template(*, template: StyleTemplate) -> None:
    """Its name is free again; the styles that began with it stay."""
    StyleTemplate.objects.filter(pk=template.pk).update(deleted_at=Now())


def _of_template(template: StyleTemplate) -> dict[str, Any]:
    """What was measured of another scene is only wished for in this one: without numbers and without confidence."""
    return {aspect: {key: _wished(row, template) for key, row in rows.items()} for aspect, rows in template.values.items()}


def _wished(row: Mapping[str, Any], template: StyleTemplate) -> dict[str, Any]:
    if row["value"] is None:
        return dict(row)
    return {"value": row["value"], "source": ValueSource.TEMPLATE.value, "confidence": None, "origin": template.pk}
