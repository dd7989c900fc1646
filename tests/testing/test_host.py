"""The test host keeps its promises: every habit, seen from a plain HTTP client or a socket."""

import gzip
import http.client
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args
from urllib.parse import urlsplit

import pytest

from motion_preflight.testing.habit import Habit, WrongRange
from motion_preflight.testing.host import Host

DATA = bytes(range(256)) * 400  # 102 400 bytes: more than one piece
SIZE = len(DATA)
INVERTED = bytes(255 - byte for byte in DATA)


@pytest.fixture
def host() -> Iterator[Host]:
    with Host() as running:
        yield running


@dataclass
class Got:
    status: int
    headers: dict[str, str]
    body: bytes
    whole: bool = True  # False: the body ended before it should have


def ask(url: str, method: str = "GET", **headers: str) -> Got:
    """One request over a connection of its own; `If_Range="x"` is the header If-Range."""
    parts = urlsplit(url)
    client = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        client.request(method, url.removeprefix(f"http://{parts.netloc}"), headers=named)
        reply = client.getresponse()
        results = {name.lower(): value for name, value in reply.getheaders()}
        try:
            return Got(reply.status, results, reply.read())
        except http.client.IncompleteRead as cut:
            return Got(reply.status, results, cut.partial, whole=False)
    finally:
        client.close()


def raw(url: str, method: str = "GET") -> socket.socket:
    """Send a request and leave the answer to the caller."""
    parts = urlsplit(url)
    sock = socket.create_connection((parts.hostname, parts.port), 5)
    sock.sendall(f"{method} {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
    return sock


def drain(sock: socket.socket, pause: float = 0.5) -> tuple[bytes, str]:
    """Read until it ends; how it ended is "silence", "end" or "reset"."""
    sock.settimeout(pause)
    got = b""
    with sock:
        while True:
            try:
                piece = sock.recv(1 << 16)
            except TimeoutError:
                return got, "silence"
            except ConnectionResetError:
                return got, "reset"
            if not piece:
                return got, "end"
            got += piece


def body_of(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("on_disk", [False, True])
@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-0", range(1)),
        ("bytes=16000-17000", range(16000, 17001)),
        ("bytes=102000-", range(102000, SIZE)),
        ("bytes=5-999999", range(5, SIZE)),
        ("bytes=-10", range(SIZE - 10, SIZE)),
        ("bytes=-999999", range(SIZE)),
    ],
)
def test_ranges(host: Host, tmp_path: Path, header: str, span: range, *, on_disk: bool) -> None:
    file = tmp_path / "clip"
    file.write_bytes(DATA)
    got = ask(host.serve("clip.mp4", file if on_disk else DATA), Range=header)
    assert (got.status, got.body) == (206, DATA[span.start : span.stop])
    assert got.headers["content-range"] == f"bytes {span.start}-{span.stop - 1}/{SIZE}"
    assert got.headers["content-length"] == str(len(span))
    assert got.headers["accept-ranges"] == "bytes"
    assert got.headers["content-type"] == "video/mp4"
    assert host.log[0].sent == len(span)


@pytest.mark.parametrize("header", ["bytes=5-4", "bytes=-", "bytes=0-1,3-4", "lines=0-1", "x"])
def test_a_range_it_does_not_understand_is_ignored(host: Host, header: str) -> None:
    got = ask(host.serve("clip.mp4", DATA), Range=header)
    assert (got.status, got.body) == (200, DATA)


@pytest.mark.parametrize(
    ("data", "header"), [(DATA, f"bytes={SIZE}-"), (DATA, "bytes=-0"), (b"", "bytes=0-")]
)
def test_an_unsatisfiable_range(host: Host, data: bytes, header: str) -> None:
    got = ask(host.serve("clip.mp4", data), Range=header)
    assert (got.status, got.headers["content-range"]) == (416, f"bytes */{len(data)}")


