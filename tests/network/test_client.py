"""One GET: redirects by hand with each hop checked, and the URL sent to the letter."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from motion_preflight.media.source.remote import open_url
from motion_preflight.network.client import REDIRECTS, Answer, TransferStats, Web
from motion_preflight.network.errors import MediaUnavailable, Reason
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host


@pytest.fixture
def web() -> Iterator[Web]:
    with Web(timeout=2, allow_private=True) as built:
        yield built


def get(web: Web, url: str, tally: TransferStats | None = None) -> Answer:
    return web.get(url, headers={}, size=1000, tally=tally or TransferStats())


def refused(web: Web, url: str) -> MediaUnavailable:
    with pytest.raises(MediaUnavailable) as caught:
        get(web, url)
    return caught.value


def chain(host: Host, length: int, status: int = 302) -> str:
    """A URL that so many redirects lead away from, to a clip at the end."""
    host.serve("hop-0", b"the clip")
    for hop in range(1, length + 1):
        to = f"{host.base}/hop-{hop - 1}"
        host.serve(f"hop-{hop}", habit=Habit(redirect_to=to, redirect_status=status))
    return f"{host.base}/hop-{length}"


def test_a_plain_get_says_who_asks_and_wants_no_compression(host: Host, web: Web) -> None:
    answer = get(web, host.serve("clip.mp4", b"x"))
    assert (answer.status, answer.read(), answer.read()) == (200, b"x", b"")
    (seen,) = host.log
    assert seen.headers["accept-encoding"] == "identity"
    assert seen.headers["user-agent"] == "motion-preflight"
    assert seen.headers["host"] == host.base.removeprefix("http://")
    assert not {"cookie", "authorization", "referer"} & seen.headers.keys()


# --- redirects ------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_over_one_connection(host: Host, web: Web, status: int) -> None:
    tally = TransferStats()
    answer = get(web, chain(host, 1, status), tally)
    assert (answer.status, answer.url) == (200, f"{host.base}/hop-0")
    assert answer.read() == b"the clip"
    assert [seen.target for seen in host.log] == ["/hop-1", "/hop-0"]
    assert (tally.requests, host.connections) == (2, 1)


@pytest.mark.parametrize("status", [300, 304, 305])
def test_other_answers_with_a_location_are_answers(host: Host, web: Web, status: int) -> None:
    assert get(web, chain(host, 1, status)).status == status
    assert len(host.log) == 1


def test_five_redirects_are_followed(host: Host, web: Web) -> None:
    tally = TransferStats()
    assert REDIRECTS == 5
    assert get(web, chain(host, 5), tally).read() == b"the clip"
    assert tally.requests == len(host.log) == 6


def test_six_redirects_are_too_many(host: Host, web: Web) -> None:
    error = refused(web, chain(host, 6))
    assert (error.reason, error.message) == (Reason.UNREACHABLE, "more than 5 redirects")
    assert len(host.log) == 6


def test_redirects_without_end_are_too_many(host: Host, web: Web) -> None:
    error = refused(web, host.serve("loop", habit=Habit(endless_redirects=True)))
    assert error.reason is Reason.UNREACHABLE
    assert len(host.log) == 6


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/other/clip.mp4", "/other/clip.mp4"),
        ("clip.mp4", "/a/clip.mp4"),
        ("../clip.mp4", "/clip.mp4"),
        ("./c/clip.mp4?x=1", "/a/c/clip.mp4?x=1"),
        ("?sig=%2F%2f+~", "/a/start?sig=%2F%2f+~"),
        ("/clip.mp4#fragment", "/clip.mp4"),
        ("/größe.mp4", "/gr%C3%B6%C3%9Fe.mp4"),
        ("/a%2Fb%2fc+d~e.mp4?q=%7E%7e", "/a%2Fb%2fc+d~e.mp4?q=%7E%7e"),
        ("/a;b=c?d", "/a;b=c?d"),
        ("/a'(b)*!$&,=:@.mp4", "/a'(b)*!$&,=:@.mp4"),
    ],
)
def test_where_a_location_leads(host: Host, web: Web, location: str, target: str) -> None:
    latin = location.encode().decode("latin-1")  # as UTF-8 goes over the wire
    start = host.serve("a/start", habit=Habit(redirect_to=latin))
    if target.startswith("/a/start"):
        # the same name again would lead to itself
        host.serve(target, b"the clip")
    get(web, start)
    assert host.log[-1].target == target


def test_a_location_without_a_scheme_keeps_the_host_s(host: Host, web: Web) -> None:
    host.serve("clip.mp4", b"the clip")
    to = host.base.removeprefix("http:") + "/clip.mp4"
    assert get(web, host.serve("start", habit=Habit(redirect_to=to))).read() == b"the clip"


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("ftp://apimart-user.com/clip.mp4", 'its scheme is "ftp"'),
        ("file:///etc/passwd", 'its scheme is "file"'),
        ("data:video/mp4,x", ""),
        ("http://user:hunter2@{host}/clip.mp4", "it carries credentials"),
        ("http://user@{host}/clip.mp4", "it carries credentials"),
        ("//user:hunter2@{host}/clip.mp4", "it carries credentials"),
        ("http://{host}\\@apimart-user.com/", "it carries credentials"),
        ("http://127.0.0.1:0/", "its port is not"),
    ],
)
def test_a_redirect_is_checked_like_the_url_itself(
    host: Host, web: Web, location: str, words: str
) -> None:
    to = location.format(host=host.base.removeprefix("http://"))
    error = refused(web, host.serve("start", habit=Habit(redirect_to=to)))
    assert error.reason is Reason.NOT_PUBLIC
    assert words in error.message
    assert "hunter2" not in error.message
    assert len(host.log) == 1


@pytest.mark.parametrize("hops", range(5))
def test_every_hop_is_checked(host: Host, web: Web, hops: int) -> None:
    url = chain(host, hops)
    host.serve("hop-0", habit=Habit(redirect_to="ftp://apimart-user.com/"))
    assert refused(web, url).reason is Reason.NOT_PUBLIC
    assert len(host.log) == hops + 1


def test_a_page_under_a_redirect_that_never_ends_ends(host: Host) -> None:
    host.serve("clip.mp4", b"the clip")
    start = host.serve("start", habit=Habit(redirect_to="/clip.mp4", stall_after=5))
    tally = TransferStats()
    with Web(timeout=0.3, allow_private=True) as web, pytest.raises(MediaUnavailable) as caught:
        get(web, start, tally)
    assert caught.value.reason is Reason.TIMEOUT
    assert tally.bytes <= 5


def test_no_cookie_goes_back(host: Host, web: Web) -> None:
    host.serve("clip.mp4", b"the clip", Habit(set_cookie="b=2; Path=/"))
    start = host.serve("start", habit=Habit(redirect_to="/clip.mp4", set_cookie="a=1; Path=/"))
    for _ in range(2):
        get(web, start).close()
    assert len(host.log) == 4
    assert not any("cookie" in seen.headers for seen in host.log)


def test_later_ranges_are_asked_of_where_the_first_was_found(host: Host, web: Web) -> None:
    data = bytes(300_000)
    host.serve("cdn/clip.mp4", data)
    url = host.serve("clip.mp4", habit=Habit(redirect_to="/cdn/clip.mp4?sig=a%2fb"))
    with open_url(url, cap=1 << 20, web=web) as source:
        assert source.read(0, 300_000) == data
        transfer = source.transfer
    assert transfer.final_url == f"{host.base}/cdn/clip.mp4?sig=a%2fb"
    assert (transfer.requests, transfer.bytes) == (3, 300_000 + host.log[0].sent)
    assert [seen.target for seen in host.log] == [
        "/clip.mp4",
        "/cdn/clip.mp4?sig=a%2fb",
        "/cdn/clip.mp4?sig=a%2fb",
    ]
    assert host.connections == 1


LOGGED = """
import logging, sys
logging.basicConfig(level=logging.INFO, stream=sys.stderr)
logging.getLogger("httpx").info("it is on")
from motion_preflight import preflight
request = {"model": "kling-v2-6-motion-control", "mode": "std", "character_orientation": "image",
           "image_url": sys.argv[1], "video_url": sys.argv[2], "prompt": "she dances"}
