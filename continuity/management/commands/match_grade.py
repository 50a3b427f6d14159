"""``manage.py match_grade --previous A.mp4 --clip B.mp4 --cube OUT.cube``: the grade that brings a clip to the shot before it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from continuity.management.base import BAD_INPUT, FileCommand
from continuity.video.containers import shown_name
from continuity.video.errors import VideoError
from continuity.video.frames import first_frame, last_frame
from continuity.video.grade import apply_lut, require_standard_range
from continuity.video.probe import probe
from continuity.video.whole_file import whole_file
from continuity.vision.cube import cube_text
from continuity.vision.errors import VisionError
from continuity.vision.match import Match, match_pictures

REFUSED = 3
NOTHING_WRITTEN = "Nothing is encoded again and no file is written."


class Command(FileCommand):
    help = "Fits a grade on the cut between two shots that share content there, and writes it as a .cube, and a graded clip."
    refusals = (VideoError, VisionError)
    refusal: str | None = None

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--previous", type=Path, required=True, metavar="A", help="the shot before: its last frame counts")
        parser.add_argument("--clip", type=Path, required=True, metavar="B", help="the shot to grade: its first frame counts")
        parser.add_argument("--cube", type=Path, required=True, metavar="CUBE", help="where to write the 33³ .cube")
        parser.add_argument("--out", type=Path, metavar="MP4", help="where to write the graded clip")

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if self.refusal:
            raise CommandError(self.refusal, returncode=REFUSED)

    def report(self, **options: Any) -> Mapping[str, object]:
        report, self.refusal = match_grade(options["previous"], options["clip"], cube=options["cube"], out=options["out"])
        return report

    def sentence(self, report: Mapping[str, Any]) -> str:
        if not report["applied"]:
            return "Refused." if self.refusal else str(report["reason"])
        change = f"ΔE {report['deltaEBefore']:.2f} before the grade, {report['deltaEAfter']:.2f} after"
        held = f" {report['reason']}" if report["reason"] else ""
        return f"{change} (strength {report['strength']:g}, NCC {report['ncc']:.3f}).{held}"


def match_grade(previous: Path, clip: Path, *, cube: Path, out: Path | None = None) -> tuple[dict[str, Any], str | None]:
    """What ``--json`` prints, and the reason why it is refused (None = it is not).

    Writes the cube, and the graded clip where ``out`` is given, only if there is something to do and it may be done: both
    or neither. ``deltaE…`` are CIEDE2000 between the mean colours of what both frames show. Raises VideoError, VisionError,
    OSError, CommandError.
    """
    _require_other_files([cube, out] if out else [cube], inputs=[previous, clip])
    for path in (previous, clip):
        require_standard_range(probe(path), shown_name(path))
    match = match_pictures(first_frame(clip).rgb, last_frame(previous).rgb)
    if match.cube is not None:
        with whole_file(cube) as part:
            part.write_text(cube_text(match.cube, f"{clip.stem} to {previous.stem}"), encoding="utf-8")
            if out:
                apply_lut(clip, match.cube, out)
    reason = match.reason if match.applied or match.refused else f"{match.reason} {NOTHING_WRITTEN}"
    return _report(match, reason), reason if match.refused else None


def _report(match: Match, reason: str | None) -> dict[str, Any]:
    return {
        "applied": match.applied,
        "deltaEBefore": _rounded(match.delta_e_before),
        "deltaEAfter": _rounded(match.delta_e_after),
        "strength": match.strength,
        "guards": {name: _rounded(value) for name, value in match.guards.items()},
        "reason": reason,
        "ncc": _rounded(match.ncc),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _require_other_files(outputs: Sequence[Path], *, inputs: Sequence[Path]) -> None:
    """No clip is ever written over, and no two results over each other."""
    places = [path.resolve() for path in (*inputs, *outputs)]
    for number, output in enumerate(outputs, start=len(inputs)):
        if places[number] in places[:number]:
            raise CommandError(f"{output} is named twice: write to a file of its own.", returncode=BAD_INPUT)
