from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from continuity.vision.colour import oklab_of_hex, oklab_of_rgb, rgb_of_hex
from continuity.vision.errors import NotAPicture
from continuity.vision.palette import Palette, Swatch, cluster, measure_palette, pixels_of


def _areas(*areas: tuple[str, int], height: int = 40) -> np.ndarray:
    """Vertical stripes: colour and width in pixels."""
    return np.concatenate([np.full((height, width, 3), rgb_of_hex(colour), dtype=np.uint8) for colour, width in areas], axis=1)


def test_palette_of_known_areas():
    picture = _areas(("#102040", 80), ("#808890", 60), ("#FF2050", 8), ("#E0E8F0", 44))

    palette = measure_palette([picture])

    assert palette.primary == "#102040"
    assert palette.secondary == "#808890"
    assert palette.accent == "#FF2050"
    assert palette.dominant == (
        Swatch("#102040", round(80 / 192, 4)),
        Swatch("#808890", round(60 / 192, 4)),
        Swatch("#E0E8F0", round(44 / 192, 4)),
        Swatch("#FF2050", round(8 / 192, 4)),
    )


def test_accent_covers_at_least_a_hundredth_of_the_picture():
    speck = _areas(("#102040", 120), ("#808890", 71), ("#FF2050", 1))

    assert measure_palette([speck]).accent is None


def test_accent_is_the_most_striking_by_chroma_and_root_of_area():
    # Chroma .258 against .116 on a quarter of the area: behind by chroma · area, ahead by chroma · √area.
    small_but_pure = _areas(("#000000", 92), ("#FFFFFF", 60), ("#B05A48", 32), ("#FF0000", 8))

    assert measure_palette([small_but_pure]).accent == "#FF0000"


def test_accent_is_not_the_purest_speck():
    large_and_strong = _areas(("#000000", 92), ("#FFFFFF", 54), ("#B05A48", 44), ("#FF0000", 2))

    assert measure_palette([large_and_strong]).accent == "#B05A48"


def test_a_picture_of_greys_has_no_accent():
    assert measure_palette([_areas(("#000000", 60), ("#555555", 50), ("#AAAAAA", 42), ("#FFFFFF", 40))]).accent is None


GREYS = [("#000000", "#303030"), ("#101820", "#505050"), ("#404448", "#181818"), ("#777777", "#B0B0B0")]
NIGHT = [("#05080C", 240), ("#14161A", 200), ("#26282C", 180), ("#3A3C42", 140), ("#56585E", 110), ("#84868C", 100)]
"""Dark greys, 970 of 1000 px: the six clusters go to them, and what is red among them is averaged away."""


def _night(*signs: tuple[str, int]) -> np.ndarray:
    """1000 px: the dark greys and the signs among them; what is left is the darkest grey."""
    rest = 1000 - sum(width for _, width in [*NIGHT, *signs])
    return _areas(*NIGHT, ("#05080C", rest), *signs)


def _measured(picture: np.ndarray) -> Palette:
    """The palette of stripes 1000 px wide, cut and stacked to 100 px, so that no averaging mixes what lies side by side."""
    columns = picture[0].reshape(10, 100, 3)
    return measure_palette([columns.repeat(4, axis=0)])


def _distance(one: str, other: str) -> float:
    return float(np.linalg.norm(oklab_of_hex(one) - oklab_of_hex(other)))


def test_a_small_red_in_a_dark_picture_is_the_accent_and_the_last_of_the_dominant_colours():
    palette = _measured(_night(("#E01030", 16), ("#20D0E0", 14)))

    assert palette.accent == "#E01030"
    assert palette.dominant[-1] == Swatch("#E01030", 0.016)
    assert (palette.primary, palette.secondary) == ("#05080C", "#14161A")
    assert len(palette.dominant) == 5


def test_the_grey_that_swallowed_the_accent_gives_its_pixels_up():
    """Each pixel is counted for one swatch only: the shares are the areas that were painted."""
    greys = [("#505258", 262), ("#14161A", 220), ("#303238", 200), ("#84868C", 160), ("#C0C2C8", 100), ("#000000", 40)]
    folds = [("#8C1020", 6), ("#A01028", 6), ("#C01030", 6)]

    palette = _measured(_areas(*greys, *folds))

    assert palette.accent == palette.dominant[-1].hex
    assert [swatch.share for swatch in palette.dominant] == [0.262, 0.22, 0.2, 0.16, 0.018]


