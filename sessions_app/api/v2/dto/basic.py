"""What every answer is made of: ids and times are strings, money is exact, lengths of media are rationals."""

from typing import Any, Literal, NotRequired, TypedDict


class MoneyDto(TypedDict):
    """An exact amount: ``{"amount": "0.300000", "currency": "USD"}``, always with six decimals."""

    amount: str
    currency: Literal["USD"]


class RationalDto(TypedDict):
    """An exact number of seconds, or of frames per second: ``num`` / ``den``, with ``den`` greater than zero."""

    num: int
    den: int


class SecondsRangeDto(TypedDict):
    """Seconds from the tenth to the ninetieth percentile of what was measured."""

    low: float
    high: float


class ReasonDto(TypedDict):
    """Why something is not so: a ``code`` for programs, a ``sentence`` for people that says what to do."""

    code: str
    sentence: str


class ProblemFieldDto(TypedDict):
    """What is wrong with one part of the request. ``pointer`` is a JSON pointer into the body, or ``?name`` of a parameter."""

    pointer: str
    code: str
    detail: str


class ProblemDto(TypedDict):
    """An error, as RFC 9457 has it: ``code`` is for programs, ``detail`` says to people what to do."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    requestId: str
    errors: NotRequired[list[ProblemFieldDto]]
    jobUrl: NotRequired[str]
    etag: NotRequired[str]
    retryAfterSeconds: NotRequired[int]
    context: NotRequired[dict[str, Any]]
