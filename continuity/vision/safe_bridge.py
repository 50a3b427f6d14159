"""The safe bridge: the last frame of a shot, brought back to the look its shot was started from, as the next start image.

A model changes grade and sharpness a little between the picture it is given and the first frame it makes. Chained, that
walks away. The change is measured where it happens, between those two pictures of one content, and undone on the last frame
before it starts the next shot. ``start`` is itself such a frame, so the scene's first look is kept along the whole chain.
"""

from dataclasses import dataclass

from continuity.vision.cube import apply_cube
from continuity.vision.match import Match, match_pictures
from continuity.vision.scale import Picture
from continuity.vision.sharpness import DetailLoss, detail_lost, restore_detail

NO_DEAD_ZONE = 0.0
"""Nothing is encoded again here, so the smallest drift is worth undoing; left at each link, it would add up."""


@dataclass(frozen=True, eq=False)
class SafeFrame:
    """``picture`` to start the next shot from: the last frame itself, unchanged, where ``match`` is refused (its reason says
    why). ``detail`` is what the shot lost in sharpness."""

    picture: Picture
    match: Match
    detail: DetailLoss


def corrected_frame(last: Picture, *, start: Picture, first: Picture) -> SafeFrame:
    """``start``: the picture that the shot was started from, in the scene's look; ``first``: the first frame that came out;
    ``last``: its last frame. All uint8 RGB, ``first`` and ``last`` of one size. Raises NotAPicture."""
    match = match_pictures(first, start, dead_zone=NO_DEAD_ZONE)
    if match.cube is None:
        return SafeFrame(last, match, DetailLoss(None, reason=match.reason))
    detail = detail_lost(start, apply_cube(first, match.cube))
    return SafeFrame(restore_detail(apply_cube(last, match.cube), detail), match, detail)
