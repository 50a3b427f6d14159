"""The one door to ffmpeg: what it lets in, what it writes, and that nothing is left of it."""

import hashlib
import itertools
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from continuity.video.errors import FFmpegFailed, FFmpegTimeout, NotAVideo, VideoTooLarge
from continuity.video.frames import first_frame, last_frame
from continuity.video.probe import probe
from continuity.video.tool import Limits, encode_stream, ffmpeg_binary, input_arguments, private_directory, run_ffmpeg
from tests.clips import Zoo, run_reference

ENDLESS = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=24", "-f", "null", "-"]


def command_lines() -> list[str]:
    """The command lines of all processes there are (Linux)."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found.append((entry / "cmdline").read_bytes().decode(errors="replace"))
            except OSError:
                continue
    return found


def ramp(index: int, *, width: int = 64, height: int = 36) -> np.ndarray:
    columns = np.linspace(0, 255, width, dtype=np.uint8)
    return np.stack(
        [np.tile(columns, (height, 1)), np.full((height, width), index * 20, np.uint8), np.tile(columns[::-1], (height, 1))], -1
    )


def write_frames(target: Path, frames: Iterable[np.ndarray], **options: object) -> None:
    with encode_stream(target, width=64, height=36, fps=24, **options) as sink:
        for frame in frames:
            sink.write(frame)


def write_ramp(target: Path, **options: object) -> None:
    write_frames(target, [ramp(index) for index in range(12)], **options)


def test_run_ffmpeg_returns_standard_output(zoo: Zoo) -> None:
    with private_directory() as workdir:
        inputs = input_arguments(zoo.clip("h264-b-frames"), workdir=workdir)
        output = run_ffmpeg(
            [*inputs, "-frames:v", "1", "-pix_fmt", "gray", "-f", "rawvideo", "-"], workdir=workdir, timeout_seconds=20
        )

    assert len(output) == 160 * 90


def test_input_arguments_show_ffmpeg_nothing_but_our_own_link(zoo: Zoo, tmp_path: Path) -> None:
    hostile = tmp_path / "-i concat:secret;rm -rf.mp4"
    hostile.write_bytes(zoo.clip("h264-b-frames").read_bytes())

    with private_directory() as workdir:
        arguments = input_arguments(hostile, workdir=workdir)

        assert [entry.name for entry in workdir.iterdir()] == ["input"]
        assert arguments[-1] == "file:input"
        assert arguments[arguments.index("-f") + 1] == "mov"
        assert run_ffmpeg([*arguments, "-f", "null", "-"], workdir=workdir, timeout_seconds=20) == b""


def test_an_input_without_a_forced_demuxer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must name its demuxer"):
        run_ffmpeg(["-f", "lavfi", "-i", "color", "-i", "clip.mp4", "-f", "null", "-"], workdir=tmp_path, timeout_seconds=5)


def test_a_playlist_named_mp4_leaks_no_frame_of_its_neighbour(zoo: Zoo, tmp_path: Path) -> None:
    (tmp_path / "secret.ts").write_bytes(zoo.clip("h264-mpegts").read_bytes())
    playlist = tmp_path / "clip.mp4"
    playlist.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nsecret.ts\n#EXT-X-ENDLIST\n")
    unguarded = run_reference(["-f", "hls", "-i", str(playlist), "-frames:v", "1", "-f", "rawvideo", "-"])

    with pytest.raises(NotAVideo), private_directory() as workdir:
        input_arguments(playlist, workdir=workdir)
    with pytest.raises(NotAVideo):
        last_frame(playlist)
    assert len(unguarded.stdout) > 0


def test_a_playlist_that_passes_for_mp4_is_read_as_mp4_and_nothing_else(zoo: Zoo, tmp_path: Path) -> None:
    (tmp_path / "secret.mp4").write_bytes(zoo.clip("h264-b-frames").read_bytes())
    polyglot = tmp_path / "clip.mp4"
    polyglot.write_bytes(b"\x00\x00\x00\x10ftypisom\nffconcat version 1.0\nfile secret.mp4\n")

    with private_directory() as workdir, pytest.raises(FFmpegFailed):
        run_ffmpeg([*input_arguments(polyglot, workdir=workdir), "-f", "null", "-"], workdir=workdir, timeout_seconds=20)


def test_a_picture_bomb_is_refused_by_ffmpeg_and_by_us(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.mp4"
    source = ["-f", "lavfi", "-i", "color=gray:size=8192x8192:rate=1:duration=1"]
    run_reference([*source, "-c:v", "libx264", "-preset", "ultrafast", "-threads", "1", str(bomb)])

    with pytest.raises(VideoTooLarge, match="8192x8192"):
        probe(bomb)
    with private_directory() as workdir, pytest.raises(VideoTooLarge, match="36 megapixels"):
        run_ffmpeg([*input_arguments(bomb, workdir=workdir), "-f", "null", "-"], workdir=workdir, timeout_seconds=30)


def test_a_file_longer_than_the_limit_ends_ffmpeg(tmp_path: Path) -> None:
    arguments = ["-f", "lavfi", "-i", "testsrc2=duration=5", "-f", "rawvideo", "big"]

    with pytest.raises(FFmpegFailed):
        run_ffmpeg(arguments, workdir=tmp_path, timeout_seconds=30, limits=Limits(file_bytes=100_000))
    assert (tmp_path / "big").stat().st_size <= 100_000


def test_a_timeout_kills_ffmpeg_and_says_so(tmp_path: Path) -> None:
    mark = f"title={uuid4()}"

    with pytest.raises(FFmpegTimeout, match=r"within 0\.5 seconds"):
        run_ffmpeg(["-re", *ENDLESS[:4], "-metadata", mark, *ENDLESS[4:]], workdir=tmp_path, timeout_seconds=0.5)
    assert not [line for line in command_lines() if mark in line]


def test_a_timeout_kills_what_ffmpeg_started_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = str(uuid4())
    stand_in = tmp_path / "ffmpeg"
    stand_in.write_text(f"#!/bin/sh\nsh -c 'while :; do sleep 0.1; done' {mark} &\nwait\n")
    stand_in.chmod(0o755)
    monkeypatch.setattr("continuity.video.tool.ffmpeg_binary", lambda: str(stand_in))

    with pytest.raises(FFmpegTimeout):
        run_ffmpeg(["-version"], workdir=tmp_path, timeout_seconds=1)

    assert wait_until(lambda: not any(mark in line for line in command_lines()))


def test_ffmpeg_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    mark = f"title={uuid4()}"
    program = f"""
        from pathlib import Path
        from continuity.video.tool import run_ffmpeg
        arguments = ["-re", *{ENDLESS[:4]!r}, "-metadata", {mark!r}, *{ENDLESS[4:]!r}]
        run_ffmpeg(arguments, workdir=Path({str(tmp_path)!r}), timeout_seconds=60)
    """
    parent = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)])
    assert wait_until(lambda: any(is_ffmpeg(line, mark) for line in command_lines()))

    parent.kill()
    parent.wait()

    assert wait_until(lambda: not any(mark in line for line in command_lines()), seconds=5)


def is_ffmpeg(command_line: str, mark: str) -> bool:
    """The encoder itself, past its launcher; the test's own parent process also names the mark."""
    return command_line.split("\0")[0] == ffmpeg_binary() and mark in command_line


