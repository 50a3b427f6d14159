"""``manage.py fit_scene_score SHOTS.csv PAIRS.csv``: scene score weights for one's own films, near to the packaged ones."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from continuity.management.base import FileCommand
from continuity.management.labelled_shots import Progress, progress_on, read_labelled_shots
from continuity.video.errors import VideoError
from continuity.video.whole_file import whole_file
from continuity.vision.errors import VisionError
from continuity.vision.scene_evaluation import figures
from continuity.vision.scene_fit import FitError, MeasuredPair, fit, held_out_logits
from continuity.vision.scene_score import SceneWeights, distances, load_weights, shot_features

METHOD = (
    "logistic regression, ridge towards the packaged weights, no weight above 0, both classes balanced, 1/sqrt(pairs) per film"
)


class Command(FileCommand):
    help = "Fits the scene score's weights to labelled pairs of shots, and says how they do on films they have not seen."
    refusals = (VideoError, VisionError)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("shots", type=Path, help="CSV: film, shot, clip (relative to the file)")
        parser.add_argument("pairs", type=Path, help="CSV: film_a, shot_a, film_b, shot_b, same_scene (1 or 0)")
        parser.add_argument("--out", type=Path, help="write the weights here, for evaluate_scene_score --weights")

    def report(self, **options: Any) -> Mapping[str, object]:
        report = fit_report(options["shots"], options["pairs"], on_progress=progress_on(self.stderr))
        if options["out"] is not None:
            with whole_file(options["out"]) as part:
                part.write_text(json.dumps(report["weights"], indent=2) + "\n", encoding="utf-8")
        return report

    def sentence(self, report: Mapping[str, Any]) -> str:
        return "\n".join(table(report))


def fit_report(shots: Path, pairs: Path, *, on_progress: Progress) -> dict[str, Any]:
    """The report that ``--json`` prints; ``weights`` in it is the content of a weights file.

    ``auc_in_sample`` flatters; ``leave_one_film_out`` does not, and is null with the ``reason`` below three films that
    have pairs of one scene and of two. Raises LabelsError, FitError, VideoError.
    """
    prior = load_weights()
    measured, left_out = measured_pairs(shots, pairs, on_progress=on_progress)
    weights = fit(measured, prior)
    kinds = [pair.kind for pair in measured]
    held_out, reason = _held_out(measured, prior)
    in_sample = [sum(weights.parts_of(pair.distances).values()) for pair in measured]
    aucs = {"auc_in_sample": figures(in_sample, kinds), "leave_one_film_out": figures(held_out, kinds) if held_out else None}
    counted = dict(Counter(kind.value for kind in kinds))
    provenance = {
        "fitted_on": {"films": sorted({film for pair in measured for film in pair.films}), "pairs": counted},
        "date": datetime.now(UTC).date().isoformat(),
        "method": METHOD,
        **aucs,
    }
    return {
        "metric": weights.metric,
        "pairs": len(measured),
        "without_score": left_out,
        "weights": _as_file(weights, provenance),
        "prior": {"constant": prior.constant, "coefficients": dict(prior.coefficients)},
        **aucs,
        "reason": reason,
    }


def measured_pairs(shots: Path, pairs: Path, *, on_progress: Progress) -> tuple[list[MeasuredPair], int]:
    """The pairs whose shots can both be scored, and how many cannot."""
    labelled = read_labelled_shots(shots, pairs)
    features = {key: shot_features(frames) for key, frames in labelled.pictures(on_progress)}
    scorable = [pair for pair in labelled.pairs if not (features[pair.left].reason or features[pair.right].reason)]
    measured = [
        MeasuredPair((pair.left[0], pair.right[0]), pair.kind, distances(features[pair.left], features[pair.right]))
        for pair in scorable
    ]
    return measured, len(labelled.pairs) - len(scorable)


def table(report: Mapping[str, Any]) -> list[str]:
    """The report for a person."""
    weights, prior = report["weights"], report["prior"]
    lines = [f"{report['metric']} fitted to {report['pairs']} pairs", f"{'weight':<24}  {'fitted':>8}  {'packaged':>8}"]
    lines.append(f"{'constant':<24}  {weights['constant']:>8.3f}  {prior['constant']:>8.3f}")
    lines += [
        f"{term:<24}  {value:>8.3f}  {prior['coefficients'][term]:>8.3f}" for term, value in weights["coefficients"].items()
    ]
    lines += _figures("on these very pairs", report["auc_in_sample"])
    lines += _figures("on films left out", report["leave_one_film_out"]) if report["leave_one_film_out"] else [report["reason"]]
    return lines


def _held_out(pairs: Sequence[MeasuredPair], prior: SceneWeights) -> tuple[list[float] | None, str | None]:
    try:
        return held_out_logits(pairs, prior), None
    except FitError as error:
        return None, str(error)


def _as_file(weights: SceneWeights, provenance: Mapping[str, Any]) -> dict[str, Any]:
    coefficients = {term: round(value, 4) for term, value in weights.coefficients.items()}
    return {
        "metric": weights.metric,
        "constant": round(weights.constant, 4),
        "coefficients": coefficients,
        "neutral": dict(weights.neutral),
        "provenance": dict(provenance),
    }


def _figures(name: str, aucs: Mapping[str, float | None]) -> list[str]:
    return [
        f"ROC AUC {name}: {figure.replace('_', ' ')} {'–' if value is None else f'{value:.3f}'}" for figure, value in aucs.items()
    ]
