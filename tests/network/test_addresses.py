"""Which addresses may be contacted: every spelling of a private one is seen through."""

import socket
from ipaddress import ip_address

import httpcore
import pytest

from motion_preflight.network.addresses import (
    host_problem,
    is_public,
    normalised,
    parse_ip,
    url_problem,
)
from motion_preflight.network.backend import Deadline, GuardedBackend
from motion_preflight.network.client import TransferStats, Web
from motion_preflight.network.errors import MediaUnavailable, Reason
from motion_preflight.testing.host import Host

PUBLIC = (
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
    "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255",
    "172.32.0.0", "192.0.1.0", "192.0.3.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
    "198.20.0.0", "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0",
    "223.255.255.255", "168.63.129.15", "168.63.129.17",
    "2000::1", "2001:200::1", "2001:4860:4860::8888", "2606:4700::1111", "2a00:1450::1",
    "3ffe::1", "3fff:1000::1",
    # with a public IPv4 address inside
    "64:ff9b::808:808", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8", "2002:808:808::1",
    "2606:4700::5efe:808:808", "2606:4700::200:5efe:808:808",
)  # fmt: skip

PRIVATE = (
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.0", "100.127.255.255",
    "127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.0", "172.31.255.255",
    "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.255", "198.18.0.0",
    "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255", "168.63.129.16",
    "::", "::1", "100::1", "fc00::1", "fd00::1", "fe80::1", "febf::1", "fec0::1", "ff02::1",
    "2001::1", "2001:10::1", "2001:20::1", "2001:db8::1", "3fff::1", "3fff:fff::1", "4000::1",
    "5f00::1", "64:ff9b:1::808:808", "1fff::1",
    # with a private IPv4 address inside
    "64:ff9b::a00:1", "64:ff9b::7f00:1", "64:ff9b::169.254.169.254", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::ffff:168.63.129.16", "64:ff9b::a83f:8110",
    "::127.0.0.1", "::10.0.0.1", "2002:7f00:1::", "2002:a00:1::1", "2002:c0a8:101::1",
    "2606:4700::5efe:7f00:1", "2606:4700::200:5efe:a00:1",
    # compatible and local-use ones, whatever is inside
    "::8.8.8.8",
)  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


