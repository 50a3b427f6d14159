"""One operation of the API, said once: what it takes and answers, who may call it, and how its document describes it.

The decorator is the door: it checks scope, object, parameters, body, If-Match and Idempotency-Key in that order, calls the
method with an ``Asked``, and turns its ``Answer`` into a response. Problems are raised and converted in one place.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.http import Http404
from django.http.request import QueryDict
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from continuity.models import Cut, Grade, Shot, Take
from prompts.expectations import expecting
from sessions_app import access
from sessions_app.api import etag, idempotency
from sessions_app.api.answers import Answer, NotModified
from sessions_app.api.controls import as_json
from sessions_app.api.fields import Input, is_storable
from sessions_app.api.problems import Problem, invalid
from sessions_app.enums import ThrottleScope, TokenScope
from sessions_app.models import ApiToken, Session

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Operation:
    """``answer``: a TypedDict of ``v2.dto``, a ``Page`` of one, or None = no body.

    ``paid``: Idempotency-Key is required. ``anonymous``: who is not signed in may call it. ``file``: the name of the part of a
    multipart body that is a file. ``other_answers``: further statuses with their TypedDict. ``dry_run``: the parameter with which
    a paid operation does nothing, so that reading is enough and no key is needed. ``of_deleted``: the object that the address
    names last is a deleted one. ``remembers``: an Idempotency-Key is honoured; not where the answer holds a secret, nor where a
    vendor is asked or a file decoded, which no transaction may wait for.
    """

    summary: str
    scope: TokenScope
    throttle: ThrottleScope
    status: int
    body: type[Input] | None
    query: type[Input] | None
    answer: Any
    if_match: bool
    paid: bool
    anonymous: bool
    has_tag: bool
    file: str | None
    description: str
    other_answers: dict[int, Any]
    dry_run: str | None
    of_deleted: bool
    remembers: bool

    def is_dry_run(self, request: Request) -> bool:
        """Whether the request asks only what would happen."""
        return self.dry_run is not None and request.query_params.get(self.dry_run, "").lower() in ("1", "true")


class Asked:
    """One request: who asks, for which objects, with what. Objects are loaded once, when a method asks for them; foreign,
    deleted and unknown ones are all 404."""

    def __init__(self, request: Request, operation: Operation, ids: dict[str, str]) -> None:
        self.request, self.operation, self.ids = request, operation, ids
        self.body: dict[str, Any] = {}
        self.query: dict[str, Any] = {}

    @property
    def writes(self) -> bool:
        return self.request.method not in ("GET", "HEAD")

    @property
    def is_dry_run(self) -> bool:
        return self.operation.is_dry_run(self.request)

    @property
    def user(self) -> User:
        """The person behind the request. Only for operations that need one."""
        assert isinstance(self.request.user, User)
        return self.request.user

    @cached_property
    def session(self) -> Session:
        return self.one(access.visible_sessions(self.request.user), self.ids["session_id"])

    @cached_property
    def deleted_session(self) -> Session:
        return self.one(access.deleted_sessions(self.request.user), self.ids["session_id"])

    @cached_property
    def shot(self) -> Shot:
        rows = Shot.objects.filter(session=self.session).select_related("bridge_from", "chosen_take")
        return self._of_session(self.one(rows, self.ids["shot_id"]))

    @cached_property
    def deleted_shot(self) -> Shot:
        rows = Shot.all_objects.filter(session=self.session).exclude(deleted_at=None)
        return self._of_session(self.one(rows, self.ids["shot_id"]))

    @property
    def takes(self) -> QuerySet[Take]:
        """Every take of a living shot of the session, with what the verbs on takes look at."""
        related = ("shot__session__owner", "measured", "video__blob", "video__owner", "first_frame", "last_frame", "input_frame")
        return Take.objects.filter(shot__session=self.session, shot__deleted_at=None).select_related(*related)

    @cached_property
    def take(self) -> Take:
        return self.one(self.takes, self.ids["take_id"])

    @cached_property
    def cut(self) -> Cut:
        return self.one(Cut.objects.filter(session=self.session).select_related("session"), self.ids["cut_id"])

    @cached_property
    def grade(self) -> Grade:
        rows = Grade.objects.filter(take__shot__session=self.session, take__shot__deleted_at=None)
        return self.one(rows.select_related("take__shot__session", "lut"), self.ids["grade_id"])

    def find(self, rows: QuerySet[Row], row_id: str | None, *, pointer: str) -> Row:
        """The row that a body names, or Problem 422 at ``pointer``: the same for a foreign one as for none."""
        found = rows.filter(pk=row_id).first() if row_id and is_storable(row_id) else None
        if found is None:
            error = {
                pointer.strip("/"): [
                    exceptions.ErrorDetail("There is no such thing of yours: check this id.", "unknown_reference")
                ]
            }
            raise exceptions.ValidationError(error)
        return found

    def own_session(self, session_id: str | None) -> Session | None:
        """The session that a body names as ``sessionId``; None = it names none."""
        rows = access.visible_sessions(self.request.user)
        return self.find(rows, session_id, pointer="/sessionId") if session_id is not None else None

    def unless_known(self, *, version: int, revision: int) -> str:
        """The tag of what is about to be answered; NotModified when the caller has it."""
        tag = etag.etag(version=version, revision=revision)
        is_page = self.request.accepted_renderer.format != "json"  # which has the tag of the JSON, but is not that
        if not is_page and etag.is_known(self.request.headers.get("If-None-Match", ""), tag):
            raise NotModified(tag)
        return tag

    def header(self, name: str) -> str | None:
        """A header, or the field of that name which a form sent in its place (an empty one was not filled in); None = neither."""
        sent: str | None = self.request.headers.get(name)
        form = self.request.data if isinstance(self.request.data, QueryDict) else {}
        return sent if sent is not None else form.get(name) or None

    def one(self, rows: QuerySet[Row], row_id: str) -> Row:
        """The row that the address names, among ``rows`` that the person may see; else 404."""
        row = rows.filter(pk=row_id).first() if is_storable(row_id) else None
        if row is None:
            raise Http404
        return row

    def _of_session(self, shot: Shot) -> Shot:
        shot.session = self.session
        return shot


Method = Callable[..., Answer]
"""A method of an ApiView: ``(view, asked)``."""


def operation(
    summary: str,
    *,
    answer: Any = None,
    scope: TokenScope = TokenScope.READ,
    status: int = 200,
    body: type[Input] | None = None,
    query: type[Input] | None = None,
    if_match: bool = False,
    paid: bool = False,
    anonymous: bool = False,
    has_tag: bool = False,
    throttle: ThrottleScope | None = None,
    file: str | None = None,
    description: str = "",
    other_answers: dict[int, Any] | None = None,
    dry_run: str | None = None,
    of_deleted: bool = False,
    remembers: bool = True,
) -> Callable[[Method], Callable[..., Response]]:
    """Declare a method of an ApiView. ``if_match``: it is required; every other writing method honours it when it is sent."""
    counted = throttle or (ThrottleScope.GENERATE if paid else _COUNTED[scope])
    made = Operation(
        summary, scope, counted, status, body, query, answer, if_match, paid, anonymous, has_tag, file, description,
        other_answers or {}, dry_run, of_deleted, remembers,
    )  # fmt: skip

    def decorate(method: Method) -> Callable[..., Response]:
        @wraps(method)
        def door(view: Any, request: Request, **ids: str) -> Response:
            asked = Asked(request, made, ids)
            try:
                return _response(_answer(asked, lambda: method(view, asked)), asked)
            except NotModified as known:
                return Response(status=304, headers={"ETag": str(known), "Cache-Control": "private, no-cache"})

        door.operation = made  # type: ignore[attr-defined]
        return door

    return decorate


_COUNTED = {
    TokenScope.READ: ThrottleScope.READ,
    TokenScope.WRITE: ThrottleScope.WRITE,
    TokenScope.SPEND: ThrottleScope.GENERATE,
}


def _answer(asked: Asked, work: Callable[[], Answer]) -> Answer:
    _require_scope(asked)
    if asked.writes:
        _load(asked)
    asked.query = _query(asked)
    asked.body = _body(asked) if asked.writes else {}
    key = _key(asked) if asked.writes else ""
    if not key:
        return _expecting(asked, work)
    request = asked.request
    route = f"{request.method} {request.path}"
    sha256 = idempotency.digest(route=route, body=asked.body, query=asked.query)
    work_once = lambda: _expecting(asked, work)  # noqa: E731 - the precondition belongs to the work, not to its replay
    return idempotency.once(work_once, user=asked.user, key=key, route=route, request_sha256=sha256)


def _require_scope(asked: Asked) -> None:
    request, needed = asked.request, TokenScope.READ if asked.is_dry_run else asked.operation.scope
    if asked.operation.anonymous:
        return
    if not request.user.is_authenticated:
        raise exceptions.NotAuthenticated
    if isinstance(request.auth, ApiToken) and needed not in request.auth.scopes:
        sentence = f"This token may not do that: make one with the scope {needed}."
        raise Problem(403, "scope_missing", sentence, extra={"context": {"scope": needed.value}})


def _load(asked: Asked) -> None:
    """What the address names is there and is the caller's, before anything else is looked at."""
    is_gone = asked.operation.of_deleted
    named = [name for name in ("session", "shot", "take", "cut", "grade") if f"{name}_id" in asked.ids]
    for name in named:
        getattr(asked, f"deleted_{name}" if is_gone and name == named[-1] else name)


