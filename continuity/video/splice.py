"""Copying the packets of alike clips behind each other into one MP4."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from typing import Any

import av
import av.error

from continuity.video.containers import shown_name
from continuity.video.errors import VideoDamaged
from continuity.video.material import Material
from continuity.video.reading import open_clip


class CannotSplice(Exception):
    """The decoding order of two clips cannot be continued across their cut; a sentence."""


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


@dataclass(frozen=True)
class _SoundWindow:
    """Which sound of a clip goes with its picture, and how far it moves: all in ticks of the sound."""

    first: int
    end: int
    shift: int

    @classmethod
    def of(cls, material: Material, offset: int, tick: Fraction) -> "_SoundWindow":
        begin = material.origin * material.time_base / tick
        end = begin + material.duration / tick
        return cls(ceil(begin), floor(end), round((offset - material.origin) * material.time_base / tick))


def splice(materials: Sequence[Material], target: Path) -> None:
    """Writes ``target`` (MP4, index in front): every picture packet, and the sound packets that lie within the picture.

    Picture and sound begin at zero. Raises CannotSplice, VideoDamaged.
    """
    options = {"movflags": "+faststart"}
    with av.open(str(target), "w", format="mp4", options=options) as film:
        tracks: list[_Track] = []
        offset = 0
        for material in materials:
            try:
                _append(material, film, tracks, offset)
            except av.error.FFmpegError as error:
                raise VideoDamaged(f"{shown_name(material.path)} cannot be copied: transfer or make it again.") from error
            offset += material.ticks


def _append(material: Material, film: Any, tracks: list[_Track], offset: int) -> None:
    with open_clip(material.path) as source:
        if not tracks:
            tracks.extend(_Track(_stream_like(film, stream)) for stream in source.streams)
        window = _SoundWindow.of(material, offset, source.streams[-1].time_base)
        for packet in source.media.demux(source.streams):
            if not packet.size or packet.pts is None:
                continue
            if packet.stream is source.video:
                film.mux(tracks[0].place(packet, offset - material.origin))
            elif window.first <= packet.pts and packet.pts + (packet.duration or 0) <= window.end:
                film.mux(tracks[1].place(packet, window.shift))


def _stream_like(film: Any, stream: Any) -> Any:
    copy = film.add_stream_from_template(stream)
    copy.time_base = stream.time_base
    return copy
