import json
from dataclasses import replace

import numpy as np
import pytest

from continuity.enums import Band, BridgeKind
from continuity.vision.bridge import BridgeCheck
from continuity.vision.causes import Cause
from continuity.vision.drift import Drift
from continuity.vision.findings import Finding, findings_of, in_words, stored_findings
from continuity.vision.look import UNITS
from continuity.vision.scene_score import SceneScore
from continuity.vision.shot import ShotPictures
from tests.continuity.vision.shots import moving_shot, plain_shot, still_shot
from tests.pictures import Picture, exposure, street

NAMES = {"left": "shot 2", "right": "shot 3"}
NO_PARTS = dict.fromkeys(("constant", "colour", "grain", "texture", "structure"), 0.0)
CUT = BridgeCheck(BridgeKind.CUT, 0.1)
BRIDGED = BridgeCheck(BridgeKind.BRIDGED, 0.991)
WITH_MOTION = BridgeCheck(BridgeKind.BRIDGED_WITH_MOTION, 0.9)


def score(value: float | None = 0.9, band: Band | None = Band.MATCHES, **parts: float) -> SceneScore:
    return SceneScore(value, band, 0.0, NO_PARTS | parts, {}, "scene-score@1")


def drift(delta_e: float = 0.3, *causes: tuple[str, float], same: bool = True) -> Drift:
    named = tuple(Cause(cause, amount, UNITS[cause]) for cause, amount in causes)
    return Drift(delta_e, **dict.fromkeys(UNITS), causes=named, is_same_content=same)


def codes(left: ShotPictures, right: ShotPictures, **measured: object) -> list[str]:
    measured = {"score": score(), "bridge": CUT, "drift": drift(same=False), **measured}
    return [finding.code for finding in findings_of(left, right, **measured)]


def words(**measured: object) -> list[str]:
    measured = {"score": score(), "bridge": BRIDGED, "drift": drift(), **measured}
    return in_words(findings_of(moving_shot(), moving_shot(start=0.3), **measured), **NAMES)


def flashing(picture: Picture, code: int) -> Picture:
    return np.full_like(picture, code)


def test_a_good_bridge_is_told_in_three_lines() -> None:
    assert words() == [
        "shot 2 and shot 3 look like one scene (0.90)",
        "shot 3 begins with the picture on which shot 2 ends",
        "the grade holds from shot 2 to shot 3 (ΔE 0.3)",
    ]


def test_causes_are_told_together_in_the_language_of_film() -> None:
    told = words(drift=drift(6.0, ("exposure", -0.4), ("temperature", 0.3)))

    assert told[2:] == [
        "shot 3 is 0.4 stop darker and warmer than shot 2 at the cut",
        "the grade steps clearly from shot 2 to shot 3 (ΔE 6.0)",
    ]


@pytest.mark.parametrize(
    ("cause", "amount", "told"),
    [
        ("exposure", 1.04, "shot 3 is 1.0 stop brighter than shot 2 at the cut"),
        ("exposure", -1.46, "shot 3 is 1.5 stops darker than shot 2 at the cut"),
        ("temperature", -0.3, "shot 3 is cooler than shot 2 at the cut"),
        ("tint", 0.3, "shot 3 is greener than shot 2 at the cut"),
        ("tint", -0.3, "shot 3 is more magenta than shot 2 at the cut"),
        ("saturation", -0.3, "shot 3 is less saturated than shot 2 at the cut"),
        ("contrast", 0.3, "shot 3 is higher in contrast than shot 2 at the cut"),
        ("contrast", -0.3, "shot 3 is flatter than shot 2 at the cut"),
        ("grain", 1.2, "shot 3 is grainier than shot 2 at the cut"),
        ("hue", -12.4, "the hues of shot 3 are turned by 12° against shot 2 at the cut"),
    ],
)
def test_each_cause_has_its_word(cause: str, amount: float, told: str) -> None:
    assert words(drift=drift(0.5, (cause, amount)))[2] == told


def test_between_different_contents_a_shot_only_looks_so() -> None:
    told = words(bridge=CUT, drift=drift(20.0, ("exposure", -2.1), ("hue", 24), ("temperature", 1.2), same=False))

    assert told[1:] == [
        "shot 3 begins with another picture than shot 2 ends on",
        "shot 3 looks 2.1 stops darker and warmer than shot 2",
        "the hues of shot 3 look turned by 24° against shot 2",
    ]