def _query(asked: Asked) -> dict[str, Any]:
    sent = asked.request.query_params.copy()
    sent.pop("format", None)  # the browsable page's own
    twice = [name for name in sent if len(sent.getlist(name)) > 1]
    if twice:
        error = {"pointer": f"?{twice[0][:80]}", "code": "twice", "detail": "Say this parameter once."}
        raise Problem(400, "invalid_request", f"The parameter “{twice[0][:80]}” is there twice: say it once.", errors=[error])
    form = (asked.operation.query or Input)(data=sent.dict(), context={"is_text": True})
    try:
        form.is_valid(raise_exception=True)
    except exceptions.ValidationError as error:
        raise invalid(error, parameters=True) from error
    return dict(form.validated_data)


def _body(asked: Asked) -> dict[str, Any]:
    data, made = asked.request.data, asked.operation
    if isinstance(data, QueryDict):
        data = as_json(made.body, data, file=made.file)
    if made.body is None and not data:
        return {}
    form = (made.body or Input)(data=data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def _key(asked: Asked) -> str:
    """The key under which the answer is kept; "" = it is not kept."""
    made, key = asked.operation, asked.header("Idempotency-Key")
    if key is not None:
        idempotency.require_key(key)
    elif made.paid and not asked.is_dry_run:
        raise idempotency.missing()
    is_kept = asked.request.method == "POST" and made.file is None and not made.anonymous and made.remembers
    return key if key is not None and is_kept and not asked.is_dry_run else ""


def _expecting(asked: Asked, work: Callable[[], Answer]) -> Answer:
    """Run the verb on the version that If-Match names: checked now, and again by the UPDATE that counts the edit."""
    sent = asked.header("If-Match") if asked.writes else None
    if asked.operation.if_match and not sent:
        raise etag.missing()
    if not sent or "session_id" not in asked.ids:
        return work()
    loaded = asked.__dict__
    target = next(loaded[name] for name in ("shot", "deleted_shot", "session", "deleted_session") if name in loaded)
    tag = etag.etag(version=target.version, revision=_session_of(target).revision)
    with expecting(target.pk, etag.required_version(sent, version=target.version, tag=tag)):
        return work()


def _session_of(target: Session | Shot) -> Session:
    return target.session if isinstance(target, Shot) else target


def _response(answer: Answer, asked: Asked) -> Response:
    status = 204 if answer.body is None and answer.status == 200 else answer.status
    response = Response(answer.body, status=status, headers=answer.headers)
    response["Cache-Control"] = "private, no-cache" if asked.operation.has_tag else "private, no-store"
    return response
