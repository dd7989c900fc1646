"""A provider that lies: what it is sent, how much of it is taken, where its links may lead and
which files it can bring about.

The program runs in this process, and the provider is at a public https address as the real one is;
whoever comes to a forbidden address is content there, and noted.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shlex
import signal
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme
from builders import body
from paths import MEDIA
from peers import answer
from processes import KEY, ledger_rows
from warm import warm

from hostile.liars import BUFFERS, CLIP, GUARD, MEMORY, Liar, Line, head, secured
from hostile.media import PICTURE
from hostile.names import Net, place_of
from hostile.worlds import AMONG_NAMES, PUBLIC, TESTS, surroundings
from motion_preflight.cli import exit_codes
from motion_preflight.cli import program as cli
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host

API, SITE, _ = PUBLIC
BASE = "https://api.host"
GENERATIONS = "/v1/videos/generations"
TASK = "task_7"
RESULT = "http://results.host/clip.mp4?Signature=SECRET"
LONG = "--timeout=10"
COMMAND = re.compile("`(motion-preflight [^`]*)`")
Answer = bytes | Callable[[Line], object]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(autouse=True)
def _without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*os.environ]:
        if name.lower().endswith("_proxy") or name.startswith(("MOTION_PREFLIGHT_", "APIMART_")):
            monkeypatch.delenv(name)


@dataclass
class Done:
    code: int
    stdout: str
    stderr: str

    @property
    def printed(self) -> str:
        """Both streams as one line, however they are wrapped."""
        return " ".join((self.stdout + self.stderr).split())


@dataclass
class Rehearsal:
    """A provider, a site with media and results, a place that nobody may come to, and a home."""

    folder: Path
    provider: Liar
    site: Host
    inner: Host
    answers: dict[str, Answer]
    capture: Any
    names: dict[str, Any] = field(default_factory=dict)
    connected: set[str] = field(default_factory=set)
    measured: bool = False  # how much memory is taken; that takes its time

    def submit(self, *options: str, image: str | None = None) -> Done:
        request = body(
            video_url="http://media.host/clip.mp4",
            image_url=image or "http://media.host/image.png",
        )
        file = self.folder / "request.json"
        file.write_text(json.dumps(request))
        return self.run("submit", str(file), "--yes", *options)

    def lie(self, question: str, name: str) -> None:
        """Answers with one of the floods. The memory is measured where one could fill it."""
        answer = FLOODS[name]
        self.answers[question] = answer
        self.measured = callable(answer) or len(answer) > 1000 or b"Content-Encoding" in answer

    def wait(self, *options: str) -> Done:
        """Waits for a task that is followed by its id alone."""
        return self.run("tasks", "wait", TASK, *options)

    def run(self, *arguments: str) -> Done:
        names = {"api.host": [[API]], "results.host": [[SITE]], "media.host": [[SITE]]}
        leads = {API: place_of(self.provider.base), SITE: place_of(self.site.base)}
        net = Net(names | self.names, leads, place_of(self.inner.base))
        before, began = signal.getsignal(signal.SIGTERM), time.monotonic()
        if self.measured:
            tracemalloc.start()
        try:
            with net.standing_in():
                code = cli.run([*arguments])
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
            signal.signal(signal.SIGTERM, before)
        assert time.monotonic() - began < GUARD
        assert peak < MEMORY
        self.connected |= set(net.connected)
        out, err = self.capture.readouterr()
        done = Done(code, out, err)
        self.look(done)
        return done

    def look(self, done: Done) -> None:
        """What holds whatever a provider does."""
        assert self.connected <= {API, SITE}
        assert self.inner.log == []
        for seen in self.site.log:
            assert "authorization" not in seen.headers
            assert KEY not in seen.target + str(seen.headers)
        assert KEY not in done.printed
        assert "SECRET" not in done.printed
        assert "Traceback" not in done.printed
        assert all(sign.isprintable() for sign in done.printed)
        assert done.code != exit_codes.BUG
        assert {path.name for path in self.folder.iterdir()} <= {
            "request.json", "state", "results", "temporary", "config", "authority.pem",
        }  # fmt: skip
        assert list((self.folder / "temporary").iterdir()) == []

    @property
    def posts(self) -> list[str]:
        return [item for item in self.provider.heard if item.startswith(f"POST {GENERATIONS} ")]

    @property
    def polls(self) -> list[str]:
        return [item for item in self.provider.heard if item.startswith("GET /v1/tasks/")]

    @property
    def states(self) -> list[str]:
        return [row["state"] for row in ledger_rows(self.folder)]

    @property
    def results(self) -> dict[str, bytes]:
        """What was downloaded, without the documents beside it."""
        result = (self.folder / "results").glob("**/*")
        return {
            path.name: path.read_bytes()
            for path in result
            if not path.name.startswith(".") and not path.name.endswith(".mp4.json")
        }


@pytest.fixture
def rehearsal(
    tmp_path: Path,
    authority: trustme.CA,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Rehearsal]:
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    for name, value in settings(tmp_path).items():
        monkeypatch.setenv(name, value)
    answers: dict[str, Answer] = {
        "GET /v1/balance": answer(200, {"success": True, "unlimited_quota": True}),
        f"POST {GENERATIONS}": created(TASK),
        "GET /v1/tasks/": finished([RESULT]),
        "POST /v1/uploads/images": answer(200, {"url": "https://files.host/1.png"}),
    }

    def talk(line: Line) -> None:
        while request := line.hear():
            output = next((output for at, output in answers.items() if request.startswith(at)), b"")
            if callable(output):
                output(line)
                return
            line.say(output)
            if not output or b"Connection: close" in output:
                return

    with (
        Host() as site,
        Host() as inner,
        Liar(talk, secured(authority, "api.host")) as provider,
    ):
        for host in (site, inner):
            host.serve("clip.mp4", CLIP)
            host.serve("image.png", PICTURE, content_type="image/png")
        yield Rehearsal(tmp_path, provider, site, inner, answers, capsys)


def settings(home: Path) -> dict[str, str]:
    return {
        "APIMART_API_KEY": KEY,
        "APIMART_BASE_URL": BASE,
        "MOTION_PREFLIGHT_STATE": str(home / "state"),
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "SSL_CERT_FILE": str(home / "authority.pem"),
    }


def created(task_id: Any) -> bytes:
    """The answer that a task was made."""
    return answer(200, {"code": 200, "data": [{"status": "submitted", "task_id": task_id}]})


def finished(urls: list[Any], **more: Any) -> bytes:
    """The answer that a task is completed."""
    result = {"videos": [{"url": urls}]}
    return answer(200, {"code": 200, "data": {"status": "completed", "result": result} | more})


def nested(layers: int, size: int) -> bytes:
    """So many zeros, packed so often."""
    packer = zlib.compressobj(1, wbits=31)
    data = b"".join(packer.compress(bytes(1 << 20)) for _ in range(size >> 20)) + packer.flush()
    for _ in range(layers - 1):
        data = gzip.compress(data, mtime=0)
    return data


def endless(start: str, again: str | bytes) -> Callable[[Line], None]:
    def talk(line: Line) -> None:
        line.say(start)
        block = again.encode() if isinstance(again, str) else again
        block *= max(1, (1 << 16) // len(block))
        while True:
            line.say(block)

    return talk


def late(line: Line) -> None:
    """Says nothing."""
    line.silence()


TASK_JSON = b'{"code": 200, "data": [{"task_id": "task_7"}], "more": "' + bytes(8).hex().encode()
# What may be answered to any question, and no answer to it.
FLOODS: dict[str, Answer] = {
    "nothing": b"",
    "silence": late,
    "HTTP/0.9": lambda line: line.say("<html>"),
    "HTTP/2": lambda line: line.say(b"\0\0\x12\4\0\0\0\0\0" + bytes(18)),
    "two lengths": answer(200, b"{}", content_length="9"),
    "NUL in a header": answer(200, b"{}", X="a\0b"),
    "a status line": endless("HTTP/1.1 200 ", "O"),
    "a header": endless("HTTP/1.1 200 OK\r\nX: ", "y"),
    "headers": endless("HTTP/1.1 200 OK\r\n", "X: y\r\n"),
    "early hints": endless("", "HTTP/1.1 103 X\r\n\r\n" * 4000),
    "a body": endless(head(200), " "),
    "a body of 100 MB": endless(head(200, "Content-Length: 104857600") + '{"a": "', "a"),
    "an endless list": endless(head(200), "["),
    "chunks": endless(head(200, "Transfer-Encoding: chunked"), "1000\r\n" + " " * 4096 + "\r\n"),
    "chunks' extensions": endless(
        head(200, "Transfer-Encoding: chunked"), f"1;x={'y' * 60_000}\r\n \r\n"
    ),
    "gzip, a bomb": answer(200, nested(1, 64 << 20), Content_Encoding="gzip"),
    "gzip, a bomb in a bomb": answer(200, nested(2, 64 << 20), Content_Encoding="gzip, gzip"),
    "deflate, a bomb": answer(
        200, zlib.compress(bytes(64 << 20), 1), Content_Encoding="deflate"
    ),
    "deep JSON": answer(200, b"[" * 500_000),
    "a number of many digits": answer(200, b'{"data": ' + b"9" * 100_000 + b"}"),
    "text": answer(200, b"\x1b[2J\xff\x00 https://x.host/?sig=SECRET"),
    "a redirect": answer(302, Location="http://results.host/v1?sig=SECRET"),
    "a redirect inside": answer(307, Location="//10.0.0.1/v1"),
    "a redirect to itself": answer(308, Location="https://api.host/v1/other"),
    "a redirect to a file": answer(301, Location="file:///etc/passwd"),
    "a refresh": answer(200, b"{}", Refresh="0; url=http://10.0.0.1/", Link="<//10.0.0.1>"),
}  # fmt: skip


def timed(name: str) -> str:
    """Short where nothing ends by itself."""
    return "--timeout=1" if name in {"silence", "early hints", "chunks' extensions"} else LONG


# --- the paid POST ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", FLOODS)
def test_whatever_the_paid_post_is_answered_it_was_sent_once(
    name: str, rehearsal: Rehearsal
) -> None:
    rehearsal.lie(f"POST {GENERATIONS}", name)
    done = rehearsal.submit(timed(name))
    assert done.code == exit_codes.UNKNOWN
    assert len(rehearsal.posts) == 1
    assert rehearsal.states == ["unknown"]
    assert rehearsal.provider.said < (8 << 20) + BUFFERS
    assert "motion-preflight tasks resolve" in done.stderr


def test_a_task_id_before_a_flood_is_no_task_id_and_nothing_is_lost(rehearsal: Rehearsal) -> None:
    """A text of 100 MB is no JSON until it has ended; what it is then, nobody waits for."""
    start = head(200, "Content-Length: 104857600") + TASK_JSON.decode()
    rehearsal.answers[f"POST {GENERATIONS}"] = endless(start, "a")
    assert rehearsal.submit().code == exit_codes.UNKNOWN
    assert rehearsal.states == ["unknown"]
    assert rehearsal.provider.said < (2 << 20) + BUFFERS


# --- task ids --------------------------------------------------------------------------------

TASK_IDS = (
    "../../../etc/cron.d/x", "/etc/passwd", "a/../../b", "..\\..\\x", "C:\\x", "..%2f..%2fx",
    "%2e%2e", "a?b=1#c", "a b", "-rf", "--download=/tmp", "~root", "*", "x; touch pwned",
    "$(touch pwned)", "a'b\"c|d&e", ".hidden", "...", "nul.mp4", "x" * 200,
    "\u00e4\u65e5\U0001f600", "//10.0.0.1/", "{0}%s",
)  # fmt: skip


@pytest.mark.parametrize("task_id", TASK_IDS, ids=ascii)
def test_a_task_id_leads_nowhere_else(task_id: str, rehearsal: Rehearsal) -> None:
    """Not in the path that is asked for, not in the name of a file."""
    rehearsal.answers[f"POST {GENERATIONS}"] = created(task_id)
    done = rehearsal.submit("--download", str(rehearsal.folder / "results"))
    assert done.code == exit_codes.OK, done
    (poll,) = rehearsal.polls
    target = poll.split(" ")[1]
    assert re.fullmatch(r"/v1/tasks/[A-Za-z0-9._~%-]+", target)
    ((name, data),) = rehearsal.results.items()
    assert data == CLIP
    assert re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*\.mp4", name)
    assert sorted(rehearsal.folder.rglob("*.mp4")) == [rehearsal.folder / "results" / name]


@pytest.mark.parametrize(
    "task_id", ["..", "", "\0", "\u202egnp", "x" * 201, None, True, {"a": 1}, "\ud800"], ids=ascii
)
def test_what_is_no_task_id_is_asked_for_by_nobody(task_id: Any, rehearsal: Rehearsal) -> None:
    rehearsal.answers[f"POST {GENERATIONS}"] = created(task_id)
    done = rehearsal.submit("--download", str(rehearsal.folder / "results"), "--wait-timeout=0.1")
    assert done.code in {exit_codes.UNKNOWN, exit_codes.UNSURE, exit_codes.BROKEN}
    assert rehearsal.polls == []
    assert rehearsal.results == {}


@pytest.mark.parametrize("task_id", ["x; touch pwned", "$(touch pwned)|b", "-rf", "`touch pwned`'"])
@pytest.mark.parametrize("becomes", ["completed", "processing", "lost"])
def test_a_command_that_is_suggested_is_one_command(
    task_id: str, becomes: str, rehearsal: Rehearsal
) -> None:
    """Somebody copies it into a shell."""
    rehearsal.answers[f"POST {GENERATIONS}"] = created(task_id)
    options = ["--wait", "--wait-timeout=0.1"]
    if becomes == "processing":
        rehearsal.answers["GET /v1/tasks/"] = answer(200, {"data": {"status": "processing"}})
    if becomes == "lost":
        rehearsal.answers["GET /v1/tasks/"] = finished(["http://results.host/nothing.mp4"])
        options += ["--download", str(rehearsal.folder / "results")]
    done = rehearsal.submit(*options)
    suggested = COMMAND.findall(done.printed)
    assert suggested
    for command in suggested:
        parts = list(shlex.shlex(command, posix=True, punctuation_chars=True))
        named = [part for part in parts[3:] if part not in {"--download", "DIR"}]
        assert parts[:3] == ["motion-preflight", "tasks", "wait"]
        assert len(named) == 1
        assert not named[0].startswith("-")
        assert "pwned" not in named[0]
        assert rehearsal.run("tasks", "wait", named[0], *options[1:]).code == done.code


# --- polls -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FLOODS)
def test_a_poll_takes_no_more_than_an_answer_and_follows_nothing(
    name: str, rehearsal: Rehearsal
) -> None:
    rehearsal.lie("GET /v1/tasks/", name)
    done = rehearsal.wait(
        "--download", str(rehearsal.folder / "results"), "--wait-timeout=0.1", timed(name)
    )
    assert done.code == exit_codes.UNSURE
    assert len(rehearsal.polls) <= 2  # the first, and a last look at the end of the time
    assert not (rehearsal.folder / "results").exists()
    assert rehearsal.provider.said < len(rehearsal.polls) * (4 << 20) + BUFFERS
    assert rehearsal.site.log == []


@pytest.mark.parametrize(
    "name", ["silence", "gzip, a bomb in a bomb", "a redirect", "a body", "text"]
)
def test_a_balance_that_is_none_stops_nobody(name: str, rehearsal: Rehearsal) -> None:
    rehearsal.lie("GET /v1/balance", name)
    done = rehearsal.submit(timed(name))
    assert done.code == exit_codes.OK
    assert "the balance could not be read" in done.stderr
    assert rehearsal.states == ["submitted"]


@pytest.mark.parametrize(
    "more",
    [
        {"cost": "free"}, {"cost": 1e300}, {"cost": -1}, {"cost": 10**400}, {"cost": True},
        {"progress": "\x1b[2J"}, {"progress": 10**30}, {"error": ["a"] * 1000},
        {"error": {"message": "\x1b[2J" + "x" * 9999}}, {"status": "completed\x1b[2J"},
        {"status": "x" * 100_000},
        {"result": []}, {"result": {"videos": "x"}}, {"result": {"videos": [[], None, 7]}},
        {"result": {"videos": [{"url": {"a": "b"}}]}},
        {"result": {"videos": [{"url": [None, 7, []]}]}},
        {"result": {"videos": [{"url": RESULT, "expires_at": 10**300}]}},
        {"result": {"videos": [{"url": RESULT, "expires_at": -1}]}},
        {"result": {"videos": [{"url": RESULT, "expires_at": 99_999_999_999}]}},
        {"status": "failed", "error": {"message": f"{KEY} at https://x.host/?sig=SECRET"}},
    ],
    ids=lambda more: ascii(more)[:40],
)  # fmt: skip
def test_a_task_that_makes_no_sense_is_no_bug(more: dict[str, Any], rehearsal: Rehearsal) -> None:
    rehearsal.answers["GET /v1/tasks/"] = finished([RESULT], **more)
    done = rehearsal.wait("--download", str(rehearsal.folder / "results"), "--wait-timeout=0.1")
    assert done.code in {exit_codes.OK, exit_codes.BROKEN, exit_codes.UNSURE}
    assert len(done.printed) < 3000


# --- where results are -----------------------------------------------------------------------

ELSEWHERE = (
    "http://10.0.0.1/clip.mp4", "http://127.0.0.1/clip.mp4", "http://[::1]/clip.mp4",
    "http://169.254.169.254/latest/meta-data/", "http://[::ffff:10.0.0.1]/", "http://0x7f.1/",
    "http://2130706433/", "http://localhost/clip.mp4", "http://inner.host/clip.mp4",
    "http://mixed.host/clip.mp4", "//10.0.0.1/clip.mp4", "http://results.host@10.0.0.1/",
    "http://user:SECRET@results.host/clip.mp4", "file:///etc/passwd", "file:/etc/passwd",
    "/etc/passwd", "etc/passwd", "javascript:alert('SECRET')", "data:video/mp4;base64,SECRET",
    "ftp://results.host/clip.mp4", "s3://bucket/key", "blob:http://results.host/1",
    "http://", "http://results.host:99999/", "http://results.host/\x1b[2J",
    "http://results.host/\ud800", "http://[", " ", "\0", "x" * 300_000,
    "http://results.host/" + "x" * 300_000, "http://" + "x" * 300_000 + ".host/",
)  # fmt: skip


@pytest.mark.parametrize("url", ELSEWHERE, ids=lambda url: ascii(url)[:50])
def test_a_result_is_fetched_from_a_public_place_only(url: str, rehearsal: Rehearsal) -> None:
    rehearsal.names = {"inner.host": [["10.0.0.1"]], "mixed.host": [[SITE, "127.0.0.1"]]}
    rehearsal.answers["GET /v1/tasks/"] = finished([url])
    done = rehearsal.wait("--download", str(rehearsal.folder / "results"))
    assert done.code == exit_codes.BROKEN
    assert rehearsal.results == {}
    assert rehearsal.site.log == []
    assert len(done.printed) < 5000
    assert "root:" not in done.printed


@pytest.mark.parametrize(
    "location",
    [
        "http://10.0.0.1/clip.mp4", "//127.1/clip.mp4", "http://[64:ff9b::a00:1]/clip.mp4",
        "http://inner.host/clip.mp4", "file:///etc/passwd", "javascript:'SECRET'",
        "https://user:SECRET@api.host/v1/balance", "http://10.0.0.1/?token=SECRET",
    ],
)  # fmt: skip
def test_a_result_does_not_lead_inside(location: str, rehearsal: Rehearsal) -> None:
    rehearsal.names = {"inner.host": [["10.0.0.1"]]}
    rehearsal.site.serve("clip.mp4", habit=Habit(redirect_to=location))
    done = rehearsal.wait("--download", str(rehearsal.folder / "results"))
    assert done.code == exit_codes.BROKEN
    assert rehearsal.results == {}
    assert len(rehearsal.site.log) == 1


def test_a_result_at_the_provider_s_own_address_is_asked_for_without_the_key(
    rehearsal: Rehearsal,
) -> None:
    rehearsal.answers["GET /v1/tasks/"] = finished(["https://api.host/files/1.mp4"])
    rehearsal.answers["GET /files/"] = answer(200, CLIP)
    assert rehearsal.wait("--download", str(rehearsal.folder / "results")).code == exit_codes.OK
    assert rehearsal.results == {f"{TASK}.mp4": CLIP}
    (fetched,) = [item for item in rehearsal.provider.heard if item.startswith("GET /files/")]
    assert "authorization" not in fetched.lower()
    assert KEY not in fetched


def test_a_name_of_results_that_changes_its_mind_is_judged_at_every_connection(
    rehearsal: Rehearsal,
) -> None:
    rehearsal.names = {"results.host": [[SITE], ["10.0.0.1"]]}
    rehearsal.site.serve("clip.mp4", CLIP, Habit(short_body=1000))
    done = rehearsal.wait("--download", str(rehearsal.folder / "results"))
    assert done.code == exit_codes.BROKEN
    assert len(rehearsal.site.log) == 1
    assert rehearsal.results == {}


def test_what_a_task_has_done_is_not_without_number(rehearsal: Rehearsal) -> None:
    """Each result may have gigabytes."""
    rehearsal.answers["GET /v1/tasks/"] = finished(
        [f"{RESULT}&n={number}" for number in range(100)]
    )
    rehearsal.wait("--download", str(rehearsal.folder / "results"))
    assert 1 <= len(rehearsal.results) <= 16


# --- results that have no end ----------------------------------------------------------------

RESULTS: dict[str, Callable[[Line], object]] = {
    "headers": endless("HTTP/1.1 200 OK\r\n", "X: y\r\n"),
    "gzip": lambda line: line.say(answer(200, nested(1, 64 << 20), Content_Encoding="gzip")),
    "a page": endless(head(200, "Content-Type: text/html"), "x"),
    "too long": endless(head(200, "Content-Length: 99999999999"), "x"),
    "no end": endless(head(200), bytes(4096)),
    "no end, in chunks": endless(
        head(200, "Transfer-Encoding: chunked"), b"1000\r\n" + bytes(4096) + b"\r\n"
    ),
    "silence": late,
}


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_that_is_none_leaves_no_file_and_has_an_end(
    name: str, rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("motion_preflight.submission.download._LARGEST", 1_000_000)
    rehearsal.measured = True
    rehearsal.answers["GET /v1/tasks/"] = finished(["https://api.host/files/1.mp4"])
    rehearsal.answers["GET /files/"] = RESULTS[name]
    done = rehearsal.wait("--download", str(rehearsal.folder / "results"), timed(name))
    assert done.code == exit_codes.BROKEN
    assert rehearsal.results == {}
    assert rehearsal.provider.said < 6 * 1_000_000 + 6 * BUFFERS


def test_a_result_that_comes_byte_by_byte_over_connections_has_an_end(rehearsal: Rehearsal) -> None:
    rehearsal.site.serve("clip.mp4", bytes(3000), Habit(short_body=1))
    done = rehearsal.wait("--download", str(rehearsal.folder / "results"))
    assert done.code == exit_codes.BROKEN
    assert "try again" in done.stderr
    assert len(rehearsal.site.log) <= 1000


def test_a_result_that_drips_has_an_end(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole file is given the time that its size needs."""
    monkeypatch.setattr("motion_preflight.network.client.SLOWEST", 1 << 20)
    rehearsal.site.serve("clip.mp4", bytes(3000), Habit(trickle=0.01))
    done = rehearsal.wait("--download", str(rehearsal.folder / "results"), "--timeout=0.5")
    assert done.code == exit_codes.BROKEN
    assert rehearsal.results == {}
    assert sum(seen.sent for seen in rehearsal.site.log) < 1000


