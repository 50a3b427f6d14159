import re
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from continuity.enums import Band
from continuity.video.drift_plot import DriftPoint, svg, write_png
from continuity.video.lettering import PAPER
from continuity.video.plot_shapes import SCALE

SVG = "{http://www.w3.org/2000/svg}"
SCENE = [
    DriftPoint(1, "opening"),
    DriftPoint(2, "street", 0.93, 0.93, 1.0, band=Band.MATCHES),
    DriftPoint(3, "turn", 0.6, 0.7, 2.0, band=Band.CHECK),
    DriftPoint(4, "flash", 0.2, 0.1, 14.0, is_overridden=True, band=Band.JUMP),
    DriftPoint(5, "back", 0.1, 0.6, 4.0, band=Band.JUMP),
    DriftPoint(6, "lost"),
    DriftPoint(7, "end", 0.8, 0.5, 9.0, band=Band.MATCHES),
    DriftPoint(8, "credits", 0.9, 0.5, 7.0, band=Band.MATCHES),
]


def _drawn(points, **options):
    return ElementTree.fromstring(svg(points, **options))  # noqa: S314 - our own text


def _named(root, name, tag):
    """What is drawn of that name: lines themselves, marks as the shape within their group."""
    if tag == "line":
        return root.findall(f"{SVG}line[@class='plot-{name}']")
    return [
        group.find(f"{SVG}{tag}")
        for group in root.findall(f"{SVG}g[@class='plot-{name}']")
        if group.find(f"{SVG}{tag}") is not None
    ]


def _words(root):
    return ["".join(words.itertext()) for words in root.findall(f"{SVG}text")]


def _places(line):
    return tuple(float(line.get(side)) for side in ("x1", "y1", "x2", "y2"))


def _mark_heights(root, name):
    return [float(circle.get("cy")) for circle in _named(root, name, "circle")]


def test_line_is_drawn_only_between_neighbours_that_were_both_measured_and_not_asked_to_differ():
    root = _drawn(SCENE)
    shots = {words.text: float(words.get("x")) for words in root.findall(f"{SVG}text[@text-anchor='middle']")}

    for name in ("score-to-previous", "score-to-base", "delta-e"):
        spans = [(x1, x2) for x1, _, x2, _ in map(_places, _named(root, name, "line"))]
        assert spans == [(shots["2"], shots["3"]), (shots["7"], shots["8"])]


def test_what_was_not_measured_has_no_mark():
    root = _drawn(SCENE)
    marks = {
        name: len(root.findall(f"{SVG}g[@class='plot-{name}']")) for name in ("score-to-previous", "score-to-base", "delta-e")
    }

    assert marks == {"score-to-previous": 6, "score-to-base": 6, "delta-e": 6}


def test_heights_are_in_proportion_to_the_numbers():
    points = [DriftPoint(number, "", score_to_base=number / 10, delta_e_to_base=number) for number in (0, 2, 6, 10)]

    root = _drawn(points)

    for name in ("score-to-base", "delta-e"):
        first, second, third, fourth = _mark_heights(root, name)
        assert (first - third) == pytest.approx(3 * (first - second), abs=0.2)
        assert (first - fourth) == pytest.approx(5 * (first - second), abs=0.2)
        assert first > fourth
    places = [float(circle.get("cx")) for circle in _named(root, "delta-e", "circle")]
    assert (places[1] - places[0]) * 4 == pytest.approx((places[3] - places[2]) * 2, abs=0.4)


def test_overridden_shot_is_a_ring_with_a_star_and_a_note():
    root = _drawn(SCENE)

    rings = [circle for circle in _named(root, "delta-e", "circle") if circle.get("fill") == "none"]
    assert len(rings) == 1
    assert "4*" in _words(root)
    assert "* asked to differ: a ring, left out of lines, trend and limit" in _words(root)
    assert not any("*" in words for words in _words(_drawn([point for point in SCENE if not point.is_overridden])))


def test_band_of_a_cut_is_a_shape_and_a_word():
    root = _drawn(SCENE)

    assert len(_named(root, "score-to-previous", "circle")) == 1 + 3  # the ring, and three that match
    corners = [
        [tuple(map(float, corner.split(","))) for corner in shape.get("points").split()]
        for shape in _named(root, "score-to-previous", "polygon")
    ]
    assert [len({x for x, _ in shape}) for shape in corners] == [3, 2]  # a diamond, then a square
    assert [word for word in _words(root) if word in set(Band)] == ["matches", "check", "jump"]


def test_limit_is_a_line_at_its_height_and_marks_beyond_it_are_squares():
    root = _drawn(SCENE, limit=8)

    [limit] = _named(root, "limit", "line")
    _, y1, _, y2 = _places(limit)
    heights = {
        float(words.text): float(words.get("y")) - 4
        for words in root.findall(f"{SVG}text[@text-anchor='end']")
        if words.text in {"5", "10"}
    }
    assert y1 == y2 == pytest.approx(heights[10] + (heights[5] - heights[10]) * 2 / 5, abs=0.2)
    assert "limit 8" in _words(root)
    assert len(_named(root, "delta-e", "polygon")) == 1  # shot 7; shot 4 was asked to differ
    assert _named(_drawn(SCENE), "limit", "line") == []


def test_trend_is_drawn_through_a_straight_drift_and_told():
    points = [DriftPoint(number, "", delta_e_to_base=number * 0.5) for number in (1, 2, 4, 8)]

    root = _drawn(points)

    [trend] = _named(root, "trend", "line")
    _, start, _, end = _places(trend)
    heights = _mark_heights(root, "delta-e")
    assert (start, end) == (pytest.approx(heights[0], abs=0.2), pytest.approx(heights[-1], abs=0.2))
    assert "dots: the trend, +0.50 per shot" in _words(root)
    assert _named(_drawn(points[:2]), "trend", "line") == []


