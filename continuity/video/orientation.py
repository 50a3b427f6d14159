"""How a stored picture is turned for display: the display matrix of a frame, and turning by it."""

import struct
from dataclasses import dataclass
from typing import Any

from continuity.video.errors import VideoDamaged


@dataclass(frozen=True)
class Orientation:
    """First swap rows and columns, then mirror. ``degrees`` is the clockwise turn, 0, 90, 180 or 270."""

    transposed: bool = False
    mirrored_horizontally: bool = False
    mirrored_vertically: bool = False

    @property
    def degrees(self) -> int:
        if self.transposed:
            return 270 if self.mirrored_vertically else 90
        return 180 if self.mirrored_vertically else 0

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height as displayed."""
        return (height, width) if self.transposed else (width, height)

    @property
    def filters(self) -> list[tuple[str, str | None]]:
        """ffmpeg filters (name, arguments) that turn the stored picture upright."""
        chain: list[tuple[str, str | None]] = [("transpose", "cclock_flip")] if self.transposed else []
        chain += [("hflip", None)] if self.mirrored_horizontally else []
        return chain + ([("vflip", None)] if self.mirrored_vertically else [])


UPRIGHT = Orientation()


def orientation_of(frame: Any) -> Orientation:
    """From the frame's display matrix (ISO 14496-12, 8.5.2: rows a b u, c d v, x y w; a-d are 16.16 fixed point).

    The mirrors follow ffmpeg's own automatic rotation. VideoDamaged for turns that are not a multiple of 90 degrees.
    """
    side_data = frame.side_data.get("DISPLAYMATRIX")
    if side_data is None:
        return UPRIGHT
    a, b, _, c, d, *_ = struct.unpack("9i", bytes(side_data))
    if b == 0 and c == 0:
        return Orientation(False, a < 0, d < 0)
    if a == 0 and d == 0:
        return Orientation(True, c < 0, b < 0)
    raise VideoDamaged("The clip is turned by an angle that is not a multiple of 90 degrees: export it upright.")
