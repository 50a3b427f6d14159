"""``manage.py cut_report A B [C …]``: do these clips cut together, one after the other, and each with the first?"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from continuity.management.base import BAD_INPUT, FileCommand
from continuity.video.errors import VideoError
from continuity.vision.cut import CutMeasurement, ShotPictures, measure_cut
from continuity.vision.errors import VisionError
from continuity.vision.findings import in_words
from continuity.vision.scene_score import SceneWeights, load_weights

Progress = Callable[[int, int], None]
"""Told (clips measured, clips in all)."""

WORTH_A_PROGRESS = 3


@dataclass(frozen=True)
class MeasuredCut:
    """The cut between shots ``left`` and ``right`` (numbers from 1) and the two pictures at it."""

    left: int
    right: int
    measurement: CutMeasurement
    last: Any
    first: Any

    @property
    def findings(self) -> list[str]:
        """In words, "shot 1" being the first clip."""
        names = {"left": f"shot {self.left}", "right": f"shot {self.right}"}
        return in_words(self.measurement.findings, **names, are_neighbours=self.right == self.left + 1)

    @property
    def headline(self) -> str:
        """Such as "0.81 matches · bridged (NCC 0.99)"."""
        measured = self.measurement
        score = "no score" if measured.score is None or measured.band is None else f"{measured.score:.2f} {measured.band.value}"
        bridge = measured.bridge
        if bridge.kind is None or bridge.ncc is None:
            return score
        return f"{score} · {bridge.kind.value.replace('-', ' ')} (NCC {bridge.ncc:.2f})"


class Command(FileCommand):
    help = "Measures the cuts between clips in their order, and each clip against the first: score, bridge, drift, findings."
    refusals = (VideoError, VisionError)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("clips", type=Path, nargs="*", metavar="CLIP", help="two or more clips, in the order of the film")
        parser.add_argument("--sheet", type=Path, metavar="PNG", help="write a picture of all cuts")
        parser.add_argument(
            "--weights", type=Path, metavar="FILE", help="weights of the scene score instead of the packaged ones"
        )

    def report(self, **options: Any) -> Mapping[str, object]:
        clips = options["clips"]
        if len(clips) < 2:
            sentence = "A cut lies between two clips: give at least two, in the order of the film."
            raise CommandError(sentence, returncode=BAD_INPUT)
        cuts, against_first = measure_clips(clips, weights=load_weights(options["weights"]), on_progress=self._progress)
        names = shown_names(clips)
        if options["sheet"]:
            write_sheet(options["sheet"], cuts, names)
        return {
            "cuts": [report_of(cut, names) for cut in cuts],
            "againstFirst": [report_of(cut, names) for cut in against_first],
        }

    def sentence(self, report: Mapping[str, Any]) -> str:
        return "\n".join(table(report))

    def _progress(self, done: int, total: int) -> None:
        if total >= WORTH_A_PROGRESS and self.stderr.isatty():
            self.stderr.write(f"measured {done} of {total} clips")


def measure_clips(
    clips: Sequence[Path], *, weights: SceneWeights, on_progress: Progress
) -> tuple[list[MeasuredCut], list[MeasuredCut]]:
    """Every clip against the one before it, and every clip from the second on against the first; each is decoded once.

    Raises VideoError, VisionError.
    """
    from continuity.video.shot_pictures import read_shot_pictures

    cuts: list[MeasuredCut] = []
    against_first: list[MeasuredCut] = []
    first = before = read_shot_pictures(clips[0])
    on_progress(1, len(clips))
    for number, clip in enumerate(clips[1:], start=2):
        shot = read_shot_pictures(clip)
        cuts.append(_measured(before, shot, left=number - 1, right=number, weights=weights))
        against_first.append(cuts[0] if number == 2 else _measured(first, shot, left=1, right=number, weights=weights))
        before = shot
        on_progress(number, len(clips))
    return cuts, against_first


def shown_names(clips: Sequence[Path]) -> list[str]:
    """File names; with their folders as given where two clips have one name, and numbered where one clip is given twice."""
    folders = Counter(name for name, _ in {(clip.name, str(clip)) for clip in clips})
    shown = [clip.name if folders[clip.name] == 1 else str(clip) for clip in clips]
    times = Counter(shown)
    return [name if times[name] == 1 else f"{name} ({number})" for number, name in enumerate(shown, start=1)]


def report_of(cut: MeasuredCut, names: Sequence[str]) -> dict[str, Any]:
    """One entry of ``cuts`` and ``againstFirst``."""
    places = {"from": names[cut.left - 1], "fromShot": cut.left, "to": names[cut.right - 1], "toShot": cut.right}
    return {**places, **cut.measurement.as_json(), "findings": cut.findings}


def write_sheet(target: Path, cuts: Sequence[MeasuredCut], names: Sequence[str]) -> None:
    """The contact sheet of the cuts; it appears only when whole."""
    from continuity.video.contact_sheet import CutPicture, write_cut_sheet

    pictures = [
        CutPicture(
            left=cut.last,
            right=cut.first,
            left_caption=f"Shot {cut.left}, last frame: {names[cut.left - 1]}",
            right_caption=f"Shot {cut.right}, first frame: {names[cut.right - 1]}",
            headline=cut.headline,
            band=cut.measurement.band,
            lines=[*cut.findings, *([cut.measurement.reason] if cut.measurement.reason else [])],
        )
        for cut in cuts
    ]
    write_cut_sheet(target, title=f"{len(cuts)} {'cut' if len(cuts) == 1 else 'cuts'} of {len(names)} clips", cuts=pictures)


def table(report: Mapping[str, Any]) -> Iterator[str]:
    """The report for a person: every cut with what was found, each further shot against the first, what nobody measured."""
    every = set.intersection(*({(row["key"], row["reason"]) for row in cut["notMeasured"]} for cut in report["cuts"]))
    for cut in report["cuts"]:
        yield f"{cut['from']} → {cut['to']}  {_verdict(cut)}"
        yield from (f"  {line}" for line in (*cut["findings"], *_missing(cut, besides=every)))
    further = [cut for cut in report["againstFirst"] if cut["toShot"] > 2]
    if further:
        yield f"\nagainst {further[0]['from']}"
    for cut in further:
        yield f"{cut['to']}  {_verdict(cut)}"
        yield from (f"  {line}" for line in (*cut["findings"], *_missing(cut, besides=every)))
    yield "\nnot measured"
    yield from (f"  {', '.join(keys)}: {reason}" for reason, keys in _by_reason(sorted(every)).items())
    yield f"\n{report['cuts'][0]['metric']}"


def _measured(before: ShotPictures, shot: ShotPictures, *, left: int, right: int, weights: SceneWeights) -> MeasuredCut:
    return MeasuredCut(left, right, measure_cut(before, shot, weights=weights), before.last, shot.first)


def _verdict(cut: Mapping[str, Any]) -> str:
    score = "no score" if cut["score"] is None else f"{cut['score']:.2f} {cut['band']}"
    bridge = cut["bridge"]
    shown = "bridge not measured" if bridge["kind"] is None else f"{bridge['kind'].replace('-', ' ')} (NCC {bridge['ncc']:.2f})"
    step = "" if cut["drift"] is None else f", ΔE {cut['drift']['deltaE']:.1f}"
    return f"{score}, {shown}{step}"


def _missing(cut: Mapping[str, Any], *, besides: Collection[tuple[str, str]]) -> Iterator[str]:
    """Why there is no score, and what else was not measured of this cut."""
    if cut["reason"]:
        yield f"no score: {cut['reason']}"
    rows = [(row["key"], row["reason"]) for row in cut["notMeasured"]]
    own = _by_reason([row for row in rows if row not in besides and row[1] != cut["reason"]])
    yield from (f"not measured: {', '.join(keys)}: {reason}" for reason, keys in own.items())


def _by_reason(rows: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The keys that one sentence stands for."""
    reasons: dict[str, list[str]] = {}
    for key, reason in rows:
        reasons.setdefault(reason, []).append(key)
    return reasons
