"""Whether a file is as long as it says it is: the cheap test for cut-off downloads, without decoding.

Decoders make a plausible picture out of half a file, so a clip whose own boxes promise more bytes than there are is
refused before anything is shown of it.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from continuity.video.containers import TRANSPORT_PACKET_BYTES, Container, shown_name
from continuity.video.errors import VideoDamaged

KNOWN_BOXES = frozenset(
    (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"moof", b"mfra", b"sidx", b"styp", b"uuid", b"meta")
)
MOST_PARTS = 100_000  # a hostile file can have one every eight bytes
EBML_SEGMENT = 0x18538067
SEGMENT_ELEMENTS = frozenset(
    (0x114D9B74, 0x1549A966, 0x1654AE6B, 0x1F43B675, 0x1C53BB6B, 0x1941A469, 0x1043A770, 0x1254C367, 0xEC, 0xBF)
)


def require_whole(path: Path, container: Container) -> None:
    """VideoDamaged when the file ends before its own structure does."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if container is Container.MP4:
            short = any(end > size for _, end in islice(_boxes(file, size), MOST_PARTS))
        elif container is Container.MATROSKA:
            short = any(end > size for end in islice(_elements(file, size), MOST_PARTS))
        elif container is Container.MPEGTS:
            short = size % TRANSPORT_PACKET_BYTES != 0
        else:
            file.seek(max(size - 64, 0))
            short = not file.read().rstrip(b"\0").endswith(b";")
    if short:
        raise VideoDamaged(f"{shown_name(path)} is cut short: transfer or download it again.")


def is_fragmented(path: Path) -> bool:
    """Whether an MP4 keeps its sample tables in fragments (``moof``) instead of one complete ``moov``."""
    with path.open("rb") as file:
        return any(kind == b"moof" for kind, _ in islice(_boxes(file, path.stat().st_size), MOST_PARTS))


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int]]:
    """(type, end offset) of the top-level boxes, up to the first thing that is none (ISO 14496-12, 4.2)."""
    position = 0
    while position + 8 <= size:
        file.seek(position)
        header = file.read(16)
        length, kind = int.from_bytes(header[:4], "big"), header[4:8]
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        elif length == 0:
            length = size - position
        if kind not in KNOWN_BOXES or length < 8:
            return
        yield kind, position + length
        position += length


def _elements(file: BinaryIO, size: int) -> Iterator[int]:
    """End offsets of the EBML header, the segment and its children, as far as their sizes are known (RFC 8794)."""
    position = 0
    while position < size:
        file.seek(position)
        header = file.read(12)
        identity, id_bytes = _number(header, keep_marker=True)
        length, length_bytes = _number(header[id_bytes:], keep_marker=False)
        body = position + id_bytes + length_bytes
        unknown = length == (1 << (7 * length_bytes)) - 1
        if position and identity != EBML_SEGMENT and identity not in SEGMENT_ELEMENTS:
            return
        if not unknown:
            yield body + length
        position = body if unknown or identity == EBML_SEGMENT else body + length


def _number(data: bytes, *, keep_marker: bool) -> tuple[int, int]:
    """An EBML variable-length number and how many bytes it takes; (0, 1) for a byte that cannot start one."""
    if not data or data[0] == 0:
        return 0, 1
    length = 9 - data[0].bit_length()
    value = int.from_bytes(data[:length], "big")
    return (value if keep_marker else value - (1 << (7 * length))), length
