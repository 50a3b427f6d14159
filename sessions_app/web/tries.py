"""How often somebody may try: a password at one name, a new account, a mail. Counted for all web processes together."""

import contextlib
import math
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.files import locks
from django.http import HttpRequest

from sessions_app.enums import ThrottleScope

SECONDS = {"sec": 1, "min": 60, "hour": 3600, "day": 86400}


def wait_before(what: str, request: HttpRequest, about: str = "") -> int:
    """Count one more try to do ``what`` from the request's address, ``about`` one name. Answers 0, or the seconds to wait when
    THROTTLE_SIGN_IN is used up; then it is not counted."""
    rate = settings.THROTTLES[ThrottleScope.SIGN_IN]
    if not rate:
        return 0
    most, period = _read(rate)
    key, now = _key(what, request, about), time.time()
    with alone():
        recent = [at for at in caches["shared"].get(key, []) if at > now - period]
        if len(recent) >= most:
            oldest: float = recent[-most]
            return max(1, math.ceil(oldest + period - now))
        caches["shared"].set(key, [*recent, now], timeout=period)
    return 0


def forgive(what: str, request: HttpRequest, about: str = "") -> None:
    """Forget the tries: the last one was right."""
    caches["shared"].delete(_key(what, request, about))


def too_many(seconds: int) -> str:
    return f"That was tried too often: wait {seconds} second{'' if seconds == 1 else 's'}, then try again."


def _read(rate: str) -> tuple[int, int]:
    most, _, period = rate.partition("/")
    return int(most), SECONDS[period]


def _key(what: str, request: HttpRequest, about: str) -> str:
    """Of a fixed length whatever was typed, and without it: nobody reads names out of the cache's folder."""
    return f"tries-{what}-{sha256(f'{_address(request)}|{about.casefold()}'.encode()).hexdigest()}"


def _address(request: HttpRequest) -> str:
    """Behind so many proxies of one's own, that which the outermost of them wrote; what stands before it may be invented."""
    framework: Any = settings.REST_FRAMEWORK
    proxies: int = framework["NUM_PROXIES"]
    written = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    return written[-min(proxies, len(written))] if proxies and written else str(request.META.get("REMOTE_ADDR", ""))


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One at a time, of all processes: reading and writing the cache are two steps, and guesses come in parallel."""
    caching: Any = settings.CACHES["shared"]
    folder = Path(caching["LOCATION"])
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "tries.lock").open("w") as file:
        locks.lock(file, locks.LOCK_EX)
        yield
