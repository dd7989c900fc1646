"""Nobody leads the program to an address of a private network: not by what names mean, not by when
they mean it, not by a redirect in whatever spelling.

Every test runs in a world where the program would be content: whatever stands at a forbidden
address serves a good clip.
"""

from __future__ import annotations

import ipaddress
import os
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpcore
import pytest
from builders import body
from hypothesis import given, settings
from hypothesis import strategies as st

from hostile.names import Net, place_of
from hostile.worlds import INNER, PUBLIC, Habits, Seen, StandIn, World
from motion_preflight.cli import exit_codes
from motion_preflight.network.backend import Deadline, GuardedBackend
from motion_preflight.network.client import TransferStats, Web
from motion_preflight.network.errors import MediaUnavailable
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host

MEDIA, OTHER, SIX = PUBLIC
REQUEST = body(video_url="http://media.host/clip.mp4", image_url="http://pictures.host/image.png")
# For what is not fetched: both media are the same, and none needs ffprobe.
BOTH = REQUEST | {"image_url": REQUEST["video_url"]}
NAMES: dict[str, Any] = {"media.host": [[MEDIA]], "pictures.host": [[OTHER]]}
HERE = "192.168.1.1"  # a private host that a user may name
# What a resolver may say that nobody may connect to.
FORBIDDEN = (
    "10.0.0.1", "127.0.0.1", "127.0.0.2", "169.254.169.254", "192.168.1.1", "172.31.255.255",
    "100.64.0.1", "0.0.0.0", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
    "192.88.99.1", "168.63.129.16", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::1", "::", "fd00::1", "fe80::1", "fec0::1", "ff02::1", "2001:db8::1", "2001::1", "100::1",
    "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::127.0.0.1", "::ffff:0:10.0.0.1", "64:ff9b::a00:1",
    "64:ff9b:1::a00:1", "2002:a00:1::1", "2002:7f00:1::", "2606:4700::5efe:10.0.0.1", "5f00::1",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*os.environ]:
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def stand_in() -> Iterator[World]:
    with StandIn() as built:
        yield built


