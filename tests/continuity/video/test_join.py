"""Joining: every frame of every clip, by copying where that is possible, and nothing half-written."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from continuity.video.errors import NotAVideo, VideoDamaged
from continuity.video.join import join
from continuity.video.layers import read_sound
from continuity.video.material import Material, Walk
from continuity.video.probe import probe
from continuity.video.verify import verify
from tests.clips import X264, Zoo, reference, run_reference

SECOND_OF_PICTURE = ["-f", "lavfi", "-i", "testsrc2=size=160x90:rate=24:duration=1"]


@pytest.fixture(scope="session")
def alike(zoo: Zoo) -> list[Path]:
    """Three clips of one vendor: B-frames, sound, the same settings, other pictures and tones."""
    return [vendor_clip(zoo, number) for number in range(3)]


def vendor_clip(zoo: Zoo, number: int) -> Path:
    picture = f"testsrc2=size=160x90:rate=24:duration=1.5,hue=h={60 * number}"
    sound = f"sine=frequency={300 + 200 * number}:sample_rate=44100:duration=1.5"
    inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound]
    return zoo.make(f"vendor-{number}.mp4", [*inputs, *X264, "-bf", "2", "-c:a", "aac"])


def shown(clips: Sequence[Path]) -> np.ndarray:
    return np.concatenate([reference(clip).rgb for clip in clips])


def test_alike_clips_are_copied_frame_for_frame(alike: list[Path], tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"

    report = join(alike, film)

    truth = reference(film)
    assert (report.mode, report.frame_count, report.duration) == ("copy", 108, Fraction(9, 2))
    np.testing.assert_array_equal(truth.rgb, shown(alike))
    assert truth.times == [Fraction(index, 24) for index in range(108)]
    assert [entry.name for entry in tmp_path.iterdir()] == ["film.mp4"]


@pytest.mark.parametrize("name", ["hevc", "av1"])
def test_other_codecs_of_an_mp4_are_copied_too(name: str, zoo: Zoo, tmp_path: Path) -> None:
    film, clips = tmp_path / "film.mp4", [zoo.clip(name), zoo.clip(name)]

    assert join(clips, film).mode == "copy"
    np.testing.assert_array_equal(reference(film).rgb, shown(clips))


def test_picture_and_sound_of_a_copied_film_stay_together(alike: list[Path], tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"

    join(alike, film)

    sound = read_sound(film, 4.5)[:, 0]
    for number in range(3):
        begin = int((1.5 * number + 0.4) * 48000)
        spectrum = np.abs(np.fft.rfft(sound[begin : begin + 24000]))
        assert abs(int(spectrum.argmax()) * 2 - (300 + 200 * number)) <= 2
    info = run_reference(["-v", "info", "-i", str(film), "-f", "null", "-"]).stderr.decode()
    assert "start: 0.000000" in info


def test_a_single_clip_is_copied(alike: list[Path], tmp_path: Path) -> None:
    assert join(alike[:1], tmp_path / "film.mp4").mode == "copy"
    np.testing.assert_array_equal(reference(tmp_path / "film.mp4").rgb, reference(alike[0]).rgb)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ("h264-29.97-vertical", "Clip 2 differs from the first in "),
        ("h264-b-frames", "Clip 2 differs from the first in having sound."),
        ("vp9-odd-size", "Clip 2 is not an MP4."),
        ("gif", "Clip 2 is not an MP4."),
        ("cut-copy", "Clip 2 has frames that an edit list hides."),
        ("h264-variable-rate", "Clip 2 has no constant frame rate."),
        ("mpeg4-b-frames", "Clip 2 is mpeg4, which is not copied into an MP4."),
        ("audio-shorter", "Clip 2 has sound that does not cover its picture."),
        ("rotated-90", "Clip 2 differs from the first in rotation."),
    ],
)
def test_a_clip_that_differs_is_normalised_and_the_report_says_why(
    other: str, words: str, alike: list[Path], zoo: Zoo, tmp_path: Path
) -> None:
    film = tmp_path / "film.mp4"

    report = join([alike[0], zoo.clip(other)], film)

    assert (report.mode, report.reason[: len(words)]) == ("normalised", words)
    verified = verify(film)
    facts = verified.facts
    assert (facts.width, facts.height, facts.fps, facts.rotation, facts.colour_matrix) == (160, 90, 24, 0, 1)
    assert facts.audio is not None
    assert (facts.audio.sample_rate, facts.audio.channels) == (48000, 2)
    seconds = verify(zoo.clip(other)).duration
    assert verified.frame_count == report.frame_count
    assert abs(verified.duration - (Fraction(3, 2) + seconds)) <= Fraction(1, 24)


CUT_BY_COPYING = ["-map", "0", "-c", "copy"]
SOUND_ENDS_EARLY = ["-map", "0", "-c:v", "copy", "-af", "atrim=duration=1", "-c:a", "aac"]


@pytest.mark.parametrize(
    ("name", "seek", "arguments", "words"),
    [
        ("vendor-cut.mp4", ["-ss", "0.5"], CUT_BY_COPYING, "Clip 2 has frames that an edit list hides."),
        ("vendor-hush.mp4", [], SOUND_ENDS_EARLY, "Clip 2 has sound that does not cover its picture."),
    ],
)
def test_a_clip_whose_packets_alone_tell_that_it_differs_is_normalised(
    name: str, seek: list[str], arguments: list[str], words: str, alike: list[Path], zoo: Zoo, tmp_path: Path
) -> None:
    clip = zoo.make(name, [*seek, "-i", str(alike[1]), *arguments])

    report = join([alike[0], clip], tmp_path / "film.mp4")

    assert (report.mode, report.reason) == ("normalised", words)
    assert report.frame_count == 36 + len(reference(clip).times)


def test_sound_beyond_the_picture_of_a_clip_is_not_heard_in_the_next(alike: list[Path], zoo: Zoo, tmp_path: Path) -> None:
    """Three seconds of 900 Hz under a second and a half of picture, then a clip of 300 Hz."""
    tone = ["-f", "lavfi", "-i", "sine=frequency=900:sample_rate=44100:duration=3"]
    streams = ["-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac"]
    long = zoo.make("vendor-long-sound.mp4", ["-i", str(alike[1]), *tone, *streams])
    film = tmp_path / "film.mp4"

    assert join([long, alike[0]], film).mode == "copy"

    spectrum = np.abs(np.fft.rfft(read_sound(film, 3.0)[int(1.7 * 48000) : int(2.7 * 48000), 0]))
    assert abs(int(spectrum.argmax()) - 300) <= 2


def test_normalising_keeps_the_picture_and_letterboxes_what_is_narrower(alike: list[Path], zoo: Zoo, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"

    join([alike[0], zoo.clip("rotated-90")], film)

    frames, source = reference(film).rgb.astype(int), reference(alike[0]).rgb.astype(int)
    assert abs((frames[:36] - source).mean()) < 0.5
    for index in range(1, 35):
        distances = [np.abs(frames[index] - source[index + step]).mean() for step in (-1, 0, 1)]
        assert min(distances) == distances[1]
    assert frames[40:, :, :50].mean() < 1
    assert frames[40:, :, 60:100].mean() > 60


def test_a_clip_without_sound_gets_silence(alike: list[Path], zoo: Zoo, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"

    join([zoo.clip("h264-b-frames"), alike[0]], film)

    sound = np.abs(read_sound(film, 3.0)[:, 0])
    assert sound[: int(1.4 * 48000)].max() < 0.001
    assert sound[int(1.7 * 48000) : int(2.9 * 48000)].max() > 0.05


def test_sound_that_begins_with_a_late_picture_stays_in_step(zoo: Zoo, tmp_path: Path) -> None:
    """The beep sounds 1 s into the file and the picture begins at 0.8 s: so it sounds 0.2 s into the film's second clip."""
    beep = "aevalsrc='if(between(t,1,1.2),sin(2*PI*880*t),0)':sample_rate=48000:duration=2"
    late = zoo.make(
        "late-beep.mp4",
        ["-itsoffset", "0.8", *SECOND_OF_PICTURE, "-f", "lavfi", "-i", beep, *X264, "-c:a", "aac"],
    )
    film = tmp_path / "film.mp4"

    join([zoo.clip("h264-b-frames"), late], film)

    loud = np.flatnonzero(np.abs(read_sound(film, 2.5)[:, 0]) > 0.3)
    assert loud[0] / 48000 == pytest.approx(1.7, abs=0.03)
    assert loud[-1] / 48000 == pytest.approx(1.9, abs=0.03)


