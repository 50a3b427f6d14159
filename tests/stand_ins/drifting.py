"""Clips that are really made from the picture they continue, perturbed by known amounts: what a stand-in's ``make_clips`` takes.

    vendor.make_clips(Drifting(Drift(temperature=0.06, softness=0.4)))            # the same drift at every link of a chain
    vendor.make_clips(OneByOne([Perturbed(Drift(exposure=-2)), Copied(clip)]))    # the first job's clip, the second's, no third

A clip is as large and long as the script's ``clip`` says: let it be small, for a drift does not depend on size.
"""

import math
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from PIL import Image, ImageOps

from tests.stand_ins.clips import Asked, ClipFor
from tests.stand_ins.drift import Drift, Picture, drifted, grained
from tests.stand_ins.pictures import opening_picture

NO_DRIFT = Drift()
Movement = Callable[[float], float]
"""How far the camera is in at a moment from 0 to 1 of the clip: 0 = the whole picture, 0.1 = a tenth of it cut away."""
FLAGS = "accurate_rnd+full_chroma_int+full_chroma_inp"
TO_VIDEO = f"scale=flags={FLAGS}:out_color_matrix=bt709:out_range=tv,format=yuv420p"
TAGS = "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"
FAITHFUL = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "4", "-threads", "1", "-fflags", "+bitexact"]
"""So that what drifts is the drift asked for: 4:2:0 chroma costs most of what is lost here."""


def breath(moment: float) -> float:
    """In by a fiftieth and back: the last frame shows what the first one shows."""
    return 0.02 * math.sin(math.pi * moment) ** 2


def push_in(moment: float) -> float:
    """Slowly in by a twentieth: the last frame shows a part of the first."""
    return 0.05 * moment


def still(moment: float) -> float:
    """A frozen clip."""
    return 0.0


@dataclass(frozen=True)
class Drifting:
    """An engine that drifts: a clip made from a start image has ``drift`` from its first frame on, every time the same.

    Without a start image it shows ``opening`` (None: ``pictures.opening_picture``), undrifted.
    """

    drift: Drift
    opening: Picture | None = None
    movement: Movement = breath

    def __call__(self, asked: Asked) -> bytes:
        drift = self.drift if asked.start_image else NO_DRIFT
        return _clip_as_asked(asked, start_picture(asked, self.opening), drift, self.movement)


@dataclass(frozen=True)
class Perturbed:
    """A clip with ``drift`` in any case: of ``picture`` (another scene altogether, say), where that is None of the start
    image, and where none was sent of ``opening``, as in ``Drifting``."""

    drift: Drift = NO_DRIFT
    picture: Picture | None = None
    opening: Picture | None = None
    movement: Movement = breath

    def __call__(self, asked: Asked) -> bytes:
        picture = start_picture(asked, self.opening) if self.picture is None else self.picture
        return _clip_as_asked(asked, picture, self.drift, self.movement)


@dataclass(frozen=True)
class Copied:
    """The very bytes of a clip that is there already."""

    clip: bytes

    def __call__(self, asked: Asked) -> bytes:
        return self.clip


class OneByOne:
    """Another maker for each job that is taken, in this order; LookupError when there is none left."""

    def __init__(self, makers: Sequence[ClipFor]) -> None:
        self._left = list(makers)
        self._count = len(self._left)

    def __call__(self, asked: Asked) -> bytes:
        if not self._left:
            raise LookupError(f"The test gave this stand-in {self._count} clips, and it is asked for one more.")
        return self._left.pop(0)(asked)


def start_picture(asked: Asked, opening: Picture | None) -> Picture:
    """The uploaded start image; without one ``opening``, and without that ``pictures.opening_picture``."""
    if asked.start_image:
        with Image.open(BytesIO(asked.start_image)) as picture:
            return np.asarray(picture.convert("RGB"))
    return opening_picture(asked.size.width, asked.size.height) if opening is None else opening


def drifting_clip(
    start: Picture,
    drift: Drift,
    *,
    frames: int,
    fps: int,
    size: tuple[int, int] | None = None,
    movement: Movement = breath,
) -> bytes:
    """An MP4 (H.264, tagged BT.709) whose frame 0 is ``start`` with ``drift``, moved by ``movement`` from there.

    ``size``: width and height, None = as ``start``, which is fitted by Lanczos: a small picture that a client enlarged
    to the vendor's size comes back, white noise within 0.6 and film within 0.2 code values. Grain is new in every frame.
    """
    fitted = ImageOps.fit(Image.fromarray(start), size or start.shape[1::-1], Image.Resampling.LANCZOS)
    clean = Image.fromarray(drifted(np.asarray(fitted), replace(drift, grain=0)))
    moments = np.linspace(0, 1, frames)
    moved = (_moved(clean, movement(float(moment))) for moment in moments)
    return encoded([grained(picture, drift.grain, seed=number) for number, picture in enumerate(moved)], fps=fps)


def encoded(pictures: Sequence[Picture], *, fps: int) -> bytes:
    """The pictures as an MP4, the same bytes every time, its index in front."""
    height, width = pictures[0].shape[:2]
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(fps), "-i", "-"]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "clip.mp4"
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *raw, "-vf", f"{TO_VIDEO},{TAGS}", *FAITHFUL]
        command += ["-movflags", "+faststart", str(target)]
        subprocess.run(command, input=b"".join(picture.tobytes() for picture in pictures), check=True, timeout=120)
        return target.read_bytes()


def _clip_as_asked(asked: Asked, picture: Picture, drift: Drift, movement: Movement) -> bytes:
    size = asked.size
    frames = max(1, round(size.seconds * size.fps))
    return drifting_clip(picture, drift, frames=frames, fps=size.fps, size=(size.width, size.height), movement=movement)


def _moved(picture: Image.Image, zoom: float) -> Picture:
    """Sub-pixel exact; a zoom of 0 is the picture itself."""
    width, height = picture.size
    left, top = width * zoom / 2, height * zoom / 2
    box = (left, top, width - left, height - top)
    return np.asarray(picture.resize(picture.size, Image.Resampling.LANCZOS, box=box))
