"""The frames of one take: plates under a moving camera, then what falls, then the slate.

``frames`` is the whole loop; one frame costs one resize of the background, one of each small layer, and one paste each
for mist and whatever falls. Grain and vignette are left to the encoder's filter chain, which runs beside this process.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from continuity.providers.animatic_scene import particles
from continuity.providers.animatic_scene.camera import Pose, path, path_from_image, pose_at
from continuity.providers.animatic_scene.canvas import Rgb, code_values
from continuity.providers.animatic_scene.direction import Direction
from continuity.providers.animatic_scene.layers import Layer, Scene, Stage
from continuity.providers.animatic_scene.slate import burn_slate, has_slate
from continuity.providers.animatic_scene.still import StillPlates

# Frames over which a start image's frozen rain and grain give way to the moving ones.
CROSS_FADE_FRAMES = 8
FALL_IN_FRAMES = 14


@dataclass(frozen=True)
class Overlay:
    """What moves over the plates: sheets that fall, a sheet of mist, and their colours."""

    sheets: tuple[particles.Sheet, ...]
    colour: Rgb
    mist: particles.Sheet | None
    mist_colour: Rgb

    def over(self, frame: Image.Image, seconds: float, *, share: float = 1.0) -> None:
        """Paste onto ``frame`` in place; ``share`` 0-1 fades all of it."""
        if share <= 0:
            return
        if self.mist is not None:
            frame.paste(code_values(self.mist_colour), mask=_faded(self.mist.at(seconds), share))
        if self.sheets:
            frame.paste(code_values(self.colour), mask=_faded(particles.falling_mask(self.sheets, seconds), share))


def overlay_of(scene: Scene, stage: Stage, rng: np.random.Generator) -> Overlay:
    size = {"width": stage.frame_width, "height": stage.frame_height}
    sheets = particles.falling_sheets(scene.falling, strength=scene.strength, rng=rng, **size)
    mist = particles.mist_sheet(share=scene.mist, rng=rng, **size) if scene.mist > 0 else None
    return Overlay(sheets=sheets, colour=scene.falling_colour, mist=mist, mist_colour=scene.mist_colour)


def painted_frames(
    scene: Scene, overlay: Overlay, stage: Stage, direction: Direction, *, count: int, fps: int
) -> Iterator[Image.Image]:
    """``count`` RGB frames of a painted scene, without slate."""
    ends = path(direction.move, direction.framing)
    flicker = _flicker(direction.seed, count)
    for index in range(count):
        pose = pose_at(ends, index / max(1, count - 1))
        base = scene.layers[0]
        if scene.glow is not None:
            base = Layer(image=Image.blend(base.image, scene.glow, flicker[index]), depth=base.depth)
        frame = _background(base, pose, stage)
        for layer in scene.layers[1:]:
            _put(frame, layer, pose, stage, seconds=index / fps)
        overlay.over(frame, index / fps + 7)
        yield frame


def still_frames(
    plates: StillPlates, overlay: Overlay, stage: Stage, direction: Direction, *, count: int, fps: int
) -> Iterator[Image.Image]:
    """``count`` RGB frames that start as exactly the start image, without slate."""
    ends = path_from_image(direction.move, direction.framing, focus=plates.focus)
    for index in range(count):
        moment = index / max(1, count - 1)
        plate = plates.at(moment, cleaned=min(1.0, index / CROSS_FADE_FRAMES))
        pose = pose_at(ends, moment)
        frame = plate if index == 0 else plate.resize(plate.size, Image.Resampling.BILINEAR, box=_inner_box(pose, plate.size))
        overlay.over(frame, index / fps + 7, share=min(1.0, index / FALL_IN_FRAMES))
        yield frame


def with_slate(frames: Iterator[Image.Image], direction: Direction, *, count: int, fps: int) -> Iterator[Image.Image]:
    """The same frames, in place, with the slate on all but the first and last six."""
    for index, frame in enumerate(frames):
        if has_slate(index, count=count):
            burn_slate(frame, f"{direction.slate} · {index / fps:05.2f}s")
        yield frame


def _faded(mask: Image.Image, share: float) -> Image.Image:
    return mask if share >= 1 else mask.point([round(code * share) for code in range(256)])


def _flicker(seed: int, count: int) -> list[float]:
    """A flame's or a tired tube's brightness per frame, 0-1: a slow walk, never a strobe."""
    steps = np.random.default_rng([seed, 0xF11C]).standard_normal(count + 12)
    smooth = np.convolve(steps, np.hanning(11) / np.hanning(11).sum(), mode="valid")[:count]
    return [float(value) for value in np.clip(0.5 + 0.9 * smooth, 0, 1)]


def _corner(pose: Pose, depth: float, stage: Stage) -> tuple[float, float, float]:
    """Left and top of what the camera sees on a plate of that depth, and the magnification."""
    zoom = 1 + (pose.zoom - 1) * (0.35 + 0.65 * depth)
    left = (stage.width - stage.frame_width / zoom) / 2 + pose.x * depth * stage.frame_width
    top = (stage.height - stage.frame_height / zoom) / 2 + pose.y * depth * stage.frame_height
    return left, top, zoom


def _background(layer: Layer, pose: Pose, stage: Stage) -> Image.Image:
    left, top, zoom = _corner(pose, layer.depth, stage)
    size = (stage.frame_width, stage.frame_height)
    return layer.image.resize(size, Image.Resampling.BILINEAR, box=(left, top, left + size[0] / zoom, top + size[1] / zoom))


def _put(frame: Image.Image, layer: Layer, pose: Pose, stage: Stage, *, seconds: float) -> None:
    """Resize the part of a masked layer that the camera sees and paste it. The source box is fractional, the target is
    whole pixels inside the layer, so nothing jitters."""
    left, top, zoom = _corner(pose, layer.depth, stage)
    x = (layer.left - left) * zoom
    y = (layer.top - top) * zoom + layer.breath * float(np.sin(2.1 * seconds))
    columns = (max(0, int(np.ceil(x))), min(frame.width, int(np.floor(x + layer.image.width * zoom))))
    rows = (max(0, int(np.ceil(y))), min(frame.height, int(np.floor(y + layer.image.height * zoom))))
    if columns[0] >= columns[1] or rows[0] >= rows[1]:
        return
    box = ((columns[0] - x) / zoom, (rows[0] - y) / zoom, (columns[1] - x) / zoom, (rows[1] - y) / zoom)
    size = (columns[1] - columns[0], rows[1] - rows[0])
    assert layer.mask is not None
    mask = layer.mask.resize(size, Image.Resampling.BILINEAR, box=box)
    frame.paste(layer.image.resize(size, Image.Resampling.BILINEAR, box=box), (columns[0], rows[0]), mask)


def _inner_box(pose: Pose, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """The box of a start image that the camera sees; never outside the picture."""
    width, height = size[0] / pose.zoom, size[1] / pose.zoom
    left = min(size[0] - width, max(0.0, (size[0] - width) / 2 + pose.x * size[0]))
    top = min(size[1] - height, max(0.0, (size[1] - height) / 2 + pose.y * size[1]))
    return left, top, left + width, top + height
