"""Addresses that people name: what is opened, what is never dialled, and when enough is enough."""

import socket
import threading
import time
from collections.abc import Iterator
from io import BytesIO

import httpcore
import pytest

from continuity.providers.base import OutputInvalid, ProviderError, RateLimited, Transient, Unreachable
from continuity.providers.connection import AddressRefused, Reach, Timeouts, check_url
from continuity.providers.fetch import WEB_TIMEOUTS, fetch_web_file
from tests.stand_ins.internet import (
    OTHER_PUBLIC,
    PUBLIC,
    Internet,
    Page,
    bomb,
    cut_short,
    drip,
    endless,
    page,
    redirect,
    says_less,
    silence,
    slow_head,
    small_internet,
    status,
)

CONTENT = bytes(range(256)) * 40
FILE = "http://pictures.example/door.png"


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> Iterator[Internet]:
    with small_internet(monkeypatch) as internet:
        internet.names["pictures.example"] = [PUBLIC]
        internet.pages["/door.png"] = page(CONTENT, "image/png")
        yield internet


def fetch(url: str = FILE, *, max_bytes: int = 10**6, timeouts: Timeouts = WEB_TIMEOUTS) -> bytes:
    sink = BytesIO()
    fetch_web_file(url, sink, max_bytes=max_bytes, timeouts=timeouts)
    return sink.getvalue()


def test_a_file_is_fetched_from_the_address_that_was_checked_under_its_own_name(internet: Internet) -> None:
    assert fetch() == CONTENT
    assert (internet.dialled, internet.looked_up) == ([(PUBLIC, 80)], ["pictures.example"])
    assert internet.asked[0]["host"] == "pictures.example"


def test_nothing_of_ours_goes_along(internet: Internet) -> None:
    fetch()

    assert internet.asked == [
        {
            "path": "/door.png",
            "host": "pictures.example",
            "accept": "*/*",
            "connection": "keep-alive",
            "user-agent": "throughline",
            "accept-encoding": "identity",
        }
    ]


THIS_MACHINE = ["127.0.0.1", "localhost", "localhost.", "[::1]", "[::]", "0.0.0.0", "0", "127.8.8.8", "[::127.0.0.1]"]  # noqa: S104
SPELLINGS = ["0177.0.0.1", "2130706433", "0x7f.1", "0x7f000001", "127.1", "0177.1", "127.0.1", "[::ffff:127.0.0.1]"]
SPELLINGS += ["[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[0000::0001]", "127.0.0.1."]
METADATA = ["169.254.169.254/latest/meta-data/", "[fd00:ec2::254]", "2852039166", "[::ffff:169.254.169.254]"]
PRIVATE = [
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "[fe80::1]",
    "[fc00::1]",
    "[fec0::1]",
]
CARRIERS = ["[64:ff9b::7f00:1]", "[64:ff9b:1::a00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]"]
MANY = ["224.0.0.1", "239.255.255.250", "255.255.255.255", "240.0.0.1", "[ff02::1]"]


@pytest.mark.parametrize("host", THIS_MACHINE + SPELLINGS + METADATA + PRIVATE + CARRIERS + MANY)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_private_address_is_dialled_however_it_is_written(scheme: str, host: str, internet: Internet) -> None:
    with pytest.raises((AddressRefused, Unreachable)):
        fetch(f"{scheme}://{host}")

    assert internet.dialled == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0177.0.0.1", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]"])
def test_this_machine_is_refused_and_not_only_unknown(host: str, internet: Internet) -> None:
    """The row above would also pass where the resolver does not know a spelling: these it knows."""
    with pytest.raises(AddressRefused):
        fetch(f"http://{host}/")


@pytest.mark.parametrize("private", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "0.0.0.0"])  # noqa: S104
@pytest.mark.parametrize("beside", [[], [PUBLIC]], ids=["alone", "behind-a-public-one"])
def test_a_name_of_a_private_address_is_refused(private: str, beside: list[str], internet: Internet) -> None:
    internet.names["inside.example"] = [*beside, private]

    with pytest.raises(AddressRefused):
        fetch("http://inside.example/")

    assert internet.dialled == []


def test_a_name_that_changes_its_address_is_dialled_where_it_was_checked(internet: Internet) -> None:
    internet.names["rebinding.example"] = [[PUBLIC], ["127.0.0.1"]]

    assert fetch("http://rebinding.example/door.png") == CONTENT
    assert (internet.dialled, internet.names["rebinding.example"]) == ([(PUBLIC, 80)], [["127.0.0.1"]])


def test_a_name_that_changes_its_address_between_two_hops_is_refused(internet: Internet) -> None:
    internet.names["rebinding.example"] = [[PUBLIC], ["127.0.0.1"]]
    internet.pages["/a"] = redirect("http://rebinding.example/door.png")

    with pytest.raises(AddressRefused):
        fetch("http://rebinding.example/a")

    assert internet.dialled == [(PUBLIC, 80)]


