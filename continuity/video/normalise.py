"""Making clips alike, so that they can be cut together by copying: one ffmpeg pass per clip."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from continuity.video.probe import ClipFacts
from continuity.video.reading import decode, open_clip
from continuity.video.tool import BT709_TAGS, SCALE_FLAGS, input_arguments, private_directory, run_ffmpeg
from continuity.video.verify import verify

DEFAULT_FPS = Fraction(24)
HIGHEST_FPS = Fraction(120)
SOUND_RATE = 48_000
TIMEOUT_PER_SECOND_OF_CLIP = 60
SMALLEST_TIMEOUT_SECONDS = 300
SILENCE = ["-f", "lavfi", "-i", f"anullsrc=sample_rate={SOUND_RATE}:channel_layout=stereo"]


@dataclass(frozen=True)
class Form:
    """What every clip of a film shares: even sides in pixels, constant frames per second, sound (48 kHz stereo) or none."""

    width: int
    height: int
    fps: Fraction
    has_sound: bool


def form_of(facts: ClipFacts, *, has_sound: bool) -> Form:
    """The form of a clip: its displayed size with square pixels, made even; its average rate, 24 when it has none."""
    fps = facts.fps.limit_denominator(1001) if facts.fps else DEFAULT_FPS
    on_side = facts.rotation % 180 != 0
    width = facts.width if on_side else round(facts.width * facts.pixel_aspect)
    height = round(facts.height * facts.pixel_aspect) if on_side else facts.height
    return Form(max(width // 2 * 2, 2), max(height // 2 * 2, 2), min(max(fps, Fraction(1)), HIGHEST_FPS), has_sound)


def normalise(clip: Path, target: Path, form: Form) -> None:
    """Writes ``clip`` to ``target`` in ``form``: H.264 yuv420p BT.709 MP4, letterboxed, upright, from time zero.

    The sound is padded with silence or cut to the picture; a clip without any gets silence where the form has sound.
    The clip is decoded whole first, because ffmpeg itself makes something of every damage. Raises the family.
    """
    checked = verify(clip)
    picture, sound, delay = _streams(clip)
    timeout = max(SMALLEST_TIMEOUT_SECONDS, int(checked.duration * TIMEOUT_PER_SECOND_OF_CLIP))
    with private_directory(beside=target) as workdir:
        inputs = [*input_arguments(clip, workdir=workdir), *(SILENCE if form.has_sound and sound is None else [])]
        arguments = [*inputs, "-map", f"0:{picture}", *_picture_arguments(form), *_sound_arguments(form, sound, delay)]
        run_ffmpeg([*arguments, "-map_metadata", "-1", "-f", "mp4", "output.mp4"], workdir=workdir, timeout_seconds=timeout)
        (workdir / "output.mp4").replace(target)


def _picture_arguments(form: Form) -> list[str]:
    """Constant rate, square pixels, scaled into the frame and centred on black; the same parameter sets for every clip."""
    size = f"{form.width}:{form.height}"
    fitted = f"scale={size}:force_original_aspect_ratio=decrease:force_divisible_by=2:flags=bicubic+{SCALE_FLAGS}"
    chain = [
        f"setpts=PTS-STARTPTS,fps={form.fps}",
        "scale=iw*sar:ih,setsar=1",
        f"{fitted}:out_color_matrix=bt709:out_range=tv",
        f"format=yuv420p,pad={size}:-1:-1,setsar=1",
        BT709_TAGS,
    ]
    encoder = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "16", "-x264-params", "stitchable=1"]
    return ["-vf", ",".join(chain), *encoder]


def _sound_arguments(form: Form, stream: int | None, delay: Fraction) -> list[str]:
    """Sound in step with the picture, which appears ``delay`` seconds after the container's start, and as long as it."""
    if not form.has_sound:
        return ["-an"]
    in_step = f"atrim=start={float(delay):.6f},asetpts=PTS-{float(delay):.6f}/TB"
    even = f"aresample={SOUND_RATE}:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=stereo,apad"
    source = ["-map", "1:a:0"] if stream is None else ["-map", f"0:{stream}", "-af", f"{in_step},{even}"]
    return [*source, "-shortest", "-c:a", "aac", "-b:a", "192k"]


def _streams(clip: Path) -> tuple[int, int | None, Fraction]:
    """The indices of picture and sound (None = silent), and how long after the container's start the picture begins."""
    with open_clip(clip) as source:
        first = next(decode(source))
        start = Fraction(source.media.start_time or 0, 1_000_000)
        return source.video.index, source.sound and source.sound.index, max(first.pts * source.time_base - start, Fraction(0))
