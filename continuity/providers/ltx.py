"""LTX (Lightricks): text or a first frame, with or without a last frame, to a clip.

The vendor's life cycle: POST /v2/{endpoint} answers 202 with an id; GET /v2/{endpoint}/{id} says pending, processing,
completed (with the clip's address) or failed; 24 hours later it answers 404. It has no seed, no cancelling, no list of
jobs and no idempotency key, so an answer that is lost stays unknown until a person looks.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import BinaryIO

from continuity.providers.base import (
    AuthError,
    ContentRefused,
    ImageFile,
    InvalidRequest,
    ModelRetired,
    OutputExpired,
    Prepared,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    RemoteFailed,
    RemoteState,
    RemoteStatus,
    Staged,
    Submitted,
    Transient,
    UnsupportedCapability,
    VideoRequest,
)
from continuity.providers.capabilities import ModelCard, model_card
from continuity.providers.connection import Reach, Timeouts, reach_beside
from continuity.providers.fetch import fetch_file, put_file
from continuity.providers.json_api import Answer, JsonApi
from continuity.providers.mp4 import Mp4Check
from continuity.providers.pictures import fitted_picture, picture_note

TEXT, IMAGE = "text-to-video", "image-to-video"
REMOTE_ID = re.compile(rf"(?:{TEXT}|{IMAGE})/[A-Za-z0-9_-][A-Za-z0-9._-]{{0,127}}")
STORAGE_URI = re.compile(r"[a-z][a-z0-9+.-]{0,20}://[!-~]{1,2000}")
VISIBLE = re.compile(r"[!-~]+")
PICTURE_FIELDS = ("image_uri", "last_frame_uri")
BY_SHA256 = "sha256:"
CLIP_TYPES = ("video/mp4", "application/octet-stream", "binary/octet-stream")
UPLOAD_HEADERS_REFUSED = frozenset({"authorization", "cookie", "host", "content-length", "transfer-encoding", "connection"})

OVERLOADED = frozenset({"overloaded", "overloaded_error"})
REFUSALS_BY_TYPE: Mapping[str, type[ProviderError]] = {
    "authentication_error": AuthError,
    "permission_error": AuthError,
    "insufficient_funds_error": QuotaExhausted,
    "content_filtered_error": ContentRefused,
    "invalid_request_error": InvalidRequest,
    "request_too_large": InvalidRequest,
    "rate_limit_error": RateLimited,
    "concurrency_limit_error": RateLimited,
    "not_found_error": ModelRetired,
}
REFUSALS_BY_STATUS: Mapping[int, type[ProviderError]] = {
    400: InvalidRequest,
    401: AuthError,
    402: QuotaExhausted,
    403: AuthError,
    404: ModelRetired,
    410: ModelRetired,
    413: InvalidRequest,
    422: ContentRefused,
    429: RateLimited,
}
SENTENCES: Mapping[type[ProviderError], str] = {
    AuthError: "LTX does not accept the key: check LTX_API_KEY in the environment.",
    QuotaExhausted: "The LTX account has no credit left for this clip: add credit there, or choose the model animatic.",
    ContentRefused: "The filter of LTX refused this prompt or picture: change the words or the picture and try again.",
    InvalidRequest: "LTX does not accept this request: change the prompt, the length or the size and try again.",
    RateLimited: "LTX takes no more jobs at the moment: it is tried again later.",
    ModelRetired: "LTX no longer serves this model: choose another model.",
    OutputExpired: "LTX no longer has this clip (it keeps clips for 24 hours): make it again.",
    RemoteFailed: "LTX took the job and failed at it: make the clip again.",
    Transient: "LTX answered with a fault of its own: try again in a minute.",
}


class Ltx:
    """A VideoProvider over ``base_url``, which is https, or http on this machine for a stand-in. Seconds throughout."""

    name = "ltx"
    submits_once = False

    def __init__(
        self,
        api_key: str,
        base_url: str = "https://api.ltx.video",
        *,
        connect_seconds: float = 5.0,
        read_seconds: float = 30.0,
        total_seconds: float = 60.0,
    ) -> None:
        if not VISIBLE.fullmatch(api_key):
            raise AuthError("LTX needs a key of printable characters without spaces: check LTX_API_KEY in the environment.")
        self._reach = reach_beside(base_url)
        if not base_url.startswith("https://" if self._reach is Reach.PUBLIC else ("https://", "http://")):
            raise InvalidRequest("The address of LTX must begin with https://: check LTX_BASE_URL in the environment.")
        self._timeouts = Timeouts(connect=connect_seconds, read=read_seconds, total=total_seconds)
        self._api = JsonApi(vendor="LTX", base_url=base_url, api_key=api_key, timeouts=self._timeouts)

    def prepare(self, request: VideoRequest) -> Prepared:
        """See VideoProvider. Length is rounded up and frame rate moved to what the model makes, with a note; size,
        prompt length and pictures that do not fit are refused."""
        card = model_card(request.model)
        _refuse_what_it_cannot(card, request)
        mechanism = IMAGE if request.start_image else TEXT
        body = _body(card, request)
        price = card.price_micros(seconds=card.fit_seconds(request.seconds), width=request.width, height=request.height)
        return Prepared(
            request=request,
            mechanism=mechanism,
            body=body,
            sha256=_digest({"endpoint": mechanism, "body": body}),
            price_ceiling_micros=price,
            notes=_notes(card, request),
        )

    def stage(self, prepared: Prepared) -> Staged:
        """Upload the pictures, each fitted to the clip's exact size (``pictures.fitted_picture``). The vendor keeps them
        for 24 hours, so staging again is free."""
        request = prepared.request
        pictures = [image for image in (request.start_image, request.end_image) if image]
        by_sha256 = {image.sha256: image for image in pictures}
        return Staged(prepared, {sha256: self._upload(image, request) for sha256, image in by_sha256.items()})

    def submit(self, staged: Staged, *, attempt_id: str) -> Submitted:
        """See VideoProvider. ``attempt_id`` stays here: the vendor has no field for it."""
        mechanism = staged.prepared.mechanism
        answer = self._api.create(f"/v2/{mechanism}", _with_uris(staged))
        refusal = _refusal(answer)
        if refusal:
            raise refusal
        job_id = (answer.data or {}).get("id")
        remote_id = f"{mechanism}/{job_id}"
        if not 200 <= answer.status < 300 or not isinstance(job_id, str) or not REMOTE_ID.fullmatch(remote_id):
            raise self._api.unknown(f"HTTP {answer.status} {answer.text}")
        return Submitted(remote_id)

    def poll(self, remote_id: str) -> RemoteStatus:
        """See VideoProvider. The vendor tells neither progress nor what it billed."""
        return _status(self._job(remote_id))

    def download(self, remote_id: str, sink: BinaryIO, *, max_bytes: int) -> None:
        """See VideoProvider. Asks for the clip's address anew each time, and fetches it without the key."""
        job = self._job(remote_id)
        status = _status(job)
        if status.error:
            raise status.error
        if status.state is not RemoteState.SUCCEEDED:
            raise Transient("LTX is still making this clip: try again in a minute.")
        fetch_file(
            _video_url(job),
            sink,
            max_bytes=max_bytes,
            media_types=CLIP_TYPES,
            check=Mp4Check(),
            reach=self._reach,
            timeouts=self._timeouts,
        )

    def cancel(self, remote_id: str) -> bool:
        """False: the vendor has no way to stop a job."""
        return False

    def reconcile(self, attempt_id: str, *, request_sha256: str) -> str | None:
        """None: the vendor lists no jobs."""
        return None

    def _upload(self, image: ImageFile, request: VideoRequest) -> str:
        content, media_type = fitted_picture(image, width=request.width, height=request.height)
        answer = self._api.ask("POST", "/v1/upload")
        refusal = _refusal(answer)
        if isinstance(refusal, AuthError | QuotaExhausted | RateLimited | InvalidRequest):
            raise refusal
        target = answer.data or {}
        storage_uri, headers = target.get("storage_uri"), _upload_headers(target.get("required_headers"))
        if answer.status != 200 or headers is None or not isinstance(storage_uri, str) or not STORAGE_URI.fullmatch(storage_uri):
            raise _error(Transient, answer)
        headers.setdefault("content-type", media_type)
        put_file(target.get("upload_url"), content, headers=headers, reach=self._reach, timeouts=self._timeouts)
        return storage_uri

    def _job(self, remote_id: str) -> Mapping[str, object]:
        """The vendor's description of one job, surely of that one."""
        if not REMOTE_ID.fullmatch(remote_id):
            raise InvalidRequest(
                f"“{remote_id[:80]}” is no job of LTX: it looks like {IMAGE}/ followed by the id that LTX shows."
            )
        answer = self._api.ask("GET", f"/v2/{remote_id}")
        if answer.status in (404, 410):
            raise _error(OutputExpired, answer)
        refusal = _refusal(answer)
        if isinstance(refusal, AuthError | RateLimited):
            raise refusal
        if answer.status != 200 or not answer.data or answer.data.get("id") != remote_id.partition("/")[2]:
            raise _error(Transient, answer)
        return answer.data


