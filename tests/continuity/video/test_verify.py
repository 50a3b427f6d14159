"""Verification decodes; what is cut short or broken is refused everywhere, and never answered with a plausible frame."""

from fractions import Fraction
from pathlib import Path

import pytest

from continuity.video.errors import NoPicture, VideoDamaged
from continuity.video.frames import first_frame, frame_at, last_frame, sample_frames
from continuity.video.probe import probe
from continuity.video.verify import verify
from tests.clips import Zoo, reference

CUT_SHORT = ("h264-b-frames", "h264-fragmented", "h264-mkv", "mkv-no-duration", "h264-mpegts", "vp9-odd-size", "gif", "mjpeg")


def test_verify_counts_and_measures_what_it_decoded(zoo: Zoo) -> None:
    """The container itself says 10/3 s, less than the last frame's time: the frames are believed, not it."""
    clip = zoo.clip("h264-variable-rate")
    times = reference(clip).times

    verified = verify(clip)

    assert (verified.first.index, verified.last.index, verified.frame_count) == (0, len(times) - 1, len(times))
    assert verified.duration == times[-1] + Fraction(7, 24)
    assert verified.facts == probe(clip)


def test_verify_tells_how_far_it_is(zoo: Zoo) -> None:
    shares: list[float] = []

    verify(zoo.clip("h264-long-gop"), on_progress=shares.append)

    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len([share for share in shares if 0.2 < share < 0.8]) >= 2


@pytest.mark.parametrize("name", CUT_SHORT)
@pytest.mark.parametrize("share", [0.5, 0.95])
def test_a_clip_cut_short_gives_no_frame_at_all(name: str, share: float, zoo: Zoo, tmp_path: Path) -> None:
    whole = zoo.clip(name)
    short = tmp_path / f"short{whole.suffix}"
    data = whole.read_bytes()
    short.write_bytes(data[: int(len(data) * share) // 188 * 188 + 100])

    for look in (verify, probe, first_frame, last_frame, sample_frames, lambda path: frame_at(path, 0.1)):
        with pytest.raises(VideoDamaged, match=r"(damaged|cut short).*: transfer"):
            look(short)


def test_a_streamable_mp4_cut_short_is_refused_although_its_index_is_whole(zoo: Zoo, tmp_path: Path) -> None:
    whole = zoo.make("faststart.mp4", ["-i", str(zoo.clip("h264-short-gop")), "-c", "copy", "-movflags", "+faststart"])
    short = tmp_path / "short.mp4"
    short.write_bytes(whole.read_bytes()[:-200])

    with pytest.raises(VideoDamaged, match="is cut short"):
        last_frame(short)


def test_a_frame_overwritten_with_noise_is_found_by_verify(zoo: Zoo, tmp_path: Path) -> None:
    data = bytearray(zoo.clip("h264-short-gop").read_bytes())
    middle = data.index(b"mdat") + len(data) // 3
    data[middle : middle + 2000] = bytes(range(256)) * 7 + bytes(208)
    clip = tmp_path / "torn.mp4"
    clip.write_bytes(data)

    with pytest.raises(VideoDamaged):
        verify(clip)


def test_a_frame_that_the_decoder_drops_without_a_word_is_missed(zoo: Zoo, monkeypatch: pytest.MonkeyPatch) -> None:
    from continuity.video import verify as verify_module

    decoded = verify_module.decoded
    monkeypatch.setattr(verify_module, "decoded", lambda source, packet: [f for f in decoded(source, packet) if f.pts != 2048])

    with pytest.raises(VideoDamaged, match="shows 35 of its 36 frames"):
        verify(zoo.clip("h264-b-frames"))


def test_a_leading_part_that_refers_to_lost_frames_is_refused_not_guessed(zoo: Zoo) -> None:
    clip = zoo.make("open-gop-cut.mkv", ["-ss", "0.7", "-i", str(zoo.clip("h264-open-gop")), "-c", "copy"])

    with pytest.raises(VideoDamaged):
        last_frame(clip)


def test_a_clip_without_a_single_frame_has_no_picture(zoo: Zoo) -> None:
    clip = zoo.make(
        "no-frame.mp4",
        ["-f", "lavfi", "-i", "testsrc2=size=64x36:duration=1", "-frames:v", "0", "-movflags", "frag_keyframe+empty_moov"],
    )

    for look in (verify, probe, first_frame, last_frame):
        with pytest.raises((NoPicture, VideoDamaged)):
            look(clip)


def test_frame_at_holds_the_last_frame_and_refuses_negative_times(zoo: Zoo) -> None:
    clip = zoo.clip("h264-b-frames")

    assert frame_at(clip, 99).index == 35
    assert frame_at(clip, Fraction(10, 24) - Fraction(1, 1000)).index == 9
    with pytest.raises(ValueError, match="zero or more seconds"):
        frame_at(clip, -0.1)


def test_sample_frames_come_in_the_order_asked_for(zoo: Zoo) -> None:
    clip = zoo.clip("h264-b-frames")

    assert [frame.index for frame in sample_frames(clip, (1, 0, 0.5))] == [35, 0, 18]
    with pytest.raises(ValueError, match="from 0 to 1"):
        sample_frames(clip, (1.5,))
