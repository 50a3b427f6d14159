"""What the stand-ins of vision models share: a server on 127.0.0.1 that notes, checks, and answers, well or badly.

In a test::

    with openai_stand_in() as vendor:
        vision = OpenAiVision(vendor.api_key, vendor.base_url, model="gpt-6-luna")
        vendor.answer({"lighting": …})                    # the model's next answers, one after the other
        vendor.script("status", status=429, times=1)       # what to do instead
        assert vendor.posts() == 1

Without ``answer`` the model says something that fits the schema it was given. ``script(do, …)`` misbehaves, ``times`` as
often (absent: always), ``script()`` behaves again:

- the connection: ``hang``, ``cut``, ``trickle`` (every), ``redirect`` (to)
- the body: ``status`` (status, and what the vendor's ``error_body`` takes), ``html``, ``array``, ``huge`` (megabytes)
- the model: ``text`` (text in place of JSON), ``finish`` (reason), ``refuse``, ``empty``, ``uncounted``, ``body`` (all of it)
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any

from PIL import Image

KEY = "stand-in-key"
SLOW_SECONDS = 3.0
LARGEST_SIDE = 768
WORDS = {
    *("status", "html", "array", "huge", "hang", "cut", "trickle", "redirect"),
    *("text", "finish", "refuse", "empty", "uncounted", "body"),
}


class Refusal(Exception):
    """The vendor refuses one request: ``kind`` in the vendor's own words."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind = status, kind


@dataclass
class VisionStandIn:
    """A running stand-in. ``rows``: every request that came, oldest first; ``sent_bytes`` of a ``huge`` answer."""

    api_key: str = KEY
    base_url: str = ""
    rows: list[dict] = field(default_factory=list)
    answers: list[dict] = field(default_factory=list)
    rule: dict = field(default_factory=dict)
    sent_bytes: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    closing: threading.Event = field(default_factory=threading.Event)

    def script(self, do: str = "", **options: object) -> None:
        """What to do with every request from now on; no arguments = behave. ValueError for a word that does nothing."""
        if do and do not in WORDS:
            raise ValueError(f"a script has no {do}")
        with self.lock:
            self.rule = {"do": do, **options} if do else {}

    def answer(self, *answers: dict) -> None:
        """What the model says, one answer after the other, the last one for ever."""
        with self.lock:
            self.answers = list(answers)

    def posts(self) -> int:
        return sum(row["method"] == "POST" for row in self.rows)

    def bodies(self) -> list[dict]:
        return [json.loads(row["body"]) for row in self.rows]

    def next_rule(self) -> dict:
        with self.lock:
            if self.rule.get("times") == 0:
                return {}
            if "times" in self.rule:
                self.rule["times"] -= 1
            return dict(self.rule)

    def next_answer(self, schema: Mapping[str, Any]) -> dict:
        with self.lock:
            if not self.answers:
                return sample(schema)
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class VisionHandler(BaseHTTPRequestHandler):
    """One request: noted, checked, then answered. Subclasses know the vendor's words."""

    server: "VisionServer"
    protocol_version = "HTTP/1.1"

    def schema_asked_for(self, data: dict) -> Mapping[str, Any]:
        """The JSON Schema in a request that was checked."""
        raise NotImplementedError

    def check(self, body: bytes) -> dict:
        """The request's data; Refusal when the vendor would not take it."""
        raise NotImplementedError

    def good_body(self, text: str) -> dict:
        """A whole answer in which the model says ``text``."""
        raise NotImplementedError

    def spoiled_body(self, rule: dict, text: str) -> dict:
        """A whole answer that went wrong in the vendor's own way: finish, refuse, empty, uncounted."""
        raise NotImplementedError

    def error_body(self, status: int, kind: str, message: str, **details: object) -> dict:
        raise NotImplementedError

    @property
    def vendor(self) -> VisionStandIn:
        return self.server.vendor

    def do_POST(self) -> None:
        self._serve()

    do_GET = do_PUT = do_DELETE = do_PATCH = do_POST  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    def _serve(self) -> None:
        self.close_connection = True
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        row = {"method": self.command, "path": self.path, "headers": dict(self.headers), "body": body.decode("utf-8", "replace")}
        with self.vendor.lock:
            self.vendor.rows.append(row)
        try:
            data = self.check(body)
            self._answer(self.vendor.next_rule(), data)
        except Refusal as refusal:
            self.send_json(refusal.status, self.error_body(refusal.status, refusal.kind, str(refusal)))
        except (BrokenPipeError, ConnectionResetError):
            pass

    def _answer(self, rule: dict, data: dict) -> None:
        text = json.dumps(self.vendor.next_answer(self.schema_asked_for(data)))
        match rule.get("do"):
            case None:
                self.send_json(200, self.good_body(text))
            case "text":
                self.send_json(200, self.good_body(rule["text"]))
            case "body":
                self.send_json(200, rule["body"])
            case "status":
                self._send_error(rule)
            case "html":
                self.send(200, b"<!DOCTYPE html><title>Sign in</title>", "text/html")
            case "array":
                self.send(200, b"[1, 2]", "application/json")
            case "huge":
                self._huge(rule, json.dumps(self.good_body(text)).encode())
            case "hang":
                self._hang()
            case "cut":
                self.head(200, {"Content-Type": "application/json", "Content-Length": "2000"})
                self.wfile.write(b'{"id": "abc')
            case "trickle":
                self._trickle(rule, json.dumps(self.good_body(text)).encode())
            case "redirect":
                self.head(307, {"Location": rule["to"], "Content-Length": "0"})
            case _:
                self.send_json(200, self.spoiled_body(rule, text))

    def _send_error(self, rule: dict) -> None:
        """The error repeats the key, as vendors do; ``plain`` = a page of the machine before it, not the vendor's JSON."""
        if rule.get("plain"):
            return self.send(rule["status"], b"<html>upstream connect error</html>", "text/html")
        options = {name: value for name, value in rule.items() if name not in ("do", "times", "status", "headers", "kind")}
        message = f"As the script says, {options.pop('message', 'no')} {self.vendor.api_key}"
        data = self.error_body(rule["status"], rule.get("kind", "api_error"), message, **options)
        return self.send_json(rule["status"], data, rule.get("headers"))

    def _hang(self) -> None:
        """Never answer: until the other side or the stand-in goes away."""
        self.connection.settimeout(0.05)
        while not self.vendor.closing.is_set():
            with suppress(TimeoutError):
                if not self.connection.recv(1):
                    return

    def _huge(self, rule: dict, content: bytes) -> None:
        """A good answer behind which come megabytes of blanks, as long as the other side takes them."""
        pieces = rule.get("megabytes", 10) * 16
        self.head(200, {"Content-Type": "application/json", "Content-Length": str(len(content) + pieces * 65536)})
        self.wfile.write(content)
        for _ in range(pieces):
            self.wfile.write(b" " * 65536)
            self.vendor.sent_bytes += 65536

    def _trickle(self, rule: dict, content: bytes) -> None:
        """A blank now and then, and in the end a good answer: whoever waits that long gets it."""
        every = rule.get("every", 0.05)
        count = int(SLOW_SECONDS / every)
        self.head(200, {"Content-Type": "application/json", "Content-Length": str(count + len(content))})
        for _ in range(count):
            self.wfile.write(b" ")
            if self.vendor.closing.wait(every):
                return
        self.wfile.write(content)

    def send_json(self, status: int, data: object, headers: Mapping[str, str] | None = None) -> None:
        self.send(status, json.dumps(data).encode(), "application/json", headers)

    def send(self, status: int, content: bytes, media_type: str, headers: Mapping[str, str] | None = None) -> None:
        self.head(status, {"Content-Type": media_type, "Content-Length": str(len(content))} | dict(headers or {}))
        self.wfile.write(content)

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Connection": "close", **headers}.items():
            self.send_header(name, value)
        self.end_headers()


class VisionServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, handler: type[VisionHandler], vendor: VisionStandIn) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.vendor = vendor


@contextmanager
def vision_stand_in(handler: type[VisionHandler], *, path: str) -> Iterator[VisionStandIn]:
    """A stand-in on a free port, gone at the end; ``path`` is what stands behind the port in ``base_url``."""
    vendor = VisionStandIn()
    with VisionServer(handler, vendor) as server:
        vendor.base_url = f"http://127.0.0.1:{server.server_address[1]}{path}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield vendor
        finally:
            vendor.closing.set()
            server.shutdown()
            thread.join()


def picture_fault(content: bytes, media_type: str) -> str | None:
    """Why these bytes are not a picture of that type, no larger than what a frame is sent as."""
    try:
        with Image.open(BytesIO(content)) as picture:
            picture.load()
            kind, size = Image.MIME.get(picture.format or ""), picture.size
    except OSError:
        return "the image cannot be decoded"
    if kind != media_type:
        return f"the image is {kind}, not {media_type}"
    return f"the image is {size[0]}x{size[1]}" if max(size) > LARGEST_SIDE else None


def sample(schema: Mapping[str, Any]) -> Any:
    """Some value that fits a JSON Schema of the kind that vision models are given."""
    types = schema["type"]
    kind = types if isinstance(types, str) else types[0]
    if "enum" in schema:
        return schema["enum"][0]
    if kind == "object":
        return {name: sample(row) for name, row in schema["properties"].items()}
    return {"array": [], "string": "soft", "boolean": True, "number": 1, "integer": 1}[kind]