def test_accent_of_a_dress_with_folds_is_one_red_near_its_lit_side():
    palette = _measured(_night(("#500818", 6), ("#8C1028", 10), ("#D01838", 10)))

    assert palette.dominant[-1].share == 0.026
    assert _distance(palette.accent, "#D01838") < _distance(palette.accent, "#500818") / 2


@pytest.mark.parametrize(("red", "cyan", "accent"), [(6, 6, "#E01030"), (3, 9, "#20D0E0"), (9, 0, None), (5, 4, None)])
def test_neon_colours_that_make_a_hundredth_only_together_give_the_strongest_from_four_in_a_thousand(red, cyan, accent):
    assert _measured(_night(("#E01030", red), ("#20D0E0", cyan))).accent == accent


def test_neon_specks_that_are_each_below_four_in_a_thousand_give_no_accent():
    specks = [("#E01030", 3), ("#20D0E0", 3), ("#40D040", 3), ("#E0C020", 3), ("#8040E0", 3)]

    assert _measured(_night(*specks)).accent is None


@pytest.mark.parametrize("beside", ["#E020A0", "#E06020", "#6A4044"])
def test_red_is_not_mixed_with_magenta_orange_or_dull_brick(beside):
    """The mean would be a colour that is nowhere in the picture."""
    palette = _measured(_night(("#E01030", 16), (beside, 12)))

    assert palette.dominant[-1] == Swatch("#E01030", 0.016)


def test_a_dull_teal_is_not_taken_for_the_grey_beside_it():
    palette = _measured(_night(("#4E9494", 25)))

    assert palette.accent == "#4E9494"
    assert _distance("#4E9494", "#84868C") < 0.1


def test_a_warm_tint_is_not_an_accent_of_a_grey_picture():
    tinted = [("#0A0806", 300), ("#1C1916", 300), ("#2E2A27", 200), ("#44403C", 100), ("#5A554F", 100)]

    assert _measured(_areas(*tinted)).accent is None


def test_a_picture_of_one_hue_has_no_accent():
    assert _measured(_areas(("#402818", 300), ("#603C24", 300), ("#805030", 250), ("#A0643C", 150))).accent is None


def test_accent_of_a_brown_table_is_the_small_green_toy_and_not_a_lighter_brown():
    table = [("#7A4A2C", 300), ("#986038", 300), ("#B07040", 200), ("#C88450", 170)]

    assert _measured(_areas(*table, ("#40C040", 30))).accent == "#40C040"


@pytest.mark.parametrize(("sign", "accent"), [("#E02020", "#E02020"), ("#6A3030", None)])
def test_of_the_hue_of_the_primary_only_what_is_much_stronger_stands_out(sign, accent):
    assert _measured(_areas(("#2A1616", 600), ("#808080", 370), (sign, 30))).accent == accent


def test_accent_that_is_a_large_cluster_is_that_swatch_in_its_place():
    palette = _measured(_areas(("#202020", 400), ("#808080", 300), ("#2060C0", 200), ("#E0E0E0", 100)))

    assert palette.dominant[2] == Swatch("#2060C0", 0.2)
    assert palette.accent == "#2060C0"


def test_accent_is_the_same_whatever_the_area_of_the_greys():
    """The frames of a shot differ in what is large; the small red stays the same red."""
    accents = [_measured(_areas((dark, 500), (light, 470), ("#C01030", 18), ("#20A0A0", 12))).accent for dark, light in GREYS]

    assert accents == ["#C01030"] * len(GREYS)


def test_shadows_and_highlights_are_the_means_of_the_darkest_and_lightest_tenth():
    ramp = np.arange(200, dtype=np.uint8)[None, :, None].repeat(10, axis=0).repeat(3, axis=2)[:, :190]

    palette = measure_palette([ramp])

    # The darkest tenth are the code values 0-18, the lightest 171-189; averaged in OKLab, where black weighs more.
    darkest, lightest = (oklab_of_rgb(ramp[:1, part])[..., 0].mean() for part in (slice(0, 19), slice(171, 190)))
    assert oklab_of_hex(palette.shadows)[0] == pytest.approx(darkest, abs=0.003)
    assert oklab_of_hex(palette.highlights)[0] == pytest.approx(lightest, abs=0.003)


