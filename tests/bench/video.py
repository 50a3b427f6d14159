"""Frames and joins against the bare libraries, side by side in one run: ``python -m tests.bench.video``.

The last frame of a ten-minute clip against PyAV's own seek-and-decode, of an eight-second clip against moviepy (which
returns a frame *near* the end), and a join of six clips against ffmpeg's concat demuxer. Exit 1 when a target is missed.
"""

import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from statistics import median

import av
import moviepy

from continuity.video.convert import to_rgb
from continuity.video.frames import last_frame
from continuity.video.join import join
from continuity.video.tool import ffmpeg_binary

ROUNDS = 9
ENCODER = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "250", "-pix_fmt", "yuv420p"]


def make_clip(path: Path, *, seconds: int, hue: int = 0) -> Path:
    picture = f"testsrc2=size=1280x720:rate=24:duration={seconds},hue=h={hue}"
    sound = f"sine=frequency={300 + hue}:sample_rate=48000:duration={seconds}"
    inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound]
    run_ffmpeg([*inputs, *ENCODER, "-c:a", "aac", str(path)])
    return path


def run_ffmpeg(arguments: list[str]) -> None:
    subprocess.run([ffmpeg_binary(), "-nostdin", "-v", "error", "-y", *arguments], check=True)


def bare_last_frame(path: Path) -> object:
    """PyAV alone: no checks, no index, the same conversion."""
    with av.open(str(path)) as media:
        video = media.streams.video[0]
        video.thread_type = "AUTO"
        media.seek(video.start_time + video.duration - 1, stream=video, backward=True)
        return to_rgb(deque(media.decode(video), maxlen=1)[0])


def moviepy_last_frame(path: Path) -> object:
    clip = moviepy.VideoFileClip(str(path), audio=False)
    try:
        return clip.get_frame(clip.duration - 1 / clip.fps)
    finally:
        clip.close()


def concat(clips: list[Path], target: Path) -> None:
    listing = target.with_suffix(".txt")
    listing.write_text("".join(f"file '{clip}'\n" for clip in clips))
    run_ffmpeg(["-f", "concat", "-safe", "0", "-i", str(listing), "-c", "copy", str(target)])


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def rounds(ours: Callable[[], object], reference: Callable[[], object]) -> list[tuple[float, float]]:
    """Seconds of both, measured in turns, each first in every other round; the round that warms up both is left out."""
    measured = []
    for number in range(ROUNDS + 1):
        if number % 2:
            measured.append((seconds(ours), seconds(reference)))
        else:
            measured.append((seconds(reference), seconds(ours))[::-1])
    return measured[1:]


def report(name: str, ours: Callable[[], object], reference: Callable[[], object], *, target: float) -> bool:
    """Prints the medians of both, and of the ratios within each round: what slows the machine for a while slows both."""
    measured = rounds(ours, reference)
    mine, theirs = (1000 * median(column) for column in zip(*measured, strict=True))
    ratio = median(one / other for one, other in measured)
    verdict = "ok" if ratio <= target else "MISSED"
    sys.stdout.write(f"{name}, {mine:.0f} ms, {theirs:.0f} ms, {ratio:.2f}, <= {target}, {verdict}\n")
    return ratio <= target


def main() -> int:
    sys.stdout.write("name, ours, reference, ratio, target, ok\n")
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        long, short = make_clip(directory / "long.mp4", seconds=600), make_clip(directory / "short.mp4", seconds=8)
        shots = [make_clip(directory / f"{number}.mp4", seconds=8, hue=40 * number) for number in range(6)]
        film, other = directory / "film.mp4", directory / "concat.mp4"
        met = [
            report("last frame of 10 min vs PyAV", lambda: last_frame(long), lambda: bare_last_frame(long), target=1.3),
            report("last frame of 8 s vs moviepy", lambda: last_frame(short), lambda: moviepy_last_frame(short), target=1.0),
            report("join of 6 x 8 s vs concat -c copy", lambda: join(shots, film), lambda: concat(shots, other), target=1.5),
        ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
