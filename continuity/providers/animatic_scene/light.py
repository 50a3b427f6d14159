"""The colours of an hour under a weather: sky, key light, shade, haze, lamps. A table, then the weather bends it."""

from dataclasses import dataclass, replace

from continuity.providers.animatic_scene.canvas import Rgb, mixed, rgb_of, scaled


@dataclass(frozen=True)
class Light:
    """Display-referred colours. ``ambient`` and ``key`` multiply a surface's own colour (shade, and what the sun adds);
    ``haze_share`` 0-1 is how much of the far distance is haze; ``sun_height`` 0 = on the horizon, 1 = high, None = no
    disc to be seen; ``dark`` 0-1 is how much lamps and signs count; ``wet`` 0-1 how much the ground mirrors."""

    sky_top: Rgb
    sky_middle: Rgb
    sky_horizon: Rgb
    ambient: Rgb
    key: Rgb
    haze: Rgb
    haze_share: float
    sun_height: float | None
    dark: float
    wet: float = 0.0
    snow: float = 0.0
    clouds: float = 0.35


HOURS = {
    "dawn": Light(
        sky_top=rgb_of("#4A5F8F"), sky_middle=rgb_of("#A893B4"), sky_horizon=rgb_of("#F7C9A4"), ambient=rgb_of("#8690AE"),
        key=rgb_of("#F2B28C"), haze=rgb_of("#D8C0C4"), haze_share=0.62, sun_height=0.14, dark=0.25,
    ),
    "golden hour": Light(
        sky_top=rgb_of("#4F74AC"), sky_middle=rgb_of("#D8A987"), sky_horizon=rgb_of("#FFD696"), ambient=rgb_of("#86788C"),
        key=rgb_of("#FFB763"), haze=rgb_of("#F0BE86"), haze_share=0.46, sun_height=0.30, dark=0.15,
    ),
    "day": Light(
        sky_top=rgb_of("#2F73BE"), sky_middle=rgb_of("#7FB4E0"), sky_horizon=rgb_of("#D6E8F2"), ambient=rgb_of("#8FA3BC"),
        key=rgb_of("#FFF4DE"), haze=rgb_of("#C4D7E4"), haze_share=0.38, sun_height=0.85, dark=0.0,
    ),
    "dusk": Light(
        sky_top=rgb_of("#1B2350"), sky_middle=rgb_of("#5B4380"), sky_horizon=rgb_of("#EE8A6A"), ambient=rgb_of("#4C4A78"),
        key=rgb_of("#C46A5C"), haze=rgb_of("#9C6480"), haze_share=0.45, sun_height=None, dark=0.7,
    ),
    "night": Light(
        sky_top=rgb_of("#05081A"), sky_middle=rgb_of("#101938"), sky_horizon=rgb_of("#2B3160"), ambient=rgb_of("#262C4C"),
        key=rgb_of("#30406E"), haze=rgb_of("#28305C"), haze_share=0.40, sun_height=None, dark=1.0,
    ),
}  # fmt: skip

GREY_SKY = {"dawn": "#A9A6B2", "golden hour": "#B7A899", "day": "#B9C3CB", "dusk": "#4E4A66", "night": "#1E2136"}


def light_of(hour: str, weather: str, *, amount: float = 1.0) -> Light:
    """The light of that hour and weather; ``amount`` about 1 = more or less of the weather than usual."""
    light = HOURS[hour]
    grey = rgb_of(GREY_SKY[hour])
    if weather == "clear":
        return light
    if weather == "overcast":
        return _veiled(light, grey, 0.8 * amount)
    if weather == "rain":
        return replace(
            _veiled(light, scaled(grey, 0.82), 0.85 * amount), wet=1.0, haze_share=min(0.85, light.haze_share + 0.18 * amount)
        )
    if weather == "storm":
        dark = mixed(scaled(grey, 0.55), (0.16, 0.2, 0.2), 0.35)
        return replace(_veiled(light, dark, 0.95), wet=1.0, clouds=0.9, dark=max(light.dark, 0.5))
    if weather == "fog":
        milk = mixed(grey, light.sky_horizon, 0.35)
        return replace(_veiled(light, milk, 0.75), haze=milk, haze_share=min(0.97, 0.86 * amount), clouds=0.0)
    white = scaled(grey, 1.12)
    return replace(_veiled(light, white, 0.85), haze=mixed(light.haze, white, 0.8), haze_share=min(0.8, 0.55 * amount), snow=1.0)


def _veiled(light: Light, veil: Rgb, share: float) -> Light:
    """Under a closed sky: the sky takes the veil's colour, the sun goes, its light spreads into the shade."""
    share = min(1.0, share)
    return replace(
        light,
        sky_top=mixed(light.sky_top, scaled(veil, 0.86), share),
        sky_middle=mixed(light.sky_middle, veil, share),
        sky_horizon=mixed(light.sky_horizon, scaled(veil, 1.08), share * 0.8),
        ambient=mixed(light.ambient, mixed(veil, light.ambient, 0.5), share),
        key=scaled(light.key, 1 - 0.75 * share),
        haze=mixed(light.haze, veil, share * 0.8),
        sun_height=None,
        clouds=0.7,
    )
