"""Is this an MP4, and is all of it here? Judged from the outline of boxes (ISO/IEC 14496-12) while the bytes arrive."""

from continuity.providers.base import OutputInvalid

BOXES = frozenset(
    {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"moof", b"mfra", b"sidx", b"styp", b"uuid", b"udta", b"meta", b"emsg"}
)
SHORT_HEADER, LONG_HEADER = 8, 16


class Mp4Check:
    """Feed it a file from its first byte: it walks from box to box without keeping what is inside them.

    A box that it does not know, or one that says "to the end", ends the walk without a complaint: whether the frames are
    good is for the decoder to say.
    """

    def __init__(self) -> None:
        self._header = b""
        self._header_bytes = SHORT_HEADER
        self._skip = 0
        self._seen: set[bytes] = set()
        self._walking = True

    def feed(self, chunk: bytes) -> None:
        """OutputInvalid if the file does not begin like an MP4."""
        while chunk and self._walking:
            if self._skip:
                taken = min(self._skip, len(chunk))
                self._skip -= taken
            else:
                taken = min(self._header_bytes - len(self._header), len(chunk))
                self._header += chunk[:taken]
                self._enter_box()
            chunk = chunk[taken:]

    def finish(self) -> None:
        """OutputInvalid if the file ends inside a box, or before the index of its frames."""
        if self._walking and (self._skip or b"moov" not in self._seen):
            raise OutputInvalid("The clip came incomplete: fetch it again.")

    def _enter_box(self) -> None:
        if len(self._header) < self._header_bytes:
            return
        size, kind = int.from_bytes(self._header[:4]), self._header[4:8]
        if not self._seen and kind != b"ftyp":
            raise OutputInvalid("What came is not an MP4 clip: fetch it again, or ask the vendor.", raw=repr(self._header))
        if size == 1 and self._header_bytes == SHORT_HEADER:
            self._header_bytes = LONG_HEADER
            return
        size = int.from_bytes(self._header[8:]) if size == 1 else size
        self._walking = kind in BOXES and size >= self._header_bytes
        self._skip = max(size - self._header_bytes, 0)
        self._seen.add(kind)
        self._header, self._header_bytes = b"", SHORT_HEADER