def _refuse_what_it_cannot(card: ModelCard, request: VideoRequest) -> None:
    if card.provider != Ltx.name:
        raise InvalidRequest(f"{card.label} is not made by LTX: choose one of its models.")
    if not request.prompt.strip():
        raise InvalidRequest("LTX needs a prompt: say what is to be seen.")
    if len(request.prompt) > card.prompt_max:
        raise InvalidRequest(
            f"The prompt has {len(request.prompt)} characters, {card.label} reads {card.prompt_max}: shorten it."
        )
    card.check_size(request.width, request.height)
    if len(request.references) > card.reference_images:
        raise UnsupportedCapability(f"{card.label} takes no reference pictures: use a start picture, or choose another model.")
    if (request.start_image and not card.start_image) or (request.end_image and not card.end_image):
        raise UnsupportedCapability(f"{card.label} does not take this picture: leave it out, or choose another model.")
    if request.end_image and not request.start_image:
        raise UnsupportedCapability(f"{card.label} takes a last frame only beside a first one: add a start picture.")
    if request.audio and not card.audio:
        raise UnsupportedCapability(f"{card.label} makes no sound: ask for a silent clip, or choose another model.")


def _body(card: ModelCard, request: VideoRequest) -> dict[str, object]:
    body: dict[str, object] = {
        "prompt": request.prompt,
        "model": card.vendor_model,
        "duration": int(card.fit_seconds(request.seconds)),
        "resolution": f"{request.width}x{request.height}",
        "fps": _frame_rate(card, request),
        "generate_audio": request.audio,
    }
    pictures = zip(PICTURE_FIELDS, (request.start_image, request.end_image), strict=True)
    return body | {field: BY_SHA256 + image.sha256 for field, image in pictures if image}


