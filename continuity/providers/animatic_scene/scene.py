"""One painted scene from a direction: place, people, weather in the air, then the take's grade over all of it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from continuity.providers.animatic_scene.canvas import Rgb, mixed
from continuity.providers.animatic_scene.direction import Direction
from continuity.providers.animatic_scene.drift import Drift
from continuity.providers.animatic_scene.focus import nearer, out_of_focus
from continuity.providers.animatic_scene.grade import grade_table, look_of
from continuity.providers.animatic_scene.landscape import paint_landscape
from continuity.providers.animatic_scene.layers import Layer, Scene, Stage
from continuity.providers.animatic_scene.light import Light, light_of
from continuity.providers.animatic_scene.people import Ground, passers_by, subject_layers
from continuity.providers.animatic_scene.room import paint_room
from continuity.providers.animatic_scene.street import paint_street, street_lens

# Where the horizon is, in plate heights.
HORIZON_ROW = {"street": 0.555, "room": 0.5, "landscape": 0.60}
FALLING = {"rain": "rain", "storm": "storm", "snow": "snow"}


def paint_scene(direction: Direction, drift: Drift, stage: Stage, *, references: Sequence[tuple[Image.Image, float]]) -> Scene:
    """Paint everything once. ``references`` are (picture, weight 0-1) whose look the scene takes on."""
    light = light_of(direction.hour, direction.weather, amount=drift.weather)
    rng = np.random.default_rng([direction.seed, 0x5CE4E])
    place, flare = _place(direction, light, rng, stage)
    layers = _peopled(direction, light, place, stage)
    painted = look_of([(layers[0].image, 1.0)])
    table = grade_table(drift, palette=direction.graded_towards, painted=painted, wanted=look_of(references))
    graded = tuple(replace(layer, image=layer.image.filter(table)) for layer in layers)
    glow = _framed(direction, flare, stage).filter(table) if flare is not None else None
    return replace(air_of(direction, light, drift), layers=graded, glow=glow)


def _peopled(direction: Direction, light: Light, layers: list[Layer], stage: Stage) -> list[Layer]:
    """The place nearer or softer as the framing wants it, and the people in it. Their draws do not change the place."""
    rng = np.random.default_rng([direction.seed, 0xBEEF])
    row = HORIZON_ROW[direction.place] * stage.height
    place = layers[0].image
    if direction.place == "street" and "crowd" in direction.elements:
        place = passers_by(light, place, rng, stage, count=14, row=row, rain=light.wet > 0)
    place = _framed(direction, place, stage)
    shadow = 0.0 if light.sun_height is None else 1.0
    ground = Ground(wet=light.wet if direction.place == "street" else 0.0, shadow=shadow, row=row)
    near = [layer for layer in layers[1:] if direction.framing == "wide"]
    return [replace(layers[0], image=place), *subject_layers(direction, light, place, ground, rng, stage), *near]


def _framed(direction: Direction, place: Image.Image, stage: Stage) -> Image.Image:
    """Nearer and, behind a person, out of focus, as the framing wants it."""
    row = HORIZON_ROW[direction.place] * stage.height
    place = nearer(place, direction.framing, column=stage.width / 2, row=row)
    if direction.subject is None:
        return place
    return out_of_focus(place, direction.framing, frame_height=stage.frame_height)


def _place(direction: Direction, light: Light, rng: np.random.Generator, stage: Stage) -> tuple[list[Layer], Image.Image | None]:
    """The place's layers, and its first one with every flame at its brightest (None = steady light)."""
    if direction.place == "street":
        light = replace(light, wet=max(light.wet, 0.85 * ("wet ground" in direction.elements)))
        colours = direction.accents or direction.palette
        neon = "neon" in direction.elements or (light.dark > 0.6 and light.snow < 0.5)
        return paint_street(light, street_lens(rng, stage), rng, stage, neon=neon, colours=colours), None
    if direction.place == "room":
        accent = direction.accents[0] if direction.accents else None
        return paint_room(light, rng, stage, candle=direction.candle and light.dark > 0.1, accent=accent)
    return paint_landscape(light, direction.ground, rng, stage), None


def air_of(direction: Direction, light: Light, drift: Drift) -> Scene:
    """What falls and drifts, for that direction; the layers are the caller's, and there are none over a start image."""
    outdoors = direction.place != "room"
    falling = FALLING.get(direction.weather, "") if outdoors else "dust"
    if not falling and direction.hour in ("golden hour", "dawn") and direction.place == "landscape":
        falling = "dust"
    mist = {"fog": 0.55, "rain": 0.12, "storm": 0.2, "snow": 0.15}.get(direction.weather, 0.0) if outdoors else 0.0
    return Scene(
        layers=(),
        falling=falling,
        falling_colour=_falling_colour(falling, light),
        strength=drift.weather,
        mist=min(0.85, mist * drift.weather),
        mist_colour=mixed(light.haze, light.sky_horizon, 0.3),
    )


def _falling_colour(falling: str, light: Light) -> Rgb:
    if falling == "dust":
        return mixed(light.key, (1.0, 0.93, 0.8), 0.6)
    return mixed(light.sky_horizon, (0.92, 0.95, 1.0), 0.6 if falling != "snow" else 0.85)
