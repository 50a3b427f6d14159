"""Reading one still picture by Pillow, upright and in sRGB."""

import io
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from continuity.video.containers import shown_name, sniff
from continuity.video.errors import NotAVideo, VideoDamaged, VideoTooLarge
from continuity.video.tool import MAX_PIXELS


def read_rgb(path: Path) -> NDArray[np.uint8]:
    """uint8 height x width x 3 of a PNG, JPEG or WebP. Raises NotAVideo, VideoDamaged, VideoTooLarge."""
    container = sniff(path)
    if not container.is_still:
        raise NotAVideo(f"{shown_name(path)} is a clip: give a still picture (PNG, JPEG or WebP).")
    try:
        with warnings.catch_warnings(), Image.open(path, formats=[container.value.upper()]) as image:
            warnings.simplefilter("ignore")
            if image.width * image.height > MAX_PIXELS:
                raise VideoTooLarge(f"{shown_name(path)} is {image.width}x{image.height}: give at most 36 megapixels.")
            return np.array(_upright_srgb(image), dtype=np.uint8)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, Image.DecompressionBombError):
            raise VideoTooLarge(f"{shown_name(path)} is far too large: give at most 36 megapixels.") from error
        raise VideoDamaged(f"{shown_name(path)} is damaged or cut short: transfer or make it again.") from error


def _upright_srgb(image: Image.Image) -> Image.Image:
    image.load()
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I"):
        deep = np.asarray(upright, dtype=np.float64) / 257
        return Image.fromarray(np.clip(np.rint(deep), 0, 255).astype(np.uint8)).convert("RGB")
    upright = _in_srgb(upright)
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        over = upright.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", over.size, "black"), over).convert("RGB")
    return upright.convert("RGB")


def _in_srgb(image: Image.Image) -> Image.Image:
    """Through the embedded profile, where there is one that can be read; a picture without one is sRGB."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "CMYK", "L"):
        return image
    try:
        embedded = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, embedded, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return image
    return converted or image
