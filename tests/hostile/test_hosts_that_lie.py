"""Hosts that lie, stall, flood and break off: what is said of them, how long they can hold the
program up, how much they can make it take, and what is left behind.

Each test goes through `preflight`, as anybody would; the hosts stand at a public address (of
`names`), so that every look at addresses takes part.
"""

from __future__ import annotations

import gzip
import json
import os
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme
from builders import body, profile
from paths import MEDIA

from hostile.liars import (
    BUFFERS,
    CLIP,
    GUARD,
    MEMORY,
    STEP,
    Liar,
    Line,
    asked_range,
    flood,
    head,
    part,
    parts,
    secured,
    words,
)
from hostile.names import Net, SourceLocation, place_of
from hostile.worlds import PUBLIC, StandIn
from motion_preflight.cli import exit_codes
from motion_preflight.cli.exit_codes import OF_VERDICT
from motion_preflight.pipeline import preflight
from motion_preflight.report.findings import Report
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host

ADDRESS = PUBLIC[0]
LINK = "http://media.host/clip.mp4?X-Amz-Signature=SECRET&e=1#SECRET"
CAP = 2_000_000  # bytes from which on nothing is read
PROFILE = profile(video_size={"below": {"MB": CAP}}, image_size={"maximum": {"MB": CAP}})
LONG = 10.0  # seconds that are given to what ends by itself
SHORT = 0.3  # … and to what does not
AROUND = 16 << 20  # bytes of what is said around a body
Talk = Callable[[Line], object]


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*os.environ]:
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    # a body of unknown length is given the time of the cap at the slowest rate: here 0.5 s
    monkeypatch.setattr("motion_preflight.network.client.SLOWEST", 4 << 20)


@dataclass
class Lab:
    """Where media are checked and nothing may be left."""

    folder: Path

    def check(
        self, place: SourceLocation, *, link: str = LINK, field: str = "video_url", **options: Any
    ) -> Report:
        """The report on a request whose video (or image) is at a place."""
        good = {"image_url": "image.png", "video_url": "clip-8s.mp4"}
        net = Net({"media.host": [[ADDRESS]]}, {ADDRESS: place})
        usual: dict[str, Any] = {"profile": PROFILE, "timeout": LONG, "folder": MEDIA}
        tracemalloc.start()
        began = time.monotonic()
        try:
            with net.standing_in():
                report = preflight(body(**(good | {field: link})), **(usual | options))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert time.monotonic() - began < GUARD
        assert peak < MEMORY
        assert set(net.connected) <= {ADDRESS}
        assert list(self.folder.iterdir()) == []
        return report


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    return Lab(tmp_path / "temporary")


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    """What is imported at the first check is no memory of a check."""
    with Host() as host:
        url = host.serve("clip.mp4", CLIP)
        preflight(body(image_url=url, video_url=url), allow_private=True)


def findings(report: Report, field: str = "video_url") -> list[tuple[str, str, str]]:
    """Rule, level and message of what is said of a medium that has something wrong."""
    return [
        (finding.rule, str(finding.level), finding.message)
        for finding in report.findings
        if finding.field == field
        and finding.rule not in {"video-not-faststart", "media-not-published"}
    ]


@dataclass(frozen=True)
class Outcome:
    """What is to be said of a host."""

    rule: str
    level: str
    words: str = ""

    def of(self, report: Report, field: str = "video_url") -> None:
        ((rule, level, message),) = findings(report, field)
        assert (rule, level) == (self.rule, self.level)
        assert self.words in message
        assert message.isprintable()
        assert len(message) < 400
        for word in ("SECRET", "bytearray", "Error", "None", "object at", "httpcore", "h11"):
            assert word not in message
        code = {"error": exit_codes.BROKEN, "unsure": exit_codes.UNSURE}.get(level, exit_codes.OK)
        assert OF_VERDICT[report.verdict] == code


BROKE = Outcome(
    "media-unreachable", "unsure", "the connection broke before the answer was complete"
)
LATE = Outcome("media-unreachable", "unsure", "the host did not answer in time")
CHANGED = Outcome("media-unreachable", "unsure", "the file changed while it was read")
PACKED = Outcome("media-unreachable", "unsure", "compressed though asked not to")
OTHER = Outcome("media-unreachable", "unsure", "another range than was asked for")
LENGTH = Outcome("media-unreachable", "unsure", "another length than it says")
LARGE = Outcome("video-too-large", "error", "it must be under 2,000,000 bytes")
TEXT = Outcome("video-unreadable", "error", "it is text")
SPOILT = Outcome("video-unreadable", "error", "")