def test_port_443_is_dialled_for_https_and_the_name_is_told_to_the_server(internet: Internet, monkeypatch) -> None:
    """The stand-in speaks no TLS: what the client says first, in the clear, holds the name (RFC 6066, section 3)."""
    hello: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        internet.port = server.getsockname()[1]
        listener = threading.Thread(target=lambda: _hear(server, hello))
        listener.start()
        with pytest.raises(Unreachable):
            fetch("https://pictures.example/door.png")
        listener.join()

    assert internet.dialled == [(PUBLIC, 443)]
    assert (b"pictures.example" in hello[0], PUBLIC.encode() in hello[0]) == (True, False)


def _hear(server: socket.socket, heard: list[bytes]) -> None:
    connection, _ = server.accept()
    with connection:
        heard.append(connection.recv(4096))


def test_the_certificate_must_be_of_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from continuity.providers.connection import _tls

    assert (_tls().check_hostname, _tls().verify_mode.name) == (True, "CERT_REQUIRED")


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_two_redirects_are_followed_each_to_the_address_checked_for_it(code: int, internet: Internet) -> None:
    internet.names["other.example"] = [OTHER_PUBLIC]
    internet.pages["/a"] = redirect("/b?c=%20d", code)
    internet.pages["/b?c=%20d"] = redirect("http://other.example:80/door.png#there", code)

    assert fetch("http://pictures.example/a") == CONTENT
    assert {address for address, _ in internet.dialled} == {PUBLIC, OTHER_PUBLIC}
    assert [asked["host"] for asked in internet.asked] == ["pictures.example", "pictures.example", "other.example"]


@pytest.mark.parametrize(
    "to",
    [
        *(
            "http://127.0.0.1/",
            "http://localhost:80/",
            "http://169.254.169.254/latest/",
            "http://[::ffff:10.0.0.1]/",
            "//127.0.0.1/x",
        ),
        *(
            "file:///etc/passwd",
            "gopher://pictures.example/",
            "ftp://pictures.example/a",
            "data:image/png;base64,AAAA",
            "unix:/x",
        ),
        *("http://user:word@pictures.example/door.png", "http://pictures.example:22/", "https://pictures.example:6379/"),
        *("http://inside.example/", "http://[::1"),
    ],
)
def test_a_redirect_to_what_may_not_be_opened_is_refused(to: str, internet: Internet) -> None:
    internet.names["inside.example"] = ["10.0.0.1"]
    internet.pages["/a"] = redirect(to)

    with pytest.raises((AddressRefused, Transient)):  # what is no address at all is an answer that httpx does not accept
        fetch("http://pictures.example/a")

    assert {address for address, _ in internet.dialled} == {PUBLIC}
    assert [asked["path"] for asked in internet.asked] == ["/a"]


@pytest.mark.parametrize("hops", [{"/a": "/a"}, {"/a": "/b", "/b": "/a"}, {"/a": "/b", "/b": "/c", "/c": "/door.png"}])
def test_a_third_redirect_and_a_loop_end_the_fetch(hops: dict[str, str], internet: Internet) -> None:
    internet.pages |= {path: redirect(to) for path, to in hops.items()}

    with pytest.raises(OutputInvalid, match="more than 2 times"):
        fetch("http://pictures.example/a")

    assert len(internet.asked) == 3


def test_no_cookie_is_carried_from_hop_to_hop(internet: Internet) -> None:
    internet.pages["/a"] = status(302, location="/door.png", set_cookie="who=you; Path=/")

    fetch("http://pictures.example/a")

    assert ["cookie" in asked for asked in internet.asked] == [False, False]


@pytest.mark.parametrize(
    "url",
    [
        *(
            "file:///etc/passwd",
            "gopher://pictures.example/",
            "ftp://pictures.example/a",
            "data:image/png;base64,AAAA",
            "unix:/run/x",
        ),
        *("javascript:alert(1)", "//pictures.example/", "pictures.example/door.png", "/etc/passwd", "", "http://", "http:///a"),
        *("http://good.example@127.0.0.1/", "http://user:word@pictures.example/", "http://@pictures.example/", "http://a%40b@c/"),
        *(
            "http://pictures.example\\@127.0.0.1/",
            "http:\\\\pictures.example/",
            "http://pictures.example/\ta",
            "http://pic tures/",
        ),
        *("http://pictures.example/\r\nHost: inside", "http://pictures.example/\x00", " http://pictures.example/"),
        *("http://pictures.example/a\n", "http://pïctures.example/", "http://pictures。example/", "http://①②⑦.0.0.1/"),
        *(
            "http://pictures.example:22/",
            "http://pictures.example:25/",
            "https://pictures.example:6379/",
            "http://127.0.0.1:5432",
        ),
        *("http://pictures.example:0/", "http://pictures.example:99999/", "http://pictures.example:8080/", "http://[::1"),
        *("http://pictures.example/" + "a" * 9000, None, 7, ["http://pictures.example/"]),
    ],
)
def test_what_is_no_plain_address_is_refused_before_anything_is_looked_up(url: object, internet: Internet) -> None:
    with pytest.raises(AddressRefused):
        check_url(url, reach=Reach.WEB)
    with pytest.raises(AddressRefused):
        fetch(url)  # type: ignore[arg-type]

    assert (internet.looked_up, internet.dialled) == ([], [])


