import json
import math
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import continuity.vision.scene_weights as scene_weights
from continuity.enums import Band
from continuity.video.frames import sample_frames
from continuity.vision.scene_features import TOO_LOW, ShotFeatures
from continuity.vision.scene_score import (
    METRIC,
    PARTS,
    SCORE_POSITIONS,
    SceneWeights,
    WeightsError,
    band_of,
    distances,
    load_weights,
    scene_score,
    shot_features,
)
from tests.environment import ROOT
from tests.pictures import PERTURBATIONS, Picture, street

REAL_CLIPS = sorted((ROOT.parent / "shared" / "footage" / "clips").glob("*.mp4"))
TOLERANCE = 0.001
PLAIN = SceneWeights(
    constant=4.0,
    coefficients={"histogram": -2.0, "noise": -1.0, "gradient": -0.5, "orientation": -4.0},
    neutral={"noise": 0.25},
)


def _features(
    *, colours: tuple[float, ...] = (1, 0), noise: float | None = 1.0, gradient: float = 0, edges: tuple[float, ...] = (1, 0)
) -> ShotFeatures:
    return ShotFeatures(
        histogram=np.array(colours, dtype=np.float32),
        noise=noise,
        gradients=np.full(4, gradient, dtype=np.float32),
        orientations=np.array(edges, dtype=np.float32),
        luma=np.zeros(48, dtype=np.float32),
        exposure=0.0,
        not_measured={} if noise is not None else {"grain": TOO_LOW},
    )


def test_each_distance_is_the_one_of_its_formula():
    left = _features(colours=(0.5, 0.5), noise=0.7, gradient=-1, edges=(0.36, 0.64))
    right = _features(colours=(0.5, 0.5), noise=1.7, gradient=-1.5, edges=(1, 0))

    found = distances(left, right)

    # Hellinger: √(1 - Σ√(pq)); grain: ln((.7 + .3) / (1.7 + .3)); detail: mean over the four heights.
    expected = {"histogram": 0, "noise": math.log(2), "gradient": 0.5, "orientation": math.sqrt(1 - 0.6)}
    assert found == pytest.approx(expected, abs=1e-6)


def test_grain_counts_up_to_three_times_and_no_further():
    steps = [distances(_features(noise=0.7), _features(noise=noise))["noise"] for noise in (2.7, 100)]

    assert steps == [math.log(3), math.log(3)]


def test_score_and_parts_are_those_of_the_weights():
    left, right = _features(edges=(0.36, 0.64)), _features(colours=(0, 1), gradient=1)

    result = scene_score(left, right, PLAIN)

    expected = {"constant": 4, "colour": -2, "grain": 0, "texture": -0.5, "structure": -4 * math.sqrt(0.4)}
    assert list(result.parts) == list(PARTS)
    assert result.parts == pytest.approx(expected, abs=1e-6)
    assert result.score == pytest.approx(1 / (1 + math.exp(-(1.5 - 4 * math.sqrt(0.4)))), abs=1e-6)
    assert (result.band, result.reason, dict(result.not_measured), result.metric) == (Band.JUMP, None, {}, METRIC)


@pytest.mark.parametrize(
    ("score", "band"), [(1, "matches"), (0.75, "matches"), (0.7499, "check"), (0.32, "check"), (0.3199, "jump"), (0, "jump")]
)
def test_bands_begin_where_they_say(score, band):
    assert band_of(score) == band


def test_shot_without_grain_reading_leaves_grain_out_and_says_so():
    result = scene_score(_features(noise=None), _features(noise=30), PLAIN)

    assert result.parts["grain"] == 0
    assert result.parts["constant"] == 4 - 1.0 * 0.25
    assert result.not_measured == {"grain": TOO_LOW}
    assert result.logit == sum(result.parts.values())


def test_parts_add_up_to_the_logit_exactly_in_any_order():
    random = np.random.default_rng(3)
    shots = [shot_features([street(seed=seed, height=int(random.integers(200, 500)))]) for seed in range(8)]

    results = [scene_score(left, right) for left in shots for right in shots]

    for result in results:
        assert sum(result.parts.values()) == result.logit
        assert sum(reversed(result.parts.values())) == result.logit
        assert math.fsum(result.parts.values()) == result.logit
        assert result.score == pytest.approx(1 / (1 + math.exp(-result.logit)), abs=1e-12)
    assert len({result.logit for result in results}) > 20