def test_silent_clips_make_a_silent_film(zoo: Zoo, tmp_path: Path) -> None:
    join([zoo.clip("h264-b-frames"), zoo.clip("hevc")], tmp_path / "film.mp4")

    assert probe(tmp_path / "film.mp4").has_audio is False


def test_a_damaged_clip_leaves_the_older_film_as_it_was(alike: list[Path], tmp_path: Path) -> None:
    torn = tmp_path / "torn.mp4"
    torn.write_bytes(alike[1].read_bytes()[:-300])
    film = tmp_path / "film.mp4"
    film.write_bytes(b"the older film")

    with pytest.raises(VideoDamaged, match=r"torn\.mp4"):
        join([alike[0], torn], film)

    assert film.read_bytes() == b"the older film"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["film.mp4", "torn.mp4"]


def test_a_writer_that_breaks_half_way_leaves_the_older_film_as_it_was(
    alike: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from continuity.video import splice as splice_module

    appended = splice_module._append

    def break_at_the_second(walk: object, film: object, tracks: object, offset: int) -> None:
        if offset:
            raise OSError(28, "No space left on device")
        appended(walk, film, tracks, offset)

    film = tmp_path / "film.mp4"
    film.write_bytes(b"the older film")
    monkeypatch.setattr(splice_module, "_append", break_at_the_second)

    with pytest.raises(OSError, match="No space left"):
        join(alike, film)

    assert film.read_bytes() == b"the older film"
    assert [entry.name for entry in tmp_path.iterdir()] == ["film.mp4"]


def test_a_film_that_lost_frames_is_not_kept(alike: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from continuity.video import splice as splice_module

    appended = splice_module._append

    def lose_the_third(walk: Walk, film: object, tracks: list[splice_module._Track], offset: int) -> None:
        if len(seen) == 2:
            seen.extend(walk.packets())
        else:
            appended(walk, film, tracks, offset)
            seen.append(walk)

    seen: list[object] = []
    monkeypatch.setattr(splice_module, "_append", lose_the_third)

    with pytest.raises(VideoDamaged, match="72 of 108 frames"):
        join(alike, tmp_path / "film.mp4")

    assert list(tmp_path.iterdir()) == []


def test_a_film_without_all_its_bytes_is_not_kept(alike: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Boxes that fit the shorter file, and a table that still names every frame: only where they lie tells."""
    from continuity.video import join as join_module

    real = join_module.splice

    def lose_the_end(walks: Iterable[Walk], part: Path) -> list[Material]:
        materials = real(walks, part)
        data = part.read_bytes()
        begin = data.rindex(b"mdat") - 4
        length = int.from_bytes(data[begin : begin + 4], "big") - 2000
        part.write_bytes(data[:begin] + length.to_bytes(4, "big") + data[begin + 4 : -2000])
        return materials

    monkeypatch.setattr(join_module, "splice", lose_the_end)

    with pytest.raises(VideoDamaged, match="0 of 108 frames"):
        join(alike, tmp_path / "film.mp4")

    assert list(tmp_path.iterdir()) == []


def test_nothing_to_join_and_a_text_are_refused(alike: list[Path], tmp_path: Path) -> None:
    text = tmp_path / "clip.mp4"
    text.write_text("ffconcat version 1.0\nfile vendor-0.mp4\n")

    with pytest.raises(ValueError, match="at least one clip"):
        join([], tmp_path / "film.mp4")
    with pytest.raises(NotAVideo):
        join([alike[0], text], tmp_path / "film.mp4")


def test_orders_that_do_not_continue_each_other_are_normalised(
    alike: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first clip that seems to decode far ahead of its showing leaves no room for the second one's B-frames."""
    from continuity.video import splice as splice_module

    place = splice_module._Track.place

    def far_ahead(track: splice_module._Track, packet: object, shift: int) -> object:
        if shift and track.last_dts is not None and packet.stream.codec_context.type == "video" and not spent:
            spent.append(True)
            track.last_dts = packet.pts + shift + 1
        return place(track, packet, shift)

    spent: list[bool] = []
    monkeypatch.setattr(splice_module._Track, "place", far_ahead)

    report = join(alike[:2], tmp_path / "film.mp4")

    assert (report.mode, report.frame_count) == ("normalised", 72)
    assert "orders that do not continue each other" in report.reason
