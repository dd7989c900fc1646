"""Results into files: whole or not at all, taken up again where it is the same file, and never in
place of anything.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from paths import MEDIA
from peers import Peer, answer, read_request

from motion_preflight.network.client import Web
from motion_preflight.provider.client import Api
from motion_preflight.provider.responses import Submitted
from motion_preflight.sandbox.fault_table import FAULTS
from motion_preflight.sandbox.server import Sandbox
from motion_preflight.submission.download import DownloadFailed, download, target
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host

DATA = bytes(index * index % 251 for index in range(100_000))
OTHER = DATA[::-1]
CUT = 30_000  # bytes that come before a connection ends
NEVER_WHOLE = Habit(ranges=False, short_body=CUT)
CLIP = MEDIA / "clip-8s.mp4"


@pytest.fixture(autouse=True)
def _without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*os.environ]:
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def to(tmp_path: Path) -> Path:
    """Where the result goes; the folder is not there yet."""
    return tmp_path / "results" / "task_7.mp4"


def fetch(url: str, to: Path, **options: Any) -> None:
    with Web(**{"timeout": 5.0, "allow_private": True} | options) as web:
        download(url, to, web=web)


def fails(url: str, to: Path, **options: Any) -> str:
    """What is said; nothing is where the result should be."""
    before = to.read_bytes() if to.is_file() else None
    with pytest.raises(DownloadFailed) as caught:
        fetch(url, to, **options)
    assert (to.read_bytes() if to.is_file() else None) == before
    assert str(caught.value).isprintable()
    return str(caught.value)


def files(to: Path) -> list[Path]:
    return sorted(to.parent.iterdir()) if to.parent.exists() else []


def parts(to: Path) -> list[bytes]:
    """What is kept of results that are not whole."""
    return [path.read_bytes() for path in files(to) if path != to]


def ranges(host: Host, url: str) -> list[str | None]:
    """The ranges that were asked for, in order."""
    return [seen.headers.get("range") for seen in host.requests(url)]


@pytest.mark.parametrize(
    "habit",
    [
        Habit(redirect_to="ftp://deadbeefcafe0123.host/deadbeefcafe0123"),
        Habit(redirect_to="http://deadbeefcafe0123.invalid/"),
        Habit(status=403),
    ],
)
def test_a_host_that_echoes_the_signature_is_not_quoted(habit: Habit, to: Path, host: Host) -> None:
    url = host.serve("deadbeefcafe0123.mp4", DATA, habit)
    assert "deadbeef" not in fails(f"{url}?sig=deadbeefcafe0123", to)


# --- whole -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "habit",
    [
        Habit(),
        Habit(ranges=False),
        Habit(chunked=True),
        Habit(until_close=True),
        Habit(etag="none", last_modified=False),
        Habit(etag="weak"),
        Habit(close_each=True),
    ],
    ids=["usual", "no ranges", "chunked", "no length", "no validator", "weak etag", "close"],
)
def test_a_whole_result(habit: Habit, to: Path, host: Host) -> None:
    url = host.serve("clip.mp4", DATA, habit)
    message: list[tuple[int, int | None]] = []
    fetch(url, to, progress=lambda done, total: message.append((done, total)))
    assert to.read_bytes() == DATA
    assert files(to) == [to]
    assert ranges(host, url) == [None]
    assert message[-1][0] == len(DATA)
    assert "authorization" not in host.log[0].headers


def test_a_signed_link_is_asked_for_byte_for_byte(to: Path, host: Host) -> None:
    query = "?X-Amz-Signature=a%2Fb%2fc+d==&empty=&&bare;x='~"
    fetch(host.serve("clip.mp4", DATA) + query, to)
    assert [seen.target for seen in host.log] == [f"/clip.mp4{query}"]


def test_a_redirect_is_followed(to: Path, host: Host) -> None:
    host.serve("clip.mp4", DATA)
    fetch(host.serve("link", b"", Habit(redirect_to="/clip.mp4?signature=x")), to)
    assert to.read_bytes() == DATA


# --- cut, and taken up again -------------------------------------------------------------


@pytest.mark.parametrize(
    "habit", [Habit(short_body=CUT), Habit(reset_after=CUT), Habit(etag="none", short_body=CUT)]
)
def test_a_cut_result_is_taken_up_again(habit: Habit, to: Path, host: Host) -> None:
    url = host.serve("clip.mp4", DATA, habit)
    fetch(url, to)
    assert to.read_bytes() == DATA
    assert files(to) == [to]
    assert ranges(host, url)[0] is None
    assert len(ranges(host, url)) >= len(DATA) // CUT
    assert sum(seen.sent for seen in host.log) <= len(DATA) + CUT  # a reset may take some along


def test_a_silent_host_is_asked_for_the_rest(to: Path, host: Host) -> None:
    url = host.serve("clip.mp4", DATA, Habit(stall_after=60_000))
    fetch(url, to, timeout=0.3)
    assert to.read_bytes() == DATA
    assert ranges(host, url) == [None, "bytes=60000-"]


def test_many_cuts_are_outlived_as_long_as_something_comes(to: Path, host: Host) -> None:
    url = host.serve("clip.mp4", DATA, Habit(short_body=2500))
    fetch(url, to)
    assert to.read_bytes() == DATA
    assert len(host.log) == 40


def test_a_result_that_gets_nowhere_is_given_up(to: Path, host: Host) -> None:
    url = host.serve("clip.mp4", DATA, Habit(short_body=0))
    assert "try again" in fails(url, to)
    assert 1 < len(host.log) < 10


@pytest.mark.parametrize("habit", [Habit(), Habit(etag="none")], ids=["etag", "last-modified"])
def test_the_next_call_goes_on_where_the_last_one_ended(habit: Habit, to: Path, host: Host) -> None:
    broken = Habit(etag=habit.etag, ranges=False, short_body=CUT)
    url = host.serve("clip.mp4", DATA, broken)
    assert "try again" in fails(url, to)
    assert parts(to) == [DATA[:CUT]]
    host.serve("clip.mp4", DATA, habit)
    host.clear()
    fetch(url, to)
    assert to.read_bytes() == DATA
    assert files(to) == [to]
    assert ranges(host, url) == [f"bytes={CUT}-"]


@pytest.mark.parametrize(
    "later",
    [OTHER, OTHER[:CUT], OTHER[: CUT - 1], OTHER[:10], DATA + b"more"],
    ids=["as long", "as long as the part", "shorter", "much shorter", "longer"],
)
def test_another_file_by_the_next_call_is_fetched_from_its_start(
    later: bytes, to: Path, host: Host
) -> None:
    url = host.serve("clip.mp4", DATA, NEVER_WHOLE)
    fails(url, to)
    host.serve("clip.mp4", later)
    fetch(url, to)
    assert to.read_bytes() == later
    assert files(to) == [to]


def test_another_file_within_a_call_is_fetched_from_its_start(to: Path, host: Host) -> None:
    url = host.serve("clip.mp4", DATA, Habit(short_body=60_000, changes_after=1, changed=OTHER))
    fetch(url, to)
    assert to.read_bytes() == OTHER
    assert files(to) == [to]


def test_the_same_validator_for_another_length_is_another_file(to: Path, host: Host) -> None:
    url = host.serve("clip.mp4", DATA, NEVER_WHOLE)
    fails(url, to)
    host.serve("clip.mp4", DATA + b"\0", Habit(declared_size=len(DATA) + 2))
    fails(url, to)
    host.serve("clip.mp4", DATA)
    fetch(url, to)
    assert to.read_bytes() == DATA
    assert files(to) == [to]


@pytest.mark.parametrize(
    "habit",
    [
        Habit(etag="weak", last_modified=False, ranges=False, short_body=CUT),
        Habit(etag="none", last_modified=False, ranges=False, short_body=CUT),
    ],
    ids=["weak", "none"],
)
def test_without_a_sure_validator_it_begins_anew(habit: Habit, to: Path, host: Host) -> None:
    """Nothing says that the rest would be of the same file."""
    url = host.serve("clip.mp4", DATA, habit)
    fails(url, to)
    host.serve("clip.mp4", OTHER, Habit(etag=habit.etag, last_modified=False))
    host.clear()
    fetch(url, to)
    assert to.read_bytes() == OTHER
    assert files(to) == [to]
    assert ranges(host, url) == [None]


def test_a_host_that_lost_its_ranges_begins_anew(to: Path, host: Host) -> None:
    url = host.serve("clip.mp4", DATA, NEVER_WHOLE)
    fails(url, to)
    host.serve("clip.mp4", DATA, Habit(ranges=False))
    fetch(url, to)
    assert to.read_bytes() == DATA
    assert files(to) == [to]


@pytest.mark.parametrize(
    "wrong", ["shifted", "short", "no-header", "star-total", "multipart", "206-to-plain"]
)
def test_wrong_ranges_spoil_no_result(wrong: Any, to: Path, host: Host) -> None:
    """It fails or is right, and what is kept of it is right too."""
    url = host.serve("clip.mp4", DATA, NEVER_WHOLE)
    fails(url, to)
    host.serve("clip.mp4", DATA, Habit(wrong_range=wrong))
    try:
        fetch(url, to)
    except DownloadFailed:
        host.serve("clip.mp4", DATA)
        fetch(url, to)
    assert to.read_bytes() == DATA


def test_a_whole_file_that_is_called_a_part_spoils_no_result(to: Path) -> None:
    """Once, whatever part was asked for; afterwards the host is right."""
    served: list[int] = []

    def talk(sock: socket.socket) -> None:
        while request := read_request(sock):
            match = re.search(rb"\r\nRange: bytes=(\d+)-", request)
            start = int(match[1]) if match and served else 0
            served.extend([0] if match else [])
            covers = f"bytes {start}-{len(DATA) - 1}/{len(DATA)}"
            if match:
                sock.sendall(answer(206, DATA[start:], ETag='"1"', Content_Range=covers))
            else:
                sock.sendall(answer(200, DATA, ETag='"1"')[: CUT - len(DATA)])
                return

    with Peer(talk) as peer:
        with suppress(DownloadFailed):
            fetch(f"{peer.base}/clip.mp4", to)
        if not to.exists():
            fetch(f"{peer.base}/clip.mp4", to)
    assert to.read_bytes() == DATA


def test_a_part_that_is_no_use_is_not_left_behind(to: Path, host: Host) -> None:
    url = host.serve("clip.mp4", DATA, Habit(etag="weak", ranges=False, short_body=CUT))
    fails(url, to)
    host.serve("clip.mp4", DATA)
    fetch(url, to)
    assert files(to) == [to]


def test_an_interrupted_download_is_kept_and_taken_up(to: Path, host: Host) -> None:
    def strike(done: int, _: int | None) -> None:
        if done > CUT:
            raise KeyboardInterrupt

    url = host.serve("clip.mp4", DATA)
    with pytest.raises(KeyboardInterrupt):
        fetch(url, to, progress=strike)
    assert not to.exists()
    (kept,) = parts(to)
    assert kept == DATA[: len(kept)] != b""
    host.clear()
    fetch(url, to)
    assert to.read_bytes() == DATA
    assert ranges(host, url) == [f"bytes={len(kept)}-"]


def test_a_link_that_ended_meanwhile_keeps_what_came(to: Path, host: Host) -> None:
    url = host.serve("clip.mp4", DATA, NEVER_WHOLE)
    fails(url, to)
    host.serve("clip.mp4", DATA, Habit(status=403))
    assert "403" in fails(url, to)
    assert parts(to) == [DATA[:CUT]]


def test_what_is_kept_of_one_result_is_not_taken_for_another(to: Path, host: Host) -> None:
    url = host.serve("clip.mp4", DATA, NEVER_WHOLE)
    fails(url, to)
    host.serve("clip.mp4", DATA)
    host.clear()
    for number in (2, 3):
        other = target(to.parent, "task_7", number)
        fetch(url, other)
        assert other.read_bytes() == DATA
    assert ranges(host, url) == [None, None]
    assert parts(to)[0] == DATA[:CUT]


# --- no result ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("habit", "message"),
    [
        (Habit(status=404), "404"),
        (Habit(status=403), "403"),
        (Habit(status=410), "410"),
        (Habit(status=500), "500"),
        (Habit(status=503, retry_after=7), "try again after 7 s"),
        (Habit(status=204), "204"),
        (Habit(html=True), "web page"),
        (Habit(endless_redirects=True), "redirects"),
        (Habit(redirect_to="file:///etc/passwd"), "file"),
        (Habit(declared_size=5 << 30), "more than a result can have"),
    ],
    ids=["404", "403", "410", "500", "503", "204", "html", "redirects", "scheme", "5 GiB"],
)
def test_an_answer_that_is_no_result(habit: Habit, message: str, to: Path, host: Host) -> None:
    assert message in fails(host.serve("clip.mp4", DATA, habit), to)
    assert parts(to) == []


NO_VIDEO = {
    "a web page (HTML)": b"<!DOCTYPE html><html><body>Sign in</body></html>",
    "an XML document": b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
    "text": b'{"error": {"message": "the link has expired"}}',
}


@pytest.mark.parametrize("kind", NO_VIDEO)
def test_what_is_no_video_though_it_is_called_one_is_no_result(
    kind: str, to: Path, host: Host
) -> None:
    """A file of that name would be taken for the paid result, and the link would end meanwhile."""
    url = host.serve("clip.mp4", NO_VIDEO[kind])
    assert f"the link answers {kind}, not a video" in fails(url, to)
    assert files(to) == []
    host.serve("clip.mp4", DATA)
    fetch(url, to)
    assert to.read_bytes() == DATA


@pytest.mark.parametrize(
    "habit",
    [
        Habit(declared_size=len(DATA) + 10),
        Habit(declared_size=len(DATA) + 10, ranges=False),
        Habit(chunked=True, ranges=False, short_body=CUT),
    ],
)
def test_a_result_that_is_never_whole(habit: Habit, to: Path, host: Host) -> None:
    assert "try again" in fails(host.serve("clip.mp4", DATA, habit), to)
    assert not to.exists()


def test_an_empty_result_is_none(to: Path, host: Host) -> None:
    fails(host.serve("clip.mp4", b""), to)


def test_a_result_that_comes_compressed_is_none(to: Path, host: Host) -> None:
    """Though it was asked for as it is: what comes is no video, under the name of one."""
    fails(host.serve("clip.mp4", DATA, Habit(gzip=True)), to)


def test_a_host_that_is_not_there(to: Path, host: Host) -> None:
    url = host.serve("clip.mp4", DATA)
    host.__exit__()
    fails(url, to)
    assert files(to) == []


@pytest.mark.parametrize(
    "url", ["", "clip.mp4", "ftp://apimart-user.com/x", "https://", "http://[::1"]
)
def test_a_link_that_is_none(url: str, to: Path) -> None:
    fails(url, to)


def test_a_private_address_is_contacted_only_if_that_is_allowed(to: Path, host: Host) -> None:
    url = host.serve("clip.mp4", DATA)
    output = fails(url, to, allow_private=False)
    assert "127.0.0.1 is not a public address" in output
    assert "kept" not in output  # nothing came
    assert host.log == []
    fetch(url, to, allow_private=True)


# --- files that are in the way -----------------------------------------------------------


def _file(path: Path) -> None:
    path.write_bytes(b"mine")


def _folder(path: Path) -> None:
    path.mkdir()


def _dangling(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


THINGS = pytest.mark.parametrize(
    "thing",
    [
        _file,
        _folder,
        pytest.param(
            _dangling,
            marks=pytest.mark.skipif(sys.platform == "win32", reason="links need a right there"),
        ),
    ],
)


@THINGS
def test_what_is_there_is_never_overwritten(
    thing: Callable[[Path], None], to: Path, host: Host
) -> None:
    to.parent.mkdir()
    thing(to)
    assert "is there already" in fails(host.serve("clip.mp4", DATA), to)
    assert host.log == []
    assert os.path.lexists(to)
    assert files(to) == [to]


def _no_links(number: int) -> Callable[..., None]:
    """`os.link` on a file system that has none."""

    def link(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return link


NO_LINKS = [errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS]


@pytest.mark.parametrize("links", [True, False])
@THINGS
def test_what_comes_into_the_way_is_not_overwritten(
    thing: Callable[[Path], None],
    to: Path,
    host: Host,
    monkeypatch: pytest.MonkeyPatch,
    *,
    links: bool,
) -> None:
    """While it is fetched."""
    if not links:
        monkeypatch.setattr(os, "link", _no_links(errno.EPERM))

    def put(done: int, _: int | None) -> None:
        if done == len(DATA):
            thing(to)

    with pytest.raises(DownloadFailed, match="is there by now"):
        fetch(host.serve("clip.mp4", DATA), to, progress=put)
    assert os.path.lexists(to)
    assert not to.is_file() or to.read_bytes() == b"mine"


@pytest.mark.skipif(sys.platform == "win32", reason="nobody removes an open file there")
def test_half_a_file_of_another_run_does_not_become_the_result(to: Path) -> None:
    """Two runs fetch the same result: the second began anew and is not as far as the first."""
    head = f'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: {len(DATA)}\r\n\r\n'.encode()
    asked: list[bytes] = []

    def talk(sock: socket.socket) -> None:
        while request := read_request(sock):
            asked.extend(re.findall(rb"(?i)range: (\S+)", request))
            if asked:
                span = f"bytes {CUT}-{len(DATA) - 1}/{len(DATA)}"
                sock.sendall(answer(206, DATA[CUT:], ETag='"1"', Content_Range=span))
                continue
            sock.sendall(head + DATA[:50_000])
            while not parts(to):
                time.sleep(0.01)
            (part,) = files(to)
            part.unlink()
            part.write_bytes(DATA[:CUT])
            sock.sendall(DATA[50_000:])

    with Peer(talk) as peer:
        fetch(f"{peer.base}/clip.mp4", to)
    assert to.read_bytes() == DATA
    assert asked == [f"bytes={CUT}-".encode()]


@pytest.mark.parametrize("number", NO_LINKS, ids=errno.errorcode.get)
def test_a_file_system_without_links(
    number: int, to: Path, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", _no_links(number))
    fetch(host.serve("clip.mp4", DATA), to)
    assert to.read_bytes() == DATA
    assert files(to) == [to]


def test_a_folder_that_cannot_be_made(tmp_path: Path, host: Host) -> None:
    (tmp_path / "results").touch()
    to = tmp_path / "results" / "task_7.mp4"
    with pytest.raises(DownloadFailed, match="cannot be written"):
        fetch(host.serve("clip.mp4", DATA), to)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX limits")
def test_a_full_disk_keeps_what_came(to: Path, host: Host) -> None:
    import resource  # noqa: PLC0415  POSIX

    url = host.serve("clip.mp4", DATA)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (CUT, hard))
        assert "cannot be written" in fails(url, to)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    (kept,) = parts(to)
    assert kept == DATA[: len(kept)]
    fetch(url, to)
    assert to.read_bytes() == DATA


# --- names -------------------------------------------------------------------------------

HOSTILE = [
    "../up",
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    ".",
    "",
    "...",
    ".hidden",
    "a/b",
    "a\\b",
    "C:\\x",
    "a\0b",
    "a\nb",
    "\u202egnp.4pm",
    "ä",
    "x" * 5000,
    "ü" * 200,
    "*",
    "~",
    "-rf",
]


@pytest.mark.parametrize("task_id", HOSTILE)
def test_a_task_id_names_a_file_of_the_folder(task_id: str, tmp_path: Path, host: Host) -> None:
    folder = tmp_path / "in" / "side"
    url = host.serve("clip.mp4", DATA)
    names = set()
    for number in (1, 2, 10):
        to = target(folder, task_id, number)
        fetch(url, to)
        names.add(to.name)
        assert to.parent == folder
        assert to.resolve().parent == folder.resolve()
        assert to.name.isascii()
        assert not to.name.startswith(".")
        assert to.name.endswith(f"-{number}.mp4" if number > 1 else ".mp4")
    assert {path.name for path in folder.iterdir()} == names
    assert sorted(tmp_path.iterdir()) == [tmp_path / "in"]
    assert len(names) == 3


@pytest.mark.parametrize(("number", "ending"), [(1, ".mp4"), (2, "-2.mp4"), (11, "-11.mp4")])
def test_an_ordinary_task_id_is_the_name(number: int, ending: str) -> None:
    assert target(Path("results"), "task_01J-x.y", number) == Path(f"results/task_01J-x.y{ending}")


# --- the sandbox's results ---------------------------------------------------------------

RESULTS = {
    "result-404": "404",
    "result-html": "web page",
    "result-cut*3": None,
    "result-short": "try again",
    "result-no-ranges": None,
    "result-no-length": None,
}


def test_every_fault_of_a_result_is_in_the_table() -> None:
    names = {name.partition("*")[0] for name in RESULTS}
    assert names == {name for name, fault in FAULTS.items() if fault.at == "result"}


@pytest.mark.parametrize("fault", RESULTS)
def test_what_comes_of_every_fault_of_a_result(fault: str, to: Path) -> None:
    with Sandbox(faults=[fault], probe=False) as sandbox:
        with Api(sandbox.base, "sk-key") as api:
            built = api.generate(b"{}", idempotency_key="k", secrets=())
        assert isinstance(built, Submitted)
        url = f"{sandbox.base}/results/{built.task_id}.mp4"
        output = RESULTS[fault]
        if output:
            assert output in fails(url, to)
        else:
            fetch(url, to)
            assert to.read_bytes() == CLIP.read_bytes()
            assert files(to) == [to]
        sandbox.clear_faults()
        if output:
            fetch(url, to)
            assert to.read_bytes() == CLIP.read_bytes()
        assert sandbox.keys_astray == []
