"""A clip through a cube: what changes is the colour, as the arithmetic says, and nothing else."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from continuity.video.errors import FFmpegFailed, NotAVideo, VideoDamaged
from continuity.video.grade import HighDynamicRange, _frames_done, apply_lut
from continuity.video.probe import probe
from continuity.video.tool import encode_stream
from continuity.video.verify import Verified, verify
from continuity.vision.cube import Cube, NotACube, apply_cube, identity_cube
from tests.clips import Zoo, reference, run_reference
from tests.pictures import street

X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "2", "-pix_fmt", "yuv420p"]
BT709 = "scale=out_color_matrix=bt709:out_range={},setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709"
SOUND = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=1.5"]


def look() -> Cube:
    """Darker, warmer, with a bend: nothing that clips."""
    red, green, blue = np.moveaxis(identity_cube(), -1, 0)
    return np.stack([red**1.1 * 0.95, green * 0.9 + 0.02, blue**1.2 * 0.8 + 0.05], axis=-1).astype(np.float32)


def graded(clip: Path, folder: Path, cube: Cube, **options: object) -> Path:
    target = folder / f"graded-{clip.stem}.mp4"
    apply_lut(clip, cube, target, **options)
    return target


def sound_of(clip: Path) -> bytes:
    return run_reference(["-i", str(clip), "-map", "0:a:0", "-f", "s16le", "-"]).stdout


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """ffmpeg's input arguments for half a second of street, with the grain of a camera."""
    clip = tmp_path_factory.mktemp("street") / "street.mp4"
    with encode_stream(clip, width=320, height=180, fps=24, crf=4) as sink:
        for number in range(12):
            sink.write(street(seed=1, height=180, shift=0.01 * number))
    return ["-i", str(clip)]


@pytest.mark.parametrize(
    ("name", "tags"),
    [
        ("untagged", ["-vf", "setparams=colorspace=unknown:color_primaries=unknown:color_trc=unknown:range=unknown"]),
        ("bt709-limited", ["-vf", BT709.format("tv"), "-color_range", "tv"]),
        ("bt709-full", ["-vf", BT709.format("pc"), "-color_range", "pc"]),
        ("bt601-full", ["-vf", "scale=out_color_matrix=bt601:out_range=pc,setparams=colorspace=smpte170m", "-color_range", "pc"]),
    ],
)
def test_every_pixel_is_what_the_cube_says_whatever_the_tags_of_the_clip(
    name: str, tags: list[str], filmed: list[str], zoo: Zoo, tmp_path: Path
) -> None:
    clip = zoo.make(f"street-{name}.mp4", [*filmed, *tags, *X264])

    target = graded(clip, tmp_path, look(), crf=2)

    before, after = reference(clip).rgb, reference(target).rgb
    expected = np.stack([apply_cube(frame, look()) for frame in before[::6]]).astype(int)
    difference = after[::6] - expected
    assert np.abs(difference).mean() < 1
    assert np.abs(difference.mean(axis=(0, 1, 2))).max() < 0.2  # no bias: 8 bits on the way would take half a code off
    assert np.abs(expected - before[::6]).mean() > 8
    facts = probe(target)
    assert (facts.codec, facts.pix_fmt, facts.colour_matrix, facts.colour_range) == ("h264", "yuv420p", 1, 1)
    assert (facts.colour_primaries, facts.colour_transfer) == (1, 1)


@pytest.mark.parametrize(
    "name",
    [
        "h264-b-frames",
        "h264-variable-rate",
        "h264-open-gop",
        "cut-copy",
        "edit-list-end",
        "late-video-start",
        "gif",
        "h264-one-frame",
    ],
)
def test_every_frame_stays_at_its_time(name: str, zoo: Zoo, tmp_path: Path) -> None:
    target = graded(zoo.clip(name), tmp_path, identity_cube())

    before, after = reference(zoo.clip(name)), reference(target)
    assert after.times == before.times
    assert after.rgb.shape == before.rgb.shape


def test_times_that_fit_no_frame_rate_stay_to_the_tick(zoo: Zoo, tmp_path: Path) -> None:
    wobbling = ["-vf", "settb=1/1000,setpts='N*41+mod(N*17,13)'", "-fps_mode", "passthrough", "-enc_time_base", "1/1000"]
    clip = zoo.make("wobbling.mkv", ["-f", "lavfi", "-i", "testsrc2=size=160x90:rate=24:duration=1", *wobbling, *X264])

    target = graded(clip, tmp_path, identity_cube())

    times = reference(clip).times
    assert reference(target).times == times
    assert len({second - first for first, second in pairwise(times)}) == 2


@pytest.mark.parametrize("name", ["rotated-90", "rotated-180", "rotated-270", "mirrored", "rotated-90-mirrored"])
def test_rotation_is_kept_and_the_picture_lies_as_before(name: str, zoo: Zoo, tmp_path: Path) -> None:
    clip = zoo.clip(name)

    target = graded(clip, tmp_path, identity_cube())

    assert probe(target).rotation == probe(clip).rotation
    assert (probe(target).width, probe(target).height) == (probe(clip).width, probe(clip).height)
    assert np.abs(reference(target).rgb[-1].astype(int) - reference(clip).rgb[-1]).mean() < 6


