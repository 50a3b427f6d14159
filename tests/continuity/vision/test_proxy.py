import math
import re

import numpy as np
import pytest

from continuity.vision.errors import NotAPicture, VisionError
from continuity.vision.proxy import ProxyRefused, render_parallax, render_proxy

HEIGHT, WIDTH = 100, 200
STILL = {"yaw": 0.0, "pitch": 0.0, "dolly": 0.0}
BACKGROUND, THING = (20, 90, 200), (220, 30, 10)


def _textured(height=HEIGHT, width=WIDTH):
    return np.random.default_rng(11).integers(0, 256, (height, width, 3), dtype=np.uint8)


def _ramp(rows, columns):
    """A smooth picture as a function of the place, so that what must be seen where is known."""
    return np.stack(np.broadcast_arrays(columns * 1.1 + 10, rows * 2.2 + 10, rows + columns * 0.5), axis=-1)


def _thing(left=80, right=120, top=30, bottom=70):
    """A near thing before a far and plain background, and the depth of the two."""
    picture = np.full((HEIGHT, WIDTH, 3), BACKGROUND, dtype=np.uint8)
    depth = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    picture[top:bottom, left:right], depth[top:bottom, left:right] = THING, 255
    return picture, depth


def _seen(proxy):
    """(top, bottom, left, right) of the thing, halfway of its soft edge."""
    rows, columns = np.nonzero(proxy.picture[..., 0] > 120)
    return int(rows.min()), int(rows.max()) + 1, int(columns.min()), int(columns.max()) + 1


def test_proxy_that_does_not_move_is_the_reference():
    reference = _textured(91, 161)

    proxy = render_proxy(reference, **STILL)

    assert np.array_equal(proxy.picture, reference)
    assert (proxy.hole_share, proxy.hole_mask.any()) == (0, False)


@pytest.mark.parametrize("yaw", [0.1, -0.1])
def test_yaw_moves_the_view_sideways_by_whole_pixels_and_leaves_the_reference_sharp(yaw):
    reference = _textured()

    proxy = render_proxy(reference, **{**STILL, "yaw": yaw})

    seen, filmed = (slice(0, 180), slice(20, 200)) if yaw > 0 else (slice(20, 200), slice(0, 180))
    assert np.array_equal(proxy.picture[:, seen], reference[:, filmed])
    assert (~proxy.hole_mask).all(axis=0).nonzero()[0].tolist() == list(range(WIDTH))[seen]
    assert proxy.hole_share == pytest.approx(0.1)


def test_pitch_looks_up_so_that_the_content_goes_down():
    reference = _textured()

    proxy = render_proxy(reference, **{**STILL, "pitch": 0.07})

    assert np.array_equal(proxy.picture[7:], reference[:-7])
    assert proxy.hole_mask.any(axis=1).nonzero()[0].tolist() == list(range(7))


@pytest.mark.parametrize(("yaw", "pitch", "dolly"), [(0.1, 0.05, 0.5), (-0.2, 0.2, 1.0), (0, 0, 0.25), (0.02, -0.01, -0.03)])
def test_every_filmed_pixel_is_where_the_move_puts_it(yaw, pitch, dolly):
    rows, columns = np.arange(HEIGHT)[:, None], np.arange(WIDTH)
    reference = np.rint(_ramp(rows, columns)).astype(np.uint8)

    proxy = render_proxy(reference, yaw=yaw, pitch=pitch, dolly=dolly)

    from_rows = (rows - (HEIGHT - 1) / 2) / (1 + dolly) + (HEIGHT - 1) / 2 - round(pitch * HEIGHT)
    from_columns = (columns - (WIDTH - 1) / 2) / (1 + dolly) + (WIDTH - 1) / 2 + round(yaw * WIDTH)
    inside = (from_rows > 2) & (from_rows < HEIGHT - 3) & (from_columns > 2) & (from_columns < WIDTH - 3)
    assert inside.mean() > 0.8
    assert np.abs(proxy.picture - _ramp(from_rows, from_columns))[inside].max() < 1.3
    assert not proxy.hole_mask[inside].any()


