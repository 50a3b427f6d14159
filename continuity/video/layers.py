"""A normalised clip as a moviepy clip whose frames and sound PyAV decodes.

moviepy's own readers start ffmpeg processes whose pipes they leave open, restart them at each seek, and read the frame rate
rounded to two decimals. These start none and hand out the exact frame.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import moviepy
import numpy as np
from moviepy.audio.AudioClip import AudioArrayClip
from numpy.typing import NDArray

from continuity.video.convert import to_rgb
from continuity.video.reading import decode, open_clip

SOUND_RATE = 48_000


class FrameReel:
    """The frames of a constant-rate clip, asked for by time; quick when asked in order."""

    def __init__(self, path: Path, fps: Fraction) -> None:
        self._path = path
        self._fps = float(fps)
        self._open = ExitStack()
        self._frames: Iterator[Any] = iter(())
        self._index = -1
        self._rgb: NDArray[np.uint8] | None = None

    def at(self, seconds: float) -> NDArray[np.uint8]:
        """uint8 height x width x 3 of the frame shown then; the last one for any later time."""
        wanted = int(seconds * self._fps)
        if wanted < self._index or self._rgb is None:
            self._rewind()
        if wanted != self._index:
            self._advance(wanted)
        assert self._rgb is not None
        return self._rgb

    def close(self) -> None:
        self._open.close()

    def _rewind(self) -> None:
        self._open.close()
        self._frames = decode(self._open.enter_context(open_clip(self._path)))
        self._index = -1

    def _advance(self, wanted: int) -> None:
        latest = None
        while self._index < wanted:
            frame = next(self._frames, None)
            if frame is None:
                break
            latest, self._index = frame, self._index + 1
        if latest is not None:
            self._rgb = to_rgb(latest)


def moving_clip(path: Path, *, fps: Fraction, seconds: float, has_sound: bool, open_clips: ExitStack) -> Any:
    """A ``moviepy.VideoClip`` of a normalised file; ``open_clips`` closes the file."""
    reel = FrameReel(path, fps)
    open_clips.callback(reel.close)
    clip = moviepy.VideoClip(reel.at, duration=seconds)
    return clip.with_audio(AudioArrayClip(read_sound(path, seconds), fps=SOUND_RATE)) if has_sound else clip


def read_sound(path: Path, seconds: float) -> NDArray[np.float32]:
    """float32 samples x 2 in -1 to 1 at 48 kHz, from the picture's beginning, exactly ``seconds`` long (silence added)."""
    length = round(seconds * SOUND_RATE)
    sound = np.zeros((length, 2), dtype=np.float32)
    with open_clip(path) as source:
        resampler = av.AudioResampler(format="flt", layout="stereo", rate=SOUND_RATE)
        for frame in source.media.decode(source.sound):
            for part in resampler.resample(frame):
                _lay(sound, part, _first_sample(part))
    return sound


def _first_sample(part: Any) -> int:
    """Where the part begins, in samples after the picture's beginning."""
    return round((part.pts or 0) * Fraction(part.time_base) * SOUND_RATE)


def _lay(sound: NDArray[np.float32], part: Any, start: int) -> None:
    """Copies the samples of ``part`` to their place, as far as they lie inside."""
    samples = part.to_ndarray().reshape(-1, 2)
    first, last = max(start, 0), min(start + len(samples), len(sound))
    if first < last:
        sound[first:last] = samples[first - start : last - start]
