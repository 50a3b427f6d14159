"""What a prompt names can be measured in the picture."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from continuity.providers.animatic_scene.slate import CLEAR_FRAMES
from continuity.providers.animatic_scene.take import frames_of
from continuity.vision.colour import oklab_of_hex, oklab_of_rgb
from tests.continuity.providers.animatic_takes import all_frames, first_frame, small_take

PLACES = ["city street", "living room interior", "alpine meadow"]


def _lightness(frame: np.ndarray) -> float:
    return float(oklab_of_rgb(frame)[..., 0].mean())


@pytest.mark.parametrize("place", PLACES)
def test_night_is_darker_than_dusk_and_dusk_than_day(place: str) -> None:
    night, dusk, day = (_lightness(first_frame(f"{place} {hour}")) for hour in ("at night", "at dusk", "in broad daylight"))

    assert night < dusk < day


def test_golden_hour_is_warmer_than_day() -> None:
    golden, day = (oklab_of_rgb(first_frame(f"alpine meadow {hour}"))[..., 2].mean() for hour in ("at golden hour", "at noon"))

    assert golden > day + 0.02


@pytest.mark.parametrize(("colour", "code"), [("red", "#C81E1E"), ("green", "#1E8C32"), ("blue", "#1E32C8")])
def test_clothes_have_the_colour_that_is_named(colour: str, code: str) -> None:
    shares = {}
    for worn in ("red", "green", "blue"):
        frame = first_frame(f"a woman in a {worn} dress on a city street in broad daylight, medium shot, clear sky")
        lab = oklab_of_rgb(frame)[..., 1:]
        wanted = oklab_of_hex(code)[1:]
        along = (lab @ wanted) / np.linalg.norm(wanted)
        away = np.linalg.norm(lab - along[..., None] * wanted / np.linalg.norm(wanted), axis=-1)
        shares[worn] = float(((along > 0.08) & (away < 0.5 * along)).mean())

    assert max(shares, key=lambda worn: shares[worn]) == colour
    assert shares[colour] > 0.04
    assert shares[colour] > 3 * max(share for worn, share in shares.items() if worn != colour)


def test_a_named_palette_moves_the_picture_towards_its_colours() -> None:
    plain = oklab_of_rgb(first_frame("a city street in broad daylight"))[..., 1:]
    asked = oklab_of_rgb(first_frame("a city street in broad daylight, teal and magenta palette"))[..., 1:]
    palette = np.stack([oklab_of_hex("#008080")[1:], oklab_of_hex("#FF00FF")[1:]])

    def distance(lab: np.ndarray) -> float:
        return float(np.linalg.norm(lab[..., None, :] - palette, axis=-1).min(axis=-1).mean())

    assert distance(asked) < 0.75 * distance(plain)


def test_reference_pictures_lend_their_palette(tmp_path: Path) -> None:
    violet = tmp_path / "violet.png"
    Image.merge(
        "RGB", [Image.linear_gradient("L").point(lambda code, share=share: code * share) for share in (0.6, 0.2, 0.9)]
    ).save(violet)
    wanted = oklab_of_rgb(np.asarray(Image.open(violet))).mean(axis=(0, 1))

    alone = oklab_of_rgb(first_frame("alpine meadow by day")).mean(axis=(0, 1))
    following = oklab_of_rgb(first_frame("alpine meadow by day", references=[violet])).mean(axis=(0, 1))

    assert np.linalg.norm(following[1:] - wanted[1:]) < 0.35 * np.linalg.norm(alone[1:] - wanted[1:])


@pytest.mark.parametrize("weather", ["heavy rain", "snow falling"])
def test_what_falls_moves_between_frames_of_a_static_camera(weather: str) -> None:
    moving = {}
    for words in (weather, "clear sky"):
        frames = [
            frame.astype(np.int16)
            for frame in all_frames(small_take(f"a city street by daylight, {words}, static camera", frames=6))
        ]
        moving[words] = float(np.mean([np.abs(after - before).mean() for before, after in pairwise(frames)]))

    assert moving[weather] > 4 * moving["clear sky"]


def test_fog_takes_the_contrast_away() -> None:
    clear, fog = (
        oklab_of_rgb(first_frame(f"alpine meadow by daylight, {weather}"))[..., 0].std() for weather in ("clear sky", "thick fog")
    )

    assert fog < 0.75 * clear


def test_framing_brings_the_person_nearer() -> None:
    shares = []
    for framing in ("wide shot", "medium shot", "close-up"):
        frame = first_frame(f"{framing} of a woman in a red coat on a city street in broad daylight")
        lab = oklab_of_rgb(frame)
        shares.append(float(((lab[..., 1] > 0.10) | (lab[..., 0] < 0.28)).mean()))

    assert shares[0] < shares[1] < shares[2]


@pytest.mark.parametrize(
    ("words", "axis", "sign"),
    [("camera pans left", 1, 1), ("camera pans right", 1, -1), ("camera tilts up", 0, 1), ("camera tilts down", 0, -1)],
)
def test_camera_moves_go_where_they_are_told(words: str, axis: int, sign: int) -> None:
    frames = all_frames(small_take(f"alpine meadow by daylight, clear sky, {words}", frames=24), slate=False)
    before, after = (oklab_of_rgb(frames[index])[..., 0] for index in (9, 14))

    shifts = range(-10, 11)
    errors = [float(((np.roll(before, shift, axis=axis) - after)[20:-20, 20:-20] ** 2).mean()) for shift in shifts]
    best = shifts[int(np.argmin(errors))]

    assert best * sign > 1


def test_the_slate_stays_out_of_the_first_and_last_six_frames() -> None:
    take = small_take("a room in daylight", frames=20)
    with_slate, without = all_frames(take), all_frames(take, slate=False)

    marked = [index for index, (one, other) in enumerate(zip(with_slate, without, strict=True)) if not np.array_equal(one, other)]

    assert CLEAR_FRAMES == 6
    assert marked == list(range(6, 14))


def test_the_slate_says_what_was_read() -> None:
    take = small_take("close-up at night in the rain, the camera pulls back", seed=41)

    assert take.direction.slate == "ANIMATIC · close-up · night · pull · seed 41"


@pytest.mark.parametrize(
    "prompt", ["", "   ", "🌧️🌃💃", "雨の夜、ネオンの街", "a" * 5000, "<script>alert(1)</script>", "%s {0} \\n \x00"]
)
def test_any_prompt_gives_a_picture(prompt: str) -> None:
    frame = first_frame(prompt)

    assert frame.shape == (180, 320, 3)
    assert frame.std() > 5


def test_one_frame_is_enough_for_a_clip() -> None:
    assert len(list(frames_of(small_take("a forest", frames=1)))) == 1