def test_moving_out_averages_and_does_not_leave_out_lines():
    stripes = np.tile(np.array([[[0], [255]]], dtype=np.uint8), (HEIGHT, WIDTH // 2, 3))

    proxy = render_proxy(stripes, **{**STILL, "dolly": -0.05})

    filmed = proxy.picture[~proxy.hole_mask].mean()
    assert filmed == pytest.approx(127.5, abs=2)


def test_holes_are_filled_from_the_edge_beside_them():
    reference = np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8)
    reference[:50] = (200, 10, 10)

    proxy = render_proxy(reference, **{**STILL, "yaw": 0.1})

    beside = proxy.picture[:, 180:, 0].astype(int)
    assert beside[:25].min() > 150
    assert beside[75:].max() < 50


def test_holes_are_soft_and_hold_no_streaks():
    proxy = render_proxy(_textured(), **{**STILL, "yaw": 0.1})

    steps = np.abs(np.diff(proxy.picture.astype(int), axis=0)).mean(axis=(0, 2))
    assert steps[:180].min() > 60
    assert steps[190:].max() < 6


def test_share_of_holes_is_what_the_mask_says():
    proxy = render_proxy(_textured(), yaw=0.05, pitch=-0.06, dolly=0.0)

    assert proxy.hole_share == proxy.hole_mask.mean() == pytest.approx(1 - 0.95 * 0.94)
    assert proxy.hole_mask.shape == proxy.picture.shape[:2] == (HEIGHT, WIDTH)


def test_twelve_in_a_hundred_is_the_most_that_may_be_empty():
    reference = _textured()

    assert render_proxy(reference, **{**STILL, "yaw": 0.12}).hole_share == pytest.approx(0.12)
    with pytest.raises(ProxyRefused, match=r"leaves 12.5 % of the picture empty, and at most 12 % may be: turn less, or give"):
        render_proxy(reference, **{**STILL, "yaw": 0.125})


@pytest.mark.parametrize(("yaw", "pitch", "dolly"), [(0.2, 0.0, 0.0), (0.15, -0.15, 0.1), (0.0, 0.0, -0.2)])
def test_dolly_that_a_refusal_names_is_the_smallest_that_will_do(yaw, pitch, dolly):
    reference = _textured()
    with pytest.raises(ProxyRefused) as refused:
        render_proxy(reference, yaw=yaw, pitch=pitch, dolly=dolly)

    named = float(re.search(r"give a dolly of (-?[\d.]+) or more", str(refused.value))[1])

    assert render_proxy(reference, yaw=yaw, pitch=pitch, dolly=named).hole_share <= 0.12
    with pytest.raises(ProxyRefused):
        render_proxy(reference, yaw=yaw, pitch=pitch, dolly=named - 0.01)


def test_refusal_that_no_dolly_mends_names_none():
    with pytest.raises(ProxyRefused) as refused:
        render_proxy(_textured(), yaw=0.5, pitch=0.5, dolly=0)

    assert str(refused.value) == "This move leaves 75.0 % of the picture empty, and at most 12 % may be: turn less."


@pytest.mark.parametrize(
    ("move", "why"),
    [
        ({"yaw": 0.51}, "A yaw of 0.51 is out of reach: give one from -0.5 to 0.5."),
        ({"pitch": -2.0}, "A pitch of -2 is out of reach: give one from -0.5 to 0.5."),
        ({"dolly": 1.1}, "A dolly of 1.1 is out of reach: give one from -0.25 to 1."),
        ({"dolly": -1.0}, "A dolly of -1 is out of reach: give one from -0.25 to 1."),
        ({"yaw": math.nan}, "A yaw of nan is out of reach: give one from -0.5 to 0.5."),
        ({"dolly": math.inf}, "A dolly of inf is out of reach: give one from -0.25 to 1."),
    ],
)
def test_move_out_of_range_is_refused(move, why):
    with pytest.raises(ProxyRefused) as refused:
        render_proxy(_textured(), **{**STILL, **move})

    assert str(refused.value) == why
    assert isinstance(refused.value, VisionError)


def test_the_same_move_gives_the_same_bytes():
    reference = _textured()
    reference_before = reference.copy()

    first, second = (render_proxy(reference, yaw=0.1, pitch=0.05, dolly=0.3) for _ in range(2))

    assert first.picture.tobytes() == second.picture.tobytes()
    assert np.array_equal(reference, reference_before)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (1, 40)])
