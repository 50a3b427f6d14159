"""One call of a vendor's SDK, carried over our own connection.

The SDKs write the requests; what happens on the wire is decided here, once for all of them: exactly one POST (left to itself
google-generativeai sent one question 135 times to a server that answered 503, and three times at 401), a total time, no
redirect, no proxy of the environment, at most 1 MiB of answer however much is sent, and the key to the configured host and
nowhere else. What is no good answer becomes an error of our family here, so that no SDK repeats it or reads an error page.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import httpx

from continuity.providers.base import AuthError, InvalidRequest, OutputInvalid, ProviderError, Transient, Unreachable
from continuity.providers.connection import Reach, Timeouts, open_client, reach_beside

ANSWER_BYTES = 1_048_576
VISIBLE = re.compile(r"[!-~]+")
CONNECTION_HEADERS = frozenset({"host", "connection", "content-length", "transfer-encoding", "accept-encoding"})


@dataclass(frozen=True)
class Carried:
    """A vendor's answer: ``headers`` in lower case, ``body`` of at most 1 MiB."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def data(self) -> Mapping[str, object] | None:
        """The body as a JSON object; None when it is none."""
        return json_object(self.body)


Refusal = Callable[[Carried, str], ProviderError]
"""From an answer of status 400 or more, and its text without the key, to the error that it means."""


class Carriage:
    """The way to one vendor. ``variable`` is the stem of its environment variables ("OPENAI"), for sentences.

    Raises AuthError for a key, InvalidRequest for an address, that cannot be one.
    """

    def __init__(self, *, vendor: str, variable: str, base_url: str, api_key: str, timeouts: Timeouts, refusal: Refusal) -> None:
        if not VISIBLE.fullmatch(api_key):
            raise AuthError(f"{vendor} needs a key of printable characters without spaces: check {variable}_API_KEY.")
        allowed = ("https://", "http://") if reach_beside(base_url) is Reach.LOOPBACK else ("https://",)
        if not base_url.startswith(allowed):
            raise InvalidRequest(f"The address of {vendor} must begin with https://: check {variable}_BASE_URL.")
        self._vendor, self._variable, self._api_key = vendor, variable, api_key
        self._home = _origin(base_url)
        self._timeouts, self._refusal = timeouts, refusal

    def __repr__(self) -> str:
        return f"Carriage({self._vendor!r}, {self._home!r})"

    def carry(self, method: str, url: str, *, headers: Mapping[str, str], content: bytes | None) -> Carried:
        """Send once; the answer, which is a JSON object of status 2xx.

        Raises Unreachable (nothing was sent), Transient (no whole answer came), OutputInvalid (not JSON, or longer than
        1 MiB), InvalidRequest (a redirect, or another host), and what ``refusal`` makes of a status of 400 or more.
        """
        if _origin(url) != self._home:
            raise InvalidRequest(
                f"{self._vendor} was to be asked at another host: check {self._variable}_BASE_URL.", billed_micros=0
            )
        carried = self._exchange(method, url, headers, content)
        if carried.status >= 400:
            raise self._refusal(carried, self.without_key(carried.body))
        if carried.status >= 300:
            sentence = f"{self._vendor} pointed to another address, which is not followed: check {self._variable}_BASE_URL."
            raise InvalidRequest(sentence, raw=f"HTTP {carried.status}", billed_micros=0)
        if carried.data is None:
            raise OutputInvalid(f"{self._vendor} answered with something that is not JSON.", raw=self.without_key(carried.body))
        return carried

    def without_key(self, body: bytes) -> str:
        """Text for staff that a database can store. Vendors echo what they refuse, keys included."""
        return storable(body.decode("utf-8", "replace")).replace(self._api_key, "[key]")

    def _exchange(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Carried:
        sent = {name: value for name, value in headers.items() if name.lower() not in CONNECTION_HEADERS}
        try:
            with (
                open_client(reach=Reach.CONFIGURED, timeouts=self._timeouts) as client,
                client.stream(method, url, content=content, headers=sent) as response,
            ):
                return Carried(response.status_code, dict(response.headers), self._read(response))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            sentence = f"{self._vendor} cannot be reached: nothing was sent, try again in a minute."
            raise Unreachable(sentence, raw=self.without_key(repr(error).encode()), billed_micros=0) from error
        except httpx.HTTPError as error:
            sentence = f"The answer of {self._vendor} was lost: try again in a minute."
            raise Transient(sentence, raw=self.without_key(repr(error).encode())) from error

    def _read(self, response: httpx.Response) -> bytes:
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > ANSWER_BYTES:
                raise OutputInvalid(f"The answer of {self._vendor} is longer than 1 MiB: it was not read to its end.")
        return bytes(body)


def json_object(text: str | bytes) -> Mapping[str, object] | None:
    """A JSON object; None for anything else, NaN and numbers without end included."""
    try:
        data = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def storable(text: str) -> str:
    """The text without what no database stores: NUL and halves of surrogate pairs become U+FFFD."""
    return re.sub("[\x00\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _origin(url: str) -> tuple[str, str, int | None]:
    parsed = httpx.URL(url)
    return parsed.scheme, parsed.host, parsed.port
