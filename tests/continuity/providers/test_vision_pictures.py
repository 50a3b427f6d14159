"""Frames as a vision model is shown them."""

import hashlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from continuity.providers.base import ImageFile, InvalidRequest
from continuity.providers.vision_pictures import small_picture


def image_file(path: Path, picture: Image.Image, kind: str = "PNG") -> ImageFile:
    picture.save(path, kind)
    return ImageFile(path, hashlib.sha256(path.read_bytes()).hexdigest(), *picture.size)


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((1920, 1080), (768, 432)),
        ((1080, 1920), (432, 768)),
        ((768, 768), (768, 768)),
        ((160, 90), (160, 90)),
        ((4000, 3), (768, 1)),
    ],
)
def test_a_frame_is_shown_small_and_never_enlarged(tmp_path: Path, size: tuple[int, int], shown: tuple[int, int]) -> None:
    content = small_picture(image_file(tmp_path / "a.png", Image.new("RGB", size, "teal")))

    with Image.open(BytesIO(content)) as picture:
        assert (picture.format, picture.size, picture.mode) == ("JPEG", shown, "RGB")


def test_colours_stay_what_they_are(tmp_path: Path) -> None:
    content = small_picture(image_file(tmp_path / "a.png", Image.new("RGB", (1920, 1080), (200, 80, 40))))

    with Image.open(BytesIO(content)) as picture:
        shown = picture.getpixel((300, 200))
    assert max(abs(one - other) for one, other in zip(shown, (200, 80, 40), strict=True)) <= 3


def test_metadata_does_not_go_out(tmp_path: Path) -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", "secret place")
    path = tmp_path / "a.png"
    Image.new("RGB", (64, 64)).save(path, pnginfo=info)

    content = small_picture(ImageFile(path, hashlib.sha256(path.read_bytes()).hexdigest(), 64, 64))

    assert b"secret place" in path.read_bytes()
    assert b"secret place" not in content


def test_another_picture_than_the_one_named_is_refused(tmp_path: Path) -> None:
    image = image_file(tmp_path / "a.png", Image.new("RGB", (64, 64)))
    Image.new("RGB", (64, 64), "red").save(image.path)

    with pytest.raises(InvalidRequest, match="changed since it was asked about"):
        small_picture(image)


def test_a_picture_that_is_gone_or_broken_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="no longer there"):
        small_picture(ImageFile(tmp_path / "none.png", "ab" * 32, 64, 64))

    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nand no more")
    with pytest.raises(InvalidRequest, match="cannot be read"):
        small_picture(ImageFile(broken, hashlib.sha256(broken.read_bytes()).hexdigest(), 64, 64))
