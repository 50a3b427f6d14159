from datetime import UTC, datetime

import pytest

from continuity.providers.retry_after import retry_after_seconds

NOON = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        (" 0 ", 0.0),
        ("9999999999", 86_400.0),
        ("Fri, 20 Nov 2026 12:01:40 GMT", 100.0),
        ("Fri, 20 Nov 2026 12:01:40 -0000", 100.0),
        ("Fri, 20 Nov 2026 13:01:40 +0100", 100.0),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0.0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("٧", None),
    ],
)
def test_retry_after_reads_seconds_and_dates(value: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(value, now=NOON) == seconds
