"""Connections to addresses that somebody else names: never to a private network, never longer than allowed.

A vendor's result URL comes from outside, so it is treated like a stranger's: https on port 443 only (for what a person
names http on port 80 too), no redirects that are not checked in their turn, no proxy from the environment, no cookies; the
name is resolved here, **every** address of it must be public, and the connection goes to the address that was checked (a
name that answers differently a moment later gains nothing). Host header and TLS name stay those of the URL.
"""

import ipaddress
import re
import socket
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ssl import SSLContext
from threading import Thread
from typing import Any

import httpcore
import httpx

from continuity.providers.base import OutputInvalid

WRITE_BYTES = 65536
URL_CHARACTERS = 8192
PLAIN_URL = re.compile(r"[!-\[\]-~]+")  # printable ASCII without space and backslash

Resolve = Callable[[str, int], list[str]]


class AddressRefused(OutputInvalid):
    """Somebody named an address that this server does not open. Asking again does not help."""

    code = "address_refused"
    retryable = False


@dataclass(frozen=True)
class Timeouts:
    """Seconds: ``connect`` for one connection, ``read`` between two arrivals of bytes, ``total`` for one whole exchange."""

    connect: float = 5.0
    read: float = 30.0
    total: float = 60.0


class Reach(StrEnum):
    """Which addresses a call may open."""

    PUBLIC = "public"  # what a vendor names: https, port 443, public addresses only
    WEB = "web"  # what a person names: http too, ports 80 and 443, public addresses only
    LOOPBACK = "loopback"  # this machine only, any port, http too: a vendor's stand-in
    CONFIGURED = "configured"  # the vendor's own host, which the operator set


PORTS: dict[Reach, set[int | None]] = {Reach.PUBLIC: {None, 443}, Reach.WEB: {None, 80, 443}}
"""None = the scheme's own port. A reach that is not listed opens any port."""
WEB_REFUSAL = "This address is not one that this server opens: give a public http or https address."
VENDOR_REFUSAL = "The vendor named an address that this server does not open: ask whoever runs this server to look at it."


def reach_beside(base_url: str) -> Reach:
    """The addresses that a vendor at ``base_url`` may name: this machine's own if it is one itself, else public ones."""
    host = httpx.URL(base_url).host
    return Reach.LOOPBACK if host == "localhost" or _is_loopback(host) else Reach.PUBLIC


def check_url(url: object, *, reach: Reach) -> httpx.URL:
    """The URL as something to open; AddressRefused unless scheme, port and form fit ``reach`` (addresses: at connect)."""
    if not isinstance(url, str) or len(url) > URL_CHARACTERS or not PLAIN_URL.fullmatch(url):
        raise _refused(repr(url)[:URL_CHARACTERS], reach)
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise _refused(url, reach) from error
    wrong_scheme = parsed.scheme not in ({"https"} if reach is Reach.PUBLIC else {"https", "http"})
    wrong_port = reach in PORTS and parsed.port not in PORTS[reach]
    has_user = "@" in re.split("[/?#]", url.partition("://")[2])[0]
    if wrong_scheme or not parsed.host or wrong_port or has_user:
        raise _refused(url, reach)
    return parsed


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open Internet: no private, shared, link-local, multicast or reserved one, and
    none that carries another address inside (IPv4-mapped, 6to4, NAT64, Teredo)."""
    ip = ipaddress.ip_address(address)
    if not ip.is_global or ip.is_multicast or ip.is_reserved:
        return False
    return ip.version == 4 or not (ip.is_site_local or ip.ipv4_mapped or ip.sixtofour or ip.teredo)


def system_resolve(host: str, port: int) -> list[str]:
    """Every address of a name, in the system's order; OSError if there is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


def open_client(*, reach: Reach, timeouts: Timeouts, resolve: Resolve = system_resolve) -> httpx.Client:
    """A client for ONE exchange: its total time starts now, it follows no redirect, retries nothing, reads no environment,
    keeps no cookie."""
    limits = httpx.Timeout(timeouts.read, connect=timeouts.connect)
    return httpx.Client(
        transport=_GuardedTransport(reach=reach, deadline=_Deadline(timeouts.total), resolve=resolve),
        timeout=limits,
        follow_redirects=False,
        trust_env=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        headers={"user-agent": "throughline", "accept-encoding": "identity"},
    )


def _refused(raw: str, reach: Reach) -> AddressRefused:
    return AddressRefused(WEB_REFUSAL if reach is Reach.WEB else VENDOR_REFUSAL, raw=raw)


def _may_open(address: str, reach: Reach) -> bool:
    if reach is Reach.CONFIGURED:
        return True
    return _is_loopback(address) if reach is Reach.LOOPBACK else is_public(address)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Deadline:
    """The end of an exchange. httpx bounds the wait for the next byte, not the sum of the waits; a slow drip needs this."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def within(self, timeout: float | None, expired: type[Exception]) -> float:
        """The seconds that one operation may still wait, at most ``timeout``; ``expired`` when none are left."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise expired("the total time is over")
        return left if timeout is None else min(left, timeout)


class _TimedStream(httpcore.NetworkStream):
    """A stream whose every read and write ends at the deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.within(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), WRITE_BYTES):
            left = self._deadline.within(timeout, httpcore.WriteTimeout)
            self._inner.write(buffer[start : start + WRITE_BYTES], left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._deadline.within(timeout, httpcore.ConnectTimeout)
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _GuardedBackend(httpcore.SyncBackend):
    """Resolves, checks every address, connects to what it checked."""

    def __init__(self, *, reach: Reach, deadline: _Deadline, resolve: Resolve) -> None:
        self._reach = reach
        self._deadline = deadline
        self._resolve = resolve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("the name has no address")
        for address in self._addresses(host, port, self._deadline.within(timeout, httpcore.ConnectTimeout)):
            try:
                left = self._deadline.within(timeout, httpcore.ConnectTimeout)
                stream = super().connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream, self._deadline)
        raise failure

    def _addresses(self, host: str, port: int, seconds: float) -> list[str]:
        try:
            addresses = _in_time(lambda: self._resolve(host, port), seconds=seconds)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        if not all(_may_open(address, self._reach) for address in addresses):
            raise _refused(f"{host} is {', '.join(addresses)}", self._reach)
        return addresses


def _in_time(look_up: Callable[[], list[str]], *, seconds: float) -> list[str]:
    """What ``look_up`` answers or raises; ConnectTimeout when that takes longer. The system's resolver knows no time limit of
    ours: one that hangs is left to its own thread."""
    answer: Future[list[str]] = Future()

    def ask() -> None:
        try:
            answer.set_result(look_up())
        except Exception as error:
            answer.set_exception(error)

    Thread(target=ask, name="look-up of a name", daemon=True).start()
    try:
        return answer.result(timeout=seconds)
    except TimeoutError as error:
        if answer.done():  # the system's own word, which is an OSError like the others
            raise
        raise httpcore.ConnectTimeout("the name was not looked up in time") from error


class _GuardedTransport(httpx.HTTPTransport):
    """httpx's own transport (it converts httpcore's errors) over a pool that dials through the guard."""

    def __init__(self, *, reach: Reach, deadline: _Deadline, resolve: Resolve) -> None:
        super().__init__(verify=_tls(), trust_env=False)
        backend = _GuardedBackend(reach=reach, deadline=deadline, resolve=resolve)
        self._pool = httpcore.ConnectionPool(ssl_context=_tls(), network_backend=backend, retries=0)


@cache
def _tls() -> SSLContext:
    return httpx.create_ssl_context(trust_env=False)
