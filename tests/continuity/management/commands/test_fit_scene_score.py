import io
import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from continuity.vision.scene_score import METRIC, load_weights
from tests.labelled_films import PAIR_HEADER, write_csv


def _run(*arguments: object) -> str:
    output = io.StringIO()
    call_command("fit_scene_score", *map(str, arguments), stdout=output, stderr=io.StringIO())
    return output.getvalue()


def _report(*arguments: object) -> dict:
    return json.loads(_run(*arguments, "--json"))


def test_fit_keeps_the_signs_and_says_how_it_does_on_films_left_out(labels):
    report = _report(labels.shots, labels.pairs)

    assert list(report) == [
        "metric",
        "pairs",
        "without_score",
        "weights",
        "prior",
        "auc_in_sample",
        "leave_one_film_out",
        "reason",
    ]
    assert (report["metric"], report["pairs"], report["without_score"], report["reason"]) == (METRIC, 66, 0, None)
    assert all(value <= 0 for value in report["weights"]["coefficients"].values())
    assert report["weights"]["coefficients"] != report["prior"]["coefficients"]
    assert report["prior"] == {"constant": load_weights().constant, "coefficients": load_weights().coefficients}
    for figures in (report["auc_in_sample"], report["leave_one_film_out"]):
        assert list(figures) == ["all", "within_film", "across_films"]
        assert all(0.5 < value <= 1 for value in figures.values())


def test_weights_are_written_with_their_origin_and_read_again(labels, tmp_path):
    path = tmp_path / "own.json"

    report = _report(labels.shots, labels.pairs, "--out", path)

    weights = load_weights(path)
    assert json.loads(path.read_text(encoding="utf-8")) == report["weights"]
    assert weights.coefficients == report["weights"]["coefficients"]
    assert weights.neutral == load_weights().neutral
    assert weights.provenance["fitted_on"] == {
        "films": ["harbour", "mill", "tower"],
        "pairs": {"same": 6, "hard": 12, "cross": 48},
    }
    assert weights.provenance["date"] == datetime.now(UTC).date().isoformat()
    assert weights.provenance["leave_one_film_out"] == report["leave_one_film_out"]


def test_two_films_are_fitted_but_leave_one_film_out_is_refused(labels, tmp_path):
    pairs = labels.pairs_within({"harbour", "mill"}, tmp_path / "two.csv")

    report = _report(labels.shots, pairs)

    assert report["pairs"] == 28
    assert report["leave_one_film_out"] is None
    assert report["reason"] == (
        "Leave-one-film-out needs 3 films with pairs of one scene and pairs of two scenes of that film, and here are 2: "
        "label more films."
    )
    assert report["reason"] in _run(labels.shots, pairs)


def test_labels_of_one_class_are_refused(labels, tmp_path):
    pairs = write_csv(tmp_path / "one.csv", PAIR_HEADER, [("mill", "day1", "mill", "day2", 1)])

    with pytest.raises(CommandError, match="label both") as refused:
        _run(labels.shots, pairs, "--out", tmp_path / "own.json")

    assert refused.value.returncode == 2
    assert not (tmp_path / "own.json").exists()


def test_table_shows_fitted_and_packaged_weights(labels):
    lines = _run(labels.shots, labels.pairs).splitlines()

    fitted = _report(labels.shots, labels.pairs)["weights"]
    assert lines[0] == f"{METRIC} fitted to 66 pairs"
    assert lines[2].split() == ["constant", f"{fitted['constant']:.3f}", "9.861"]
    assert lines[3].split() == ["histogram", f"{fitted['coefficients']['histogram']:.3f}", "-11.375"]
    assert len([line for line in lines if "on films left out" in line]) == 3
