"""System checks: what would otherwise surprise at run time is said at start, with a hint."""

import math
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def ffmpeg_is_able(**kwargs: Any) -> list[CheckMessage]:
    """The ffmpeg that imageio-ffmpeg ships is there, starts, and writes H.264."""
    from continuity.video.errors import VideoError
    from continuity.video.tool import ffmpeg_encoders

    hint = "Run make again, or set IMAGEIO_FFMPEG_EXE to an ffmpeg that has libx264."
    try:
        encoders = ffmpeg_encoders()
    except (VideoError, RuntimeError, OSError) as error:
        return [Error(f"ffmpeg cannot be started: {error}", hint=hint, id="throughline.E001")]
    if "libx264" not in encoders:
        return [Error("This ffmpeg cannot write H.264.", hint=hint, id="throughline.E001")]
    return []


@register()
def queue_retry_is_beyond_every_run(**kwargs: Any) -> list[CheckMessage]:
    """A bell may wait behind ``queue_limit + 1`` others before it runs; offered again before that, it would run twice.

    The claim protects against a double run all the same; this keeps the queue from wasting workers on it.
    """
    cluster: dict[str, Any] = settings.Q_CLUSTER
    rounds = 1 + math.ceil((cluster["queue_limit"] + 1) / cluster["workers"])
    bound = cluster["timeout"] * rounds + 10
    if cluster["retry"] > bound:
        return []
    return [
        Error(
            f"Q_CLUSTER retry is {cluster['retry']} s, but a task may wait and run for up to {bound} s.",
            hint=f"Set retry above {bound}, or a shorter timeout.",
            id="throughline.E002",
        )
    ]


@register()
def storage_is_writable(**kwargs: Any) -> list[CheckMessage]:
    """Local media and scratch folders can be made and written (S3 is asked by the first upload instead)."""
    folders = [Path(settings.SCRATCH_ROOT)] + ([] if settings.S3_BUCKET else [Path(settings.MEDIA_ROOT)])
    return [
        Error(f"{folder} cannot be written.", hint="Make it writable, or set LOCAL_DIR.", id="throughline.E003")
        for folder in folders
        if not _writable(folder)
    ]


def _writable(folder: Path) -> bool:
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    return os.access(existing, os.W_OK)
