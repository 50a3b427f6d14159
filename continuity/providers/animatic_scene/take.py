"""From an accepted request to the frames of its clip: the one way in for the renderer, the tests and the bench."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from continuity.providers.animatic_scene.direction import Direction, direction_of
from continuity.providers.animatic_scene.drift import Drift, drift_of
from continuity.providers.animatic_scene.layers import Stage
from continuity.providers.animatic_scene.light import light_of
from continuity.providers.animatic_scene.scene import air_of, paint_scene
from continuity.providers.animatic_scene.shot import overlay_of, painted_frames, still_frames, with_slate
from continuity.providers.animatic_scene.still import read_picture, still_plates


@dataclass(frozen=True)
class Take:
    """One clip to be drawn. ``start_image`` None = paint a scene; ``references`` are (picture file, weight 0-1)."""

    direction: Direction
    stage: Stage
    count: int
    fps: int
    start_image: Path | None
    references: tuple[tuple[Path, float], ...]

    @property
    def filters(self) -> str:
        """ffmpeg's share of the picture: vignette and grain; none over a start image, which has its own."""
        if self.start_image is not None:
            return ""
        grain = 11 if "grain" in self.direction.elements else 5
        return f"vignette=angle=PI/7,noise=c0s={grain}:c0f=t:all_seed={self.direction.seed % 65536}"

    @property
    def crf(self) -> int:
        """x264's quality: finer from a start image, because the first frame has to match it."""
        return 20 if self.start_image is None else 12


def take_of(document: Mapping[str, Any], *, root: Path) -> Take:
    """The take of an accepted request (see ``attempt``); its pictures are under ``root``."""
    body, inputs = document["body"], document["inputs"]
    start = body["start_image"]
    return Take(
        direction=direction_of(
            body["prompt"], seed=body["seed"], request_sha256=document["request_sha256"], from_image=bool(start)
        ),
        stage=Stage(frame_width=body["width"], frame_height=body["height"]),
        count=max(1, round(body["seconds"] * body["fps"])),
        fps=body["fps"],
        start_image=root / inputs[start] if start else None,
        references=tuple((root / inputs[item["sha256"]], item["weight"]) for item in body["references"]),
    )


def frames_of(take: Take, *, slate: bool = True) -> Iterator[Image.Image]:
    """Paint (before the first frame comes) and then draw every frame. OSError when a picture cannot be read."""
    frames = _from_image(take, take.start_image) if take.start_image else _from_words(take)
    return with_slate(frames, take.direction, count=take.count, fps=take.fps) if slate else frames


def _from_words(take: Take) -> Iterator[Image.Image]:
    drift = drift_of(take.direction.seed, held=take.direction.held)
    references = [(read_picture(path), weight) for path, weight in take.references]
    scene = paint_scene(take.direction, drift, take.stage, references=references)
    overlay = overlay_of(scene, take.stage, _air(take))
    return painted_frames(scene, overlay, take.stage, take.direction, count=take.count, fps=take.fps)


def _from_image(take: Take, path: Path) -> Iterator[Image.Image]:
    direction, stage = take.direction, take.stage
    plates = still_plates(path, width=stage.frame_width, height=stage.frame_height, palette=direction.graded_towards)
    scene = air_of(direction, light_of(direction.hour, direction.weather), Drift())
    overlay = overlay_of(scene, stage, _air(take))
    return still_frames(plates, overlay, stage, direction, count=take.count, fps=take.fps)


def _air(take: Take) -> np.random.Generator:
    return np.random.default_rng([take.direction.seed, 0xA1B])
