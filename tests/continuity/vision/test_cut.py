import json
import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import jsonschema_rs
import numpy as np
import pytest

import continuity.vision.cut as cut_module
from continuity.enums import Aspect, Band, BridgeKind
from continuity.video.frames import sample_frames
from continuity.vision.cut import CutMeasurement, ShotPictures, gate_score, measure_cut, not_measured_of
from continuity.vision.scene_score import METRIC, SceneWeights, load_weights
from continuity.vision.style import KEYS
from tests.continuity.vision.shots import moving_shot, plain_shot
from tests.environment import ROOT
from tests.pictures import PERTURBATIONS, Picture, exposure
from tests.stand_ins.drift import Drift, drifted

REAL_CLIPS = sorted((ROOT.parent / "shared" / "footage" / "clips").glob("*.mp4"))
SCHEMA = json.loads(Path(cut_module.__file__).with_name("cut.schema.json").read_text(encoding="utf-8"))
TOLERANCE = 0.001
TRACKED_BY = {
    "darker": "exposure",
    "lighter": "exposure",
    "warmer": "temperature",
    "colder": "temperature",
    "less saturated": "saturation",
    "more saturated": "saturation",
    "less contrast": "contrast",
    "more contrast": "contrast",
    "hue forwards": "hue",
    "hue backwards": "hue",
    "gamma up": "exposure",
    "gamma down": "exposure",
    "grain": "grain",
}
"""The number of the drift that follows each series of PERTURBATIONS."""

EXACT = {"darker", "warmer", "colder", "less saturated", "hue forwards", "hue backwards"}
"""Series whose strength is in the unit of the number, and which clip little."""


def bridged_pair(change: Callable[[Picture], Picture] | None = None, *, height: int = 180) -> tuple[ShotPictures, ShotPictures]:
    """A pan, and its continuation a small step further under ``change``."""
    return moving_shot(height=height), moving_shot(height=height, start=0.304, change=change)


def validated(columns: dict, name: str, definition: str) -> None:
    jsonschema_rs.validate({**SCHEMA, "$ref": f"#/$defs/{definition}"}, columns[name])


def test_a_shot_that_goes_on_darker_and_warmer_is_measured_whole() -> None:
    measured = measure_cut(*bridged_pair(lambda picture: drifted(picture, Drift(exposure=-0.5, temperature=0.3))))

    assert (measured.metric, measured.band, measured.reason) == (METRIC, Band.MATCHES, None)
    assert measured.bridge.kind == BridgeKind.BRIDGED
    assert {cause.cause: cause.amount for cause in measured.drift.causes} == pytest.approx(
        {"exposure": -0.5, "temperature": 0.3}, abs=0.06
    )
    assert [finding.code for finding in measured.findings] == [
        "band",
        "without-grain",
        "bridged",
        "drift-exposure",
        "drift-temperature",
        "grade-step",
    ]


def test_parts_add_up_to_the_score() -> None:
    measured = measure_cut(moving_shot(), moving_shot(seed=5))

    assert measured.score == pytest.approx(1 / (1 + math.exp(-sum(measured.parts.values()))), abs=1e-12)


def test_another_content_is_compared_as_a_whole_shot() -> None:
    measured = measure_cut(moving_shot(), moving_shot(seed=5))

    assert measured.bridge.kind == BridgeKind.CUT
    assert not measured.drift.is_same_content


def test_what_only_a_vision_model_sees_is_listed_and_nothing_else_of_a_good_pair() -> None:
    measured = measure_cut(*bridged_pair(height=360))

    pixels = {"lighting.intensity", *(f"technical.{key}" for key in ("grainLevel", "blur"))}
    semantic = {f"{aspect}.{key}" for aspect, keys in KEYS.items() if aspect != "colour" for key in keys} - pixels
    assert set(measured.not_measured) == semantic
    assert set(measured.not_measured.values()) == {
        "No vision model looked at these two shots, and pixels alone do not tell this."
    }


def test_small_pictures_go_without_grain_and_say_so() -> None:
    measured = measure_cut(*bridged_pair(height=180))

    assert measured.parts["grain"] == 0
    assert measured.not_measured["parts.grain"].startswith("The picture is less than 360 px high")
    assert measured.not_measured["drift.grain"].startswith("One of the pictures is less than 360 px high")


