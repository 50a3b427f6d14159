"""A small Internet on this machine, for what fetches from addresses that people name.

The guard runs whole and unchanged: names are looked up, addresses judged, ports 80 and 443 asked for. Only the two ends of
the wire are ours: what the system's resolver answers, and where a connection to a public address really leads. In a test::

    internet.names["pictures.example"] = [PUBLIC]           # or several answers, one after the other: [[PUBLIC], ["10.0.0.1"]]
    internet.pages["/door.png"] = page(png, "image/png")
    assert internet.dialled == [(PUBLIC, 80)]               # every connection that was tried, by the address dialled
"""

import errno
import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpcore
import pytest

PUBLIC = "93.184.215.14"
OTHER_PUBLIC = "8.8.4.4"
TICKS = 60
Page = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers with the page of the path; ``server.internet`` is the Internet it belongs to."""

    def do_GET(self) -> None:
        internet: Internet = self.server.internet  # type: ignore[attr-defined]
        internet.asked.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
        page = internet.pages.get(self.path, missing)
        with suppress(BrokenPipeError, ConnectionResetError):
            page(self)

    def head(self, status: int, **headers: object) -> None:
        self.send_response(status)
        for name, value in {"connection": "close", **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def page(content: bytes, media_type: str = "application/octet-stream", **headers: object) -> Page:
    """A good answer, with more headers where they are given (``set_cookie="a=b"``)."""

    def answer(handler: Handler) -> None:
        handler.head(200, content_type=media_type, content_length=len(content), **headers)
        handler.wfile.write(content)

    return answer


def status(code: int, **headers: object) -> Page:
    return lambda handler: handler.head(code, content_length=0, **headers)


def redirect(to: str, code: int = 302) -> Page:
    return status(code, location=to)


missing = status(404)


def drip(handler: Handler) -> None:
    """A byte now and then, longer than any test waits; who waits that long gets a clean answer, not an error."""
    handler.head(200, content_type="image/png")
    for _ in range(TICKS):
        handler.server.internet.closing.wait(0.05)  # type: ignore[attr-defined]
        handler.wfile.write(b"\x00")


def slow_head(handler: Handler) -> None:
    """The same before the body."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\nx-slow: ")
    for _ in range(TICKS):
        handler.server.internet.closing.wait(0.05)  # type: ignore[attr-defined]
        handler.wfile.write(b"x")
    handler.wfile.write(b"\r\n\r\n")


def silence(handler: Handler) -> None:
    """No answer for as long."""
    handler.server.internet.closing.wait(TICKS * 0.05)  # type: ignore[attr-defined]
    status(200)(handler)


def endless(handler: Handler) -> None:
    """Zeros without a length, until the other side has had enough."""
    handler.head(200, content_type="video/mp4")
    for _ in range(4096):
        handler.wfile.write(bytes(65536))


def cut_short(content: bytes) -> Page:
    """Half of it, under the length of the whole."""

    def answer(handler: Handler) -> None:
        handler.head(200, content_type="image/png", content_length=len(content))
        handler.wfile.write(content[: len(content) // 2])

    return answer


def says_less(content: bytes) -> Page:
    """All of it, under half its length."""

    def answer(handler: Handler) -> None:
        handler.head(200, content_type="image/png", content_length=len(content) // 2)
        handler.wfile.write(content)

    return answer


def bomb(handler: Handler) -> None:
    """A hundred kilobytes that gzip would unpack to a hundred megabytes."""
    packed = gzip.compress(bytes(100_000_000), compresslevel=9)
    handler.head(200, content_type="image/png", content_encoding="gzip", content_length=len(packed))
    handler.wfile.write(packed)


@dataclass
class Internet:
    """``names``: each name's addresses, a list of lists for a name that answers differently each time. ``asked``: the path
    and headers of every request that came. ``looked_up``: every name that the resolver was asked for."""

    port: int
    names: dict[str, list[Any]] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    dialled: list[tuple[str, int]] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def addresses_of(self, host: str) -> list[str]:
        self.looked_up.append(host)
        answers = self.names[host]
        return answers.pop(0) if isinstance(answers[0], list) else answers


@contextmanager
def small_internet(monkeypatch: pytest.MonkeyPatch) -> Iterator[Internet]:
    """As ``Internet``, with the resolver and the wire of this process led to it while the block lasts."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        internet = Internet(server.server_address[1])
        server.internet = internet  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        monkeypatch.setattr(socket, "getaddrinfo", _resolver(internet))
        monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", _wire(internet))
        try:
            yield internet
        finally:
            internet.closing.set()
            server.shutdown()
            thread.join()


def _resolver(internet: Internet) -> Callable[..., Any]:
    """The system's own for numbers, in every spelling it knows, and for this machine's name; our table for all else."""
    system = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        if host in internet.names:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in internet.addresses_of(host)]
        if isinstance(host, str) and host.rstrip(".") == "localhost":
            return system("localhost", port, *args, **options)
        return system(host, port, *args, **options | {"flags": socket.AI_NUMERICHOST})

    return getaddrinfo


def _wire(internet: Internet) -> Callable[..., Any]:
    """A connection to one of our public addresses leads to the server; nobody listens at any other."""
    system = httpcore.SyncBackend.connect_tcp

    def connect_tcp(self: Any, host: str, port: int, *args: Any, **options: Any) -> Any:
        internet.dialled.append((host, port))
        if host not in (PUBLIC, OTHER_PUBLIC):
            raise httpcore.ConnectError(OSError(errno.ECONNREFUSED, "nobody listens there"))
        return system(self, "127.0.0.1", internet.port, *args, **options)

    return connect_tcp
