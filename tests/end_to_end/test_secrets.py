"""The key and what signs a link are seen by those that they are for, and by nobody else: not on the
streams, not in a file, not in a log, whatever goes wrong. Nor is the prompt, but where it belongs.
"""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any

import pytest
from builders import body
from paths import FIXTURES
from peers import Peer, answer, read_request
from processes import customer, ledger_rows, surroundings
from warm import warm

from motion_preflight.cli import exit_codes
from motion_preflight.formats.names import CLASSES
from motion_preflight.sandbox.server import Sandbox
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host

KEY = "sk-Ooth6aiXieghu3Ahv1ei"
VIDEO = (
    "X-Amz-Credential=Eew9aech4Xohd4Aep6th&X-Amz-Signature=chae0uSh7oog5Ahgh2Qu#oe8Ahque6eeGh3ai"
)
IMAGE = "Quai7ohphae9eiNg4ahv"  # a bare token
RESULT = "Expires=4102444800&Signature=Io3uYaich6aeb5Gaeph8"
PASSWORD = "aiGh5phahn7aech4aNgi"
PROMPT = "a hippopotamus pirouettes over the trampolines of Wuppertal"
SECRETS = (KEY, *VIDEO.replace("&", "=").replace("#", "=").split("=")[1::2], VIDEO[-16:], IMAGE,
           RESULT[-20:], PASSWORD)  # fmt: skip
PIECE = 8  # characters of a secret that say too much
NEVER = 10**9  # polls until a task is over
# The program with everything that any library logs in a file.
DRIVER = """
import logging, sys
logging.basicConfig(level=logging.DEBUG, filename=sys.argv.pop(1))
logging.captureWarnings(True)
from motion_preflight.cli.program import run
sys.exit(run(sys.argv[1:]))
"""


@dataclass
class Run:
    """One process, and all that it left."""

    code: int
    stdout: str
    stderr: str
    log: str


@dataclass
class Home:
    """Where the program lives. What it is given stands beside it, secrets and all."""

    folder: Path
    sandbox: Sandbox

    def request(self, **fields: Any) -> dict[str, Any]:
        usual = {
            "prompt": PROMPT,
            "video_url": f"{self.sandbox.media_url('clip-8s.mp4')}?{VIDEO}",
            "image_url": f"{self.sandbox.media_url('image.png')}?{IMAGE}",
        }
        return body(**(usual | fields))

    def _home(self, environment: dict[str, str]) -> tuple[Path, dict[str, str]]:
        home = self.folder / "home"
        (home / "tmp").mkdir(parents=True, exist_ok=True)
        settings = customer(self.sandbox, home, APIMART_API_KEY=KEY, TMPDIR=str(home / "tmp"))
        return home, surroundings(home, **(settings | environment))

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        home, variables = self._home(environment)
        return warm().start(
            home / "log", *arguments, cwd=home, env=variables, beginning={"code": DRIVER}
        )

    def run(self, *arguments: str, **environment: str) -> Run:
        home, variables = self._home(environment)
        done = warm().run(
            home / "log", *arguments, cwd=home, env=variables, beginning={"code": DRIVER}
        )
        return Run(done.returncode, done.stdout, done.stderr, (home / "log").read_text("utf-8"))

    def submit(self, request: dict[str, Any], *options: str, **environment: str) -> Run:
        return self.run("submit", *self.arguments(request), *options, **environment)

    def arguments(self, request: dict[str, Any]) -> list[str]:
        file = self.folder / "request.json"
        file.write_text(json.dumps(request), encoding="utf-8")
        return [str(file), "--allow-private", "--debug"]

    def files(self) -> dict[str, bytes]:
        """Everything below the home, leftovers too."""
        home = self.folder / "home"
        return {
            str(path.relative_to(home)): path.read_bytes()
            for path in home.rglob("*")
            if path.is_file() and not path.is_symlink()
        }


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Sandbox(probe=False, polls=0) as sandbox:
        yield Home(tmp_path, sandbox)


def leaks(content: str | bytes) -> set[str]:
    """The pieces of secrets in a text, or in the bytes of a file."""
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
    pieces = {
        secret[at : at + PIECE] for secret in SECRETS for at in range(len(secret) - PIECE + 1)
    }
    return {piece for piece in pieces if piece.encode() in data}