print(preflight(request, allow_private=True).verdict)
"""


def test_nothing_is_logged_of_a_signed_link(host: Host, media: Path) -> None:
    """In a program of somebody else that logs what its libraries do."""
    clip, image = media / "clip-8s.mp4", media / "image.png"
    host.serve("cdn/clip.mp4", clip)
    to = "/cdn/clip.mp4?X-Amz-Signature=SECRET-2"
    video = host.serve("clip.mp4", habit=Habit(redirect_to=to)) + "?X-Amz-Signature=SECRET-1"
    picture = host.serve("image.png", image) + "?X-Amz-Signature=SECRET-3"
    gone = host.base + "/gone.mp4?X-Amz-Signature=SECRET-4"
    for url in (video, gone):
        done = subprocess.run(
            [sys.executable, "-c", LOGGED, picture, url],
            env={name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert "it is on" in done.stderr
        assert "SECRET" not in done.stdout + done.stderr
    targets = [seen.target for seen in host.log]
    assert to in targets
    assert all(any(f"SECRET-{number}" in target for target in targets) for number in range(1, 5))


# --- to the letter --------------------------------------------------------------------------

TARGETS = [
    "/clip.mp4",
    "/",
    "/?",
    "/clip.mp4?",
    "/clip.mp4?a",
    "/clip.mp4?a=1&a=2&&b=",
    "/a%2Fb%2fc.mp4",
    "/%7Euser/~user",
    "/%41%62c?%41=%62",
    "/a+b%20c%2Bd?q=a+b%20c%2Bd",
    "/a//b/./c/../d",
    "/..%2f..%2F",
    "/%zz%",
    "/a;p=1/b,c:d@e!$&'()*=",
    "/clip.mp4?X-Amz-Signature=AbC%2Fdef%3D%3d&X-Amz-Date=20260101T000000Z",
    "/clip.mp4?Policy=eyJ_-~&Signature=a~b-c_&Key-Pair-Id=K",
    "/clip.mp4?sig=a/b+c==&se=2026-01-01T00:00:00Z",
    "/clip.mp4?u=https://apimart-user.com/x?y=1",
    "/a[1]{2}|3^4`5.mp4?[]={}|^`",
    '/"quoted"<x>.mp4?"',
    "/a\\b.mp4?c\\d",
]


@pytest.mark.parametrize("target", TARGETS)
def test_a_signed_link_is_sent_to_the_letter(host: Host, web: Web, target: str) -> None:
    get(web, host.base + target + "#fragment").close()
    assert host.log[0].target == target


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("/größe.mp4?ü=é", "/gr%C3%B6%C3%9Fe.mp4?%C3%BC=%C3%A9"),
        ("/o\u0308.mp4", "/o%CC%88.mp4"),  # not composed to one letter
        ("/日本/%E6%97%a5.mp4", "/%E6%97%A5%E6%9C%AC/%E6%97%a5.mp4"),
        ("/😀", "/%F0%9F%98%80"),
        ("", "/"),
        ("?a=%2f", "/?a=%2f"),
        ("#x", "/"),
    ],
)
def test_only_what_cannot_be_sent_is_encoded(host: Host, web: Web, written: str, sent: str) -> None:
    get(web, host.base + written).close()
    assert host.log[0].target == sent


@pytest.mark.parametrize("form", ["HTTP://{}/a%2F", "Http://{}/a%2F", " http://{}/a%2F "])
def test_the_spelling_of_the_scheme_does_not_matter(host: Host, web: Web, form: str) -> None:
    url = form.format(host.base.removeprefix("http://"))
    get(web, url.strip()).close()
    assert host.log[0].target == "/a%2F"


def test_a_url_that_cannot_be_encoded_is_an_outcome(host: Host, web: Web) -> None:
    assert refused(web, f"{host.base}/\udcff.mp4").reason is Reason.NOT_PUBLIC
    assert refused(web, f"{host.base}/{'a' * 70_000}").reason is Reason.NOT_PUBLIC
    assert host.log == []


# --- what goes wrong ------------------------------------------------------------------------


def test_a_port_that_nobody_listens_on(web: Web) -> None:
    with Host() as gone:
        url = gone.serve("clip.mp4", b"x")
    error = refused(web, url)
    assert error.reason is Reason.UNREACHABLE
    assert error.message.startswith("no connection (")


def test_an_aborted_client_asks_nobody(host: Host, web: Web) -> None:
    url = host.serve("clip.mp4", b"x")
    web.abort()
    assert refused(web, url).reason is Reason.UNREACHABLE
    assert host.log == []


@pytest.mark.parametrize("count", [1, 30])
def test_threads_share_one_client(host: Host, web: Web, count: int) -> None:
    urls = [host.serve(f"{number}.mp4", b"%d" % number) for number in range(count)]
    with ThreadPoolExecutor(8) as pool:
        bodies = list(pool.map(lambda url: get(web, url).read(), urls))
    assert bodies == [b"%d" % number for number in range(count)]
