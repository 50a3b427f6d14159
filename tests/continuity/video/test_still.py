"""Still pictures: upright, sRGB, and no bombs."""

import io
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from continuity.video.errors import NotAVideo, VideoDamaged, VideoTooLarge
from continuity.video.frames import read_still
from tests.clips import Zoo

CORNERS = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[0, 0, 0], [255, 255, 255], [90, 90, 90]]], np.uint8)


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def tiny_file_of(width: int, height: int) -> bytes:
    """A PNG of one-bit pixels that promises much and holds nothing."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([1, 0, 0, 0, 0])
    chunks = [png_chunk(b"IHDR", header), png_chunk(b"IDAT", zlib.compress(bytes(100))), png_chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("suffix", ["png", "webp"])
def test_read_still_gives_the_very_pixels(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"still.{suffix}"
    Image.fromarray(CORNERS).save(path, lossless=True)

    frame = read_still(path)

    np.testing.assert_array_equal(frame.rgb, CORNERS)
    assert (frame.index, frame.time, frame.width, frame.height) == (0, 0, 3, 2)


@pytest.mark.parametrize(("orientation", "turn"), [(3, 2), (6, -1), (8, 1)])
def test_read_still_turns_upright_by_exif(orientation: int, turn: int, tmp_path: Path) -> None:
    path = tmp_path / "still.jpg"
    exif = Image.Exif()
    exif[0x0112] = orientation
    blocks = CORNERS.repeat(16, axis=0).repeat(16, axis=1)
    Image.fromarray(blocks).save(path, exif=exif, quality=95, subsampling=0)

    frame = read_still(path)

    expected = np.rot90(blocks, k=turn).astype(int)
    assert frame.rgb.shape == expected.shape
    assert np.abs(frame.rgb - expected).mean() < 2


def test_read_still_shows_a_transparent_picture_on_black(tmp_path: Path) -> None:
    path = tmp_path / "still.png"
    rgba = np.dstack([CORNERS, np.full((2, 3), 0, np.uint8)])
    rgba[0, 0, 3] = 255
    Image.fromarray(rgba).save(path)

    frame = read_still(path)

    assert frame.rgb[0, 0].tolist() == [255, 0, 0]
    assert frame.rgb[1, 1].tolist() == [0, 0, 0]


def test_read_still_reduces_16_bit_grey_by_scaling(tmp_path: Path) -> None:
    path = tmp_path / "deep.png"
    Image.fromarray(np.array([[0, 32896, 65535]], np.uint16)).save(path)

    assert read_still(path).rgb[0, :, 0].tolist() == [0, 128, 255]


def test_read_still_converts_an_embedded_profile(tmp_path: Path) -> None:
    path = tmp_path / "profiled.png"
    linear_like = ImageCms.createProfile("LAB")
    picture = Image.fromarray(CORNERS)
    picture.save(path, icc_profile=ImageCms.ImageCmsProfile(linear_like).tobytes())
    srgb = tmp_path / "srgb.png"
    picture.save(srgb, icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())

    np.testing.assert_array_equal(read_still(path).rgb, CORNERS)
    assert np.abs(read_still(srgb).rgb.astype(int) - CORNERS).max() <= 1


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (6001, 6000)])
def test_read_still_refuses_a_bomb_by_its_header(width: int, height: int, tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(tiny_file_of(width, height))

    with pytest.raises(VideoTooLarge, match="give at most 36 megapixels"):
        read_still(path)


def test_read_still_refuses_half_a_picture(tmp_path: Path) -> None:
    whole = io.BytesIO()
    noise = np.random.default_rng(1).integers(0, 255, (90, 160, 3), np.uint8)
    Image.fromarray(noise).save(whole, "PNG")
    path = tmp_path / "half.png"
    path.write_bytes(whole.getvalue()[: len(whole.getvalue()) // 2])

    with pytest.raises(VideoDamaged, match="damaged or cut short"):
        read_still(path)


def test_read_still_refuses_a_clip_and_a_text(zoo: Zoo, tmp_path: Path) -> None:
    text = tmp_path / "still.png"
    text.write_text("<svg/>")

    with pytest.raises(NotAVideo, match="is a clip: give a still"):
        read_still(zoo.clip("h264-b-frames"))
    with pytest.raises(NotAVideo):
        read_still(text)
