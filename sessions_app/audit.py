"""The audit log for what belongs to no session: signing in, tokens. A session's own verbs use ``Session.record``."""

from typing import Any

from django.contrib.auth.models import User

from sessions_app import request_id
from sessions_app.enums import ActorKind
from sessions_app.models import AuditEvent
from sessions_app.models.history import actor_kind


def write_down(action: str, *, by: User | None, kind: str, target_id: str, detail: dict[str, Any] | None = None) -> None:
    """Append what ``by`` did to ``target_id``, an object of ``kind``. ``by`` None = somebody who is not signed in.

    ``detail`` holds no secrets, and nothing that a stranger typed.
    """
    AuditEvent.objects.create(
        actor=by,
        actor_kind=ActorKind.USER if by is None else actor_kind(by),
        action=action,
        object_kind=kind,
        object_id=target_id,
        request_id=request_id.current(),
        detail=detail or {},
    )
