"""A machine reader learns what a person does: the documents of real runs, against their schemas."""

from __future__ import annotations

import json
import os
import signal
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders import body
from conftest import Program
from jsonschema import Draft202012Validator
from pages import Page
from paths import FIXTURES
from processes import customer, served, started
from processes import wait_until as until

from motion_preflight.cli import exit_codes
from motion_preflight.formats import schema
from motion_preflight.formats.names import CLASSES
from motion_preflight.sandbox.server import Sandbox
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host

MEDIA = FIXTURES / "media"
NAMES = {"check": "report", "estimate": "report", "submit": "report", "probe": "facts"}
SECRET = "s3cr3t-s3cr3t-s3cr3t"
MANY = "many.jsonl"
posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


def local(**fields: object) -> dict[str, Any]:
    """A request that passes, whose media are files here."""
    media = {"video_url": str(MEDIA / "clip-8s.mp4"), "image_url": str(MEDIA / "image.png")}
    return body(**(media | fields))


def validated(text: str, command: str) -> dict[str, Any]:
    """A document that its committed schema takes."""
    file = Path(schema.__file__).parent / f"{NAMES.get(command, 'tasks')}.schema.json"
    document: dict[str, Any] = json.loads(text)
    Draft202012Validator(json.loads(file.read_text("utf-8"))).validate(document)
    return document


def written(folder: Path, *lines: object) -> None:
    shown = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (folder / MANY).write_text("".join(f"{line}\n" for line in shown), "utf-8")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(probe=False, polls=10**9) as built:
        yield built


# --- lines that hold no request -----------------------------------------------------------


@pytest.mark.parametrize("command", ["check", "estimate"])
def test_one_good_and_one_unreadable_line(command: str, program: Program, tmp_path: Path) -> None:
    """JSON says more than "1 of 1 pass"."""
    written(tmp_path, local(), "{")
    done = program(command, MANY, "--format", "json")
    document = validated(done.stdout, command)
    assert done.returncode == exit_codes.CANNOT_RUN
    assert (document["summary"]["total"], document["summary"]["pass"]) == (1, 1)
    assert document["summary"]["unreadable"] == 1
    assert [error["place"] for error in document["errors"]] == [f"{MANY}:2"]
    assert document["interrupted"] is False


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("nowhere.json", None, "nowhere.json"),
        ("nowhere.txt", None, "nowhere.txt"),
        ("list.json", "[1]", "list.json[0]"),
        ("broken.json", "{\n\n!", "broken.json:3"),
        ("table.csv", "model\na,b\n", "table.csv:2"),
        ("empty", "[]", "empty"),
        ("a: b.jsonl", "!\n", "a: b.jsonl:1"),
        ("-", None, "-"),
    ],
)
def test_what_holds_no_request_is_named_among_others(
    name: str, content: str | None, place: str, program: Program, tmp_path: Path
) -> None:
    written(tmp_path, local())
    if content is not None:
        (tmp_path / name).write_text(content, "utf-8")
    done = program("check", name, MANY, "--format", "json", "--format", "jsonl=lines")
    document = validated(done.stdout, "check")
    assert [error["place"] for error in document["errors"]] == [place]
    assert (document["summary"]["total"], document["summary"]["unreadable"]) == (1, 1)
    assert done.returncode == exit_codes.CANNOT_RUN
    lines = [json.loads(line) for line in (tmp_path / "lines").read_text("utf-8").splitlines()]
    assert [line["error"] for line in lines if "error" in line] == document["errors"]


def test_a_run_without_problems_has_no_errors(program: Program, tmp_path: Path) -> None:
    written(tmp_path, local())
    document = validated(program("check", MANY, "--format", "json").stdout, "check")
    assert (document["errors"], document["interrupted"]) == ([], False)


# --- a command that cannot run ------------------------------------------------------------

CANNOT_RUN = {
    "unreadable profile": (["check", MANY, "--profile", "nope.toml"], {}, "nope.toml"),
    "of estimate": (["estimate", MANY, "--profile", "nope.toml"], {}, "nope.toml"),
    "no request": (["check"], {}, "name a request file"),
    "both": (["check", MANY, "--mode", "std"], {}, "not both"),
    "no ffprobe": (
        ["check", "webm.json"],
        {"MOTION_PREFLIGHT_FFPROBE": "/nowhere/ffprobe"},
        "/nowhere/ffprobe",
    ),
    "no ffprobe for a probe": (
        ["probe", str(MEDIA / "live.webm")],
        {"MOTION_PREFLIGHT_FFPROBE": "/nowhere/ffprobe"},
        "/nowhere/ffprobe",
    ),
    "profile of a probe": (["probe", "x.mp4", "--profile", "nope.toml"], {}, "nope.toml"),
    "no key": (["submit", MANY, "--yes"], {"APIMART_API_KEY": ""}, "APIMART_API_KEY"),
    "nobody to ask": (["submit", MANY], {}, "there is no terminal to ask at"),
    "no ledger": (["tasks"], {"MOTION_PREFLIGHT_STATE": MANY}, MANY),
    "no such task": (["tasks", "show", "abcdef"], {}, "abcdef"),
    "a wrong option": (["check", MANY, "--jsno"], {}, "unrecognized arguments"),
    "a wrong value": (["submit", MANY, "--price", "much"], {}, '"much" is not a number'),
    "a wrong option of tasks": (["tasks", "list", "--limit", "x"], {}, "whole number"),
}


