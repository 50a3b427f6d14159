"""``Range`` of RFC 9110, section 14: one range of bytes is served, several at once are answered with the whole."""

import re

ONE_RANGE = re.compile(r"bytes=\s*(\d*)-(\d*)\s*", re.ASCII)
LONGEST_NUMBER = 19
"""More digits than any file has bytes; int() of a header of unlimited length is not free."""


class NotSatisfiable(Exception):
    """The range begins behind the last byte: 416."""


def requested_range(header: str, *, size: int) -> tuple[int, int] | None:
    """First and last byte, both inclusive, that ``header`` asks for of ``size`` bytes.

    None = no range, several ranges, or not a range of bytes: the whole is to be sent. Raises NotSatisfiable.
    """
    match = ONE_RANGE.fullmatch(header.strip())
    if match is None or match[1] == match[2] == "" or max(len(match[1]), len(match[2])) > LONGEST_NUMBER:
        return None
    if match[1] == "":
        return _last_bytes(int(match[2]), size)
    first, last = int(match[1]), int(match[2] or size - 1)
    if match[2] and last < first:
        return None
    if first >= size:
        raise NotSatisfiable
    return first, min(last, size - 1)


def _last_bytes(length: int, size: int) -> tuple[int, int]:
    if length == 0 or size == 0:
        raise NotSatisfiable
    return max(0, size - length), size - 1
