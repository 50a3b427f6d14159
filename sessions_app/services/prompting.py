"""The prompt half as a part of its session."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from continuity.services.errors import Refused
from prompts import services as prompts
from prompts.models import Prompt
from sessions_app.models import Session
from sessions_app.services.lifecycle import living


def change_prompt(*, session: Session, by: User, **columns: Any) -> Prompt:
    """Change the prompt half; a session without one gets it. Refused for that when no ``input`` comes with it."""
    known = Prompt.objects.filter(session=session).first()
    if known is not None:
        return prompts.change_prompt(prompt=known, by=by, **columns)
    if "input" not in columns:
        raise Refused("no_prompt", "This session has no prompt half yet: send its words as input too.")
    with transaction.atomic():
        living(session)  # of two who begin it, the second finds it there
        known = Prompt.objects.filter(session=session).first()
        if known is not None:
            return prompts.change_prompt(prompt=known, by=by, **columns)
        made = prompts.create_prompt(session=session, by=by, **columns)
        session.touch(by=by)
    return made
