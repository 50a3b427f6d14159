"""``manage.py evaluate_scene_score SHOTS.csv PAIRS.csv``: how well the scene score tells scenes apart on labelled shots."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from continuity.management.base import FileCommand
from continuity.management.labelled_shots import Progress, progress_on, read_labelled_shots
from continuity.video.errors import VideoError
from continuity.vision.errors import VisionError
from continuity.vision.scene_evaluation import PairKind, figures, intervals, missing_figures, shares_from
from continuity.vision.scene_score import MATCHES_FROM, SceneScore, load_weights, scene_score, shot_features
from continuity.vision.spec_formula import pixel_words, spec_score

KIND_NAMES = {PairKind.SAME: "one scene", PairKind.HARD: "two scenes of one film", PairKind.CROSS: "two films"}


class Command(FileCommand):
    help = "Judges the scene score on labelled pairs of shots: ROC AUC with 95 % intervals, beside the spec's own formula."
    refusals = (VideoError, VisionError)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("shots", type=Path, help="CSV: film, shot, clip (relative to the file)")
        parser.add_argument("pairs", type=Path, help="CSV: film_a, shot_a, film_b, shot_b, same_scene (1 or 0)")
        parser.add_argument("--weights", type=Path, help="weights to judge instead of the packaged ones")

    def report(self, **options: Any) -> Mapping[str, object]:
        progress = progress_on(self.stderr)
        return evaluate(options["shots"], options["pairs"], weights_file=options["weights"], on_progress=progress)

    def sentence(self, report: Mapping[str, Any]) -> str:
        return "\n".join(table(report))


def evaluate(shots: Path, pairs: Path, *, weights_file: Path | None, on_progress: Progress) -> dict[str, Any]:
    """The report that ``--json`` prints; ``not_measured`` is in it only when a figure is null or a pair had no score.

    Raises LabelsError, WeightsError, VideoError.
    """
    weights = load_weights(weights_file)
    labelled = read_labelled_shots(shots, pairs)
    features, words = {}, {}
    for key, frames in labelled.pictures(on_progress):
        features[key], words[key] = shot_features(frames), pixel_words(frames)
    scored = [(pair, scene_score(features[pair.left], features[pair.right], weights)) for pair in labelled.pairs]
    measured = [(pair, score.score) for pair, score in scored if score.score is not None]
    kinds, scores = [pair.kind for pair, _ in measured], [score for _, score in measured]
    spec = figures([spec_score(words[pair.left], words[pair.right]) for pair, _ in measured], kinds)
    aucs = figures(scores, kinds)
    missing = missing_figures(aucs) | _unscored([score for _, score in scored])
    return {
        "metric": weights.metric,
        "pairs": len(measured),
        "auc": aucs,
        "interval": intervals(scores, kinds),
        "above_075": shares_from(scores, kinds, threshold=MATCHES_FROM),
        "spec_formula": {"auc": spec["all"], "within_film": spec["within_film"], "across_films": spec["across_films"]},
        **({"not_measured": missing} if missing else {}),
    }


def table(report: Mapping[str, Any]) -> list[str]:
    """The report for a person."""
    spec = {"all": report["spec_formula"]["auc"], **report["spec_formula"]}
    lines = [
        f"{report['metric']} on {report['pairs']} pairs",
        f"{'ROC AUC':<24}  {'score':>6}  {'95 % interval':>14}  spec's formula",
    ]
    for name, value in report["auc"].items():
        bounds = report["interval"][name]
        interval = "–" if bounds is None else f"{bounds[0]:.3f}–{bounds[1]:.3f}"
        lines.append(f"{name.replace('_', ' '):<24}  {_figure(value):>6}  {interval:>14}  {_figure(spec[name])}")
    lines.append(f"score of {MATCHES_FROM} or more")
    lines += [f"  {KIND_NAMES[kind]:<22}  {_figure(report['above_075'][kind.value]):>6}" for kind in PairKind]
    return lines + [f"not measured: {key}: {reason}" for key, reason in report.get("not_measured", {}).items()]


def _unscored(scores: Sequence[SceneScore]) -> dict[str, str]:
    reasons = [score.reason for score in scores if score.reason is not None]
    return {"pairs": f"{len(reasons)} of {len(scores)} pairs have no score and are left out: {reasons[0]}"} if reasons else {}


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
