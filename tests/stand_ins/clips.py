"""Real H.264 clips for the stand-ins, made once per length, size and frame rate."""

import subprocess
import tempfile
import threading
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