def answered(status: int, level: str = "unsure") -> Outcome:
    return Outcome("media-unreachable", level, f"the host answers {status}")


# --- what is no HTTP, or hardly --------------------------------------------------------------

CHUNKED = head(200, "Transfer-Encoding: chunked")
THREE = ("Content-Length: 3",)
STRANGE: dict[str, tuple[str | bytes, Outcome]] = {
    "nothing": ("", BROKE),
    "HTTP/0.9": ("<html>hello</html>", BROKE),
    "HTTP/2 settings": (b"\0\0\x12\4\0\0\0\0\0" + bytes(18), BROKE),
    "HTTP/2 preface": ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", BROKE),
    "a TLS alert": (b"\x15\3\1\0\2\2\x28", BROKE),
    "SSH": ("SSH-2.0-OpenSSH_9.2\r\n", BROKE),
    "SMTP": ("220 mail.host ESMTP\r\n", BROKE),
    "Shoutcast": ("ICY 200 OK\r\n\r\n", BROKE),
    "status 0": ("HTTP/1.1 000 X\r\n\r\n", BROKE),
    "status 1000": ("HTTP/1.1 1000 X\r\n\r\n", BROKE),
    "two lengths": (head(200, "Content-Length: 10", "Content-Length: 20") + 20 * "x", BROKE),
    "a negative length": (head(200, "Content-Length: -10"), BROKE),
    "a length with a sign": (head(200, "Content-Length: +10") + 10 * "x", BROKE),
    "a length in hex": (head(200, "Content-Length: 0x10") + 16 * "x", BROKE),
    "a length of 5000 digits": (head(200, "Content-Length: " + "9" * 5000), BROKE),
    "a length of 19 digits": (head(200, "Content-Length: " + "9" * 19), LARGE),
    "a length in other digits": (head(200, "Content-Length: \xd9\xa1") + "x", BROKE),
    "chunks under identity": (head(200, "Transfer-Encoding: identity", *THREE) + "xxx", BROKE),
    "packed chunks": (head(200, "Transfer-Encoding: gzip, chunked") + "1\r\nx\r\n0\r\n\r\n", BROKE),
    "chunked twice": (
        head(200, *["Transfer-Encoding: chunked"] * 2) + "1\r\nx\r\n0\r\n\r\n", BROKE,
    ),
    "no size of a chunk": (CHUNKED + "zz\r\n", BROKE),
    "a negative chunk": (CHUNKED + "-1\r\nx\r\n", BROKE),
    "a chunk of 20 digits": (CHUNKED + "f" * 20 + "\r\nx", BROKE),
    "a chunk without its end": (CHUNKED + "1\r\nxx\r\n0\r\n\r\n", BROKE),
    "half a chunk": (CHUNKED + "100\r\nxx", BROKE),
    "chunks without an end": (CHUNKED + "1\r\nx\r\n", BROKE),
    "NUL in a value": (head(200, "X: a\0b", *THREE) + "xxx", BROKE),
    "NUL in a name": (head(200, "X\0: ab", *THREE) + "xxx", BROKE),
    "CR in a value": (head(200, "X: a\rSet-Cookie: b", *THREE) + "xxx", BROKE),
    "a line without a colon": (head(200, "see http://x.host/?sig=SECRET", *THREE), BROKE),
    "a space before the colon": (head(200, "Content-Length : 3") + "xxx", BROKE),
    "other protocols": (head(101, "Upgrade: h2c"), BROKE),
    # odd, and all there
    "the same length twice": (head(200, *["Content-Length: 3"] * 2) + "xxx", TEXT),
    "a list of lengths": (head(200, "Content-Length: 3, 3") + "xxx", TEXT),
    "a length beside chunks": (CHUNKED[:-2] + "Content-Length: 9\r\n\r\n1\r\nx\r\n0\r\n\r\n", TEXT),
    "bare line feeds": ("HTTP/1.1 200 OK\nContent-Length: 3\n\nxxx", TEXT),
    "a folded line": (head(200, "X: a\r\n b", *THREE) + "xxx", TEXT),
    "HTTP/1.0": ("HTTP/1.0 200 OK\r\n\r\nxxx", TEXT),
    "many early hints": ("HTTP/1.1 103 X\r\n\r\n" * 500 + head(404, "Content-Length: 0"),
                         answered(404, "error")),
    "a page": (head(200, "Content-Length: 12") + "<html><body>",
               Outcome("link-not-direct", "error", "a web page")),
    "a body where none may be": (head(204, "Content-Length: 5") + "xxxxx", answered(204)),
    # what it says in words
    "a long reason": (head(404, "Content-Length: 0", reason="N" * 50_000), answered(404, "error")),
    "a reason that drives a terminal": (
        head(403, "Content-Length: 0", reason="\x1b[2J\x07\x9b\x85No"), answered(403, "error"),
    ),
    "a reason with a secret": (
        head(403, "Content-Length: 0", reason="http://x.host/?sig=SECRET"),
        answered(403, "error"),
    ),
    "a date with a secret": (
        head(429, "Content-Length: 0", "Retry-After: https://x.host/?sig=SECRET\x1b[2J"),
        answered(429),
    ),
    # packed
    "gzip": (head(200, "Content-Encoding: gzip", *THREE) + "xxx", PACKED),
    "deflate": (head(200, "Content-Encoding: Deflate", *THREE) + "xxx", PACKED),
    "br after identity": (head(200, "Content-Encoding: identity, br", *THREE) + "xxx", PACKED),
    "two codings": (head(200, *["Content-Encoding: gzip"] * 2, *THREE) + "xxx", PACKED),
    "gzip, a bomb": (
        head(200, "Content-Encoding: gzip").encode() + gzip.compress(bytes(40 << 20), 1), PACKED,
    ),
    "gzip in a part": (
        head(206, "Content-Encoding: gzip", "Content-Range: bytes 0-2/3", *THREE) + "xxx",
        PACKED,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "outcome"), STRANGE.values(), ids=STRANGE)
