"""The pictures of one shot that a cut is measured by, and what they say of the clip itself: frozen, black, blown out, a copy."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from continuity.vision.scale import Picture, shrink_to_width
from continuity.vision.scene_features import ShotFeatures, shot_features

WIDTH = 192
STILL_MEAN, STILL_LARGEST, STILL_LEAST, STILL_SHARE = 1.0, 20.0, 4.0, 0.5
"""What encoding alone makes of a still picture, in code values at 192 px: 1 on average, and 20 at one place (measured: .1 and 11
at crf 30; .9 and 13 at crf 23 of a hasty encoder), in a picture of little contrast no more than half of its deviation, but 4
anyway. The quietest of 40 real shots moves by 99 somewhere."""

IDENTICAL = 0.05
NEARLY_IDENTICAL = 3.0
SHARE_OF_MOVEMENT = 0.25
"""A copy that was encoded again lies within 3 code values of its original, and far nearer than that moves by itself."""

BLACK_BELOW, WHITE_ABOVE = 16.0, 250.0
PLAIN_SHARE = 0.99


@dataclass(frozen=True, eq=False)
class ShotPictures:
    """``samples``: the frames at SCORE_POSITIONS, doubles left out, at least one; with ``first`` and ``last`` each uint8
    height x width x 3, upright, as decoded. ``frame_count`` of the whole clip; ``fps`` None = it does not say. ``curve``: "PQ"
    or "HLG" for an HDR clip, else None. ``has_alpha``: it carries transparency, which the pictures do not show.
    """

    samples: Sequence[Picture]
    first: Picture
    last: Picture
    frame_count: int
    fps: float | None = None
    curve: str | None = None
    has_alpha: bool = False

    @property
    def width(self) -> int:
        return int(self.first.shape[1])

    @property
    def height(self) -> int:
        return int(self.first.shape[0])

    @cached_property
    def features(self) -> ShotFeatures:
        """What the scene score compares. Raises NotAPicture."""
        return shot_features(self.samples)

    @cached_property
    def thumbnails(self) -> NDArray[np.float32]:
        """n x height x 192 x 3, code values: first, samples, last."""
        return np.stack([shrink_to_width(picture, WIDTH) for picture in (self.first, *self.samples, self.last)])


def is_frozen(shot: ShotPictures) -> bool:
    """Nothing moves from the first frame to the last. One frame alone is not frozen."""
    apart = np.abs(shot.thumbnails - shot.thumbnails[0])
    largest = min(STILL_LARGEST, max(STILL_SHARE * float(shot.thumbnails[0].std()), STILL_LEAST))
    return shot.frame_count > 1 and float(apart.max()) <= largest and float(apart.mean()) <= STILL_MEAN


def is_copy(shot: ShotPictures, other: ShotPictures) -> bool:
    """The two are one clip, perhaps encoded once more: they show the same at every position."""
    pictures, others = shot.thumbnails, other.thumbnails
    if pictures.shape != others.shape or shot.frame_count != other.frame_count:
        return False
    apart = float(np.abs(pictures - others).mean(axis=(1, 2, 3)).max())
    movement = float(np.abs(np.diff(pictures, axis=0)).mean(axis=(1, 2, 3)).mean())
    return apart <= IDENTICAL or apart <= min(NEARLY_IDENTICAL, SHARE_OF_MOVEMENT * movement)


def is_black(picture: Picture) -> bool:
    """Nearly every pixel is black, in every channel."""
    return float((_small(picture).max(axis=-1) < BLACK_BELOW).mean()) >= PLAIN_SHARE


def is_white(picture: Picture) -> bool:
    return blown_out(picture) >= PLAIN_SHARE


def blown_out(picture: Picture) -> float:
    """Share of the picture, 0-1, that is clipped to white."""
    return float((_small(picture).min(axis=-1) > WHITE_ABOVE).mean())


def _small(picture: Picture) -> NDArray[np.float32]:
    return shrink_to_width(picture, WIDTH)