@pytest.mark.parametrize("code", [0, 255])
def test_a_black_or_white_shot_has_no_score_and_no_drift_but_reasons(code: int) -> None:
    measured = measure_cut(moving_shot(), plain_shot(code))

    assert (measured.score, measured.band, measured.drift, measured.gate_score, dict(measured.parts)) == (
        None,
        None,
        None,
        None,
        {},
    )
    assert measured.reason == "The right shot cannot be compared, because its frames are all of one flat colour."
    assert (measured.bridge.kind, "bridge" in measured.not_measured) == (None, True)
    assert measured.not_measured["drift"] == (
        "The shot after the cut is black or white from beginning to end, and has no grade to compare."
    )


def test_a_shot_that_begins_on_black_is_compared_by_its_other_frames() -> None:
    right = moving_shot(start=0.3)
    measured = measure_cut(moving_shot(), replace(right, first=np.zeros_like(right.first)))

    assert (measured.bridge.kind, measured.drift.is_same_content) == (None, False)
    assert measured.band == Band.MATCHES


def test_two_transfer_curves_are_not_compared() -> None:
    measured = measure_cut(moving_shot(), moving_shot(start=0.3, curve="PQ"))

    reason = (
        "The two shots have two transfer curves (SDR and PQ), so that their code values do not mean the same light: bring "
        "both to one curve first."
    )
    assert (measured.score, measured.drift, measured.reason, measured.not_measured["drift"]) == (None, None, reason, reason)


def test_two_hdr_shots_are_measured_as_decoded_and_say_so() -> None:
    measured = measure_cut(moving_shot(curve="HLG"), moving_shot(start=0.304, curve="HLG"))

    assert measured.score is not None
    assert measured.drift is not None
    assert measured.not_measured["toneMapping"] == (
        "Of these shots one at least is HDR (HLG): pictures are measured as decoded, not tone-mapped."
    )


def test_aspects_that_were_asked_to_differ_are_measured_listed_and_left_out_of_the_gate() -> None:
    left, right = moving_shot(), moving_shot(seed=5, change=lambda picture: exposure(picture, -1))
    plain = measure_cut(left, right)

    wished = measure_cut(left, right, differs=[Aspect.COLOUR, Aspect.ATMOSPHERE])

    assert (wished.score, wished.parts) == (plain.score, plain.parts)
    kept = sum(logit for part, logit in plain.parts.items() if part != "colour")
    assert (plain.gate_score, wished.gate_score) == pytest.approx((plain.score, 1 / (1 + math.exp(-kept))))
    listed = {key for key, reason in wished.not_measured.items() if reason == "You asked for this to differ."}
    assert listed == {"parts.colour", "tone", "atmosphere"}


@pytest.mark.parametrize(
    ("differs", "left"),
    [((), -1.5), (("colour",), 0.5), (("technical",), 0.0), (("colour", "technical"), 2.0), (("lighting",), -1.5)],
)
def test_gate_score_leaves_out_the_parts_of_those_aspects(differs: tuple[str, ...], left: float) -> None:
    parts = {"constant": 3.0, "colour": -2.0, "grain": -1.0, "texture": -0.5, "structure": -1.0}

    assert gate_score(parts, differs=differs) == pytest.approx(1 / (1 + math.exp(-left)))


def test_gate_has_no_score_where_there_is_none() -> None:
    assert gate_score({}, differs=["colour"]) is None


def test_stored_rows_and_wishes_are_told_together() -> None:
    rows = [{"key": "bridge", "reason": "Why not."}]

    assert not_measured_of(rows, differs={"technical": "own"}) == [
        ("bridge", "Why not."),
        ("parts.grain", "You asked for this to differ."),
        ("parts.texture", "You asked for this to differ."),
    ]


def test_weights_may_be_given() -> None:
    weights = SceneWeights(constant=0.0, coefficients=load_weights().coefficients, neutral=load_weights().neutral)

    assert measure_cut(*bridged_pair(), weights=weights).parts["constant"] < measure_cut(*bridged_pair()).parts["constant"]


