import hashlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from continuity.providers.base import ImageFile, InvalidRequest
from continuity.providers.pictures import fitted_picture, picture_note


def three_stripes(path: Path, *, width: int, height: int) -> ImageFile:
    """Red, green and blue stripes side by side, each a third of the width."""
    picture = Image.new("RGB", (width, height), (0, 255, 0))
    picture.paste((255, 0, 0), (0, 0, width // 3, height))
    picture.paste((0, 0, 255), (width - width // 3, 0, width, height))
    picture.save(path)
    return ImageFile(path, hashlib.sha256(path.read_bytes()).hexdigest(), width, height)


def test_fitted_picture_of_the_right_size_is_sent_byte_for_byte(tmp_path: Path) -> None:
    image = three_stripes(tmp_path / "a.png", width=192, height=108)
    assert fitted_picture(image, width=192, height=108) == (image.path.read_bytes(), "image/png")
    assert picture_note(image, width=192, height=108) is None


def test_fitted_picture_fills_the_frame_and_cuts_both_sides_evenly(tmp_path: Path) -> None:
    image = three_stripes(tmp_path / "a.png", width=300, height=100)
    content, media_type = fitted_picture(image, width=240, height=120)
    with Image.open(BytesIO(content)) as picture:
        assert (picture.size, picture.mode, picture.format, media_type) == ((240, 120), "RGB", "PNG", "image/png")
        # 300x100 scaled by 1.2 is 360x120: 60 pixels go on each side, of stripes that are 120 wide.
        assert [picture.getpixel((x, 60)) for x in (30, 120, 210)] == [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
        # Squeezed instead, they would be 80 wide, and these two not green.
        assert [picture.getpixel((x, 60)) for x in (70, 170)] == [(0, 255, 0), (0, 255, 0)]
    assert "300x100" in (picture_note(image, width=240, height=120) or "")


def test_fitted_picture_refuses_a_file_that_changed(tmp_path: Path) -> None:
    image = three_stripes(tmp_path / "a.png", width=30, height=10)
    three_stripes(tmp_path / "a.png", width=60, height=10)
    with pytest.raises(InvalidRequest, match="changed"):
        fitted_picture(image, width=30, height=10)
