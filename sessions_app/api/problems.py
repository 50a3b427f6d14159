"""Every error under ``/api`` as RFC 9457 problem+json: one shape, one sentence saying what to do, a ``code`` for programs."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import islice
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from continuity.services.errors import Refused
from prompts.expectations import VersionConflict
from prompts.injection import ComposeError
from sessions_app import request_id

PROBLEM_JSON = "application/problem+json"
logger = logging.getLogger(__name__)


@dataclass
class Problem(Exception):
    """``errors`` point into the body (``pointer``, RFC 6901) or at a parameter (``?name``); ``extra`` are further members of
    ProblemDto."""

    status: int
    code: str
    detail: str
    errors: list[dict[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    def body(self, *, instance: str) -> dict[str, Any]:
        problem: dict[str, Any] = {
            "type": f"urn:throughline:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": _sendable(self.detail),
            "instance": _sendable(instance),
            "code": self.code,
            "requestId": request_id.current(),
        }
        errors = [{name: _sendable(text) for name, text in row.items()} for row in self.errors]
        return problem | ({"errors": errors} if errors else {}) | self.extra


def _sendable(text: str) -> str:
    """Half a surrogate pair, which JSON can say and UTF-8 cannot, as a question mark; what is longer than a screen, cut off."""
    return (text if len(text) <= LONGEST_SENTENCE else f"{text[:LONGEST_SENTENCE]}…").encode(errors="replace").decode()


LONGEST_SENTENCE = 2_000
"""Characters of a problem's texts, which may quote what was sent."""
MOST_ERRORS = 50
"""Fields that a problem names: a body of megabytes is not answered with more of them."""
NOT_FOUND = "There is nothing here: check the address and that you are signed in as its owner."
WORDS_REFUSED = frozenset(
    {
        *("prompt_invalid", "prompt_too_long", "prompt_empty", "model_unknown", "provider_invalid_request", "mode_unsupported"),
        *("bad_titles", "bad_crossfade", "bad_address", "bad_note", "bridge_not_earlier", "bridge_of_another_scene"),
        *("no_such_position", "no_such_template", "template_name", "start_image_of_another_owner", "reference_of_another_owner"),
        *(
            "video_error",
            "video_damaged",
            "video_too_large",
            "video_too_long",
            "version_of_another_prompt",
            "no_picture",
            "too_long_to_read",
            "ffmpeg_failed",
            "ffmpeg_timeout",
        ),
        *("take_of_another_scene", "source_of_another_owner", "prompt_of_another_session", "model_retired", "asset_not_usable"),
    }
)
"""Codes of refusals of what was sent (422); every other refusal is of what is there (409)."""
UNPROCESSABLE_FIELDS = frozenset(
    {"null_characters_not_allowed", "surrogate_characters_not_allowed", "unprocessable", "unknown_reference"}
)
"""Codes of fields whose JSON is as documented, but whose content cannot be used: 422, where a wrong type is 400."""


def refusal(error: Refused) -> Problem:
    """409 for a state that does not allow it, 422 for content that cannot be used; nothing was written."""
    job = {"jobUrl": f"/api/v2/jobs/{error.job_id}"} if error.job_id else {}
    is_of_words = error.code in WORDS_REFUSED or error.code.endswith("_invalid") or error.code.startswith("not_a_")
    return Problem(422 if is_of_words else 409, error.code, str(error), extra=job)


