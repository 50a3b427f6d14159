"""Starting from a picture: the first frame is that picture, and nothing is drawn into it twice."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from continuity.providers.animatic import Animatic
from continuity.providers.animatic_scene.camera import MOVES, Pose, path_from_image
from continuity.video.verify import verify
from continuity.vision.colour import oklab_of_hex, oklab_of_rgb
from tests.continuity.providers.animatic_takes import all_frames, first_frame, image_file, polled, request, small_take, submitted


@pytest.fixture
def start(tmp_path: Path) -> Path:
    """A drawn street with salt and pepper on it, as frozen grain."""
    frame = first_frame("a street at dusk, rain, a woman in a red dress", seed=5).copy()
    rng = np.random.default_rng(1)
    spots = rng.random(frame.shape[:2]) < 0.03
    frame[spots] = rng.integers(0, 2, spots.sum())[:, None] * 255
    path = tmp_path / "start.png"
    Image.fromarray(frame).save(path)
    return path


MOVE_WORDS = {
    "push": "the camera pushes in",
    "pull": "the camera pulls back",
    "pan-left": "camera pans left",
    "tilt-down": "camera tilts down",
    "crane": "crane shot",
    "static": "static camera",
}


@pytest.mark.parametrize("move", MOVE_WORDS)
def test_the_first_frame_is_the_start_image_whatever_the_move(start: Path, move: str) -> None:
    take = small_take(f"heavy snow, close-up, {MOVE_WORDS[move]}, teal and orange palette", start=start)

    frames = all_frames(take)

    assert take.direction.move == move
    assert np.array_equal(frames[0], np.asarray(Image.open(start)))
    assert not np.array_equal(frames[-1], frames[0])


@pytest.mark.parametrize("framing", ["wide", "medium", "close-up"])
@pytest.mark.parametrize("move", [*MOVES, "push", "pull"])
def test_every_move_from_an_image_starts_at_identity_and_stays_inside(move: str, framing: str) -> None:
    first, last = path_from_image(move, framing, focus=(0.4, -0.4))

    assert first == Pose(1.0, 0.0, 0.0)
    assert last.zoom > 1
    assert abs(last.x) <= (1 - 1 / last.zoom) / 2
    assert abs(last.y) <= (1 - 1 / last.zoom) / 2


def test_the_decoded_first_frame_matches_the_start_image(tmp_path: Path) -> None:
    drawn = np.asarray(
        Image.fromarray(first_frame("neon street at night, rain", seed=5)).resize((640, 360), Image.Resampling.BICUBIC)
    )
    path = tmp_path / "start.png"
    Image.fromarray(drawn).save(path)
    engine = Animatic(str(tmp_path / "engine"))
    submitted(engine, request("close-up, rain", start_image=image_file(path)), attempt_id="bridge")
    polled(engine, "bridge")

    decoded = verify(engine.root / "bridge.mp4").first.rgb.astype(np.float64)

    luma = np.asarray([0.2126, 0.7152, 0.0722])
    one, other = (picture @ luma - (picture @ luma).mean() for picture in (decoded, drawn))
    assert (one * other).sum() / np.sqrt((one**2).sum() * (other**2).sum()) >= 0.999
    assert np.abs(decoded.mean(axis=(0, 1)) - drawn.mean(axis=(0, 1))).max() < 0.5


def test_frozen_grain_is_gone_after_eight_frames(start: Path) -> None:
    frames = all_frames(small_take("static camera, clear sky", start=start), slate=False)

    def roughness(frame: np.ndarray) -> float:
        smooth = np.asarray(
            Image.fromarray(frame).convert("L").reduce(2).resize((320, 180), Image.Resampling.BILINEAR), dtype=np.float32
        )
        return float(np.abs(np.asarray(Image.fromarray(frame).convert("L"), dtype=np.float32) - smooth).mean())

    assert roughness(frames[8]) < 0.4 * roughness(frames[0])
    assert roughness(frames[0]) > roughness(frames[4]) > roughness(frames[8])


def test_no_grain_or_vignette_is_added_to_a_start_image(start: Path) -> None:
    assert small_take("film grain, night", start=start).filters == ""
    assert "noise" in small_take("film grain, night").filters


def test_rain_fades_in_over_a_start_image(tmp_path: Path) -> None:
    grey = tmp_path / "grey.png"
    Image.new("RGB", (320, 180), (60, 60, 70)).save(grey)

    frames = all_frames(small_take("heavy rain, static camera", start=grey), slate=False)
    streaks = [float(frame.astype(np.float32).std(axis=(0, 1)).mean()) for frame in frames]

    assert streaks[0] == 0
    assert streaks[2] < streaks[7] < streaks[14]


def test_the_picture_goes_gently_towards_a_named_palette(tmp_path: Path) -> None:
    grey = tmp_path / "grey.png"
    Image.new("RGB", (320, 180), (120, 120, 120)).save(grey)
    wanted = oklab_of_hex("#008080")[1:]

    frames = all_frames(small_take("static camera, clear sky, teal palette", start=grey, frames=24), slate=False)
    distances = [float(np.linalg.norm(oklab_of_rgb(frame)[..., 1:].mean(axis=(0, 1)) - wanted)) for frame in frames]

    assert np.array_equal(frames[0], np.asarray(Image.open(grey)))
    assert distances[-1] < 0.8 * distances[0]
    assert max(np.abs(np.diff(distances))) < 0.1 * distances[0]


def test_a_start_image_of_another_shape_is_cut_to_fit(tmp_path: Path) -> None:
    tall = tmp_path / "tall.png"
    image = Image.new("RGB", (90, 400), (200, 40, 40))
    image.paste((40, 40, 200), (0, 180, 90, 220))
    image.save(tall)

    frame = all_frames(small_take("static camera", start=tall, frames=1))[0]

    assert frame.shape == (180, 320, 3)
    assert frame[90, 160].tolist() == [40, 40, 200]
    assert frame[2, 160].tolist() == [200, 40, 40]


def test_a_palette_image_with_transparency_is_read(tmp_path: Path) -> None:
    path = tmp_path / "odd.png"
    Image.new("RGBA", (320, 180), (10, 200, 30, 255)).quantize(4).save(path)

    frame = all_frames(small_take("static camera", start=path, frames=1))[0]

    with Image.open(path) as stored:
        assert stored.mode == "P"
    assert np.unique(frame.reshape(-1, 3), axis=0).tolist() == [[10, 200, 30]]