# --- uploads ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "link",
    ["file:///etc/passwd", "javascript:alert(1)", "data:image/png;base64,AAAA", "/1.png", None,
     ["http://x.host/"], "http:///x", "http://x.host/\n"],
    ids=ascii,
)  # fmt: skip
def test_an_upload_without_a_usable_link_sends_nothing(link: Any, rehearsal: Rehearsal) -> None:
    rehearsal.answers["POST /v1/uploads/images"] = answer(200, {"url": link})
    done = rehearsal.submit(image=str(MEDIA / "image.png"))
    assert done.code == exit_codes.BROKEN
    assert rehearsal.posts == []
    assert "the picture could not be uploaded" in done.printed


@pytest.mark.parametrize(
    "link", ["http://10.0.0.1/1.png", "http://localhost/1.png", "https://[::1]/x"]
)
def test_a_link_of_an_upload_is_only_handed_back(link: str, rehearsal: Rehearsal) -> None:
    """Nobody here fetches it: it is the provider's own, and goes into the request."""
    rehearsal.answers["POST /v1/uploads/images"] = answer(200, {"url": f"{link}?sig=SECRET"})
    done = rehearsal.submit(image=str(MEDIA / "image.png"))
    assert done.code == exit_codes.OK
    assert rehearsal.connected == {API, SITE}
    assert f'"image_url": "{link}?sig=SECRET"' in rehearsal.posts[0]


