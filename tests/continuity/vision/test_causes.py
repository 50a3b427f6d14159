from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest

from continuity.video.frames import sample_frames
from continuity.vision.cause_fit import LEAST_PIXELS, Synthesis, residual, signature, synthesised
from continuity.vision.cause_operators import OPERATORS, Operator
from continuity.vision.causes import THRESHOLDS, Cause, name_causes, standing_pixels
from continuity.vision.look import UNITS, grid_pixels, paired_pixels
from tests.continuity.vision.shots import brown
from tests.environment import ROOT
from tests.pictures import Picture, contrast, exposure, gamma, saturation, street, temperature
from tests.stand_ins.drift import Drift, drifted
from tests.stand_ins.pictures import drawn_picture

REAL_CLIPS = sorted((ROOT.parent / "shared" / "footage" / "clips").glob("*.mp4"))
BY_NAME = {operator.name: operator for operator in OPERATORS}
SEEDS = (2, 3, 5)
SINGLE = {
    "half a stop darker": (Drift(exposure=-0.5), {"exposure": -0.5}),
    "a third of a stop brighter": (Drift(exposure=0.3), {"exposure": 0.3}),
    "warmer": (Drift(temperature=0.3), {"temperature": 0.3}),
    "cooler": (Drift(temperature=-0.2), {"temperature": -0.2}),
    "greener": (Drift(tint=0.3), {"tint": 0.3}),
    "less saturated": (Drift(saturation=-0.4), {"saturation": -0.4}),
    "flatter": (Drift(contrast=-0.25), {"contrast": -0.25}),
    "turned in hue": (Drift(hue=14), {"hue": 13}),
}
DOUBLE = {
    "darker and warmer": (Drift(exposure=-0.5, temperature=0.3), {"exposure": -0.5, "temperature": 0.3}),
    "brighter and cooler": (Drift(exposure=0.3, temperature=-0.25), {"exposure": 0.3, "temperature": -0.25}),
    "darker and less saturated": (Drift(exposure=-0.4, saturation=-0.4), {"exposure": -0.4, "saturation": -0.4}),
    "darker and turned": (Drift(exposure=-0.4, hue=-14), {"exposure": -0.4, "hue": -13}),
}


def named(reference: Picture, picture: Picture) -> dict[str, float]:
    causes, _ = name_causes(*paired_pixels(reference, picture))
    assert all(cause.unit == UNITS[cause.cause] for cause in causes)
    return {cause.cause: cause.amount for cause in causes}


def next_frame(seed: int) -> tuple[Picture, Picture]:
    """Two frames of a slow pan, each with grain of its own."""
    return street(seed=seed, height=180), street(seed=seed, height=180, shift=0.006)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("change", [*SINGLE, *DOUBLE])
def test_causes_are_named_with_their_amounts(change: str, seed: int) -> None:
    drift, expected = (SINGLE | DOUBLE)[change]
    last, first = next_frame(seed)

    found = named(last, drifted(first, drift))

    assert set(found) == set(expected)
    for cause, amount in expected.items():
        assert found[cause] == pytest.approx(amount, rel=0.25), cause


def test_a_cast_of_the_red_channel_alone_is_warmth_and_an_offset_is_exposure() -> None:
    last, first = next_frame(2)
    red = np.float32([1.1, 1, 1])

    assert set(named(last, np.clip(first * red, 0, 255).astype(np.uint8))) == {"temperature"}
    assert set(named(last, np.clip(first.astype(np.int16) + 18, 0, 255).astype(np.uint8))) == {"exposure"}
    assert set(named(last, gamma(first, 0.35))) == {"exposure"}


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_named_where_nothing_changed(seed: int) -> None:
    assert named(*next_frame(seed)) == {}


@pytest.mark.parametrize(
    ("cause", "change"),
    [
        ("exposure", lambda picture: exposure(picture, 0.9 * THRESHOLDS["exposure"])),
        ("temperature", lambda picture: temperature(picture, 0.8 * THRESHOLDS["temperature"])),
        ("saturation", lambda picture: saturation(picture, 0.8 * THRESHOLDS["saturation"])),
        ("contrast", lambda picture: contrast(picture, 0.8 * THRESHOLDS["contrast"])),
    ],
)
def test_a_step_below_its_threshold_is_not_named(cause: str, change) -> None:
    last, first = next_frame(3)

    assert named(last, change(first)) == {}


def test_a_change_that_no_cause_explains_is_given_none() -> None:
    """The hues of the upper half turn one way, those of the lower half the other."""
    last, first = next_frame(5)
    halves = drifted(first[:90], Drift(hue=25)), drifted(first[90:], Drift(hue=-25))

    assert named(last, np.concatenate(halves)) == {}


def test_largest_cause_by_its_threshold_comes_first() -> None:
    last, first = next_frame(2)

    assert [*named(last, drifted(first, Drift(exposure=-0.3, temperature=0.6)))] == ["temperature", "exposure"]
    assert [*named(last, drifted(first, Drift(exposure=-0.9, temperature=0.25)))] == ["exposure", "temperature"]


