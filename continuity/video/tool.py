"""The only place that starts ffmpeg (moviepy's own processes, given normalised clips only, excepted).

Every call: an argument list, a private working directory that holds nothing but links named by us, a demuxer forced per
input from magic bytes, a protocol whitelist, limits on pixels, memory, CPU time and file size, its own process group that
is killed on timeout and in ``finally``, and death with its parent. Never a URL.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from threading import Event, Timer
from typing import IO

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from continuity.video.containers import Container, sniff, sniff_clip
from continuity.video.errors import FFmpegFailed, FFmpegTimeout, VideoTooLarge
from continuity.video.whole_file import whole_file

__all__ = ["MAX_PIXELS", "SCALE_FLAGS", "Container", "FrameSink", "Limits", "encode_stream", "ffmpeg_binary", "input_arguments"]
__all__ += ["private_directory", "run_ffmpeg", "sniff"]

MAX_PIXELS = 36_000_000
PROTOCOLS = "file,pipe"
LAUNCHER = Path(__file__).with_name("launch.py")
STDERR_TAIL_CHARACTERS = 2000
SCALE_FLAGS = "accurate_rnd+full_chroma_int+full_chroma_inp"
"""The one YUV<->RGB conversion. swscale's default darkens by about 1.2 code values and blurs chroma; these do not."""

TO_YUV420P = f"scale=flags={SCALE_FLAGS}:out_color_matrix=bt709:out_range=tv,format=yuv420p"
BT709_TAGS = "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"


@dataclass(frozen=True)
class Limits:
    """What one ffmpeg may use: address space and each written file in bytes, CPU in seconds."""

    memory_bytes: int = 4 * 1024**3
    file_bytes: int = 4 * 1024**3
    cpu_seconds: int = 3600
    niceness: int = 5


