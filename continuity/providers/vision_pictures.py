"""Pictures as a vision model is shown them: small, so that they cost what the price ceiling says."""

import hashlib
from io import BytesIO

from PIL import Image

from continuity.providers.base import ImageFile, InvalidRequest

LONGEST_SIDE = 768
"""Pixels. Light, hour, weather, mood and lens need no more; ``image_tokens`` in models.toml counts on it."""

MEDIA_TYPE = "image/jpeg"
_QUALITY = 90


def small_picture(image: ImageFile) -> bytes:
    """The picture as JPEG, 8-bit sRGB, scaled down (never up) to at most 768 px on its longer side, without metadata.

    InvalidRequest when the file is gone or is not the picture that was named.
    """
    try:
        content = image.path.read_bytes()
    except OSError as error:
        raise InvalidRequest("The picture is no longer there: measure the clip again.", billed_micros=0) from error
    if hashlib.sha256(content).hexdigest() != image.sha256:
        raise InvalidRequest("The picture changed since it was asked about: measure the clip again.", billed_micros=0)
    try:
        with Image.open(BytesIO(content)) as picture:
            small = picture.convert("RGB")
    except (OSError, Image.DecompressionBombError) as error:
        raise InvalidRequest("The picture cannot be read: measure the clip again.", billed_micros=0) from error
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=None)
    sink = BytesIO()
    small.save(sink, "JPEG", quality=_QUALITY)
    return sink.getvalue()