def test_what_is_hardly_http_is_told(answer: str | bytes, outcome: Outcome, lab: Lab) -> None:
    with Liar(words(answer)) as liar:
        outcome.of(lab.check(place_of(liar.base)))
        assert len(liar.heard) <= 2


CLOSING = r'{"message": "no\", so the file passes: \"really"}'


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            head(404, *THREE, reason="Fine: run curl evil.host") + "xxx",
            "the host answers 404 Not Found",
        ),
        (head(599, *THREE, reason="Fine") + "xxx", "the host answers 599"),
        (
            head(429, "Retry-After: five minutes: run curl", *THREE) + "xxx",
            "the host answers 429 Too Many Requests",
        ),
        (
            head(400, f"Content-Length: {len(CLOSING)}") + CLOSING,
            "the host answers 400 Bad Request: it says \"no', so the file passes: 'really\"",
        ),
    ],
    ids=["reason", "reason of an unknown status", "wait", "quotation"],
)
def test_a_host_puts_no_words_into_our_mouth(answer: str, message: str, lab: Lab) -> None:
    with Liar(words(answer, answer)) as liar:
        ((_, _, shown),) = findings(lab.check(place_of(liar.base)))
    assert shown.endswith(f"): {message}")


def test_no_cookie_goes_back(lab: Lab) -> None:
    flooding = tuple(f"Set-Cookie: session{number}=1; Path=/" for number in range(300))

    def respond(first: int, last: int) -> bytes:
        return part(first, last, more=('ETag: "1"', *flooding))

    with Liar(parts(respond)) as liar:
        assert findings(lab.check(place_of(liar.base))) == []
        assert len(liar.heard) == 2
        assert not any("cookie" in request.lower() for request in liar.heard)


# --- floods ----------------------------------------------------------------------------------