@cache
def ffmpeg_binary() -> str:
    """Path of the ffmpeg that imageio-ffmpeg ships (or that ``IMAGEIO_FFMPEG_EXE`` names)."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def ffmpeg_encoders() -> frozenset[str]:
    """Names of what this ffmpeg can write (``libx264``, …), asked of the binary itself. Raises FFmpegFailed."""
    with private_directory() as workdir:
        listing = run_ffmpeg(["-encoders"], workdir=workdir, timeout_seconds=10).decode("utf-8", "replace")
    return frozenset(line.split()[1] for line in listing.splitlines() if len(line.split()) > 1)


@contextlib.contextmanager
def private_directory(*, beside: Path | None = None) -> Iterator[Path]:
    """A fresh directory for one ffmpeg call, gone afterwards; ``beside`` a file, so that a result can be renamed to it."""
    parent = beside.parent.resolve() if beside else None
    with tempfile.TemporaryDirectory(prefix=".throughline-", dir=parent, ignore_cleanup_errors=True) as name:
        yield Path(name)


def input_arguments(path: Path, *, workdir: Path, name: str = "input") -> list[str]:
    """Links ``path`` into ``workdir`` under our own name; the arguments that open it with its demuxer forced.

    Raises NotAVideo unless the bytes are a clip of the allow list.
    """
    container = sniff_clip(path)
    link = workdir / name
    link.symlink_to(path.resolve(strict=True))
    guards = ["-max_pixels", str(MAX_PIXELS), "-protocol_whitelist", PROTOCOLS, "-f", container.value]
    return [*guards, "-i", f"file:{name}"]


def run_ffmpeg(
    arguments: Sequence[str],
    *,
    workdir: Path,
    timeout_seconds: float,
    threads: int = 2,
    limits: Limits = Limits(),
) -> bytes:
    """Runs ffmpeg to its end inside ``workdir`` and returns its standard output.

    ``arguments`` is everything after the global options; inputs come from ``input_arguments`` or name their demuxer
    (``-f lavfi -i …``): an input without ``-f`` is a ValueError. Raises FFmpegTimeout, VideoTooLarge, FFmpegFailed.
    """
    _require_forced_demuxers(arguments)
    process = _start(["-threads", str(threads), *arguments], workdir=workdir, limits=limits, stdin=subprocess.DEVNULL)
    try:
        output, errors = process.communicate(timeout=timeout_seconds)
    except subprocess.TimeoutExpired as error:
        raise FFmpegTimeout(f"ffmpeg did not finish within {timeout_seconds:g} seconds: give a shorter clip.") from error
    finally:
        _kill_group(process)
    _require_success(process.returncode, errors.decode("utf-8", "replace"))
    return output


class FrameSink:
    """Where ``encode_stream`` takes its pictures: each ``write`` is one frame."""

    def __init__(self, pipe: IO[bytes], *, width: int, height: int) -> None:
        self._pipe = pipe
        self._shape = (height, width, 3)
        self.frame_count = 0

    def write(self, rgb: NDArray[np.uint8]) -> None:
        """``rgb`` is uint8, height x width x 3, sRGB full range. ValueError for any other shape or type."""
        if rgb.shape != self._shape or rgb.dtype != np.uint8:
            raise ValueError(f"A frame must be uint8 {self._shape}, not {rgb.dtype} {rgb.shape}.")
        self._pipe.write(rgb.tobytes())
        self.frame_count += 1


@contextlib.contextmanager
def encode_stream(
    target: Path, *, width: int, height: int, fps: int | Fraction, filters: str = "", crf: int = 16, timeout_seconds: float = 900
) -> Iterator[FrameSink]:
    """Yields a FrameSink that becomes ``target``: H.264 yuv420p, BT.709 limited range, MP4 with the index in front.

    The same frames give the same bytes (one thread, bit-exact, no dates). ``filters`` is an ffmpeg filter chain that
    works on the yuv420p picture after the conversion (``noise=alls=6:allf=t:all_seed=7``, say). ``target`` appears only
    when whole. Raises ValueError for odd sizes, FFmpegFailed, FFmpegTimeout (``timeout_seconds`` spans the whole block).
    """
    if width % 2 or height % 2 or min(width, height) < 2:
        raise ValueError(f"A yuv420p clip needs even sides, not {width}x{height}.")
    with whole_file(target) as part, private_directory(beside=target) as workdir, tempfile.TemporaryFile() as errors:
        arguments = _encoder_arguments(width=width, height=height, fps=fps, filters=filters, crf=crf)
        process = _start(arguments, workdir=workdir, limits=Limits(), stdin=subprocess.PIPE, stderr=errors)
        with _killed_after(process, timeout_seconds):
            yield from _fed(process, errors, width=width, height=height)
        (workdir / "output.mp4").replace(part)


def _encoder_arguments(*, width: int, height: int, fps: int | Fraction, filters: str, crf: int) -> list[str]:
    chain = ",".join(part for part in (TO_YUV420P, filters, BT709_TAGS) if part)
    raw = ["-f", "rawvideo", "-pixel_format", "rgb24", "-video_size", f"{width}x{height}", "-framerate", str(fps), "-i", "pipe:0"]
    picture = [
        "-filter_threads",
        "1",
        "-vf",
        chain,
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-crf",
        str(crf),
        "-pix_fmt",
        "yuv420p",
    ]
    exact = ["-threads", "1", "-x264-params", "threads=1", "-flags", "+bitexact", "-fflags", "+bitexact", "-map_metadata", "-1"]
    return ["-protocol_whitelist", PROTOCOLS, *raw, *picture, *exact, "-movflags", "+faststart", "-f", "mp4", "output.mp4"]


def _fed(process: subprocess.Popen[bytes], errors: IO[bytes], *, width: int, height: int) -> Iterator[FrameSink]:
    """The sink while the caller writes; afterwards the end of ffmpeg, judged."""
    pipe, broken = process.stdin, False
    if pipe is None:
        raise ValueError("The encoder was started without a pipe.")
    try:
        yield FrameSink(pipe, width=width, height=height)
        pipe.close()
    except BrokenPipeError:
        broken = True
    returncode = process.wait()
    errors.seek(0)
    _require_success(returncode or int(broken), errors.read().decode("utf-8", "replace"))


@contextlib.contextmanager
def _killed_after(process: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
    """Kills the group after ``seconds`` (then FFmpegTimeout), and in any case at the end."""
    expired = Event()

    def expire() -> None:
        expired.set()
        _signal_group(process)

    watchdog = Timer(seconds, expire)
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
    except FFmpegFailed as error:
        if expired.is_set():
            raise FFmpegTimeout(f"The clip was not written within {seconds:g} seconds: make it shorter or smaller.") from error
        raise
    finally:
        watchdog.cancel()
        _kill_group(process)


def _start(
    arguments: Sequence[str], *, workdir: Path, limits: Limits, stdin: int, stderr: int | IO[bytes] = subprocess.PIPE
) -> subprocess.Popen[bytes]:
    budget = json.dumps({**vars(limits), "parent": os.getpid()})
    command = [sys.executable, "-I", "-S", str(LAUNCHER), budget, ffmpeg_binary()]
    command += ["-nostdin", "-hide_banner", "-v", "error", "-y", *arguments]
    return subprocess.Popen(
        command,
        cwd=workdir,
        stdin=stdin,
        stdout=subprocess.PIPE if stderr == subprocess.PIPE else subprocess.DEVNULL,
        stderr=stderr,
        env={"PATH": os.defpath, "TMPDIR": str(workdir), "LC_ALL": "C", "MALLOC_ARENA_MAX": "2"},
        start_new_session=True,
    )


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kills ffmpeg and whatever it started, and waits. Pipes are closed so that nobody waits on them."""
    _signal_group(process)
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


def _signal_group(process: subprocess.Popen[bytes]) -> None:
    """The group keeps ffmpeg's process id as its name for as long as we have not waited for ffmpeg."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _require_forced_demuxers(arguments: Sequence[str]) -> None:
    start = 0
    for position, argument in enumerate(arguments):
        if argument == "-i":
            if "-f" not in arguments[start:position]:
                raise ValueError("Every input must name its demuxer (-f): use input_arguments.")
            start = position + 2


def _require_success(returncode: int, stderr: str) -> None:
    if returncode == 0:
        return
    tail = stderr[-STDERR_TAIL_CHARACTERS:].strip()
    if "exceeds max_pixels" in stderr or "Picture size" in stderr:
        raise VideoTooLarge(f"The picture has more than {MAX_PIXELS // 1_000_000} megapixels: give a smaller clip.")
    last_line = tail.splitlines()[-1][:200] if tail else f"it ended with {returncode}"
    raise FFmpegFailed(f"ffmpeg could not do this ({last_line}): check the clip, or try another one.", stderr_tail=tail)
