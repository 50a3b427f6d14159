"""The bytes of an asset as an HTTP answer: GET and HEAD, ranges, validators, and headers that make a file nothing else.

An asset's bytes never change, so the sha256 of the blob is its ETag and a browser may keep it for ever. Who may have it was
asked before.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header, parse_etags

from continuity.enums import FrameRole
from continuity.models import Asset, Blob, Frame
from continuity.storage import open_blob, presigned_url
from sessions_app.web.byte_ranges import NotSatisfiable, requested_range

CHUNK = 256 * 1024
PRESIGNED_SECONDS = 300
KEPT_SECONDS = 31_536_000
ORIGINAL = "original"
DOWNLOAD = "application/octet-stream"
FRAME_ROLES = {"first": FrameRole.FIRST, "poster": FrameRole.FIRST, "last": FrameRole.LAST}
"""The variants of a clip that are one of its pictures. A clip of one picture has only a first one, which is its last too."""
CONTENT_TYPES = {
    "mov": ("video/mp4", "mp4"),
    "matroska": ("video/x-matroska", "mkv"),
    "mpegts": ("video/mp2t", "ts"),
    "gif": ("image/gif", "gif"),
    "png": ("image/png", "png"),
    "jpeg": ("image/jpeg", "jpg"),
    "webp": ("image/webp", "webp"),
    "cube": (DOWNLOAD, "cube"),
}
WEBM_CODECS = ("vp8", "vp9", "av1")
UNSAFE_IN_NAMES = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\u202a-\u202e\u2066-\u2069]+")


def shown_asset(asset: Asset, variant: str) -> Asset:
    """The asset whose bytes ``variant`` of ``asset`` is; 404 when there is none."""
    if variant == ORIGINAL:
        return asset
    role = FRAME_ROLES.get(variant)
    if role is None:
        raise Http404
    frames = {frame.role: frame for frame in Frame.objects.filter(asset=asset).select_related("image__blob")}
    only = frames.get(FrameRole.FIRST) if asset.blob.frame_count == 1 else None
    frame = frames.get(role, only)
    if frame is None:
        raise Http404
    return frame.image


def serve(request: HttpRequest, asset: Asset) -> HttpResponseBase:
    """The bytes of ``asset`` for GET and HEAD: 200, 206, 304 or 416; with S3 a short-lived redirect there."""
    blob = asset.blob
    if settings.S3_BUCKET:
        return _elsewhere(asset)
    if _is_known(request, blob):
        return _with_headers(HttpResponse(status=304), asset)
    try:
        wanted = _wanted_range(request, blob)
    except NotSatisfiable:
        return _with_headers(HttpResponse(status=416, headers={"Content-Range": f"bytes */{blob.size}"}), asset)
    return _with_headers(_answer(request, blob, wanted), asset)


def _answer(request: HttpRequest, blob: Blob, wanted: tuple[int, int] | None) -> HttpResponseBase:
    first, last = wanted or (0, blob.size - 1)
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse()
    else:
        stream = _open(blob)
        stream.seek(first)
        response = StreamingHttpResponse(_chunks(stream, last - first + 1))
        response._resource_closers.append(stream.close)  # type: ignore[attr-defined]
    if wanted is not None:
        response.status_code = 206
        response["Content-Range"] = f"bytes {first}-{last}/{blob.size}"
    response["Content-Length"] = str(last - first + 1)
    return response


def _open(blob: Blob) -> BinaryIO:
    try:
        return open_blob(blob)
    except FileNotFoundError as error:
        raise Http404 from error


def _wanted_range(request: HttpRequest, blob: Blob) -> tuple[int, int] | None:
    condition = request.headers.get("If-Range", "")
    if request.method != "GET" or (condition and condition != _etag(blob)):
        return None
    return requested_range(request.headers.get("Range", ""), size=blob.size)


def _is_known(request: HttpRequest, blob: Blob) -> bool:
    known = [etag.removeprefix("W/") for etag in parse_etags(request.headers.get("If-None-Match", ""))]
    return "*" in known or _etag(blob) in known


def _chunks(stream: BinaryIO, length: int) -> Iterator[bytes]:
    while length > 0:
        chunk = stream.read(min(CHUNK, length))
        if not chunk:
            return
        length -= len(chunk)
        yield chunk


def _with_headers(response: HttpResponseBase, asset: Asset) -> HttpResponseBase:
    response["Content-Type"], response["Content-Disposition"] = _type_and_disposition(asset)
    response["ETag"] = _etag(asset.blob)
    response["Accept-Ranges"] = "bytes"
    patch_cache_control(response, private=True, max_age=KEPT_SECONDS, immutable=True)
    return response


def _etag(blob: Blob) -> str:
    return f'"{blob.sha256}"'


def _type_and_disposition(asset: Asset) -> tuple[str, str]:
    """Bytes of a container that is not on the list are only ever downloaded."""
    blob = asset.blob
    content_type, suffix = CONTENT_TYPES.get(blob.container, (DOWNLOAD, "bin"))
    if blob.container == "matroska" and blob.codec in WEBM_CODECS:
        content_type, suffix = "video/webm", "webm"
    stem = UNSAFE_IN_NAMES.sub(" ", asset.name).strip(" .")
    stem = stem.removesuffix(f".{suffix}") or asset.pk
    return content_type, content_disposition_header(content_type == DOWNLOAD, f"{stem[:120]}.{suffix}") or ""


def _elsewhere(asset: Asset) -> HttpResponse:
    """S3 serves the bytes itself, for five minutes; this redirect may not be kept longer than that."""
    content_type, disposition = _type_and_disposition(asset)
    url = presigned_url(asset.blob, content_type=content_type, disposition=disposition, seconds=PRESIGNED_SECONDS)
    response = HttpResponseRedirect(url)
    patch_cache_control(response, private=True, no_store=True)
    return response
