from collections.abc import Iterator
from io import BytesIO

import pytest

from continuity.providers.base import OutputExpired, OutputInvalid, ProviderError, RateLimited, Transient, Unreachable
from continuity.providers.connection import AddressRefused, Reach, Timeouts, check_url
from continuity.providers.fetch import fetch_file, put_file
from continuity.providers.mp4 import Mp4Check
from tests.continuity.providers.test_connection import PRIVATE_ADDRESSES, PUBLIC_ADDRESS
from tests.stand_ins.clips import ClipSize, clip_bytes
from tests.stand_ins.ltx import StandIn, ltx_stand_in

CLIP = {"width": 160, "height": 90, "seconds": 1, "fps": 24}


@pytest.fixture(scope="module")
def server() -> Iterator[StandIn]:
    with ltx_stand_in() as stand_in:
        yield stand_in


@pytest.fixture
def vendor(server: StandIn) -> Iterator[StandIn]:
    server.script(polls=0, clip=CLIP)
    yield server
    server.script()


def fetch(url: object, *, reach: Reach = Reach.LOOPBACK, max_bytes: int = 10**7, total: float = 60, **options: object) -> bytes:
    sink = BytesIO()
    timeouts = Timeouts(connect=2, read=options.pop("read", 30), total=total)  # type: ignore[arg-type]
    types = ("video/mp4",)
    fetch_file(url, sink, max_bytes=max_bytes, media_types=types, check=Mp4Check(), reach=reach, timeouts=timeouts, **options)  # type: ignore[arg-type]
    return sink.getvalue()


def finished_clip(vendor: StandIn) -> str:
    """The address of a clip that is ready."""
    import httpx

    head = {"authorization": f"Bearer {vendor.api_key}"}
    body = {"prompt": "a city", "model": "ltx-2-3-fast", "duration": 6, "resolution": "1920x1080"}
    job = httpx.post(f"{vendor.base_url}/v2/text-to-video", json=body, headers=head, trust_env=False).json()["id"]
    answer = httpx.get(f"{vendor.base_url}/v2/text-to-video/{job}", headers=head, trust_env=False).json()
    return str(answer["result"]["video_url"])


def test_fetch_file_writes_the_whole_file(vendor: StandIn) -> None:
    assert fetch(finished_clip(vendor)) == clip_bytes(ClipSize(160, 90, 1, 24))


@pytest.mark.parametrize("address", PRIVATE_ADDRESSES)
def test_fetch_file_refuses_a_name_with_one_private_address(address: str) -> None:
    with pytest.raises(AddressRefused) as refusal:
        fetch("https://clips.example/a.mp4", reach=Reach.PUBLIC, resolve=lambda host, port: [PUBLIC_ADDRESS, address])
    with pytest.raises(AddressRefused) as other:
        check_url("file:///etc/passwd", reach=Reach.PUBLIC)
    assert str(refusal.value) == str(other.value)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0177.0.0.1", "2130706433", "0x7f.1", "127.1", "0.0.0.0", "localhost"],  # noqa: S104
)
def test_fetch_file_refuses_every_spelling_of_this_machine(host: str) -> None:
    with pytest.raises(AddressRefused):
        fetch(f"https://{host}/a.mp4", reach=Reach.PUBLIC)


def test_fetch_file_stays_on_this_machine_beside_a_stand_in() -> None:
    with pytest.raises(AddressRefused):
        fetch("http://clips.example/a.mp4", resolve=lambda host, port: [PUBLIC_ADDRESS])


def test_fetch_file_resolves_once_and_connects_to_what_it_checked(vendor: StandIn) -> None:
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    url = finished_clip(vendor).replace("127.0.0.1", "rebinding.example")
    assert fetch(url, resolve=lambda host, port: answers.pop(0)) == clip_bytes(ClipSize(160, 90, 1, 24))
    assert answers == [["10.0.0.1"]]


def test_fetch_file_tries_the_next_address_of_a_name(vendor: StandIn) -> None:
    url = finished_clip(vendor).replace("127.0.0.1", "two-homes.example")
    assert len(fetch(url, resolve=lambda host, port: ["::1", "127.0.0.1"])) > 1000


