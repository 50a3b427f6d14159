"""A clip as material for a cut: what its streams are, where its frames lie, and whether its packets may be copied."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

from continuity.video.containers import Container
from continuity.video.probe import ClipFacts, facts_of, probe
from continuity.video.reading import Source, decoded_alone, open_clip
from continuity.video.timing import PacketLog

COPYABLE_CODECS = frozenset(("h264", "hevc", "av1"))
SOUND_SLACK_SECONDS = Fraction(1, 10)

Parameters = dict[str, object]


@dataclass(frozen=True)
class Material:
    """``origin`` is the time of the first frame shown and ``ticks`` the picture's length, both in units of ``time_base``.

    ``obstacle`` says why the packets cannot be copied as they are ("has frames that an edit list hides"), None = they can.
    """

    path: Path
    facts: ClipFacts
    parameters: Parameters
    frame_count: int
    time_base: Fraction
    origin: int
    ticks: int
    obstacle: str | None

    @property
    def duration(self) -> Fraction:
        """Seconds from the first frame's appearance to the last one's end."""
        return self.ticks * self.time_base


@dataclass
class Span:
    """From the earliest beginning to the latest end of a stream's packets, in its ticks; None before the first."""

    tick: Fraction
    start: int | None = None
    end: int | None = None

    def note(self, packet: Any) -> None:
        if packet.pts is None or not packet.size:
            return
        end = packet.pts + (packet.duration or 0)
        self.start = packet.pts if self.start is None else min(packet.pts, self.start)
        self.end = end if self.end is None else max(end, self.end)

    def covers(self, start: Fraction, end: Fraction) -> bool:
        """Whether it reaches from ``start`` to ``end``, in seconds and but for the slack."""
        if self.start is None or self.end is None:
            return False
        return self.start * self.tick <= start + SOUND_SLACK_SECONDS and self.end * self.tick >= end - SOUND_SLACK_SECONDS


class Walk:
    """An open clip whose packets go by once, in file order, and what they tell on their way.

    Its first frame is decoded at once, so ``facts`` and ``parameters`` hold from the beginning. ``begin`` is the time of the
    first picture packet, in ticks of the picture: in a clip without an obstacle that is the first frame shown.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.log = PacketLog()
        self.picture = Span(source.time_base)
        self.sound = Span(Fraction(source.streams[-1].time_base))
        self.hidden = False
        self._rest: Iterator[Any] = source.media.demux(source.streams)
        self._head: list[Any] = []
        sample = self._first_frame()
        self.begin: int = self._head[-1].pts or 0 if self._head else 0
        self.facts = facts_of(source, sample) if sample else probe(source.path)
        self.parameters = _parameters(source, self.facts)

    def _first_frame(self) -> Any | None:
        """The frame of the first picture packet, if that is a key packet; what is read for it stays in ``_head``."""
        for packet in self._rest:
            self._head.append(packet)
            if packet.stream is self.source.video:
                return decoded_alone(self.source, packet) if packet.is_keyframe else None
        return None

    def packets(self) -> Iterator[Any]:
        """Every packet of picture and sound, noted."""
        for packet in chain(self._head, self._rest):
            if packet.stream is self.source.video:
                self.log.note(packet)
                self.picture.note(packet)
                self.hidden = self.hidden or packet.is_discard
            else:
                self.sound.note(packet)
            yield packet

    def foreign(self) -> str | None:
        """What the clip is that cannot be copied into an MP4 at all."""
        if self.facts.container is not Container.MP4:
            return "is not an MP4"
        return None if self.facts.codec in COPYABLE_CODECS else f"is {self.facts.codec}, which is not copied into an MP4"

    def material(self) -> Material:
        """What the clip is, once all packets have gone by."""
        times = self.log.believable_times()
        origin, end = (times or [self.picture.start or 0])[0], self.picture.end or 0
        return Material(
            path=self.source.path,
            facts=self.facts,
            parameters=self.parameters,
            frame_count=len(times or self.log.times),
            time_base=self.source.time_base,
            origin=origin,
            ticks=end - origin,
            obstacle=self.foreign() or self._obstacle(origin * self.source.time_base, end * self.source.time_base),
        )

    def _obstacle(self, start: Fraction, end: Fraction) -> str | None:
        checks = (
            (self.hidden, "has frames that an edit list hides"),
            (self.facts.is_variable, "has no constant frame rate"),
            (self.log.believable_times() is None, "has frames whose times are not certain"),
            (self.facts.has_audio and not self.sound.covers(start, end), "has sound that does not cover its picture"),
        )
        return next((words for holds, words in checks if holds), None)


def inspect(path: Path) -> Material:
    """Reads a clip's packets and its first key frame. Raises the family of ``errors``."""
    with open_clip(path) as source:
        walk = Walk(source)
        for _ in walk.packets():
            pass
        return walk.material()


def difference(first: Parameters, other: Parameters) -> str | None:
    """The first stream parameter in which two clips differ, by its name for a person."""
    return next((name for name, value in first.items() if other[name] != value), None)


def _parameters(source: Source, facts: ClipFacts) -> Parameters:
    """Everything that a decoder is set up with; alike means that one set-up decodes both clips."""
    sound = source.sound.codec_context if source.sound else None
    return {
        "codec": (facts.codec, facts.profile),
        "size": (facts.coded_width, facts.coded_height, facts.pixel_aspect),
        "rotation": facts.rotation,
        "frame rate": (facts.fps, source.time_base),
        "pixel format": facts.pix_fmt,
        "colour tags": (facts.colour_matrix, facts.colour_primaries, facts.colour_transfer, facts.colour_range),
        "having sound": facts.has_audio,
        "sound format": facts.audio and (facts.audio.codec, facts.audio.sample_rate, facts.audio.layout),
        "encoder settings": source.video.codec_context.extradata,
        "sound settings": sound and sound.extradata,
    }