def test_head_agrees_with_get(host: Host) -> None:
    url = host.serve("clip.mp4", DATA, content_type="video/quicktime")
    head, get = ask(url, "HEAD"), ask(url)
    del head.headers["date"], get.headers["date"]
    assert (head.status, head.headers, head.body) == (get.status, get.headers, b"")
    assert get.headers["content-type"] == "video/quicktime"
    assert get.body == DATA
    assert [seen.sent for seen in host.log] == [0, SIZE]


def test_if_range(host: Host) -> None:
    url = host.serve("clip.mp4", DATA)
    headers = ask(url, "HEAD").headers
    for validator in (headers["etag"], headers["last-modified"]):
        assert ask(url, Range="bytes=0-9", If_Range=validator).status == 206
    assert ask(url, Range="bytes=0-9", If_Range='"other"').body == DATA
    host.serve("clip.mp4", DATA, Habit(if_range=False))
    assert ask(url, Range="bytes=0-9", If_Range='"other"').status == 206
    host.serve("clip.mp4", DATA, Habit(etag="weak"))
    weak = ask(url, "HEAD").headers["etag"]
    assert weak == f"W/{headers['etag']}"
    assert ask(url, Range="bytes=0-9", If_Range=weak).status == 200
    host.serve("clip.mp4", DATA, Habit(etag="none", last_modified=False))
    assert not ask(url).headers.keys() & {"etag", "last-modified"}


def test_it_changes(host: Host) -> None:
    url = host.serve("clip.mp4", DATA, Habit(changes_after=1, changed=b"other"))
    before, after = ask(url), ask(url, Range="bytes=0-1")
    assert (before.body, after.body) == (DATA, b"ot")
    assert before.headers["etag"] != after.headers["etag"]
    assert before.headers["last-modified"] != after.headers["last-modified"]
    assert ask(url, Range="bytes=0-1", If_Range=before.headers["etag"]).body == b"other"


def test_without_ranges_or_head(host: Host) -> None:
    url = host.serve("clip.mp4", DATA, Habit(ranges=False, head=False))
    got = ask(url, Range="bytes=0-9")
    assert (got.status, got.body) == (200, DATA)
    assert "accept-ranges" not in got.headers
    refused = ask(url, "HEAD")
    assert (refused.status, refused.headers["allow"]) == (405, "GET")
    assert ask(url, "POST").status == 405


def test_statuses_pages_and_redirects(host: Host) -> None:
    late = ask(host.serve("late", habit=Habit(status=503, retry_after=7)))
    assert (late.status, late.headers["retry-after"]) == (503, "7")
    assert ask(host.serve("none", habit=Habit(status=204, chunked=True))).body == b""
    assert ask(host.serve("odd", habit=Habit(status=520))).status == 520
    assert ask(host.base + "/unknown").status == 404
    page = ask(host.serve("page", DATA, Habit(html=True, set_cookie="a=b")), Range="bytes=0-1")
    assert (page.status, page.headers["set-cookie"]) == (200, "a=b")
    assert page.headers["content-type"].startswith("text/html")
    moved = ask(host.serve("a", habit=Habit(redirect_to="/b?c", redirect_status=307)))
    assert (moved.status, moved.headers["location"]) == (307, "/b?c")


def test_endless_redirects(host: Host) -> None:
    url = start = host.serve("loop", habit=Habit(endless_redirects=True))
    for hop in range(1, 4):
        got = ask(url)
        url = host.base + got.headers["location"]
        assert (got.status, url) == (302, f"{start}?hop={hop}")
    assert len(host.requests(start)) == 3
    assert len(host.requests("loop?hop=2")) == 1