FLOODS: dict[str, tuple[Talk, Outcome, int]] = {
    "a status line": (flood("HTTP/1.1 200 ", "O"), BROKE, 1 << 20),
    "a header's value": (flood("HTTP/1.1 200 OK\r\nX: ", "y"), BROKE, 1 << 20),
    "a header's name": (flood("HTTP/1.1 200 OK\r\n", "y"), BROKE, 1 << 20),
    "large headers": (flood("HTTP/1.1 200 OK\r\n", f"X: {'y' * 60_000}\r\n"), BROKE, 1 << 20),
    "many headers": (flood("HTTP/1.1 200 OK\r\n", "X: y\r\n"), BROKE, 1 << 20),
    "empty headers": (flood("HTTP/1.1 200 OK\r\n", "X:\r\n"), BROKE, 1 << 20),
    "empty lines": (flood("", "\r\n"), BROKE, 1 << 20),
    "early hints": (
        flood("", f"HTTP/1.1 103 Early Hints\r\nX: {'y' * 60_000}\r\n\r\n"), BROKE, AROUND,
    ),
    "a chunk's size": (flood(CHUNKED, "0"), BROKE, 1 << 20),
    "a chunk's extension": (flood(CHUNKED + "1;x=", "y"), BROKE, 1 << 20),
    "chunks' extensions": (flood(CHUNKED, f"1;x={'y' * 60_000}\r\nx\r\n"), BROKE, AROUND),
    "trailers": (flood(CHUNKED + "1\r\nx\r\n0\r\n", "X: y\r\n"), BROKE, 1 << 20),
    "a body": (flood(head(200), bytes(4096)), LARGE, CAP),
    "a chunked body": (flood(CHUNKED, b"1000\r\n" + bytes(4096) + b"\r\n"), LARGE, CAP),
    "small chunks": (flood(CHUNKED, b"100\r\n" + bytes(256) + b"\r\n"), LARGE, 2 * CAP),
    "a body behind its end": (flood(head(200, "Content-Length: 3") + "xxx", "x"), TEXT, 1 << 20),
    "a body behind a page": (
        flood(head(404, "Content-Length: 3"), "x"), answered(404, "error"), 1 << 20,
    ),
    "a page of no length": (flood(head(404), "x"), answered(404, "error"), 1 << 20),
    "a part": (
        flood(head(206, f"Content-Range: bytes 0-{STEP - 1}/{CAP // 2}"), bytes(4096)),
        Outcome("media-unreachable", "unsure", "a part of it to who asks for all"), CAP,
    ),
    "a redirect's page": (
        flood(head(302, "Location: ftp://x.host/", "Content-Length: 9999999"), "x"),
        Outcome("url-not-public", "error", 'its scheme is "ftp"'), 1 << 20,
    ),
    "a redirect's page of no length": (
        flood(head(302, "Location: ftp://x.host/"), "x"),
        Outcome("url-not-public", "error", 'its scheme is "ftp"'), 1 << 20,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("talk", "outcome", "most"), FLOODS.values(), ids=FLOODS)
def test_no_more_is_taken_of_a_flood_than_a_medium_may_have(
    talk: Any, outcome: Outcome, most: int, lab: Lab
) -> None:
    with Liar(talk) as liar:
        outcome.of(lab.check(place_of(liar.base)))
        assert liar.said < most + BUFFERS


def test_a_body_without_end_is_read_to_the_cap_in_little_memory(lab: Lab) -> None:
    """With the profile's own cap, a hundred times the memory that is allowed."""
    with Liar(flood(head(200), bytes(STEP))) as liar:
        report = lab.check(place_of(liar.base), profile=None)
        Outcome("video-too-large", "error", "at least 104,857,600 bytes").of(report)
        assert 104_857_600 <= liar.said < 104_857_600 + BUFFERS


def test_a_picture_without_end_is_read_to_its_own_cap(lab: Lab) -> None:
    with Liar(flood(head(200) + "\x89PNG\r\n\x1a\n", bytes(STEP))) as liar:
        report = lab.check(place_of(liar.base), field="image_url")
        Outcome("image-unreadable", "unsure", "too large to be measured").of(report, "image_url")
        assert liar.said < CAP + BUFFERS


# --- silence, and one byte after the other ---------------------------------------------------


def silent(*text: str | bytes) -> Talk:
    return words(*text, then="silence")


def dripping(text: str | bytes, again: str) -> Talk:
    def talk(line: Line) -> None:
        line.hear()
        line.say(text)
        line.drip(again.encode() * 1000)

    return talk


def deaf(line: Line) -> None:
    """Reads nothing, and drips before it was asked."""
    line.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" * 100)


def half(line: Line) -> None:
    """The beginning of a part, header and all."""
    line.say(GOOD[:200])
    line.silence()


GOOD = part(0, STEP - 1)
STALLS: dict[str, Talk] = {
    "at once": silent(""),
    "in the status line": silent("HTTP/1.1 20"),
    "in the header": silent("HTTP/1.1 200 OK\r\nContent-Le"),
    "after the header": silent(head(200, "Content-Length: 1000")),
    "after the header of a part": silent(head(206, "Content-Range: bytes 0-9/10")),
    "in the body": silent(head(200, "Content-Length: 1000") + "x"),
    "in a body of no length": silent(head(200) + "x"),
    "in a chunk's size": silent(CHUNKED + "10"),
    "in a chunk": silent(CHUNKED + "10\r\nx"),
    "in the trailers": silent(CHUNKED + "1\r\nx\r\n0\r\n"),
    "in a part": silent(head(206, f"Content-Range: bytes 0-65535/{CAP // 2}") + "x"),
    "before the second range": silent(GOOD),
    "in the second range": parts(
        lambda first, last: part(first, last) if first == 0 else "",
        then=half,
    ),
    "in a redirect's page": silent(head(302, "Location: /x", "Content-Length: 100") + "x"),
    "after early hints": silent("HTTP/1.1 103 X\r\n\r\n"),
    "a dripping status line": dripping("", "HTTP/1.1 200 OK"),
    "a dripping header": dripping("HTTP/1.1 200 OK\r\n", "X: y\r\n"),
    "dripping hints": dripping("", "HTTP/1.1 103 X\r\n\r\n"),
    "a dripping body": dripping(head(200, "Content-Length: 1000"), "x"),
    "a dripping body of no length": dripping(head(200), "x"),
    "dripping chunks": dripping(CHUNKED, "1\r\nx\r\n"),
    "dripping trailers": dripping(CHUNKED + "1\r\nx\r\n0\r\n", "X: y\r\n"),
    "a dripping part": dripping(head(206, f"Content-Range: bytes 0-65535/{CAP // 2}"), "x"),
    "before it was asked": deaf,
}  # fmt: skip


@pytest.mark.parametrize("talk", STALLS.values(), ids=STALLS)
def test_silence_ends_in_time_wherever_it_begins(talk: Any, lab: Lab) -> None:
    with Liar(talk) as liar:
        report = lab.check(place_of(liar.base), timeout=SHORT)
        if "another range" in str(findings(report)):
            OTHER.of(report)  # half a header was one
        else:
            LATE.of(report)
        assert liar.said < 200_000


# --- ranges ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "span",
    [
        "", "bytes", "items 0-65535/700000", "bytes -1-65535/700000", "bytes a-b/c", "bytes */*",
        "bytes */700000", "bytes 0-65535/*", "bytes 0-65535", "bytes  0 - 65535 / 700000",
        "bytes=0-65535/700000", "bytes 65535-0/700000", "bytes 0-65535/100", "bytes 0-65535/65535",
        "bytes 0-65535/0", f"bytes 0-65535/{'9' * 30}", f"bytes 0-65535/{'9' * 5000}",
        "bytes 1-65536/700000", "bytes 0-9/700000", "bytes 0-99999/700000", "bytes 0-9/10",
        "bytes 0-65535/700000, 0-1/2", "bytes 0x0-0xffff/700000", "bytes 0-65535/7e5",
        "bytes \xd9\xa0-65535/700000", "bytes 0-6553\xd9\xa5/700000", "bytes 0-65535/\xef\xbc\x97",
        "\x1b[2J",
    ],
    ids=ascii,
)  # fmt: skip
def test_a_range_that_is_none_is_given_up_for_the_whole_file(span: str, lab: Lab) -> None:
    with Liar(parts(lambda first, last: part(first, last, span=span))) as liar:
        report = lab.check(place_of(liar.base))
        assert findings(report) == []
        assert report.video.size == len(CLIP)
        assert [asked_range(request) for request in liar.heard] == [(0, STEP - 1), None]
        assert liar.said < 2 * len(CLIP)


