"""A clip through a look-up table: decoded, graded in 16-bit RGB, encoded again. The clip itself is never changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from continuity.video.containers import shown_name
from continuity.video.errors import FFmpegFailed, VideoError
from continuity.video.probe import ClipFacts
from continuity.video.reading import open_clip
from continuity.video.timing import shown_in_table
from continuity.video.tool import BT709_TAGS, SCALE_FLAGS, TO_YUV420P, input_arguments, private_directory, run_ffmpeg
from continuity.video.verify import Progress, Verified, verify
from continuity.video.whole_file import whole_file
from continuity.vision.cube import Cube, cube_text

TIMEOUT_PER_SECOND_OF_CLIP = 60
SMALLEST_TIMEOUT_SECONDS = 300
SECONDS_BETWEEN_LOOKS = 0.5
CUBE_FILE = "grade.cube"
PROGRESS_FILE = "progress.txt"
HDR_TRANSFERS = {16: "PQ", 18: "HLG"}  # ITU-T H.273, transfer characteristics
MP4_SOUND = frozenset(("aac", "mp3", "mp2", "ac3", "eac3", "alac", "flac", "opus"))

IN_16_BITS = f"scale=flags={SCALE_FLAGS},format=gbrp16le"
"""Finer than 8 bits, which would cut off half a code value, and faster in ffmpeg as well."""

TO_EVEN_SIDES = "crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0"


class HighDynamicRange(VideoError):
    """A PQ or HLG clip, whose code values are not those that a cube of sRGB values is made for."""

    code = "high_dynamic_range"


def apply_lut(clip: Path, cube: Cube, target: Path, *, crf: int = 16, on_progress: Progress | None = None) -> None:
    """Writes ``clip``, graded by ``cube``, to ``target``: H.264 yuv420p, BT.709 limited range, MP4, index in front.

    Frames, their times, rotation and pixel aspect stay; an odd side loses its last pixel. The clip's matrix and range tags
    are followed, as in ``convert.to_rgb``. The first sound track is copied (made AAC where MP4 does not carry it). The clip
    is decoded whole first; ``target`` appears only when whole. ``on_progress`` gets shares from 0 to 1.

    Raises the family of ``errors``, HighDynamicRange, NotACube.
    """
    text = cube_text(cube, "Throughline grade")
    checked = verify(clip)
    require_standard_range(checked.facts, shown_name(clip))
    timeout = max(SMALLEST_TIMEOUT_SECONDS, int(checked.duration * TIMEOUT_PER_SECOND_OF_CLIP))
    with whole_file(target) as part, private_directory(beside=target) as workdir:
        (workdir / CUBE_FILE).write_text(text, encoding="ascii")
        inputs = ["-noautorotate", *input_arguments(clip, workdir=workdir)]
        arguments = [*inputs, *_picture_arguments(clip, crf), *_sound_arguments(checked.facts)]
        ending = ["-map_metadata", "-1", "-movflags", "+faststart", "-progress", PROGRESS_FILE, "-f", "mp4", "output.mp4"]
        with _told(on_progress, workdir / PROGRESS_FILE, checked.frame_count):
            run_ffmpeg([*arguments, *ending], workdir=workdir, timeout_seconds=timeout)
        _require_all_frames(workdir / "output.mp4", checked)
        (workdir / "output.mp4").replace(part)
    if on_progress:
        on_progress(1.0)


def require_standard_range(facts: ClipFacts, name: str) -> None:
    """HighDynamicRange for a clip that is tagged PQ or HLG."""
    curve = HDR_TRANSFERS.get(facts.colour_transfer)
    if curve:
        raise HighDynamicRange(f"{name} is HDR ({curve}), which is not graded here: give a clip in standard range (SDR).")


def _picture_arguments(clip: Path, crf: int) -> list[str]:
    """The first moving picture through the cube, at its own times and with its own rotation."""
    with open_clip(clip) as source:
        index = source.video.index
    chain = [IN_16_BITS, f"lut3d=file={CUBE_FILE}:interp=tetrahedral", TO_EVEN_SIDES, TO_YUV420P, BT709_TAGS]
    times = ["-fps_mode", "passthrough", "-enc_time_base", "demux"]
    encoder = ["-c:v", "libx264", "-preset", "fast", "-crf", str(crf), "-pix_fmt", "yuv420p"]
    return ["-map", f"0:{index}", "-vf", ",".join(chain), *times, *encoder]


def _sound_arguments(facts: ClipFacts) -> list[str]:
    if facts.audio is None:
        return ["-an"]
    return ["-map", "0:a:0", *(["-c:a", "copy"] if facts.audio.codec in MP4_SOUND else ["-c:a", "aac", "-b:a", "192k"])]


def _require_all_frames(graded: Path, checked: Verified) -> None:
    with open_clip(graded) as source:
        written = shown_in_table(source)
    if written != checked.frame_count:
        raise FFmpegFailed(f"The graded clip has {written} of {checked.frame_count} frames: try again, or another clip.")


@contextmanager
def _told(on_progress: Progress | None, file: Path, frame_count: int) -> Iterator[None]:
    """While the block runs, ``on_progress`` hears every half second how much of the clip ffmpeg has written."""
    if on_progress is None:
        yield
        return
    ended = Event()

    def look() -> None:
        while not ended.wait(SECONDS_BETWEEN_LOOKS):
            on_progress(min(_frames_done(file) / max(frame_count, 1), 1.0))

    watcher = Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _frames_done(file: Path) -> int:
    """The latest ``frame=`` line of ffmpeg's progress report; 0 before there is one."""
    lines = file.read_text(encoding="ascii", errors="replace").splitlines() if file.exists() else []
    return next((int(line[6:]) for line in reversed(lines) if line.startswith("frame=") and line[6:].isdigit()), 0)
