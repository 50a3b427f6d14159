"""The WSGI door: ``gunicorn config.wsgi``."""

import gc
import os
from collections.abc import Callable, Iterable
from email.message import Message
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
_django = get_wsgi_application()
gc.collect()
gc.freeze()  # what was imported stays; looking through it again and again costs tenths of a second each time


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django's own, except that a content type with a character set that is none is no content type that anybody reads."""
    if not _is_readable(environ.get("CONTENT_TYPE", "")):
        environ["CONTENT_TYPE"] = "application/octet-stream"
    return _django(environ, start_response)


def _is_readable(content_type: str) -> bool:
    """Django looks the character set up before anything of ours could answer for it."""
    message = Message()
    message["content-type"] = content_type
    charset = message.get_content_charset()
    try:
        return charset is None or "".encode(charset) is not None
    except (LookupError, ValueError):
        return False
