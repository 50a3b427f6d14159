"""Noise fields, all from a given generator so that a seed gives the same picture for ever."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Field = NDArray[np.floating[Any]]
"""Numbers per pixel or per place; 0-1 where nothing else is said."""


def value_noise(rng: np.random.Generator, *, height: int, width: int, cell: float, stretch: float = 1.0) -> Field:
    """Smooth noise (height, width), 0-1: random values ``cell`` pixels apart, ``stretch`` times wider than high."""
    rows = max(2, round(height / cell) + 2)
    columns = max(2, round(width / (cell * stretch)) + 2)
    coarse = Image.fromarray(rng.random((rows, columns), dtype=np.float32))
    return np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), dtype=np.float32)


def cloud_noise(
    rng: np.random.Generator, *, height: int, width: int, cell: float, octaves: int = 4, stretch: float = 1.0
) -> Field:
    """Several octaves of value noise, each half as high and half as wide as the one before; mean about .5, 0-1."""
    total = np.zeros((height, width), dtype=np.float32)
    weight = 0.0
    for octave in range(octaves):
        share = 0.5**octave
        total += share * value_noise(rng, height=height, width=width, cell=max(2.0, cell * share), stretch=stretch)
        weight += share
    return np.asarray(np.clip(total / weight, 0, 1))


def line_noise(rng: np.random.Generator, *, length: int, cell: float, octaves: int = 4) -> Field:
    """One-dimensional ``cloud_noise`` of that length, 0-1."""
    positions = np.arange(length, dtype=np.float32)
    total = np.zeros(length, dtype=np.float32)
    weight = 0.0
    for octave in range(octaves):
        share = 0.5**octave
        step = max(2.0, cell * share)
        values = rng.random(int(length / step) + 3, dtype=np.float32)
        place = positions / step
        left = place.astype(np.int32)
        part = place - left
        part = part * part * (3 - 2 * part)
        total += share * (values[left] * (1 - part) + values[left + 1] * part)
        weight += share
    return total / weight
