"""A chain of shots through a stand-in engine that changes grade and sharpness a little at every link, real H.264 included."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from continuity.video.frames import first_frame, last_frame
from continuity.video.tool import encode_stream
from continuity.vision.colour import linear_of_srgb
from continuity.vision.delta_e import cielab_of_rgb, delta_e_2000
from continuity.vision.safe_bridge import corrected_frame
from tests.blurring import blurred, gradient_energy
from tests.pictures import Picture, contrast, exposure, grain, saturation, street, temperature

LINKS = 10
Bridge = Callable[[Picture, Picture, Picture], Picture]
"""(last, start, first) -> the picture that the next shot starts from."""


@dataclass(frozen=True)
class Drift:
    """Of a shot's first frame against the scene's opening picture: grade ΔE2000, log2 of contrast, of red/blue and of detail."""

    delta_e: float
    contrast: float
    temperature: float
    detail: float


def drift(picture: Picture, opening: Picture) -> Drift:
    means = [cielab_of_rgb(one).reshape(-1, 3).mean(axis=0) for one in (picture, opening)]
    light = [linear_of_srgb(one / 255).reshape(-1, 3).mean(axis=0) for one in (picture, opening)]
    casts = [np.log2(one[0] / one[2]) for one in light]
    spread = [cielab_of_rgb(one)[..., 0].std() for one in (picture, opening)]
    energy = [gradient_energy(one) for one in (picture, opening)]
    return Drift(
        float(delta_e_2000(*means)),
        float(np.log2(spread[0] / spread[1])),
        float(casts[0] - casts[1]),
        float(np.log2(energy[0] / energy[1])),
    )


def engine(start: Picture, folder: Path) -> tuple[Picture, Picture]:
    """First and last frame of a shot made from ``start``: softer, more contrast, warmer, a little darker, in a real file."""
    made = temperature(exposure(contrast(blurred(start, 0.6), np.log2(1.04)), -0.03), 0.06)
    with encode_stream(folder / "shot.mp4", width=made.shape[1], height=made.shape[0], fps=24, crf=18) as sink:
        for _ in range(3):
            sink.write(made)
    return first_frame(folder / "shot.mp4").rgb, last_frame(folder / "shot.mp4").rgb


def chained(opening: Picture, folder: Path, bridge: Bridge) -> tuple[Drift, Drift]:
    """The drift of the first shot and of the tenth."""
    start, drifts = opening, []
    for _ in range(LINKS):
        first, last = engine(start, folder)
        drifts.append(drift(first, opening))
        start = bridge(last, start, first)
    return drifts[0], drifts[-1]


def plain(last: Picture, start: Picture, first: Picture) -> Picture:
    return last


def safe(last: Picture, start: Picture, first: Picture) -> Picture:
    return corrected_frame(last, start=start, first=first).picture


def test_ten_shots_stay_at_the_first_links_level_with_the_safe_bridge(tmp_path: Path) -> None:
    opening = saturation(exposure(street(seed=2, height=180, grain=0.7), 0.6), -1)

    first, walked = chained(opening, tmp_path, plain)
    _, held = chained(opening, tmp_path, safe)

    sys.stdout.write(f"\nshot 1   {first}\nplain 10 {walked}\nsafe 10  {held}\n")
    assert walked.delta_e > 5 * first.delta_e
    assert walked.temperature > 5 * first.temperature > 0
    assert held.delta_e <= first.delta_e + 0.5
    assert abs(held.temperature) <= abs(first.temperature) + 0.05
    assert abs(held.contrast) <= abs(first.contrast) + 0.05
    assert held.detail >= first.detail - 0.15
    assert held.detail > walked.detail + 0.2


def test_a_frame_is_brought_back_by_what_changed_between_start_and_first() -> None:
    start, far = street(seed=2, height=180), street(seed=2, height=180, shift=0.3)
    made, last = (temperature(exposure(blurred(one, 0.6), -0.3), 0.3) for one in (start, far))

    frame = corrected_frame(last, start=start, first=made)

    assert frame.match.applied
    assert frame.detail.most < 0.8
    assert abs(drift(frame.picture, far).temperature) < 0.1 < 0.2 < drift(last, far).temperature
    assert drift(frame.picture, far).delta_e < 0.5 < drift(last, far).delta_e
    assert drift(last, far).detail < drift(frame.picture, far).detail < 0.1


def test_a_shot_that_changed_nothing_gives_its_last_frame_back() -> None:
    start, last = street(seed=2, height=180), street(seed=2, height=180, shift=0.3)

    frame = corrected_frame(last, start=start, first=start)

    assert np.abs(frame.picture.astype(int) - last).max() <= 1
    assert not frame.match.refused


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (street(seed=9, height=180), "do not share content"),
        (exposure(street(seed=2, height=180), -2.5), "generate the shot again"),
        (np.full((180, 320, 3), 9, dtype=np.uint8), "of one tone"),
    ],
)
def test_a_refusal_passes_through_and_leaves_the_frame_alone(first: Picture, words: str) -> None:
    last = street(seed=2, height=180, shift=0.3)

    frame = corrected_frame(last, start=street(seed=2, height=180), first=first)

    assert frame.picture is last
    assert frame.match.refused
    assert words in frame.match.reason
    assert (frame.detail.ratio, frame.detail.reason) == (None, frame.match.reason)


def test_grain_of_a_model_is_not_sharpened() -> None:
    start = street(seed=2, height=180, grain=0)
    last = grain(start, 5)

    frame = corrected_frame(last, start=start, first=grain(start, 5))

    assert gradient_energy(frame.picture) <= 1.03 * gradient_energy(last)