def test_what_looks_like_a_user_behind_the_fragment_is_none(internet: Internet) -> None:
    with pytest.raises(AddressRefused, match="not one that this server opens"):
        fetch("http://127.0.0.1#@pictures.example/door.png")

    assert internet.dialled == []


@pytest.mark.parametrize("url", ["http://pictures.example:443/door.png", "https://pictures.example:80/door.png"])
def test_both_ports_are_open_to_both_schemes(url: str) -> None:
    assert check_url(url, reach=Reach.WEB).port in (80, 443)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (status(404), OutputInvalid),
        (status(401, www_authenticate="Basic"), OutputInvalid),
        (status(300, location="/door.png"), OutputInvalid),
        (status(302), OutputInvalid),
        (status(206), OutputInvalid),
        (status(500), Transient),
        (status(429, retry_after=9), RateLimited),
        (bomb, OutputInvalid),
        (page(CONTENT, content_encoding="br"), OutputInvalid),
        (endless, OutputInvalid),
        (page(bytes(1_000_001)), OutputInvalid),
        (cut_short(CONTENT), Transient),
    ],
    ids=["404", "401", "300", "302-nowhere", "206", "500", "429", "gzip-bomb", "brotli", "endless", "too-long", "cut"],
)
def test_an_answer_that_brings_no_whole_file_ends_the_fetch(answer: Page, error: type[ProviderError], internet: Internet) -> None:
    internet.pages["/door.png"] = answer

    with pytest.raises(ProviderError) as caught:
        fetch()

    assert type(caught.value) is error


def test_bytes_are_counted_and_never_unpacked(internet: Internet) -> None:
    internet.pages["/door.png"] = endless
    sink = BytesIO()

    with pytest.raises(OutputInvalid, match="larger than 300000 bytes"):
        fetch_web_file(FILE, sink, max_bytes=300_000)

    assert sink.tell() <= 300_000


def test_a_length_that_says_less_brings_no_more_than_it_says(internet: Internet) -> None:
    internet.pages["/door.png"] = says_less(CONTENT)

    assert fetch() == CONTENT[: len(CONTENT) // 2]


@pytest.mark.parametrize("answer", [drip, slow_head, silence], ids=["body", "head", "silence"])
def test_the_whole_fetch_ends_with_its_time_however_slowly_bytes_come(answer: Page, internet: Internet) -> None:
    internet.pages["/door.png"] = answer

    with pytest.raises(Transient):
        fetch(timeouts=Timeouts(connect=5, read=10, total=0.4))


def test_all_hops_share_one_time(internet: Internet) -> None:
    def slowly(handler) -> None:
        time.sleep(0.3)
        redirect("/a")(handler)

    internet.pages["/a"] = slowly

    with pytest.raises((Transient, Unreachable)):
        fetch("http://pictures.example/a", timeouts=Timeouts(connect=5, read=10, total=0.5))

    assert len(internet.asked) == 2


def test_a_name_that_takes_long_to_look_up_is_not_waited_for(internet: Internet) -> None:
    looked_up = []

    class Slow(list):
        def __getitem__(self, index):
            internet.closing.wait(10)
            looked_up.append(index)
            return super().__getitem__(index)

    internet.names["slow.example"] = Slow([PUBLIC])

    with pytest.raises(Unreachable):
        fetch("http://slow.example/door.png", timeouts=Timeouts(connect=5, read=10, total=0.3))

    assert (internet.dialled, looked_up) == ([], [])


def test_the_time_of_a_fetch_is_twenty_seconds() -> None:
    assert WEB_TIMEOUTS.total == 20


def test_a_proxy_of_the_environment_is_not_asked(internet: Internet, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://10.0.0.9:3128")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    assert fetch() == CONTENT
    assert internet.dialled == [(PUBLIC, 80)]


def test_an_address_at_which_nobody_listens_is_unreachable(internet: Internet, monkeypatch: pytest.MonkeyPatch) -> None:
    internet.names["quiet.example"] = ["1.1.1.1"]

    with pytest.raises(Unreachable):
        fetch("http://quiet.example/")
    with pytest.raises(Unreachable):
        fetch("http://no-such-name.example/")

    assert internet.dialled == [("1.1.1.1", 80)]


def test_what_the_sink_raises_passes_through(internet: Internet) -> None:
    class FullDisk(BytesIO):
        def write(self, chunk: object) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        fetch_web_file(FILE, FullDisk(), max_bytes=10**6)


def test_the_stand_in_dials_what_it_is_told(internet: Internet) -> None:
    """Were the wire not led to the stand-in, every test above would pass by failing to connect."""
    with pytest.raises(httpcore.ConnectError):
        httpcore.SyncBackend().connect_tcp("10.0.0.1", 80)

    assert internet.dialled == [("10.0.0.1", 80)]
