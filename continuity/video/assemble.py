"""The edit: a film from clips, with titles and cross-fades where they are wanted, by moviepy.

moviepy lays the clips out and mixes picture and sound; it is given normalised clips only (see ``layers``), and asked for the
middle of each frame's time, where its rounding cannot land on a neighbour. Writing is ``tool.encode_stream``, because
moviepy's own writer rounds the frame rate to two decimals and leaves the colour matrix untagged.
"""

import wave
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import moviepy
import numpy as np

from continuity.video.join import join, normalised
from continuity.video.layers import SOUND_RATE, moving_clip
from continuity.video.material import Material, inspect
from continuity.video.normalise import Form
from continuity.video.titles import title_picture
from continuity.video.tool import encode_stream, input_arguments, private_directory, run_ffmpeg
from continuity.video.verify import verify
from continuity.video.whole_file import whole_file

TITLE_SECONDS = 3
TITLE_FADE_SECONDS = 0.3
SOUND_TIMEOUT_SECONDS = 900


@dataclass(frozen=True)
class FilmReport:
    """``mode`` is copy, normalised (see ``join``) or edited; ``duration`` of the picture in seconds."""

    mode: str
    reason: str
    frame_count: int
    duration: Fraction


@dataclass(frozen=True)
class _Edit:
    """What is to be laid out: one title per clip or None, and the length of each cross-fade in frames."""

    materials: Sequence[Material]
    titles: Sequence[str | None]
    crossfade_frames: int
    form: Form

    @property
    def starts(self) -> list[int]:
        """The film's frame at which each clip begins."""
        lengths = [material.frame_count - self.crossfade_frames for material in self.materials]
        return [sum(lengths[:number]) for number in range(len(lengths))]

    @property
    def frame_count(self) -> int:
        return self.starts[-1] + self.materials[-1].frame_count

    def seconds(self, frames: int) -> float:
        return float(frames / self.form.fps)


def assemble(
    clips: Sequence[Path],
    target: Path,
    *,
    titles: Sequence[str | None] | None = None,
    crossfade_seconds: float = 0.0,
    on_progress: Callable[[float], None] | None = None,
) -> FilmReport:
    """Writes a film of ``clips``; without titles and cross-fades that is ``join``. ``target`` appears only when whole.

    ``titles`` has one entry per clip, shown over its first three seconds. The film lasts as long as its clips together,
    less one cross-fade (rounded to whole frames) per cut. ``on_progress`` gets shares from 0 to 1.
    Raises ValueError for titles that do not match the clips and for cross-fades longer than half the shortest clip,
    and the family of ``errors``.
    """
    given = list(titles) if titles is not None else [None] * len(clips)
    if len(given) != len(clips):
        raise ValueError(f"There are {len(given)} titles for {len(clips)} clips: give one per clip, or None.")
    if crossfade_seconds < 0:
        raise ValueError("A cross-fade cannot be shorter than nothing: give zero or more seconds.")
    if not crossfade_seconds and not any(given):
        report = join(clips, target)
        return FilmReport(report.mode, report.reason, report.frame_count, report.duration)
    with private_directory(beside=target) as workdir:
        edit = _edit(clips, given, crossfade_seconds, workdir)
        return _cut(edit, target, workdir, on_progress or (lambda share: None))


def _edit(clips: Sequence[Path], titles: Sequence[str | None], crossfade_seconds: float, workdir: Path) -> _Edit:
    materials = normalised([inspect(clip) for clip in clips], workdir)
    facts = materials[0].facts
    form = Form(facts.width, facts.height, facts.fps or Fraction(24), facts.has_audio)
    crossfade_frames = round(crossfade_seconds * form.fps)
    shortest = min(material.frame_count for material in materials)
    if len(clips) > 1 and 2 * crossfade_frames > shortest:
        longest = float(shortest / form.fps / 2)
        raise ValueError(f"A cross-fade may take half of the shortest clip, {longest:.2f} s: make it shorter.")
    return _Edit(materials, titles, crossfade_frames, form)


