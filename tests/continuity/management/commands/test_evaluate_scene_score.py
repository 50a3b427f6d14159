import io
import json
from itertools import combinations

import pytest
from django.core.management import CommandError, call_command

from continuity.video.frames import sample_frames
from continuity.vision.scene_score import METRIC, SCORE_POSITIONS, scene_score, shot_features
from continuity.vision.scene_weights import PACKAGED
from tests.environment import ROOT
from tests.labelled_films import FILMS, SCENES, SHOTS, black_frames, clip_of, draw_films, write_clip

KEYS = ["metric", "pairs", "auc", "interval", "above_075", "spec_formula"]
FIGURES = ["all", "within_film", "across_films"]
FOOTAGE = ROOT.parent / "shared" / "footage"
KNOWN = {"drawn": (None, 0.825, 0.75, 0.844, 0.775)} | (
    {"real": (FOOTAGE, 0.824, 0.797, 0.992, 0.725)} if FOOTAGE.is_dir() else {}
)
"""Folder, then AUC of all pairs, within a film, across films, and of the spec's formula."""


def _run(*arguments: object) -> tuple[str, str]:
    output, errors = io.StringIO(), io.StringIO()
    call_command("evaluate_scene_score", *map(str, arguments), stdout=output, stderr=errors)
    return output.getvalue(), errors.getvalue()


def _report(*arguments: object) -> dict:
    return json.loads(_run(*arguments, "--json")[0])


def test_report_has_these_keys_and_every_figure(labels):
    report = _report(labels.shots, labels.pairs)

    assert list(report) == KEYS
    assert (report["metric"], report["pairs"]) == (METRIC, 66)
    assert [list(report[key]) for key in ("auc", "interval")] == [FIGURES, FIGURES]
    assert list(report["above_075"]) == ["same", "hard", "cross"]
    assert list(report["spec_formula"]) == ["auc", "within_film", "across_films"]
    for name in FIGURES:
        low, high = report["interval"][name]
        assert 0 < low <= report["auc"][name] <= high <= 1


def test_figures_are_those_of_the_scores_of_the_pairs(labels):
    def features(*shot):
        frames = sample_frames(labels.shots.parent / clip_of(*shot), SCORE_POSITIONS)
        return shot_features([frame.rgb for frame in frames])

    shots = {shot: features(*shot) for shot in SHOTS}
    same = [scene_score(shots[film, scene, 1], shots[film, scene, 2]).score for film in FILMS for scene in SCENES]
    others = [(one, other) for one, other in combinations(SHOTS, 2) if one[:2] != other[:2]]
    hard = [scene_score(shots[one], shots[other]).score for one, other in others if one[0] == other[0]]
    cross = [scene_score(shots[one], shots[other]).score for one, other in others if one[0] != other[0]]

    report = _report(labels.shots, labels.pairs)

    expected = {"all": [*hard, *cross], "within_film": hard, "across_films": cross}
    assert report["auc"] == {name: _auc(same, different) for name, different in expected.items()}
    assert report["above_075"] == {
        name: round(sum(score >= 0.75 for score in scores) / len(scores), 4)
        for name, scores in (("same", same), ("hard", hard), ("cross", cross))
    }
    assert len({*report["auc"].values(), *report["above_075"].values()}) == 6


def _auc(same: list[float], different: list[float]) -> float:
    wins = [(one > other) + 0.5 * (one == other) for one in same for other in different]
    return round(sum(wins) / len(wins), 4)


def test_two_runs_print_the_same(labels):
    assert _run(labels.shots, labels.pairs, "--json") == _run(labels.shots, labels.pairs, "--json")


def test_missing_kind_of_pair_is_null_with_the_reason(labels, tmp_path):
    pairs = labels.pairs_within({"mill"}, tmp_path / "mill.csv")

    report = _report(labels.shots, pairs)

    assert list(report) == [*KEYS, "not_measured"]
    assert [report[key]["across_films"] for key in ("auc", "interval", "spec_formula")] == [None, None, None]
    assert report["above_075"]["cross"] is None
    assert report["not_measured"] == {"auc.across_films": "needs pairs of one scene and pairs of two films"}
    assert report["auc"]["all"] == report["auc"]["within_film"]


def test_pair_without_a_score_is_left_out_and_counted(labels, tmp_path):
    black = write_clip(tmp_path / "black.mp4", black_frames())
    shots = labels.shots.read_text(encoding="utf-8") + f"harbour,black,none,{black},\n"
    pairs = labels.pairs.read_text(encoding="utf-8") + "harbour,black,harbour,day1,0\n"
    more_shots, more_pairs = labels.shots.with_name("more-shots.csv"), tmp_path / "more-pairs.csv"
    more_shots.write_text(shots, encoding="utf-8")
    more_pairs.write_text(pairs, encoding="utf-8")

    report = _report(more_shots, more_pairs)

    assert report["pairs"] == 66
    assert report["not_measured"] == {
        "pairs": "1 of 67 pairs have no score and are left out: The left shot cannot be compared, because its frames are "
        "all of one flat colour."
    }
    assert report["auc"] == _report(labels.shots, labels.pairs)["auc"]


def test_other_weights_give_other_figures(labels, tmp_path):
    content = json.loads(PACKAGED.read_text(encoding="utf-8"))
    path = tmp_path / "weights.json"
    path.write_text(json.dumps(content | {"constant": -50.0}), encoding="utf-8")

    report = _report(labels.shots, labels.pairs, "--weights", path)

    assert report["above_075"] == {"same": 0.0, "hard": 0.0, "cross": 0.0}
    assert _report(labels.shots, labels.pairs)["above_075"]["same"] > 0


def test_table_shows_the_figures_beside_the_spec_and_progress_goes_to_standard_error(labels):
    output, errors = _run(labels.shots, labels.pairs)

    report = _report(labels.shots, labels.pairs)
    assert f"{METRIC} on 66 pairs" in output
    assert [line.split()[:2] for line in output.splitlines()[2:3]] == [["all", f"{report['auc']['all']:.3f}"]]
    assert f"{report['spec_formula']['auc']:.3f}" in output.splitlines()[2]
    assert errors.splitlines() == ["measured 10 of 12 shots", "measured 12 of 12 shots"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.csv", "pairs.csv"], r"nowhere\.csv: No such file or directory"),
        (["shots.csv", "shots.csv"], r"shots\.csv, line 1: there is no column film_a"),
        (["shots.csv", "pairs.csv", "--weights", "shots.csv"], r"shots\.csv is not JSON"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_sentence(labels, monkeypatch, arguments, sentence):
    monkeypatch.chdir(labels.shots.parent)

    with pytest.raises(CommandError, match=sentence) as refused:
        _run(*arguments)

    assert refused.value.returncode == 2
    assert "\n" not in str(refused.value)


@pytest.mark.soak
@pytest.mark.parametrize("name", KNOWN)
def test_figures_are_the_known_ones(name, tmp_path):
    """On the drawn films, and on the real ones where they lie beside the checkout."""
    folder, *known = KNOWN[name]
    if folder is None:
        draw_films(tmp_path)

    report = _report((folder or tmp_path) / "shots.csv", (folder or tmp_path) / "pairs.csv")

    print(json.dumps(report))  # noqa: T201
    found = [*report["auc"].values(), report["spec_formula"]["auc"]]
    assert found == pytest.approx(known, abs=0.02)