@pytest.mark.parametrize("name", CANNOT_RUN)
def test_a_command_that_cannot_run_writes_its_own_document(
    name: str, program: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    arguments, environment, words = CANNOT_RUN[name]
    written(tmp_path, local())
    webm = local(video_url=str(MEDIA / "live.webm"))
    (tmp_path / "webm.json").write_text(json.dumps(webm), "utf-8")
    settings = customer(sandbox, tmp_path) | environment
    plain = program(*arguments, cwd=None, **settings)
    done = program(*arguments, "--format", "json", cwd=None, **settings)
    assert done.returncode == plain.returncode == exit_codes.CANNOT_RUN
    assert done.stderr == plain.stderr
    document = validated(done.stdout, arguments[0])
    assert document.get("reports", document.get("tasks")) == []
    assert [error["place"] for error in document["errors"]] == [None]
    assert words in document["errors"][0]["message"]
    assert document["interrupted"] is False
    assert sandbox.posts == []


def test_every_format_tells_why_a_command_cannot_run(program: Program, tmp_path: Path) -> None:
    written(tmp_path, local())
    forms = list(CLASSES)
    asked = [word for form in forms for word in ("--format", f"{form}={form}")]
    done = program("check", MANY, "--profile", "nope.toml", *asked)
    assert (done.returncode, done.stdout) == (exit_codes.CANNOT_RUN, "")
    built = {form: (tmp_path / form).read_text("utf-8") for form in forms}
    (error,) = validated(built["json"], "check")["errors"]
    assert json.loads(built["jsonl"]) == {"error": error}
    (suite,) = ET.fromstring(built["junit"])
    assert (suite.get("name"), suite.get("errors")) == ("run", "1")
    (run,) = json.loads(built["sarif"])["runs"]
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert (note["level"], note["message"]["text"]) == ("error", error["message"])
    assert built["github"].startswith("::error title=motion-preflight%3A cannot run::nope.toml")
    assert error["message"] in built["markdown"]
    assert error["message"] in Page(built["html"]).texts


def test_a_failure_is_not_written_over_requests(program: Program, tmp_path: Path) -> None:
    written(tmp_path, local())
    before = (tmp_path / MANY).read_bytes()
    done = program("check", MANY, "--profile", "nope.toml", "--format", f"json={MANY}")
    assert done.returncode == exit_codes.CANNOT_RUN
    assert (tmp_path / MANY).read_bytes() == before


def test_messages_are_redacted_and_bounded(program: Program) -> None:
    url = f"https://apimart-user.com/{'a' * 5000}.json?token={SECRET}"
    done = program("check", url, f"https://x.org/r.json?sig={SECRET}", "--format", "json")
    document = validated(done.stdout, "check")
    assert len(document["errors"]) == 2
    assert SECRET not in done.stdout
    assert all(len(error["message"]) <= 1000 for error in document["errors"])
    assert all(len(error["place"]) <= 1000 for error in document["errors"])


# --- interruptions ------------------------------------------------------------------------


@posix
@pytest.mark.parametrize("command", ["check", "probe", "submit"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_what_was_done(
    command: str, number: signal.Signals, host: Host, sandbox: Sandbox, tmp_path: Path
) -> None:
    stalling = Habit(ranges=False, stall_after=9000)
    stalled = [host.serve(f"{n}.mp4", MEDIA / "clip-8s.mp4", stalling) for n in range(2)]
    written(tmp_path, local(), *(local(video_url=url) for url in stalled))
    work: list[str | Path] = [MANY] if command != "probe" else [MEDIA / "clip-3s.mp4", *stalled]
    options = ["--dry-run"] if command == "submit" else []
    process = started(
        command, *work, *options, "--allow-private", "--timeout", "30", "--format", "json",
        folder=tmp_path, environment=customer(sandbox, tmp_path),
    )  # fmt: skip
    until(lambda: sum(seen.sent >= 9000 for seen in host.log) == 2, process)
    time.sleep(1.5)  # the file that is here is measured long before
    process.send_signal(number)
    output, _ = process.communicate(timeout=30)
    code = exit_codes.INTERRUPTED if number == signal.SIGINT else 128 + number
    assert process.returncode == code
    document = validated(output, command)
    assert document["interrupted"] is True
    assert len(document["reports"]) == 1
    assert [error["place"] for error in document["errors"]] == [None]
    assert document["errors"][0]["message"].startswith("interrupted; ")


# --- what ended a run of submit -----------------------------------------------------------

ENDS = {
    "an unknown outcome": ("500", [], exit_codes.UNKNOWN, "not known"),
    "401": ("401", [], exit_codes.BROKEN, "401"),
    "402": ("402", [], exit_codes.BROKEN, "402"),
    "403": ("403", [], exit_codes.BROKEN, "403"),
    "a budget": ("", ["--max-cost", "0.01"], exit_codes.OVER_BUDGET, "of 0.01 spent in this run"),
}


@pytest.mark.parametrize("name", ENDS)
def test_what_ended_a_submission_is_in_its_errors(
    name: str, program: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    fault, options, code, words = ENDS[name]
    if fault:
        sandbox.fault(fault)
    written(tmp_path, served(sandbox, 1), served(sandbox, 2))
    forms = ["--format", "json", "--format", "jsonl=lines", "--format", "junit=junit"]
    done = program(
        "submit", MANY, "--yes", "--allow-private", *options, *forms,
        cwd=None, **customer(sandbox, tmp_path),
    )  # fmt: skip
    document = validated(done.stdout, "submit")
    assert done.returncode == code
    assert {error["place"] for error in document["errors"]} == {f"{MANY}:1", f"{MANY}:2"}
    assert any(words in error["message"] for error in document["errors"])
    lines = [json.loads(line) for line in (tmp_path / "lines").read_text("utf-8").splitlines()]
    assert [line["error"] for line in lines if "error" in line] == document["errors"]
    (suite,) = ET.parse(tmp_path / "junit").findall(f"testsuite[@name='{MANY}']")
    assert suite.get("errors") == "2"
    broken = {case.get("name") for case in suite if case.find("error") is not None}
    assert broken == {f"{MANY}:1", f"{MANY}:2"}


def test_an_unreadable_line_alone_still_has_its_document(
    program: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    written(tmp_path, "{")
    settings = customer(sandbox, tmp_path)
    for options in (["--yes"], ["--dry-run"]):
        done = program("submit", MANY, *options, "--format", "json", cwd=None, **settings)
        document = validated(done.stdout, "submit")
        assert done.returncode == exit_codes.CANNOT_RUN
        assert (document["reports"], document["summary"]["unreadable"]) == ([], 1)
        assert [error["place"] for error in document["errors"]] == [f"{MANY}:1"]


@posix
def test_a_no_at_the_question_is_in_the_errors(tmp_path: Path, sandbox: Sandbox) -> None:
    import pty  # noqa: PLC0415  of POSIX

    written(tmp_path, served(sandbox, 1))
    controller, terminal = pty.openpty()
    process = started(
        "submit", MANY, "--allow-private", "--format", "json",
        folder=tmp_path, environment=customer(sandbox, tmp_path), stdin=terminal,
    )  # fmt: skip
    os.write(controller, b"n\n")
    output, _ = process.communicate(timeout=30)
    os.close(controller)
    os.close(terminal)
    (error,) = [item for item in validated(output, "submit")["errors"] if item["place"]]
    assert "you did not say yes" in error["message"]
    assert sandbox.posts == []


# --- tasks --------------------------------------------------------------------------------


def test_an_unknown_outcome_is_in_the_errors_of_show_and_wait(
    program: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.fault("500")
    written(tmp_path, served(sandbox, 1))
    settings = customer(sandbox, tmp_path)
    program("submit", MANY, "--yes", "--allow-private", cwd=None, **settings)
    listed = validated(program("tasks", "--format", "json", cwd=None, **settings).stdout, "tasks")
    (task,) = listed["tasks"]
    assert (task["state"], listed["errors"], listed["interrupted"]) == ("unknown", [], False)
    for arguments in (["show", task["intent"]], ["wait"], ["wait", task["intent"]]):
        done = program("tasks", *arguments, "--format", "json", cwd=None, **settings)
        (error,) = validated(done.stdout, "tasks")["errors"]
        assert task["intent"] in error["message"]


def test_a_task_that_is_not_over_in_time_is_in_the_errors(
    program: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    written(tmp_path, served(sandbox, 1))
    settings = customer(sandbox, tmp_path)
    done = program(
        "submit", MANY, "--yes", "--allow-private", "--wait-timeout", "0", "--format", "json",
        cwd=None, **settings,
    )  # fmt: skip
    (error,) = validated(done.stdout, "submit")["errors"]
    assert done.returncode == exit_codes.UNSURE
    assert (error["place"], "was not over in time" in error["message"]) == (f"{MANY}:1", True)
    done = program("tasks", "wait", "--wait-timeout", "0", "--format", "json", cwd=None, **settings)
    document = validated(done.stdout, "tasks")
    assert done.returncode == exit_codes.UNSURE
    assert [item["place"] for item in document["errors"]] == [document["tasks"][0]["task_id"]]
