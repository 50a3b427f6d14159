"""Is it a whole clip? Answered by decoding every frame and every sound, not by asking the container."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from continuity.video.convert import to_rgb
from continuity.video.errors import NoPicture, VideoDamaged
from continuity.video.frames import ExactFrame
from continuity.video.probe import ClipFacts, facts_of
from continuity.video.reading import Source, decodable_packets, decoded, open_clip
from continuity.video.timing import PacketLog, one_packet_is_one_frame

Progress = Callable[[float], None]
PROGRESS_EVERY_FRAMES = 24


@dataclass(frozen=True)
class Verified:
    """A clip that was decoded whole. ``duration`` in seconds: from the first frame's appearance to the last one's end."""

    frame_count: int
    duration: Fraction
    facts: ClipFacts
    first: ExactFrame
    last: ExactFrame


@dataclass
class _Reel:
    """The frames that went by: the first, the last, how many."""

    first: Any = None
    last: Any = None
    count: int = 0
    is_interlaced: bool = False

    def add(self, frame: Any) -> None:
        self.first = self.first or frame
        self.last = frame
        self.count += 1
        self.is_interlaced = self.is_interlaced or frame.interlaced_frame


def verify(path: Path, *, on_progress: Progress | None = None) -> Verified:
    """Decodes the whole clip, sound included. ``on_progress`` gets shares from 0 to 1.

    Raises NotAVideo, VideoTooLarge, NoPicture, and VideoDamaged when anything cannot be decoded or is missing.
    """
    with open_clip(path) as source:
        reel, log = _Reel(), PacketLog()
        for packet in decodable_packets(source, with_sound=True):
            _take(source, packet, reel, log)
            if on_progress and reel.count % PROGRESS_EVERY_FRAMES == 1:
                on_progress(_share(source, reel))
        _require_all_frames(source, reel, log)
        verified = _verified(source, reel)
    if on_progress:
        on_progress(1.0)
    return verified


def _take(source: Source, packet: Any, reel: _Reel, log: PacketLog) -> None:
    if packet.stream is not source.video:
        packet.decode()
        return
    log.note(packet)
    for frame in decoded(source, packet):
        reel.add(frame)


def _require_all_frames(source: Source, reel: _Reel, log: PacketLog) -> None:
    """A decoder may drop a picture without a word; the packets know how many there should be."""
    if reel.first is None:
        raise NoPicture(f"{source.name} holds no frame: give a clip with at least one picture.")
    expected = log.believable_times() if one_packet_is_one_frame(source) and not reel.is_interlaced else None
    if expected is not None and len(expected) != reel.count:
        raise VideoDamaged(f"{source.name} shows {reel.count} of its {len(expected)} frames: transfer or make it again.")


def _verified(source: Source, reel: _Reel) -> Verified:
    facts = facts_of(source, reel.first)
    last_time = (reel.last.pts - reel.first.pts) * source.time_base
    return Verified(
        frame_count=reel.count,
        duration=last_time + _shown_for(source, reel.last, facts),
        facts=facts,
        first=ExactFrame(0, Fraction(0), to_rgb(reel.first)),
        last=ExactFrame(reel.count - 1, last_time, to_rgb(reel.last)),
    )


def _shown_for(source: Source, frame: Any, facts: ClipFacts) -> Fraction:
    """Seconds that one frame stays; one tick of the average rate where the container does not say."""
    if frame.duration:
        return Fraction(frame.duration * source.time_base)
    return 1 / facts.fps if facts.fps else Fraction(0)


def _share(source: Source, reel: _Reel) -> float:
    total = source.video.duration or (source.media.duration or 0) / 1_000_000 / source.time_base
    return min(float((reel.last.pts - reel.first.pts) / total), 1.0) if total else 0.0
