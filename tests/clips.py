"""The clip zoo: one small clip of every kind that a vendor, a camera or a careless edit hands us, made by ffmpeg on demand.

``REFERENCE`` decoding is ffmpeg's command line with nothing of ours in between.
"""

import re
import struct
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from continuity.video.tool import ffmpeg_binary

FLAGS = "accurate_rnd+full_chroma_int+full_chroma_inp"
PICTURE = ["-f", "lavfi", "-i", "testsrc2=size=160x90:rate=24:duration=1.5"]
LONG_PICTURE = ["-f", "lavfi", "-i", "testsrc2=size=160x90:rate=24:duration=4"]
X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-threads", "1"]
X265 = ["-c:v", "libx265", "-preset", "ultrafast", "-threads", "1"]
HDR_TAGS = "setparams=colorspace=bt2020nc:color_primaries=bt2020:color_trc=smpte2084"
UNEVEN = ["-vf", "select='lt(n,20)+not(mod(n,7))'", "-fps_mode", "vfr"]
HIDDEN_FRAMES = ["-auto-alt-ref", "1", "-lag-in-frames", "16", "-cpu-used", "8"]
MPEG2 = ["-c:v", "mpeg2video", "-q:v", "3", "-bf", "2"]
QUIET_X265 = ["-x265-params", "log-level=none:pools=none:frame-threads=1"]


def _sound(seconds: float) -> list[str]:
    return ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={seconds}"]


def _picture(size: str = "160x90", rate: str = "24", seconds: float = 1.5) -> list[str]:
    return ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}"]


MADE_BY_FFMPEG: dict[str, tuple[str, list[str]]] = {
    "h264-b-frames": ("mp4", [*PICTURE, *X264, "-bf", "3", "-b_strategy", "0"]),
    "h264-no-b-frames": ("mp4", [*PICTURE, *X264, "-bf", "0"]),
    "h264-long-gop": ("mp4", [*LONG_PICTURE, *X264, "-bf", "2", "-g", "1000"]),
    "h264-short-gop": ("mp4", [*LONG_PICTURE, *X264, "-bf", "2", "-g", "10"]),
    "h264-open-gop": ("mp4", [*LONG_PICTURE, *X264, "-x264-params", "open-gop=1:keyint=12:min-keyint=12:bframes=3:b-adapt=0"]),
    "h264-intra-refresh": ("mp4", [*LONG_PICTURE, *X264, "-x264-params", "intra-refresh=1:keyint=12:bframes=0"]),
    "h264-one-frame": ("mp4", [*PICTURE, *X264, "-frames:v", "1"]),
    "h264-interlaced": ("mp4", [*_picture(size="160x96", rate="25"), *X264, "-flags", "+ilme+ildct", "-x264-params", "tff=1"]),
    "h264-full-range": ("mp4", [*PICTURE, "-vf", "scale=out_range=pc", *X264, "-color_range", "pc"]),
    "h264-bt709": ("mp4", [*PICTURE, "-vf", "scale=out_color_matrix=bt709,setparams=colorspace=bt709:range=tv", *X264]),
    "h264-444-odd-size": ("mp4", [*_picture(size="161x91"), *X264, "-pix_fmt", "yuv444p"]),
    "h264-10-bit-hdr": (
        "mp4",
        [
            *PICTURE,
            "-vf",
            "setparams=colorspace=bt2020nc:color_primaries=bt2020:color_trc=smpte2084",
            *X264,
            "-pix_fmt",
            "yuv420p10le",
        ],
    ),
    "h264-variable-rate": (
        "mp4",
        [*LONG_PICTURE, *UNEVEN, *X264, "-bf", "2"],
    ),
    "h264-29.97-vertical": ("mp4", [*_picture(size="90x160", rate="30000/1001"), *X264, "-bf", "2"]),
    "h264-fragmented": ("mp4", [*LONG_PICTURE, *X264, "-g", "12", "-movflags", "frag_keyframe+empty_moov"]),
    "h264-tiny": ("mp4", [*_picture(size="4x6"), *X264, "-pix_fmt", "yuv444p"]),
    "h264-pixel-aspect": ("mp4", [*PICTURE, "-vf", "setsar=4/3", *X264]),
    "audio-longer": ("mp4", [*PICTURE, *_sound(2.5), *X264, "-bf", "2", "-c:a", "aac"]),
    "audio-much-longer": ("mp4", [*PICTURE, *_sound(14), *X264, "-bf", "2", "-c:a", "aac"]),
    "audio-shorter": ("mp4", [*PICTURE, *_sound(0.5), *X264, "-c:a", "aac"]),
    "late-video-start": ("mp4", ["-itsoffset", "0.8", *PICTURE, *_sound(2), *X264, "-bf", "2", "-c:a", "aac"]),
    "sound-first": ("mp4", [*_sound(2), *PICTURE, "-map", "0:a", "-map", "1:v", *X264, "-c:a", "aac"]),
    "two-pictures": ("mp4", [*PICTURE, *_picture(size="80x48"), "-map", "0:v", "-map", "1:v", *X264]),
    "hevc": ("mp4", [*PICTURE, *X265, *QUIET_X265, "-pix_fmt", "yuv420p"]),
    "hevc-10-bit": ("mp4", [*PICTURE, *X265, *QUIET_X265, "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1"]),
    "av1": ("mp4", [*PICTURE, "-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime"]),
    "av1-svt": ("mp4", [*LONG_PICTURE, "-c:v", "libsvtav1", "-preset", "12"]),
    "mpeg4-b-frames": ("mp4", [*PICTURE, "-c:v", "mpeg4", "-bf", "2", "-q:v", "3"]),
    "prores": ("mov", [*_picture(seconds=0.5), "-c:v", "prores_ks"]),
    "mjpeg": ("mov", [*PICTURE, "-c:v", "mjpeg", "-q:v", "3"]),
    "h264-mkv": ("mkv", [*LONG_PICTURE, *X264, "-bf", "2", "-g", "12"]),
    "vp9-odd-size": ("webm", [*_picture(size="161x91"), "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"]),
    "vp9-alpha": ("webm", [*PICTURE, "-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-deadline", "realtime", "-cpu-used", "8"]),
    "vp9-hidden-frames": (
        "webm",
        [*LONG_PICTURE, "-c:v", "libvpx-vp9", *HIDDEN_FRAMES],
    ),
    "vp8-hidden-frames": (
        "webm",
        [*LONG_PICTURE, "-c:v", "libvpx", *HIDDEN_FRAMES],
    ),
    "h264-mpegts": ("ts", [*LONG_PICTURE, *_sound(4), *X264, "-bf", "2", "-g", "24", "-c:a", "aac"]),
    "mpeg2-interlaced": (
        "ts",
        [*_picture(size="160x96", rate="25"), *MPEG2, "-flags", "+ildct+ilme"],
    ),
    "gif": ("gif", _picture(rate="10")),
}