def test_trend_does_not_go_below_zero():
    values = {1: 0, 2: 0, 3: 0, 4: 6, 5: 9, 6: 12}
    root = _drawn([DriftPoint(number, "", delta_e_to_base=value) for number, value in values.items()])

    [trend] = _named(root, "trend", "line")
    x1, start, x2, _ = _places(trend)
    assert start == pytest.approx(_mark_heights(root, "delta-e")[0], abs=0.2)
    assert x1 > float(_named(root, "delta-e", "circle")[0].get("cx"))
    assert x1 < x2


def test_nothing_measured_is_said_and_is_no_zero():
    root = _drawn([DriftPoint(1, "only")])

    assert [words for words in _words(root) if words == "not measured"] == ["not measured"] * 2
    assert root.findall(f"{SVG}g") == []


def test_many_shots_are_numbered_so_that_the_numbers_do_not_touch():
    root = _drawn([DriftPoint(number, "", delta_e_to_base=1) for number in range(1, 101)])

    places = [float(words.get("x")) for words in root.findall(f"{SVG}text[@text-anchor='middle']") if words.text.isdigit()]
    assert 20 <= len(places) <= 30
    assert min(right - left for left, right in pairwise(places)) > 20


def test_svg_tells_a_screen_reader_what_it_shows():
    root = _drawn(SCENE, limit=8, name="ledger-7")

    title, told = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby").split() == [title.get("id"), told.get("id")] == ["ledger-7-title", "ledger-7-told"]
    assert title.text == "Drift of 8 shots along the scene"
    assert "Shot 1, opening: score against the shot before not measured, against the base not measured" in told.text
    assert (
        "Shot 4, flash: score against the shot before 0.20 (jump), against the base 0.10, ΔE against the base 14.00" in told.text
    )
    assert "14.00, asked to differ. Shot 5" in told.text
    assert told.text.endswith("The limit against the base is ΔE 8. The trend is +1.00 ΔE per shot.")


def test_svg_passes_a_strict_policy_and_follows_the_theme():
    text = svg(SCENE, limit=8)
    root = ElementTree.fromstring(text)  # noqa: S314 - our own text
    colours = {element.get(name) for element in root.iter() for name in ("fill", "stroke")} - {None}

    assert {element.tag for element in root.iter()} == {
        SVG + tag for tag in ("svg", "title", "desc", "text", "line", "g", "circle", "polygon")
    }
    assert colours == {"currentColor", "none"}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert [name for name in attributes if name == "style" or name.startswith("on") or "href" in name] == []
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)|url\(", text) == []


def test_label_is_text_and_never_markup():
    label = 'a <script>alert("1")</script> & \x00\x08 line\nbreak'

    root = _drawn([DriftPoint(1, label, delta_e_to_base=1.0)], name='x" onload="alert(1)')

    assert 'Shot 1, a <script>alert("1")</script> & line break:' in root.find(f"{SVG}desc").text
    assert root.get("onload") is None
    assert not any(element.tag.endswith("script") for element in root.iter())


def test_order_of_the_points_does_not_matter():
    assert svg(SCENE[::-1], limit=8) == svg(SCENE, limit=8)


@pytest.mark.parametrize(("points", "why"), [([], "at least one shot"), ([DriftPoint(1, "a"), DriftPoint(1, "b")], "twice")])
def test_plot_of_no_shot_or_of_one_twice_is_refused(tmp_path, points, why):
    with pytest.raises(ValueError, match=why):
        svg(points)
    with pytest.raises(ValueError, match=why):
        write_png(points, tmp_path / "plot.png")

    assert list(tmp_path.iterdir()) == []


def test_png_is_the_same_drawing(tmp_path):
    write_png(SCENE, tmp_path / "plot.png", limit=8)

    plot = np.asarray(Image.open(tmp_path / "plot.png")).astype(int)
    root = _drawn(SCENE, limit=8)
    marks = [circle for circle in _named(root, "delta-e", "circle") if circle.get("fill") is None]
    lines = [_places(line) for line in _named(root, "delta-e", "line")]
    assert plot.shape == (SCALE * int(root.get("height")), SCALE * int(root.get("width")), 3)
    assert len(marks) == 4
    for x, y in [(float(mark.get("cx")), float(mark.get("cy"))) for mark in marks]:
        assert plot[round(y * SCALE), round(x * SCALE)].min() > 200
    for x1, y1, x2, y2 in lines:
        assert plot[round((y1 + y2) / 2 * SCALE), round((x1 + x2) / 2 * SCALE)].min() > 150


def test_png_leaves_a_gap_where_nothing_was_measured(tmp_path):
    measured = [DriftPoint(number, "", delta_e_to_base=value) for number, value in ((1, 3.3), (2, 3.3), (3, 3.3))]
    write_png(measured[:2], tmp_path / "line.png")
    write_png([measured[0], DriftPoint(2, ""), measured[2]], tmp_path / "gap.png")

    line, gap = (np.asarray(Image.open(tmp_path / name)) for name in ("line.png", "gap.png"))
    height = round(_mark_heights(_drawn(measured), "delta-e")[0] * SCALE)
    middle = slice(line.shape[1] // 2 - 100, line.shape[1] // 2)
    assert line[height, middle].min() > 150
    assert (gap[height, middle] == PAPER).all()
