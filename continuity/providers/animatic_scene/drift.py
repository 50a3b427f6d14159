"""What a take changes of its own accord, as a generative model would: hue, exposure, weather, layout.

These amplitudes are on purpose and are what the README quotes: continuity has to have something to measure. A word in the
prompt that names an aspect holds it (``HELD``); a start image holds everything.
"""

from dataclasses import dataclass

import numpy as np

# Standard deviations from take to take when nothing in the prompt holds them.
EXPOSURE_STOPS = 0.26
TEMPERATURE_LOG2_RED_OVER_BLUE = 0.16
HUE_DEGREES = 9.0
SATURATION = 0.12
WEATHER = 0.30
# What is left of a drift when the prompt names the aspect.
HELD = 0.2
LIMIT_SIGMAS = 1.8


@dataclass(frozen=True)
class Drift:
    """``exposure_stops`` and ``temperature`` (log2 of red over blue) in linear light; ``hue_degrees`` in OKLab;
    ``saturation`` and ``weather`` are factors about 1."""

    exposure_stops: float = 0.0
    temperature: float = 0.0
    hue_degrees: float = 0.0
    saturation: float = 1.0
    weather: float = 1.0


def drift_of(seed: int, *, held: frozenset[str]) -> Drift:
    """The drift of a take. ``held`` names what the request fixes: ``hour`` (exposure), ``palette`` (colour), ``weather``.
    A request with a start image does not drift at all: use ``Drift()``."""
    draws = np.clip(np.random.default_rng([seed, 0xD21F7]).standard_normal(5), -LIMIT_SIGMAS, LIMIT_SIGMAS)
    exposure = HELD if "hour" in held else 1.0
    colour = HELD if "palette" in held else 1.0
    weather = HELD if "weather" in held else 1.0
    return Drift(
        exposure_stops=float(draws[0]) * EXPOSURE_STOPS * exposure,
        temperature=float(draws[1]) * TEMPERATURE_LOG2_RED_OVER_BLUE * colour,
        hue_degrees=float(draws[2]) * HUE_DEGREES * colour,
        saturation=1 + float(draws[3]) * SATURATION * colour,
        weather=1 + float(draws[4]) * WEATHER * weather,
    )
