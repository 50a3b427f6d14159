"""Has the grade drifted? ΔE2000, stops, white balance, saturation, contrast, hue and grain of a picture against a reference.

Against the same content (the two frames at a bridge, a keyframe, the take before) the numbers are exact and the cause is named.
Shots of one scene with other content differ by more than a usual drift, so that there only a large step is spoken of.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import numpy as np

from continuity.vision.cause_fit import Model, synthesised
from continuity.vision.causes import ONE_HUE_FROM, THRESHOLDS, Cause, name_causes
from continuity.vision.look import (
    UNITS,
    GradeNumbers,
    grade_delta_e,
    hue_agreement,
    numbers_of_contents,
    numbers_of_pair,
    paired_pixels,
    pooled_pixels,
)
from continuity.vision.scale import Picture, shrink_to_height
from continuity.vision.texture import MEASURING_HEIGHT, grey_for_texture, noise_sigma

SAME_SCENE_SD: Mapping[str, float] = {
    "exposure": 0.97,
    "temperature": 0.52,
    "tint": 0.27,
    "saturation": 0.36,
    "contrast": 0.40,
    "hue": 11.0,
    "grain": 0.39,
}
"""How far correctly graded shots of one scene lie apart: standard deviations over 126 pairs of shots of eleven films, in the
units of the causes; that of tint over 64 pairs of three films."""

LOOKS_FROM = 2.0
"""So many of those deviations before different contents are said to look different."""

GRAIN_FLOOR = 0.3
VISIBLE_GRAIN = 0.8
_TOO_LOW = f"One of the pictures is less than {MEASURING_HEIGHT} px high, and grain is measured at {MEASURING_HEIGHT} px."
_NOWHERE = "No part of the pictures is between black and white, where grain can be read."
_ONE_HUE = "The picture has one hue only, in which a warmer light and stronger colours look alike."


@dataclass(frozen=True)
class Drift:
    """The picture relative to the reference; signs as in ``Cause``. A number that is None has its reason in ``not_measured``.

    ``delta_e``: CIEDE2000 between the mean colours. ``exposure`` in stops, ``temperature`` log2 R/B and ``tint`` log2 G/√RB of
    linear light, ``saturation`` and ``contrast`` log2, ``hue`` in degrees (up = red towards yellow), ``grain`` log2 of the noise
    at 360 px height plus 0.3. ``causes`` may be empty with a large ``delta_e``: then no single cause explains it.
    """

    delta_e: float
    exposure: float | None
    temperature: float | None
    tint: float | None
    saturation: float | None
    contrast: float | None
    hue: float | None
    grain: float | None
    causes: tuple[Cause, ...]
    is_same_content: bool
    not_measured: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For reports and columns; ``causes`` largest first."""
        numbers = {cause: _rounded(getattr(self, cause)) for cause in UNITS}
        causes = [{"cause": cause.cause, "amount": _rounded(cause.amount), "unit": cause.unit} for cause in self.causes]
        return {"deltaE": _rounded(self.delta_e), **numbers, "sameContent": self.is_same_content, "causes": causes}


def measure_drift(reference: Picture, picture: Picture, *, same_content: bool) -> Drift:
    """How ``picture`` is graded against ``reference``, each uint8 height x width x 3, sRGB. Raises NotAPicture.

    ``same_content``: the two show the same thing, up to a little movement; ``bridge_check`` tells. Otherwise as
    ``drift_between_shots``.
    """
    if not same_content:
        return drift_between_shots([reference], [picture])
    before, after = paired_pixels(reference, picture)
    numbers = numbers_of_pair(before, after)
    causes, model = name_causes(before, after)
    grain = _grain_step([reference], [picture])
    if _is_grain_a_cause(grain, reference, picture, model):
        causes = (*causes, Cause("grain", float(grain), UNITS["grain"]))
    is_ambiguous = {"temperature", "saturation"} & {cause.cause for cause in causes} and hue_agreement(before) >= ONE_HUE_FROM
    unsure = {"cause": _ONE_HUE} if is_ambiguous else {}
    return _drift(grade_delta_e(before, after), numbers, grain, _by_size(causes, THRESHOLDS), unsure, is_same_content=True)


