"""Files that people bring, uploaded or by an address: decoded whole, then kept as somebody's. Never believed by their name."""

import hashlib
import json
import time
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from django.conf import settings

from continuity.enums import LIVE_JOB_STATES, AssetOrigin, BlobKind, JobKind
from continuity.jobs import create
from continuity.models import Asset, Extraction, Frame, Job
from continuity.providers.base import ProviderError
from continuity.providers.carriage import storable
from continuity.providers.connection import AddressRefused, Reach, check_url
from continuity.providers.fetch import WEB_TIMEOUTS, fetch_web_file
from continuity.services import media, styles
from continuity.services.errors import Refused
from continuity.services.media import StoredFile
from continuity.video.containers import shown_name, sniff
from continuity.video.errors import NotAVideo, VideoError
from continuity.video.frames import sample_frames
from continuity.video.verify import Progress
from continuity.vision.errors import VisionError

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from sessions_app.models import Session

LONGEST_NAME = 255
DECODING_SECONDS = 120
"""How long reading one file may take: a small file can hold hours of pictures."""
TURNS_TEXT_ROUND = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
WANTED = {
    BlobKind.IMAGE: "a whole picture (PNG, JPEG or WebP)",
    BlobKind.VIDEO: "a whole clip (MP4, MOV, WebM, MKV, MPEG-TS or GIF)",
}


class AddressUnusable(Refused):
    """An address did not bring what was asked for. The sentence is the same for every reason, so that nobody learns from it
    what this server can reach; ``raw`` is the truth, for staff."""

    def __init__(self, kind: BlobKind, *, raw: str) -> None:
        sentence = (
            f"This address cannot be used: give a public http or https one without sign-in that within {WEB_TIMEOUTS.total:.0f} "
            f"seconds brings {WANTED[kind]} no larger than an upload may be."
        )
        super().__init__("address_unusable", sentence)
        self.raw = raw


def import_upload(*, path: Path, name: str, owner: "User", session: "Session | None" = None) -> Asset:
    """Keep the file at ``path``, a clip or a still by its first bytes, as ``owner``'s; ``name``: what its owner calls it.

    Refused with one sentence for everything else; then nothing is kept.
    """
    return media.give(store(path), owner=owner, session=session, name=clean_name(name), origin=AssetOrigin.UPLOAD)


def still_frame(asset: Asset) -> Frame | None:
    """The one frame of a still; None for a clip."""
    return Frame.objects.filter(asset=asset, image=asset).first()


def request_import(
    *,
    url: str,
    kind: BlobKind | Literal["image", "video"],
    by: "User",
    session: "Session | None" = None,
    then: Literal["style"] | None = None,
) -> Job:
    """A job that fetches a picture or clip and keeps it as ``by``'s; the live one when the same was asked before.

    Its result names the ``asset``, its ``frame`` (None for a clip) and, with ``then="style"``, the ``extraction`` of its look.
    Refused ``bad_address`` at once for what cannot be a public address by its form alone.
    """
    check_address(url)
    asked = {"url": url, "kind": BlobKind(kind).value, "then": then}
    named = json.dumps([asked, session.pk if session is not None else None])
    subject = f"import:{by.pk}:{hashlib.sha256(named.encode()).hexdigest()}"
    made = Job.objects.filter(subject_key=subject, state__in=LIVE_JOB_STATES).first() or create.job_unless_live(
        kind=JobKind.EXTRACT, step="fetch", subject_key=subject, by=by, session=session, payload=asked
    )
    return made or create.newest(subject)


def check_address(url: str) -> None:
    """Refused for another scheme or port, a user name, and characters that no address has. Nothing is looked up."""
    try:
        check_url(url, reach=Reach.WEB)
    except AddressRefused as error:
        sentence = "write a plain http:// or https:// one, without a user name, on port 80 or 443, in ASCII without spaces."
        raise Refused("bad_address", f"This address cannot be used: {sentence}") from error


def fetch(url: str, target: Path, *, kind: BlobKind, on_progress: Progress | None = None) -> StoredFile:
    """Bring the file at a person's address to ``target`` and store it; nobody's yet. Raises AddressUnusable, whatever it is."""
    try:
        with target.open("wb") as sink:
            fetch_web_file(url, sink, max_bytes=settings.UPLOAD_MAX_BYTES)
        stored = store(target, on_progress=on_progress)
    except (ProviderError, Refused) as error:
        raise AddressUnusable(kind, raw=_truth(error)) from error
    if stored.is_still is not (kind is BlobKind.IMAGE):
        raise AddressUnusable(kind, raw=f"What came is the other kind: {stored.blob}.")
    return stored


def look_of(stored: StoredFile, path: Path, *, owner: "User", kind: BlobKind) -> Extraction:
    """What the pixels of a file that was just stored from ``path`` say, from ``owner``'s cache or measured now."""
    try:
        frames = [stored.pictures[0].picture] if stored.is_still else sample_frames(path, styles.MEASURED_POSITIONS)
        return styles.extraction_of(frames, owner=owner)
    except (VideoError, VisionError) as error:
        raise AddressUnusable(kind, raw=_truth(error)) from error


def store(path: Path, *, on_progress: Progress | None = None) -> StoredFile:
    """Decode a clip or a still whole and store it; nobody's yet. Refused with one sentence for everything else."""
    try:
        is_still = sniff(path).is_still
    except NotAVideo as error:
        kinds = "an MP4, MOV, WebM, MKV, MPEG-TS or GIF clip, or a PNG, JPEG or WebP picture"
        raise Refused(error.code, f"{shown_name(path)} is neither a clip nor a picture: give {kinds}.") from error
    try:
        return media.store_still(path) if is_still else media.store_clip(path, on_progress=_patient(path, on_progress))
    except VideoError as error:
        raise Refused(error.code, str(error)) from error


def clean_name(name: str) -> str:
    """What a person called a file, as a name and never a path: one line of at most 255 characters; "" when nothing is left."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    kept = "".join(letter for letter in last if not _is_unseen(letter))
    return " ".join(kept.split())[:LONGEST_NAME].strip(" .")


def name_at(url: str) -> str:
    """What the file at an address is called there."""
    return clean_name(check_url(url, reach=Reach.WEB).path)


def _is_unseen(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cs", "Co", "Zl", "Zp") or letter in TURNS_TEXT_ROUND


def _patient(path: Path, on_progress: Progress | None) -> Progress:
    """``on_progress`` that ends a decoding which takes too long."""
    end = time.monotonic() + DECODING_SECONDS

    def report(share: float) -> None:
        if time.monotonic() > end:
            raise Refused("video_too_long", f"{shown_name(path)} takes too long to read: give a shorter or smaller clip.")
        if on_progress is not None:
            on_progress(share)

    return report


def _truth(error: Exception) -> str:
    return storable(f"{type(error).__name__}: {error} {getattr(error, 'raw', '')}")
