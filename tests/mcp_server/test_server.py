"""The server as a process: what ends it and its calls, and that stdout has the protocol alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from paths import FIXTURES
from processes import customer, ledger_rows, served, started, surroundings, wait_until
from warm import warm

from motion_preflight.cli import exit_codes
from motion_preflight.mcp.standard_input import StandardInput
from motion_preflight.sandbox.server import Sandbox

MEDIA = FIXTURES / "media"
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {"elicitation": {}},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
READY = {"jsonrpc": "2.0", "method": "notifications/initialized"}


def request_of(number: int, tool: str, **arguments: Any) -> dict[str, Any]:
    params = {"name": tool, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}


def slow_ffprobe(folder: Path) -> Path:
    """An ffprobe that answers its version, and then nothing for a minute; it notes its number."""
    program = folder / "ffprobe"
    program.write_text(
        "#!/bin/sh\n"
        'case "$*" in *-version*) echo "ffprobe version 8.0"; exit;; esac\n'
        f"echo $$ >>{folder}/running\n"
        "exec sleep 60\n"
    )
    program.chmod(0o755)
    return program


def running(folder: Path) -> list[int]:
    """The numbers of the slow ffprobes that have not ended."""
    file = folder / "running"
    numbers = [int(line) for line in file.read_text().split()] if file.exists() else []
    return [number for number in numbers if Path(f"/proc/{number}/cmdline").exists()]


class Raw:
    """The server with a client that writes what it likes."""

    def __init__(self, folder: Path, *options: str, **environment: str) -> None:
        self.process = started(
            "mcp", *options, folder=folder, environment=environment, stdin=subprocess.PIPE
        )

    def write(self, *messages: dict[str, Any] | str) -> None:
        assert self.process.stdin
        for message in messages:
            text = message if isinstance(message, str) else json.dumps(message)
            self.process.stdin.write(f"{text}\n")
        self.process.stdin.flush()

    def read(self) -> dict[str, Any]:
        assert self.process.stdout
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def end(self) -> tuple[int, str, str]:
        """Closes stdin: the exit code, and the rest of what was printed."""
        out, errors = self.process.communicate(timeout=60)
        return self.process.returncode, out, errors


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Raw]:
    server = Raw(tmp_path, MOTION_PREFLIGHT_FFPROBE=str(slow_ffprobe(tmp_path)))
    yield server
    server.process.kill()
    for pipe in (server.process.stdin, server.process.stdout, server.process.stderr):
        assert pipe
        with suppress(OSError):
            pipe.close()


def test_a_cancelled_call_ends_its_ffprobe_and_the_server_goes_on(
    slow: Raw, tmp_path: Path
) -> None:
    slow.write(HELLO, READY, request_of(2, "probe", media=[str(MEDIA / "clip-8s.mp4")]))
    wait_until(lambda: running(tmp_path) != [], slow.process)
    cancelled = {"method": "notifications/cancelled", "params": {"requestId": 2}}
    slow.write({"jsonrpc": "2.0"} | cancelled)
    wait_until(lambda: running(tmp_path) == [], slow.process)
    slow.write({"jsonrpc": "2.0", "id": 3, "method": "tools/list"})
    assert slow.read()["id"] == 1
    assert slow.read()["id"] == 3
    assert slow.end() == (exit_codes.OK, "", "")


@pytest.mark.parametrize("tool", ["check", "fix"])
def test_a_closed_stdin_ends_everything(slow: Raw, tmp_path: Path, tool: str) -> None:
    clip = str(MEDIA / "clip-8s.mp4")
    usual = {"video_url": clip, "image_url": str(MEDIA / "image.png")}
    arguments: dict[str, Any] = {"requests": [usual]} if tool == "check" else {"media": [clip]}
    slow.write(HELLO, READY, request_of(2, tool, **arguments))
    wait_until(lambda: running(tmp_path) != [], slow.process)
    code, out, errors = slow.end()
    assert (code, errors) == (exit_codes.OK, "")
    assert [json.loads(line)["id"] for line in out.splitlines()][:1] == [1]
    assert running(tmp_path) == []


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, exit_codes.INTERRUPTED), (signal.SIGTERM, 143)]
)
def test_a_signal_ends_it_though_stdin_is_open(
    slow: Raw, tmp_path: Path, number: int, code: int
) -> None:
    slow.write(HELLO, READY, request_of(2, "probe", media=[str(MEDIA / "clip-8s.mp4")]))
    wait_until(lambda: running(tmp_path) != [], slow.process)
    slow.process.send_signal(number)
    assert slow.process.wait(60) == code
    assert running(tmp_path) == []
    assert slow.process.stderr
    assert slow.process.stderr.read() == ""


def test_what_is_no_message_neither_ends_it_nor_shows_a_traceback(tmp_path: Path) -> None:
    server = Raw(tmp_path)
    server.write(
        "",
        "{",
        "[1]",
        '"' + "x" * (5 << 20) + '"',
        "\x00\udcff".encode("utf-8", "replace").decode(),
    )
    server.write(HELLO, READY, request_of(2, "probe", media=[]), request_of(3, "probe", media=7))
    answers = [answer for answer in (server.read() for _ in range(3)) if "result" in answer]
    texts = {answer["id"]: answer["result"] for answer in answers}
    assert texts[2]["isError"]
    assert "at least 1" in texts[2]["content"][0]["text"]
    code, out, errors = server.end()
    assert (code, errors) == (exit_codes.OK, "")
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in out.splitlines())


def test_a_client_that_is_gone_leaves_nothing_behind(slow: Raw, tmp_path: Path) -> None:
    """Its end of stdout is closed first, so that an answer finds nobody."""
    slow.write(HELLO, READY, request_of(2, "probe", media=[str(MEDIA / "clip-8s.mp4")]))
    wait_until(lambda: running(tmp_path) != [], slow.process)
    assert slow.process.stdout
    slow.process.stdout.close()
    slow.write({"jsonrpc": "2.0", "id": 3, "method": "tools/list"})
    assert slow.process.wait(60) == exit_codes.OK
    assert slow.process.stderr
    assert slow.process.stderr.read() == ""
    assert running(tmp_path) == []


@pytest.mark.parametrize("closed", [(0,), (0, 1), (2,)])
def test_closed_streams_end_it(closed: tuple[int, ...], tmp_path: Path) -> None:
    done = warm().run("mcp", cwd=tmp_path, env=surroundings(tmp_path), beginning={"closed": closed})
    assert (done.returncode, done.stdout, done.stderr) == (exit_codes.OK, "", "")


def test_a_call_that_is_cancelled_at_its_question_sends_nothing(tmp_path: Path) -> None:
    config = tmp_path / "config" / "motion-preflight" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("max_requests = 5\n")
    with Sandbox(media=MEDIA) as sandbox:
        server = Raw(tmp_path, "--allow-private", **customer(sandbox, tmp_path))
        server.write(HELLO, READY, request_of(2, "submit", requests=[served(sandbox)]))
        assert server.read()["id"] == 1
        question = server.read()
        assert question["method"] == "elicitation/create"
        cancelled = {"method": "notifications/cancelled", "params": {"requestId": 2}}
        yes = {"id": question["id"], "result": {"action": "accept", "content": {"yes": True}}}
        server.write({"jsonrpc": "2.0"} | cancelled, {"jsonrpc": "2.0"} | yes)
        server.write(request_of(3, "tasks"))
        while (answer := server.read()).get("id") != 3:
            assert "result" not in answer
        assert answer["result"]["structuredContent"]["tasks"] == []
        assert server.end()[::2] == (exit_codes.OK, "")
        assert sandbox.posts == []


@pytest.mark.parametrize(
    ("ending", "fault", "state"),
    [
        ("cancelled", None, "submitted"),
        ("cancelled", "cut-after*1", "unknown"),
        ("stdin closed", None, "submitted"),
        ("terminated", None, "submitted"),
    ],
)
def test_a_call_that_is_cancelled_during_its_post_has_an_outcome(
    tmp_path: Path, ending: str, fault: str | None, state: str
) -> None:
    """The answer is waited for."""
    config = tmp_path / "config" / "motion-preflight" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("max_requests = 5\n")
    faults = [fault] if fault else []
    with Sandbox(media=MEDIA, delay=1.0, polls=10**9, faults=faults) as sandbox:
        server = Raw(tmp_path, "--allow-private", **customer(sandbox, tmp_path))
        server.write(HELLO, READY, request_of(2, "submit", requests=[served(sandbox)]))
        assert server.read()["id"] == 1
        question = server.read()
        yes = {"id": question["id"], "result": {"action": "accept", "content": {"yes": True}}}
        server.write({"jsonrpc": "2.0"} | yes)
        wait_until(lambda: sandbox.posts, server.process)
        if ending == "cancelled":
            params = {"requestId": 2, "reason": "enough"}
            cancelled = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params}
            server.write(cancelled, request_of(3, "tasks"))
            while (answer := server.read()).get("id") != 3:
                assert "result" not in answer
        elif ending == "terminated":
            server.process.send_signal(signal.SIGTERM)
        assert server.end()[2] == ""
        (post,) = sandbox.posts
        (row,) = ledger_rows(tmp_path)
        assert (row["state"], row["task_id"]) == (state, None if fault else post.task_id)


def test_without_the_sdk_the_command_says_what_brings_it() -> None:
    code = (
        "import sys; sys.modules['anyio'] = None; sys.argv[1:] = ['mcp']; "
        "from motion_preflight.__main__ import main; sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == exit_codes.CANNOT_RUN
    assert "pip install 'motion-preflight[mcp]'" in done.stderr


def test_lines_arrive_whole_until_the_end() -> None:
    reader, writer = os.pipe()
    stdin = StandardInput(reader)
    os.write(writer, b'{"a": 1}\n{"b"')
    assert stdin.readline() == '{"a": 1}\n'
    os.write(writer, b": 2}\n\xff\n")
    assert stdin.readline() == '{"b": 2}\n'
    assert stdin.readline() == "\N{REPLACEMENT CHARACTER}\n"
    stdin.end()
    assert stdin.readline() == ""
    os.close(writer)
