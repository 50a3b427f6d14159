"""Pictures as a vendor wants them: exactly the size of the clip that is asked for."""

import hashlib
from io import BytesIO

from PIL import Image, ImageOps

from continuity.providers.base import ImageFile, InvalidRequest


def picture_note(image: ImageFile, *, width: int, height: int) -> str | None:
    """What ``fitted_picture`` will do, as a sentence for a person; None = the file is sent as it is."""
    if (image.width, image.height) == (width, height):
        return None
    return f"The picture of {image.width}x{image.height} is scaled to fill {width}x{height}; what stands over is cut off evenly."


def fitted_picture(image: ImageFile, *, width: int, height: int) -> tuple[bytes, str]:
    """The picture's bytes at ``width`` x ``height`` pixels, and their media type.

    A picture of that size is returned byte for byte. Another is scaled (Lanczos, on sRGB values) to fill the frame, its
    overhang cut evenly from both sides, and written as 8-bit RGB PNG: models refuse or distort an input whose size is
    not the output's. InvalidRequest when the file is not the picture that was named.
    """
    content = image.path.read_bytes()
    if hashlib.sha256(content).hexdigest() != image.sha256:
        raise InvalidRequest("The picture changed since this clip was asked for: ask for the clip again.")
    with Image.open(BytesIO(content)) as picture:
        if picture.size == (width, height):
            return content, image.media_type
        fitted = ImageOps.fit(picture.convert("RGB"), (width, height), Image.Resampling.LANCZOS)
    sink = BytesIO()
    fitted.save(sink, "PNG")
    return sink.getvalue(), "image/png"
