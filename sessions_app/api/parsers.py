"""JSON read strictly: what two readers could understand differently is refused, not guessed at."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.parsers import BaseParser

from sessions_app.api.problems import Problem

DEEPEST = 32
"""Levels of objects and lists in a body; nothing here needs ten."""


class StrictJSONParser(BaseParser):
    """UTF-8, one value, no duplicate keys, no NaN, no number beyond a float, at most DEEPEST levels and
    DATA_UPLOAD_MAX_MEMORY_SIZE bytes."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        try:
            return read_json(_read(stream).decode("utf-8"))
        except UnicodeDecodeError as error:
            raise _malformed("The body is not UTF-8: send UTF-8.") from error


def read_json(text: str) -> Any:
    """The value that ``text`` is. Problem 400 with the reason where it is none, or more than one reader's."""
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_finite, parse_int=_whole)
    except RecursionError as error:
        raise _too_deep() from error
    except json.JSONDecodeError as error:
        raise _malformed(f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from error
    _require_shallow(value)
    return value


def require_readable(headers: Mapping[str, str]) -> None:
    """Bodies are UTF-8, not compressed, and say how long they are: another charset would be decoded otherwise than meant, a
    chunked body would be taken for an empty one. Problem 415 or 400."""
    _require_plain(headers.get("Content-Type"), encoding=headers.get("Content-Encoding", "identity"))
    if "Transfer-Encoding" in headers and "Content-Length" not in headers:
        raise Problem(400, "length_required", "The body comes in chunks: send it whole, with its Content-Length.")


def _require_shallow(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return
    raise _too_deep()


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _require_plain(media_type: str | None, *, encoding: str) -> None:
    for parameter in (media_type or "").lower().split(";")[1:]:
        name, _, value = parameter.strip().partition("=")
        if name == "charset" and value.strip('"') != "utf-8":
            raise UnsupportedMediaType(str(media_type))
    if encoding != "identity":
        raise UnsupportedMediaType(encoding)


def _read(stream: Any) -> bytes:
    """At most the limit, counted while it is read: a Content-Length may lie or be absent."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    body: bytes = stream.read(limit + 1)
    if len(body) > limit:
        raise Problem(413, "body_too_large", f"The body is larger than {limit} bytes: send less at once.")
    return body


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise _malformed(f"The body says “{twice[:80]}” twice: say it once.")
    return made


def _no_constant(name: str) -> float:
    raise _malformed(f"{name} is no JSON number: send a finite number.")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _malformed("A number in the body is too large: send a smaller one.")
    return number


def _whole(text: str) -> int:
    if len(text) > 300:
        raise _malformed("A number in the body is too large: send a smaller one.")
    return int(text)


def _too_deep() -> Problem:
    return _malformed(f"The body is nested more than {DEEPEST} levels deep: flatten it.")


def _malformed(sentence: str) -> Problem:
    return Problem(400, "malformed_body", sentence)
