import subprocess

import numpy as np
import pytest

from continuity.video.tool import ffmpeg_binary
from continuity.vision.cube import SIZE, Cube, NotACube, apply_cube, compose, cube_text, identity_cube, read_cube, sample_cube
from continuity.vision.errors import NotAPicture, VisionError


def lattice() -> Cube:
    return identity_cube().copy()


def curved() -> Cube:
    """A smooth cube that mixes channels and bends each differently."""
    red, green, blue = np.moveaxis(identity_cube(), -1, 0)
    mixed = np.stack([red**1.3 * 0.9 + 0.05 * green, green**0.8 * 0.95, 0.85 * blue + 0.1 * red * green], axis=-1)
    return mixed.astype(np.float32)


def all_greys_and_noise() -> np.ndarray:
    picture = np.random.default_rng(3).integers(0, 256, (64, 80, 3), dtype=np.uint8)
    picture[0, :80] = np.arange(80)[:, None] * 3 + 15
    return picture


def through_ffmpeg(picture: np.ndarray, file: str) -> np.ndarray:
    height, width = picture.shape[:2]
    raw = ["-f", "rawvideo", "-pixel_format", "rgb24", "-video_size", f"{width}x{height}", "-i", "-"]
    chain = f"format=gbrp16le,lut3d=file={file}:interp=tetrahedral,scale=flags=accurate_rnd"
    command = [ffmpeg_binary(), "-v", "error", *raw, "-vf", chain, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    done = subprocess.run(command, input=picture.tobytes(), capture_output=True, check=True)
    return np.frombuffer(done.stdout, np.uint8).reshape(picture.shape)


def test_identity_changes_no_code_value() -> None:
    every_code = np.stack([np.arange(256, dtype=np.uint8)] * 3, axis=-1)[None]
    pictures = [every_code, all_greys_and_noise()]

    assert [np.array_equal(apply_cube(picture, identity_cube()), picture) for picture in pictures] == [True, True]


def test_points_of_the_cube_come_out_exactly() -> None:
    cube = curved()

    np.testing.assert_allclose(sample_cube(lattice().reshape(-1, 3), cube), cube.reshape(-1, 3), atol=1e-6)


def test_a_colour_between_points_is_weighted_along_its_tetrahedron() -> None:
    cube = lattice()
    cube[10, 10, 10], cube[11, 10, 10], cube[11, 11, 10], cube[11, 11, 11] = 0.0, 0.2, 0.5, 1.0
    inside = (10 + np.array([[0.7, 0.4, 0.1]], dtype=np.float32)) / 32

    # .3 of the first corner, .3 of red's, .3 of red and green's, .1 of the far one
    np.testing.assert_allclose(sample_cube(inside, cube), [[0.3 * 0 + 0.3 * 0.2 + 0.3 * 0.5 + 0.1 * 1.0] * 3], atol=1e-5)


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
def test_each_tetrahedron_of_a_cell_follows_its_own_edges(order: tuple[int, int, int]) -> None:
    fractions = np.zeros(3, dtype=np.float32)
    fractions[list(order)] = 0.7, 0.4, 0.1
    cube, corner, expected = lattice(), np.array([5, 6, 7]), 0.0
    for value, weight, channel in zip((0.2, 0.5, 1.0), (0.3, 0.3, 0.1), order, strict=True):
        corner[channel] += 1
        cube[tuple(corner)] = value
        expected += value * weight
    cube[5, 6, 7] = 0

    np.testing.assert_allclose(sample_cube((np.array([[5, 6, 7]]) + fractions) / 32, cube), [[expected] * 3], atol=1e-5)


def test_cube_agrees_with_ffmpeg_on_its_own_file(tmp_path) -> None:
    (tmp_path / "grade.cube").write_text(cube_text(curved(), "curved"))
    picture = all_greys_and_noise()

    theirs = through_ffmpeg(picture, str(tmp_path / "grade.cube")).astype(int)

    difference = np.abs(theirs - apply_cube(picture, curved()))
    assert difference.max() <= 1
    assert difference.mean() < 0.2
    assert np.abs(theirs - picture).mean() > 5


def test_composed_cubes_do_what_one_after_the_other_does() -> None:
    darker = lattice() * np.float32(0.8)
    picture = all_greys_and_noise()

    both = apply_cube(picture, compose(darker, curved())).astype(int)

    assert np.abs(both - apply_cube(apply_cube(picture, darker), curved())).max() <= 2
    np.testing.assert_array_equal(compose(identity_cube(), curved()), curved())
    np.testing.assert_allclose(compose(curved(), identity_cube()), curved(), atol=1e-6)
    assert not np.allclose(compose(darker, curved()), compose(curved(), darker), atol=0.01)


def test_text_has_red_running_fastest_and_reads_back() -> None:
    cube = lattice()
    cube[1, 0, 0], cube[0, 0, 1] = (0.123456, 0.5, 1.0), (0.25, 0.0, 0.75)

    lines = cube_text(cube, 'a "look"\nof two lines').splitlines()

    assert lines[:4] == ["TITLE \"a 'look' of two lines\"", "LUT_3D_SIZE 33", "DOMAIN_MIN 0.0 0.0 0.0", "DOMAIN_MAX 1.0 1.0 1.0"]
    assert lines[4:6] == ["0.000000 0.000000 0.000000", "0.123456 0.500000 1.000000"]
    assert lines[4 + SIZE * SIZE] == "0.250000 0.000000 0.750000"
    np.testing.assert_allclose(read_cube("\n".join(lines)), cube, atol=5e-7)


def test_text_of_another_program_is_read() -> None:
    numbers = cube_text(curved(), "").split("1.0 1.0 1.0\n", 1)[1]
    text = f'\ufeff# made elsewhere\r\nLUT_3D_SIZE 33\r\n\r\nTITLE "x"\r\n{numbers.replace("0.000000", "0")}'

    np.testing.assert_allclose(read_cube(text), curved(), atol=5e-7)


def broken(before: str, after: str) -> str:
    text = cube_text(identity_cube(), "good")
    assert before in text
    return text.replace(before, after, 1)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The text does not say LUT_3D_SIZE 33 exactly once: give a 3-D .cube file."),
        (broken("LUT_3D_SIZE 33", "LUT_3D_SIZE 17"), "Line 2: the cube has 17 points a side: bake it with 33."),
        (broken("LUT_3D_SIZE 33", "LUT_3D_SIZE"), "Line 2: the cube has  points a side: bake it with 33."),
        (broken("LUT_3D_SIZE 33", "LUT_3D_SIZE 33\nLUT_3D_SIZE 33"), "exactly once"),
        (broken("LUT_3D_SIZE 33", "LUT_1D_SIZE 33"), "Line 2: “LUT_1D_SIZE” is not known here"),
        (broken("DOMAIN_MAX 1.0 1.0 1.0", "DOMAIN_MAX 2 2 2"), "Line 4: the cube is for another range than 0 to 1"),
        (broken("0.000000 0.000000 0.000000\n", ""), "The cube has 35936 of its 35937 lines"),
        (broken("0.000000 0.000000 0.000000\n", "0 0 0\n0 0 0\n"), "The cube has 35938 of its 35937 lines"),
        (broken("0.031250 0.000000 0.000000", "0.031250 0.000000"), "Line 6 is not three numbers: “0.031250 0.000000”."),
        (broken("0.031250 0.000000 0.000000", "0.031250 0,0 0"), "Line 6 is not three numbers"),
        (broken("0.031250 0.000000 0.000000", "0 0 1e999"), "Line 6 is not three numbers"),
        (broken("0.031250 0.000000 0.000000", "0 0 1.5"), "A cube holds code values from 0 to 1 only"),
        (broken("0.031250 0.000000 0.000000", "0 0 -0.1"), "A cube holds code values from 0 to 1 only"),
        ("x" * 8_000_001, "smaller than 8 MB"),
    ],
)
def test_text_that_is_no_plain_cube_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(NotACube) as refusal:
        read_cube(text)

    assert sentence in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert isinstance(refusal.value, VisionError)


@pytest.mark.parametrize(
    "cube",
    [
        lattice().astype(np.float64),
        lattice()[:17],
        lattice() * np.float32(1.01),
        lattice() - np.float32(0.01),
        np.full((SIZE, SIZE, SIZE, 3), np.nan, dtype=np.float32),
    ],
)
def test_array_that_is_no_cube_is_refused(cube: np.ndarray) -> None:
    for use in (lambda: apply_cube(all_greys_and_noise(), cube), lambda: cube_text(cube, ""), lambda: compose(cube, cube)):
        with pytest.raises(NotACube):
            use()


def test_array_that_is_no_picture_is_refused() -> None:
    with pytest.raises(NotAPicture):
        apply_cube(np.zeros((4, 4, 3)), identity_cube())


def test_identity_cannot_be_written_to_by_its_borrowers() -> None:
    with pytest.raises(ValueError, match="read-only"):
        identity_cube()[0, 0, 0] = 1