def _copied(arguments: list[str]) -> list[str]:
    return [*arguments, "-c", "copy"]


def _with_cover(clip: Path) -> list[str]:
    cover = clip.with_name("cover.png")
    run_reference([*_picture(size="64x64"), "-frames:v", "1", str(cover)])
    return ["-i", str(clip), "-i", str(cover), "-map", "1:v", "-map", "0:v", "-c", "copy", "-disposition:v:0", "attached_pic"]


DERIVED: dict[str, tuple[str, str, Callable[[Path], list[str]]]] = {
    "cut-copy": ("mp4", "h264-short-gop", lambda clip: _copied(["-ss", "0.7", "-i", str(clip), "-t", "1.4"])),
    "cut-copy-open-gop": ("mp4", "h264-open-gop", lambda clip: _copied(["-ss", "0.7", "-i", str(clip)])),
    "cut-copy-mkv": ("mkv", "h264-short-gop", lambda clip: _copied(["-ss", "0.7", "-i", str(clip)])),
    "cover-picture": ("mp4", "h264-b-frames", _with_cover),
    "rotated-90": ("mp4", "h264-b-frames", lambda clip: _copied(["-display_rotation:v:0", "-90", "-i", str(clip)])),
    "rotated-180": ("mp4", "h264-b-frames", lambda clip: _copied(["-display_rotation:v:0", "180", "-i", str(clip)])),
    "rotated-270": ("mp4", "h264-b-frames", lambda clip: _copied(["-display_rotation:v:0", "90", "-i", str(clip)])),
    "mirrored": ("mp4", "h264-b-frames", lambda clip: _copied(["-display_hflip:v:0", "-i", str(clip)])),
    "rotated-90-mirrored": (
        "mp4",
        "h264-b-frames",
        lambda clip: _copied(["-display_hflip:v:0", "-display_rotation:v:0", "90", "-i", str(clip)]),
    ),
}
OWN_MAKING = ("edit-list-end", "mkv-no-duration", "mpegts-torn-start", "mp4-trailing-garbage")
NAMES = (*MADE_BY_FFMPEG, *DERIVED, *OWN_MAKING)


