"""Whether a frame has moved visibly from what the scene's first shot would show: in colour, or in fine detail."""

import numpy as np

from continuity.vision.delta_e import cielab_of_rgb, delta_e_2000
from continuity.vision.scale import Picture, shrink_to_width
from continuity.vision.sharpness import detail_lost

SAFE_BRIDGE = "safe-bridge@1"
"""Id and version of how frames are brought back; part of the recipe of every corrected frame."""

JUST_NOTICEABLE = 1.0
"""Mean ΔE2000 between the two pictures, pixel by pixel: they show the very same thing."""
SOFTENED_BELOW = 0.85
"""Share of the fine detail (upper half of the frequencies) that is still there; one good encoding leaves more."""
WIDTH = 192


def has_drifted(rendered: Picture, scene: Picture) -> bool:
    """``scene`` is ``rendered`` brought back (``safe_bridge.corrected_frame``), of the same size. Raises NotAPicture."""
    left, right = (cielab_of_rgb(shrink_to_width(picture, WIDTH)) for picture in (rendered, scene))
    if float(delta_e_2000(left, right).mean()) >= JUST_NOTICEABLE:
        return True
    ratio = detail_lost(scene, rendered).ratio
    return ratio is not None and float(np.mean(ratio[len(ratio) // 2 :])) < SOFTENED_BELOW
