"""The settings of the continuity half."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from continuity.defaults import CONTINUITY_DEFAULTS
from continuity.models import Continuity
from continuity.services.errors import Refused
from sessions_app.models import Session
from sessions_app.services.columns import write_columns
from sessions_app.services.lifecycle import living

SETTINGS = frozenset({*CONTINUITY_DEFAULTS, "default_model", "preview_model"})
"""What a person may set of the continuity half."""


def change_settings(*, session: Session, by: User, **settings: Any) -> Continuity:
    """Change columns of SETTINGS of the continuity half; what is being made goes on as it was asked for.

    What is as it is asked to be counts as no edit. Refused for a session without that half, and for a value that it cannot have.
    """
    require_settings(settings)
    with transaction.atomic():
        continuity = Continuity.objects.select_for_update().filter(session=session).first()
        if continuity is None:
            raise Refused("no_continuity", "This session has no continuity half: add it first.")
        before, after = write_columns(continuity, settings)
        row = living(session)  # the last of the lock order
        if after:
            detail = {"before": before, "after": after}
            row.edit("continuity.change", by=by, target=continuity, before=before, after=after, detail=detail)
    return continuity


def require_settings(names: Iterable[str]) -> None:
    unknown = set(names) - SETTINGS
    if unknown:
        raise TypeError(f"The continuity half has no setting {', '.join(sorted(unknown))}.")