@dataclass(frozen=True)
class Zoo:
    """Builds each clip once, when first asked for."""

    directory: Path

    def clip(self, name: str) -> Path:
        if name in MADE_BY_FFMPEG:
            suffix, arguments = MADE_BY_FFMPEG[name]
        elif name in DERIVED:
            suffix, parent, derive = DERIVED[name]
            arguments = derive(self.clip(parent))
        else:
            return self._own(name)
        return self.make(f"{name}.{suffix}", arguments)

    def make(self, file_name: str, arguments: list[str]) -> Path:
        """The file that ffmpeg makes of ``arguments``, made once."""
        path = self.directory / file_name
        if not path.exists():
            run_reference([*arguments, str(path)])
        return path

    def _own(self, name: str) -> Path:
        makers = {
            "edit-list-end": ("mp4", self._edit_list_end),
            "mkv-no-duration": ("mkv", self._mkv_no_duration),
            "mpegts-torn-start": ("ts", self._torn_transport_stream),
            "mp4-trailing-garbage": ("mp4", lambda: self.clip("h264-b-frames").read_bytes() + b"\xff" * 333),
        }
        suffix, make = makers[name]
        path = self.directory / f"{name}.{suffix}"
        if not path.exists():
            path.write_bytes(make())
        return path

    def _edit_list_end(self) -> bytes:
        """A clip whose edit list stops showing after half a second (the movie's clock ticks in milliseconds)."""
        data = bytearray(self.clip("h264-b-frames").read_bytes())
        entry = data.index(b"elst") + 12
        data[entry : entry + 4] = struct.pack(">I", 500)
        return bytes(data)

    def _mkv_no_duration(self) -> bytes:
        arguments = [*LONG_PICTURE, *X264, "-bf", "2", "-g", "24", "-f", "matroska", "-"]
        return run_reference(arguments).stdout

    def _torn_transport_stream(self) -> bytes:
        """A recording that begins in the middle of a group of pictures."""
        data = self.clip("h264-mpegts").read_bytes()
        packets = len(data) // 188
        return data[: 188 * 3] + data[188 * (packets // 3) :]


@dataclass(frozen=True)
class Reference:
    """A full decode: uint8 frames x height x width x 3, and the time of each after the first one, in seconds."""

    rgb: NDArray[np.uint8]
    times: list[Fraction]


def run_reference(arguments: list[str]) -> subprocess.CompletedProcess[bytes]:
    command = [ffmpeg_binary(), "-nostdin", "-hide_banner", "-v", "error", "-y", *arguments]
    return subprocess.run(command, check=True, capture_output=True, timeout=120)


@cache
def reference(path: Path) -> Reference:
    """Every frame that ffmpeg's command line shows of a clip's first moving picture, none dropped or doubled."""
    chain = f"showinfo,scale=flags={FLAGS},format=rgb24"
    arguments = ["-v", "info", "-i", str(path), "-map", "0:v:0", "-fps_mode", "passthrough", "-vf", chain, "-f", "rawvideo", "-"]
    done = run_reference(arguments)
    told = done.stderr.decode()
    base = Fraction(re.search(r"config in time_base: (\d+/\d+)", told)[1])
    ticks = [int(tick) for tick in re.findall(r"\] n: *\d+ pts: *(-?\d+) ", told)]
    width, height = (int(side) for side in re.findall(r"rawvideo.*?, (\d+)x(\d+)", told)[-1])
    rgb = np.frombuffer(done.stdout, np.uint8).reshape(-1, height, width, 3)
    return Reference(rgb, [(tick - ticks[0]) * base for tick in ticks])


def session_zoo(factory: pytest.TempPathFactory) -> Zoo:
    """One zoo per test process, shared by every module that asks."""
    directory = factory.getbasetemp() / "clip-zoo"
    directory.mkdir(exist_ok=True)
    return Zoo(directory)
