"""Real H.264 clips for the stand-ins: a test picture, made once per length, size and frame rate, or whatever a test wants."""

import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import imageio_ffmpeg

_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class ClipSize:
    width: int
    height: int
    seconds: float
    fps: int


@dataclass(frozen=True)
class Asked:
    """One job that a vendor took: the request's body, the clip's size, and the uploaded pictures as they came (None = none)."""

    body: Mapping[str, object]
    size: ClipSize
    start_image: bytes | None = None
    end_image: bytes | None = None


ClipFor = Callable[[Asked], bytes]
"""Makes the MP4 of one job. LookupError = it has none for this job, which the vendor then refuses."""


def clip_bytes(size: ClipSize) -> bytes:
    """An MP4 with a moving test picture: H.264, yuv420p, index in front."""
    with _ONE_AT_A_TIME:
        return _make(size)


@cache
def _make(size: ClipSize) -> bytes:
    source = f"testsrc2=size={size.width}x{size.height}:rate={size.fps}:duration={size.seconds}"
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "clip.mp4"
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-f", "lavfi", "-i", source]
        command += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-movflags", "+faststart", str(target)]
        subprocess.run(command, check=True, timeout=120)
        return target.read_bytes()