SPELLINGS = {
    "127.0.0.1": (
        "127.0.0.1", "127.1", "127.0.1", "0x7f.1", "0x7F000001", "2130706433", "017700000001",
        "0177.0.0.1", "0x7f.0x0.0x0.0x1", "127.0.0.1.", "127.000.000.001", "127.0x0.0.01",
        "%31%32%37.0.0.1", "\uff11\uff12\uff17.0.0.1", "127。0。0。1", "①②⑦.⓪.⓪.①",
    ),
    "169.254.169.254": (
        "169.254.43518", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "169.16689662",
    ),
    "0.0.0.0": ("0", "0x", "0.0", "00", "0.0.0.0"),
    "8.8.8.8": ("8.8.8.8", "134744072", "8.8.2056", "0x8.8.8.8"),
    "::1": ("::1", "[::1]", "[::1%25lo]", "[::1%lo]", "0:0:0:0:0:0:0:1"),
    "::ffff:7f00:1": ("[::ffff:127.0.0.1]", "[::FFFF:7F00:1]"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("host", "address"), [(item, address) for address, all_ in SPELLINGS.items() for item in all_]
)
def test_every_spelling_of_an_address_is_read(host: str, address: str) -> None:
    assert parse_ip(host) == ip_address(address)


@pytest.mark.parametrize(
    "host",
    [
        "apimart-user.com",
        "1.2.3.4.example",
        "127.0.0.1.nip.io",
        "0x7f.example",
        "1.2.3.4.5",
        "a.1",
        "",
    ],
)
def test_a_name_is_no_address(host: str) -> None:
    assert parse_ip(host) is None


@pytest.mark.parametrize(
    "host", ["256.1.1.1", "1.2.3.999", "4294967296", "1.2.65536", "1.300.1.1", "08.1.1.1"]
)
def test_a_number_out_of_range_is_neither_a_name_nor_public(host: str) -> None:
    assert host_problem(host)


@pytest.mark.parametrize("host", ["256.1.1.1", "1.2.3.999", "4294967296", "1.300.1.1", "08.1.1.1"])
def test_a_number_out_of_range_is_never_connected_to(host: str) -> None:
    with pytest.raises((MediaUnavailable, httpcore.ConnectError)):
        GuardedBackend(Deadline(), checked=False)._addresses(host, 80, 1)


def test_a_host_is_compared_without_its_spelling() -> None:
    assert normalised("\uff25xample。COM.") == "example.com"


@pytest.mark.parametrize(
    "name",
    ["localhost", "LOCALHOST", "localhost.", "a.localhost", "printer.local", "db.internal",
     "metadata.google.internal", "router.lan", "nas.home", "wiki.corp", "x.intranet",
     "box.home.arpa", "intranet", "com", "%6cocalhost", "\uff4cocalhost"],
)  # fmt: skip
def test_a_special_name_is_not_public(name: str) -> None:
    assert "is not a public name" in (host_problem(name) or "")


@pytest.mark.parametrize(
    "name",
    ["%1b%5b8mhidden.example", "%1b]0;title%07.example", "a%00b.example", "a%0d%0a.example",
     "a%7f.example", "a.%e2%80%ae.example", "a%c2%9b.example", "a\u202e.example",
     "a\u200b.example", "a\ufeff.example"],
    ids=ascii,
)  # fmt: skip
def test_a_host_with_control_characters_is_refused(name: str) -> None:
    assert host_problem(name) == "its host contains control characters"
    assert (url_problem(f"http://{name}/a") or "").isprintable()
    assert url_problem(f"http://{name}/a")


@pytest.mark.parametrize(
    "name",
    [
        "apimart-user.com",
        "localhost.apimart-user.com",
        "mylocal.net",
        "internal.host.org",
        "x.io",
    ],
)
def test_an_ordinary_name_is_left_to_the_resolver(name: str) -> None:
    assert host_problem(name) is None


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://apimart-user.com/a", 'its scheme is "ftp"'),
        ("file:///etc/passwd", 'its scheme is "file"'),
        ("s3://bucket/key", 'its scheme is "s3"'),
        ("data:video/mp4;base64,AAAA", 'its scheme is "data"'),
        ("javascript://apimart-user.com/%0a", 'its scheme is "javascript"'),
        ("http://user@apimart-user.com/", "carries credentials"),
        ("http://user:pw@apimart-user.com/", "carries credentials"),
        ("http://:@apimart-user.com/", "carries credentials"),
        ("http://apimart-user.com\\@127.0.0.1/", "carries credentials"),
        ("http://127.0.0.1\\.apimart-user.com/", "carries credentials"),
        ("http:///path", "names no host"),
        ("http:/apimart-user.com/", "names no host"),
        ("http:apimart-user.com", "names no host"),
        ("https://", "names no host"),
        ("https://?q", "names no host"),
        ("http://apimart-user.com:0/", "port"),
        ("http://apimart-user.com:99999/", "its port is not a number from 1 to 65535"),
        ("http://apimart-user.com:port/", "its port is not a number from 1 to 65535"),
        ("http://apimart-user..com/", "empty part between two dots"),
        ("http://[::1/", "is not a URL"),
        ("http://[apimart-user.com]/", ""),
        ("http://exa mple.com/", "white space or control"),
        ("http://apimart-user.com/a b", "white space or control"),
        ("http://apimart-user.com/a\r\nX: y", "white space or control"),
        ("http://apimart-user.com/\x00", "white space or control"),
        ("http://apimart-user.com/\x7f", "white space or control"),
        ("http://%1b%5b8m.example/", "its host contains control characters"),
        ("http://a%e2%80%aeb.example/", "its host contains control characters"),
        ("http://168.63.129.16/metadata", "168.63.129.16 is not a public address"),
        ("http://127.0.0.1/", "127.0.0.1 is not a public address"),
        ("http://2130706433/", "127.0.0.1 is not a public address"),
        ("http://0x7f.1:8080/", "127.0.0.1 is not a public address"),
        ("http://[::ffff:10.0.0.1]/", "is not a public address"),
        ("https://[64:ff9b::a00:1]/", "is not a public address"),
        ("http://[fe80::1%25eth0]/", "is not a public address"),
        ("http://\uff11\uff12\uff17.0.0.1/", "127.0.0.1 is not a public address"),
        ("HTTP://LOCALHOST/", '"localhost" is not a public name'),
        ("http://apimart-user.com℀.localhost/", ""),
    ],
)
def test_a_url_that_cannot_be_a_public_link(url: str, words: str) -> None:
    wrong = url_problem(url)
    assert wrong is not None
    assert words in wrong


