"""Entity tags of sessions and shots: ``"<version>.<revision>"``. If-Match compares people's edits, If-None-Match any change."""

import re

from sessions_app.api.problems import Problem, edited_since

_TAG = re.compile(r'(?:W/)?"([^"]*)"|([^\s,"]+)')
"""A tag, or one that somebody forgot to quote."""


def etag(*, version: int, revision: int) -> str:
    return f'"{version}.{revision}"'


def is_known(header: str, tag: str) -> bool:
    """Whether If-None-Match names ``tag``: the caller has this answer already. ``*`` names no answer that anybody has."""
    return tag.strip('"') in _names(header)


def required_version(header: str, *, version: int, tag: str = "") -> int | None:
    """The version that If-Match binds the edit to: ``version``, the one there is, if it is named; None for ``*``.

    Problem 412 with ``tag``, that of what is there, when only other versions are named.
    """
    if _is_any(header):
        return None
    if str(version) in {name.partition(".")[0] for name in _names(header)}:
        return version
    raise edited_since(tag)


def missing() -> Problem:
    sentence = "Say which version you are changing: send If-Match with the ETag of what you read."
    return Problem(428, "if_match_required", sentence)


def _is_any(header: str) -> bool:
    """The star stands alone and without quotes; a tag that looks like it is a tag."""
    return header.strip() == "*"


def _names(header: str) -> set[str]:
    return {quoted or bare for quoted, bare in _TAG.findall(header)}
