"""``manage.py last_frame CLIP --out PNG``: the exact last frame of a clip."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from continuity.management.base import FileCommand


class Command(FileCommand):
    help = "Writes the exact last frame of a clip as a PNG and says which frame it is."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("clip", type=Path, help="the clip: MP4, MOV, WebM, MKV, MPEG-TS or GIF")
        parser.add_argument("--out", type=Path, required=True, metavar="PNG", help="where to write the picture")

    def report(self, **options: Any) -> Mapping[str, object]:
        from continuity.video.frames import last_frame

        frame = last_frame(options["clip"])
        frame.write_png(options["out"])
        return {
            "index": frame.index,
            "time": str(frame.time),
            "width": frame.width,
            "height": frame.height,
            "sha256": frame.sha256,
        }

    def sentence(self, report: Mapping[str, object]) -> str:
        size = f"{report['width']}x{report['height']}"
        return (
            f"Frame {report['index']} at {report['time']} s ({size}) is the last one; its pixels are sha256 {report['sha256']}."
        )