def test_order_of_the_shots_changes_nothing_but_the_sign_of_the_exposure():
    dark, light = shot_features([street(seed=1)]), shot_features([street(seed=2, height=200) // 2])

    forwards, backwards = scene_score(dark, light), scene_score(light, dark)

    assert (forwards.score, forwards.parts, forwards.not_measured) == (backwards.score, backwards.parts, backwards.not_measured)
    assert forwards.tone["luma"] == backwards.tone["luma"]
    assert forwards.tone["exposure"] == -backwards.tone["exposure"]


def test_shot_beside_itself_scores_the_most_there_is():
    shot = shot_features([street(seed=4)])

    result = scene_score(shot, shot)

    assert result.score == pytest.approx(1 / (1 + math.exp(-load_weights().constant)), abs=1e-4)
    assert dict(result.tone) == {"luma": 0, "exposure": 0}


def test_tone_is_shown_beside_and_not_summed():
    left = _features()
    right = replace(left, luma=np.full(48, 0.25, dtype=np.float32), exposure=1.5)

    result = scene_score(left, right, PLAIN)

    assert dict(result.tone) == {"luma": 0.25, "exposure": 1.5}
    assert result.parts == scene_score(left, left, PLAIN).parts


def test_one_pan_over_a_street_scores_above_another_street():
    here, panned, elsewhere = (
        shot_features([street(seed=1)]),
        shot_features([street(seed=1, shift=0.25)]),
        shot_features([street(seed=9)]),
    )

    near, far = scene_score(here, panned), scene_score(here, elsewhere)

    assert near.score > far.score


@pytest.mark.parametrize(("black", "side"), [((True, False), "left"), ((False, True), "right")])
def test_black_shot_has_no_score_and_the_reason_names_it(black, side):
    shots = [shot_features([np.zeros((360, 640, 3), dtype=np.uint8) if dark else street(seed=1)]) for dark in black]

    result = scene_score(*shots)

    assert (result.score, result.band, result.logit, dict(result.parts)) == (None, None, None, {})
    assert result.reason == f"The {side} shot cannot be compared, because its frames are all of one flat colour."


def test_two_shots_that_cannot_be_compared_are_both_named():
    black, strip = np.zeros((360, 640, 3), dtype=np.uint8), np.zeros((8, 640, 3), dtype=np.uint8)

    result = scene_score(shot_features([black]), shot_features([strip]))

    assert result.score is None
    assert result.reason == (
        "Neither shot can be compared: the left one because its frames are all of one flat colour, "
        "the right one because its picture is less than 27 px high or a mere strip."
    )


@cache
def _two_views(shot: str | Path) -> tuple[list[Picture], list[Picture]]:
    """Some frames of a shot and others in between: of a clip its samples in turn, else of a drawn street."""
    if isinstance(shot, Path):
        frames = [frame.rgb for frame in sample_frames(shot, SCORE_POSITIONS)]
        return frames[::2], frames[1::2]
    return [street(seed=5), street(seed=5, shift=0.04)], [street(seed=5, shift=0.02)]


def _scores_of_rising_strength(shot: str | Path, name: str) -> list[float]:
    change, strengths = PERTURBATIONS[name]
    frames, others = _two_views(shot)
    reference = shot_features(frames)
    series = [others, *([change(other, strength) for other in others] for strength in strengths)]
    return [scene_score(reference, shot_features(changed)).score for changed in series]


@pytest.mark.parametrize("name", PERTURBATIONS)
@pytest.mark.parametrize("shot", ["drawn", *REAL_CLIPS[:1]], ids=["drawn", "real"][: 1 + len(REAL_CLIPS[:1])])
def test_score_never_rises_with_the_strength_of_a_change(shot, name):
    scores = _scores_of_rising_strength(shot, name)

    assert all(after <= before + TOLERANCE for before, after in pairwise(scores)), scores
    assert scores[-1] < scores[0]


@pytest.mark.soak
@pytest.mark.parametrize("shot", ["drawn", *REAL_CLIPS], ids=lambda shot: Path(shot).stem)
def test_score_of_no_shot_at_hand_rises_with_the_strength_of_a_change(shot):
    for name in PERTURBATIONS:
        scores = _scores_of_rising_strength(shot, name)
        print(f"{Path(shot).stem:<10} {name:<16}", *(f"{score:.4f}" for score in scores))  # noqa: T201
        assert all(after <= before + TOLERANCE for before, after in pairwise(scores)), (name, scores)


def _written(tmp_path: Path, **changes: object) -> Path:
    content = json.loads(scene_weights.PACKAGED.read_text(encoding="utf-8")) | changes
    path = tmp_path / "weights.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_packaged_weights_say_where_they_come_from():
    weights = load_weights()

    assert weights.metric == METRIC == "scene-score@1"
    assert {"fitted_on", "date", "method", "held_out"} <= set(weights.provenance)
    assert all(value < 0 for value in weights.coefficients.values())


def test_weights_are_read_from_a_file(tmp_path):
    weights = load_weights(_written(tmp_path, constant=1.5))

    assert (weights.constant, weights.coefficients) == (1.5, load_weights().coefficients)


COEFFICIENTS = {"histogram": -1.0, "noise": -1.0, "gradient": -1.0, "orientation": -1.0}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"metric": "scene-score@2"}, "weights.json is for scene-score@2, and this is scene-score@1: fit it again."),
        ({"metric": None}, "weights.json holds no weights of the scene score"),
        ({"coefficients": {"histogram": -1.0}}, "one number for each of histogram, noise, gradient, orientation"),
        ({"coefficients": COEFFICIENTS | {"luma": -1.0}}, "one number for each of"),
        ({"coefficients": COEFFICIENTS | {"noise": 0.1}}, r"a weight above 0 \(noise\)"),
        ({"coefficients": COEFFICIENTS | {"noise": "much"}}, "a weight that is no number"),
        ({"coefficients": COEFFICIENTS | {"noise": True}}, "a weight that is no number"),
        ({"neutral": {}}, "under neutral one number for each of noise"),
        ({"constant": math.nan}, "a weight that is no number"),
        ({"constant": None}, "a weight that is no number"),
    ],
)
def test_broken_weights_are_refused_in_one_sentence(changes, sentence, tmp_path):
    with pytest.raises(WeightsError, match=sentence):
        load_weights(_written(tmp_path, **changes))


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_file_that_is_not_json_is_refused(content, tmp_path):
    path = tmp_path / "weights.json"
    path.write_bytes(content)

    with pytest.raises(WeightsError, match=r"weights\.json is not JSON"):
        load_weights(path)


def test_missing_weights_file_is_refused(tmp_path):
    with pytest.raises(WeightsError, match=r"none\.json cannot be read"):
        load_weights(tmp_path / "none.json")
