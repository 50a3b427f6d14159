"""Verbs that span the halves of a session: create one, give it its continuity half, continue a clip as a scene."""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from continuity.defaults import CONTINUITY_DEFAULTS
from continuity.enums import LIVE_JOB_STATES, ActiveMode, JobKind, JobState
from continuity.jobs.lease import LostLease, arrow
from continuity.models import Asset, Continuity, Frame, Job, Shot, Take
from continuity.services import shots
from continuity.services.errors import Refused
from continuity.video.errors import VideoError
from sessions_app.models import Session

SETTINGS = frozenset({*CONTINUITY_DEFAULTS, "default_model", "preview_model"})
"""What a person may set of the continuity half."""


def create_session(*, owner: User, name: str = "", description: str = "") -> Session:
    """An empty session of ``owner``."""
    now = timezone.now()
    with transaction.atomic():
        session = Session.objects.create(owner=owner, name=name, description=description, created_at=now, updated_at=now)
        session.record("session.create", by=owner, target=session)
    return session


def add_continuity(*, session: Session, by: User, **settings: Any) -> Continuity:
    """The continuity half of ``session``, made if it has none; ``settings`` are columns of SETTINGS."""
    unknown = settings.keys() - SETTINGS
    if unknown:
        raise TypeError(f"The continuity half has no setting {', '.join(sorted(unknown))}.")
    with transaction.atomic():
        continuity, made = Continuity.objects.get_or_create(session=session, defaults=settings)
        if made:
            Session.objects.filter(pk=session.pk).update(active_mode=ActiveMode.CONTINUITY)
            session.record("continuity.add", by=by, target=session)
            session.touch(by=by)
    return continuity


def change_settings(*, session: Session, by: User, **settings: Any) -> Continuity:
    """Change columns of SETTINGS of the continuity half; what is being made goes on as it was asked for.

    Refused for a session without that half, and for a value that it cannot have.
    """
    unknown = settings.keys() - SETTINGS
    if unknown:
        raise TypeError(f"The continuity half has no setting {', '.join(sorted(unknown))}.")
    with transaction.atomic():
        continuity = Continuity.objects.select_for_update().filter(session=session).first()
        if continuity is None:
            raise Refused("no_continuity", "This session has no continuity half: add it first.")
        before = {name: str(getattr(continuity, name)) for name in settings}
        for name, value in settings.items():
            setattr(continuity, name, value)
        continuity.save(update_fields=[*settings])
        after = {name: str(getattr(continuity, name)) for name in settings}
        session.record("continuity.change", by=by, target=session, detail={"before": before, "after": after})
        session.touch(by=by)
    return continuity


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
        made = [shots.add_shot(session=session, user_prompt=prompt, by=owner) for prompt in prompts]
        if clip is not None:
            shots.add_uploaded_take(shot=made[0], path=clip, name=clip_name or clip.name, by=owner)
    except VideoError as error:
        take_away(session)
        raise Refused(error.code, str(error)) from error
    except Exception:
        take_away(session)
        raise
    return session, made


def take_away(session: Session) -> None:
    """Undo a scene that could not be begun: its rows, its files and what was being measured of them, but not the books.

    For scenes that nothing was paid for. The blobs stay, as they are nobody's.
    """
    with transaction.atomic():
        for job in Job.objects.filter(session=session, charge=None, state__in=(JobState.QUEUED, JobState.WAITING)):
            with contextlib.suppress(LostLease), arrow(job, JobState.CANCELLED, note="its scene could not be begun"):
                pass
        files = list(Asset.all_objects.filter(session=session).values_list("pk", flat=True))
        session.delete()
        Frame.objects.filter(asset__in=files).delete()
        Asset.all_objects.filter(pk__in=files).delete()


def generate_missing(*, session: Session, by: User) -> list[Take]:
    """Ask for a clip of every shot, in order, that has none and is not being made. Refused by the first that cannot be asked
    for; the ones before it are asked for all the same. Refused too when nothing is missing.
    """
    live = Job.objects.filter(kind=JobKind.GENERATE, state__in=LIVE_JOB_STATES).exclude(shot=None).values("shot")
    missing = Shot.objects.filter(session=session, chosen_take=None).exclude(pk__in=live).order_by("rank")
    takes = [shots.request_generation(shot=shot, by=by) for shot in missing]
    if not takes:
        raise Refused("nothing_missing", "Every shot has its clip or is being made: add a shot, or ask for another take of one.")
    return takes