def test_two_content_ranges_are_none(lab: Lab) -> None:
    more = ('ETag: "1"', "Content-Range: bytes 0-1/2")
    with Liar(parts(lambda first, last: part(first, last, more=more))) as liar:
        assert findings(lab.check(place_of(liar.base))) == []
        assert asked_range(liar.heard[-1]) is None


def test_a_part_is_no_answer_to_who_asks_for_all(lab: Lab) -> None:
    lie = part(0, STEP - 1, span="bytes 0-65535/*")
    with Liar(words(lie, lie)) as liar:
        report = lab.check(place_of(liar.base))
        Outcome("media-unreachable", "unsure", "").of(report)


def chunk(data: bytes) -> bytes:
    """A chunk; the last one is empty."""
    return b"%x\r\n%b\r\n" % (len(data), data)


WHOLE = [f"Content-Length: {len(CLIP)}"]
INVERTED = bytes(range(256))[::-1]
# What the second range is answered with, after an honest first one. Who asks for all is given all:
# what is `None` is measured from that, and compared with the first range.
SECOND: dict[str, tuple[Callable[[int, int], str | bytes], Outcome | None]] = {
    "another total": (
        lambda first, last: part(first, last, span=f"bytes {first}-{last}/{len(CLIP) + 1}"),
        CHANGED,
    ),
    "a shifted range": (
        lambda first, last: part(first, last, span=f"bytes {first - 1}-{last - 1}/{len(CLIP)}"),
        OTHER,
    ),
    "a wider range": (lambda _, last: part(0, last), None),
    "no range": (lambda first, last: part(first, last, span=""), OTHER),
    "more bytes": (lambda first, last: part(first, last, body=CLIP[first:] + CLIP), LENGTH),
    "fewer bytes": (lambda first, last: part(first, last, body=CLIP[first:last]), LENGTH),
    "more bytes in a chunk of their own": (
        lambda first, last: head(
            206, f"Content-Range: bytes {first}-{last}/{len(CLIP)}", "Transfer-Encoding: chunked",
            'ETag: "1"',
        ).encode() + chunk(CLIP[first : last + 1]) + chunk(b"hello") + chunk(b""),
        LENGTH,
    ),
    "no bytes": (lambda first, last: part(first, last, body=b""), LENGTH),
    "bytes of another file": (
        lambda first, last: part(first, last, body=CLIP[first : last + 1].translate(INVERTED)),
        SPOILT,
    ),
    "zeros": (lambda first, last: part(first, last, body=bytes(last + 1 - first)), SPOILT),
    "another tag": (lambda first, last: part(first, last, more=('ETag: "2"',)), None),
    "no tag": (lambda first, last: part(first, last, more=()), None),
    "a date of its own": (
        lambda first, last: part(first, last, more=('ETag: "1"', "Last-Modified: now")), None,
    ),
    "another file": (lambda *_: head(200, 'ETag: "2"', *WHOLE).encode() + CLIP, None),
    "a file of another length": (
        lambda *_: head(200, 'ETag: "1"', "Content-Length: 3") + "xxx", CHANGED,
    ),
    "gzip": (
        lambda first, last: part(first, last, more=('ETag: "1"', "Content-Encoding: gzip")), OTHER,
    ),
    "a page": (lambda *_: head(200, "Content-Length: 6") + "<html>", CHANGED),
    "not satisfiable": (lambda *_: head(416, "Content-Length: 0"), None),
    "not satisfiable, of no size": (
        lambda *_: head(416, "Content-Length: 0", "Content-Range: bytes */\xb2"), None,
    ),
    "not satisfiable, of a size without end": (
        lambda *_: head(416, "Content-Length: 0", f"Content-Range: bytes */{'9' * 5000}"), None,
    ),
    "not satisfiable, of another size": (
        lambda *_: head(416, "Content-Length: 0", "Content-Range: bytes */3"), CHANGED,
    ),
    "a failed precondition": (lambda *_: head(412, "Content-Length: 0"), None),
    # the host refuses nothing but the range
    "denied": (lambda *_: head(403, "Content-Length: 0"), None),
    "missing": (lambda *_: head(404, "Content-Length: 0"), None),
    "too many requests": (
        lambda *_: head(429, "Content-Length: 0", "Retry-After: 7"), None,
    ),
    "an error": (lambda *_: head(500, "Content-Length: 0"), None),
    "unavailable": (lambda *_: head(503, "Content-Length: 0"), None),
    "a redirect to another scheme": (
        lambda *_: head(302, "Content-Length: 0", "Location: ftp://x.host/"),
        Outcome("url-not-public", "error", 'its scheme is "ftp"'),
    ),
    "a redirect to a private address": (
        lambda *_: head(302, "Content-Length: 0", "Location: //10.0.0.1/clip.mp4"),
        Outcome("url-not-public", "error", "10.0.0.1"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("respond", "outcome"), SECOND.values(), ids=SECOND)
def test_a_later_range_that_is_not_of_the_same_file_is_not_measured_from(
    respond: Callable[[int, int], str | bytes], outcome: Outcome | None, lab: Lab
) -> None:
    with Liar(parts(part, respond)) as liar:
        report = lab.check(place_of(liar.base))
        if outcome:
            outcome.of(report)
        else:
            assert findings(report) == []
            assert len(liar.heard) <= 4
            return
        assert len(liar.heard) <= 3
        assert liar.said < 2 * len(CLIP)


def test_a_host_that_gives_up_its_ranges_is_believed_if_the_file_is_the_same(lab: Lab) -> None:
    again = head(200, 'ETag: "1"', *WHOLE).encode() + CLIP
    with Liar(parts(part, lambda *_: again)) as liar:
        assert findings(lab.check(place_of(liar.base))) == []


def test_requests_for_little_have_an_end(lab: Lab) -> None:
    """A file that is made of boxes leads from one to the next, and each of them far away."""
    box = (50_000).to_bytes(4, "big") + b"free"
    data = CLIP[:32] + b"".join(box + bytes(50_000 - 8) for _ in range(38))

    def respond(first: int, last: int) -> bytes:
        span = f"bytes {first}-{last}/{len(data)}"
        return part(first, last, span=span, body=data[first : last + 1])

    with Liar(parts(respond, data=data)) as liar:
        SPOILT.of(lab.check(place_of(liar.base)))
        assert len(liar.heard) <= 50
        assert liar.said < 3 * len(data)


# --- habits of real hosts --------------------------------------------------------------------

HABITS: dict[str, tuple[Habit, Outcome | None]] = {
    "good": (Habit(), None),
    "no ranges": (Habit(ranges=False), None),
    "no length": (Habit(until_close=True, ranges=False), None),
    "parts to who asks for none": (Habit(wrong_range="206-to-plain"), None),
    "cookies": (Habit(set_cookie="a=b"), None),
    "other bytes": (Habit(wrong_range="other-bytes"), SPOILT),
    "half": (Habit(short_body=STEP // 2), BROKE),
    "reset": (Habit(reset_after=100), BROKE),
    "less than it says": (Habit(declared_size=CAP - 1, ranges=False), BROKE),
    "more than it says": (Habit(declared_size=40_000, ranges=False), SPOILT),
    "far more than it has": (Habit(declared_size=10**15), LARGE),
    "compressed": (Habit(gzip=True, ranges=False), PACKED),
    "endless": (Habit(endless=True), LARGE),
    "endless redirects": (
        Habit(endless_redirects=True), Outcome("media-unreachable", "unsure", "more than 5"),
    ),
    "changing": (Habit(changes_after=1, changed=b"x" + CLIP[1:]), CHANGED),
    "changing, and no If-Range": (
        Habit(changes_after=1, changed=b"x" + CLIP[1:], if_range=False), CHANGED,
    ),
    "shrinking": (Habit(changes_after=1, changed=b"x", if_range=False), CHANGED),
    "headers": (Habit(header_flood=1 << 20), BROKE),
    "a page": (Habit(html=True), Outcome("link-not-direct", "error", "a web page")),
    "denied": (Habit(status=403), answered(403, "error")),
}  # fmt: skip


@pytest.mark.parametrize(("habit", "outcome"), HABITS.values(), ids=HABITS)
def test_what_is_said_of_a_host_by_its_habit(
    habit: Habit, outcome: Outcome | None, lab: Lab, host: Host
) -> None:
    host.serve("clip.mp4", CLIP, habit)
    report = lab.check(place_of(host.base))
    if outcome:
        outcome.of(report)
    else:
        assert findings(report) == []
    assert sum(seen.sent for seen in host.log) < CAP + BUFFERS
    assert len(host.log) <= 6
    assert not any("cookie" in seen.headers or "referer" in seen.headers for seen in host.log)


# --- TLS -------------------------------------------------------------------------------------


def greeted(*data: bytes) -> Talk:
    """Answers a ClientHello, whatever it says."""

    def talk(line: Line) -> None:
        line._sock.recv(1 << 16)
        for item in data:
            line.say(item)
        if b"silence" in data:
            line.silence()

    return talk


def tls_flood(line: Line) -> None:
    """OpenSSL passes over all of it: this ends by the clock alone."""
    line._sock.recv(1 << 16)
    while True:
        line.say(b"\x16\3\3\x40\0" + bytes(0x4000))


@pytest.mark.parametrize(
    "talk",
    [
        greeted(),
        greeted(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
        greeted(b"\x15\3\3\0\2\2\x28"),
        greeted(b"\x16\3\3\0\5hello"),
        greeted(b"\x16\3\3\xff\xff" + bytes(70_000)),
        greeted(bytes(100_000)),
        greeted(b"\x16\3\3\0\x7a\2\0\0\x76\3\3" + bytes(32)),
        greeted(b"\x16\3\3\0\x7a", b"silence"),
        tls_flood,
    ],
    ids=["closed", "plain", "alert", "hello", "large", "zeros", "cut", "silent", "flood"],
)
def test_what_is_no_tls_is_no_connection(talk: Any, lab: Lab) -> None:
    with Liar(talk) as liar:
        link = LINK.replace("http:", "https:")
        report = lab.check(place_of(liar.base), link=link, timeout=1)
        ((rule, level, message),) = findings(report)
        assert (rule, level) == ("media-unreachable", "unsure")
        assert "no connection (" in message or "in time" in message


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return ca


def test_a_safe_host_is_held_to_its_name(authority: trustme.CA, lab: Lab) -> None:
    link = LINK.replace("http:", "https:")
    with Liar(parts(part), secured(authority, "media.host")) as liar:
        assert findings(lab.check(place_of(liar.base), link=link)) == []
    with Liar(parts(part), secured(authority, "other.host", "127.0.0.1")) as liar:
        report = lab.check(place_of(liar.base), link=link)
        Outcome("media-unreachable", "unsure", "the certificate is not trusted").of(report)
        assert liar.heard == []


def test_floods_and_lies_are_the_same_over_tls(authority: trustme.CA, lab: Lab) -> None:
    link = LINK.replace("http:", "https:")
    for talk, outcome in (
        (flood("HTTP/1.1 200 OK\r\nX: ", "y"), BROKE),
        (flood(head(200), bytes(4096)), LARGE),
        (words(head(302, "Location: http://10.0.0.1/", "Content-Length: 0")),
         Outcome("url-not-public", "error", "10.0.0.1")),
    ):  # fmt: skip
        with Liar(talk, secured(authority, "media.host")) as liar:
            outcome.of(lab.check(place_of(liar.base), link=link))
            assert liar.said < CAP + BUFFERS


# --- the program itself ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("habit", "code", "answer"),
    [
        ({}, exit_codes.OK, "PASS"),
        ({"header_flood": 1 << 20}, exit_codes.UNSURE, "media-unreachable"),
        ({"trickle": 0.05}, exit_codes.UNSURE, "--timeout"),
        ({"declared_size": 10**12}, exit_codes.BROKEN, "video-too-large"),
    ],
    ids=["good", "flood", "drip", "large"],
)
def test_the_program_says_the_same(habit: dict[str, Any], code: int, answer: str) -> None:
    request = body(video_url=LINK, image_url="http://pictures.host/image.png")
    names: dict[str, Any] = {"media.host": [[ADDRESS]], "pictures.host": [[PUBLIC[1]]]}
    with StandIn() as world:
        file = world.folder / "request.json"
        file.write_text(json.dumps(request))
        temporary = world.folder / "temporary"
        temporary.mkdir()
        seen = world.program(
            names,
            "check",
            str(file),
            f"--timeout={SHORT if 'trickle' in habit else LONG}",
            habits={ADDRESS: {"clip.mp4": habit}},
            TMPDIR=str(temporary),
        )
        assert seen.said["code"] == code, seen.said
        assert answer in seen.said["stdout"]
        assert "SECRET" not in seen.said["stdout"] + seen.said["stderr"]
        assert seen.contacted == set(PUBLIC[:2])
        assert list(temporary.iterdir()) == []
