"""The grade that brings a shot to the shot before it, fitted on the one pair of frames where both show the same content.

Only there: two shots of one scene differ by more in what they show than a model drifts, so a grade fitted on different
content makes a right shot wrong (measured: by ΔE2000 9-13). Such pairs are refused, never graded a little.

Skin and neutrals are not protected. Halving the change of chroma there was measured on 78 splits of 26 real clips: where a
cast was to be undone, skin-coloured pixels of the far frame came out ΔE 1.4 instead of .4 from the truth, and grey pictures
1.0 instead of .3: a cast must move skin and greys too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from continuity.enums import BridgeKind
from continuity.vision.bridge import BridgeCheck, bridge_check, cropped_like
from continuity.vision.colour import linear_of_oklab, linear_of_srgb, oklab_of_linear, oklab_of_rgb, srgb_of_linear
from continuity.vision.cube import CELLS, SIZE, Cube, apply_cube, identity_cube
from continuity.vision.delta_e import cielab_of_linear, delta_e_2000
from continuity.vision.scale import Picture, area_average, require_picture, shrink_to_width
from continuity.vision.transfer import Fit, Lab, Transfer, fit_transfer, mean_colour

WIDTH = 192
DEAD_ZONE = 1.0
CAP = 12.0
DARKEST, BRIGHTEST = 3, 252
LEAST_USABLE_SHARE, LEAST_USABLE = 0.05, 100

SURE_WITH_MOTION = 3.0
"""Grade ΔE from which a bridge with motion is corrected in full. Measured at NCC .85-.97 on 78 pairs of real frames up to
twelve apart: what motion alone leaves reads .3 (at most 1.9), so more than 3 is a drift, and half of its correction would
leave half of it (far frame 3.2 instead of .5); below, half is the safer bet."""

MOST_FOLDED = 0.005
MOST_EXTRA_CLIPPING = 0.005
SLOPES = (0.4, 2.5)
TONES = (16, 240)

NO_SHARED_CONTENT = "These two shots do not share content: a grade fitted from them would make it worse."


@dataclass(frozen=True, eq=False)
class Match:
    """``cube`` brings the source to the reference; None unless ``applied``. ``refused`` = it should not be done, ``reason``
    says why; neither applied nor refused = nothing needs doing.

    ``delta_e_before`` and ``_after`` are the grade ΔE2000 (between the mean colours of the shared content), None where there
    is none to compare. ``strength`` 0-1 is the share of the fitted change that the cube makes. ``guards`` are the readings
    of the cube under the names of reports: foldedCells and extraClipping (shares), neutralSlopeLow and neutralSlopeHigh.
    ``ncc`` as in ``bridge_check``.
    """

    cube: Cube | None
    delta_e_before: float | None
    delta_e_after: float | None
    strength: float
    applied: bool
    refused: bool
    reason: str | None
    ncc: float | None
    guards: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Pair:
    """Two pictures on one grid: code values n x 3, and which of the n are clipped in neither."""

    source: Picture
    reference: Picture
    usable: NDArray[np.bool_]


def match_pictures(source: Picture, reference: Picture, *, dead_zone: float = DEAD_ZONE) -> Match:
    """Brings ``source`` (first frame of a shot) to ``reference`` (last frame of the shot before it, or its keyframe).

    Both uint8 RGB of any size. Refused: pictures that do not share content (NCC below .85), a grade ΔE over 12, a cube that
    fails its guards even at a quarter of its strength. A grade ΔE below ``dead_zone`` is left alone. Raises NotAPicture.
    """
    small = [_shrunk(require_picture(picture)) for picture in (source, reference)]
    check = bridge_check(small[1], small[0])
    if check.kind in (None, BridgeKind.CUT):
        return _refusal(check, check.reason or NO_SHARED_CONTENT)
    pair = _on_one_grid(small[0], cropped_like(small[1], small[0]) if check.is_cropped else small[1])
    if pair.usable.sum() < max(LEAST_USABLE_SHARE * len(pair.usable), LEAST_USABLE):
        return _refusal(check, "Nearly all of the two frames is black or blown out: there is nothing to fit a grade to.")
    fit = fit_transfer(oklab_of_rgb(pair.source), oklab_of_rgb(pair.reference), pair.usable)
    before = _grade_delta_e(pair.source[fit.kept], pair.reference[fit.kept])
    if before > CAP:
        too_far = f"The grades are ΔE {before:.1f} apart, more than {CAP:g}: generate the shot again instead."
        return _refusal(check, too_far, before)
    if before < dead_zone:
        nothing = f"The grades are ΔE {before:.2f} apart, less than {dead_zone:g}: nothing needs doing."
        return Match(None, before, before, 0.0, applied=False, refused=False, reason=nothing, ncc=check.ncc)
    return _guarded(pair, fit, check, before)


def _guarded(pair: _Pair, fit: Fit, check: BridgeCheck, before: float) -> Match:
    """The match at the greatest strength that passes the guards: in full, at a half or a quarter of it."""
    wanted = 0.5 if check.kind is BridgeKind.BRIDGED_WITH_MOTION and before < SURE_WITH_MOTION else 1.0
    failures: list[str] = []
    for strength in (wanted, wanted / 2, wanted / 4):
        colours = _baked(fit.transfer, strength)
        cube = np.clip(colours, 0, 1)
        graded = apply_cube(pair.source[None], cube)[0]
        guards = _guards(colours, pair, graded)
        failure = _failure(guards)
        if failure is None:
            held = f"Held back to strength {strength:g}, because in full {failures[0]}." if failures else None
            after = _grade_delta_e(graded[fit.kept], pair.reference[fit.kept])
            return Match(cube, before, after, strength, True, False, held, check.ncc, guards)
        failures.append(failure)
    harm = (
        f"Even at a quarter of its strength the grade would harm the picture ({failures[-1]}): generate the shot again instead."
    )
    return Match(None, before, None, 0.0, False, True, harm, check.ncc, guards)


def _baked(transfer: Transfer, strength: float) -> NDArray[np.float32]:
    """33 x 33 x 33 x 3 code values, not yet clipped: the guards read the slopes of what clipping would flatten."""
    lattice = _lattice()
    lab = lattice + strength * (transfer(lattice) - lattice)
    return srgb_of_linear(linear_of_oklab(lab)).reshape(SIZE, SIZE, SIZE, 3)


def _guards(colours: NDArray[np.float32], pair: _Pair, graded: Picture) -> dict[str, float]:
    clipped = float(((graded == 0) | (graded == 255)).any(axis=-1).mean())
    near_before = max(float(_is_near_clipping(pixels).mean()) for pixels in (pair.source, pair.reference))
    low, high = _neutral_slopes(colours, pair.source)
    return {
        "foldedCells": _folded_cells(colours),
        "extraClipping": max(clipped - near_before, 0.0),
        "neutralSlopeLow": low,
        "neutralSlopeHigh": high,
    }


def _failure(guards: Mapping[str, float]) -> str | None:
    """What is wrong with a cube, in words; None when nothing is."""
    if guards["foldedCells"] > MOST_FOLDED:
        return f"{guards['foldedCells']:.1%} of the colours would change their order"
    if guards["extraClipping"] > MOST_EXTRA_CLIPPING:
        return f"{guards['extraClipping']:.1%} more of the picture would be clipped"
    if guards["neutralSlopeLow"] < SLOPES[0] or guards["neutralSlopeHigh"] > SLOPES[1]:
        return f"greys would be stretched {guards['neutralSlopeLow']:.2f} to {guards['neutralSlopeHigh']:.2f} times"
    return None


def _folded_cells(colours: NDArray[np.float32]) -> float:
    """Share of the cells whose colours are turned inside out: a negative determinant of the three steps to the neighbours."""
    origin = colours[:-1, :-1, :-1]
    red, green, blue = colours[1:, :-1, :-1] - origin, colours[:-1, 1:, :-1] - origin, colours[:-1, :-1, 1:] - origin
    return float((np.einsum("...i,...i", np.cross(red, green), blue) < 0).mean())


def _neutral_slopes(colours: NDArray[np.float32], source: Picture) -> tuple[float, float]:
    """How steep the grey ramp becomes in its three channels, 1 = as before: 5th and 95th percentile over the picture's tones.

    Of the picture, because elsewhere the slope is anything; and away from black and white, where undoing a crushed tone is
    steep and hardly seen.
    """
    steps = np.arange(SIZE)
    slopes = np.diff(colours[steps, steps, steps], axis=0) * CELLS
    tones = source.mean(axis=1)
    shown = tones[(tones >= TONES[0]) & (tones <= TONES[1])]
    if len(shown) == 0:
        return 1.0, 1.0
    low, high = np.quantile(slopes[(shown * (CELLS / 256)).astype(np.intp)], (0.05, 0.95))
    return float(low), float(high)


def _shrunk(picture: Picture) -> Picture:
    return np.rint(shrink_to_width(picture, WIDTH)).astype(np.uint8)


def _on_one_grid(source: Picture, reference: Picture) -> _Pair:
    height, width = np.minimum(source.shape[:2], reference.shape[:2])
    pixels = [_averaged(picture, int(height), int(width)).reshape(-1, 3) for picture in (source, reference)]
    return _Pair(pixels[0], pixels[1], ~(_is_near_clipping(pixels[0]) | _is_near_clipping(pixels[1])))


def _averaged(picture: Picture, height: int, width: int) -> Picture:
    if picture.shape[:2] == (height, width):
        return picture
    return np.rint(area_average(picture, height=height, width=width)).astype(np.uint8)


def _is_near_clipping(pixels: Picture) -> NDArray[np.bool_]:
    return np.asarray(((pixels < DARKEST) | (pixels > BRIGHTEST)).any(axis=-1))


@cache
def _lattice() -> Lab:
    """OKLab of the points of the cube, 35937 x 3."""
    return np.asarray(oklab_of_linear(linear_of_srgb(identity_cube().reshape(-1, 3))))


def _grade_delta_e(pixels: Picture, reference: Picture) -> float:
    """CIEDE2000 between the mean CIELAB colours of two lists of code values."""
    means = [mean_colour(cielab_of_linear(_linear_of_codes()[codes])) for codes in (pixels, reference)]
    return float(delta_e_2000(*means))


@cache
def _linear_of_codes() -> NDArray[np.float64]:
    """Linear light of each of the 256 code values."""
    return np.asarray(linear_of_srgb(np.arange(256) / 255))


def _refusal(check: BridgeCheck, reason: str, before: float | None = None) -> Match:
    return Match(None, before, None, 0.0, applied=False, refused=True, reason=reason, ncc=check.ncc)
