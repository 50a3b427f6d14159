"""Giving a session its continuity half, from nothing or from what there is: a take, a clip, a picture, the prompt."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from continuity.enums import ActiveMode, BlobKind, TakeState
from continuity.jobs import create
from continuity.models import Asset, Continuity, Shot, Take
from continuity.services import media, shots, shots_edit, style_reference
from continuity.services.errors import Refused
from continuity.video.errors import VideoError
from prompts.models import Prompt
from sessions_app.models import Edit, Session
from sessions_app.services.columns import write_columns
from sessions_app.services.lifecycle import living
from sessions_app.services.setting import require_settings

Source = Take | Asset | Prompt
"""What a scene may begin with; an Asset is a clip or a still."""


def add_continuity(*, session: Session, by: User, source: Source | None = None, **settings: Any) -> Continuity:
    """The continuity half of ``session``, with ``settings``, columns of SETTINGS, begun from ``source``.

    A take of this session becomes the chosen one of its shot, and is measured for the scene's look. Another take, or a clip,
    becomes shot 1 as an uploaded take, with the same effect. A still becomes the scene's reference picture, from which the
    look is extracted. The session's prompt becomes the words of shot 1, unless there are shots.

    Refused, with nothing left of it, for a session that has this half, for what cannot be used or belongs to somebody else, and
    for a setting that cannot be so.
    """
    require_settings(settings)
    _require_usable(source, session)
    continuity, mode_before = _add_half(session, by=by, settings=settings)
    with _half_taken_back(session, mode_before):
        _begin(source, session, by=by)
    continuity.refresh_from_db()
    return continuity


def _add_half(session: Session, *, by: User, settings: dict[str, Any]) -> tuple[Continuity, str]:
    """The half, and the session's mode before it."""
    with transaction.atomic():
        row = living(session)
        if Continuity.objects.filter(session=row).exists():
            raise Refused("continuity_is_there", "This session has a continuity half already: change its settings instead.")
        continuity = Continuity.objects.create(session=row)
        write_columns(continuity, settings)
        Session.objects.filter(pk=row.pk).update(active_mode=ActiveMode.CONTINUITY)
        row.record("continuity.add", by=by, target=row)
        row.touch(by=by)
    return continuity, row.active_mode


@contextlib.contextmanager
def _half_taken_back(session: Session, mode: str) -> Iterator[None]:
    """When the block fails, the session is again one without a continuity half."""
    try:
        yield
    except Exception as error:
        with transaction.atomic():
            Continuity.objects.filter(session=session).delete()
            Session.objects.filter(pk=session.pk).update(active_mode=mode)
        if isinstance(error, VideoError):
            raise Refused(error.code, str(error)) from error
        raise


def _begin(source: Source | None, session: Session, *, by: User) -> None:
    if isinstance(source, Take):
        _from_take(source, session, by=by)
    elif isinstance(source, Asset):
        _from_file(source, session, by=by)
    elif isinstance(source, Prompt):
        _from_prompt(source, session, by=by)


def _from_take(take: Take, session: Session, *, by: User) -> None:
    if take.shot.session_id != session.pk:
        assert take.video is not None  # _require_usable
        _from_clip(take.video, session, words=take.user_prompt, by=by)
        return
    shot = Shot.objects.get(pk=take.shot_id)
    if shot.chosen_take_id == take.pk:
        create.style_job(take, by=by)
    else:
        shots.choose_take(shot=shot, take=take, by=by)
    if shot.previous() is not None:  # only a first shot's look becomes the scene's by itself
        style_reference.set_style_reference(session=session, take=take, by=by)


def _from_file(asset: Asset, session: Session, *, by: User) -> None:
    if asset.blob.kind == BlobKind.VIDEO:
        _from_clip(asset, session, words="", by=by)
    else:
        style_reference.set_style_reference(session=session, clip=asset, by=by)


def _from_clip(clip: Asset, session: Session, *, words: str, by: User) -> None:
    with media.local_clip(clip) as path:
        shot = shots_edit.add_shot(session=session, user_prompt=words, by=by, position=0)
        _upload(path, shot, name=clip.name, by=by)


def _upload(path: Path, shot: Shot, *, name: str, by: User) -> None:
    try:
        shots.add_uploaded_take(shot=shot, path=path, name=name, by=by)
    except Exception:
        with transaction.atomic():
            Edit.objects.filter(session=shot.session_id, target_id=shot.pk).delete()
            Shot.all_objects.filter(pk=shot.pk).delete()
        raise


def _from_prompt(prompt: Prompt, session: Session, *, by: User) -> None:
    if Shot.objects.filter(session=session).exists():
        return
    shot = shots_edit.add_shot(session=session, user_prompt=_words(prompt), by=by)
    Shot.objects.filter(pk=shot.pk).update(prompt_version=prompt.current_version)


def _words(prompt: Prompt) -> str:
    return prompt.output or prompt.input


def _require_usable(source: Source | None, session: Session) -> None:
    if isinstance(source, Take):
        _require_owner(source.shot.session.owner_id, session)
        if source.state != TakeState.DONE or source.video is None or source.shot.deleted_at is not None:
            raise Refused("take_not_usable", "A scene can only begin with a finished take: wait for it, or choose another one.")
    if isinstance(source, Asset):
        _require_owner(source.owner_id, session)
        if source.blob.kind not in (BlobKind.VIDEO, BlobKind.IMAGE):
            raise Refused("asset_not_usable", "A scene can only begin with a clip or a picture: choose another file.")
    if isinstance(source, Prompt):
        _require_own_prompt(source, session)


def _require_owner(owner_id: int, session: Session) -> None:
    if owner_id != session.owner_id:
        raise Refused("source_of_another_owner", "This is not yours: upload the clip or the picture yourself first.")


def _require_own_prompt(prompt: Prompt, session: Session) -> None:
    if prompt.session_id != session.pk:
        raise Refused("prompt_of_another_session", "This is another session's prompt: use that of this one.")
    if not _words(prompt).strip():
        raise Refused("prompt_is_empty", "The prompt has no words yet: write it first.")
