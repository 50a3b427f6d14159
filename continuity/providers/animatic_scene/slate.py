"""The slate: what this clip is, small at the bottom left, and nowhere near the frames that a bridge takes."""

from functools import cache

from PIL import Image, ImageDraw, ImageFont

# Frames at either end that carry no slate: burnt in there it would go through the bridge into the next shot.
CLEAR_FRAMES = 6


def has_slate(index: int, *, count: int) -> bool:
    return CLEAR_FRAMES <= index < count - CLEAR_FRAMES


def burn_slate(frame: Image.Image, text: str) -> None:
    """Write ``text`` on a darkened strip at the bottom left of ``frame`` (RGB), in place."""
    size = max(9, round(min(frame.size) / 50))
    font = _font(size)
    pad = round(size * 0.5)
    left, top, right, bottom = font.getbbox(text)
    width, height = round(right - left), round(bottom - top)
    box = (pad, frame.height - height - 3 * pad, width + 3 * pad, frame.height - pad)
    frame.paste(frame.crop(box).point(_darker), box)
    ImageDraw.Draw(frame).text((2 * pad - left, box[1] + pad - top), text, font=font, fill=(214, 214, 214))


def _darker(code: int) -> float:
    return code * 0.4


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