@pytest.mark.parametrize(
    "url",
    [
        "https://apimart-user.com/clip.mp4",
        "HTTPS://APIMART-USER.COM:8443/clip.mp4?a=b@c#d",
        "http://8.8.8.8/x",
        "http://[2606:4700::1111]:80/x",
        "https://xn--bcher-kva.host/ü?q=ü",
        "https://bücher.host/",
        "https://apimart-user.com./x",
        "https://my_bucket.s3.amazonaws.com/x",
    ],
)
def test_a_url_that_can_be_a_public_link(url: str) -> None:
    assert url_problem(url) is None


def test_a_password_that_breaks_the_url_is_not_told() -> None:
    assert "hunter2" not in (url_problem("http://user:hunter2/x@apimart-user.com/clip.mp4") or "")


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://localhost/", "http://nas.lan:81/"])
def test_private_hosts_are_no_problem_where_they_are_allowed(url: str) -> None:
    assert url_problem(url, allow_private=True) is None


@pytest.mark.parametrize("url", ["ftp://localhost/", "http://u:p@localhost/", "http://localhost:0"])
def test_other_problems_stay_where_private_hosts_are_allowed(url: str) -> None:
    assert url_problem(url, allow_private=True)


def test_a_name_that_is_private_here_is_told_from_a_private_literal() -> None:
    backend, name = GuardedBackend(Deadline(), checked=True), socket.gethostname()
    try:
        result = socket.getaddrinfo(name, 80)
    except OSError:
        pytest.skip("this machine's own name cannot be looked up")
    if all(is_public(ip_address(str(entry[4][0]).partition("%")[0])) for entry in result):
        pytest.skip("this machine's own name has a public address")
    with pytest.raises(MediaUnavailable) as by_name:
        backend.connect_tcp(name, 80, timeout=1)
    with pytest.raises(MediaUnavailable) as by_literal:
        backend.connect_tcp("127.0.0.1", 80, timeout=1)
    assert by_name.value.reason is Reason.PRIVATE_HERE
    assert by_literal.value.reason is Reason.NOT_PUBLIC


def test_a_name_nobody_knows_is_unreachable() -> None:
    with pytest.raises(MediaUnavailable) as caught:
        GuardedBackend(Deadline(), checked=True).connect_tcp("no-such-host.invalid", 80, timeout=3)
    assert caught.value.reason is Reason.UNREACHABLE
    assert "no-such-host.invalid" in caught.value.message


def _spellings(host: Host) -> list[str]:
    port = host.base.rpartition(":")[2]
    hosts = ("127.0.0.1", "127.1", "0x7f000001", "2130706433", "localhost", "[::ffff:127.0.0.1]",
             "0", "localhost.", "\uff11\uff12\uff17.0.0.1", "[::1]", "[::ffff:7f00:1]")  # fmt: skip
    return [f"http://{item}:{port}/clip.mp4" for item in hosts]


def test_nothing_leaves_for_a_refused_host(host: Host) -> None:
    host.serve("clip.mp4", b"x")
    for url in _spellings(host):
        with Web(timeout=1, allow_private=False) as web, pytest.raises(MediaUnavailable) as caught:
            web.get(url, headers={}, size=1, tally=TransferStats())
        assert caught.value.reason is Reason.NOT_PUBLIC, url
    assert host.log == []
    assert host.connections == 0


def test_the_address_is_checked_again_where_the_socket_is_opened(host: Host) -> None:
    """What the text of a URL hides, a parser that reads it otherwise would still open."""
    port = int(host.base.rpartition(":")[2])
    backend = GuardedBackend(Deadline(), checked=True)
    for name in ("127.0.0.1", "127.1", "0x7f000001", "::1", "::ffff:127.0.0.1", "localhost"):
        with pytest.raises(MediaUnavailable):
            backend.connect_tcp(name, port, timeout=1)
    assert host.connections == 0
