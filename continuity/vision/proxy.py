"""A proxy of the scene from another angle: its reference picture, moved, as the start image of a new shot.

It shows nothing that was not filmed. What the move uncovers is a hole: measured, told, filled softly from what lies around
it, and refused when it is more than 12 % of the picture, because a model would have to invent that.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from continuity.vision.errors import VisionError
from continuity.vision.filling import Mask, filled
from continuity.vision.parallax import Depth, Nearness, warp
from continuity.vision.scale import Picture, require_picture

PROXY = "scene-proxy@1"
"""The renderer's id@version: another version may give other bytes for the same move."""
LARGEST_HOLE_SHARE = 0.12
TURN_LIMIT, DOLLY_OUT, DOLLY_IN = 0.5, -0.25, 1.0
"""At a dolly of 1 every pixel is four: what is softer than that starts no shot."""
PARALLAX_TURN_LIMIT, PARALLAX_DOLLY_IN = 0.15, 0.5
"""What one side of a thing shows holds for a little way round it."""
SMALLEST_DEPTH_RANGE = 0.05
SAME_SHAPE = 0.02
_KERNEL_REACH = 8


class ProxyRefused(VisionError):
    """A move that this picture does not hold, or one that needs a depth that is not there."""

    code = "proxy_refused"


@dataclass(frozen=True, eq=False)
class Proxy:
    """``picture`` has the reference's size. ``hole_mask``: height x width, True where nothing was filmed and ``picture`` is
    filled; ``hole_share``: the mean of it, from 0 to 0.12."""

    picture: Picture
    hole_share: float
    hole_mask: Mask


def render_proxy(reference: Picture, *, yaw: float, pitch: float, dolly: float) -> Proxy:
    """``reference`` panned and zoomed as one flat picture: near and far move alike.

    ``yaw`` > 0 looks to the right and ``pitch`` > 0 up, by a share of the frame from -0.5 to 0.5, in whole pixels;
    ``dolly``, from -0.25 to 1, enlarges by 1 + dolly around the middle of what is looked at. Bicubic, averaging where it
    gets smaller, in sRGB code values; the same bytes every time. Raises NotAPicture, and ProxyRefused outside these
    ranges and for holes of more than 12 %.
    """
    height, width = require_picture(reference).shape[:2]
    _require_turn(yaw, pitch, limit=TURN_LIMIT)
    _require_between("dolly", dolly, DOLLY_OUT, DOLLY_IN)
    rows = _Span(height, -round(pitch * height), 1 + dolly)
    columns = _Span(width, round(yaw * width), 1 + dolly)
    share = 1 - rows.filmed.mean() * columns.filmed.mean()
    if share > LARGEST_HOLE_SHARE:
        raise ProxyRefused(f"{_too_empty(share)}: {_smaller_move(rows, columns)}.")
    holes = ~np.logical_and.outer(rows.filmed, columns.filmed)
    return Proxy(filled(_resampled(reference, rows, columns), holes), float(holes.mean()), holes)


def render_parallax(reference: Picture, depth: Depth | None, *, yaw: float, pitch: float, dolly: float) -> Proxy:
    """``reference`` as a camera sees it that steps aside: what is near moves before what is far.

    ``depth``: how near each pixel is, white (255, 65535 or 1.0) the nearest and black the farthest, height x width or with
    three equal channels, of any size and the reference's shape. ``yaw`` and ``pitch``, from -0.15 to 0.15, are the share of
    the frame by which the camera moves right and up as the nearest pixels see it; the farthest stay where they are.
    ``dolly``, from -0.25 to 0.5, enlarges the nearest by 1 + dolly. Raises NotAPicture, and ProxyRefused for a depth that
    is missing, flat or of another shape, outside these ranges and for holes of more than 12 %.
    """
    require_picture(reference)
    _require_turn(yaw, pitch, limit=PARALLAX_TURN_LIMIT)
    _require_between("dolly", dolly, DOLLY_OUT, PARALLAX_DOLLY_IN)
    nearness = _nearness(depth, shape=reference.shape[:2])
    warped = warp(reference, nearness, yaw=yaw, pitch=pitch, dolly=dolly)
    share = float(warped.holes.mean())
    if share > LARGEST_HOLE_SHARE:
        raise ProxyRefused(f"{_too_empty(share)}: move less.")
    return Proxy(filled(warped.picture, warped.holes, known=warped.background), share, warped.holes)


