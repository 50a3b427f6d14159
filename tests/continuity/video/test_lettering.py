import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from continuity.video.lettering import font, wrapped, writable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0.81 matches · bridged", "0.81 matches · bridged"),
        ("ΔE 3 → 4 – NCC −0.02, 640×360, ≥ 2", "delta E 3 -> 4 - NCC -0.02, 640x360, >= 2"),
        ("Żółć, naïve façade, Straße, ½ stop", "Zolc, naive facade, Strasse, 1/2 stop"),
        ("a\tlong\n\n  line ", "a long line"),
        ("“quoted” it’s…", "“quoted” it’s..."),
        ("日本語 の テキスト.mp4", "….mp4"),
        ("shot 2: вид сверху, wide", "shot 2: …, wide"),
    ],
)
def test_writable_spells_out_what_the_font_lacks(text, shown):
    assert writable(text) == shown


@settings(deadline=None, max_examples=60)
@given(some.text(alphabet="abc WMil.·日é→\n", max_size=120), some.integers(40, 300))
def test_wrapped_leaves_nothing_out_and_fits(text, width):
    lines = wrapped(text, size=17, width=width)

    assert "".join(lines).replace(" ", "") == writable(text).replace(" ", "")
    assert [line for line in lines if font(17).getlength(line) > width] == []


def test_wrapped_breaks_a_word_only_when_it_does_not_fit_on_a_line_of_its_own():
    width = font(17).getlength("darker and")

    assert wrapped("darker and warmer", size=17, width=width) == ["darker and", "warmer"]
    assert "".join(wrapped("w" * 40, size=17, width=width)) == "w" * 40


def test_wrapped_to_a_number_of_lines_ends_in_an_ellipsis_that_fits():
    text = "one two three four five six seven eight nine ten"

    lines = wrapped(text, size=17, width=120, most=2)

    assert (len(lines), lines[1][-1]) == (2, "…")
    assert text.startswith(f"{lines[0]} {lines[1][:-1]}")
    assert max(font(17).getlength(line) for line in lines) <= 120
    assert wrapped("one two", size=17, width=120, most=2) == ["one two"]
