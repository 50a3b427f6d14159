from collections.abc import Callable

import numpy as np
import pytest

from continuity.vision import match as module
from continuity.vision.bridge import bridge_check
from continuity.vision.cube import apply_cube, identity_cube, require_cube
from continuity.vision.delta_e import cielab_of_rgb, delta_e_2000
from continuity.vision.errors import NotAPicture
from continuity.vision.match import Match, match_pictures
from tests.pictures import Picture, contrast, exposure, gamma, hue, saturation, street, temperature

NEXT = 0.004
"""A step of the camera between two frames, as a share of the height."""
FURTHER = 0.04
"""So far that the bridge check says motion."""
Change = Callable[[Picture], Picture]


def shot(shift: float = 0, *, height: int = 180) -> Picture:
    return street(seed=1, height=height, shift=shift)


def darker_and_warmer(picture: Picture) -> Picture:
    return temperature(exposure(picture, -0.5), 0.3)


def delta_e(picture: Picture, truth: Picture) -> float:
    return float(delta_e_2000(cielab_of_rgb(picture), cielab_of_rgb(truth)).mean())


def grade_delta_e(picture: Picture, reference: Picture) -> float:
    means = [cielab_of_rgb(one).reshape(-1, 3).mean(axis=0) for one in (picture, reference)]
    return float(delta_e_2000(*means))


def graded(match: Match, picture: Picture) -> Picture:
    assert match.cube is not None, match.reason
    return apply_cube(picture, match.cube)


@pytest.mark.parametrize(
    "change",
    [
        darker_and_warmer,
        lambda picture: exposure(picture, 0.4),
        lambda picture: temperature(picture, -0.5),
        lambda picture: contrast(picture, -0.4),
        lambda picture: gamma(gamma(picture, 0.25), 0),
        lambda picture: hue(saturation(exposure(picture, -0.3), -0.3), 12),
        lambda picture: np.rint(picture * np.array([0.92, 0.84, 0.76])).astype(np.uint8),
        lambda picture: np.clip(picture.astype(int) - 14, 0, 255).astype(np.uint8),
    ],
)
def test_a_drift_is_undone_on_a_far_frame_of_the_shot(change: Change) -> None:
    far = shot(0.3)

    match = match_pictures(change(shot(NEXT)), shot())

    assert (match.applied, match.refused, match.strength, match.reason) == (True, False, 1.0, None)
    assert delta_e(change(far), far) > 3
    assert delta_e(graded(match, change(far)), far) <= 1.0


def test_figures_are_of_the_shared_content_before_and_after() -> None:
    source, reference = darker_and_warmer(shot(NEXT)), shot()

    match = match_pictures(source, reference)

    assert match.delta_e_before == pytest.approx(grade_delta_e(source, reference), abs=0.3)
    assert match.delta_e_after == pytest.approx(grade_delta_e(graded(match, source), reference), abs=0.1)
    assert match.delta_e_after < 0.2
    assert match.ncc == pytest.approx(bridge_check(reference, source).ncc, abs=0.002)
    assert match.cube is require_cube(match.cube)


@pytest.mark.parametrize("shift", [0, NEXT, FURTHER])
def test_a_shot_that_did_not_drift_is_left_alone(shift: float) -> None:
    match = match_pictures(shot(shift), shot())

    assert (match.cube, match.applied, match.refused, match.strength, match.guards) == (None, False, False, 0.0, {})
    assert match.delta_e_before == match.delta_e_after
    assert match.delta_e_before < 0.2
    assert "nothing needs doing" in match.reason


def test_dead_zone_ends_at_a_grade_difference_of_one() -> None:
    drifts = [exposure(shot(NEXT), -stops) for stops in np.arange(0, 0.3, 0.02)]

    matches = [match_pictures(drift, shot()) for drift in drifts]

    assert [match.applied for match in matches] == [match.delta_e_before >= 1.0 for match in matches]
    assert 0 < sum(match.applied for match in matches) < len(matches)


def test_without_a_dead_zone_the_smallest_drift_is_undone() -> None:
    drift = exposure(shot(), -0.05)

    match = match_pictures(drift, shot(), dead_zone=0)

    assert match.applied
    assert delta_e(graded(match, drift), shot()) < 0.6 * delta_e(drift, shot())


def test_two_different_shots_are_refused() -> None:
    match = match_pictures(street(seed=9, height=180), shot())

    assert (match.cube, match.applied, match.refused, match.strength) == (None, False, True, 0.0)
    assert (match.delta_e_before, match.delta_e_after) == (None, None)
    assert match.reason == "These two shots do not share content: a grade fitted from them would make it worse."
    assert match.ncc < 0.85


def test_a_difference_over_the_cap_is_refused_and_named() -> None:
    match = match_pictures(exposure(shot(NEXT), -2), shot())

    assert (match.cube, match.applied, match.refused, match.strength) == (None, False, True, 0.0)
    assert match.delta_e_before > 12
    assert match.reason == (f"The grades are ΔE {match.delta_e_before:.1f} apart, more than 12: generate the shot again instead.")


