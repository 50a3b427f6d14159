"""Opening and decoding clips with PyAV, under the same guards as ffmpeg itself."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from continuity.video.containers import Container, shown_name, sniff_clip
from continuity.video.errors import NoPicture, VideoDamaged, VideoTooLarge
from continuity.video.tool import MAX_PIXELS, PROTOCOLS
from continuity.video.wholeness import require_whole

GUARDS = {"protocol_whitelist": PROTOCOLS, "max_pixels": str(MAX_PIXELS), "enable_drefs": "0"}
MAX_SIDE = 16384
MOST_THREADS = 4


@dataclass(frozen=True)
class Source:
    """An open clip: ``media`` is PyAV's container, ``video`` its first stream of moving pictures."""

    path: Path
    container: Container
    media: Any
    video: Any

    @property
    def name(self) -> str:
        return shown_name(self.path)

    @property
    def sound(self) -> Any | None:
        """The first sound track that can be decoded."""
        return next((stream for stream in self.media.streams.audio if stream.codec_context is not None), None)

    @property
    def streams(self) -> list[Any]:
        """The picture, and the sound where there is one."""
        return [self.video, self.sound] if self.sound else [self.video]

    @property
    def time_base(self) -> Fraction:
        return Fraction(self.video.time_base)


@contextmanager
def open_clip(path: Path) -> Iterator[Source]:
    """Opens a whole clip that has pictures of a bearable size; whatever libav raises inside becomes VideoDamaged.

    Raises NotAVideo, VideoDamaged, NoPicture, VideoTooLarge.
    """
    import av.error  # here, so that start-up does not load it

    container = sniff_clip(path)
    require_whole(path, container)
    try:
        with av.open(str(path.resolve()), "r", format=container.value, options=dict(GUARDS), metadata_errors="replace") as media:
            source = Source(path, container, media, _video_stream(media, path))
            _require_bearable_size(source)
            _make_strict(source.video)
            yield source
    except av.error.FFmpegError as error:
        raise VideoDamaged(f"{shown_name(path)} is damaged or cut short: transfer or make it again.") from error


def decode(source: Source) -> Iterator[Any]:
    """The frames shown, in presentation order, from where the reader stands to the end.

    VideoDamaged for a frame without a time, because its place in the clip would be a guess, and for one that the decoder
    itself calls corrupt.
    """
    for packet in decodable_packets(source):
        yield from decoded(source, packet)


def decoded(source: Source, packet: Any) -> list[Any]:
    """The frames that a packet of the picture brings out, each with a time and undamaged; else VideoDamaged."""
    frames: list[Any] = packet.decode()
    if any(frame.pts is None for frame in frames):
        raise VideoDamaged(f"{source.name} has a frame without a time: convert it to MP4 first.")
    if any(frame.is_corrupt for frame in frames):
        raise VideoDamaged(f"{source.name} has a damaged frame: transfer or make it again.")
    return frames


def decoded_alone(source: Source, packet: Any) -> Any | None:
    """The frame of a key packet without waiting for the packets behind it; None when that packet shows nothing."""
    decoder = source.video.codec_context
    if not decoder.is_open:
        decoder.thread_count = 1  # others would have no frame to work on, and starting them takes as long as decoding it
    frames = packet.decode() or decoder.decode(None)
    decoder.flush_buffers()
    return frames[0] if frames else None


def decodable_packets(source: Source, *, with_sound: bool = False) -> Iterator[Any]:
    """The packets from here on, without those that nobody can decode because what they refer to lies before.

    That is everything before the first key frame, and in H.264 what is stored behind it and shown before it (the other
    decoders leave such frames out by themselves). Sound is passed through where it is wanted.
    """
    entry: int | None = None
    entered = False
    for packet in source.media.demux(source.streams if with_sound else [source.video]):
        if packet.stream is source.video and packet.size:
            if not entered and not packet.is_keyframe:
                continue
            entry, entered = (entry if entered else packet.pts), True
            if _leads(source, packet, entry):
                continue
        yield packet


def _leads(source: Source, packet: Any, entry: int | None) -> bool:
    if source.video.codec.canonical_name != "h264" or packet.pts is None or entry is None:
        return False
    return bool(packet.pts < entry)


def _video_stream(media: Any, path: Path) -> Any:
    """The first video stream that is not a cover picture."""
    from av.stream import Disposition  # here, so that start-up does not load it

    for stream in media.streams.video:
        if not stream.disposition & Disposition.attached_pic and stream.codec_context is not None:
            return stream
    raise NoPicture(f"{shown_name(path)} has no moving picture: give a clip with video.")


def _make_strict(video: Any) -> None:
    """A few cores (each holds frames in memory), and an error where the decoder would otherwise paint over damage."""
    video.thread_type = "AUTO"
    video.codec_context.thread_count = min(os.cpu_count() or 1, MOST_THREADS)
    video.codec_context.options = {"err_detect": "explode", "max_pixels": str(MAX_PIXELS)}


def _require_bearable_size(source: Source) -> None:
    width, height = source.video.width, source.video.height
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise VideoTooLarge(f"{source.name} is {width}x{height}: give at most {MAX_PIXELS // 1_000_000} megapixels per frame.")
    if width <= 0 or height <= 0:
        raise VideoDamaged(f"{source.name} does not say how large its picture is: convert it to MP4 first.")
