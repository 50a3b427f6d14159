"""Copying the packets of alike clips behind each other into one MP4."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import av.error

from continuity.video.containers import shown_name
from continuity.video.errors import VideoDamaged
from continuity.video.material import Material, Walk


class CannotSplice(Exception):
    """The packets of a clip cannot follow those of the clips before it; a sentence."""


@dataclass
class _Track:
    """One stream of the film, and the decoding time it has reached."""

    stream: Any
    last_dts: int | None = None

    def place(self, packet: Any, shift: int) -> Any:
        """The packet moved by ``shift`` ticks, its decoding time after the one before and not after its own showing."""
        packet.pts += shift
        packet.dts = packet.pts if packet.dts is None else packet.dts + shift
        if self.last_dts is not None and packet.dts <= self.last_dts:
            packet.dts = self.last_dts + 1
        if packet.dts > packet.pts:
            raise CannotSplice("The clips' frames are stored in orders that do not continue each other.")
        self.last_dts = packet.dts
        packet.stream = self.stream
        return packet


def splice(walks: Iterable[Walk], target: Path) -> list[Material]:
    """Writes ``target`` (MP4, index in front): every picture packet, and the sound packets that lie within the picture.

    Each clip is read once, and is not asked for before the one ahead of it is copied. Picture and sound begin at zero.
    Raises CannotSplice, VideoDamaged.
    """
    materials: list[Material] = []
    with av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as film:
        tracks: list[_Track] = []
        for walk in walks:
            try:
                _append(walk, film, tracks, sum(material.ticks for material in materials))
            except av.error.FFmpegError as error:
                name = shown_name(walk.source.path)
                raise VideoDamaged(f"{name} cannot be copied: transfer or make it again.") from error
            materials.append(walk.material())
    return materials


def _append(walk: Walk, film: Any, tracks: list[_Track], offset: int) -> None:
    source = walk.source
    if not tracks:
        tracks.extend(_Track(_stream_like(film, stream)) for stream in source.streams)
    shift = offset - walk.begin
    sound_shift = round(shift * walk.picture.tick / walk.sound.tick)
    for packet in _within_picture(walk):
        if packet.stream is source.video:
            film.mux(tracks[0].place(packet, shift))
        else:
            film.mux(tracks[1].place(packet, sound_shift))


def _within_picture(walk: Walk) -> Iterator[Any]:
    """The picture's packets, and the sound's from the picture's begin to its end, which wait until it has got that far."""
    ticks = walk.sound.tick / walk.picture.tick
    scale, unit = ticks.numerator, ticks.denominator  # whole numbers, because fractions would take longer than copying
    waiting: deque[Any] = deque()
    for packet in walk.packets():
        if not packet.size or packet.pts is None:
            continue
        if packet.stream is walk.source.video:
            yield packet
        elif packet.pts * scale >= walk.begin * unit:
            waiting.append(packet)
        reached = unit * (walk.begin if walk.picture.end is None else walk.picture.end)
        while waiting and (waiting[0].pts + (waiting[0].duration or 0)) * scale <= reached:
            yield waiting.popleft()


def _stream_like(film: Any, stream: Any) -> Any:
    copy = film.add_stream_from_template(stream, opaque=True)  # else PyAV looks for an encoder of the decoder's name (libdav1d)
    copy.time_base = stream.time_base
    return copy