@pytest.mark.parametrize("code", [0, 90, 255])
def test_a_plain_frame_is_refused_with_the_reason_of_the_bridge_check(code: int) -> None:
    match = match_pictures(np.full((90, 160, 3), code, dtype=np.uint8), shot())

    assert (match.applied, match.refused, match.ncc) == (False, True, None)
    assert "of one tone" in match.reason


def test_a_picture_that_is_nearly_all_clipped_is_refused() -> None:
    holes = np.zeros((90, 160, 3), dtype=np.uint8)
    holes[30:60, 40:120] = 255
    holes[40:42, 50:60] = 128

    match = match_pictures(holes, holes)

    assert (match.applied, match.refused) == (False, True)
    assert match.reason.startswith("Nearly all of the two frames is black or blown out")


def test_strength_with_motion_is_full_for_a_clear_drift_and_half_for_one_that_may_be_motion() -> None:
    clear, unclear = (
        match_pictures(change(shot(FURTHER)), shot()) for change in (darker_and_warmer, lambda one: exposure(one, -0.2))
    )
    bridged = match_pictures(exposure(shot(NEXT), -0.2), shot())

    assert [match.strength for match in (clear, unclear, bridged)] == [1.0, 0.5, 1.0]
    assert [0.85 <= match.ncc < 0.97 for match in (clear, unclear, bridged)] == [True, True, False]
    assert unclear.delta_e_after == pytest.approx(unclear.delta_e_before / 2, rel=0.15)


def test_what_moves_in_front_is_not_taken_for_drift() -> None:
    def with_someone(picture: Picture, left: int) -> Picture:
        peopled = picture.copy()
        peopled[60:150, left : left + 40] = [200, 60, 60]
        return peopled

    match = match_pictures(with_someone(shot(NEXT), 210), with_someone(shot(), 195))
    drifted = match_pictures(darker_and_warmer(with_someone(shot(NEXT), 210)), with_someone(shot(), 195))

    assert (match.applied, match.refused) == (False, False)
    assert delta_e(graded(drifted, darker_and_warmer(shot(0.3))), shot(0.3)) <= 1.0


def test_sizes_may_differ() -> None:
    match = match_pictures(darker_and_warmer(shot(height=90)), shot(height=360))

    assert delta_e(graded(match, darker_and_warmer(shot(0.3))), shot(0.3)) <= 1.0


def test_a_reference_of_another_shape_is_cropped_to_that_of_the_shot() -> None:
    square = np.ascontiguousarray(shot()[:, 70:250])

    alone = match_pictures(square, shot())
    drifted = match_pictures(darker_and_warmer(square), shot())

    assert (alone.applied, alone.refused) == (False, False)
    assert alone.delta_e_before < 0.02  # the same pixels, so any difference is one of place
    assert delta_e(graded(drifted, darker_and_warmer(square)), square) <= 0.5


def test_a_cube_that_would_clip_the_picture_is_held_back_and_says_so() -> None:
    vivid = saturation(street(seed=1, height=180), 1.2)

    match = match_pictures(contrast(vivid, -0.8), vivid)

    assert match.strength in (0.5, 0.25)
    assert match.applied
    assert match.reason.startswith(f"Held back to strength {match.strength:g}, because in full ")
    assert match.reason.endswith("more of the picture would be clipped.")


@pytest.mark.parametrize(
    ("limit", "value", "words"),
    [
        ("MOST_FOLDED", -1.0, "of the colours would change their order"),
        ("MOST_EXTRA_CLIPPING", -1.0, "more of the picture would be clipped"),
        ("SLOPES", (0.4, 1.0), "greys would be stretched"),
        ("SLOPES", (2.0, 2.5), "greys would be stretched"),
    ],
)
def test_a_cube_that_fails_a_guard_even_at_a_quarter_is_refused(
    limit: str, value: object, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, limit, value)

    match = match_pictures(darker_and_warmer(shot(NEXT)), shot())

    assert (match.cube, match.applied, match.refused, match.strength) == (None, False, True, 0.0)
    assert match.delta_e_before > 3
    assert words in match.reason
    assert match.reason.endswith("generate the shot again instead.")


def test_guards_are_readings_of_the_cube() -> None:
    match = match_pictures(exposure(shot(NEXT), -0.5), shot())

    assert list(match.guards) == ["foldedCells", "extraClipping", "neutralSlopeLow", "neutralSlopeHigh"]
    assert match.guards["foldedCells"] == 0
    assert match.guards["extraClipping"] <= 0.005
    assert 1 < match.guards["neutralSlopeLow"] <= match.guards["neutralSlopeHigh"] < 1.4  # brighter by half a stop


def test_a_cube_turned_inside_out_is_counted_as_folded() -> None:
    turned = identity_cube().copy()
    turned[:16] = turned[:16][::-1]  # half of the red axis runs backwards

    shares = [module._folded_cells(cube) for cube in (identity_cube(), turned)]

    assert shares[0] == 0
    assert shares[1] == pytest.approx(15 / 32, abs=0.04)


def test_array_that_is_no_picture_is_refused() -> None:
    with pytest.raises(NotAPicture):
        match_pictures(shot().astype(float), shot())
