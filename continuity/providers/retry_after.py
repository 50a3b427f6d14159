"""The Retry-After header (RFC 9110, 10.2.3): seconds or an HTTP date."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_SECONDS = 86_400.0


def retry_after_seconds(value: str | None, *, now: datetime | None = None) -> float | None:
    """Seconds to wait from ``now`` (UTC; None = the clock), 0 to one day; None when the header is absent or unreadable."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdecimal():
        return min(float(text), LONGEST_SECONDS)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    seconds = (aware - (now or datetime.now(UTC))).total_seconds()
    return min(max(seconds, 0.0), LONGEST_SECONDS)