def _cut(edit: _Edit, target: Path, workdir: Path, on_progress: Callable[[float], None]) -> FilmReport:
    picture, sound = workdir / "picture.mp4", workdir / "sound.wav"
    with ExitStack() as open_clips:
        film = _laid_out(edit, open_clips)
        form = edit.form
        with encode_stream(picture, width=form.width, height=form.height, fps=form.fps, timeout_seconds=24 * 3600) as sink:
            for index in range(edit.frame_count):
                sink.write(film.get_frame((index + 0.5) / float(form.fps)))
                on_progress(index / edit.frame_count)
        if film.audio is not None:
            _write_sound(film.audio, sound, seconds=edit.seconds(edit.frame_count))
    with whole_file(target) as part:
        _with_sound(picture, sound, part)
        film_file = verify(part)
    on_progress(1.0)
    return FilmReport("edited", "Titles or cross-fades were asked for.", film_file.frame_count, film_file.duration)


def _laid_out(edit: _Edit, open_clips: ExitStack) -> Any:
    """The film as moviepy's composition."""
    layers: list[Any] = []
    for number, (material, start) in enumerate(zip(edit.materials, edit.starts, strict=True)):
        layers.append(_placed(edit, material, number, start, open_clips))
        words = edit.titles[number]
        if words and words.strip():
            layers.append(_title(edit, material, words, start))
    film = moviepy.CompositeVideoClip(layers, size=(edit.form.width, edit.form.height))
    return film.with_duration(edit.seconds(edit.frame_count))


def _placed(edit: _Edit, material: Material, number: int, start: int, open_clips: ExitStack) -> Any:
    """One clip at its place; every clip but the first fades in over the end of the one before."""
    seconds = edit.seconds(material.frame_count)
    clip = moving_clip(material.path, fps=edit.form.fps, seconds=seconds, has_sound=edit.form.has_sound, open_clips=open_clips)
    clip = clip.with_start(edit.seconds(start))
    if not edit.crossfade_frames:
        return clip
    fade = edit.seconds(edit.crossfade_frames)
    effects: list[Any] = []
    if number:
        effects += [moviepy.vfx.CrossFadeIn(fade)] + [moviepy.afx.AudioFadeIn(fade)] * edit.form.has_sound
    if number < len(edit.materials) - 1 and edit.form.has_sound:
        effects.append(moviepy.afx.AudioFadeOut(fade))
    return clip.with_effects(effects)


def _title(edit: _Edit, material: Material, words: str, start: int) -> Any:
    rgba = title_picture(words, width=edit.form.width, height=edit.form.height)
    seconds = min(edit.seconds(material.frame_count), TITLE_SECONDS)
    fade = min(TITLE_FADE_SECONDS, seconds / 3)
    title = moviepy.ImageClip(np.array(rgba), duration=seconds).with_start(edit.seconds(start))
    return title.with_effects([moviepy.vfx.CrossFadeIn(fade), moviepy.vfx.CrossFadeOut(fade)])


def _write_sound(mix: Any, file: Path, *, seconds: float) -> None:
    """``mix`` (a moviepy audio clip) as 16-bit stereo WAV, second by second."""
    with wave.open(str(file), "wb") as wav:
        wav.setnchannels(2)
        wav.setsampwidth(2)
        wav.setframerate(SOUND_RATE)
        total = round(seconds * SOUND_RATE)
        for begin in range(0, total, SOUND_RATE):
            moments = (np.arange(begin, min(begin + SOUND_RATE, total)) + 0.5) / SOUND_RATE
            samples = np.clip(np.asarray(mix.get_frame(moments)), -1, 1)
            wav.writeframes(np.rint(samples * 32767).astype("<i2").tobytes())


def _with_sound(picture: Path, sound: Path, part: Path) -> None:
    """The picture as it is, with the sound as AAC where there is any."""
    if not sound.exists():
        picture.replace(part)
        return
    with private_directory(beside=part) as workdir:
        (workdir / "sound").symlink_to(sound.resolve())
        inputs = [*input_arguments(picture, workdir=workdir), "-f", "wav", "-i", "file:sound"]
        streams = ["-map", "0:v:0", "-map", "1:a:0", "-c:v", "copy", "-c:a", "aac", "-b:a", "192k"]
        run_ffmpeg(
            [*inputs, *streams, "-movflags", "+faststart", "-f", "mp4", "output.mp4"],
            workdir=workdir,
            timeout_seconds=SOUND_TIMEOUT_SECONDS,
        )
        (workdir / "output.mp4").replace(part)
