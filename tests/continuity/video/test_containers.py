"""What a file is, is told from its bytes; what may open other files is refused before ffmpeg sees it."""

from pathlib import Path

import pytest

from continuity.video.containers import Container, sniff, sniff_clip
from continuity.video.errors import NotAVideo
from tests.clips import Zoo

HLS = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n../alice/secret.ts\n#EXT-X-ENDLIST\n"
DASH = b"<?xml version='1.0'?><MPD><Period><BaseURL>../alice/secret.mp4</BaseURL></Period></MPD>"
IMPOSTORS = {
    "hls": HLS,
    "ffconcat": b"ffconcat version 1.0\nfile secret.mp4\n",
    "dash": DASH,
    "sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
    "html": b"<!doctype html><title>clip.mp4</title>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/hostname'/></svg>",
    "zip": b"PK\x03\x04" + bytes(400),
    "elf": b"\x7fELF" + bytes(400),
    "pdf": b"%PDF-1.7\n",
    "avi": b"RIFF\x00\x00\x00\x00AVI LIST",
    "heic": b"\x00\x00\x00\x18ftypheic" + bytes(400),
    "text-behind-a-sync-byte": b"G#EXTM3U\n" + bytes(800),
    "empty": b"",
}


@pytest.mark.parametrize("kind", IMPOSTORS)
def test_sniff_refuses_what_is_not_a_clip_whatever_its_name_says(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(IMPOSTORS[kind])

    with pytest.raises(NotAVideo, match=r"^clip\.mp4 is not a clip: give an MP4"):
        sniff(path)


@pytest.mark.parametrize(
    ("name", "container"),
    [
        ("h264-b-frames", Container.MP4),
        ("prores", Container.MP4),
        ("vp9-odd-size", Container.MATROSKA),
        ("h264-mkv", Container.MATROSKA),
        ("h264-mpegts", Container.MPEGTS),
        ("gif", Container.GIF),
    ],
)
def test_sniff_names_the_container_of_a_clip_under_a_misleading_name(
    name: str, container: Container, zoo: Zoo, tmp_path: Path
) -> None:
    path = tmp_path / "clip.m3u8"
    path.write_bytes(zoo.clip(name).read_bytes())

    assert sniff(path) is container


def test_sniff_clip_says_that_a_still_is_a_still(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))

    with pytest.raises(NotAVideo, match="is a still picture: give a clip"):
        sniff_clip(path)


@pytest.mark.parametrize("name", ["missing.mp4", "-i.mp4", "clip\n.mp4", "a" * 300, "nul\0.mp4"])
def test_sniff_of_a_file_that_is_not_there_is_one_sentence(name: str, tmp_path: Path) -> None:
    with pytest.raises(NotAVideo) as refusal:
        sniff(tmp_path / name)

    assert len(str(refusal.value)) < 160
    assert "\n" not in str(refusal.value)


def test_sniff_of_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotAVideo, match="cannot be read"):
        sniff(tmp_path)
