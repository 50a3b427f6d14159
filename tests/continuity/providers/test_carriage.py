"""How an SDK's request travels: once, bounded, to one host, and what of an answer is handed on."""

import json
from collections.abc import Iterator

import pytest

from continuity.providers.base import AuthError, InvalidRequest, OutputInvalid, ProviderError, Transient, Unreachable
from continuity.providers.carriage import ANSWER_BYTES, Carriage, Carried, json_object, storable
from continuity.providers.connection import Timeouts
from tests.contracts.vision_table import closed_port
from tests.stand_ins.openai import openai_stand_in
from tests.stand_ins.test_vision_stand_ins import openai_body
from tests.stand_ins.vision_server import VisionStandIn

SECRET = "sk-secret"


class Refused(ProviderError):
    """What this test's vendor makes of an error."""


def refuse(carried: Carried, text: str) -> ProviderError:
    return Refused(f"refused with {carried.status}", raw=text)


def carriage(base_url: str, *, api_key: str = SECRET, total: float = 10.0) -> Carriage:
    timeouts = Timeouts(connect=1.0, read=total, total=total)
    return Carriage(vendor="Vendor", variable="VENDOR", base_url=base_url, api_key=api_key, timeouts=timeouts, refusal=refuse)


@pytest.fixture(scope="module")
def running() -> Iterator[VisionStandIn]:
    with openai_stand_in() as vendor:
        vendor.api_key = SECRET
        yield vendor


@pytest.fixture
def vendor(running: VisionStandIn) -> VisionStandIn:
    running.script()
    running.answer()
    return running


def send(vendor: VisionStandIn, *, total: float = 10.0, headers: dict | None = None) -> Carried:
    sent = {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/json"} | (headers or {})
    content = json.dumps(openai_body()).encode()
    return carriage(vendor.base_url, total=total).carry(
        "POST", f"{vendor.base_url}/chat/completions", headers=sent, content=content
    )


def test_a_good_answer_is_handed_on_whole(vendor: VisionStandIn) -> None:
    vendor.answer({"mood": "calm"})

    carried = send(vendor)

    assert carried.status == 200
    assert carried.data is not None
    assert carried.data["object"] == "chat.completion"
    assert carried.headers["content-type"] == "application/json"


def test_headers_of_the_connection_are_our_own(vendor: VisionStandIn) -> None:
    send(vendor, headers={"Host": "example.org", "Content-Length": "3", "Accept-Encoding": "gzip", "X-Sdk": "yes"})

    headers = {name.lower(): value for name, value in vendor.rows[-1]["headers"].items()}
    assert headers["host"] in vendor.base_url
    assert int(headers["content-length"]) > 100
    assert (headers["accept-encoding"], headers["x-sdk"]) == ("identity", "yes")


@pytest.mark.parametrize(
    ("over", "error"), [(0, None), (1, OutputInvalid)], ids=["exactly 1 MiB is read", "one byte more is not"]
)
def test_the_limit_is_one_mebibyte(vendor: VisionStandIn, over: int, error: type[ProviderError] | None) -> None:
    body = {"padding": ""}
    body["padding"] = "x" * (ANSWER_BYTES - len(json.dumps(body)) + over)
    vendor.script("body", body=body)

    if error is None:
        assert len(send(vendor).body) == ANSWER_BYTES
        return
    with pytest.raises(error, match="longer than 1 MiB"):
        send(vendor)


def test_an_error_of_the_vendor_is_what_the_adapter_makes_of_it_without_the_key(vendor: VisionStandIn) -> None:
    vendor.script("status", status=418)

    with pytest.raises(Refused, match="refused with 418") as caught:
        send(vendor)

    assert "[key]" in caught.value.raw
    assert SECRET not in caught.value.raw


@pytest.mark.parametrize("rule", ["hang", "trickle"])
def test_the_total_time_ends_a_silence_and_a_drip(vendor: VisionStandIn, rule: str) -> None:
    vendor.script(rule)

    with pytest.raises(Transient) as caught:
        send(vendor, total=0.3)

    assert caught.value.billed_micros is None


def test_nothing_was_sent_where_nobody_listens() -> None:
    address = f"http://127.0.0.1:{closed_port()}"

    with pytest.raises(Unreachable) as caught:
        carriage(address).carry("POST", address, headers={}, content=b"{}")

    assert (caught.value.retryable, caught.value.billed_micros) == (True, 0)


@pytest.mark.parametrize("url", ["https://127.0.0.1:{port}/v1", "http://127.0.0.2:{port}/v1", "http://127.0.0.1:1/v1"])
def test_no_other_host_is_asked(vendor: VisionStandIn, url: str) -> None:
    before = vendor.posts()
    port = vendor.base_url.rpartition(":")[2].partition("/")[0]

    with pytest.raises(InvalidRequest, match="another host: check VENDOR_BASE_URL"):
        carriage(vendor.base_url).carry("POST", url.format(port=port), headers={}, content=b"{}")

    assert vendor.posts() == before


@pytest.mark.parametrize("base_url", ["http://api.example.org/v1", "ftp://127.0.0.1/", "api.example.org"])
def test_an_address_is_https_unless_it_is_this_machine(base_url: str) -> None:
    with pytest.raises(InvalidRequest, match="must begin with https://: check VENDOR_BASE_URL"):
        carriage(base_url)


@pytest.mark.parametrize("key", ["", "sk 123", "sk-123\r\nX-Other: 1", "ключ-123"])
def test_a_key_that_cannot_be_a_header_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(AuthError, match="check VENDOR_API_KEY") as caught:
        carriage("https://api.example.org", api_key=key)

    assert "123" not in str(caught.value)


def test_the_key_is_in_no_description_of_the_way() -> None:
    assert SECRET not in repr(carriage("https://api.example.org"))


@pytest.mark.parametrize("text", ["", "[1]", "{", '{"a": NaN}', '{"a": 1e999}x', "[" * 100_000, b"\xff{}"])
def test_what_is_no_json_object_is_none(text: str | bytes) -> None:
    assert json_object(text) is None


def test_text_for_staff_can_be_stored() -> None:
    assert storable("a\x00b\ud800c") == "a\ufffdb\ufffdc"
    assert storable("ä€😀") == "ä€😀"