def drift_between_shots(reference: Sequence[Picture], pictures: Sequence[Picture]) -> Drift:
    """The look of a shot against another one with other content, each by one or more frames. Raises NotAPicture.

    A cause is named from twice the deviation that shots of one scene have anyway.
    """
    before, after = pooled_pixels(reference), pooled_pixels(pictures)
    numbers = numbers_of_contents(before, after)
    grain = _grain_step(reference, pictures)
    seen = grain if _is_seen(reference, pictures) else None
    known = {**numbers.values, "grain": None if isinstance(seen, str) else seen}
    causes = [
        Cause(cause, amount, UNITS[cause])
        for cause, amount in known.items()
        if amount is not None and abs(amount) >= LOOKS_FROM * SAME_SCENE_SD[cause]
    ]
    return _drift(grade_delta_e(before, after), numbers, grain, _by_size(causes, SAME_SCENE_SD), {}, is_same_content=False)


def _drift(
    delta_e: float,
    numbers: GradeNumbers,
    grain: float | str,
    causes: tuple[Cause, ...],
    unsure: Mapping[str, str],
    *,
    is_same_content: bool,
) -> Drift:
    reasons = {**numbers.not_measured, **unsure, **({"grain": grain} if isinstance(grain, str) else {})}
    known = None if isinstance(grain, str) else grain
    return Drift(delta_e, **numbers.values, grain=known, causes=causes, is_same_content=is_same_content, not_measured=reasons)


def _by_size(causes: Sequence[Cause], scale: Mapping[str, float]) -> tuple[Cause, ...]:
    return tuple(sorted(causes, key=lambda cause: -abs(cause.amount) / scale[cause.cause]))


def _grain_step(reference: Sequence[Picture], pictures: Sequence[Picture]) -> float | str:
    """log2 of the ratio of the grain of the two (median of the frames), or the reason why it is not known."""
    sigmas = [_grain(side) for side in (reference, pictures)]
    reason = next((sigma for sigma in sigmas if isinstance(sigma, str)), None)
    if reason is not None:
        return reason
    before, after = (float(sigma) for sigma in sigmas)
    return math.log2((after + GRAIN_FLOOR) / (before + GRAIN_FLOOR))


def _grain(pictures: Sequence[Picture]) -> float | str:
    greys = [grey for picture in pictures if (grey := grey_for_texture(picture)) is not None]
    if not greys:
        return _TOO_LOW
    sigmas = [sigma for grey in greys if (sigma := noise_sigma(grey)) is not None]
    return median(sigmas) if sigmas else _NOWHERE


def _is_grain_a_cause(grain: float | str, reference: Picture, picture: Picture, model: Model) -> bool:
    """Grain that can be seen, and that the other causes do not explain: more contrast alone makes grain stronger."""
    if isinstance(grain, str) or abs(grain) < THRESHOLDS["grain"]:
        return False
    after, explained = _grain([picture]), _grain_under(reference, model)
    if isinstance(after, str) or not _is_seen([reference], [picture]):
        return False
    return explained is None or abs(math.log2((after + GRAIN_FLOOR) / (explained + GRAIN_FLOOR))) >= THRESHOLDS["grain"]


def _is_seen(reference: Sequence[Picture], pictures: Sequence[Picture]) -> bool:
    """One of the two has grain that a person sees."""
    return any(isinstance(sigma, float) and sigma >= VISIBLE_GRAIN for sigma in (_grain(reference), _grain(pictures)))


def _grain_under(reference: Picture, model: Model) -> float | None:
    """The grain that the reference would have after the operators of ``model``."""
    small = shrink_to_height(reference, MEASURING_HEIGHT)
    graded = synthesised((small / np.float32(255)).reshape(-1, 3), model).reshape(small.shape)
    grey = grey_for_texture(np.rint(graded * 255).astype(np.uint8))
    return None if grey is None else noise_sigma(grey)


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)
