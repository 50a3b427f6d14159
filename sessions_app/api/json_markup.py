"""JSON as a page shows it: indented, names and texts told apart, addresses of this site to click on. Everything is escaped."""

import json
import re
from collections.abc import Iterator
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_TEXT = re.compile(r'("(?:[^"\\]|\\.)*")(:?)')
_ADDRESS = re.compile(r"/(?:api/v2|media)(?:[/?][^\s\\]*)?\Z")
"""Only addresses of this site: a link that somebody typed into a name cannot lead away from it."""


def is_address(value: Any) -> bool:
    return isinstance(value, str) and _ADDRESS.match(value) is not None


def pretty(data: Any) -> str:
    """``data`` as a person would write it: two spaces per level, letters as letters."""
    return json.dumps(data, indent=2, ensure_ascii=False)


def marked_up(data: Any) -> SafeString:
    """``data`` as escaped HTML for a ``<pre>``."""
    return format_html_join("", "{}", ((part,) for part in _parts(pretty(data))))


def _parts(text: str) -> Iterator[str]:
    """In text that ``json.dumps`` made, every quoted run is a text; the one before a colon is a name."""
    end = 0
    for found in _TEXT.finditer(text):
        yield text[end : found.start()]
        yield _name_or_text(found[1], is_name=bool(found[2]))
        end = found.end()
    yield text[end:]


def _name_or_text(quoted: str, *, is_name: bool) -> SafeString:
    if is_name:
        return format_html('<span class="json-name">{}</span>:', quoted)
    if quoted.startswith(('"/api/', '"/media')) and is_address(json.loads(quoted)):
        return format_html('<a href="{}">{}</a>', json.loads(quoted), quoted)
    return format_html('<span class="json-text">{}</span>', quoted)