@pytest.mark.parametrize("name", ["a redirect", "a redirect inside", "a body", "silence",
                                  "gzip, a bomb in a bomb"])  # fmt: skip
def test_a_picture_goes_to_the_provider_alone(name: str, rehearsal: Rehearsal) -> None:
    rehearsal.lie("POST /v1/uploads/images", name)
    done = rehearsal.submit(timed(name), image=str(MEDIA / "image.png"))
    assert done.code == exit_codes.BROKEN
    assert rehearsal.posts == []
    assert not any("image.png" in seen.target for seen in rehearsal.site.log)
    assert rehearsal.states == []


# --- the program itself ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "printed", "code"),
    [
        ("GET /v1/tasks/", finished([RESULT]), exit_codes.OK),
        ("GET /v1/tasks/", finished(["http://10.0.0.1/clip.mp4"]), exit_codes.BROKEN),
        (f"POST {GENERATIONS}", FLOODS["a redirect inside"], exit_codes.UNKNOWN),
        (f"POST {GENERATIONS}", FLOODS["gzip, a bomb in a bomb"], exit_codes.UNKNOWN),
    ],
    ids=["good", "inside", "redirect", "bomb"],
)  # fmt: skip
def test_the_program_as_a_process(
    at: str, printed: Answer, code: int, rehearsal: Rehearsal
) -> None:
    rehearsal.answers[at] = printed
    names: dict[str, Any] = {
        "api.host": [[API]],
        "results.host": [[SITE]],
        "media.host": [[SITE]],
    }
    leads = {API: place_of(rehearsal.provider.base), SITE: place_of(rehearsal.site.base)}
    net = Net(names, leads, place_of(rehearsal.inner.base))
    home = rehearsal.folder / "config"
    home.mkdir()
    spec, log, request = home / "spec.json", home / "log.json", rehearsal.folder / "request.json"
    spec.write_text(json.dumps(net.spec(log)))
    media = {
        "video_url": "http://media.host/clip.mp4",
        "image_url": "http://media.host/image.png",
    }
    request.write_text(json.dumps(body(**media)))
    done = warm().run(
        spec, "submit", request, "--yes", "--download", rehearsal.folder / "results",
        cwd=TESTS,
        env=surroundings(rehearsal.folder)
        | settings(rehearsal.folder)
        | {"TMPDIR": str(rehearsal.folder / "temporary")},
        beginning={"code": AMONG_NAMES},
    )  # fmt: skip
    net.take(log)
    rehearsal.connected = set(net.connected)
    rehearsal.look(Done(done.returncode, done.stdout, done.stderr))
    assert done.returncode == code, done
    assert len(rehearsal.posts) == 1
    assert rehearsal.results == ({f"{TASK}.mp4": CLIP} if code == exit_codes.OK else {})
