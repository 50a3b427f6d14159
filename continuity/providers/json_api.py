"""One JSON call to a vendor's HTTP surface: bounded, never repeated, and honest about what is known afterwards."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from continuity.providers.base import SubmitUnknown, Transient, Unreachable
from continuity.providers.connection import Reach, Timeouts, open_client
from continuity.providers.retry_after import retry_after_seconds

ANSWER_BYTES = 1_048_576


@dataclass(frozen=True)
class Answer:
    """A vendor's answer. ``data`` is None when the body is not a JSON object of at most 1 MiB; ``text`` is the body
    without the key, for staff; ``retry_after_seconds`` None = the vendor does not say."""

    status: int
    data: Mapping[str, object] | None
    text: str
    retry_after_seconds: float | None = None


class _LostAnswerError(Exception):
    """The request was sent, perhaps in part, and no whole answer came."""


class JsonApi:
    """A vendor's API: the one place that holds the key and sends it, to ``base_url`` and nowhere else."""

    def __init__(self, *, vendor: str, base_url: str, api_key: str, timeouts: Timeouts) -> None:
        self._vendor = vendor
        self._base_url = base_url.rstrip("/")
        self._api_key = api_key
        self._timeouts = timeouts

    def __repr__(self) -> str:
        return f"JsonApi({self._vendor!r}, {self._base_url!r})"

    def ask(self, method: str, path: str) -> Answer:
        """A call that may be repeated. Raises Unreachable or Transient when there is no whole answer."""
        try:
            return self._exchange(method, path, None)
        except _LostAnswerError as error:
            raise Transient(f"The answer of {self._vendor} was lost: try again in a minute.", raw=str(error)) from error

    def create(self, path: str, body: Mapping[str, object]) -> Answer:
        """Send exactly one POST. Unreachable when nothing was sent, SubmitUnknown when no whole answer came."""
        try:
            return self._exchange("POST", path, json.dumps(body, ensure_ascii=False).encode())
        except _LostAnswerError as error:
            raise self.unknown(str(error)) from error

    def unknown(self, raw: str) -> SubmitUnknown:
        """What to raise when the creating POST was sent and what became of it is not known."""
        sentence = (
            f"{self._vendor} may or may not have taken this job, so it is not sent again: "
            f"look in your {self._vendor} account and attach the job, or say that it was not made."
        )
        return SubmitUnknown(sentence, raw=raw)

    def _exchange(self, method: str, path: str, content: bytes | None) -> Answer:
        headers = {"authorization": f"Bearer {self._api_key}", "accept": "application/json"}
        if content is not None:
            headers["content-type"] = "application/json"
        try:
            with (
                open_client(reach=Reach.CONFIGURED, timeouts=self._timeouts) as client,
                client.stream(method, self._base_url + path, content=content, headers=headers) as response,
            ):
                return self._read(response)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            sentence = f"{self._vendor} cannot be reached: nothing was sent, try again in a minute."
            raise Unreachable(sentence, raw=self._without_key(repr(error))) from error
        except httpx.HTTPError as error:
            raise _LostAnswerError(self._without_key(repr(error))) from error

    def _read(self, response: httpx.Response) -> Answer:
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > ANSWER_BYTES:
                break
        plain = response.headers.get("content-encoding", "identity") == "identity"
        return Answer(
            status=response.status_code,
            data=_object(bytes(body)) if plain else None,
            text=self._without_key(body.decode("utf-8", "replace")),
            retry_after_seconds=retry_after_seconds(response.headers.get("retry-after")),
        )

    def _without_key(self, text: str) -> str:
        """Vendors echo what they refuse, keys included."""
        return text.replace(self._api_key, "[key]")


def _object(body: bytes) -> Mapping[str, object] | None:
    if len(body) > ANSWER_BYTES:
        return None
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None
