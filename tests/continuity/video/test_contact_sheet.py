from dataclasses import replace
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from continuity.enums import Band
from continuity.video.contact_sheet import MARGIN, TEXT_WIDTH, CutPicture, write_cut_sheet
from continuity.video.lettering import BAND_COLOURS, PAPER
from continuity.vision.errors import NotAPicture

RED, BLUE = (255, 0, 0), (0, 0, 255)


def _flat(colour, *, width=160, height=90):
    return np.full((height, width, 3), colour, dtype=np.uint8)


def _cut(**fields):
    cut = CutPicture(_flat(RED), _flat(BLUE), "Shot 1, last frame", "Shot 2, first frame", "not measured")
    return replace(cut, **fields)


def _written(folder: Path, *cuts, title="A scene") -> np.ndarray:
    write_cut_sheet(folder / "sheet.png", title=title, cuts=cuts)
    return np.asarray(Image.open(folder / "sheet.png"))


def _is(sheet, colour):
    return (sheet == np.array(colour, dtype=np.uint8)).all(axis=-1)


def _box(sheet, colour):
    """(top, left, bottom, right) of what has exactly that colour."""
    rows, columns = np.nonzero(_is(sheet, colour))
    return int(rows.min()), int(columns.min()), int(rows.max()) + 1, int(columns.max()) + 1


def _text_lines(sheet) -> int:
    """Lines of writing in the findings' column: runs of rows with ink in them, below the title."""
    column = sheet[80:, -MARGIN - TEXT_WIDTH + 20 : -MARGIN]
    return sum(has_ink for has_ink, _ in groupby((column.max(axis=(1, 2)) > 120).tolist()))


def test_frames_of_two_shapes_are_whole_side_by_side_and_in_the_middle_of_each_other(tmp_path):
    sheet = _written(tmp_path, _cut(right_caption="", right=_flat(BLUE, width=90, height=160)))

    top, left, bottom, right = _box(sheet, RED)
    other_top, other_left, other_bottom, other_right = _box(sheet, BLUE)
    assert (right - left) / (bottom - top) == pytest.approx(160 / 90, abs=0.01)
    assert (other_right - other_left) / (other_bottom - other_top) == pytest.approx(90 / 160, abs=0.01)
    assert right < other_left
    assert top + bottom == pytest.approx(other_top + other_bottom, abs=1)
    assert _is(sheet, RED).sum() == (right - left) * (bottom - top)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (16, 9), (1920, 1080), (3, 900), (2000, 3)])
def test_frame_of_any_size_is_as_large_as_fits(tmp_path, width, height):
    sheet = _written(tmp_path, _cut(left=_flat(RED, width=width, height=height)))

    top, left, bottom, right = _box(sheet, RED)
    assert (right - left, bottom - top) in {
        (520, max(1, round(520 * height / width))),
        (max(1, round(400 * width / height)), 400),
    }


@pytest.mark.parametrize("count", [1, 2, 20])
def test_every_cut_has_a_row_in_order(tmp_path, count):
    colours = [(255, 10 * number, 0) for number in range(count)]

    sheet = _written(tmp_path, *(_cut(left=_flat(colour)) for colour in colours))

    down_the_left_frames = sheet[:, MARGIN + 260]
    boxes = [_box(down_the_left_frames[:, np.newaxis], colour) for colour in colours]
    assert all(bottom < next_top for (_, _, bottom, _), (next_top, _, _, _) in pairwise(boxes))
    assert [bottom - top for top, _, bottom, _ in boxes] == [292] * count


@pytest.mark.parametrize("band", Band)
def test_band_is_a_colour_of_its_own_and_a_word(tmp_path, band):
    marked = _written(tmp_path, _cut(band=band, headline="0.81 · bridged (NCC 0.99)"))
    in_words = _written(tmp_path, _cut(band=band, headline=f"{band.value} · 0.81 · bridged (NCC 0.99)"))

    assert {other for other, colour in BAND_COLOURS.items() if _is(marked, colour).any()} == {band}
    assert np.array_equal(marked, in_words)


def test_bands_differ_in_shape_too(tmp_path):
    sizes = [int(_is(_written(tmp_path, _cut(band=band)), BAND_COLOURS[band]).sum()) for band in Band]

    assert len({round(size / 25) for size in sizes}) == 3


def test_cut_without_a_band_has_no_mark(tmp_path):
    sheet = _written(tmp_path, _cut(headline="not measured: the frame is black"))

    assert [band for band, colour in BAND_COLOURS.items() if _is(sheet, colour).any()] == []


def test_long_findings_are_wrapped_and_make_the_row_as_high_as_they_need(tmp_path):
    finding = "shot 3 is 0.4 stop darker and warmer than shot 2 at the cut"
    short = _written(tmp_path, _cut(lines=[finding]))
    long = _written(tmp_path, _cut(lines=[f"{finding}, and {finding}"] * 9, band=Band.JUMP))

    assert (_text_lines(short), _text_lines(long)) == (1 + 2, 1 + 9 * 3)
    assert long.shape[0] > short.shape[0]
    assert _is(long[:, -MARGIN:], PAPER).all()


def test_word_without_an_end_is_broken_and_stays_on_the_paper(tmp_path):
    sheet = _written(tmp_path, _cut(lines=["/clips/" + "x" * 300], left_caption="x" * 300, headline="x" * 60), title="x" * 200)

    assert _is(sheet[:, -MARGIN:], PAPER).all()
    assert _is(sheet[-MARGIN:], PAPER).all()


def test_palette_lies_under_its_own_frame_largest_first(tmp_path):
    sheet = _written(tmp_path, _cut(left_palette=["#00FF00", "#FFFF00"], right_palette=["#00FFFF"]))

    green, yellow, cyan = (_box(sheet, colour) for colour in ((0, 255, 0), (255, 255, 0), (0, 255, 255)))
    frame, other_frame = _box(sheet, RED), _box(sheet, BLUE)
    assert frame[2] < green[0] == yellow[0] == cyan[0]
    assert frame[1] <= green[1] < green[3] <= yellow[1] < yellow[3] <= frame[3]
    assert other_frame[1] <= cyan[1] < cyan[3] <= other_frame[3]


def test_sheet_without_a_cut_is_refused(tmp_path):
    with pytest.raises(ValueError, match="at least one cut"):
        write_cut_sheet(tmp_path / "sheet.png", title="Nothing", cuts=[])

    assert list(tmp_path.iterdir()) == []


def test_frame_that_is_no_picture_is_refused_and_an_older_sheet_stays(tmp_path):
    _written(tmp_path, _cut())
    before = (tmp_path / "sheet.png").read_bytes()

    with pytest.raises(NotAPicture):
        _written(tmp_path, _cut(left=np.zeros((4, 4), dtype=np.uint8)))

    assert [(path.name, path.read_bytes() == before) for path in tmp_path.iterdir()] == [("sheet.png", True)]