def test_shots_further_apart_have_no_cut_between_them() -> None:
    findings = findings_of(
        moving_shot(), moving_shot(), score=score(), bridge=BRIDGED, drift=drift(5.0, ("exposure", -0.5), ("hue", 9.0))
    )

    told = in_words(findings, left="shot 1", right="shot 5", are_neighbours=False)

    assert [line for line in told if "at the cut" in line] == []
    assert "shot 5 is 0.5 stop darker than shot 1" in told


def test_three_causes_are_listed() -> None:
    causes = (("exposure", -0.5), ("temperature", 0.4), ("saturation", -0.3))

    assert words(drift=drift(6.0, *causes))[2] == "shot 3 is 0.5 stop darker, warmer and less saturated than shot 2 at the cut"


@pytest.mark.parametrize(
    ("delta_e", "bridge", "told"),
    [
        (0.99, BRIDGED, ["the grade holds from shot 2 to shot 3 (ΔE 1.0)"]),
        (1.0, BRIDGED, ["the grade steps a little from shot 2 to shot 3 (ΔE 1.0), and no single cause explains it"]),
        (3.0, BRIDGED, ["the grade steps clearly from shot 2 to shot 3 (ΔE 3.0), and no single cause explains it"]),
        (2.9, WITH_MOTION, []),
        (3.0, WITH_MOTION, ["the grade steps clearly from shot 2 to shot 3 (ΔE 3.0), and no single cause explains it"]),
    ],
)
def test_step_of_the_grade_is_told_from_where_movement_does_not_explain_it(
    delta_e: float, bridge: BridgeCheck, told: list[str]
) -> None:
    assert words(bridge=bridge, drift=drift(delta_e))[2:] == told


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"colour": -3.0, "grain": -1.0}, "the colours of shot 3 are others than those of shot 2, which costs the score most"),
        (
            {"structure": -3.0, "colour": -1.0},
            "lines and edges run in other directions in shot 3 than in shot 2, which costs the score most",
        ),
    ],
)
def test_the_costliest_part_of_a_bad_score_is_told(parts: dict[str, float], told: str) -> None:
    assert words(score=score(0.2, Band.JUMP, **parts))[:2] == ["shot 2 and shot 3 look like two scenes (0.20)", told]


def test_texture_and_grain_are_told_by_their_direction() -> None:
    soft, grainy = still_shot(street(seed=2, grain=0)), still_shot(street(seed=2, grain=6))

    def told(left: ShotPictures, right: ShotPictures, part: str) -> str:
        findings = findings_of(left, right, score=score(0.5, Band.CHECK, **{part: -2.0}), bridge=CUT, drift=None)
        return next(line for line in in_words(findings, **NAMES) if "costs" in line)

    assert told(soft, grainy, "texture") == "shot 3 shows more fine detail than shot 2, which costs the score most"
    assert told(grainy, soft, "texture") == "shot 3 shows less fine detail than shot 2, which costs the score most"
    assert told(soft, grainy, "grain") == "shot 3 is grainier than shot 2, which costs the score most"
    assert told(grainy, soft, "grain") == "shot 3 is cleaner than shot 2, which costs the score most"


def test_a_score_in_doubt_asks_for_a_look() -> None:
    assert (
        words(score=score(0.5, Band.CHECK, colour=-2))[0]
        == "shot 2 and shot 3 may not look like one scene (0.50): look at the cut"
    )


def test_without_a_score_nothing_is_said_of_it() -> None:
    assert codes(moving_shot(), moving_shot(start=0.3), score=score(None, None)) == ["cut"]


def test_a_score_without_grain_says_so() -> None:
    told = words(score=replace(score(), not_measured={"grain": "too low"}))

    assert told[1] == "the score of shot 2 and shot 3 goes without grain, which could not be measured"


def test_nothing_is_said_of_what_was_not_measured() -> None:
    assert codes(moving_shot(), moving_shot(start=0.3), bridge=BridgeCheck(None, None, "why"), drift=None) == ["band"]


def test_the_same_clip_twice_is_a_copy() -> None:
    assert codes(moving_shot(), moving_shot()) == ["copy", "band", "cut"]


def test_clips_that_are_none_are_told_of_the_right_side() -> None:
    """The code of a frozen clip before the cut is another one: a gate must not reject the clip after it for that."""
    frozen = still_shot(street(seed=2, height=180))

    assert codes(moving_shot(), frozen) == ["frozen", "band", "cut"]
    assert codes(frozen, moving_shot()) == ["previous-frozen", "band", "cut"]