@pytest.mark.parametrize("right", [moving_shot(start=0.304), moving_shot(seed=5), plain_shot(0)], ids=["bridged", "cut", "black"])
def test_columns_are_what_the_record_holds(right: ShotPictures) -> None:
    measured: CutMeasurement = measure_cut(moving_shot(), right)

    columns = measured.columns()

    assert [*columns] == ["score", "band", "parts", "bridge_kind", "ncc", "drift", "findings", "not_measured", "reason"]
    assert (columns["score"] is None) == (columns["reason"] is not None)
    assert json.loads(json.dumps(columns)) == columns
    definitions = {"parts": "parts", "drift": "drift", "findings": "findings", "not_measured": "notMeasured"}
    for name, definition in definitions.items():
        validated(columns, name, definition)


def test_measuring_twice_gives_the_same() -> None:
    left, right = bridged_pair()

    assert measure_cut(left, right).as_json() == measure_cut(left, right).as_json()


def two_views(shot: str | Path) -> tuple[ShotPictures, ShotPictures]:
    """Two shots of one content: every second sample of a clip and those in between, the second shot beginning with the frame
    after the first one's last; or a drawn pan. So the perturbation is all that differs, and not what happens in the clip."""
    if not isinstance(shot, Path):
        return bridged_pair(height=360)
    positions = [0, *(0.05 + 0.1 * place for place in range(10)), 0.5, 0.51, 1]
    first, *samples, last, following, end = [frame.rgb for frame in sample_frames(shot, positions)]
    return (
        ShotPictures(samples=tuple(samples[::2]), first=first, last=last, frame_count=48, fps=24.0),
        ShotPictures(samples=tuple(samples[1::2]), first=following, last=end, frame_count=48, fps=24.0),
    )


def changed(shot: ShotPictures, change: Callable[[Picture], Picture]) -> ShotPictures:
    return replace(shot, samples=tuple(map(change, shot.samples)), first=change(shot.first), last=change(shot.last))


def series(shot: str | Path, name: str) -> list[tuple[float, float, float]]:
    """(strength, score, the number that tracks it) of the second view under a perturbation of rising strength, none first.

    By hand: ``python -c "from tests.continuity.vision.test_cut import *; print(series(REAL_CLIPS[3], 'warmer'))"``
    """
    view, other_view = two_views(shot)
    change, strengths = PERTURBATIONS[name]
    rows = []
    for strength in (0.0, *strengths):
        other = changed(other_view, lambda picture, strength=strength: change(picture, strength)) if strength else other_view
        measured = measure_cut(view, other)
        rows.append((strength, measured.score, getattr(measured.drift, TRACKED_BY[name])))
    return rows


def assert_tracked(name: str, rows: list[tuple[float, float, float]]) -> None:
    """The score never rises; the number grows with the strength, and where the two have one unit it is the strength."""
    _, scores, numbers = zip(*rows, strict=True)
    assert all(after <= before + TOLERANCE for before, after in pairwise(scores)), rows
    steps = [abs(number - numbers[0]) for number in numbers]
    assert all(after > before for before, after in pairwise(steps)), rows
    if name in EXACT:
        assert [number - numbers[0] for number in numbers] == pytest.approx(
            [strength for strength, *_ in rows], rel=0.3, abs=0.03
        )


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_score_and_drift_follow_the_strength_of_a_change(name: str) -> None:
    assert_tracked(name, series("drawn", name))


@pytest.mark.soak
@pytest.mark.parametrize("shot", ["drawn", *REAL_CLIPS[::2]], ids=lambda shot: Path(shot).stem)
def test_score_and_drift_of_shots_at_hand_follow_the_strength_of_a_change(shot: str | Path) -> None:
    failures = []
    for name in PERTURBATIONS:
        rows = series(shot, name)
        told = "  ".join(f"{strength:+g}: {score:.4f} {number:+.2f}" for strength, score, number in rows)
        print(f"{Path(shot).stem:<10} {name:<16} {TRACKED_BY[name]:<12} {told}")  # noqa: T201
        try:
            assert_tracked(name, rows)
        except AssertionError as error:
            failures.append(f"{name}: {error}")
    assert failures == []
