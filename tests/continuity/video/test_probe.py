"""What a clip says it is."""

import struct
from fractions import Fraction
from pathlib import Path

import pytest

from continuity.video.containers import Container
from continuity.video.errors import NoPicture, NotAVideo, VideoDamaged
from continuity.video.frames import first_frame
from continuity.video.probe import probe
from tests.clips import Zoo


def test_probe_of_a_plain_clip_says_everything_a_blob_stores(zoo: Zoo) -> None:
    facts = probe(zoo.clip("audio-longer"))

    assert (facts.container, facts.codec, facts.pix_fmt) == (Container.MP4, "h264", "yuv420p")
    assert (facts.width, facts.height, facts.rotation, facts.pixel_aspect) == (160, 90, 0, 1)
    assert (facts.fps, facts.is_variable, facts.frame_count, facts.duration) == (24, False, 36, Fraction(3, 2))
    assert facts.audio is not None
    assert (facts.has_audio, facts.audio.codec, facts.audio.sample_rate) == (True, "aac", 48000)
    assert (facts.audio.channels, facts.audio.layout) == (1, "mono")
    assert facts.audio.duration == pytest.approx(2.5, abs=0.03)


def test_probe_of_a_silent_clip_has_no_audio_facts(zoo: Zoo) -> None:
    facts = probe(zoo.clip("h264-b-frames"))

    assert facts.audio is None
    assert facts.has_audio is False


@pytest.mark.parametrize(
    ("name", "rotation", "width", "height"),
    [("rotated-90", 90, 90, 160), ("rotated-180", 180, 160, 90), ("rotated-270", 270, 90, 160), ("h264-b-frames", 0, 160, 90)],
)
def test_probe_turns_the_size_as_the_picture_is_shown(name: str, rotation: int, width: int, height: int, zoo: Zoo) -> None:
    facts = probe(zoo.clip(name))

    assert (facts.rotation, facts.width, facts.height) == (rotation, width, height)
    assert (facts.coded_width, facts.coded_height) == (160, 90)


@pytest.mark.parametrize(
    ("name", "tags"),
    [("h264-bt709", (1, 1)), ("h264-full-range", (2, 2)), ("h264-b-frames", (2, 0)), ("h264-10-bit-hdr", (9, 1))],
)
def test_probe_reads_matrix_and_range(name: str, tags: tuple[int, int], zoo: Zoo) -> None:
    facts = probe(zoo.clip(name))

    assert facts.colour_matrix == tags[0]
    assert facts.colour_range == tags[1] or (name == "h264-10-bit-hdr" and facts.colour_range == 0)


def test_probe_keeps_a_rational_frame_rate_and_sees_a_variable_one(zoo: Zoo) -> None:
    assert probe(zoo.clip("h264-29.97-vertical")).fps == Fraction(30000, 1001)
    assert probe(zoo.clip("h264-29.97-vertical")).is_variable is False
    assert probe(zoo.clip("h264-variable-rate")).is_variable is True


def test_probe_does_not_invent_what_a_container_does_not_say(zoo: Zoo) -> None:
    facts = probe(zoo.clip("mkv-no-duration"))

    assert facts.frame_count is None
    assert facts.duration is None


def test_probe_of_sound_alone_is_no_picture(zoo: Zoo) -> None:
    clip = zoo.make("sound.mp4", ["-f", "lavfi", "-i", "sine=duration=0.5", "-c:a", "aac"])

    with pytest.raises(NoPicture, match="no moving picture: give a clip with video"):
        probe(clip)


def test_probe_of_sound_with_a_cover_is_no_picture(zoo: Zoo) -> None:
    cover = zoo.make("front.png", ["-f", "lavfi", "-i", "testsrc2=size=64x64", "-frames:v", "1"])
    inputs = ["-f", "lavfi", "-i", "sine=duration=0.5", "-i", str(cover), "-map", "0", "-map", "1"]
    clip = zoo.make("album.m4a", [*inputs, "-c:a", "aac", "-c:v", "copy", "-disposition:v:0", "attached_pic", "-f", "mp4"])

    with pytest.raises(NoPicture, match="no moving picture"):
        probe(clip)


def test_probe_refuses_a_still(zoo: Zoo) -> None:
    still = zoo.make("still.png", ["-f", "lavfi", "-i", "testsrc2=size=64x36", "-frames:v", "1"])

    with pytest.raises(NotAVideo, match="still picture"):
        probe(still)


def test_a_turn_of_45_degrees_is_refused_not_guessed(zoo: Zoo, tmp_path: Path) -> None:
    data = bytearray(zoo.clip("h264-b-frames").read_bytes())
    matrix = data.index(b"tkhd") + 4 + 40
    data[matrix : matrix + 36] = struct.pack(">9i", 46341, 46341, 0, -46341, 46341, 0, 0, 0, 1 << 30)
    clip = tmp_path / "askew.mp4"
    clip.write_bytes(data)

    with pytest.raises(VideoDamaged, match="multiple of 90 degrees: export it upright"):
        first_frame(clip)


def test_metadata_in_a_broken_encoding_does_not_matter(zoo: Zoo, tmp_path: Path) -> None:
    clip = zoo.make("titled.mp4", ["-f", "lavfi", "-i", "testsrc2=size=64x36:duration=0.2", "-metadata", "title=QQQQ"])
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(clip.read_bytes().replace(b"QQQQ", b"\xff\xfe\xc3\x28"))

    assert probe(broken).width == 64
