"""The account of an injection in words, for the page and the log. Pure."""

from collections.abc import Sequence

from prompts.injection import Conflict, Skipped
from prompts.style_parts import Part

_MOST_NAMED = 6


def account(
    parts: Sequence[Part], skipped: Sequence[Skipped], conflicts: Sequence[Conflict], *, has_style: bool, max_length: int | None
) -> str:
    """One or more sentences: what was added, what was left out, and why."""
    if not has_style:
        return "Nothing was added: there is no style yet."
    added = f"Added to your words: {_named([part.text for part in parts])}." if parts else "Nothing was added to your words."
    rows = [
        _line(
            "Left out because you said otherwise",
            [f"{row.text} (“{row.users_words}”)" for row in _of(skipped, "user-said-otherwise")],
        ),
        _line("Not repeated because you say it yourself", [row.text for row in _of(skipped, "already-said")]),
        _line("Left out because that aspect is switched off here", [row.text for row in _of(skipped, "overridden")]),
        _line(f"Left out to stay within {max_length} characters", [row.text for row in _of(skipped, "too-long")]),
        _line("Refused because it does not read as plain words", [f"“{row.text}”" for row in _of(skipped, "unsafe")]),
        _line("Added although you said otherwise", [f"{row.text} (“{row.users_words}”)" for row in conflicts]),
    ]
    return " ".join([added, *filter(None, rows)])


def _of(skipped: Sequence[Skipped], reason: str) -> list[Skipped]:
    return [row for row in skipped if row.reason == reason]


def _line(beginning: str, items: Sequence[str]) -> str:
    return f"{beginning}: {_named(items)}." if items else ""


def _named(items: Sequence[str]) -> str:
    """Each item once; after six the rest is counted."""
    distinct = list(dict.fromkeys(items))
    more = len(distinct) - _MOST_NAMED
    return "; ".join(distinct[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
