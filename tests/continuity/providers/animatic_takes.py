"""Takes of the animatic engine for its tests: small, in this process, or through the provider."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from continuity.providers.animatic import Animatic
from continuity.providers.animatic_scene.take import Take, frames_of, take_of
from continuity.providers.base import ImageFile, RemoteState, RemoteStatus, VideoRequest

PATIENCE_SECONDS = 60


def small_take(
    prompt: str,
    *,
    seed: int | None = 7,
    frames: int = 20,
    size: tuple[int, int] = (320, 180),
    start: Path | None = None,
    references: Sequence[Path] = (),
) -> Take:
    """A take that is drawn in this process; the engine itself does not mind sizes that the table does not offer."""
    body = {
        "prompt": prompt,
        "seconds": frames / 24,
        "width": size[0],
        "height": size[1],
        "fps": 24,
        "seed": seed,
        "start_image": "start" if start else None,
        "references": [{"sha256": str(path), "weight": 1.0} for path in references],
    }
    inputs = {"start": str(start), **{str(path): str(path) for path in references}}
    digest = hashlib.sha256(prompt.encode()).hexdigest()
    return take_of({"body": body, "inputs": inputs, "request_sha256": digest}, root=Path("/"))


def first_frame(prompt: str, *, seed: int | None = 7, references: Sequence[Path] = ()) -> np.ndarray:
    """uint8, 180 x 320 x 3."""
    return np.asarray(next(iter(frames_of(small_take(prompt, seed=seed, references=references)))))


def all_frames(take: Take, *, slate: bool = True) -> list[np.ndarray]:
    return [np.asarray(frame).copy() for frame in frames_of(take, slate=slate)]


def request(prompt: str = "a meadow by day", **changes: object) -> VideoRequest:
    """Half a second at 640x360, seed 7."""
    plain = VideoRequest(model="animatic", prompt=prompt, seconds=0.5, width=640, height=360, fps=24, seed=7)
    return replace(plain, **changes)  # type: ignore[arg-type]


def image_file(path: Path) -> ImageFile:
    with Image.open(path) as image:
        width, height = image.size
    return ImageFile(path=path, sha256=hashlib.sha256(path.read_bytes()).hexdigest(), width=width, height=height)


def submitted(engine: Animatic, asked: VideoRequest, *, attempt_id: str) -> str:
    return engine.submit(engine.stage(engine.prepare(asked)), attempt_id=attempt_id).remote_id


def polled(engine: Animatic, remote_id: str) -> RemoteStatus:
    """Poll until it is over."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up:
        status = engine.poll(remote_id)
        if status.state not in (RemoteState.QUEUED, RemoteState.RUNNING):
            return status
        time.sleep(0.05)
    raise AssertionError(f"{remote_id} is not over after {PATIENCE_SECONDS} seconds: {status}")


def renderer_of(engine: Animatic, attempt_id: str) -> int:
    """The process id of the attempt's renderer, as soon as it has one."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up:
        said = (engine.root / f"{attempt_id}.lock").read_text()
        if said:
            return int(said)
        time.sleep(0.005)
    raise AssertionError(f"no renderer of {attempt_id} after {PATIENCE_SECONDS} seconds")