def test_smallest_pictures_have_a_proxy_too(size):
    reference = _textured(*size)

    assert np.array_equal(render_proxy(reference, **STILL).picture, reference)
    assert render_proxy(reference, **{**STILL, "dolly": 1.0}).picture.shape == reference.shape


def test_what_is_no_picture_is_refused():
    with pytest.raises(NotAPicture):
        render_proxy(np.zeros((4, 4)), **STILL)
    with pytest.raises(NotAPicture):
        render_parallax(np.zeros((4, 4)), np.zeros((4, 4)), **STILL)


def test_parallax_that_does_not_move_is_the_reference():
    reference, depth = _textured(), np.tile(np.linspace(0, 255, WIDTH).astype(np.uint8), (HEIGHT, 1))

    proxy = render_parallax(reference, depth, **STILL)

    assert np.array_equal(proxy.picture, reference)
    assert proxy.hole_share == 0


def test_near_thing_moves_by_the_turn_and_the_far_stays():
    picture, depth = _thing()
    far = _textured()
    picture[depth == 0] = far[depth == 0]

    proxy = render_parallax(picture, depth, **{**STILL, "yaw": 0.1})

    assert (proxy.picture[30:70, 60:100] == THING).all()
    outside = np.ones((HEIGHT, WIDTH), dtype=bool)
    outside[30:70, 60:120] = False
    assert np.array_equal(proxy.picture[outside], picture[outside])


def test_parallax_looks_up_so_that_the_near_goes_down():
    picture, depth = _thing()

    assert _seen(render_parallax(picture, depth, **{**STILL, "pitch": 0.1})) == (40, 80, 80, 120)


@pytest.mark.parametrize(
    ("move", "rows", "columns"),
    [
        ({"yaw": 0.1}, slice(30, 70), slice(100, 120)),
        ({"yaw": -0.05}, slice(30, 70), slice(80, 90)),
        ({"pitch": 0.1}, slice(30, 40), slice(80, 120)),
        ({"pitch": -0.03}, slice(67, 70), slice(80, 120)),
    ],
)
def test_hole_is_what_the_thing_hid_and_is_filled_with_background(move, rows, columns):
    picture, depth = _thing()

    proxy = render_parallax(picture, depth, **{**STILL, **move})

    hidden = np.zeros((HEIGHT, WIDTH), dtype=bool)
    hidden[rows, columns] = True
    assert np.array_equal(proxy.hole_mask, hidden)
    assert proxy.hole_share == pytest.approx(hidden.mean())
    assert (proxy.picture[hidden] == BACKGROUND).all()


@pytest.mark.parametrize("near_first", [True, False])
def test_nearer_thing_hides_the_farther_whatever_comes_first(near_first):
    near, middling = (220, 30, 10), (10, 200, 60)
    picture = np.full((HEIGHT, WIDTH, 3), BACKGROUND, dtype=np.uint8)
    depth = np.zeros((HEIGHT, WIDTH), dtype=np.float32)
    places = (slice(120, 140), slice(100, 120)) if near_first else (slice(60, 80), slice(80, 100))
    yaw = 0.1 if near_first else -0.1
    for place, colour, nearness in zip(places, (near, middling), (1.0, 0.5), strict=True):
        picture[40:60, place], depth[40:60, place] = colour, nearness

    proxy = render_parallax(picture, depth, **{**STILL, "yaw": yaw})

    moved = -20 if near_first else 20
    assert (proxy.picture[40:60, places[0].start + moved : places[0].stop + moved] == near).all()
    assert (proxy.picture == middling).all(axis=-1).sum() == 10 * 20


