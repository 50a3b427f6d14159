"""Shots as ``ShotPictures``, drawn, and a picture of one hue: what the tests of cuts, drift and findings measure."""

from collections.abc import Callable
from typing import Any

import numpy as np

from continuity.vision.shot import ShotPictures
from tests.pictures import Picture, street

Change = Callable[[Picture], Picture]


def moving_shot(
    *, seed: int = 2, start: float = 0.0, length: float = 0.3, height: int = 180, change: Change | None = None, **facts: Any
) -> ShotPictures:
    """A pan across a street from ``start``, as shares of the height, every frame under ``change``."""
    places = [start + length * share for share in (0, 0.1, 0.3, 0.5, 0.7, 0.9, 1)]
    frames = [street(seed=seed, height=height, shift=place) for place in places]
    first, *samples, last = [change(frame) for frame in frames] if change else frames
    return ShotPictures(samples=tuple(samples), first=first, last=last, **{"frame_count": 48, "fps": 24.0, **facts})


def still_shot(picture: Picture, **facts: Any) -> ShotPictures:
    """One picture, five times."""
    return ShotPictures(samples=(picture,) * 5, first=picture, last=picture, **{"frame_count": 48, "fps": 24.0, **facts})


def plain_shot(code: int, **facts: Any) -> ShotPictures:
    return still_shot(np.full((180, 320, 3), code, dtype=np.uint8), **facts)


def brown() -> Picture:
    """A picture of one hue: lighter and darker patches."""
    random = np.random.default_rng(4)
    light = np.kron(random.uniform(0.2, 0.9, (18, 32, 1)), np.ones((10, 10, 1)))
    return np.clip(light * [190, 130, 80] + random.normal(0, 1, (180, 320, 1)), 0, 255).astype(np.uint8)