@pytest.mark.parametrize("colour", ["#000000", "#FFFFFF", "#FF1493"])
@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (90, 160)])
def test_a_flat_picture_has_one_colour_and_no_other(colour, size):
    picture = np.full((*size, 3), rgb_of_hex(colour), dtype=np.uint8)

    assert measure_palette([picture]) == Palette(colour, None, None, None, None, (Swatch(colour, 1.0),))


def test_two_colours_make_no_third():
    palette = measure_palette([_areas(("#204060", 120), ("#E0C080", 72))])

    assert astuple(palette)[:5] == ("#204060", "#E0C080", None, "#204060", "#E0C080")
    assert [swatch.hex for swatch in palette.dominant] == ["#204060", "#E0C080"]


def test_grain_on_one_colour_makes_no_second():
    noise = np.random.default_rng(5).normal(0, 1.5, (120, 180, 3))
    picture = np.clip(np.array([97, 130, 152]) + noise, 0, 255).round().astype(np.uint8)

    palette = measure_palette([picture])

    assert (palette.secondary, palette.dominant[0].share) == (None, 1.0)
    assert np.linalg.norm(oklab_of_hex(palette.primary) - oklab_of_hex("#618298")) < 0.005


def test_several_frames_are_pooled():
    dark, light = _areas(("#101820", 100)), _areas(("#F0E8E0", 100))

    palette = measure_palette([dark, dark, light])

    assert palette.dominant == (Swatch("#101820", round(2 / 3, 4)), Swatch("#F0E8E0", round(1 / 3, 4)))


def test_a_large_picture_has_the_palette_of_its_small_self():
    small = _areas(("#102040", 80), ("#808890", 60), ("#FF2050", 52), height=108)

    assert measure_palette([small.repeat(5, axis=0).repeat(5, axis=1)]) == measure_palette([small])


def test_no_frame_has_no_palette():
    with pytest.raises(NotAPicture, match="at least one"):
        measure_palette([])


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 12))
@settings(deadline=None, max_examples=60)
def test_the_palette_of_any_picture_holds_together(seed, height, width):
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)

    palette = measure_palette([picture])

    shares = [swatch.share for swatch in palette.dominant]
    assert palette == measure_palette([picture.copy()])
    assert min(shares) > 0
    assert sum(shares) < 1.001
    assert palette.primary == palette.dominant[0].hex
    assert palette.secondary in [swatch.hex for swatch in palette.dominant[1:2]] + [None] * (len(shares) == 1)
    assert len({swatch.hex for swatch in palette.dominant}) == len(palette.dominant) <= 5
    assert palette.accent is None or palette.accent in [swatch.hex for swatch in palette.dominant[2:]]
    assert palette.accent is not None or shares == sorted(shares, reverse=True)


def test_colours_of_the_palette_are_near_to_those_of_the_picture():
    rng = np.random.default_rng(11)
    true = ["#14213D", "#FCA311", "#E5E5E5", "#2A9D8F", "#9B2226"]
    picture = _areas(*[(colour, 38) for colour in true]) + rng.integers(0, 6, (40, 190, 3), dtype=np.uint8)

    found = measure_palette([picture])

    nearest = [
        min(np.linalg.norm(oklab_of_hex(colour) - oklab_of_hex(swatch.hex)) for swatch in found.dominant) for colour in true
    ]
    assert max(nearest) < 0.02


def test_every_colour_is_the_mean_of_the_pixels_nearest_to_it():
    """What Lloyd's rounds settle at: here the twelve are enough and one is not."""
    rows, columns = np.mgrid[:108, :192]
    pixels = pixels_of(np.stack([columns, rows * 2, np.full_like(rows, 90)], axis=-1).astype(np.uint8))

    centres = cluster(pixels).centres

    nearest = np.argmin([np.sum((pixels - centre) ** 2, axis=1) for centre in centres], axis=0)
    means = np.stack([pixels[nearest == index].mean(axis=0) for index in range(len(centres))])
    assert np.linalg.norm(means - centres, axis=1).max() < 0.006


@pytest.mark.parametrize(
    ("size", "measured"), [((1080, 1920), (108, 192)), ((1920, 1080), (341, 192)), ((1000, 100), (768, 100)), ((9, 16), (9, 16))]
)
def test_pixels_are_measured_at_192_px_width_and_no_taller_than_four_times_that(size, measured):
    assert pixels_of(np.zeros((*size, 3), dtype=np.uint8)).shape == (measured[0] * measured[1], 3)
