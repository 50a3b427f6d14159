"""Times, money, rationals and addresses, as every answer writes them."""

from datetime import UTC, datetime
from typing import overload
from urllib.parse import quote

from sessions_app.api.v2.dto import MoneyDto, RationalDto, ReasonDto

API = "/api/v2"
MICROS = 1_000_000


@overload
def moment(time: datetime) -> str: ...
@overload
def moment(time: datetime | None) -> str | None: ...
def moment(time: datetime | None) -> str | None:
    """RFC 3339 in UTC with milliseconds; a time that nobody knows stays null."""
    if time is None:
        return None
    return time.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def money(micros: int) -> MoneyDto:
    """Millionths of a US dollar, exactly."""
    whole, fraction = divmod(abs(micros), MICROS)
    return {"amount": f"{'-' if micros < 0 else ''}{whole}.{fraction:06d}", "currency": "USD"}


def rational(num: int | None, den: int | None) -> RationalDto | None:
    return {"num": num, "den": den} if num is not None and den is not None else None


def reason(code: str | None, sentence: str | None) -> ReasonDto | None:
    """None when there is neither."""
    return {"code": code or "unknown", "sentence": sentence or ""} if code or sentence else None


def session_url(session_id: str) -> str:
    """A migrated session's id may hold any character but a slash."""
    return f"{API}/sessions/{quote(session_id, safe='')}"


def shot_url(session_id: str, shot_id: str) -> str:
    return f"{session_url(session_id)}/shots/{shot_id}"


def take_url(session_id: str, take_id: str) -> str:
    return f"{session_url(session_id)}/takes/{take_id}"


def job_url(job_id: str) -> str:
    return f"{API}/jobs/{job_id}"


def media_url(asset_id: str, variant: str = "original") -> str:
    return f"/media/{asset_id}/{variant}"
