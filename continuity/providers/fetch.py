"""Files at addresses that a vendor or a person names: fetched and put whole, bounded in bytes and time, without any key."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO, Protocol

import httpx

from continuity.providers.base import OutputExpired, OutputInvalid, ProviderError, RateLimited, Transient, Unreachable
from continuity.providers.connection import Reach, Resolve, Timeouts, check_url, open_client, system_resolve
from continuity.providers.retry_after import retry_after_seconds

MOST_REDIRECTS = 2
WEB_TIMEOUTS = Timeouts(connect=5.0, read=10.0, total=20.0)
LOST = (httpx.TransportError, httpx.InvalidURL)
"""What httpx raises when no whole answer came; the second one for a redirect to what is no address, followed or not."""


class FileCheck(Protocol):
    """Looks at a file while it arrives."""

    def feed(self, chunk: bytes) -> None:
        """OutputInvalid as soon as the bytes cannot be the file that is expected."""
        ...

    def finish(self) -> None:
        """OutputInvalid when the bytes fed do not make a whole file."""
        ...


def fetch_file(
    url: object,
    sink: BinaryIO,
    *,
    max_bytes: int,
    media_types: Iterable[str],
    check: FileCheck,
    reach: Reach,
    timeouts: Timeouts,
    resolve: Resolve = system_resolve,
) -> None:
    """Stream the file at ``url`` into ``sink``, at most ``max_bytes`` of it.

    AddressRefused, OutputExpired (403, 404, 410: signed addresses run out), RateLimited, OutputInvalid (another status,
    type, encoding or size, or ``check`` says so), Unreachable, Transient (cut, too slow, 5xx). What ``sink`` raises
    passes through. On any error ``sink`` holds part of a file.
    """
    address = check_url(url, reach=reach)
    try:
        with open_client(reach=reach, timeouts=timeouts, resolve=resolve) as client, client.stream("GET", address) as response:
            _check_status(response, expired=OutputExpired)
            _check_media_type(response, frozenset(media_types))
            for chunk in _chunks(response, max_bytes=max_bytes):
                check.feed(chunk)
                sink.write(chunk)
    except LOST as error:
        raise _lost(error) from error
    check.finish()


def fetch_web_file(
    url: object, sink: BinaryIO, *, max_bytes: int, timeouts: Timeouts = WEB_TIMEOUTS, resolve: Resolve = system_resolve
) -> None:
    """Stream whatever a person's address answers with into ``sink``, at most ``max_bytes`` of it. What it is, is for the
    decoder to say: the declared type is not looked at.

    Two redirects are followed, each checked like the first address, all within ``timeouts.total``. Raises ProviderErrors,
    whose sentences and kinds would tell a stranger what this server can reach: show none of them. What ``sink`` raises
    passes through. On any error ``sink`` holds part of a file.
    """
    address = check_url(url, reach=Reach.WEB)
    try:
        with (
            open_client(reach=Reach.WEB, timeouts=timeouts, resolve=resolve) as client,
            _followed(client, address) as response,
        ):
            _check_status(response, expired=OutputInvalid)
            for chunk in _chunks(response, max_bytes=max_bytes):
                sink.write(chunk)
    except LOST as error:
        raise _lost(error) from error


def put_file(
    url: object,
    content: bytes,
    *,
    headers: Mapping[str, str],
    reach: Reach,
    timeouts: Timeouts,
    resolve: Resolve = system_resolve,
) -> None:
    """PUT ``content`` to a signed address. AddressRefused, RateLimited, Unreachable, or Transient for every other
    failure: a fresh address may be asked for and the same bytes put again."""
    address = check_url(url, reach=reach)
    try:
        with (
            open_client(reach=reach, timeouts=timeouts, resolve=resolve) as client,
            client.stream("PUT", address, content=content, headers=dict(headers)) as response,
        ):
            _check_status(response, expired=Transient)
    except LOST as error:
        raise _lost(error) from error


@contextmanager
def _followed(client: httpx.Client, address: httpx.URL) -> Iterator[httpx.Response]:
    """The first answer that is no redirect. AddressRefused for a redirect to what may not be opened."""
    for _ in range(MOST_REDIRECTS + 1):
        with client.stream("GET", address) as response:
            if not response.has_redirect_location:
                yield response
                return
            address = _redirected(address, response.headers["location"])
    raise OutputInvalid(f"The address leads on more than {MOST_REDIRECTS} times: give the one where the file is.")


def _redirected(address: httpx.URL, location: str) -> httpx.URL:
    """Where ``location``, which may be relative, leads from ``address``."""
    try:
        target = str(address.join(location))
    except httpx.InvalidURL:
        target = location
    return check_url(target, reach=Reach.WEB)


def _check_media_type(response: httpx.Response, media_types: frozenset[str]) -> None:
    media_type = response.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type not in media_types:
        raise OutputInvalid("What came is not a clip but another kind of file: try again, or ask the vendor.", raw=media_type)


def _check_status(response: httpx.Response, *, expired: type[ProviderError]) -> None:
    status = response.status_code
    if status in (200, 201, 204):
        return
    raw = f"HTTP {status}"
    if status == 429:
        wait = retry_after_seconds(response.headers.get("retry-after"))
        raise RateLimited("The vendor's storage asks for a pause: try again later.", raw=raw, retry_after_seconds=wait)
    if status in (403, 404, 410):
        raise expired(
            "The vendor's storage no longer opens this address: make the clip again if asking again does not help.", raw=raw
        )
    if status >= 500 or status == 408 or expired is Transient:
        raise Transient("The vendor's storage failed: try again in a minute.", raw=raw)
    raise OutputInvalid("The vendor's storage did not hand out the clip: try again, or ask the vendor.", raw=raw)


def _chunks(response: httpx.Response, *, max_bytes: int) -> Iterator[bytes]:
    """The body as it arrives, never unpacked; OutputInvalid as soon as it is known to be longer than ``max_bytes``."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise OutputInvalid("The file came compressed, which was not asked for: try again, or ask the vendor.")
    declared = response.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise _too_large(max_bytes)
    count = 0
    for chunk in response.iter_raw():
        count += len(chunk)
        if count > max_bytes:
            raise _too_large(max_bytes)
        yield chunk


def _too_large(max_bytes: int) -> OutputInvalid:
    return OutputInvalid(f"The file is larger than {max_bytes} bytes, the most that is fetched: choose a shorter or smaller one.")


def _lost(error: Exception) -> ProviderError:
    raw = f"{type(error).__name__}: {error}"
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return Unreachable("The vendor's storage cannot be reached: try again in a minute.", raw=raw)
    return Transient("The connection to the vendor's storage was lost or too slow: try again in a minute.", raw=raw)
