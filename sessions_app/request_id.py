"""One id per request, in the answer, in the audit log and in every line of the server's log."""

import logging
import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-Id"
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_current: ContextVar[str] = ContextVar("request_id", default="")
_by_token: ContextVar[bool] = ContextVar("by_token", default=False)


def current() -> str:
    """The id of the request being answered; "" in a worker or a command."""
    return _current.get()


def note_token() -> None:
    """The request being answered was let in by a token."""
    _by_token.set(True)


def is_by_token() -> bool:
    """Whether a script's token, and not a person's own session, let the request in."""
    return _by_token.get()


class RequestIdMiddleware:
    """Takes the caller's id where it is plain text of at most 64 characters, else makes one; answers with it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        theirs = request.headers.get(HEADER, "")
        token = _current.set(theirs if _PLAIN.match(theirs) else secrets.token_hex(12))
        by_token = _by_token.set(False)
        request.request_id = current()  # type: ignore[attr-defined]  # the server's own lines about it come after the answer
        try:
            response = self.get_response(request)
            response[HEADER] = current()
        finally:
            _current.reset(token)
            _by_token.reset(by_token)
        return response


_SHARE_TOKEN = re.compile(r"(/shared?/)[A-Za-z0-9_-]{8,}")


class RequestIdFilter(logging.Filter):
    """Gives every log record its ``request_id``; "-" outside a request. Takes the secret out of a share link's address."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_SHARE_TOKEN.sub(r"\1…", arg) if isinstance(arg, str) else arg for arg in record.args)
        record.request_id = current() or getattr(getattr(record, "request", None), "request_id", "-")
        return True