def assert_nothing_leaks(home: Home, *runs: Run) -> None:
    """No secret is anywhere, and the prompt only where it belongs."""
    for run in runs:
        assert leaks(run.stdout) == set()
        assert leaks(run.stderr) == set()
        assert leaks(run.log) == set()
        assert "hippopotamus" not in run.stderr + run.log
    for name, content in home.files().items():
        assert leaks(content) == set(), name
        # The document beside a result is the request with its bill.
        if name not in {"state/ledger.sqlite3", "report.json"} and not name.endswith(".mp4.json"):
            assert b"hippopotamus" not in content, name
        assert KEY not in name


@contextmanager
def signed_results(sandbox: Sandbox) -> Iterator[None]:
    """The links of results are signed, and a failure repeats the request."""
    service = sandbox._service
    plain = service._document

    def document(task: Any) -> dict[str, Any]:
        result = plain(task)
        for video in result["data"].get("result", {}).get("videos", []):
            video["url"] = [f"{url}?{RESULT}" for url in video["url"]]
        if task.status == "failed":
            result["data"]["error"]["message"] = f"{KEY} may not read {task.request['video_url']}"
        return result

    service._document = document  # type: ignore[method-assign]
    yield


def test_the_pieces_of_the_secrets_are_looked_for() -> None:
    assert len(SECRETS) == 7
    assert all(leaks(f"x{secret[:PIECE]}x") for secret in SECRETS)
    assert leaks(f"{VIDEO}{IMAGE}") == leaks(f"{VIDEO} {IMAGE}")
    assert leaks("X-Amz-Signature=…") == set()


@pytest.mark.parametrize(
    "fault",
    ["echo-key", "401", "500-html", "302", "cut-in-header", "cut-in-body", "200-not-json", "stall"],
)
def test_nothing_of_a_post_that_goes_wrong_leaks(fault: str, home: Home) -> None:
    home.sandbox.fault(fault)
    patience = ("--timeout", "0.5") if fault == "stall" else ()
    run = home.submit(home.request(), "--yes", *patience)
    assert run.code in {exit_codes.BROKEN, exit_codes.UNKNOWN}
    (post,) = home.sandbox.posts
    assert json.loads(post.body) == home.request()  # the secrets were there to leak
    assert len(ledger_rows(home.folder / "home")) == 1
    assert "hippopotamus" not in run.stdout
    assert_nothing_leaks(home, run)


@pytest.mark.parametrize(
    ("status", "form", "begin"),
    [
        (400, "JSON", "POST"),
        (400, "JSON", '"image_url"'),
        (500, "HTML", '"video_url"'),
        (200, "text", '"prompt"'),
    ],
)
def test_a_provider_that_repeats_what_it_was_sent_does_not_leak_it(
    status: int, form: str, begin: str, home: Home
) -> None:
    def mirror(sock: socket) -> None:
        while request := read_request(sock):
            text = request.decode("utf-8", "replace")
            text = text[max(text.find(begin), 0) :]  # the end of a long answer is not shown
            output = {
                "text": text.encode(),
                "JSON": json.dumps({"error": {"message": text, "type": "x"}}).encode(),
                "HTML": f"<p>{html.escape(text)}</p>".encode(),
            }[form]
            sock.sendall(answer(status, output))

    with Peer(mirror) as peer:
        picture = str(FIXTURES / "media" / "image.png")
        run = home.submit(home.request(), "--yes", APIMART_BASE_URL=peer.base)
        uploading = home.submit(
            home.request(image_url=picture), "--yes", "--again", APIMART_BASE_URL=peer.base
        )
        asking = home.run("tasks", "wait", "task_1", "--wait-timeout", "0", "--debug",
                          APIMART_BASE_URL=peer.base)  # fmt: skip
    assert run.code == (exit_codes.BROKEN if status == 400 else exit_codes.UNKNOWN)
    assert begin.strip('"') in ledger_rows(home.folder / "home")[0]["error"]
    assert uploading.code == exit_codes.BROKEN
    assert "could not be uploaded" in uploading.stdout
    assert asking.code == exit_codes.UNSURE
    assert_nothing_leaks(home, run, uploading, asking)