@dataclass(frozen=True)
class _Span:
    """One axis of the view: ``size`` pixels, of which the middle is moved by ``shift`` and which is enlarged by ``zoom``."""

    size: int
    shift: int
    zoom: float

    @property
    def start(self) -> float:
        """Where the view begins in the reference."""
        return self.size / 2 + self.shift - self.size / self.zoom / 2

    @property
    def end(self) -> float:
        return self.start + self.size / self.zoom

    @property
    def filmed(self) -> Mask:
        """Of each pixel of the view, whether its middle lies in the reference."""
        middles = self.start + (np.arange(self.size) + 0.5) / self.zoom
        return np.asarray((middles > 0) & (middles < self.size))

    @property
    def margin(self) -> int:
        return math.ceil(max(0, -self.start, self.end - self.size)) + _KERNEL_REACH


def _resampled(reference: Picture, rows: _Span, columns: _Span) -> Picture:
    """The view; beyond the reference's edge its edge goes on, so that the kernel finds no black there."""
    around = np.pad(reference, ((rows.margin, rows.margin), (columns.margin, columns.margin), (0, 0)), mode="edge")
    box = (
        columns.start + columns.margin,
        rows.start + rows.margin,
        columns.end + columns.margin,
        rows.end + rows.margin,
    )
    view = Image.fromarray(around).resize((columns.size, rows.size), Image.Resampling.BICUBIC, box=box)
    return np.array(view, dtype=np.uint8)


def _nearness(depth: Depth | None, *, shape: tuple[int, ...]) -> Nearness:
    """0 the farthest to 1 the nearest, height x width of the reference; every value is one of the depth picture's own."""
    if depth is None:
        raise ProxyRefused("Near and far cannot be told apart without a depth picture: give one, or pan and zoom instead.")
    plane = _plane(depth)
    height, width = shape[:2]
    if abs(plane.shape[1] / plane.shape[0] / (width / height) - 1) > SAME_SHAPE:
        sizes = f"{plane.shape[1]}x{plane.shape[0]}, and the reference {width}x{height}"
        raise ProxyRefused(f"The depth picture is {sizes}: give one of the same shape.")
    low, high = np.percentile(plane, (1, 99))
    if high - low < SMALLEST_DEPTH_RANGE:
        raise ProxyRefused("The depth picture is flat, so nothing in it moves before anything else: pan and zoom instead.")
    rows = (np.arange(height) + 0.5) * plane.shape[0] / height
    columns = (np.arange(width) + 0.5) * plane.shape[1] / width
    return plane[np.ix_(rows.astype(int), columns.astype(int))]


def _plane(depth: Depth) -> Nearness:
    """One channel, 0-1."""
    full = {"uint8": 255, "uint16": 65535, "float32": 1, "float64": 1}.get(str(depth.dtype))
    if full is None or depth.ndim not in (2, 3) or depth.size == 0:
        raise ProxyRefused(f"A depth picture is grey, height x width, not {depth.dtype} {depth.shape}: give such a one.")
    plane = np.asarray(depth if depth.ndim == 2 else depth.mean(axis=2), dtype=np.float32) / np.float32(full)
    if not (plane.min() >= 0 and plane.max() <= 1):
        raise ProxyRefused("A depth picture runs from 0, the farthest, to 1, the nearest: bring it into that range.")
    return plane


def _require_turn(yaw: float, pitch: float, *, limit: float) -> None:
    _require_between("yaw", yaw, -limit, limit)
    _require_between("pitch", pitch, -limit, limit)


def _require_between(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ProxyRefused(f"A {name} of {value:g} is out of reach: give one from {low:g} to {high:g}.")


def _too_empty(share: float) -> str:
    return f"This move leaves {share * 100:.1f} % of the picture empty, and at most {LARGEST_HOLE_SHARE * 100:.0f} % may be"


def _smaller_move(rows: _Span, columns: _Span) -> str:
    """What to do instead; with a dolly that mends it where there is one."""
    for hundredths in range(math.floor(DOLLY_OUT * 100), round(DOLLY_IN * 100) + 1):
        zoom = 1 + hundredths / 100
        kept = replace(rows, zoom=zoom).filmed.mean() * replace(columns, zoom=zoom).filmed.mean()
        if zoom > rows.zoom and 1 - kept <= LARGEST_HOLE_SHARE:
            return f"turn less, or give a dolly of {hundredths / 100:g} or more"
    return "turn less"
