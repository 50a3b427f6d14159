"""A painted scene: plates in depth order, and what moves over them."""

from dataclasses import dataclass

from PIL import Image

from continuity.providers.animatic_scene.canvas import Rgb

# A plate is this much larger than the frame, each way, so that the camera has somewhere to go.
OVERSCAN = 1.2


@dataclass(frozen=True)
class Stage:
    """Sizes in pixels: the frame, and the plate that scenes are painted on."""

    frame_width: int
    frame_height: int

    @property
    def width(self) -> int:
        return 2 * round(self.frame_width * OVERSCAN / 2)

    @property
    def height(self) -> int:
        return 2 * round(self.frame_height * OVERSCAN / 2)

    @property
    def unit(self) -> float:
        """Length that is the same share of every picture: a 720th of the frame's shorter side."""
        return min(self.frame_width, self.frame_height) / 720


@dataclass(frozen=True)
class Layer:
    """One plate: RGB ``image`` and L ``mask`` (None = opaque), its corner on the plate, ``depth`` 0 = at the horizon
    (hardly moves), 1 = the subject, more = nearer; ``breath`` = how far it rises and falls, in pixels."""

    image: Image.Image
    mask: Image.Image | None = None
    left: int = 0
    top: int = 0
    depth: float = 0.7
    breath: float = 0.0


@dataclass(frozen=True)
class Scene:
    """What one take looks like before the camera. ``glow`` is a second version of the first layer that lamps flicker
    towards (None = steady light); ``falling`` is rain, storm, snow, dust or none; ``strength`` about 1 how much falls;
    ``mist`` 0-1 how much drifting haze."""

    layers: tuple[Layer, ...]
    falling: str
    falling_colour: Rgb
    strength: float
    mist: float
    mist_colour: Rgb
    glow: Image.Image | None = None