def _frame_rate(card: ModelCard, request: VideoRequest) -> int:
    return min(card.fps, key=lambda fps: (abs(fps - request.fps), fps))


def _notes(card: ModelCard, request: VideoRequest) -> tuple[str, ...]:
    seconds, fps = card.fit_seconds(request.seconds), _frame_rate(card, request)
    notes = []
    if seconds != request.seconds:
        notes.append(f"{card.label} makes no clip of {request.seconds:g} seconds: this one will have {seconds:g}.")
    if fps != request.fps:
        notes.append(f"{card.label} does not make {request.fps} frames a second: this clip will have {fps}.")
    if request.seed is not None:
        notes.append("LTX takes no seed: the same request gives another clip each time.")
    for image in (request.start_image, request.end_image):
        note = image and picture_note(image, width=request.width, height=request.height)
        if note and note not in notes:
            notes.append(note)
    return tuple(notes)


def _digest(data: Mapping[str, object]) -> str:
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _with_uris(staged: Staged) -> dict[str, object]:
    """The body as it goes over the wire: the pictures' digests replaced by where the vendor has them."""
    body = dict(staged.prepared.body)
    for field in PICTURE_FIELDS:
        if field not in body:
            continue
        sha256 = str(body[field]).removeprefix(BY_SHA256)
        if sha256 not in staged.uris:
            raise InvalidRequest("A picture of this clip is not uploaded: stage the request, then submit it.")
        body[field] = staged.uris[sha256]
    return body


def _refusal(answer: Answer) -> ProviderError | None:
    """The error of an answer by which the vendor certainly took nothing; None for every other answer.

    That is a 4xx that says so (the error's type first, then the status), and 503 or 529 only with the vendor's own type
    for "overloaded": any other 5xx may have come after it took the job, and so may 408, 409 and 425.
    """
    kind = _error_type(answer.data)
    if answer.status in (503, 529) and kind in OVERLOADED:
        return _error(RateLimited, answer)
    if not 400 <= answer.status < 500 or answer.status in (408, 409, 425, 499):
        return None
    return _error(REFUSALS_BY_TYPE.get(kind) or REFUSALS_BY_STATUS.get(answer.status) or InvalidRequest, answer)


def _error(error: type[ProviderError], answer: Answer) -> ProviderError:
    raw = f"HTTP {answer.status} {answer.text}"
    return error(SENTENCES[error], raw=raw, retry_after_seconds=answer.retry_after_seconds)


def _error_type(data: Mapping[str, object] | None) -> str:
    error = (data or {}).get("error")
    return str(error.get("type", "")) if isinstance(error, dict) else ""


def _status(job: Mapping[str, object]) -> RemoteStatus:
    """The vendor's description as ours. Completed without a clip is a failure; a state it never announced is Transient."""
    raw = json.dumps(job)
    match job.get("status"):
        case "pending":
            return RemoteStatus(RemoteState.QUEUED)
        case "processing":
            return RemoteStatus(RemoteState.RUNNING)
        case "completed" if _video_url(job):
            return RemoteStatus(RemoteState.SUCCEEDED)
        case "completed":
            return RemoteStatus(RemoteState.FAILED, error=RemoteFailed(SENTENCES[RemoteFailed], raw=raw))
        case "failed":
            kind = {ContentRefused, QuotaExhausted, InvalidRequest} & {REFUSALS_BY_TYPE.get(_error_type(job), RemoteFailed)}
            error = kind.pop() if kind else RemoteFailed
            return RemoteStatus(RemoteState.FAILED, error=error(SENTENCES[error], raw=raw))
    raise Transient(SENTENCES[Transient], raw=raw)


def _video_url(job: Mapping[str, object]) -> object:
    result = job.get("result")
    return result.get("video_url") if isinstance(result, dict) else None


def _upload_headers(headers: object) -> dict[str, str] | None:
    """The vendor's headers for the upload in lower case; None when they are not what such headers may be."""
    if not isinstance(headers, dict) or len(headers) > 32:
        return None
    plain = {name.lower(): value for name, value in headers.items() if isinstance(value, str) and re.fullmatch(r"[ -~]*", value)}
    named = all(re.fullmatch(r"[a-z0-9-]+", name) and name not in UPLOAD_HEADERS_REFUSED for name in plain)
    return plain if named and len(plain) == len(headers) else None
