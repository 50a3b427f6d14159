"""When frames are shown, read from packets without decoding them.

Decoding a ten-minute clip takes a hundred times as long as walking its packets, and an MP4's sample table is quicker
still. Both are believed only where one packet is certainly one frame; otherwise the answer is None and the caller decodes.
"""

from dataclasses import dataclass, field
from typing import Any

from continuity.video.containers import Container
from continuity.video.reading import Source
from continuity.video.wholeness import is_fragmented

ONE_PACKET_ONE_FRAME = frozenset(("h264", "hevc", "av1", "vp9", "mjpeg", "prores", "gif"))
"""Not vp8 (invisible frames have packets), nor mpeg2 and mpeg4 (fields and packed B-frames)."""

REORDER_DEPTH = 32
"""More than any codec reorders (H.264 and HEVC: 16), so the earliest of so many packets is the clip's first frame."""


def first_time(source: Source) -> int | None:
    """The time of the first frame shown, in ticks of the stream, from the clip's first packets."""
    log = PacketLog()
    for packet in source.media.demux(source.video):
        log.note(packet)
        if len(log.times) == REORDER_DEPTH:
            break
    times = log.believable_times()
    return times[0] if times else None


@dataclass
class PacketLog:
    """What the packets of a stream say, as they go by in file order."""

    first: Any = None
    times: list[int | None] = field(default_factory=list)
    is_corrupt: bool = False

    def note(self, packet: Any) -> None:
        if not packet.size:
            return
        self.first = self.first or (packet.pts, packet.is_keyframe)
        self.is_corrupt = self.is_corrupt or packet.is_corrupt
        if not packet.is_discard:
            self.times.append(packet.pts)

    def believable_times(self) -> list[int] | None:
        """Ascending times of all frames shown; None when a packet lacks one, two share one, the clip does not begin with
        a key frame, or shows something before it (which no decoder can show)."""
        times = [time for time in self.times if time is not None]
        if self.first is None or self.is_corrupt or not times or len(set(times)) != len(self.times):
            return None
        first_pts, begins_with_key = self.first
        if not begins_with_key or first_pts is None or min(times) < first_pts:
            return None
        return sorted(times)


def all_times(source: Source) -> list[int] | None:
    """The times of all frames shown, ascending, in ticks of the stream, from a reader that stands at the beginning."""
    if not one_packet_is_one_frame(source):
        return None
    log = PacketLog()
    for packet in source.media.demux(source.video):
        log.note(packet)
    return log.believable_times()


def shown_in_table(source: Source) -> int | None:
    """How many frames an MP4's sample table shows (edit lists counted in); None where there is no complete table."""
    if source.container is not Container.MP4 or not one_packet_is_one_frame(source) or is_fragmented(source.path):
        return None
    return sum(entry.size > 0 and not entry.is_discard for entry in source.video.index_entries) or None


def one_packet_is_one_frame(source: Source) -> bool:
    """Whether counting packets counts frames; readers of interlaced clips, whose fields may be packets, decode anyway."""
    return source.video.codec.canonical_name in ONE_PACKET_ONE_FRAME
