"""What the LTX stand-in does with one request: notes it, checks it, and answers it, well or badly."""

import json
import os
import re
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

from PIL import Image

from tests.stand_ins.clips import Asked, ClipFor, ClipSize, clip_bytes
from tests.stand_ins.ltx_misbehaviour import COMMON, OWN, Misbehaving, checked_script, now
from tests.stand_ins.ltx_schemas import fault

UPLOAD_HEADERS = {"x-goog-content-length-range": "0,104857600"}
PICTURE_FIELDS = ("image_uri", "last_frame_uri")
PICTURE_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
ROUTES = (
    ("POST", r"/v2/(text-to-video|image-to-video)", "submit"),
    ("GET", r"/v2/(text-to-video|image-to-video)/([A-Za-z0-9]+)", "poll"),
    ("POST", r"/v1/upload", "upload"),
    ("PUT", r"/_storage/([a-z0-9]+)\?signature=[a-z0-9]+", "put"),
    ("GET", r"/_output/([a-z0-9]+)\.mp4\?signature=[a-z0-9]+", "download"),
)


class Refusal(Exception):
    """The vendor's refusal of one request."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind = status, kind


@dataclass(frozen=True)
class Upload:
    """A picture that was put: its width and height, and its bytes."""

    size: tuple[int, int]
    content: bytes


@dataclass
class Job:
    """``content`` None = the test picture, made when it is fetched."""

    endpoint: str
    id: str
    clip: ClipSize
    created_at: str
    content: bytes | None = None
    polls: int = 0
    finished: bool = False


@dataclass
class Vendor:
    """The state behind the server. ``note`` takes the lock itself; ``rule`` and ``take`` are called under it."""

    api_key: str
    journal: Path
    script: dict = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    uploads: dict[str, Upload | None] = field(default_factory=dict)
    clip_for: ClipFor | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    closing: threading.Event = field(default_factory=threading.Event)

    def note(self, method: str, path: str, route: str, body: bytes) -> None:
        """Append one request to the journal, and return only when it is on the disk."""
        row = {"method": method, "path": path, "route": route, "body": body[:4000].decode("utf-8", "replace")}
        with self.lock, self.journal.open("a", encoding="utf-8") as journal:
            journal.write(json.dumps(row) + "\n")
            journal.flush()
            os.fsync(journal.fileno())

    def rule(self, step: str) -> dict:
        """What the script says of this step, counting it down; empty = behave."""
        rule = self.script.get(step) or {}
        if rule.get("times") == 0:
            return {}
        if "times" in rule:
            rule["times"] -= 1
        return dict(rule)

    def take(self, endpoint: str, body: Mapping) -> Job:
        """Accept one job."""
        if self.script.get("concurrency") is not None and self._unfinished() >= self.script["concurrency"]:
            raise Refusal(429, "concurrency_limit_error", "Too many jobs at once")
        asked = self._asked(body)
        try:
            content = self.clip_for(asked) if self.clip_for else None
        except LookupError as error:
            raise Refusal(400, "invalid_request_error", str(error)) from error
        job = Job(endpoint, secrets.token_hex(12), asked.size, now(), content)
        self.jobs[job.id] = job
        return job

    def _asked(self, body: Mapping) -> Asked:
        width, height = map(int, body["resolution"].split("x"))
        clip = {"width": width, "height": height, "seconds": body["duration"], "fps": body.get("fps", 24)}
        pictures = (self.uploaded(body.get(name)) for name in PICTURE_FIELDS)
        contents = (picture and picture.content for picture in pictures)
        return Asked(body, ClipSize(**clip | self.script.get("clip", {})), *contents)

    def uploaded(self, uri: str | None) -> Upload | None:
        """What lies at a storage URI of ours; None = nothing."""
        return self.uploads.get((uri or "").rpartition("/")[2])

    def _unfinished(self) -> int:
        return sum(not job.finished for job in self.jobs.values())


class Handler(Misbehaving):
    """One request: noted, checked, then answered, well or badly."""

    server: "Server"
    protocol_version = "HTTP/1.1"

    @property
    def closing(self) -> threading.Event:
        return self.server.vendor.closing

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    do_DELETE = do_PATCH = do_HEAD = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    def _serve(self) -> None:
        self.close_connection = True
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/_control":
            return self._control(body)
        step, parts = self._route()
        self.server.vendor.note(self.command, self.path, self._route_name(step, parts), body)
        try:
            if step is None:
                raise Refusal(404, "not_found_error", "Unknown endpoint")
            with self.server.vendor.lock:
                rule = self.server.vendor.rule(step)
            self.closing.wait(rule.get("delay", 0))
            getattr(self, f"_{step}")(rule, body, *parts)
        except Refusal as refusal:
            self._refuse(refusal.status, refusal.kind, str(refusal))
        except (BrokenPipeError, ConnectionResetError):
            pass
        return None

    def _route(self) -> tuple[str | None, tuple[str, ...]]:
        for method, pattern, step in ROUTES:
            match = re.fullmatch(pattern, self.path)
            if match and method == self.command:
                return step, match.groups()
        return None, ()

    def _route_name(self, step: str | None, parts: tuple[str, ...]) -> str:
        """The key of ``counts()``: method and path with what varies left out."""
        names = {
            "submit": "/v2/" + (parts or ("",))[0],
            "poll": "/v2/{endpoint}/{id}",
            "upload": "/v1/upload",
            "put": "/_storage",
            "download": "/_output",
        }
        return f"{self.command} {names[step] if step else self.path}"

    # the five steps

    def _submit(self, rule: dict, body: bytes, endpoint: str) -> None:
        self._check_key()
        data = self._json(body)
        problem = fault(endpoint, data) or self._picture_fault(data)
        if problem:
            raise Refusal(400, "invalid_request_error", problem)
        if rule.get("do") == "answer" and not rule.get("accept"):
            return self._misbehave(rule)
        with self.server.vendor.lock:
            job = self.server.vendor.take(endpoint, data)
        if rule.get("do") == "id":
            return self._send_json(rule.get("status", 202), {"id": rule["id"], "created_at": job.created_at})
        if rule.get("do") == "without-id":
            return self._send_json(202, {"created_at": job.created_at})
        if rule.get("do"):
            return self._misbehave(rule)
        return self._send_json(202, {"id": job.id, "created_at": job.created_at})

    def _poll(self, rule: dict, body: bytes, endpoint: str, job_id: str) -> None:
        self._check_key()
        if rule.get("do") in COMMON:
            return self._misbehave(rule)
        with self.server.vendor.lock:
            job = self.server.vendor.jobs.get(job_id)
            if job is None or job.endpoint != endpoint:
                raise Refusal(404, "not_found_error", "Job not found")
            waiting = job.polls < self.server.vendor.script.get("polls", 2)
            first = job.polls == 0
            job.polls += 1
            job.finished = not waiting or rule.get("do") in OWN["poll"]
        answer = {"id": rule["id"] if rule.get("do") == "id" else job.id, "created_at": job.created_at}
        if not job.finished:
            return self._send_json(200, answer | {"status": "pending" if first else "processing"})
        return self._send_json(200, answer | {"completed_at": now()} | self._outcome(rule, job))

    def _upload(self, rule: dict, body: bytes) -> None:
        self._check_key()
        if body:
            raise Refusal(400, "invalid_request_error", "upload takes no body")
        if rule.get("do") in COMMON:
            return self._misbehave(rule)
        token = secrets.token_hex(12)
        with self.server.vendor.lock:
            self.server.vendor.uploads[token] = None
        answer = {
            "upload_url": f"{self.server.base_url}/_storage/{token}?signature={secrets.token_hex(8)}",
            "storage_uri": f"ltx://uploads/{token}",
            "expires_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
            "required_headers": UPLOAD_HEADERS,
        }
        changed = {"url": {"upload_url": rule.get("url")}, "headers": {"required_headers": rule.get("headers")}}
        changed["storage-uri"] = {"storage_uri": rule.get("uri")}
        return self._send_json(200, answer | changed.get(rule.get("do", ""), {}))

    def _put(self, rule: dict, body: bytes, token: str) -> None:
        self._check_signed()
        if rule.get("do"):
            return self._misbehave(rule)
        if any(self.headers.get(name) != value for name, value in UPLOAD_HEADERS.items()):
            raise Refusal(400, "storage_error", "a required header is missing")
        try:
            with Image.open(BytesIO(body)) as picture:
                picture.load()
                size, kind = picture.size, PICTURE_TYPES.get(picture.format or "")
        except OSError as error:
            raise Refusal(400, "storage_error", "not a picture") from error
        if kind is None or self.headers.get("Content-Type") != kind:
            raise Refusal(400, "storage_error", f"Content-Type is not {kind}")
        with self.server.vendor.lock:
            if token not in self.server.vendor.uploads:
                raise Refusal(403, "storage_error", "unknown signature")
            self.server.vendor.uploads[token] = Upload(size, body)
        return self._send(200, b"", "text/plain")

    def _download(self, rule: dict, body: bytes, job_id: str) -> None:
        self._check_signed()
        with self.server.vendor.lock:
            job = self.server.vendor.jobs.get(job_id)
        if job is None or not job.finished:
            raise Refusal(404, "storage_error", "no such object")
        content = job.content or clip_bytes(job.clip)
        if rule.get("do") in COMMON and rule["do"] != "cut":
            return self._misbehave(rule)
        if rule.get("do"):
            return self._spoil(rule, content)
        return self._send(200, content, "video/mp4")

    # checks

    def _check_key(self) -> None:
        if "?" in self.path:
            raise Refusal(400, "invalid_request_error", "no query parameters are known")
        given = self.headers.get_all("Authorization") or []
        if given != [f"Bearer {self.server.vendor.api_key}"]:
            raise Refusal(401, "authentication_error", f"Invalid key {given}")

    def _check_signed(self) -> None:
        """A signed address takes no key, and a vendor's key must never be sent to another party."""
        if "Authorization" in self.headers or self.server.vendor.api_key in str(self.headers):
            raise Refusal(400, "storage_error", "only one way of authentication is allowed")

    def _json(self, body: bytes) -> dict:
        if self.headers.get("Content-Type", "").split(";")[0] != "application/json":
            raise Refusal(400, "invalid_request_error", "Content-Type must be application/json")
        try:
            return json.loads(body)
        except ValueError as error:
            raise Refusal(400, "invalid_request_error", "body is not JSON") from error

    def _picture_fault(self, data: dict) -> str | None:
        """A picture must be uploaded, and have exactly the size of the clip."""
        wanted = tuple(map(int, data["resolution"].split("x")))
        for name in PICTURE_FIELDS:
            picture = self.server.vendor.uploaded(data.get(name))
            if name in data and picture is None:
                return f"{name}: nothing was uploaded there"
            if picture is not None and picture.size != wanted:
                return f"{name}: the picture is {picture.size}, the clip {wanted}"
        return None

    # answers

    def _outcome(self, rule: dict, job: Job) -> dict:
        if rule.get("do") == "failed":
            return {"status": "failed", "error": {"type": rule.get("type", "api_error"), "message": "It failed"}}
        if rule.get("do") == "without-output":
            return {"status": "completed", "result": {}}
        if rule.get("do") == "state":
            return {"status": rule["status"]}
        url = f"{self.server.base_url}/_output/{job.id}.mp4?signature={secrets.token_hex(8)}"
        return {"status": "completed", "result": {"video_url": rule["url"] if rule.get("do") == "url" else url}}

    def _control(self, body: bytes) -> None:
        vendor = self.server.vendor
        if self.command == "PUT":
            with vendor.lock:
                vendor.script = checked_script(json.loads(body))
        with vendor.lock:
            jobs = [{"endpoint": job.endpoint, "id": job.id, "polls": job.polls} for job in vendor.jobs.values()]
            uploads = {token: picture and picture.size for token, picture in vendor.uploads.items()}
            answer = {"jobs": jobs, "script": vendor.script, "uploads": uploads}
        self._send_json(200, answer)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, vendor: Vendor) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.vendor = vendor
        self.base_url = f"http://127.0.0.1:{self.server_address[1]}"