def test_moving_in_enlarges_the_near_without_tearing_it():
    picture, depth = _thing()

    proxy = render_parallax(picture, depth, **{**STILL, "dolly": 0.5})

    top, bottom, left, right = _seen(proxy)
    assert (bottom - top, right - left) == (60, 60)
    assert (proxy.picture[top + 3 : bottom - 3, left + 3 : right - 3] == THING).all()
    assert proxy.hole_share < 0.01


@pytest.mark.parametrize("move", [{"dolly": 0.5}, {"yaw": 0.1}, {"pitch": -0.1}, {"yaw": -0.1, "dolly": 0.3}])
def test_slope_is_stretched_and_not_torn(move):
    nearness = np.tile(np.linspace(0, 1, HEIGHT)[:, None], (1, WIDTH))
    picture = np.rint(_ramp(np.arange(HEIGHT)[:, None], np.arange(WIDTH))).astype(np.uint8)

    proxy = render_parallax(picture, nearness, **{**STILL, **move})

    within = proxy.hole_mask[15:-15, 25:-25]
    assert within.sum() == 0
    jumps = np.abs(np.diff(proxy.picture[15:-15, 25:-25].astype(int), axis=1)).max()
    assert jumps <= 4


def test_depth_of_another_size_and_kind_says_the_same():
    picture, depth = _thing()
    move = {**STILL, "yaw": 0.1}

    expected = render_parallax(picture, depth, **move)

    kinds = [depth[::2, ::2], depth.astype(np.uint16) * 257, depth / 255, np.stack([depth] * 3, axis=-1)]
    for proxy in [render_parallax(picture, kind, **move) for kind in kinds]:
        assert np.array_equal(proxy.picture, expected.picture)
        assert np.array_equal(proxy.hole_mask, expected.hole_mask)


def test_parallax_with_too_many_holes_is_refused():
    picture, depth = _thing(left=60, right=200, top=0, bottom=100)

    with pytest.raises(
        ProxyRefused, match=r"^This move leaves 15.0 % of the picture empty, and at most 12 % may be: move less.$"
    ):
        render_parallax(picture, depth, **{**STILL, "yaw": 0.15})

    assert render_parallax(picture, depth, **{**STILL, "yaw": 0.12}).hole_share == pytest.approx(0.12)


@pytest.mark.parametrize(
    ("depth", "why"),
    [
        (None, "Near and far cannot be told apart without a depth picture: give one, or pan and zoom instead."),
        (np.full((50, 100), 128, dtype=np.uint8), "The depth picture is flat"),
        (np.zeros((100, 100), dtype=np.uint8), "The depth picture is 100x100, and the reference 200x100: give one of the same"),
        (np.zeros((50, 100), dtype=np.int32), "A depth picture is grey, height x width, not int32 (50, 100)"),
        (np.zeros((0, 100), dtype=np.uint8), "A depth picture is grey, height x width, not uint8 (0, 100)"),
        (np.zeros(100, dtype=np.uint8), "A depth picture is grey, height x width, not uint8 (100,)"),
        (np.full((50, 100), 3.5), "A depth picture runs from 0, the farthest, to 1, the nearest"),
        (np.full((50, 100), np.nan), "A depth picture runs from 0, the farthest, to 1, the nearest"),
    ],
    ids=["none", "flat", "shape", "whole numbers", "empty", "one row", "metres", "nan"],
)
def test_depth_that_tells_nothing_is_refused_with_the_reason(depth, why):
    with pytest.raises(ProxyRefused) as refused:
        render_parallax(_textured(), depth, **{**STILL, "yaw": 0.05})

    assert str(refused.value).startswith(why)


@pytest.mark.parametrize("move", [{"yaw": 0.16}, {"pitch": -0.16}, {"dolly": 0.6}, {"dolly": -0.3}, {"yaw": math.nan}])
def test_parallax_out_of_range_is_refused(move):
    picture, depth = _thing()

    with pytest.raises(ProxyRefused, match="is out of reach: give one from"):
        render_parallax(picture, depth, **{**STILL, **move})
