"""``manage.py demo``: three shots that continue each other, one film out. The work is ``sessions_app.demo``."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from continuity.selectors import ShotProgress
from continuity.services.budgets import dollars
from continuity.services.errors import Refused
from continuity.video.errors import VideoError
from sessions_app.demo import DemoComparison, DemoCut, DemoReport, DemoShot, run_comparison, run_demo
from sessions_app.management.database import make_tables_if_there_are_none

BAR = 24
SCORE_NOTE = (
    "  The scene score compares colours, grain, texture and lines of whole shots: shots of one palette score high with or\n"
    "  without continuity. Whether the pictures at the cut go together is told by NCC, ΔE and the findings."
)


class Command(BaseCommand):
    help = "Makes a scene of three shots that continue each other, through the real queue, and one film of it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--video", type=Path, metavar="CLIP", help="shot 1 is this clip instead of a drawn one")
        parser.add_argument("--engine", default=settings.DEFAULT_MODEL, metavar="NAME", help="a model or provider: animatic, ltx")
        parser.add_argument("--no-continuity", action="store_true", help="neither look nor last frame, to see the difference")
        parser.add_argument("--compare", action="store_true", help="the same prompts with continuity and without, cut by cut")
        parser.add_argument("--out", type=Path, metavar="DIR", help="where to write; default .local/demo/<time>")
        parser.add_argument("--json", action="store_true", help="print report.json instead of the table")

    def handle(self, *args: Any, **options: Any) -> None:
        directory: Path = options["out"] or settings.LOCAL_DIR / "demo" / f"{timezone.now():%Y-%m-%d-%H%M%S}"
        if options["compare"] and options["no_continuity"]:
            raise CommandError("--compare makes both scenes: leave --no-continuity out.", returncode=2)
        make_tables_if_there_are_none()
        watch = Bars(quiet=options["json"]).show
        scene = {"owner": demo_user(), "directory": directory, "clip": options["video"], "engine": options["engine"]}
        report: DemoReport | DemoComparison
        try:
            if options["compare"]:
                report = run_comparison(**scene, watch=watch)
            else:
                report = run_demo(**scene, continuity=not options["no_continuity"], watch=watch)
        except (Refused, VideoError, OSError) as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(report.as_json() if options["json"] else "\n".join(lines_of(report)))


def demo_user() -> User:
    """The owner of demo scenes: the user ``demo``, who cannot sign in until an operator gives it a password."""
    user, made = User.objects.get_or_create(username="demo")
    if made:
        user.set_unusable_password()
        user.save()
    return user


class Bars:
    """Progress on standard error: redrawn in place on a terminal, one line per change elsewhere."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet, self._lines, self._seen = quiet, 0, {}  # type: ignore[var-annotated]

    def show(self, rows: list[ShotProgress], elapsed: float) -> None:
        if self._quiet:
            return
        if sys.stderr.isatty():
            self._redraw([line(row, elapsed) for row in rows])
        else:
            self._append(rows, elapsed)

    def _redraw(self, lines: list[str]) -> None:
        up = f"\x1b[{self._lines}A" if self._lines else ""
        sys.stderr.write(up + "".join(f"\x1b[2K{text}\n" for text in lines))
        sys.stderr.flush()
        self._lines = len(lines)

    def _append(self, rows: list[ShotProgress], elapsed: float) -> None:
        for row in rows:
            stage = (row.live_word, row.job.step if row.job else "")
            if self._seen.get(row.number) != stage:
                self._seen[row.number] = stage
                sys.stderr.write(line(row, elapsed) + "\n")
                sys.stderr.flush()


def line(row: ShotProgress, elapsed: float) -> str:
    """One shot: a bar, percent, stage, seconds since the start."""
    share = 1.0 if row.live_word == "Done" else (row.progress or 0.0)
    bar = "█" * round(share * BAR)
    return f"Shot {row.number}  {bar:░<{BAR}} {share:4.0%}  {row.live_word:<12} {row.note[:48]:<48} {elapsed:5.1f} s"


def lines_of(report: DemoReport | DemoComparison) -> Iterator[str]:
    """What a person reads; the last line is the folder."""
    if isinstance(report, DemoComparison):
        yield from comparison_lines(report)
    else:
        yield from table(report)
    yield report.directory


def table(report: DemoReport) -> Iterator[str]:
    """The shots and what was injected, the cuts, the film."""
    for shot in report.shots:
        yield from shot_lines(shot)
    for cut in report.cuts:
        yield f"Cut {cut.left}|{cut.right}  {cut.headline} ({cut.metric})"
        yield from (f"  {finding}" for finding in [*cut.findings, *([cut.reason] if cut.reason else [])])
    film = report.film
    yield f"Film     {_length(film['seconds'])} s, {film['frames']} frames; everything took {report.elapsed_seconds:g} s"


def comparison_lines(report: DemoComparison) -> Iterator[str]:
    """Both rows of cuts under each other, what the pictures say before what the score says; then the findings."""
    yield report.heading
    rows = {"continued": report.continued.cuts, "without": report.without.cuts}
    for name, cuts in rows.items():
        cells = (f"{cut.left}|{cut.right}  {_pictures(cut)}, {_score(cut)}" for cut in cuts)
        yield f"  {name:<11}" + "".join(f"{cell:<64}" for cell in cells).rstrip()
    yield SCORE_NOTE
    for name, cuts in rows.items():
        yield f"{name}:"
        yield from (f"  {finding}" for cut in cuts for finding in cut.findings)


def _pictures(cut: DemoCut) -> str:
    delta_e = "not measured" if cut.deltaE is None else f"{cut.deltaE:.1f}"
    ncc = "" if cut.ncc is None else f" (NCC {cut.ncc:.3f})"
    return f"{(cut.bridge or 'not compared').replace('-', ' ')}{ncc}, ΔE {delta_e}"


def _score(cut: DemoCut) -> str:
    return "no score" if cut.score is None else f"scene score {cut.score:.2f}"


def _length(seconds: str) -> str:
    """Rational seconds as a person reads them: "43/12" is 3.58."""
    return f"{float(Fraction(seconds)):.2f}".rstrip("0").rstrip(".")


def shot_lines(shot: DemoShot) -> list[str]:
    """What was asked for, what was added and left out, and from which frame it starts."""
    origin = f"frame {shot.started_from['index']} of shot {shot.number - 1}" if shot.started_from else "its prompt alone"
    added = "; ".join(text.strip(" ,.;") for text in shot.added) or "nothing"
    lines = [
        f"Shot {shot.number}   {_length(shot.seconds)} s, {shot.frames} frames, {shot.model}, {dollars(shot.cost_micros)}",
        f"  prompt       {shot.prompt}",
        f"  starts from  {'the clip itself' if shot.sent is None else origin}",
        f"  added        {added}",
    ]
    left_out = [skip for skip in shot.skipped if skip.get("usersWords")]
    return lines + [f"  left out     {skip['key']}: you said “{skip['usersWords']}”" for skip in left_out]
