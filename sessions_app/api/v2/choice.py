"""``?fields=`` and ``?expand=``: names with commas, of a closed list."""

from collections.abc import Collection, Mapping
from typing import Any

from sessions_app.api.problems import Problem


def parts_of(text: str, *, known: Collection[str], parameter: str) -> frozenset[str]:
    """The names in ``text``. Problem 422 for one that is not ``known``, with all that are."""
    names = frozenset(name.strip() for name in text.split(",") if name.strip())
    unknown = sorted(names - set(known))
    if unknown:
        sentence = f"There is no “{unknown[0][:80]}”: use {', '.join(sorted(known))}."
        error = {"pointer": f"?{parameter}", "code": "unknown_name", "detail": sentence}
        raise Problem(422, "unknown_name", sentence, errors=[error])
    return names


def only(body: Mapping[str, Any], names: Collection[str]) -> Mapping[str, Any]:
    """``body`` with the members ``names``; whole when there are none."""
    return {name: value for name, value in body.items() if name in names} if names else body
