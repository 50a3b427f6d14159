"""What people bring is what its bytes are: a clip, a still, or refused with one sentence and nothing kept."""

import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from continuity.enums import BlobKind, FrameRole
from continuity.models import Asset, Blob, Frame, Job
from continuity.services import imports, media
from continuity.services.errors import Refused
from continuity.video.frames import last_frame
from tests.clips import X264, Zoo, session_zoo
from tests.continuity.video.test_containers import IMPOSTORS
from tests.stand_ins.clips import ClipSize, clip_bytes

pytestmark = pytest.mark.django_db
GPS = 0x8825


@pytest.fixture(scope="session")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Zoo:
    return session_zoo(tmp_path_factory)


@pytest.fixture
def door(tmp_path: Path) -> Path:
    """A picture on disk: 60x40, with a place and a comment in its EXIF."""
    picture = Image.new("RGB", (60, 40), (200, 60, 30))
    exif = picture.getexif()
    exif.get_ifd(GPS)[1] = "N"
    exif[0x010E] = "<script>alert(1)</script>"
    path = tmp_path / "door.jpg"
    picture.save(path, exif=exif)
    assert b"<script>" in path.read_bytes()
    return path


def brought(path: Path, owner: Any, name: str | None = None) -> Asset:
    return imports.import_upload(path=path, name=path.name if name is None else name, owner=owner)


def counts() -> tuple[int, int, int]:
    return Asset.all_objects.count(), Frame.objects.count(), Blob.objects.count()


def test_a_clip_is_a_clip_whatever_it_is_called(owner, clip) -> None:
    path = clip.rename(clip.with_name("picture.png"))

    asset = brought(path, owner)

    assert (asset.owner, asset.session, asset.role, asset.origin, asset.name) == (owner, None, "clip", "upload", "picture.png")
    assert (asset.blob.kind, asset.blob.frame_count, asset.blob.sha256) == ("video", 24, media.storage.sha256_of(path))
    assert list(asset.frames.order_by("index").values_list("index", "role", "image__parent", "image__owner")) == [
        (0, "first", asset.pk, owner.pk),
        (23, "last", asset.pk, owner.pk),
    ]
    assert imports.still_frame(asset) is None


def test_a_still_is_a_still_whatever_it_is_called(owner, door) -> None:
    asset = brought(door.rename(door.with_name("clip.mp4")), owner)

    frame = Frame.objects.get()
    assert (asset.role, asset.blob.kind, asset.blob.container) == ("still", "image", "png")
    assert (frame.asset, frame.image, frame.role, frame.index) == (asset, asset, FrameRole.KEY, 0)
    assert imports.still_frame(asset) == frame


def test_a_clip_of_one_picture_has_one_frame(owner, zoo) -> None:
    asset = brought(zoo.clip("h264-one-frame"), owner)

    assert list(asset.frames.values_list("index", "role")) == [(0, "first")]


def test_frames_of_an_imported_clip_are_those_that_are_read_later(owner, clip) -> None:
    asset = brought(clip, owner)
    last = asset.frames.get(role="last")

    found = media.keep_frame(clip=asset, picture=last_frame(clip), role=FrameRole.LAST)

    assert found == last


def test_what_was_written_about_a_picture_is_not_kept(owner, door) -> None:
    asset = brought(door, owner)

    with media.local_clip(asset) as path, Image.open(path) as kept:
        assert (dict(kept.getexif()), kept.info) == ({}, {})
        assert b"script" not in path.read_bytes()


@pytest.mark.parametrize("name", ["clip.mp4", "door.png"])
@pytest.mark.parametrize("kind", IMPOSTORS)
def test_what_is_neither_clip_nor_picture_is_refused(kind: str, name: str, owner, tmp_path) -> None:
    path = tmp_path / name
    path.write_bytes(IMPOSTORS[kind])

    with pytest.raises(Refused) as refusal:
        brought(path, owner)

    kinds = "an MP4, MOV, WebM, MKV, MPEG-TS or GIF clip, or a PNG, JPEG or WebP picture"
    assert str(refusal.value) == f"{name} is neither a clip nor a picture: give {kinds}."
    assert (refusal.value.code, counts()) == ("not_a_video", (0, 0, 0))