def wait_until(condition: Callable[[], bool], *, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_ffmpeg_sees_no_environment_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary")
    seen = tmp_path / "environment"
    spy = tmp_path / "ffmpeg"
    spy.write_text(f"#!/bin/sh\nenv > {seen}\nulimit -f >> {seen}\n")
    spy.chmod(0o755)
    monkeypatch.setattr("continuity.video.tool.ffmpeg_binary", lambda: str(spy))

    run_ffmpeg(["-version"], workdir=tmp_path, timeout_seconds=10, limits=Limits(file_bytes=10 * 512))

    assert "canary" not in seen.read_text()
    assert seen.read_text().split()[-1] == "10"


def test_ffmpeg_failing_is_one_sentence_with_its_own_words_aside(tmp_path: Path) -> None:
    with pytest.raises(FFmpegFailed) as failure:
        run_ffmpeg(["-f", "lavfi", "-i", "nosuchfilter", "-f", "null", "-"], workdir=tmp_path, timeout_seconds=10)

    assert str(failure.value).count("\n") == 0
    assert "nosuchfilter" in failure.value.stderr_tail


def test_encode_stream_writes_every_frame_in_bt709(tmp_path: Path) -> None:
    target = tmp_path / "clip.mp4"

    write_ramp(target)

    facts = probe(target)
    assert (facts.codec, facts.pix_fmt, facts.width, facts.height) == ("h264", "yuv420p", 64, 36)
    assert (facts.colour_matrix, facts.colour_primaries, facts.colour_transfer, facts.colour_range) == (1, 1, 1, 1)
    assert (facts.frame_count, facts.fps) == (12, Fraction(24))
    assert target.read_bytes().index(b"moov") < target.read_bytes().index(b"mdat")
    assert [entry.name for entry in tmp_path.iterdir()] == ["clip.mp4"]


def test_encode_stream_gives_the_same_bytes_for_the_same_frames(tmp_path: Path) -> None:
    grain = "noise=alls=8:allf=t:all_seed=7"
    for name in ("one", "two"):
        write_ramp(tmp_path / f"{name}.mp4", filters=grain)
    write_ramp(tmp_path / "other.mp4", filters="noise=alls=8:allf=t:all_seed=8")

    written = (tmp_path / "one.mp4").read_bytes()
    assert b"Lavf" not in written
    digests = [hashlib.sha256((tmp_path / f"{name}.mp4").read_bytes()).hexdigest() for name in ("one", "two", "other")]
    assert digests[0] == digests[1]
    assert digests[0] != digests[2]


def test_encode_stream_uses_one_thread_whatever_the_machine(tmp_path: Path) -> None:
    """Each count of threads gives other bytes; x264 writes its own into the stream (tiny pictures always have one)."""
    target = tmp_path / "clip.mp4"

    with encode_stream(target, width=640, height=360, fps=24) as sink:
        sink.write(ramp(0, width=640, height=360))

    assert b" threads=1 " in target.read_bytes()


def test_encode_stream_takes_a_rational_frame_rate(tmp_path: Path) -> None:
    target = tmp_path / "clip.mp4"

    with encode_stream(target, width=64, height=36, fps=Fraction(30000, 1001)) as sink:
        for index in range(10):
            sink.write(ramp(index))

    assert last_frame(target).time == Fraction(9 * 1001, 30000)


def test_the_way_to_a_clip_and_back_does_not_shift_the_colours(tmp_path: Path) -> None:
    """swscale's default way darkens by more than one code value; ours keeps the mean within a quarter of one."""
    rng = np.random.default_rng(3)
    blocks = rng.integers(16, 240, (9, 16, 3), dtype=np.uint8)
    picture = blocks.repeat(20, axis=0).repeat(20, axis=1)
    target = tmp_path / "clip.mp4"
    with encode_stream(target, width=320, height=180, fps=24, crf=4) as sink:
        sink.write(picture)

    ours = first_frame(target).rgb.astype(float) - picture
    default = np.frombuffer(run_reference(["-i", str(target), "-pix_fmt", "rgb24", "-f", "rawvideo", "-"]).stdout, np.uint8)
    theirs = default.reshape(picture.shape).astype(float) - picture

    assert abs(ours.mean()) < 0.25
    assert theirs.mean() < -0.5


def test_encode_stream_leaves_nothing_when_the_caller_fails(tmp_path: Path) -> None:
    target = tmp_path / "clip.mp4"
    target.write_bytes(b"the older clip")

    with pytest.raises(ValueError, match="A frame must be"):
        write_frames(target, [ramp(0), ramp(1, width=32)])

    assert target.read_bytes() == b"the older clip"
    assert [entry.name for entry in tmp_path.iterdir()] == ["clip.mp4"]


def test_encode_stream_is_stopped_by_its_timeout(tmp_path: Path) -> None:
    black = np.zeros((36, 64, 3), np.uint8)

    with pytest.raises(FFmpegTimeout, match=r"within 0\.3 seconds"):
        write_frames(tmp_path / "clip.mp4", itertools.repeat(black), timeout_seconds=0.3)

    assert list(tmp_path.iterdir()) == []


def test_encode_stream_reports_a_filter_that_ffmpeg_refuses(tmp_path: Path) -> None:
    with pytest.raises(FFmpegFailed, match="ffmpeg could not do this"):
        write_ramp(tmp_path / "clip.mp4", filters="nosuchfilter")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", [(63, 36), (64, 35), (0, 36)])
def test_encode_stream_refuses_odd_sides(size: tuple[int, int], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="even sides"), encode_stream(tmp_path / "x.mp4", width=size[0], height=size[1], fps=24):
        pass


@pytest.mark.parametrize("frame", [np.zeros((36, 63, 3), np.uint8), np.zeros((36, 64, 3), np.float32)])
def test_a_frame_of_another_shape_or_type_is_refused(frame: np.ndarray, tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match=r"A frame must be uint8 \(36, 64, 3\)"),
        encode_stream(tmp_path / "x.mp4", width=64, height=36, fps=24) as sink,
    ):
        sink.write(frame)


def test_only_this_module_starts_ffmpeg() -> None:
    starters = [
        path.name
        for path in Path("continuity/video").glob("*.py")
        if "subprocess" in path.read_text() or "os.exec" in path.read_text() or "ffmpeg_binary()" in path.read_text()
    ]

    assert sorted(starters) == ["launch.py", "tool.py"]
