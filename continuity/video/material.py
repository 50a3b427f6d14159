"""A clip as material for a cut: what its streams are, where its frames lie, and whether its packets may be copied."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from continuity.video.containers import Container
from continuity.video.probe import ClipFacts, facts_of, probe
from continuity.video.reading import Source, decoded_alone, open_clip
from continuity.video.timing import PacketLog

COPYABLE_CODECS = frozenset(("h264", "hevc", "av1"))
SOUND_SLACK_SECONDS = Fraction(1, 10)


@dataclass(frozen=True)
class Material:
    """``origin`` is the time of the first frame shown and ``ticks`` the picture's length, both in units of ``time_base``.

    ``obstacle`` says why the packets cannot be copied as they are ("has frames that an edit list hides"), None = they can.
    """

    path: Path
    facts: ClipFacts
    parameters: dict[str, object]
    frame_count: int
    time_base: Fraction
    origin: int
    ticks: int
    obstacle: str | None

    @property
    def duration(self) -> Fraction:
        """Seconds from the first frame's appearance to the last one's end."""
        return self.ticks * self.time_base

    def difference_from(self, other: "Material") -> str | None:
        """The first stream parameter in which the two differ, by its name for a person."""
        return next((name for name, value in self.parameters.items() if other.parameters[name] != value), None)


@dataclass
class _Span:
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


@dataclass
class _Walk:
    """What a walk over all packets finds."""

    log: PacketLog
    picture: _Span
    sound: _Span
    hidden: bool = False
    sample: Any = None


def inspect(path: Path) -> Material:
    """Reads a clip's packets and its first key frame. Raises the family of ``errors``."""
    with open_clip(path) as source:
        walk = _walk(source)
        facts = facts_of(source, walk.sample) if walk.sample else probe(path)
        times = walk.log.believable_times()
        origin = (times or [walk.picture.start or 0])[0]
        end = walk.picture.end or 0
        return Material(
            path=path,
            facts=facts,
            parameters=_parameters(source, facts),
            frame_count=len(times or walk.log.times),
            time_base=source.time_base,
            origin=origin,
            ticks=end - origin,
            obstacle=_obstacle(facts, walk, origin * source.time_base, end * source.time_base),
        )


def _walk(source: Source) -> _Walk:
    walk = _Walk(PacketLog(), _Span(source.time_base), _Span(Fraction(source.streams[-1].time_base)))
    for packet in source.media.demux(source.streams):
        if packet.stream is source.video:
            walk.sample = walk.sample or (decoded_alone(source, packet) if packet.is_keyframe and not walk.log.first else None)
            walk.log.note(packet)
            walk.picture.note(packet)
            walk.hidden = walk.hidden or packet.is_discard
        else:
            walk.sound.note(packet)
    return walk


def _obstacle(facts: ClipFacts, walk: _Walk, start: Fraction, end: Fraction) -> str | None:
    checks = (
        (facts.container is not Container.MP4, "is not an MP4"),
        (facts.codec not in COPYABLE_CODECS, f"is {facts.codec}, which is not copied into an MP4"),
        (walk.hidden, "has frames that an edit list hides"),
        (facts.is_variable, "has no constant frame rate"),
        (walk.log.believable_times() is None, "has frames whose times are not certain"),
        (facts.has_audio and not _sound_covers(walk, start, end), "has sound that does not cover its picture"),
    )
    return next((words for holds, words in checks if holds), None)


def _sound_covers(walk: _Walk, start: Fraction, end: Fraction) -> bool:
    sound = walk.sound
    if sound.start is None or sound.end is None:
        return False
    return sound.start * sound.tick <= start + SOUND_SLACK_SECONDS and sound.end * sound.tick >= end - SOUND_SLACK_SECONDS


def _parameters(source: Source, facts: ClipFacts) -> dict[str, object]:
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
