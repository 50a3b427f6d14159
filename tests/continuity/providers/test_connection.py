import pytest

from continuity.providers.connection import AddressRefused, Reach, check_url, is_public, reach_beside

PUBLIC_ADDRESS = "93.184.215.14"
PRIVATE_ADDRESSES = [
    *("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::", "10.0.0.1", "172.16.0.1", "192.168.1.1"),  # noqa: S104
    *("169.254.169.254", "fd00:ec2::254", "fe80::1", "fec0::1", "100.64.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1"),
    *("255.255.255.255", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2001:0:7f00:1::", "ff02::1", "::127.0.0.1"),
]


@pytest.mark.parametrize("address", PRIVATE_ADDRESSES)
def test_is_public_knows_every_private_range(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC_ADDRESS, "8.8.8.8", "2606:4700:4700::1111"])
def test_is_public_accepts_addresses_of_the_open_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        *("http://clips.example/a.mp4", "file:///etc/passwd", "gopher://clips.example/", "ftp://clips.example/a.mp4"),
        *("data:video/mp4;base64,AAAA", "unix:/run/socket", "//clips.example/a.mp4", "a.mp4", "", "https://", "https:///a.mp4"),
        *("https://clips.example:22/", "https://clips.example:25/", "https://clips.example:6379/", "https://clips.example:80/"),
        *("https://good.example@127.0.0.1/", "https://user:word@clips.example/", "https://@clips.example/"),
        *(
            "https://clips.example\\@127.0.0.1/",
            "https://clips.example/\ta",
            "https://clips.example/\r\nx: y",
            "https://clips .example/",
        ),
        *("https://clïps.example/", "https://clips.example/" + "a" * 9000, "https://[::1", "https://clips.example:99999/"),
        *(None, 7, ["https://clips.example/a.mp4"]),
    ],
)
def test_check_url_refuses_what_is_no_plain_https_address(url: object) -> None:
    with pytest.raises(AddressRefused):
        check_url(url, reach=Reach.PUBLIC)


@pytest.mark.parametrize(
    "url", ["https://clips.example/a.mp4?sig=%2F", "https://clips.example:443/a", "https://xn--clps-6qa.example/"]
)
def test_check_url_accepts_plain_https_addresses(url: str) -> None:
    assert str(check_url(url, reach=Reach.PUBLIC)).startswith("https://")


@pytest.mark.parametrize(
    ("base_url", "reach"),
    [
        ("http://127.0.0.1:8000", Reach.LOOPBACK),
        ("http://[::1]:8000", Reach.LOOPBACK),
        ("http://localhost:8000", Reach.LOOPBACK),
        ("https://api.vendor.example", Reach.PUBLIC),
        ("https://127.0.0.1.vendor.example", Reach.PUBLIC),
        ("http://10.0.0.1", Reach.PUBLIC),
    ],
)
def test_reach_beside_is_this_machine_for_a_stand_in_only(base_url: str, reach: Reach) -> None:
    assert reach_beside(base_url) is reach
