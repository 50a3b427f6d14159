"""Ten shots chained through an engine that drifts a little at every link, with the plain bridge and with the safe one."""

from dataclasses import dataclass

import numpy as np
import pytest

from continuity.models import Grade
from continuity.vision.delta_e import cielab_of_rgb, delta_e_2000
from continuity.vision.drift import measure_drift
from continuity.vision.scale import Picture
from continuity.vision.sharpness import detail_lost
from tests.drifting_scene import CLIP, LINK, Chain, chain
from tests.stand_ins.pictures import opening_pictures

pytestmark = pytest.mark.django_db
COUNT = 10
OPENINGS = opening_pictures(CLIP["width"], CLIP["height"])
"""A drawn one always, a filmed one where there is footage."""
NOT_SEEN = 0.5
"""ΔE2000 that nine encodings of the same picture may add: half of what is just noticeable."""


@dataclass(frozen=True)
class Away:
    """How far one shot's first frame is from the opening shot's. ``grade``: ΔE2000 between the grades; ``pixels``: the mean of
    the pixels' own, which also counts what encoding each link takes away; ``detail``: the share of fine detail that is left."""

    grade: float
    pixels: float
    temperature: float
    contrast: float
    detail: float


def away(opening: Picture, picture: Picture) -> Away:
    drift = measure_drift(opening, picture, same_content=True)
    pixelwise = float(delta_e_2000(cielab_of_rgb(opening), cielab_of_rgb(picture)).mean())
    ratio = detail_lost(opening, picture).ratio
    assert drift.temperature is not None
    assert drift.contrast is not None
    assert ratio is not None
    return Away(drift.delta_e, pixelwise, drift.temperature, drift.contrast, float(np.mean(ratio[len(ratio) // 2 :])))


def table(made: Chain) -> list[Away]:
    opening, *rest = made.first_pictures()
    return [away(opening, picture) for picture in rest]


def printed(name: str, rows: list[Away]) -> None:
    for number, row in enumerate(rows, start=2):
        colour = f"grade ΔE {row.grade:5.2f}  pixels ΔE {row.pixels:5.2f}  temperature {row.temperature:+.3f}"
        numbers = f"{colour}  contrast {row.contrast:+.3f}  detail {row.detail:.2f}"
        print(f"{name:<6} shot {number:>2} against shot 1: {numbers}")  # noqa: T201


@pytest.mark.parametrize("opening", OPENINGS.values(), ids=OPENINGS)
def test_the_safe_bridge_keeps_a_chain_at_the_first_links_level(owner, vendor, opening: Picture) -> None:
    plain = table(chain(owner, vendor, count=COUNT, drift=LINK, safe=False, opening=opening))
    safe = table(chain(owner, vendor, count=COUNT, drift=LINK, safe=True, opening=opening))
    printed("plain", plain)
    printed("safe", safe)

    first, last = plain[0], plain[-1]
    assert last.grade > 5 * first.grade
    assert last.detail < 0.6 * first.detail
    assert safe[-1].grade <= first.grade + NOT_SEEN
    assert abs(safe[-1].temperature) <= 1.3 * abs(first.temperature)
    assert abs(safe[-1].contrast) <= 2 * abs(first.contrast)
    assert safe[-1].detail >= 0.9 * first.detail
    assert safe[-1].pixels < last.pixels / 2
    assert not Grade.objects.filter(state="applied").exists()
