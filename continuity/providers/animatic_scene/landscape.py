"""Open country: sky, ridges in haze, then meadow, snow, water, sand or forest in front."""

import numpy as np

from continuity.providers.animatic_scene.canvas import (
    image_of,
)
from continuity.providers.animatic_scene.forest import paint_forest
from continuity.providers.animatic_scene.layers import Layer, Stage
from continuity.providers.animatic_scene.light import Light
from continuity.providers.animatic_scene.meadow import near_grass, paint_meadow
from continuity.providers.animatic_scene.ridges import paint_ridges
from continuity.providers.animatic_scene.sand import paint_dunes
from continuity.providers.animatic_scene.sky import paint_sky, sun_place
from continuity.providers.animatic_scene.water import paint_water

HORIZON = {"meadow": 0.60, "sea": 0.56, "desert": 0.62, "forest": 0.64}


def paint_landscape(light: Light, ground: str, rng: np.random.Generator, stage: Stage) -> list[Layer]:
    """The layers from back to front: everything in one opaque plate, and for meadow and forest something near the lens."""
    height, width = stage.height, stage.width
    horizon = round(height * HORIZON[ground] * float(rng.uniform(0.97, 1.03)))
    suns = np.random.default_rng(rng.integers(1 << 32))
    state = suns.bit_generator.state
    picture = paint_sky(light, suns, height=height, width=width, horizon=horizon)
    suns.bit_generator.state = state
    sun_x = sun_place(light, suns, height=height, width=width, horizon=horizon)[0]
    if ground == "forest":
        return paint_forest(picture, light, rng, stage, horizon)
    picture = paint_ridges(picture, light, ground, rng, horizon=horizon, sun_x=sun_x)
    painter = {"sea": paint_water, "desert": paint_dunes}.get(ground, paint_meadow)
    painted = painter(picture, light, rng, horizon, sun_x)
    near = [] if ground != "meadow" or light.snow > 0.5 else [near_grass(light, rng, stage)]
    return [Layer(image=image_of(painted), depth=0.75), *near]
