"""Files at addresses that a vendor names: fetched and put whole, bounded in bytes and in time, without the key."""

from collections.abc import Iterable, Mapping
from typing import BinaryIO, Protocol

import httpx

from continuity.providers.base import OutputExpired, OutputInvalid, ProviderError, RateLimited, Transient, Unreachable
from continuity.providers.connection import Reach, Resolve, Timeouts, check_url, open_client, system_resolve
from continuity.providers.retry_after import retry_after_seconds


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
            _check_answer(response, max_bytes=max_bytes, media_types=frozenset(media_types))
            _copy(response, sink, max_bytes=max_bytes, check=check)
    except httpx.TransportError as error:
        raise _lost(error) from error
    check.finish()


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
    except httpx.TransportError as error:
        raise _lost(error) from error


def _check_answer(response: httpx.Response, *, max_bytes: int, media_types: frozenset[str]) -> None:
    _check_status(response, expired=OutputExpired)
    media_type = response.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type not in media_types:
        raise OutputInvalid("What came is not a clip but another kind of file: try again, or ask the vendor.", raw=media_type)
    if response.headers.get("content-encoding", "identity") != "identity":
        raise OutputInvalid("The clip came compressed, which was not asked for: try again, or ask the vendor.")
    declared = response.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise _too_large(max_bytes)


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


def _copy(response: httpx.Response, sink: BinaryIO, *, max_bytes: int, check: FileCheck) -> None:
    count = 0
    for chunk in response.iter_raw():
        count += len(chunk)
        if count > max_bytes:
            raise _too_large(max_bytes)
        check.feed(chunk)
        sink.write(chunk)


def _too_large(max_bytes: int) -> OutputInvalid:
    return OutputInvalid(
        f"The clip is larger than {max_bytes} bytes, the most that is fetched: choose a shorter or smaller clip."
    )


def _lost(error: httpx.TransportError) -> ProviderError:
    raw = f"{type(error).__name__}: {error}"
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return Unreachable("The vendor's storage cannot be reached: try again in a minute.", raw=raw)
    return Transient("The connection to the vendor's storage was lost or too slow: try again in a minute.", raw=raw)