def test_fetch_file_ignores_a_proxy_of_the_environment(vendor: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert len(fetch(finished_clip(vendor))) > 1000


def test_fetch_file_follows_no_redirect(vendor: StandIn) -> None:
    with ltx_stand_in() as other:
        vendor.script(polls=0, clip=CLIP, download={"do": "redirect", "status": 302, "to": f"{other.base_url}/_output/a.mp4"})
        with pytest.raises(OutputInvalid):
            fetch(finished_clip(vendor))
        assert other.counts() == {}


def test_fetch_file_survives_a_redirect_to_no_address_at_all(vendor: StandIn) -> None:
    vendor.script(polls=0, clip=CLIP, download={"do": "redirect", "status": 302, "to": "data:video/mp4;base64,AAAA"})
    with pytest.raises(Transient):
        fetch(finished_clip(vendor))


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ({"do": "answer", "status": 403}, OutputExpired),
        ({"do": "answer", "status": 404}, OutputExpired),
        ({"do": "answer", "status": 410}, OutputExpired),
        ({"do": "answer", "status": 500}, Transient),
        ({"do": "answer", "status": 503}, Transient),
        ({"do": "answer", "status": 408}, Transient),
        ({"do": "answer", "status": 429, "headers": {"Retry-After": "9"}}, RateLimited),
        ({"do": "answer", "status": 418}, OutputInvalid),
        ({"do": "type", "type": "text/html"}, OutputInvalid),
        ({"do": "type", "type": "image/png"}, OutputInvalid),
        ({"do": "page"}, OutputInvalid),
        ({"do": "garbage"}, OutputInvalid),
        ({"do": "truncated"}, OutputInvalid),
        ({"do": "cut"}, Transient),
        ({"do": "long"}, OutputInvalid),
        ({"do": "compressed"}, OutputInvalid),
        ({"do": "endless"}, OutputInvalid),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else None,
)
def test_fetch_file_tells_each_bad_answer_apart(vendor: StandIn, rule: dict, error: type[ProviderError]) -> None:
    vendor.script(polls=0, clip=CLIP, download=rule)
    with pytest.raises(ProviderError) as caught:
        fetch(finished_clip(vendor))
    assert type(caught.value) is error


def test_fetch_file_passes_on_how_long_to_wait(vendor: StandIn) -> None:
    vendor.script(polls=0, clip=CLIP, download={"do": "answer", "status": 429, "headers": {"Retry-After": "9"}})
    with pytest.raises(RateLimited) as caught:
        fetch(finished_clip(vendor))
    assert caught.value.retry_after_seconds == 9.0


@pytest.mark.parametrize("rule", [{"do": "drip", "every": 0.05}, {"do": "hang"}], ids=["drip", "hang"])
def test_fetch_file_ends_at_the_total_time(vendor: StandIn, rule: dict) -> None:
    vendor.script(polls=0, clip=CLIP, download=rule)
    url = finished_clip(vendor)
    with pytest.raises(Transient):
        fetch(url, total=0.5)


@pytest.mark.parametrize("rule", [{}, {"do": "endless"}], ids=["declared", "counted"])
def test_fetch_file_stops_at_max_bytes(vendor: StandIn, rule: dict) -> None:
    vendor.script(polls=0, clip=CLIP, download=rule)
    url, sink = finished_clip(vendor), BytesIO()
    limit = len(clip_bytes(ClipSize(160, 90, 1, 24))) - 1
    with pytest.raises(OutputInvalid, match=str(limit)):
        fetch_file(
            url, sink, max_bytes=limit, media_types=("video/mp4",), check=Mp4Check(), reach=Reach.LOOPBACK, timeouts=Timeouts()
        )
    assert len(sink.getvalue()) <= limit


def test_fetch_file_passes_on_what_the_sink_raises(vendor: StandIn) -> None:
    class FullDisk(BytesIO):
        def write(self, chunk: object) -> int:
            raise OSError(28, "No space left on device")

    url = finished_clip(vendor)
    with pytest.raises(OSError, match="No space left"):
        fetch_file(
            url,
            FullDisk(),
            max_bytes=10**7,
            media_types=("video/mp4",),
            check=Mp4Check(),
            reach=Reach.LOOPBACK,
            timeouts=Timeouts(),
        )


def test_fetch_file_says_when_nothing_listens() -> None:
    with pytest.raises(Unreachable):
        fetch("http://127.0.0.1:1/a.mp4")


def test_fetch_file_says_when_the_name_has_no_address() -> None:
    def no_such_name(host: str, port: int) -> list[str]:
        raise OSError("Name or service not known")

    with pytest.raises(Unreachable):
        fetch("https://clips.example/a.mp4", reach=Reach.PUBLIC, resolve=no_such_name)


def test_put_file_to_a_private_address_is_refused() -> None:
    with pytest.raises(AddressRefused):
        put_file("https://127.0.0.1/a", b"picture", headers={}, reach=Reach.PUBLIC, timeouts=Timeouts())