def png_of(width: int, height: int) -> bytes:
    """A PNG that says its size and holds a row or so: one bit per pixel."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


HOSTILE = {
    "png-of-2500-megapixels": (png_of(50_000, 50_000), "video_too_large"),
    "png-of-no-width": (png_of(0, 10), "video_damaged"),
    "png-cut-short": (png_of(600, 600), "video_damaged"),
    "gif-of-4000-megapixels": (b"GIF89a" + struct.pack("<HH", 65535, 65535) + b"\x00\x00\x00;", None),
    "jpeg-head": (b"\xff\xd8\xff\xe0" + bytes(64), "video_damaged"),
    "webp-head": (b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(64), "video_damaged"),
    "mp4-without-an-index": (box(b"ftyp", b"isom" + bytes(12)) + box(b"mdat", bytes(400)), "video_damaged"),
    "mp4-with-html": (box(b"ftyp", b"isom" + bytes(4)) + b"<html><script>alert(1)</script>", "video_damaged"),
    "mp4-of-boxes": (box(b"ftyp", b"isom" + bytes(4)) + b"".join(box(b"free", b"") for _ in range(9999)), None),
    "matroska-head": (b"\x1a\x45\xdf\xa3" + bytes(400), None),
    "transport-of-nothing": ((b"\x47\x1f\xff\x10" + b"\xff" * 184) * 50, None),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_only_begins_like_a_file_is_refused(kind: str, owner, tmp_path) -> None:
    content, code = HOSTILE[kind]
    path = tmp_path / "file"
    path.write_bytes(content)

    with pytest.raises(Refused) as refusal:
        brought(path, owner)

    assert refusal.value.code == (code or refusal.value.code)
    assert (str(refusal.value).startswith("file "), counts()) == (True, (0, 0, 0))


SILENT_PICTURE = ["-f", "lavfi", "-i", "color=size=64x36:rate=24:duration=0.5"]
BIG = ["-f", "lavfi", "-i", "color=size=8192x4608:rate=1:duration=1", *X264]
SOUND = ["-f", "lavfi", "-i", "sine=duration=0.3", "-c:a", "aac"]
KEY = ["-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "76a6c65c5ea762046bd749a2e632ccbb"]
ENCRYPTED = [*SILENT_PICTURE, *X264, *KEY, "-encryption_kid", "a7e61c373e219033c21091fa607bf3b8"]
REFUSED_CLIPS = {
    "larger-than-36-megapixels.mp4": (BIG, "video_too_large"),
    "sound-alone.mp4": (SOUND, "no_picture"),
    "encrypted.mp4": (ENCRYPTED, "video_damaged"),
}
MANY_TRACKS = [*SILENT_PICTURE, *["-map", "0:v"] * 40, *X264]
KEPT_CLIPS = {
    "forty-tracks.mp4": (MANY_TRACKS, 12),
    "a-million-frames-a-second.mp4": ([*SILENT_PICTURE, "-vf", "setpts=N/TB/1000000", "-r", "1000000", *X264], None),
    "one-picture-for-days.mp4": ([*SILENT_PICTURE, "-vf", "setpts=PTS*500000", "-fps_mode", "passthrough", *X264], 12),
    "rotated-by-45.mp4": (["-display_rotation:v:0", "45", "-f", "lavfi", "-i", "color=size=64x36:duration=0.2", *X264], None),
    "one-by-one.gif": (["-f", "lavfi", "-i", "color=size=1x1:rate=10:duration=0.3"], 3),
}


@pytest.mark.parametrize("name", REFUSED_CLIPS)
def test_a_clip_that_nobody_could_use_is_refused(name: str, zoo, owner) -> None:
    arguments, code = REFUSED_CLIPS[name]

    with pytest.raises(Refused) as refusal:
        brought(zoo.make(name, arguments), owner)

    assert (refusal.value.code, counts()) == (code, (0, 0, 0))


@pytest.mark.parametrize("name", KEPT_CLIPS)
def test_a_strange_clip_that_can_be_decoded_is_kept(name: str, zoo, owner) -> None:
    arguments, frames = KEPT_CLIPS[name]

    asset = brought(zoo.make(name, arguments), owner)

    assert asset.blob.frame_count == (frames or asset.blob.frame_count)
    assert asset.frames.count() == 2


def test_a_file_that_takes_too_long_to_read_is_refused(owner, clip, monkeypatch) -> None:
    monkeypatch.setattr(imports, "DECODING_SECONDS", -1)

    with pytest.raises(Refused, match=r"^pier\.mp4 takes too long to read: give a shorter or smaller clip\.$") as refusal:
        brought(clip, owner)

    assert (refusal.value.code, counts()) == ("video_too_long", (0, 0, 0))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/cron.d/x", "x"),
        ("C:\\Users\\anna\\door.png", "door.png"),
        ("/", ""),
        ("..", ""),
        ("", ""),
        ("-i.mp4", "-i.mp4"),
        ("CON", "CON"),
        ("a\x00b\nc\td.mp4", "abcd.mp4"),
        ("  pier   at dusk.mp4 ", "pier at dusk.mp4"),
        ("door\u202egnp.exe", "doorgnp.exe"),
        ("half \ud800 a pair", "half a pair"),
        ("%00;rm -rf", "%00;rm -rf"),
        ("👩‍👧 Küste.mov", "👩‍👧 Küste.mov"),
        ("a" * 4096, "a" * 255),
        ("a/" * 4096, "a"),
    ],
)
def test_a_name_is_a_name_and_never_a_path(name: str, shown: str, owner, door) -> None:
    asset = brought(door, owner, name=name)

    asset.refresh_from_db()
    assert (asset.name, imports.clean_name(name)) == (shown, shown)


def test_the_same_file_of_somebody_else_changes_nothing_about_an_answer(owner, stranger, clip) -> None:
    theirs, first, second = brought(clip, stranger), brought(clip, owner), brought(clip, owner)

    own = {"id", "owner_id", "created_at"}
    rows = [
        {name: value for name, value in vars(asset).items() if name[0] != "_" and name not in own} for asset in (theirs, first)
    ]
    assert rows[0] == rows[1]
    assert len({theirs.pk, first.pk, second.pk}) == 3
    assert {(frame.asset_id, frame.image.owner) for frame in Frame.objects.select_related("image__owner")} == {
        (theirs.pk, stranger),
        (first.pk, owner),
        (second.pk, owner),
    }


def test_a_file_belongs_to_the_session_it_was_brought_to(owner, clip) -> None:
    from tests.factories.session import SessionFactory

    session = SessionFactory(owner=owner)

    asset = imports.import_upload(path=clip, name="pier.mp4", owner=owner, session=session)

    assert set(Asset.objects.values_list("session", flat=True)) == {session.pk}
    assert asset.session == session


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "gopher://a.example/", "ftp://a.example/", "data:image/png;base64,AA", "http://you@a.example/"),
        *(
            "http://a.example:22/",
            "http://a.example/\r\nx: y",
            "http://a.example\\@b.example/",
            "http://ä.example/",
            "",
            "door.png",
        ),
    ],
)
@pytest.mark.parametrize("kind", [BlobKind.IMAGE, "video"])
def test_what_is_no_public_address_by_its_form_is_refused_at_once(url: str, kind: Any, owner) -> None:
    with pytest.raises(Refused, match=r"^This address cannot be used: write a plain http") as refusal:
        imports.request_import(url=url, kind=kind, by=owner)

    assert (refusal.value.code, Job.objects.count()) == ("bad_address", 0)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://a.example/clips/pier%20at%20dusk.mp4?sig=1#t", "pier at dusk.mp4"),
        ("https://a.example", ""),
        ("https://a.example/a/%2e%2e%2Fetc%2Fpasswd", "passwd"),
        ("https://a.example/%00%0a%ff", "�"),
    ],
)
def test_a_fetched_file_is_called_what_its_address_calls_it(url: str, name: str) -> None:
    assert imports.name_at(url) == name


def test_a_small_clip_is_read_within_the_time(owner, tmp_path) -> None:
    path = tmp_path / "wide.mp4"
    path.write_bytes(clip_bytes(ClipSize(320, 180, 1, 24)))
    shares: list[float] = []

    stored = imports.store(path, on_progress=shares.append)

    assert (stored.is_still, shares[-1], Asset.objects.count()) == (False, 1.0, 0)