def problem_of(error: Exception) -> Problem | None:
    """The problem that an exception of a view is; None = a bug, which is a 500."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Refused):
        return refusal(error)
    if isinstance(error, ComposeError):
        return Problem(422, error.code, str(error))
    if isinstance(error, VersionConflict):
        return edited_since()
    if isinstance(error, exceptions.ValidationError):
        return invalid(error)
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    return _of_django(error)


def edited_since(tag: str = "") -> Problem:
    """``tag``: the ETag of what is there now, where it is known."""
    sentence = "This was edited after you read it: read it again, then make your change to what it says now."
    return Problem(412, "edited_since", sentence, extra={"etag": tag} if tag else {})


def invalid(error: exceptions.ValidationError, *, parameters: bool = False) -> Problem:
    """The fields of a body that were refused, each with its pointer; or the ``parameters`` of an address."""
    rows = list(islice(_rows(error.detail, ""), MOST_ERRORS))
    if parameters:
        rows = [{**row, "pointer": f"?{_parameter(row['pointer'])}"} for row in rows]
    status = 422 if all(row["code"] in UNPROCESSABLE_FIELDS for row in rows) else 400
    told = "; ".join(f"{row['pointer'] or 'the body'}: {row['detail']}" for row in rows[:3])
    return Problem(status, "invalid_request", told + (" …" if len(rows) > 3 else ""), errors=rows)


def _parameter(pointer: str) -> str:
    """The name that a pointer begins with; "" of the pointer to all of them."""
    return pointer.partition("/")[2].partition("/")[0].replace("~1", "/").replace("~0", "~")


def _rows(detail: Any, pointer: str) -> Iterator[dict[str, str]]:
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            own = "" if name == api_settings.NON_FIELD_ERRORS_KEY else f"/{str(name).replace('~', '~0').replace('/', '~1')}"
            yield from _rows(inner, pointer + own)
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list)
            if not nested or inner:
                yield from _rows(inner, f"{pointer}/{number}" if nested else pointer)
    else:
        yield {"pointer": pointer, "code": getattr(detail, "code", "invalid"), "detail": str(detail)}


def _of_framework(error: exceptions.APIException) -> Problem:
    headers: dict[str, str] = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(error.auth_header)  # type: ignore[attr-defined]
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(max(1, int(wait) + 1))
    code = _CODES.get(type(error), str(getattr(error, "default_code", "error")))
    sentence = _SENTENCES.get(type(error)) or str(error.detail)
    return Problem(error.status_code, code, sentence, headers=headers)


_CODES: dict[type[Exception], str] = {
    exceptions.NotAuthenticated: "not_signed_in",
    exceptions.AuthenticationFailed: "not_signed_in",
    exceptions.Throttled: "too_many_requests",
    exceptions.NotFound: "not_found",
    exceptions.PermissionDenied: "forbidden",
    exceptions.ParseError: "malformed_body",
}
_SENTENCES: dict[type[Exception], str] = {
    exceptions.NotAuthenticated: "You are not signed in: send Authorization: Bearer with a token, or sign in on the site.",
    exceptions.Throttled: "Too many requests in a short time: wait as long as Retry-After says, then go on.",
    exceptions.NotFound: NOT_FOUND,
    exceptions.MethodNotAllowed: "This address does not take this method: the header Allow says which it takes.",
    exceptions.UnsupportedMediaType: "This content type is not read here: send application/json.",
    exceptions.NotAcceptable: "This answer does not exist in the type that Accept asks for: ask for application/json.",
}


def _of_django(error: Exception) -> Problem | None:
    if isinstance(error, Http404):
        return Problem(404, "not_found", NOT_FOUND)
    if isinstance(error, PermissionDenied):
        return Problem(403, "forbidden", str(error) or "You may not do this.")
    if isinstance(error, RequestDataTooBig):
        return Problem(413, "body_too_large", "The body is larger than this server reads: send less at once.")
    if isinstance(error, OperationalError):
        logger.warning("The database did not answer in time.", exc_info=error)
        return Problem(503, "busy", "The server is busy: nothing was changed, try again.", headers={"Retry-After": "2"})
    return None


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """What REST_FRAMEWORK names: the answer to an exception of a view, or None for the 500 of ``server_error``."""
    problem = problem_of(error)
    if problem is None:
        return None
    set_rollback()
    return Response(problem.body(instance=context["request"].path), status=problem.status, headers=problem.headers)


def answer(request: HttpRequest, problem: Problem) -> JsonResponse:
    """The problem outside any view of the API: an address that is none, an error of the server."""
    body = problem.body(instance=request.path)
    return JsonResponse(body, status=problem.status, headers=problem.headers, content_type=PROBLEM_JSON)


def server_error(request: HttpRequest) -> JsonResponse:
    sentence = "Something went wrong here, and it was written down: try again, and name the request id when you ask for help."
    return answer(request, Problem(500, "server_error", sentence))
