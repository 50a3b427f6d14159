"""The sky of every outdoor scene: gradient, clouds on a plane seen in perspective, sun or moon, stars."""

import numpy as np

from continuity.providers.animatic_scene.canvas import Picture, Rgb, blend, gradient, mixed, scaled, screen
from continuity.providers.animatic_scene.light import Light
from continuity.providers.animatic_scene.noise import Field, cloud_noise

MOON = (0.86, 0.9, 1.0)


def paint_sky(
    light: Light, rng: np.random.Generator, *, height: int, width: int, horizon: int, sun_column: float | None = None
) -> Picture:
    """(height, width, 3); rows below ``horizon`` continue the horizon's colour. Sun and moon stand at ``sun_column``; None =
    somewhere right of the middle."""
    rows = np.arange(height, dtype=np.float32) / horizon
    column = gradient([(0.0, light.sky_top), (0.55, light.sky_middle), (1.0, light.sky_horizon)], np.clip(rows, 0, 1))
    sky = np.repeat(column[:, None, :], width, axis=1)
    if light.dark > 0.6 and light.clouds < 0.6:
        sky = _starred(sky, light, rng, horizon)
    x, y = sun_place(light, rng, height=height, width=width, horizon=horizon)
    distance = _distance(height, width, x if sun_column is None else sun_column, y)
    if light.clouds > 0:
        sky = _clouded(sky, light, rng, horizon=horizon, nearness=np.exp(-distance / (0.45 * height)))
    return _with_disc(sky, light, distance, height)


def sun_place(light: Light, rng: np.random.Generator, *, height: int, width: int, horizon: int) -> tuple[float, float]:
    """Column and row of the sun (or the moon at night)."""
    x = width * float(rng.uniform(0.58, 0.74))
    lift = light.sun_height if light.sun_height is not None else 0.70
    return x, horizon * (1 - lift * 1.05)


def _distance(height: int, width: int, x: float, y: float) -> Field:
    rows = np.arange(height, dtype=np.float32)[:, None] - np.float32(y)
    columns = np.arange(width, dtype=np.float32)[None, :] - np.float32(x)
    return np.asarray(np.sqrt(rows * rows + columns * columns))


def _with_disc(sky: Picture, light: Light, distance: Field, height: int) -> Picture:
    if light.sun_height is not None:
        near = 0.55 * np.exp(-distance / (0.10 * height)) + 0.33 * np.exp(-distance / (0.38 * height))
        lit = screen(sky, near[..., None] * np.asarray(light.key, dtype=np.float32))
        disc = np.clip((0.033 * height - distance) / (0.006 * height) + 0.5, 0, 1)
        return blend(lit, mixed(light.key, (1, 1, 0.97), 0.75), disc)
    if light.dark < 0.95 or light.clouds >= 0.6:
        return sky
    lit = screen(sky, (0.22 * np.exp(-distance / (0.12 * height)))[..., None] * np.asarray(MOON, dtype=np.float32))
    disc = np.clip((0.019 * height - distance) / (0.002 * height) + 0.5, 0, 1)
    return blend(lit, MOON, disc)


def _clouded(sky: Picture, light: Light, rng: np.random.Generator, *, horizon: int, nearness: Field) -> Picture:
    """Noise on a plane overhead: towards the horizon its rows crowd together. Lit from where the sun is."""
    width = sky.shape[1]
    plane = cloud_noise(rng, height=640, width=2048, cell=110, octaves=6, stretch=1.7)
    far = 1 / (1.22 - np.arange(horizon, dtype=np.float32) / horizon)
    rows = ((far - far[0]) / (far[-1] - far[0]) * 639).astype(np.int32)
    across = (np.arange(width, dtype=np.float32)[None, :] - width / 2) / horizon * far[:, None] * 190
    noise = plane[rows[:, None], np.clip(across + 1024, 0, 2047).astype(np.int32)]
    lit_side = np.clip(noise - np.roll(noise, (max(2, horizon // 60), -max(2, width // 80)), axis=(0, 1)), -0.08, 0.08) / 0.08
    threshold = 0.66 - 0.34 * light.clouds
    share = np.clip((noise - threshold) / 0.20, 0, 1)
    share = share * share * (3 - 2 * share) * np.clip((1 - np.arange(horizon) / horizon) / 0.08, 0.12, 1)[:, None]
    body = cloud_colours(light)
    tone = np.clip(0.5 + 0.35 * lit_side + 0.55 * nearness[:horizon] - 0.25, 0, 1).astype(np.float32)
    colours = gradient([(0.0, body[0]), (1.0, body[1])], tone)
    done = sky.copy()
    done[:horizon] = blend(sky[:horizon], colours, (share * 0.85).astype(np.float32))
    return done


def cloud_colours(light: Light) -> tuple[Rgb, Rgb]:
    """The shaded and the lit side of a cloud."""
    shade = mixed(mixed(light.sky_middle, light.ambient, 0.55), light.haze, 0.25)
    lit = mixed(mixed(light.sky_horizon, light.key, 0.45), (1, 1, 1), 0.35 * (1 - light.dark))
    return scaled(shade, 0.92), lit if light.dark < 0.9 else scaled(light.sky_horizon, 1.25)


def _starred(sky: Picture, light: Light, rng: np.random.Generator, horizon: int) -> Picture:
    starred = sky.copy()
    count = round(1100 * (1 - light.clouds))
    rows = (rng.random(count) ** 1.4 * horizon * 0.92).astype(np.int32)
    columns = rng.integers(0, sky.shape[1] - 1, count)
    shine = (0.12 + rng.random(count) ** 2.2)[:, None] * np.asarray([0.8, 0.85, 1.0])
    starred[rows, columns] += shine
    starred[rows, columns + 1] += shine * 0.4
    return np.clip(starred, 0, 1)
