"""What a clip says it is. Nothing here proves that it can be decoded: that is ``verify``."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from continuity.video.containers import Container
from continuity.video.errors import NoPicture
from continuity.video.orientation import Orientation, orientation_of
from continuity.video.reading import Source, decode, open_clip

MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class AudioFacts:
    """The first sound track. ``duration`` in seconds, None = the container does not say."""

    codec: str
    sample_rate: int
    channels: int
    layout: str
    duration: Fraction | None


@dataclass(frozen=True)
class ClipFacts:
    """``width`` and ``height`` as displayed (after rotation, before any pixel aspect), ``coded_*`` as stored.

    ``rotation`` is the clockwise turn for display in degrees. The colour tags are the code points of ITU-T H.273
    (2 = unspecified; ``colour_range`` 1 limited, 2 full, 0 unspecified). ``fps`` is the average rate, ``is_variable``
    that it differs from the container's base rate. ``frame_count`` and ``duration`` (of the picture, seconds) are the
    container's word, None = it does not say.
    """

    container: Container
    codec: str
    profile: str | None
    width: int
    height: int
    coded_width: int
    coded_height: int
    rotation: int
    pixel_aspect: Fraction
    pix_fmt: str
    colour_matrix: int
    colour_primaries: int
    colour_transfer: int
    colour_range: int
    fps: Fraction | None
    is_variable: bool
    frame_count: int | None
    duration: Fraction | None
    audio: AudioFacts | None

    @property
    def has_audio(self) -> bool:
        return self.audio is not None


def probe(path: Path) -> ClipFacts:
    """Facts of a clip; decodes its first frame, because only that carries the rotation.

    Raises NotAVideo, VideoDamaged, VideoTooLarge (before anything is decoded), NoPicture.
    """
    with open_clip(path) as source:
        for frame in decode(source):
            return facts_of(source, frame)
        raise NoPicture(f"{source.name} holds no frame: give a clip with at least one picture.")


def facts_of(source: Source, frame: Any) -> ClipFacts:
    """Facts of an open clip and its first decoded frame."""
    video, context = source.video, source.video.codec_context
    orientation: Orientation = orientation_of(frame)
    width, height = orientation.size(frame.width, frame.height)
    return ClipFacts(
        container=source.container,
        codec=video.codec.canonical_name,
        profile=video.profile,
        width=width,
        height=height,
        coded_width=frame.width,
        coded_height=frame.height,
        rotation=orientation.degrees,
        pixel_aspect=Fraction(video.sample_aspect_ratio or 1),
        pix_fmt=frame.format.name,
        colour_matrix=int(frame.colorspace),
        colour_primaries=int(context.color_primaries),
        colour_transfer=int(context.color_trc),
        colour_range=int(frame.color_range),
        fps=video.average_rate or video.guessed_rate,
        is_variable=bool(video.average_rate and video.base_rate and video.average_rate != video.base_rate),
        frame_count=video.frames or None,
        duration=_duration(source, video),
        audio=_audio_facts(source),
    )


def _audio_facts(source: Source) -> AudioFacts | None:
    audio = source.sound
    if audio is None:
        return None
    duration = Fraction(audio.duration) * audio.time_base if audio.duration else None
    layout = audio.codec_context.layout
    return AudioFacts(audio.codec.canonical_name, audio.codec_context.sample_rate, layout.nb_channels, layout.name, duration)


def _duration(source: Source, video: Any) -> Fraction | None:
    if video.duration:
        return Fraction(video.duration) * source.time_base
    if source.media.duration:
        return Fraction(source.media.duration, MICROSECONDS)
    return None