def test_nothing_of_a_request_that_goes_well_leaks(home: Home) -> None:
    with signed_results(home.sandbox):
        run = home.submit(
            home.request(), "--yes", "--download", "results",
            "--format", "text", "--format", "json=report.json",
        )  # fmt: skip
        again = home.run("tasks", "wait", ledger_rows(home.folder / "home")[0]["task_id"])
    assert run.code == again.code == exit_codes.OK, run.stderr
    assert len(list((home.folder / "home" / "results").glob("*.mp4"))) == 1
    assert "?Expires=" not in again.stderr
    shown = home.run("tasks", "show", ledger_rows(home.folder / "home")[0]["intent"])
    dry = home.submit(home.request(), "--dry-run", "--again")
    listed = home.run("tasks", "--format", "json")
    assert "hippopotamus" in shown.stdout
    assert "hippopotamus" in dry.stdout
    assert "hippopotamus" not in run.stdout + again.stdout + listed.stdout
    document = json.loads((home.folder / "home" / "report.json").read_text("utf-8"))
    assert document["reports"][0]["request"]["prompt"] == PROMPT
    assert_nothing_leaks(home, run, again, shown, dry, listed)
    assert home.sandbox.keys_astray == []


@pytest.mark.parametrize("fault", ["poll-failed", "result-404", "result-html", "result-cut"])
def test_nothing_of_a_task_that_goes_wrong_leaks(fault: str, home: Home) -> None:
    home.sandbox.fault(fault)
    with signed_results(home.sandbox):
        run = home.submit(home.request(), "--yes", "--download", "results")
    assert run.code == exit_codes.BROKEN
    assert_nothing_leaks(home, run)
    assert home.sandbox.keys_astray == []


def test_nothing_of_a_provider_that_is_not_there_leaks(home: Home) -> None:
    with Sandbox() as gone:
        pass
    refused = home.submit(home.request(), "--yes", APIMART_BASE_URL=gone.base)
    proxied = home.submit(
        home.request(),
        "--yes",
        "--again",
        APIMART_BASE_URL="https://api.apimart-user.com",
        HTTPS_PROXY=gone.base.replace("//", f"//me:{PASSWORD}@"),
    )
    assert refused.code == proxied.code == exit_codes.BROKEN
    assert_nothing_leaks(home, refused, proxied)


def test_nothing_of_media_that_are_not_there_leaks(home: Home) -> None:
    video, image = (f"{home.sandbox.media_url(name)}" for name in ("none.mp4", "none.png"))
    run = home.submit(home.request(video_url=f"{video}?{VIDEO}", image_url=f"{image}?{IMAGE}"),
                      "--yes", "--format", "text", "--format", "json=report.json")  # fmt: skip
    assert run.code == exit_codes.BROKEN
    assert home.sandbox.posts == []
    assert_nothing_leaks(home, run)


@pytest.mark.parametrize(
    "text",
    [
        f'=HYPERLINK("https://apimart-user.com/clip.mp4?{VIDEO}";"my clip")',
        f"apimart-user.com/clip.mp4?{VIDEO}",
        f"h t t p s://apimart-user.com/clip.mp4?{VIDEO}",
        f'see "https://apimart-user.com/clip.mp4?{VIDEO}" please',
        f"me:{PASSWORD}@apimart-user.com/clip.mp4",
    ],
)
def test_nothing_of_a_link_that_is_none_as_it_stands_leaks(text: str, home: Home) -> None:
    request, documents = home.request(video_url=text), home.folder / "home"
    formats = [f"--format={name}={documents / name}" for name in sorted(CLASSES)]
    run = home.run("check", *home.arguments(request), *formats, "--timeout=1")
    assert run.code in {exit_codes.BROKEN, exit_codes.UNSURE}
    assert leaks(run.stdout + run.stderr + run.log) == set()
    for name, content in home.files().items():
        assert leaks(content) == set(), name


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("r.json", json.dumps(body(model=f"https://apimart-user.com/a.mp4?{VIDEO}"))),
        ("r.json", json.dumps(body(mode=f"apimart-user.com/a.mp4?{VIDEO}"))),
        ("r.json", json.dumps(body(**{f"https://apimart-user.com/a.mp4?{VIDEO}": 1}))),
        ("r.json", json.dumps(body(video=f"apimart-user.com/a.mp4?{VIDEO}"))),
        ("r.json", json.dumps(body(**{KEY: 1}))),
        ("r.json", f'{{"{KEY}": 1, "{KEY}": 2}}'),
        ("r.csv", f"model,{KEY},{KEY}\na,b,c\n"),
        ("r.csv", f"model,{KEY}\na,b\n"),
    ],
)
def test_nothing_of_a_secret_in_an_odd_place_of_a_request_leaks(
    name: str, text: str, home: Home
) -> None:
    file, documents = home.folder / name, home.folder / "home"
    file.write_text(text, encoding="utf-8")
    formats = [f"--format={form}={documents / form}" for form in sorted(CLASSES)]
    run = home.run("check", str(file), *formats, "--timeout=1", APIMART_API_KEY="sk-another-one-1")
    assert run.code in {exit_codes.BROKEN, exit_codes.CANNOT_RUN, exit_codes.UNSURE}
    assert leaks(run.stdout + run.stderr + run.log) == set()
    for place, content in home.files().items():
        assert leaks(content) == set(), place


