import pytest

from continuity.providers.base import OutputInvalid
from continuity.providers.mp4 import Mp4Check
from tests.stand_ins.clips import ClipSize, clip_bytes

CLIP = ClipSize(width=160, height=90, seconds=1, fps=24)


def feed(content: bytes, *, chunk: int) -> Mp4Check:
    check = Mp4Check()
    for start in range(0, len(content), chunk):
        check.feed(content[start : start + chunk])
    return check


def box(kind: bytes, payload: bytes = b"") -> bytes:
    return (8 + len(payload)).to_bytes(4) + kind + payload


@pytest.mark.parametrize("chunk", [1, 7, 4096, 10**6])
def test_mp4_check_accepts_a_whole_clip_in_any_portions(chunk: int) -> None:
    assert feed(clip_bytes(CLIP), chunk=chunk).finish() is None  # it would have raised


@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.5, 0.999])
def test_mp4_check_refuses_a_clip_that_ends_early(share: float) -> None:
    content = clip_bytes(CLIP)
    check = feed(content[: int(len(content) * share)], chunk=1000)
    with pytest.raises(OutputInvalid, match="incomplete"):
        check.finish()


@pytest.mark.parametrize("content", [b"<!DOCTYPE html><title>Sign in</title>", b"\x1aE\xdf\xa3" + bytes(20), b"RIFF\0\0\0\0AVI "])
def test_mp4_check_refuses_another_kind_of_file_at_its_first_bytes(content: bytes) -> None:
    with pytest.raises(OutputInvalid, match="not an MP4"):
        Mp4Check().feed(content)


def test_mp4_check_reads_long_box_sizes() -> None:
    long_box = (1).to_bytes(4) + b"mdat" + (16 + 5).to_bytes(8) + b"12345"
    feed(box(b"ftyp", b"isom") + box(b"moov") + long_box, chunk=3).finish()
    with pytest.raises(OutputInvalid):
        feed(box(b"ftyp", b"isom") + box(b"moov") + long_box[:-1], chunk=3).finish()


@pytest.mark.parametrize("tail", [box(b"zzzz")[:6], box(b"what") + b"anything", (0).to_bytes(4) + b"mdat" + b"to the end"])
def test_mp4_check_leaves_what_it_does_not_know_to_the_decoder(tail: bytes) -> None:
    assert feed(box(b"ftyp", b"isom") + box(b"moov") + tail, chunk=5).finish() is None


def test_mp4_check_refuses_a_file_without_its_index() -> None:
    with pytest.raises(OutputInvalid):
        feed(box(b"ftyp", b"isom") + box(b"mdat", b"frames"), chunk=4).finish()
