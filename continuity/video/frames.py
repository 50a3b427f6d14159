"""Exact frames: the very pictures a full decode would show, found without decoding everything where that is safe.

Seeking is an optimisation that proves itself: the frame it finds must be the one whose time the packets name. Where
packets cannot be believed (see ``timing``), or the proof fails, the whole clip is decoded.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from continuity.video.convert import to_rgb
from continuity.video.errors import NoPicture, VideoDamaged
from continuity.video.reading import Source, decodable_packets, decode, decoded, open_clip
from continuity.video.still import read_rgb
from continuity.video.timing import all_times, first_time, shown_in_table
from continuity.video.whole_file import whole_file

Chooser = Callable[[Sequence[Fraction]], Sequence[int]]


@dataclass(frozen=True, eq=False)
class ExactFrame:
    """One picture of a clip: ``index`` from 0 in the order shown, ``time`` in seconds after the first frame shown,
    ``rgb`` uint8 height x width x 3, upright, full range, in the clip's own transfer curve (sRGB for SDR clips)."""

    index: int
    time: Fraction
    rgb: NDArray[np.uint8]

    @property
    def width(self) -> int:
        return int(self.rgb.shape[1])

    @property
    def height(self) -> int:
        return int(self.rgb.shape[0])

    @cached_property
    def sha256(self) -> str:
        """Of the RGB24 bytes, row by row."""
        return hashlib.sha256(self.rgb.tobytes()).hexdigest()

    def write_png(self, path: Path) -> None:
        """An 8-bit PNG with these very pixels; appears only when whole."""
        with whole_file(path) as part:
            Image.fromarray(self.rgb).save(part, format="PNG", compress_level=4)


def first_frame(path: Path) -> ExactFrame:
    """The first frame shown. Raises the family of ``errors``."""
    with open_clip(path) as source:
        for frame in decode(source):
            return ExactFrame(0, Fraction(0), to_rgb(frame))
        raise _no_frames(source)


def last_frame(path: Path) -> ExactFrame:
    """The last frame shown, with its exact index and time. Raises the family of ``errors``."""
    with open_clip(path) as source:
        found = _last_by_seeking(source)
    return found or _last_by_decoding(path)


def frame_at(path: Path, seconds: float | Fraction) -> ExactFrame:
    """The frame on screen ``seconds`` after the first one appeared; the last one for any time after it.

    ValueError for negative seconds.
    """
    if seconds < 0:
        raise ValueError("A clip has no frame before its first: give zero or more seconds.")

    return _chosen(path, lambda times: [bisect_right(times, seconds) - 1])[0]


def sample_frames(path: Path, positions: Sequence[float] = (0.1, 0.5, 0.9)) -> list[ExactFrame]:
    """One frame per position; 0 is the first frame, 1 the last, by count of frames."""
    if not all(0 <= position <= 1 for position in positions):
        raise ValueError("Positions are shares of the clip, from 0 to 1.")
    return _chosen(path, lambda times: [min(int(position * len(times)), len(times) - 1) for position in positions])


def read_still(path: Path) -> ExactFrame:
    """A PNG, JPEG or WebP as a frame of index 0: upright by its EXIF tag, converted to sRGB, on black where transparent.

    Raises NotAVideo, VideoDamaged, VideoTooLarge.
    """
    return ExactFrame(0, Fraction(0), read_rgb(path))


def _last_by_seeking(source: Source) -> ExactFrame | None:
    """None when the quick way is not certain."""
    from av.error import FFmpegError  # here, so that start-up does not load it

    count, origin, end = _extent(source)
    if count is None or origin is None or end is None:
        return None
    try:
        source.media.seek(end, stream=source.video, backward=True)
        last, latest = _decoded_tail(source)
    except (FFmpegError, VideoDamaged):
        return None
    if last is None or last.pts != latest or last.interlaced_frame:
        return None
    return ExactFrame(count - 1, (last.pts - origin) * source.time_base, to_rgb(last))


def _extent(source: Source) -> tuple[int | None, int | None, int | None]:
    """(frames shown, time of the first, a time no earlier than the last one's key frame), in ticks."""
    count = shown_in_table(source)
    if count is not None and source.video.duration:
        return count, first_time(source), (source.video.start_time or 0) + source.video.duration - 1
    times = all_times(source)
    return (len(times), times[0], times[-1]) if times else (None, None, None)


def _decoded_tail(source: Source) -> tuple[Any, int | None]:
    """The last frame decoded from here to the end, and the latest time that any packet shows."""
    last, latest = None, None
    for packet in decodable_packets(source):
        if packet.pts is not None and not packet.is_discard:
            latest = packet.pts if latest is None else max(latest, packet.pts)
        last = next(reversed(decoded(source, packet)), last)
    return last, latest


def _last_by_decoding(path: Path) -> ExactFrame:
    with open_clip(path) as source:
        index, origin, last = -1, 0, None
        for index, last in enumerate(decode(source)):
            origin = origin if index else last.pts
        if last is None:
            raise _no_frames(source)
        return ExactFrame(index, (last.pts - origin) * source.time_base, to_rgb(last))


def _chosen(path: Path, choose: Chooser) -> list[ExactFrame]:
    """The frames whose indices ``choose`` picks from the times of all frames."""
    with open_clip(path) as source:
        ticks = all_times(source)
        if ticks is not None:
            indices = choose([(tick - ticks[0]) * source.time_base for tick in ticks])
            found = [_sought(source, ticks, index) for index in indices]
            certain = [frame for frame in found if frame is not None]
            if len(certain) == len(found):
                return certain
    return _chosen_by_decoding(path, choose)


def _sought(source: Source, ticks: Sequence[int], index: int) -> ExactFrame | None:
    """The frame shown at ``ticks[index]``; None unless exactly that frame comes out of the decoder."""
    from av.error import FFmpegError  # here, so that start-up does not load it

    try:
        source.media.seek(ticks[index], stream=source.video, backward=True)
        frame = next((frame for frame in decode(source) if frame.pts >= ticks[index]), None)
    except (FFmpegError, VideoDamaged):
        return None
    if frame is None or frame.pts != ticks[index] or frame.interlaced_frame:
        return None
    return ExactFrame(index, (ticks[index] - ticks[0]) * source.time_base, to_rgb(frame))


def _chosen_by_decoding(path: Path, choose: Chooser) -> list[ExactFrame]:
    with open_clip(path) as source:
        ticks = [frame.pts for frame in decode(source)]
        if not ticks:
            raise _no_frames(source)
        times = [(tick - ticks[0]) * source.time_base for tick in ticks]
    wanted = choose(times)
    with open_clip(path) as source:
        pictures = {index: to_rgb(frame) for index, frame in enumerate(decode(source)) if index in wanted}
    return [ExactFrame(index, times[index], pictures[index]) for index in wanted]


def _no_frames(source: Source) -> NoPicture:
    return NoPicture(f"{source.name} holds no frame: give a clip with at least one picture.")