@pytest.fixture(scope="module", params=["stand-in", "island"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A stand-in for names and network, and where this system allows it, an island."""
    if request.param == "stand-in":
        yield request.getfixturevalue("stand_in")
        return
    if sys.platform != "linux":
        pytest.skip("network namespaces are Linux's")
    from hostile.island import Island, Unavailable  # noqa: PLC0415

    try:
        island = Island()
    except Unavailable as unavailable:
        pytest.skip(str(unavailable))
    with island:
        yield island


def kept_out(seen: Seen, *, rule: str, level: str, field: str = "video_url") -> str:
    """What is said of a medium that was not fetched; nobody forbidden was contacted."""
    assert seen.contacted <= set(PUBLIC), seen
    assert not any(seen.requests_by_host[address] for address in INNER)
    (answer,) = [
        finding for finding in seen.findings(field) if finding[0] in {rule, "video-not-faststart"}
    ]
    assert answer[:2] == (rule, level)
    assert answer[2].isprintable()
    assert len(answer[2]) < 400
    assert seen.said["verdict"] == {"error": "fail", "unsure": "unsure"}[level]
    return answer[2]


# --- the worlds are what they should be ------------------------------------------------------


def test_a_public_host_is_found(world: World) -> None:
    seen = world.check(NAMES, REQUEST)
    assert seen.said["verdict"] == "pass"
    assert seen.contacted == {MEDIA, OTHER}
    assert sorted(seen.looked_up) == ["media.host", "pictures.host"]
    assert seen.requests_by_host[MEDIA] == ["/clip.mp4"] * 2  # the index lies far behind the media


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.2", "fd00::1", "64:ff9b::a00:1"])
def test_whoever_goes_to_a_forbidden_address_is_seen_and_content(
    world: World, address: str
) -> None:
    seen = world.check(NAMES | {"media.host": [[address]]}, REQUEST, allow_private=True)
    assert seen.contacted == {address, OTHER}
    assert seen.requests_by_host[address] == ["/clip.mp4"] * 2
    assert seen.said["verdict"] == "pass"


# --- what names mean -------------------------------------------------------------------------


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_name_of_a_forbidden_address_is_not_contacted(world: World, address: str) -> None:
    seen = world.check(NAMES | {"media.host": [[address]]}, BOTH)
    answer = kept_out(seen, rule="media-unreachable", level="unsure")
    assert "not a public address" in answer
    assert seen.contacted == set()


@pytest.mark.parametrize(
    "addresses",
    [
        [MEDIA, "10.0.0.1"],
        ["10.0.0.1", MEDIA],
        [MEDIA, OTHER, "127.0.0.1"],
        [MEDIA, "::1"],
        [SIX, "10.0.0.1"],
        [SIX, MEDIA, "::ffff:10.0.0.1"],
        [SIX, "64:ff9b::a00:1", MEDIA],
        [*[f"93.184.216.{number + 1}" for number in range(20)], "169.254.169.254"],
    ],
    ids=str,
)  # fmt: skip
def test_a_name_of_public_and_forbidden_addresses_is_not_contacted(
    world: World, addresses: list[str]
) -> None:
    seen = world.check(NAMES | {"media.host": [addresses]}, BOTH)
    kept_out(seen, rule="media-unreachable", level="unsure")
    assert seen.contacted == set()


def test_a_name_of_several_public_addresses_is_fetched_from_one_of_them(world: World) -> None:
    gone = "8.8.4.4"  # nobody is there
    seen = world.check(NAMES | {"media.host": [[gone, OTHER]]}, REQUEST)
    assert seen.contacted <= {gone, OTHER}
    if seen.requests_by_host[OTHER][1:]:  # the stand-in's trap answers at every address
        assert seen.said["verdict"] == "pass"


def test_a_name_of_several_families_is_fetched_from_one_of_them(world: World) -> None:
    seen = world.check(NAMES | {"media.host": [[SIX, MEDIA]]}, REQUEST)
    assert seen.said["verdict"] == "pass"
    assert seen.contacted <= set(PUBLIC)


@pytest.mark.parametrize(
    "private",
    ["10.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "fd00::1", "64:ff9b::a00:1"],
)
def test_a_name_that_changes_its_mind_is_judged_at_every_connection(
    world: World, private: str
) -> None:
    """The first range comes from a public address, and then the name means another one."""
    names = NAMES | {"media.host": [[MEDIA], [private]]}
    habits = {MEDIA: {"clip.mp4": {"close_each": True}}}
    seen = world.check(names, REQUEST, habits)
    kept_out(seen, rule="media-unreachable", level="unsure")
    assert seen.contacted == {MEDIA, OTHER}
    assert seen.requests_by_host[MEDIA] == ["/clip.mp4"]
    assert seen.looked_up.count("media.host") == 2  # one look-up a connection, none beside it


def test_a_name_that_changes_its_mind_at_once_is_looked_up_once(world: World) -> None:
    """What was judged is what is connected to, not what a second look-up would say."""
    names = NAMES | {"media.host": [[MEDIA], ["10.0.0.1"]]}
    seen = world.check(names, REQUEST)
    assert seen.said["verdict"] == "pass"
    assert seen.contacted == {MEDIA, OTHER}
    assert seen.looked_up.count("media.host") == 1


def test_a_name_that_was_forbidden_first_is_asked_again_by_nobody(world: World) -> None:
    seen = world.check(NAMES | {"media.host": [["10.0.0.1"], [MEDIA]]}, REQUEST)
    kept_out(seen, rule="media-unreachable", level="unsure")
    assert seen.looked_up.count("media.host") == 1


def test_both_media_of_a_request_are_judged_by_themselves(world: World) -> None:
    names: dict[str, Any] = {"media.host": [[MEDIA]], "pictures.host": [["192.168.1.1"]]}
    seen = world.check(names, REQUEST)
    kept_out(seen, rule="media-unreachable", level="unsure", field="image_url")
    assert seen.contacted == {MEDIA}


@pytest.mark.parametrize(
    "name", ["127.0.0.1.media.host", "localhost.media.host", "a.10.0.0.1.media.host"]
)
def test_a_name_that_looks_like_an_address_is_looked_up(world: World, name: str) -> None:
    request = REQUEST | {"video_url": f"http://{name}/clip.mp4"}
    seen = world.check(NAMES | {name: [["127.0.0.1"]]}, request)
    kept_out(seen, rule="media-unreachable", level="unsure")
    seen = world.check(NAMES | {name: [[MEDIA]]}, request)
    assert seen.said["verdict"] == "pass"


def test_a_name_that_nobody_knows_is_told(world: World) -> None:
    seen = world.check(NAMES | {"media.host": [[]]}, REQUEST)
    answer = kept_out(seen, rule="media-unreachable", level="unsure")
    assert "media.host was not found" in answer


def test_a_resolver_that_never_answers_ends_in_time(world: World) -> None:
    began = time.monotonic()
    seen = world.check(NAMES | {"media.host": [None]}, REQUEST, timeout=0.5)
    kept_out(seen, rule="media-unreachable", level="unsure")
    assert time.monotonic() - began < 20


def test_a_name_of_very_many_addresses_ends_in_time(world: World) -> None:
    """None of them answers."""
    many = [f"8.8.{number // 250}.{number % 250 + 1}" for number in range(200)]
    began = time.monotonic()
    seen = world.check(NAMES | {"media.host": [many[:20]]}, REQUEST, timeout=0.5)
    assert time.monotonic() - began < 20
    assert seen.contacted <= {OTHER, *many}


# --- where redirects lead --------------------------------------------------------------------

LITERALS = (
    "10.0.0.1", "10.0.0.1.", "10.0.0.1:80", "10.1", "10.0.1", "167772161", "0xa000001",
    "0xA.0x0.0x0.0x1", "012.0.0.1", "0012.0.0.01", "01200000001", "%31%30.0.0.1", "10%2e0%2e0%2e1",
    "\uff11\uff10.0.0.1", "10\u30020\u30020\u30021", "10\uff0e0\uff0e0\uff0e1",
    "\u2460\u24ea.0.0.1", "[::ffff:10.0.0.1]", "[::ffff:a00:1]", "[0:0:0:0:0:ffff:a00:1]",
    "[64:ff9b::a00:1]", "[64:ff9b::10.0.0.1]", "[2002:a00:1::1]", "[fd00::1]", "[::1]", "[::1]:80",
    "[::]", "[fe80::1%25lo]", "[::1%25lo]", "[::127.0.0.1]", "127.1", "0", "0x7f.1", "2130706433",
    "017700000001", "127.0.0.1", "127.0.0.2.", "localhost", "LOCALHOST.", "localhost.localdomain",
    "a.localhost", "%6c%6f%63alhost", "\uff4cocalhost", "169.254.169.254", "0xa9fea9fe",
    "2852039166", "metadata.google.internal", "printer.local", "router",
)  # fmt: skip
LOCATIONS = (
    *(f"http://{host}/clip.mp4" for host in LITERALS), "//10.0.0.1/clip.mp4", "//127.1/clip.mp4",
    "//[::1]/clip.mp4", "//localhost/clip.mp4", "///10.0.0.1/clip.mp4", "////10.0.0.1/clip.mp4",
    "\\\\10.0.0.1\\clip.mp4", "/\\10.0.0.1/clip.mp4", "http:\\\\10.0.0.1\\clip.mp4",
    "http:/\\10.0.0.1/clip.mp4", "http:10.0.0.1/clip.mp4", "http:/10.0.0.1/clip.mp4",
    "http:///10.0.0.1/clip.mp4", "HTTP://10.0.0.1/clip.mp4", "https://10.0.0.1/clip.mp4",
    "http://media.host@10.0.0.1/clip.mp4", "http://media.host:80@10.0.0.1/clip.mp4",
    "http://10.0.0.1@media.host/clip.mp4", "http://media.host%40@10.0.0.1/clip.mp4",
    "http://10.0.0.1#@media.host/clip.mp4", "http://10.0.0.1?@media.host/clip.mp4",
    "http://10.0.0.1\\@media.host/clip.mp4", "http://media.host\\@10.0.0.1/clip.mp4",
    "http://10.0.0.1%2f@media.host/clip.mp4", "http://10.0.0.1%23.media.host/clip.mp4",
    "http://10.0.0.1%00.media.host/clip.mp4", "http://10.0.0.1%0d%0a.media.host/clip.mp4",
    "http://[::1].media.host/clip.mp4", "http://[::1]media.host/clip.mp4",
    "http://10.0.0.1:80:80/clip.mp4", "http://10.0.0.1:/clip.mp4", "http://10.0.0.1:0080/clip.mp4",
    "http://10.0.0.1:80\\@media.host:81/", "http://media.host:80\\.10.0.0.1/",
    "http://10.0.0.1\t/clip.mp4", "ht\ttp://10.0.0.1/clip.mp4", "file:///etc/passwd",
    "file://media.host/etc/passwd", "file:/etc/passwd", "FILE:///etc/passwd",
    "ftp://media.host/clip.mp4", "ftp://10.0.0.1/clip.mp4", "data:video/mp4;base64,AAAA",
    "javascript:alert(1)", "javascript://media.host/%0aalert(1)", "gopher://10.0.0.1:6379/_x",
    "ws://10.0.0.1/", "unix:///var/run/docker.sock", "http+unix://%2fvar%2frun%2fdocker.sock/",
    "blob:http://10.0.0.1/x", "view-source:http://10.0.0.1/", "jar:http://10.0.0.1!/",
    "ldap://10.0.0.1/", "dict://10.0.0.1:11211/", "about:blank", "mailto:a@b", "://10.0.0.1/",
)  # fmt: skip


def wire(location: str) -> str:
    """A Location as `Host` sends it: the bytes of its UTF-8, one by one."""
    return location.encode("utf-8").decode("latin-1")


@pytest.mark.parametrize("location", LOCATIONS, ids=ascii)
def test_a_redirect_to_a_forbidden_place_is_not_followed(world: World, location: str) -> None:
    names = NAMES | {name: [["127.0.0.1"]] for name in ("localhost.localdomain", "router")}
    habits = {MEDIA: {"clip.mp4": {"redirect_to": wire(location)}}}
    seen = world.check(names, BOTH, habits)
    assert seen.contacted == {MEDIA}
    assert not any(seen.requests_by_host[address] for address in INNER)
    assert seen.said["verdict"] in {"fail", "unsure"}
    answer = [text for rule, _, text in seen.findings() if rule.startswith(("media-", "url-"))]
    assert len(answer) == 1
    assert answer[0].isprintable()


# Nobody takes these for an address, or the system's own link is meant.
NOWHERE = (
    "LOCALHOST",
    "///10",
    "fe80",
    "%25lo",
    "localhost",
    "\uff4c",
    "%6c",
    "google",
    "printer",
    "router",
)
LEADING = [
    location
    for location in LOCATIONS[: LOCATIONS.index("////10.0.0.1/clip.mp4")]
    if not any(part in location for part in NOWHERE)
]


@pytest.mark.parametrize("location", LEADING, ids=ascii)
def test_these_spellings_would_lead_there(stand_in: World, location: str) -> None:
    """Where private addresses are allowed, a private host's do; the others are no URL to anybody
    then.
    """
    names = NAMES | {"media.host": [[HERE]]}
    habits = {HERE: {"clip.mp4": {"redirect_to": wire(location)}}}
    seen = stand_in.check(names, BOTH, habits, allow_private=True)
    if "not a usable URL" not in str(seen.findings()):
        assert not any(map(harmless, seen.contacted))
        assert seen.contacted - {HERE}


# --- where private addresses are allowed -----------------------------------------------------


@pytest.mark.parametrize("location", ["http://169.254.169.254/clip.mp4", "http://router/clip.mp4"])
def test_a_public_host_leads_to_no_private_one_even_where_those_are_allowed(
    world: World, location: str
) -> None:
    names = NAMES | {"router": [["10.0.0.1"]]}
    habits = {MEDIA: {"clip.mp4": {"redirect_to": location}}}
    seen = world.check(names, REQUEST, habits, allow_private=True)
    answer = kept_out(seen, rule="url-not-public", level="error")
    assert "to which a public host leads" in answer
    assert seen.contacted == {MEDIA, OTHER}


def test_a_public_host_leads_to_no_private_one_by_a_name_of_its_own(world: World) -> None:
    names = NAMES | {"inner.host": [["10.0.0.1"]]}
    habits = {MEDIA: {"clip.mp4": {"redirect_to": "http://inner.host/clip.mp4"}}}
    seen = world.check(names, REQUEST, habits, allow_private=True)
    kept_out(seen, rule="media-unreachable", level="unsure")
    assert seen.contacted == {MEDIA, OTHER}


def test_a_public_name_that_becomes_a_private_one_is_not_followed_there(world: World) -> None:
    names = NAMES | {"media.host": [[MEDIA], ["10.0.0.1"]]}
    seen = world.check(names, REQUEST, allow_private=True)
    kept_out(seen, rule="media-unreachable", level="unsure")
    assert seen.contacted == {MEDIA, OTHER}


@pytest.mark.parametrize("to", [HERE, "10.0.0.1", MEDIA])
def test_a_private_host_that_is_allowed_leads_anywhere(world: World, to: str) -> None:
    names = NAMES | {"media.host": [[HERE]], "next.host": [[to]]}
    habits = {HERE: {"clip.mp4": {"redirect_to": "http://next.host/next.mp4"}}}
    habits = habits | {to: habits.get(to, {}) | {"next.mp4": {}}}
    seen = world.check(names, REQUEST, habits, allow_private=True)
    assert seen.said["verdict"] == "pass"
    assert seen.contacted == {HERE, to, OTHER}


def test_a_private_host_leads_to_no_private_one_over_a_public_one(world: World) -> None:
    names = NAMES | {"media.host": [[HERE]], "next.host": [[MEDIA]]}
    habits: Habits = {
        HERE: {"clip.mp4": {"redirect_to": "http://next.host/next.mp4"}},
        MEDIA: {"next.mp4": {"redirect_to": "http://169.254.169.254/clip.mp4"}},
    }
    seen = world.check(names, REQUEST, habits, allow_private=True)
    assert seen.contacted == {HERE, MEDIA, OTHER}
    assert "to which a public host leads" in str(seen.findings())


@pytest.mark.parametrize("hops", [1, 2, 5])
def test_a_chain_of_redirects_is_judged_at_every_hop(world: World, hops: int) -> None:
    chain: dict[str, Any] = {
        str(hop): {"redirect_to": f"http://media.host/{hop + 1}"} for hop in range(1, hops)
    }
    chain[str(hops)] = {"redirect_to": "http://inner.host/clip.mp4"}
    habits = {MEDIA: {"clip.mp4": {"redirect_to": "/1"}, **chain}}
    seen = world.check(NAMES | {"inner.host": [["10.0.0.1"]]}, REQUEST, habits)
    assert seen.contacted == {MEDIA, OTHER}
    assert len(seen.requests_by_host[MEDIA]) == min(hops + 1, 6)
    (answer,) = [text for rule, _, text in seen.findings() if rule == "media-unreachable"]
    assert ("10.0.0.1" in answer) or hops == 5


def test_a_later_range_is_judged_like_the_first(world: World) -> None:
    """The second range of a file is redirected to where the first one could not have come from."""
    habits: Habits = {
        MEDIA: {"clip.mp4": {"redirect_to": "http://other.host/part"}},
        OTHER: {"part": {"close_each": True}},
    }
    names = NAMES | {"other.host": [[OTHER], ["fd00::1"]]}
    seen = world.check(names, REQUEST, habits)
    kept_out(seen, rule="media-unreachable", level="unsure")
    assert seen.requests_by_host[OTHER].count("/part") == 1


def test_a_redirect_to_a_name_of_a_forbidden_address_is_not_followed(world: World) -> None:
    habits = {MEDIA: {"clip.mp4": {"redirect_to": "//inner.host/clip.mp4?token=SECRET"}}}
    seen = world.check(NAMES | {"inner.host": [["169.254.169.254"]]}, REQUEST, habits)
    answer = kept_out(seen, rule="media-unreachable", level="unsure")
    assert "SECRET" not in answer


@pytest.mark.parametrize(
    "location",
    [
        "http://10.0.0.1/a?X-Amz-Signature=SECRET&SECRET#SECRET",
        "http://user:SECRET@media.host/a",
        "ftp://user:SECRET@media.host/a?b=SECRET",
        "file:///a?b=SECRET",
        "data:text/plain,SECRET",
        "javascript:go('/a?token=SECRET')",
        "ftp:media.host/a?token=SECRET",
        "custom:open?token=SECRET#SECRET",
        "mailto:a@b?subject=SECRET",
        "http:///a?token=SECRET",
        "http:media.host?token=SECRET",
        "http://[::1/a?token=SECRET",
    ],
)
def test_what_a_refused_redirect_carries_is_not_told(world: World, location: str) -> None:
    habits = {MEDIA: {"clip.mp4": {"redirect_to": location}}}
    seen = world.check(NAMES, BOTH, habits)
    assert seen.said["verdict"] in {"fail", "unsure"}
    assert "SECRET" not in str(seen.said)


@pytest.mark.parametrize("location", ["http://10.0.0.1/", "ftp://media.host/", "custom:"])
def test_what_is_said_of_a_redirect_has_an_end(world: World, location: str) -> None:
    habits = {MEDIA: {"clip.mp4": {"redirect_to": location + "a" * 50_000}}}
    seen = world.check(NAMES, BOTH, habits)
    (answer,) = [text for rule, _, text in seen.findings() if rule == "url-not-public"]
    assert len(answer) < 2000


def test_redirects_without_end_end(world: World) -> None:
    habits = {MEDIA: {"clip.mp4": {"endless_redirects": True}}}
    seen = world.check(NAMES, BOTH, habits)
    kept_out(seen, rule="media-unreachable", level="unsure")
    assert len(seen.requests_by_host[MEDIA]) == 2 * 6


# --- the program itself ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "habits", "code"),
    [
        ({}, {}, exit_codes.OK),
        ({"media.host": [[MEDIA], ["::1"]]}, {"close_each": True}, exit_codes.UNSURE),
        ({}, {"redirect_to": "http://[::ffff:10.0.0.1]/clip.mp4"}, exit_codes.BROKEN),
    ],
    ids=["good", "changing", "redirect"],
)
def test_the_program_keeps_out_too(
    world: World, names: dict[str, Any], habits: dict[str, Any], code: int
) -> None:
    options = [f"--{name}={value}" for name, value in (
        ("video", REQUEST["video_url"]), ("image", REQUEST["image_url"]), ("mode", "std"),
        ("model", REQUEST["model"]), ("orientation", "video"), ("prompt", "she dances"),
    )]  # fmt: skip
    built = {MEDIA: {"clip.mp4": habits}} if habits else None
    seen = world.program(NAMES | names, "check", *options, habits=built)
    assert seen.said["code"] == code, seen
    assert seen.contacted <= {MEDIA, OTHER}
    assert "root:" not in seen.said["stdout"]
    assert seen.said["stderr"] == ""


# --- any spelling ----------------------------------------------------------------------------


def harmless(address: str) -> bool:
    """Whether an address is public, by other means than those of the program."""
    result: Any = ipaddress.ip_address(address)
    if result.version == 6:
        number = int(result)
        inside = result.ipv4_mapped or result.sixtofour or (result.teredo or [None])[0]
        if number < 1 << 32:  # compatible with IPv4
            return False
        if result in ipaddress.ip_network("64:ff9b::/96"):
            inside = ipaddress.ip_address(number & 0xFFFFFFFF)
        result = inside or result
    return bool(result.is_global) and not result.is_multicast


def spelled(address: ipaddress.IPv4Address) -> st.SearchStrategy[str]:
    """An IPv4 address in any way that somebody may read."""
    number, four = int(address), address.packed
    bases = st.sampled_from(["{}", "{:#x}", "0{:o}", "{:03}", "0x{:08x}"])
    dotted = st.lists(bases, min_size=4, max_size=4).map(
        lambda forms: ".".join(form.format(part) for form, part in zip(forms, four, strict=True))
    )
    short = st.sampled_from([
        f"{four[0]}.{number & 0xFFFFFF}", f"{four[0]}.{four[1]}.{number & 0xFFFF}", f"{number}",
        f"{number:#x}", f"0{number:o}", f"[::ffff:{address}]", f"[::ffff:{number:x}]",
        f"[64:ff9b::{address}]", f"[2002:{number >> 16:x}:{number & 0xFFFF:x}::]",
    ])  # fmt: skip
    wide = str.maketrans(
        "0123456789.", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\u3002"
    )
    plain = st.one_of(st.just(str(address)), dotted, short)
    return st.tuples(plain, st.sampled_from(["", "wide", "percent", "."])).map(
        lambda both: {
            "": both[0],
            "wide": both[0].translate(wide),
            "percent": "".join(f"%{ord(sign):02x}" for sign in both[0]),
            ".": both[0] + ".",
        }[both[1]]
    )


_PRIVATE = st.sampled_from(["10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.1.1", "0.0.0.0"])
_HOSTS = _PRIVATE.map(ipaddress.IPv4Address).flatmap(spelled)
_FRAMES = st.sampled_from([
    "http://{}/", "//{}/", "http://{}:80/", "HTTP://{}", "http:\\\\{}\\", "/\\{}/", "http:{}",
    "http://media.host@{}/", "http://{}@media.host/", "http://{}\\@media.host/",
    "http://media.host\\@{}/", "http://{}#@media.host/", "http://{}.media.host/",
    "http://media.host.{}/", "http://x.{}/", "{}", "http://{}?", "https://{}/", "http://{}%20/",
])  # fmt: skip
_NOISE = st.tuples(
    st.integers(0, 30),
    st.sampled_from(["", "", "\t", "%00", "%09", "@", "#", "?", "\\", "/", ":", "[", "]", ".", "..",
                     "\u200b", "\u00ad", "%2e", "%2F", "\u2044", "0", "x", ";", ",", "\u0660"]),
)  # fmt: skip


def test_no_spelling_in_a_redirect_leads_to_a_forbidden_address() -> None:
    names: dict[str, Any] = {"media.host": [[MEDIA]], "x": [["10.0.0.1"]]}

    @settings(max_examples=200)
    @given(frame=_FRAMES, host=_HOSTS, noise=_NOISE)
    def lead(frame: str, host: str, noise: tuple[int, str]) -> None:
        at, sign = noise
        location = frame.format(host)
        location = location[:at] + sign + location[at:]
        public.serve("clip.mp4", habit=Habit(redirect_to=wire(location)))
        net = Net(names, {MEDIA: place_of(public.base)}, place_of(inner.base))
        with net.standing_in(), Web(timeout=2, allow_private=False) as web:
            answer = ""
            try:
                web.get(
                    "http://media.host/clip.mp4", headers={}, size=1, tally=TransferStats()
                ).close()
            except MediaUnavailable as unusable:
                answer = unusable.message
        assert answer.isprintable()
        assert all(map(harmless, net.connected)), net.connected
        assert net.connected[0] == MEDIA

    with Host() as public, Host() as inner:
        lead()


@settings(max_examples=200)
@given(host=st.one_of(_HOSTS, st.text(max_size=20)), noise=_NOISE)
def test_no_host_whatever_is_connected_to_at_a_forbidden_address(
    host: str, noise: tuple[int, str]
) -> None:
    """Past every look at the text of a URL, where the socket is opened."""
    at, sign = noise
    net = Net({host[:at].lower() + sign + host[at:]: [["10.0.0.1"]]})
    with net.standing_in():
        for name in (host[:at] + sign + host[at:], host):
            with suppress(MediaUnavailable, httpcore.ConnectError, httpcore.ConnectTimeout):
                GuardedBackend(Deadline(), checked=True).connect_tcp(name, 80, timeout=2).close()
    assert all(map(harmless, net.connected)), net.connected