@pytest.mark.parametrize(
    ("drift", "expected"),
    [
        (Drift(exposure=-0.5, temperature=0.3), {"exposure", "temperature"}),
        (Drift(saturation=0.2), {"saturation"}),
        (Drift(exposure=-0.5, saturation=0.2), {"exposure", "temperature"}),
    ],
    ids=["darker and warmer", "more saturated", "darker and more saturated"],
)
def test_in_a_picture_of_one_hue_the_commoner_cause_is_named_unless_the_other_is_clear(drift: Drift, expected: set[str]) -> None:
    """Brown only: a warmer light and stronger colours differ by almost nothing."""
    assert set(named(brown(), drifted(brown(), drift))) == expected


def test_pictures_of_a_few_pixels_have_no_causes() -> None:
    few = np.full((LEAST_PIXELS - 1, 3), 0.5, dtype=np.float32)

    assert name_causes(few, few * np.float32(0.7)) == ((), {})


def test_moved_and_clipped_places_are_sorted_out_and_changed_ones_are_not() -> None:
    reference = grid_pixels(drawn_picture(640, 360))
    changed = grid_pixels(drifted(drawn_picture(640, 360), Drift(exposure=-0.3, hue=10)))
    moved = np.arange(200)
    changed[moved] = 1 - changed[moved]
    changed[300] = 1

    kept, _ = standing_pixels(reference, changed)

    places = {tuple(pixel) for pixel in kept}
    lost = [index for index in range(len(reference)) if tuple(reference[index]) not in places]
    assert 300 in lost
    assert len(set(lost) & set(moved)) > 180
    assert len(lost) < 400


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: operator.name)
def test_operator_leaves_the_picture_at_strength_nought_and_stays_in_range(operator: Operator) -> None:
    pixels = grid_pixels(street(seed=1, height=90))

    np.testing.assert_allclose(operator.apply(pixels, 0), pixels, atol=2e-3)
    for strength in (-operator.limit, operator.limit):
        changed = operator.apply(pixels, strength)
        assert (changed.shape, float(changed.min()) >= 0, float(changed.max()) <= 1) == (pixels.shape, True, True)


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: operator.name)
def test_strength_of_an_operator_is_found_again(operator: Operator) -> None:
    pixels = grid_pixels(street(seed=1, height=180))
    strength = 3 * operator.step

    fitted = Synthesis(pixels, operator.apply(pixels, strength)).refined({operator: operator.step}, rounds=6)

    assert fitted.model == {operator: pytest.approx(strength, rel=0.01)}
    assert fitted.residual < 0.02


def test_operators_apply_in_the_order_of_their_ranks() -> None:
    pixels = grid_pixels(street(seed=1, height=90))
    gain, turn = BY_NAME["linear gain"], BY_NAME["video hue"]

    both = synthesised(pixels, {turn: 20, gain: -0.5})

    np.testing.assert_array_equal(both, turn.apply(gain.apply(pixels, -0.5), 20))


def test_signature_is_blind_to_places_and_sees_colours() -> None:
    pixels = grid_pixels(street(seed=1, height=180))
    shuffled = np.random.default_rng(1).permutation(pixels)

    np.testing.assert_allclose(signature(shuffled), signature(pixels), atol=1e-6)
    assert residual(signature(pixels[:, ::-1]) - signature(pixels)) > 0.5


def test_residual_is_the_root_mean_square_in_hundredths() -> None:
    assert residual(np.array([0.03, -0.03, 0.04, 0], dtype=np.float32)) == pytest.approx(100 * np.sqrt(0.0034 / 4))


def pairs_of_frames(clips: Iterable[Path]) -> list[tuple[Picture, Picture]]:
    """Two frames next to each other of each clip, and of pans across drawn streets."""
    filmed = [sample_frames(clip, (0.5, 0.51)) for clip in clips]
    return [*((last.rgb, first.rgb) for last, first in filmed), *(next_frame(seed) for seed in range(6))]


def naming_rates(pairs: Sequence[tuple[Picture, Picture]]) -> dict[str, tuple[float, float]]:
    """Change -> (share of the pairs for which all of its causes are named, share for which these and no others are).

    By hand: ``python -c "from tests.continuity.vision.test_causes import *; print(naming_rates(pairs_of_frames(REAL_CLIPS)))"``
    """
    rates = {}
    for change, (drift, expected) in {"nothing": (Drift(), {}), **SINGLE, **DOUBLE}.items():
        found = [set(named(last, drifted(first, drift))) for last, first in pairs]
        rates[change] = (fmean(set(expected) <= names for names in found), fmean(set(expected) == names for names in found))
    return rates


@pytest.mark.soak
def test_causes_are_named_on_every_picture_at_hand() -> None:
    rates = naming_rates(pairs_of_frames(REAL_CLIPS))

    for change, (complete, exact) in rates.items():
        print(f"{change:<28} all named {complete:.2f}   and nothing else {exact:.2f}")  # noqa: T201
    assert rates["nothing"] == (1, 1)
    assert min(complete for complete, _ in rates.values()) >= 0.85
    assert fmean(exact for _, exact in rates.values()) >= 0.85


def test_a_cause_is_a_name_an_amount_and_a_unit() -> None:
    last, first = next_frame(2)

    causes, model = name_causes(*paired_pixels(last, drifted(first, Drift(exposure=-0.5))))

    assert causes == (Cause("exposure", causes[0].amount, "stop"),)
    assert {operator.cause for operator in model} == {"exposure"}
