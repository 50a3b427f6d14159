"""A session from its creation to the trash and back."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from continuity.enums import LIVE_JOB_STATES, JobKind, SessionStatus
from continuity.models import Job
from continuity.services.errors import Refused
from prompts.injection import ComposeError
from prompts.services import create_prompt
from sessions_app.models import Session
from sessions_app.services.columns import write_columns

CHANGEABLE = frozenset({"name", "description", "active_mode", "status"})
LEADS_FROM = {
    SessionStatus.ACTIVE: (SessionStatus.COMPLETED, SessionStatus.ARCHIVED),
    SessionStatus.COMPLETED: (SessionStatus.ACTIVE,),
    SessionStatus.ARCHIVED: (SessionStatus.ACTIVE, SessionStatus.COMPLETED),
}
"""From which statuses a person gets to which. An undo leads back the way that was come."""


def create_session(*, owner: User, name: str = "", description: str = "", prompt: dict[str, Any] | None = None) -> Session:
    """A new session of ``owner``: empty, or with a prompt half of the columns ``prompt``, of which ``input`` must be there.

    Refused for words that no model can be sent.
    """
    now = timezone.now()
    with transaction.atomic():
        session = Session.objects.create(owner=owner, name=name, description=description, created_at=now, updated_at=now)
        if prompt is not None:
            _add_prompt(session, by=owner, columns=prompt)
        session.record("session.create", by=owner, target=session)
    return session


def _add_prompt(session: Session, *, by: User, columns: dict[str, Any]) -> None:
    try:
        create_prompt(session=session, by=by, **columns)
    except ComposeError as error:
        raise Refused(error.code, str(error)) from error


def change_session(*, session: Session, by: User, **columns: Any) -> Session:
    """Change columns of CHANGEABLE. What is as it is asked to be counts as no edit.

    Refused for a deleted session, and for a value that it cannot have.
    """
    unknown = columns.keys() - CHANGEABLE
    if unknown:
        raise TypeError(f"A session has no {', '.join(sorted(unknown))} to be changed.")
    with transaction.atomic():
        row = living(session)
        before, after = write_columns(row, columns)
        if after:
            row.edit("session.change", by=by, target=row, before=before, after=after)
    row.refresh_from_db()
    return row


def complete(*, session: Session, by: User) -> Session:
    """The scene is finished. Refused for one that is not active."""
    return _move(session, SessionStatus.COMPLETED, by=by)


def archive(*, session: Session, by: User) -> Session:
    """Put the scene away. Refused for one that is put away."""
    return _move(session, SessionStatus.ARCHIVED, by=by)


def reopen(*, session: Session, by: User) -> Session:
    """Work on the scene again. Refused for one that is active."""
    return _move(session, SessionStatus.ACTIVE, by=by)


def _move(session: Session, to: SessionStatus, *, by: User) -> Session:
    with transaction.atomic():
        status = SessionStatus(living(session).status)
        if status is to:
            raise Refused(f"session_is_{to}", f"This session is {to} already: there is nothing to do.")
        if status not in LEADS_FROM[to]:
            raise Refused(f"session_is_{status}", f"This session is {status}: reopen it first.")
        return change_session(session=session, by=by, status=to)


def delete_session(*, session: Session, by: User) -> None:
    """Into the trash, with everything in it: pages, media and links of it are not there any more until it is restored.

    Refused while a take of it is being made or unknown, since that costs money, and for one that is deleted already.
    """
    with transaction.atomic():
        row = living(session)
        live = Job.objects.filter(session=row, kind=JobKind.GENERATE, state__in=LIVE_JOB_STATES).first()
        if live is not None:
            raise Refused(
                "session_is_being_made",
                "A take of this session is being made or waits for your decision: cancel it, decide it or wait, then delete.",
                job_id=live.pk,
            )
        Session.objects.filter(pk=row.pk).update(deleted_at=Now())
        row.record("session.delete", by=by, target=row)
        row.touch(by=by)


def restore_session(*, session: Session, by: User) -> Session:
    """Out of the trash, as it was. Refused for one that is not deleted."""
    with transaction.atomic():
        if Session.all_objects.filter(pk=session.pk, deleted_at__isnull=False).update(deleted_at=None) != 1:
            raise Refused("session_is_not_deleted", "This session is not deleted: there is nothing to restore.")
        session.record("session.restore", by=by, target=session)
        session.touch(by=by)
    return Session.objects.get(pk=session.pk)


def living(session: Session) -> Session:
    """The session as it is now, locked until the caller's transaction ends. Refused when somebody deleted it meanwhile."""
    row = Session.objects.select_for_update(no_key=True).filter(pk=session.pk).first()
    if row is None:
        raise Refused("session_is_deleted", "This session is deleted: restore it first.")
    return row