@pytest.mark.parametrize(
    ("right", "expected"),
    [
        (plain_shot(0), ["frozen", "black"]),
        (plain_shot(255), ["frozen", "white"]),
        (replace(moving_shot(), first=flashing(moving_shot().first, 0)), ["begins-black"]),
        (moving_shot(frame_count=3), ["few-frames"]),
        (moving_shot(frame_count=1), ["one-frame"]),
        (moving_shot(change=lambda picture: exposure(picture, 5)), ["blown-out"]),
        (moving_shot(curve="PQ"), ["hdr"]),
        (moving_shot(has_alpha=True), ["alpha"]),
    ],
)
def test_what_is_wrong_with_a_clip_is_told(right: ShotPictures, expected: list[str]) -> None:
    found = codes(moving_shot(seed=3), right)

    assert found == [*expected, "band", "cut"]


def test_a_shot_that_ends_on_black_is_told_of_the_shot_before() -> None:
    left = moving_shot()
    assert codes(replace(left, last=flashing(left.last, 3)), moving_shot(seed=3)) == ["previous-ends-black", "band", "cut"]


@pytest.mark.parametrize(
    ("right", "told"),
    [
        (moving_shot(height=90), "shot 3 is 160x90 and shot 2 320x180"),
        (moving_shot(fps=29.97), "shot 3 runs at 29.97 frames a second and shot 2 at 24"),
        (
            moving_shot(change=lambda picture: np.ascontiguousarray(picture[:, 100:200])),
            "shot 3 is upright (100x180) and shot 2 wide (320x180)",
        ),
    ],
    ids=["size", "frame rate", "orientation"],
)
def test_formats_that_differ_are_told(right: ShotPictures, told: str) -> None:
    findings = findings_of(moving_shot(), right, score=score(), bridge=CUT, drift=None)

    assert in_words(findings, **NAMES)[-1] == told


def test_rates_that_are_one_in_practice_are_not_told() -> None:
    assert codes(moving_shot(fps=24.0), moving_shot(seed=3, fps=24000 / 1001)) == ["band", "cut"]
    assert codes(moving_shot(fps=None), moving_shot(seed=3)) == ["band", "cut"]


def test_every_code_there_is_has_its_words() -> None:
    sides = {
        "one-frame": "shot 3 is a single frame",
        "few-frames": "shot 3 has only 3 frames",
        "frozen": "nothing moves in shot 3",
        "black": "shot 3 is black from beginning to end",
        "white": "shot 3 is white from beginning to end",
        "begins-black": "shot 3 begins on black",
        "ends-black": "shot 3 ends on black",
        "blown-out": "25% of shot 3 is blown out to white",
        "hdr": "shot 3 is HDR (HLG): it is measured as decoded, not tone-mapped",
        "alpha": "shot 3 carries transparency: its colours are measured without it",
    }
    amounts, details = {"few-frames": 3.0, "blown-out": 0.25}, {"hdr": {"curve": "HLG"}}
    for code, told in sides.items():
        after = Finding(code, amounts.get(code), detail=details.get(code, {}))
        before = replace(after, code=f"previous-{code}")
        assert in_words([after, before], **NAMES) == [told, told.replace("shot 3", "shot 2")]
    assert in_words([Finding("copy"), Finding("bridged-with-motion", 0.9)], **NAMES) == [
        "shot 2 and shot 3 are the same clip",
        "shot 3 goes on from the last picture of shot 2, with some movement between them",
    ]


def test_a_code_of_another_version_is_left_out() -> None:
    assert in_words([Finding("haunted"), Finding("frozen")], **NAMES) == ["nothing moves in shot 3"]


def test_findings_survive_their_json_without_the_numbers_of_shots() -> None:
    findings = findings_of(
        moving_shot(), moving_shot(height=90), score=score(), bridge=BRIDGED, drift=drift(6.0, ("exposure", -0.4), ("hue", 9.0))
    )

    rows = json.loads(json.dumps([finding.as_json() for finding in findings]))

    assert stored_findings(rows) == findings
    assert all([*row] == ["code", "amount", "unit", "isCertain", "detail"] for row in rows)
    assert "shot" not in json.dumps(rows)


def test_a_stored_row_may_be_bare() -> None:
    assert stored_findings([{"code": "frozen"}]) == (Finding("frozen"),)
