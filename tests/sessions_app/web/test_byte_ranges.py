"""Which bytes a Range header asks for."""

import pytest

from sessions_app.web.byte_ranges import NotSatisfiable, requested_range


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-", (0, 9)),
        ("bytes=0-0", (0, 0)),
        ("bytes=3-5", (3, 5)),
        ("bytes=9-", (9, 9)),
        ("bytes=3-999", (3, 9)),
        ("bytes=-4", (6, 9)),
        ("bytes=-999", (0, 9)),
        (" bytes= 3-5 ", (3, 5)),
        ("", None),
        ("bytes=-", None),
        ("bytes=5-3", None),
        ("bytes=0-1,4-5", None),
        ("frames=0-1", None),
        ("bytes=a-b", None),
        ("bytes=٣-٥", None),
        ("bytes=" + "9" * 5000 + "-", None),
    ],
)
def test_range_of_ten_bytes(header: str, expected: tuple[int, int] | None) -> None:
    assert requested_range(header, size=10) == expected


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=-0"])
def test_range_behind_the_end_is_not_satisfiable(header: str) -> None:
    with pytest.raises(NotSatisfiable):
        requested_range(header, size=10)


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=-1"])
def test_range_of_nothing_is_not_satisfiable(header: str) -> None:
    with pytest.raises(NotSatisfiable):
        requested_range(header, size=0)
