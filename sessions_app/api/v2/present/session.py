"""The session as an answer."""

from continuity.enums import ActiveMode, SessionStatus
from continuity.models import Continuity, SceneProxy
from prompts.models import Prompt
from sessions_app.api.v2.dto import ContinuityDto, PromptDto, SessionDto
from sessions_app.api.v2.present.plain import moment, session_url
from sessions_app.models import Session


def session_row_dto(session: Session, *, prompt: PromptDto | None, continuity: ContinuityDto | None) -> SessionDto:
    """A half that is None is left out."""
    shown: SessionDto = {
        "id": session.pk,
        "url": session_url(session.pk),
        "userId": str(session.owner_id),
        "name": session.name,
        "description": session.description,
        "status": SessionStatus(session.status),
        "activeMode": ActiveMode(session.active_mode),
        "version": session.version,
        "revision": session.revision,
        "createdAt": moment(session.created_at),
        "updatedAt": moment(session.updated_at),
        "deletedAt": moment(session.deleted_at),
    }
    if prompt is not None:
        shown["prompt"] = prompt
    if continuity is not None:
        shown["continuity"] = continuity
    return shown


def prompt_half(session: Session) -> Prompt | None:
    """Without a query, where the session was read with its halves."""
    return getattr(session, "prompt", None)


def continuity_half(session: Session) -> Continuity | None:
    """Without a query, where the session was read with its halves."""
    return getattr(session, "continuity", None)


def current_proxy(session: Session) -> SceneProxy | None:
    """Only of a session that was read with its halves."""
    return getattr(session, "current_proxy", None)