def test_pixel_aspect_is_kept_and_an_odd_side_loses_its_last_pixel(zoo: Zoo, tmp_path: Path) -> None:
    crop = ["-f", "lavfi", "-i", "testsrc2=size=162x92:rate=24:duration=0.5", "-vf", "format=yuv444p,crop=161:91:0:0"]
    odd = zoo.make("really-odd.mp4", [*crop, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p"])

    wide, even = (graded(clip, tmp_path, identity_cube()) for clip in (zoo.clip("h264-pixel-aspect"), odd))

    assert probe(wide).pixel_aspect == probe(zoo.clip("h264-pixel-aspect")).pixel_aspect == Fraction(4, 3)
    assert (probe(odd).width, probe(odd).height) == (161, 91)
    assert (probe(even).width, probe(even).height) == (160, 90)
    assert np.abs(reference(even).rgb[0].astype(int) - reference(odd).rgb[0][:90, :160]).mean() < 6


@pytest.mark.parametrize("name", ["audio-longer", "audio-shorter", "late-video-start", "sound-first", "h264-mpegts"])
def test_sound_is_copied_sample_by_sample(name: str, zoo: Zoo, tmp_path: Path) -> None:
    target = graded(zoo.clip(name), tmp_path, identity_cube())

    assert sound_of(target) == sound_of(zoo.clip(name))
    assert len(sound_of(target)) > 40_000


def test_sound_that_mp4_does_not_carry_becomes_aac_and_keeps_its_length(zoo: Zoo, tmp_path: Path) -> None:
    clip = zoo.make(
        "raw-sound.mov", ["-f", "lavfi", "-i", "testsrc2=size=160x90:rate=24:duration=1.5", *SOUND, *X264, "-c:a", "pcm_s16le"]
    )

    target = graded(clip, tmp_path, identity_cube())

    assert (probe(clip).audio.codec, probe(target).audio.codec) == ("pcm_s16le", "aac")
    assert len(sound_of(target)) == pytest.approx(len(sound_of(clip)), rel=0.05)


def test_silent_clip_stays_silent_and_the_cover_picture_is_not_taken_for_the_film(zoo: Zoo, tmp_path: Path) -> None:
    target = graded(zoo.clip("cover-picture"), tmp_path, identity_cube())

    assert not probe(target).has_audio
    assert len(reference(target).times) == len(reference(zoo.clip("cover-picture")).times)


def test_progress_rises_to_one(zoo: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("continuity.video.grade.SECONDS_BETWEEN_LOOKS", 0.01)
    heard: list[float] = []

    graded(zoo.clip("h264-long-gop"), tmp_path, identity_cube(), on_progress=heard.append)

    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert len(heard) > 2


def test_progress_is_the_latest_count_that_ffmpeg_wrote(tmp_path: Path) -> None:
    file = tmp_path / "progress.txt"

    counts = [_frames_done(file)]
    for told in ("frame=0\nfps=0\nprogress=continue\n", "frame=12\nprogress=continue\nframe=48\nprogress=end\n"):
        file.write_text(told)
        counts.append(_frames_done(file))

    assert counts == [0, 0, 48]


def test_lost_frame_is_noticed_and_nothing_is_left(zoo: Zoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def one_more(clip: Path) -> Verified:
        return replace(verify(clip), frame_count=37)

    monkeypatch.setattr("continuity.video.grade.verify", one_more)

    with pytest.raises(FFmpegFailed, match="The graded clip has 36 of 37 frames"):
        graded(zoo.clip("h264-b-frames"), tmp_path, identity_cube())

    assert list(tmp_path.iterdir()) == []


def test_original_is_not_touched(zoo: Zoo, tmp_path: Path) -> None:
    clip = zoo.clip("h264-b-frames")
    before = clip.read_bytes()

    graded(clip, tmp_path, look())

    assert clip.read_bytes() == before


@pytest.mark.parametrize("curve", ["smpte2084", "arib-std-b67"])
def test_hdr_is_refused_because_a_cube_is_for_standard_range(curve: str, zoo: Zoo, tmp_path: Path) -> None:
    tagged = f"setparams=colorspace=bt2020nc:color_primaries=bt2020:color_trc={curve}"
    clip = zoo.make(f"{curve}.mp4", ["-f", "lavfi", "-i", "testsrc2=size=160x90:rate=24:duration=0.5", "-vf", tagged, *X264])

    with pytest.raises(HighDynamicRange, match=r"is HDR \((PQ|HLG)\), which is not graded here"):
        graded(clip, tmp_path, identity_cube())

    assert list(tmp_path.iterdir()) == []


def test_bad_input_leaves_nothing_behind_and_an_older_target_as_it_was(zoo: Zoo, tmp_path: Path) -> None:
    torn, holed, other = tmp_path / "torn.mp4", tmp_path / "holed.mp4", tmp_path / "note.mp4"
    target, whole = tmp_path / "graded.mp4", zoo.clip("h264-b-frames").read_bytes()
    middle = whole.index(b"mdat") + len(whole) // 2
    torn.write_bytes(whole[:-2000])
    holed.write_bytes(whole[:middle] + bytes(3000) + whole[middle + 3000 :])
    other.write_text("not a clip")
    target.write_bytes(b"older")

    for clip, error in ((torn, VideoDamaged), (holed, VideoDamaged), (other, NotAVideo)):
        with pytest.raises(error):
            apply_lut(clip, identity_cube(), target)
    with pytest.raises(NotACube):
        apply_lut(zoo.clip("h264-b-frames"), identity_cube() * np.float32(2), target)
    with pytest.raises(FileNotFoundError):
        apply_lut(zoo.clip("h264-b-frames"), identity_cube(), tmp_path / "missing" / "graded.mp4")

    assert target.read_bytes() == b"older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["graded.mp4", "holed.mp4", "note.mp4", "torn.mp4"]
