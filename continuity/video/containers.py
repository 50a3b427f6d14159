"""Which container a file is, told from its first bytes alone: the name of a foreign file says nothing.

ffmpeg guesses demuxers from content, and some of them (HLS, DASH, concat, SDP) open *other* files. So every file is
opened with the demuxer that this allow list names, and what is not on it never reaches ffmpeg.
"""

from enum import StrEnum
from pathlib import Path

from continuity.video.errors import NotAVideo

HEAD_BYTES = 4 * 188 + 1
TRANSPORT_PACKET_BYTES = 188
QUICKTIME_FIRST_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
STILL_BRANDS = (b"heic", b"heix", b"heif", b"mif1", b"msf1", b"avif", b"avis")


class Container(StrEnum):
    """Allowed containers. The value of a clip's container is ffmpeg's demuxer name."""

    MP4 = "mov"
    MATROSKA = "matroska"
    MPEGTS = "mpegts"
    GIF = "gif"
    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"

    @property
    def is_still(self) -> bool:
        """Whether the file is one picture, to be read by Pillow and never by ffmpeg."""
        return self in (Container.PNG, Container.JPEG, Container.WEBP)


def sniff(path: Path) -> Container:
    """The container of ``path`` by its magic bytes. NotAVideo for everything off the list or unreadable."""
    head = _head(path)
    for container, matches in (
        (Container.MP4, head[4:8] in QUICKTIME_FIRST_BOXES and head[8:12] not in STILL_BRANDS),
        (Container.MATROSKA, head.startswith(b"\x1a\x45\xdf\xa3")),
        (Container.GIF, head.startswith((b"GIF87a", b"GIF89a"))),
        (Container.PNG, head.startswith(b"\x89PNG\r\n\x1a\n")),
        (Container.JPEG, head.startswith(b"\xff\xd8\xff")),
        (Container.WEBP, head.startswith(b"RIFF") and head[8:12] == b"WEBP"),
        (Container.MPEGTS, _is_transport_stream(head)),
    ):
        if matches:
            return container
    raise NotAVideo(f"{shown_name(path)} is not a clip: give an MP4, MOV, WebM, MKV, MPEG-TS or GIF file.")


def sniff_clip(path: Path) -> Container:
    """As ``sniff``, but a still picture is refused too."""
    container = sniff(path)
    if container.is_still:
        raise NotAVideo(f"{shown_name(path)} is a still picture: give a clip (MP4, MOV, WebM, MKV, MPEG-TS or GIF).")
    return container


def shown_name(path: Path) -> str:
    """The file's name as it may stand in a sentence: printable, at most 80 characters, no folder."""
    return "".join(letter if letter.isprintable() else "?" for letter in path.name)[:80] or "The file"


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except FileNotFoundError as error:
        raise NotAVideo(f"There is no file {shown_name(path)}: check the path.") from error
    except (OSError, ValueError) as error:
        raise NotAVideo(f"{shown_name(path)} cannot be read: check that it is a file and that you may open it.") from error


def _is_transport_stream(head: bytes) -> bool:
    """A sync byte at the start of each of the first packets, two at least."""
    return len(head) >= 2 * TRANSPORT_PACKET_BYTES and set(head[::TRANSPORT_PACKET_BYTES]) == {0x47}
