"""Sessions: the list, one of them, and its life."""

from typing import get_type_hints
from uuid import UUID

from django.http import Http404

from sessions_app import access, selectors, services
from sessions_app.api import etag
from sessions_app.api.answers import Answer
from sessions_app.api.operation import Asked, operation
from sessions_app.api.typed import Page
from sessions_app.api.v2 import present
from sessions_app.api.v2.choice import only, parts_of
from sessions_app.api.v2.dto import SessionDto
from sessions_app.api.v2.inputs import session as inputs
from sessions_app.api.views import ApiView
from sessions_app.enums import TokenScope

WRITE = TokenScope.WRITE


class Sessions(ApiView):
    tag = "sessions"

    @operation("List sessions", answer=Page(SessionDto), query=inputs.SessionFilter)
    def get(self, asked: Asked) -> Answer:
        return Answer(present.session_page(asked.user, asked.query))

    @operation("Create a session", scope=WRITE, status=201, body=inputs.NewSession, answer=SessionDto, has_tag=True)
    def post(self, asked: Asked) -> Answer:
        session = services.create_session(owner=asked.user, **asked.body)
        return now(asked, session.pk, status=201)


class OneSession(ApiView):
    tag = "sessions"

    @operation("Read a session", answer=SessionDto, query=inputs.SessionView, has_tag=True)
    def get(self, asked: Asked) -> Answer:
        """Who asks whether it has changed is answered with one small query where it has not."""
        if "If-None-Match" in asked.request.headers:
            _unless_known(asked)
        expand = parts_of(asked.query.get("expand", ""), known=inputs.EXPANSIONS, parameter="expand")
        fields = parts_of(asked.query.get("fields", ""), known=get_type_hints(SessionDto), parameter="fields")
        return now(asked, expand=expand, fields=fields)

    @operation("Change a session", scope=WRITE, body=inputs.SessionChange, answer=SessionDto, if_match=True, has_tag=True)
    def patch(self, asked: Asked) -> Answer:
        services.change_session(session=asked.session, by=asked.user, **asked.body)
        return now(asked)

    @operation("Delete a session", scope=WRITE, if_match=True, status=204, description="It can be restored for 30 days.")
    def delete(self, asked: Asked) -> Answer:
        services.delete_session(session=asked.session, by=asked.user)
        return Answer()


class RestoreSession(ApiView):
    tag = "sessions"

    @operation("Restore a deleted session", scope=WRITE, of_deleted=True, answer=SessionDto, has_tag=True)
    def post(self, asked: Asked) -> Answer:
        services.restore_session(session=asked.deleted_session, by=asked.user)
        return now(asked)


class DuplicateSession(ApiView):
    tag = "sessions"

    @operation(
        "Duplicate a session",
        scope=WRITE,
        status=201,
        answer=SessionDto,
        has_tag=True,
        description="Prompt, settings, look and shots; no takes, and nothing is generated.",
    )
    def post(self, asked: Asked) -> Answer:
        copy = services.duplicate_session(session=asked.session, by=asked.user)
        return now(asked, copy.pk, status=201)


class CompleteSession(ApiView):
    tag = "sessions"

    @operation("Complete a session", scope=WRITE, answer=SessionDto, has_tag=True)
    def post(self, asked: Asked) -> Answer:
        services.complete(session=asked.session, by=asked.user)
        return now(asked)


class ArchiveSession(ApiView):
    tag = "sessions"

    @operation("Archive a session", scope=WRITE, answer=SessionDto, has_tag=True)
    def post(self, asked: Asked) -> Answer:
        services.archive(session=asked.session, by=asked.user)
        return now(asked)


class ReopenSession(ApiView):
    tag = "sessions"

    @operation("Reopen a session", scope=WRITE, answer=SessionDto, has_tag=True)
    def post(self, asked: Asked) -> Answer:
        services.reopen(session=asked.session, by=asked.user)
        return now(asked)


class SessionByPrompt(ApiView):
    tag = "sessions"

    @operation(
        "Read the session of a prompt", answer=SessionDto, description="By the share id that an older system gave the prompt."
    )
    def get(self, asked: Asked) -> Answer:
        session = access.session_by_prompt_uuid(asked.user, _uuid(asked.ids["uuid"]))
        if session is None:
            raise Http404
        return Answer(_session(asked, session.pk))


def _uuid(text: str) -> UUID:
    """404 for what is none: no session has it."""
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


def now(
    asked: Asked,
    session_id: str = "",
    *,
    expand: frozenset[str] = frozenset(),
    fields: frozenset[str] = frozenset(),
    status: int = 200,
) -> Answer:
    """The session as it is now, with the tag of just that. ``session_id``: another one than the address names."""
    body = _session(asked, session_id or asked.ids["session_id"], expand=expand, fields=fields)
    headers = {"ETag": etag.etag(version=body["version"], revision=body["revision"])}
    return Answer(only(body, fields), status=status, headers=headers | ({"Location": body["url"]} if status == 201 else {}))


def _unless_known(asked: Asked) -> None:
    counts = selectors.session_counts(asked.user, asked.ids["session_id"])
    if counts is not None:
        asked.unless_known(version=counts.version, revision=counts.revision)


def _session(
    asked: Asked, session_id: str, *, expand: frozenset[str] = frozenset(), fields: frozenset[str] = frozenset()
) -> SessionDto:
    body = present.session_dto(asked.user, session_id, expand=expand, fields=fields)
    if body is None:
        raise Http404
    return body
