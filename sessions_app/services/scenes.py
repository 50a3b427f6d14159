"""A whole scene at once: begun from a clip and prompts, and everything that is missing of it asked for."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User

from continuity.enums import LIVE_JOB_STATES, JobKind
from continuity.models import Job, Shot, Take
from continuity.services import shots, shots_edit
from continuity.services.errors import Refused
from continuity.services.removal import take_away
from continuity.video.errors import VideoError
from sessions_app.models import Session
from sessions_app.services.beginning import add_continuity
from sessions_app.services.lifecycle import create_session


def continue_scene(
    *,
    owner: User,
    name: str,
    prompts: Sequence[str],
    clip: Path | None = None,
    clip_name: str | None = None,
    settings: dict[str, Any] | None = None,
) -> tuple[Session, list[Shot]]:
    """A scene of one shot per prompt. With ``clip``, the first shot is that clip, already made, and sets the look.

    ``clip_name``: what the clip is called, None = as its file. Raises Refused, for a clip that cannot be used too (with the
    code and the sentence of ``video.errors``): then the scene, which its owner may have seen meanwhile, is taken away again.
    """
    session = create_session(owner=owner, name=name)
    try:
        add_continuity(session=session, by=owner, **(settings or {}))
        made = [shots_edit.add_shot(session=session, user_prompt=prompt, by=owner) for prompt in prompts]
        if clip is not None:
            shots.add_uploaded_take(shot=made[0], path=clip, name=clip_name or clip.name, by=owner)
    except VideoError as error:
        take_away(session)
        raise Refused(error.code, str(error)) from error
    except Exception:
        take_away(session)
        raise
    return session, made


def generate_missing(*, session: Session, by: User) -> list[Take]:
    """Ask for a clip of every shot, in order, that has none and is not being made: all of them or, when one cannot be asked for,
    none. Refused too when nothing is missing.
    """
    live = Job.objects.filter(kind=JobKind.GENERATE, state__in=LIVE_JOB_STATES).exclude(shot=None).values("shot")
    missing = Shot.objects.filter(session=session, chosen_take=None).exclude(pk__in=live).order_by("rank")
    takes = shots.request_generations(shots=list(missing), by=by)
    if not takes and not Shot.objects.filter(session=session).exists():
        raise Refused("no_shots", "This session has no shot yet: add one, then generate it.")
    if not takes:
        raise Refused("nothing_missing", "Every shot has its clip or is being made: add a shot, or ask for another take of one.")
    return takes