WRONG: dict[WrongRange, tuple[str | None, str, bytes]] = {
    "shifted": (f"bytes 11-109/{SIZE}", "99", DATA[11:110]),
    "other-bytes": (f"bytes 10-109/{SIZE}", "100", INVERTED[10:110]),
    "short": (f"bytes 10-109/{SIZE}", "50", DATA[10:60]),
    "no-header": (None, "100", DATA[10:110]),
    "star-total": ("bytes 10-109/*", "100", DATA[10:110]),
    "200-to-range": (f"bytes 10-109/{SIZE}", "100", DATA[10:110]),
    "206-to-plain": (f"bytes 10-109/{SIZE}", "100", DATA[10:110]),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_ranges(host: Host, wrong: WrongRange) -> None:
    url = host.serve("clip.mp4", DATA, Habit(wrong_range=wrong))
    got = ask(url, Range="bytes=10-109")
    result = (got.headers.get("content-range"), got.headers["content-length"], got.body)
    assert got.status == (200 if wrong == "200-to-range" else 206)
    assert result == WRONG[wrong]
    assert ask(url).status == (206 if wrong == "206-to-plain" else 200)


def test_a_multipart_range(host: Host) -> None:
    assert set(get_args(WrongRange)) == {*WRONG, "multipart"}
    got = ask(host.serve("m", DATA, Habit(wrong_range="multipart")), Range="bytes=10-109")
    match = re.fullmatch(r"multipart/byteranges; boundary=(\S+)", got.headers["content-type"])
    assert match is not None
    assert "content-range" not in got.headers
    before, part, after = got.body.split(b"--" + match[1].encode())
    assert (before, after) == (b"", b"--\r\n")
    assert part == b"\r\nContent-Range: bytes 10-109/102400\r\n\r\n" + DATA[10:110] + b"\r\n"


@pytest.mark.parametrize("claimed", [10, SIZE + 1, 10**7])
def test_a_declared_size(host: Host, claimed: int) -> None:
    url = host.serve("clip.mp4", DATA, Habit(declared_size=claimed))
    assert ask(url, "HEAD").headers["content-length"] == str(claimed)
    got = ask(url)
    assert (got.body, got.whole) == (DATA[:claimed], claimed == 10)
    part = ask(url, Range="bytes=0-4")
    assert (part.headers["content-range"], part.body) == (f"bytes 0-4/{claimed}", DATA[:5])
    tail = ask(url, Range="bytes=-5")
    assert tail.headers["content-range"] == f"bytes {claimed - 5}-{claimed - 1}/{claimed}"
    assert tail.body == DATA[claimed - 5 : claimed]


def test_chunked(host: Host) -> None:
    got = ask(host.serve("clip.mp4", DATA, Habit(chunked=True)), Range="bytes=0-50000")
    assert (got.status, got.body) == (206, DATA[:50001])
    assert got.headers["transfer-encoding"] == "chunked"
    assert "content-length" not in got.headers
    assert host.log[0].sent == 50001


def test_until_close(host: Host) -> None:
    answer, end = drain(raw(host.serve("clip.mp4", DATA, Habit(until_close=True))))
    assert (body_of(answer), end) == (DATA, "end")
    assert not re.search(rb"(?i)content-length|transfer-encoding", answer[:1000])


def test_gzip(host: Host) -> None:
    got = ask(host.serve("clip.mp4", DATA, Habit(gzip=True)), Accept_Encoding="identity")
    assert got.headers["content-encoding"] == "gzip"
    assert gzip.decompress(got.body) == DATA


@pytest.mark.parametrize("count", [0, 1, 20000])
def test_bodies_that_end_early(host: Host, count: int) -> None:
    for habit, expected in (
        (Habit(short_body=count), "end"),
        (Habit(reset_after=count), "reset"),
        (Habit(stall_after=count), "silence"),
    ):
        answer, end = drain(raw(host.serve("clip.mp4", DATA, habit)))
        assert (body_of(answer), end) == (DATA[:count], expected)
        assert b"Content-Length: 102400\r\n" in answer
        assert host.log[-1].sent == count


def test_a_short_body_is_no_matter_when_the_answer_is_shorter(host: Host) -> None:
    url = host.serve("clip.mp4", DATA, Habit(short_body=100, stall_after=200))
    assert ask(url, Range="bytes=0-98").whole
    assert not ask(url, Range="bytes=0-100").whole


def test_silence_and_trickles(host: Host) -> None:
    assert drain(raw(host.serve("mute", DATA, Habit(stall_header=True)))) == (b"", "silence")
    assert (host.log[-1].status, host.log[-1].sent) == (0, 0)
    answer, _ = drain(raw(host.serve("drip", DATA, Habit(trickle=10))))
    assert body_of(answer) == DATA[:1]
    answer, _ = drain(raw(host.serve("drop", DATA, Habit(trickle_header=10))))
    assert answer == b"H"
    for habit in (Habit(trickle=0.001), Habit(trickle_header=0.0001)):
        assert ask(host.serve("slow", b"slowly", habit)).body == b"slowly"


def test_a_header_flood(host: Host) -> None:
    url = host.serve("clip.mp4", b"x", Habit(header_flood=500_000))
    header, _, body = drain(raw(url, "GET"))[0].partition(b"\r\n\r\n")
    assert body == b"x"
    assert 500_000 <= len(header) < 503_000


def test_an_endless_body_counts_what_it_sent() -> None:
    with Host() as host:
        url = host.serve("clip.mp4", b"abc", Habit(endless=True))
        with raw(url) as sock, sock.makefile("rb") as file:
            taken = file.read(1_000_000)
    assert b"Transfer-Encoding: chunked" in taken[:1000]
    assert b"abcabcabc" in taken
    assert 900_000 < host.log[0].sent < 10_000_000


def test_connections(host: Host) -> None:
    url = host.serve("clip.mp4", DATA)
    client = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
    for _ in range(3):
        client.request("GET", "/clip.mp4", headers={"X-Who": "me"})
        assert client.getresponse().read() == DATA
    client.close()
    ask(url, "HEAD")
    assert host.connections == 2
    assert [seen.connection for seen in host.requests(url)] == [1, 1, 1, 2]
    assert host.requests("clip.mp4") == host.requests("/clip.mp4") == host.log
    assert host.log[0].headers["x-who"] == "me"
    host.clear()
    assert (host.log, host.connections) == ([], 0)
    host.serve("clip.mp4", DATA, Habit(close_each=True))
    assert drain(raw(url))[1] == "end"
    assert (host.log[0].connection, host.connections) == (3, 1)


def test_a_pipelined_request_is_answered(host: Host) -> None:
    sock = raw(host.serve("clip.mp4", b"one"))
    sock.sendall(b"HEAD /clip.mp4 HTTP/1.1\r\nConnection: close\r\n\r\n")
    answer, end = drain(sock)
    assert (answer.count(b"HTTP/1.1 200 OK"), end) == (2, "end")


def test_header_and_first_bytes_come_together(host: Host) -> None:
    for habit in (Habit(), Habit(chunked=True)):
        with raw(host.serve("clip.mp4", b"together", habit)) as sock:
            assert b"together" in sock.recv(1 << 16)


def test_a_large_sparse_file(host: Host, tmp_path: Path) -> None:
    file = tmp_path / "large.mp4"
    with file.open("wb") as out:
        out.seek(90_000_000)
        out.write(b"end")
    url = host.serve("my large.mp4", file)
    assert url.endswith("/my%20large.mp4")
    assert ask(url, Range="bytes=-4").body == b"\0end"
    assert len(ask(url).body) == 90_000_003
    assert len(host.requests("my large.mp4")) == 2


def test_leaving_closes_stalled_clients_at_once() -> None:
    silent = Habit(stall_header=True), Habit(stall_after=9), Habit(trickle=60), Habit(endless=True)
    with Host(delay=0.05) as host:
        started = time.monotonic()
        ask(host.serve("clip.mp4", DATA))
        assert time.monotonic() - started >= 0.05
        socks = [raw(host.serve(str(i), DATA, habit)) for i, habit in enumerate(silent)]
        # The order of the log is that of the threads, not of the connections.
        while len(host.log) < len(socks) + 1 or host.requests("3")[0].sent < 100_000:
            time.sleep(0.01)
        started = time.monotonic()
    assert time.monotonic() - started < 1
    assert [drain(sock, 5)[1] for sock in socks[:3]] == ["end"] * 3
    socks[3].close()


def test_over_ipv6() -> None:
    try:
        running = Host(address="::1")
    except OSError:
        pytest.skip("no IPv6 loopback here")
    with running as host:
        url = host.serve("clip.mp4", DATA)
        assert url.startswith("http://[::1]:")
        assert ask(url).body == DATA