def test_the_signed_link_that_a_host_sends_on_to_does_not_leak(home: Home) -> None:
    with Host() as host:
        picture = FIXTURES / "media" / "image.png"
        behind = host.serve("behind.png", picture) + f"?{IMAGE}"
        before = host.serve("before.png", picture, Habit(redirect_to=behind))
        run = home.submit(home.request(image_url=before), "--dry-run", "--format", "json")
    assert run.code == exit_codes.OK
    transfer = json.loads(run.stdout)["reports"][0]["facts"]["image"]["transfer"]
    assert transfer["final_url"] == behind.partition("?")[0] + "?…"
    assert leaks(run.stdout + run.stderr) == set()
    assert leaks(run.log) == set()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_what_a_killed_run_leaves_holds_no_secret(home: Home) -> None:
    home.sandbox.fault("stall")
    process = home.start("submit", *home.arguments(home.request()), "--yes")
    while not (home.sandbox.posts and home.sandbox.posts[0].complete):
        assert process.poll() is None
        time.sleep(0.005)
    process.kill()
    stdout, stderr = process.communicate()
    log = (home.folder / "home" / "log").read_text("utf-8")
    assert [row["state"] for row in ledger_rows(home.folder / "home")] == ["sending"]
    assert_nothing_leaks(home, Run(process.returncode, stdout, stderr, log), home.run("tasks"))


def test_verbose_tells_what_is_requested_and_no_secret(home: Home) -> None:
    request = home.request(image_url=str(FIXTURES / "media" / "image.png"))
    options = ("--yes", "--wait", "--download", "results")
    run = home.submit(request, *options, "--verbose")
    assert run.code == 0, run.stderr
    assert_nothing_leaks(home, run)
    video = f"{home.sandbox.base}/media/clip-8s.mp4"
    for message in (
        f"network.client  GET {video}?X-Amz-Credential=…&X-Amz-Signature=…#… (bytes=0-",
        " → 206 after 0.",
        "media.programs.ffprobe  running ",
        "it ended → exit code 0 after 0.",
        "media.measure  measuring ",
        "mp4 of 17342 bytes, 17342 fetched in 1 requests after",
        f"POST {home.sandbox.base}/v1/uploads/images → 200 after 0.",
        f"POST {home.sandbox.base}/v1/videos/generations → 200 after 0.",
        "submission.exchange  sending the request",
        "submission.ledger.ledger  intent ",
        "becomes submitted",
        "becomes completed",
        f"GET {home.sandbox.base}/results/",
    ):
        assert message in run.stderr


def test_verbose_hides_a_key_and_a_signature_that_a_host_repeats(home: Home) -> None:
    home.sandbox.fault("echo-key")
    run = home.submit(home.request(), "--yes", "--verbose")
    assert run.code == 1
    assert_nothing_leaks(home, run)
    assert "generations → 400 after" in run.stderr


@pytest.mark.parametrize("place", ["before the command", "before the action", "at the end"])
def test_verbose_may_stand_anywhere(place: str, home: Home) -> None:
    assert home.submit(home.request(), "--yes").code == 0
    words = ["tasks", "wait"]
    where = ["before the command", "before the action", "at the end"].index(place)
    run = home.run(*words[:where], "--verbose", *words[where:], "--allow-private")
    assert "/v1/tasks/" in run.stderr


def test_without_verbose_nothing_is_told(home: Home) -> None:
    run = home.submit(home.request(), "--yes", "--wait", "--download", "results")
    assert run.code == 0
    assert not re.search("GET|POST|running|becomes", run.stderr)
