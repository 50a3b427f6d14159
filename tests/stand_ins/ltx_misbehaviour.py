"""How the LTX stand-in misbehaves: the answers that no client hopes for. The names are explained in ``ltx.py``."""

import gzip
import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler

SETTINGS = ("polls", "clip", "concurrency")
SLOW_SECONDS = 4.0
ENDLESS_BYTES = 50_000_000


def now() -> str:
    return datetime.now(UTC).isoformat()


class Misbehaving(BaseHTTPRequestHandler):
    """Plain answers, and spoiled ones. ``closing`` is set when the stand-in goes away."""

    closing: threading.Event

    def _misbehave(self, rule: dict) -> None:
        COMMON[rule["do"]](self, rule)

    def _answer(self, rule: dict) -> None:
        message = rule.get("message", "As the script says") + f" {self.headers.get('Authorization', '')}"
        self._refuse(rule["status"], rule.get("type", "api_error"), message, rule.get("headers"))

    def _hang(self, rule: dict) -> None:
        """Never answer: until the other side or the stand-in goes away."""
        self.connection.settimeout(0.1)
        while not self.closing.is_set():
            with suppress(TimeoutError):
                if not self.connection.recv(1):
                    return

    def _cut(self, rule: dict) -> None:
        self._head(202, {"Content-Type": "application/json", "Content-Length": "200"})
        self.wfile.write(b'{"id": "abc')

    def _garbage(self, rule: dict) -> None:
        self._send(200, b"<html>Everything is fine</html>", "application/json")

    def _huge(self, rule: dict) -> None:
        """Good JSON behind which come two million blanks."""
        self._send(202, json.dumps({"id": "abc", "created_at": now()}).encode() + b" " * 2_000_000, "application/json")

    def _trickle(self, rule: dict) -> None:
        """A blank now and then, and in the end an answer: whoever waits that long gets a clean one, not an error."""
        body = json.dumps({"id": "late", "created_at": now()}).encode()
        count = int(SLOW_SECONDS / rule.get("every", 0.05))
        self._head(202, {"Content-Type": "application/json", "Content-Length": str(count + len(body))})
        self._slowly(b" " * count, rule)
        self.wfile.write(body)

    def _redirect(self, rule: dict) -> None:
        self._head(rule.get("status", 307), {"Location": rule["to"], "Content-Length": "0"})

    def _spoil(self, rule: dict, content: bytes) -> None:
        half = content[: len(content) // 2]
        match rule["do"]:
            case "type":
                self._send(200, content, rule["type"])
            case "page":
                self._send(200, b"<!DOCTYPE html><title>Sign in</title>" + b" " * 4000, "video/mp4")
            case "truncated":
                self._send(200, half, "video/mp4")
            case "cut":
                self._head(200, {"Content-Type": "video/mp4", "Content-Length": str(len(content))})
                self.wfile.write(half)
            case "long":
                self._head(200, {"Content-Type": "video/mp4", "Content-Length": str(10**12)})
                self.wfile.write(half)
            case "compressed":
                self._send(200, gzip.compress(content), "video/mp4", {"Content-Encoding": "gzip"})
            case "drip":
                self._drip(content, rule)
            case "endless":
                self._endless(content)

    def _drip(self, content: bytes, rule: dict) -> None:
        self._head(200, {"Content-Type": "video/mp4", "Content-Length": str(len(content))})
        count = int(SLOW_SECONDS / rule.get("every", 0.05))
        self._slowly(content[:count], rule)
        self.wfile.write(content[count:])

    def _slowly(self, content: bytes, rule: dict) -> None:
        for index in range(len(content)):
            self.wfile.write(content[index : index + 1])
            self.closing.wait(rule.get("every", 0.05))

    def _endless(self, content: bytes) -> None:
        """The clip and box after box behind it, without a Content-Length: far more than any test allows."""
        self._head(200, {"Content-Type": "video/mp4"})
        self.wfile.write(content)
        for _ in range(ENDLESS_BYTES // 65536):
            self.wfile.write((65536).to_bytes(4) + b"free" + bytes(65528))

    def _refuse(self, status: int, kind: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        self._send_json(status, {"type": "error", "error": {"type": kind, "message": message}}, headers)

    def _send_json(self, status: int, data: object, headers: Mapping[str, str] | None = None) -> None:
        self._send(status, json.dumps(data).encode(), "application/json", headers)

    def _send(self, status: int, content: bytes, media_type: str, headers: Mapping[str, str] | None = None) -> None:
        self._head(status, {"Content-Type": media_type, "Content-Length": str(len(content))} | dict(headers or {}))
        self.wfile.write(content)

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Connection": "close", **headers}.items():
            self.send_header(name, value)
        self.end_headers()


COMMON = {
    "answer": Misbehaving._answer,
    "hang": Misbehaving._hang,
    "cut": Misbehaving._cut,
    "garbage": Misbehaving._garbage,
    "huge": Misbehaving._huge,
    "redirect": Misbehaving._redirect,
    "trickle": Misbehaving._trickle,
}
OWN = {
    "submit": {"id", "without-id"},
    "poll": {"failed", "without-output", "url", "state", "id"},
    "upload": {"url", "headers", "storage-uri"},
    "put": set(),
    "download": {"type", "page", "truncated", "drip", "endless", "compressed", "long"},
}


def checked_script(script: dict) -> dict:
    """The script itself; ValueError for a word that does nothing, which would make a test that cannot fail."""
    unknown = set(script) - {*OWN, *SETTINGS}
    for step, own in OWN.items():
        unknown |= {(script.get(step) or {}).get("do")} - {None, *COMMON, *own}
    if unknown:
        raise ValueError(f"a script has no {', '.join(sorted(unknown))}")
    return script
