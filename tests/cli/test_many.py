"""`check` of many requests as a process: files, stdin, formats, interruptions, the summary."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import struct
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from builders import body
from conftest import Program
from pages import Page
from paths import FIXTURES
from processes import ffprobe_script, surroundings
from warm import warm

from motion_preflight.cli import exit_codes
from motion_preflight.formats.names import CLASSES, FORMATS
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MEDIA = FIXTURES / "media"
posix = pytest.mark.skipif(os.name != "posix", reason="processes of POSIX")


def local(video: str | Path = "clip-8s.mp4", **fields: Any) -> dict[str, Any]:
    """A request whose media are files here."""
    return body(video_url=str(MEDIA / video), image_url=str(MEDIA / "image.png"), **fields)


GOOD, BAD, UNSURE = local(), local("clip-30.1s.mp4"), local("live.webm")
NEARLY = local("audio-longer.mp4", character_orientation="image")  # unsure, with a price


def written(folder: Path, name: str, *requests: object) -> Path:
    """A file of JSON lines, of what is no text as JSON."""
    file = folder / name
    lines = [request if isinstance(request, str) else json.dumps(request) for request in requests]
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


class Start(Protocol):
    def __call__(
        self, *arguments: str | Path, unbuffered: str = "", **options: Any
    ) -> subprocess.Popen[str]: ...


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts `check` as a process that is ended with the test; its temporary files are here too."""
    running: list[subprocess.Popen[str]] = []

    def started(
        *arguments: str | Path, unbuffered: str = "", **options: Any
    ) -> subprocess.Popen[str]:
        process = warm().start(
            "check",
            *arguments,
            cwd=tmp_path,
            env=surroundings(tmp_path, TMPDIR=str(tmp_path), PYTHONUNBUFFERED=unbuffered),
            **options,
        )
        running.append(process)
        return process

    yield started
    for process in running:
        process.kill()
        process.communicate()


def by_shell(folder: Path, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A script of bash in which `check` is the program's."""
    return subprocess.run(
        [
            "bash",
            "-c",
            f'check() {{ {shlex.join(warm().command)} check "$@"; }}\n{script}',
        ],
        cwd=folder,
        env=surroundings(folder, **environment),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def of(text: str) -> list[dict[str, Any]]:
    """The reports of a JSON document, which holds together."""
    document = json.loads(text)
    assert document["summary"]["total"] == len(document["reports"])
    reports: list[dict[str, Any]] = document["reports"]
    return reports


def labels(reports: Iterable[dict[str, Any]]) -> list[str]:
    return [report["label"] for report in reports]


# What is read


def test_several_files_are_checked_one_after_the_other(program: Program, tmp_path: Path) -> None:
    written(tmp_path, "a.jsonl", GOOD, BAD)
    written(tmp_path, "b.json", json.dumps([GOOD, UNSURE]))
    names = list(GOOD)
    row = ",".join(GOOD.values())
    written(tmp_path, "c.csv", ",".join([*names, "watermark_info"]), f"{row},true", f"{row},")
    done = program("check", "a.jsonl", "b.json", "c.csv", "--format", "json")
    reports = of(done.stdout)
    assert labels(reports) == [
        "a.jsonl:1",
        "a.jsonl:2",
        "b.json[0]",
        "b.json[1]",
        "c.csv:2",
        "c.csv:3",
    ]
    assert [report["verdict"] for report in reports] == [
        "pass",
        "fail",
        "pass",
        "unsure",
        "pass",
        "pass",
    ]
    assert reports[4]["request"]["watermark_info"] == {"enabled": True}
    assert "watermark_info" not in reports[5]["request"]
    assert done.returncode == exit_codes.BROKEN
    assert done.stderr == ""


def test_bad_lines_are_named_and_the_others_are_checked(program: Program, tmp_path: Path) -> None:
    many = written(tmp_path, "many.jsonl", GOOD, "{", BAD, '{"a": 1, "a": 2}', "[]", "", GOOD)
    done = program("check", many.name, "none.json", "--format", "json")
    assert labels(of(done.stdout)) == ["many.jsonl:1", "many.jsonl:3", "many.jsonl:7"]
    assert done.returncode == exit_codes.CANNOT_RUN
    answer = done.stderr.splitlines()
    assert [line.split(": ")[1] for line in answer] == [
        "many.jsonl:2",
        "many.jsonl:4",
        "many.jsonl:5",
        "none.json",
    ]
    assert all(line.startswith("motion-preflight: ") for line in answer)


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_of_nothing_but_bad_lines_is_exit_2(
    form: str, program: Program, tmp_path: Path
) -> None:
    done = program("check", written(tmp_path, "many.jsonl", "{", "3"), "--format", form)
    assert done.returncode == exit_codes.CANNOT_RUN
    assert len(done.stderr.splitlines()) == 2
    if form == "json":
        assert of(done.stdout) == []


def test_a_file_of_blank_lines_is_exit_2_and_said(program: Program, tmp_path: Path) -> None:
    done = program("check", written(tmp_path, "many.jsonl", "", "", ""))
    assert done.returncode == exit_codes.CANNOT_RUN
    assert "many.jsonl" in done.stderr


@posix
@pytest.mark.parametrize(
    ("stdin", "expected"),
    [
        (json.dumps(GOOD), ["-:1"]),
        (json.dumps(GOOD, indent=1), ["-"]),
        (json.dumps([GOOD, GOOD], indent=1), ["-[0]", "-[1]"]),
        (f"{json.dumps(GOOD)}\n\n{json.dumps(GOOD)}", ["-:1", "-:3"]),
        (f"{{\n{json.dumps(GOOD)}\n", ["-:2"]),
    ],
)
def test_requests_come_on_stdin(stdin: str, expected: list[str], start: Start) -> None:
    process = start("-", "--format", "json", stdin=subprocess.PIPE)
    stdout, stderr = process.communicate(stdin, timeout=60)
    assert labels(of(stdout)) == expected
    assert process.returncode == (exit_codes.CANNOT_RUN if stderr else exit_codes.OK)


def test_relative_paths_start_at_the_file_and_those_of_stdin_here(
    start: Start, tmp_path: Path
) -> None:
    (tmp_path / "sub").mkdir()
    for folder in (tmp_path, tmp_path / "sub"):
        (folder / "clip.mp4").symlink_to(MEDIA / "clip-8s.mp4")
    request = GOOD | {"video_url": "clip.mp4"}
    written(tmp_path / "sub", "many.jsonl", request, request)
    (tmp_path / "clip.mp4").unlink()
    process = start("sub/many.jsonl", "-", "--format", "json", stdin=subprocess.PIPE)
    stdout, _ = process.communicate(json.dumps(request), timeout=60)
    assert [item["verdict"] for item in of(stdout)] == ["pass", "pass", "fail"]


# What is written


def test_several_formats_are_written_in_one_run(program: Program, tmp_path: Path) -> None:
    many = written(tmp_path, "many.jsonl", GOOD, "{", BAD, GOOD)
    formats = list(CLASSES)
    asked = [word for form in formats for word in ("--format", f"{form}={tmp_path / form}")]
    done = program("check", many.name, *asked, "--format", "text")
    assert done.returncode == exit_codes.CANNOT_RUN
    assert done.stdout.count("PASS") == 2
    assert "3 requests: 2 pass, 1 fail, 0 unsure" in done.stdout
    content = {form: (tmp_path / form).read_text("utf-8") for form in formats}
    document, lines = json.loads(content["json"]), content["jsonl"].splitlines()
    built = [json.loads(line) for line in lines]
    reports = [{"tool": document["tool"], **item} for item in document["reports"]]
    assert [item for item in built if "error" not in item] == reports
    assert [item["error"] for item in built if "error" in item] == document["errors"]
    assert [item["place"] for item in document["errors"]] == ["many.jsonl:2"]
    assert document["summary"]["unreadable"] == 1
    assert len(json.loads(content["sarif"])["runs"][0]["results"]) >= 2
    assert content["junit"].count("<testcase ") == 4
    assert "many.jsonl,line=3" in content["github"]
    page = Page(content["html"])
    assert page.verdicts == ["pass", "fail", "pass"]
    assert page.tags.count("image") == 24  # of two clips, one of which is in two cards
    assert content["markdown"].startswith("## 3 requests: 2 pass, 1 fail, 0 unsure; 1 could not")


@pytest.mark.parametrize("name", ["no/folder", ".", "/dev/full"])
def test_an_output_that_cannot_be_written_is_named_once_and_the_others_are_whole(
    name: str, program: Program, tmp_path: Path
) -> None:
    many = written(tmp_path, "many.jsonl", *[GOOD] * 9)
    place = tmp_path / name  # an absolute name stays as it is
    if name == "/dev/full" and not place.exists():
        pytest.skip("no /dev/full here")
    done = program(
        "check", many, "--format", f"jsonl={place}", "--format", f"json={tmp_path / 'r'}",
        "--format", "text",
    )  # fmt: skip
    assert done.returncode == exit_codes.CANNOT_RUN
    assert done.stderr.startswith(f"motion-preflight: {place}: cannot be written (")
    assert len(done.stderr.splitlines()) == 1
    assert len(of((tmp_path / "r").read_text("utf-8"))) == 9
    assert "9 requests: 9 pass" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_stdout_that_is_full_is_said_once_and_files_are_whole(tmp_path: Path) -> None:
    written(tmp_path, "many.jsonl", *[GOOD] * 9)
    done = by_shell(tmp_path, "check many.jsonl --format text --format json=r >/dev/full")
    assert done.returncode == exit_codes.CANNOT_RUN
    assert done.stderr == (
        "motion-preflight: the output: cannot be written (No space left on device)\n"
    )
    assert len(of((tmp_path / "r").read_text("utf-8"))) == 9


@posix
@pytest.mark.parametrize("form", ["text", "json", "jsonl"])
@pytest.mark.parametrize("reader", ["head -n 1", "true"])
def test_a_reader_that_leaves_costs_neither_the_verdict_nor_a_file(
    form: str, reader: str, tmp_path: Path
) -> None:
    written(tmp_path, "many.jsonl", *[GOOD] * 40, BAD)
    check = f"check many.jsonl --format {form} --format json=r"
    done = by_shell(tmp_path, f"{check} | {reader} >first; exit ${{PIPESTATUS[0]}}")
    assert done.returncode == exit_codes.BROKEN
    assert done.stderr == ""
    assert len(of((tmp_path / "r").read_text("utf-8"))) == 41


@posix
def test_a_stdout_that_is_closed_costs_neither_the_verdict_nor_a_file(tmp_path: Path) -> None:
    written(tmp_path, "many.jsonl", GOOD, BAD)
    for closed in (">&-", ">&- 2>&-"):
        done = by_shell(tmp_path, f"check many.jsonl --format text --format json=r {closed}")
        assert done.returncode == exit_codes.BROKEN
        assert len(of((tmp_path / "r").read_text("utf-8"))) == 2


@posix
def test_a_reader_of_a_pipe_that_leaves_takes_nothing_from_stdout(tmp_path: Path) -> None:
    written(tmp_path, "many.jsonl", *[GOOD] * 60)
    os.mkfifo(tmp_path / "pipe")
    done = by_shell(
        tmp_path,
        "head -n 1 <pipe >first & check many.jsonl --format jsonl=pipe --format json",
    )
    assert len((tmp_path / "first").read_text("utf-8").splitlines()) == 1
    assert len(of(done.stdout)) == 60
    assert done.returncode == exit_codes.OK


def test_two_formats_of_one_file_are_refused(program: Program, tmp_path: Path) -> None:
    many = written(tmp_path, "many.jsonl", GOOD, GOOD)
    done = program("check", many.name, "--format", "json=same", "--format", "jsonl=./same")
    assert done.returncode == exit_codes.CANNOT_RUN
    assert "same" in done.stderr


def test_a_report_is_never_written_over_the_requests(program: Program, tmp_path: Path) -> None:
    many = written(tmp_path, "many.jsonl", *[GOOD] * 3)
    before = many.read_bytes()
    done = program("check", "many.jsonl", "--format", "jsonl=./many.jsonl")
    assert many.read_bytes() == before
    assert done.returncode == exit_codes.CANNOT_RUN
    assert "many.jsonl" in done.stderr


# Interruptions


def behind_a_stall(host: Host, number: int) -> list[dict[str, Any]]:
    """So many requests that are done at once, and one that is never done."""
    return [
        *[GOOD] * number,
        GOOD | {"video_url": host.serve("a.mp4", b"", Habit(stall_header=True))},
    ]


@posix
def test_a_service_that_stops_it_gets_whole_files(start: Start, host: Host, tmp_path: Path) -> None:
    """SIGTERM, as of a CI job that is cancelled."""
    many = written(tmp_path, "many.jsonl", *behind_a_stall(host, 5))
    process = start(
        many, "--allow-private", "--timeout", "300", "--format", "jsonl", "--format", "json=r",
    )  # fmt: skip
    assert process.stdout
    for _ in range(5):
        process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    _, stderr = process.communicate(timeout=20)
    assert process.returncode == 143
    assert stderr == "motion-preflight: interrupted after 5 requests\n"
    assert len(of((tmp_path / "r").read_text("utf-8"))) == 5


@posix
def test_ctrl_c_shows_what_is_done_and_sums_it_up(start: Start, host: Host, tmp_path: Path) -> None:
    many = written(tmp_path, "many.jsonl", *behind_a_stall(host, 5), *[GOOD] * 5)
    process = start(
        many, "--allow-private", "--timeout", "300", "--format", "jsonl",
        "--format", "json=r", "--format", "text=t", "--format", "junit=j",
        "--format", "markdown=m", "--format", "sarif=s",
    )  # fmt: skip
    assert process.stdout
    first = [process.stdout.readline() for _ in range(5)]
    process.send_signal(signal.SIGINT)
    rest, stderr = process.communicate(timeout=20)
    error = {"place": None, "message": "interrupted; 5 requests are reported"}
    assert json.loads(rest) == {"error": error}
    assert labels(map(json.loads, first)) == [f"{many}:{number}" for number in range(1, 6)]
    assert process.returncode == exit_codes.INTERRUPTED
    assert stderr == "motion-preflight: interrupted after 5 requests\n"
    document = json.loads((tmp_path / "r").read_text("utf-8"))
    reports = [{"tool": document["tool"], **item} for item in document["reports"]]
    assert reports == [json.loads(line) for line in first]
    assert (document["interrupted"], document["errors"]) == (True, [error])
    assert "5 requests: 5 pass, 0 fail, 0 unsure" in (tmp_path / "t").read_text("utf-8")
    assert (tmp_path / "j").read_text("utf-8").endswith("</testsuites>\n")
    assert "interrupted before the others" in (tmp_path / "m").read_text("utf-8")
    (run,) = json.loads((tmp_path / "s").read_text("utf-8"))["runs"]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    (note,) = invocation["toolExecutionNotifications"]
    assert note["message"]["text"].startswith("interrupted; ")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "j", "m", "many.jsonl", "r", "s", "t",
    ]  # fmt: skip


@posix
@pytest.mark.parametrize("form", ["json", "jsonl"])
@pytest.mark.parametrize("unbuffered", ["", "1"])  # as container images like to have it
def test_ctrl_c_while_a_reader_takes_its_time_tears_no_report(
    form: str, unbuffered: str, start: Start, tmp_path: Path
) -> None:
    many = written(tmp_path, "many.jsonl", *[local(prompt="x" * 30_000)] * 60)
    process = start(many, "--format", form, unbuffered=unbuffered)
    assert process.stdout
    before = -1
    while (now := waiting_in(process.stdout)) != before or now < 30_000:  # until the pipe is full
        before = now
        time.sleep(0.3)
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    stdout, stderr = process.communicate(timeout=60)
    if form == "json":
        reports = of(stdout)
        assert json.loads(stdout)["interrupted"] is True
    else:
        *reports, last = [json.loads(line) for line in stdout.splitlines()]
        assert last["error"]["message"] == f"interrupted; {len(reports)} requests are reported"
    assert stderr == f"motion-preflight: interrupted after {len(reports)} requests\n"
    assert process.returncode == exit_codes.INTERRUPTED


def waiting_in(pipe: Any) -> int:
    """The bytes in a pipe that nobody has read yet."""
    import array  # noqa: PLC0415
    import fcntl  # noqa: PLC0415  not on every system
    import termios  # noqa: PLC0415

    result = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, result)
    return result[0]


@posix
def test_ctrl_c_before_the_first_report_is_130_and_well_formed(
    start: Start, host: Host, tmp_path: Path
) -> None:
    many = written(tmp_path, "many.jsonl", *behind_a_stall(host, 0), GOOD)
    process = start(many, "--allow-private", "--timeout", "300", "--format", "json")
    while not host.log:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert of(stdout) == []
    assert process.returncode == exit_codes.INTERRUPTED
    assert stderr == "motion-preflight: interrupted after 0 requests\n"


@posix
def test_ctrl_c_while_requests_are_waited_for_is_130(start: Start) -> None:
    process = start("-", "--format", "json", stdin=subprocess.PIPE)
    assert process.stdin
    process.stdin.write(f"{json.dumps(GOOD)}\n" * 2)
    process.stdin.flush()
    while waiting_in(process.stdin):  # until the program has taken them
        time.sleep(0.05)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    process.wait(60)
    stdout, stderr = process.communicate()
    of(stdout)
    assert process.returncode == exit_codes.INTERRUPTED
    assert "Traceback" not in stderr


@posix
def test_an_ffprobe_that_goes_away_ends_the_run_with_what_is_done(tmp_path: Path) -> None:
    for index in range(20):
        (tmp_path / f"{index}.mp4").symlink_to(MEDIA / "clip-8s.mp4")
    requests = [GOOD | {"video_url": f"{index}.mp4"} for index in range(20)]
    many = written(tmp_path, "many.jsonl", *requests)
    script = 'echo >>runs\nif [ "$(wc -l <runs)" -gt 12 ]; then exit 127; fi\nreal "$@"'
    ffprobe = ffprobe_script(tmp_path, script)
    done = by_shell(
        tmp_path, f"check {many} --jobs 1 --format json", MOTION_PREFLIGHT_FFPROBE=ffprobe
    )
    assert done.returncode == exit_codes.CANNOT_RUN
    assert "ffprobe cannot be run" in done.stderr
    assert {item["verdict"] for item in of(done.stdout)} == {"pass"}


# The terminal


@posix
@pytest.mark.parametrize("stdin", [False, True])
def test_a_terminal_shows_a_bar_that_is_gone_in_the_end(
    stdin: bool,  # noqa: FBT001  a table
    start: Start,
    tmp_path: Path,
) -> None:
    import fcntl  # noqa: PLC0415  not on every system
    import pty  # noqa: PLC0415
    import termios  # noqa: PLC0415

    many = written(tmp_path, "many.jsonl", *[GOOD] * 1000)
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    with many.open() as source:
        process = start(
            "-" if stdin else many,
            "--format",
            "jsonl",
            stdin=source if stdin else subprocess.DEVNULL,
            stderr=slave,
        )
    os.close(slave)
    pieces: list[bytes] = []
    reader = threading.Thread(target=read_all, args=(master, pieces))
    reader.start()
    stdout, _ = process.communicate(timeout=60)
    reader.join(60)
    os.close(master)
    shown = b"".join(pieces).decode()
    assert process.returncode == exit_codes.OK, shown
    assert len(stdout.splitlines()) == 1000
    assert "/?" in shown if stdin else "/1000" in shown
    assert shown.rpartition("\r")[2].strip() == ""
    assert "\n" not in shown


def read_all(terminal: int, pieces: list[bytes]) -> None:
    with suppress(OSError):  # so it ends
        while piece := os.read(terminal, 1 << 16):
            pieces.append(piece)


def test_no_terminal_sees_no_bar(program: Program, tmp_path: Path) -> None:
    done = program("check", written(tmp_path, "many.jsonl", *[GOOD] * 300), "--format", "jsonl")
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 300


# The command line


@pytest.mark.parametrize("jobs", ["0", "-1", "1001", "x", "1.5", "", "٣", "1e3"])
def test_jobs_are_a_number_from_1_to_1000(jobs: str, program: Program, tmp_path: Path) -> None:
    done = program("check", written(tmp_path, "many.jsonl", GOOD, GOOD), f"--jobs={jobs}")
    assert done.returncode == exit_codes.CANNOT_RUN
    assert "--jobs" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("jobs", ["1", "1000"])
def test_any_number_of_jobs_gives_the_same_reports(
    jobs: str, program: Program, tmp_path: Path
) -> None:
    many = written(tmp_path, "many.jsonl", GOOD, BAD, UNSURE, GOOD)
    done = program("check", many, "--jobs", jobs, "--format", "json")
    assert [item["verdict"] for item in of(done.stdout)] == ["pass", "fail", "unsure", "pass"]


def test_estimate_takes_many_too(program: Program, tmp_path: Path) -> None:
    many = written(tmp_path, "many.jsonl", GOOD, "{", BAD)
    done = program("estimate", many.name)
    assert done.returncode == exit_codes.CANNOT_RUN
    assert "many.jsonl:3" in done.stdout
    assert "2 requests: 1 pass, 1 fail, 0 unsure" in done.stdout


def test_options_hold_for_every_request(program: Program, tmp_path: Path) -> None:
    silent = local("silent-8s.mp4")
    many = written(tmp_path, "many.jsonl", silent, UNSURE, silent)
    done = program("check", many, "--strict", "--scan", "--price", "1", "--format", "json")
    reports = of(done.stdout)
    assert [report["verdict"] for report in reports] == ["fail", "fail", "fail"]
    assert {report["estimate"]["price_per_second"] for report in reports} == {1}
    assert reports[1]["facts"]["video"]["durations"]["scan"] is not None


# What it sums up


def test_the_summary_counts_names_the_reasons_and_holds_the_cost_against_the_budget(
    program: Program, tmp_path: Path
) -> None:
    broken = [GOOD | {"mode": "turbo"}] * 3 + [BAD] * 2 + [local("garbage.mp4")]
    many = written(tmp_path, "many.jsonl", *[GOOD] * 2, NEARLY, *broken)
    for options, answer in (
        (["--max-cost", "100"], "the budget is USD 100.00: within it"),
        (["--max-cost", "0.5"], "OVER BUDGET"),
        ([], ""),
    ):
        done = program("check", many, "--statistics", *options)
        table, summary = done.stdout.split("\n\n")
        words = " ".join(summary.split())
        assert "9 requests: 2 pass, 6 fail, 1 unsure" in words
        assert "What may be sent would cost USD 1.48 to 1.60" in words
        assert answer in words
        listed = [line.split() for line in table.splitlines()]
        assert [line[:3] for line in listed[:3]] == [
            ["3", "error", "request-invalid"],
            ["2", "error", "video-duration-above-maximum"],
            ["1", "error", "video-unreadable"],
        ]
        assert all(line[1] in {"unsure", "note"} for line in listed[3:])
        assert done.returncode == exit_codes.BROKEN


def test_ten_rules_are_shown_and_the_others_counted(program: Program, tmp_path: Path) -> None:
    every: list[dict[str, Any]] = [
        {},
        BAD | {"unknown": 1},
        local("garbage.mp4"),
        local("audio-longer.mp4", character_orientation="image"),
        local("silent-8s.mp4"),
        local("clip-3s.mp4", prompt="x" * 3000),
        UNSURE,
        GOOD | {"image_url": "https://localhost/a.png"},
        GOOD | {"image_url": "none.png"},
        GOOD | {"image_url": str(MEDIA / "garbage.mp4")},
        local("image.png"),
    ]
    for file in sorted(MEDIA.iterdir()):
        every += [GOOD | {"video_url": str(file)}, GOOD | {"image_url": str(file)}]
    many = written(tmp_path, "many.jsonl", *every)
    text = program("check", many, "--strict", "--quiet").stdout
    listed = re.findall(r"^  (error|unsure|warning) .*  ([0-9]+) requests?$", text, re.MULTILINE)
    assert len(listed) == 10
    levels = [level for level, _ in listed]
    assert levels == sorted(levels, key=["error", "unsure", "warning"].index)
    errors = [int(count) for level, count in listed if level == "error"]
    assert errors == sorted(errors, reverse=True)
    assert re.search("^  [0-9]+ rules? more: --statistics$", text, re.MULTILINE)


def test_what_has_no_price_is_counted_apart(program: Program, tmp_path: Path) -> None:
    profile = tmp_path / "profile.toml"
    profile.write_text("[models.new-motion-control]\n", encoding="utf-8")
    many = written(tmp_path, "many.jsonl", GOOD, local(model="new-motion-control"), BAD)
    done = program("check", many, "--profile", profile, "--max-cost", "50")
    words = " ".join(done.stdout.split())
    assert "3 requests: 2 pass, 1 fail, 0 unsure" in words
    assert "USD 0.46, 1 without a price; the budget is USD 50" in words
    assert "OVER BUDGET" in words
    assert done.returncode == exit_codes.BROKEN


def test_quiet_and_strict_show_the_warning_that_decides(program: Program, tmp_path: Path) -> None:
    """As the hook of a repository runs it."""
    one = written(tmp_path, "one.jsonl", GOOD | {"image_url": str(MEDIA / "image-299.png")})
    done = program("check", one, "--quiet", "--strict")
    assert done.returncode == exit_codes.BROKEN
    assert "each side must be 300 at least" in " ".join(done.stdout.split())
    done = program("check", one, "--quiet")
    assert "each side" not in done.stdout


def test_a_cost_a_hair_over_the_budget_is_shown_exactly(program: Program, tmp_path: Path) -> None:
    done = program("check", written(tmp_path, "one.jsonl", GOOD), "--max-cost", "0.456")
    words = " ".join(done.stdout.split())
    assert "USD 0.46; the budget is USD 0.456" in words
    done = program("check", written(tmp_path, "one.jsonl", GOOD, GOOD), "--max-cost", "0.91")
    words = " ".join(done.stdout.split())
    assert "OVER BUDGET" in words
    assert "USD 0.91 (exactly USD 0.91392); the budget is USD 0.91" in words


def test_lines_that_hold_no_request_are_counted_at_the_end(
    program: Program, tmp_path: Path
) -> None:
    file = tmp_path / "many.jsonl"
    file.write_text(f"{json.dumps(GOOD)}\n{{\n[\n", encoding="utf-8")
    done = program("check", file)
    assert done.returncode == exit_codes.CANNOT_RUN
    assert done.stdout.rstrip().endswith("2 could not be read as a request")


def test_columns_of_a_table_are_sent_only_if_that_is_asked_for(
    program: Program, tmp_path: Path
) -> None:
    row = ";".join(GOOD.values())
    written(tmp_path, "a.csv", "sep=;", ";".join([*GOOD, "id", "n"]), f"{row};7;4")
    (report,) = of(program("check", "a.csv", "--format", "json").stdout)
    assert report["request"] == GOOD
    assert report["verdict"] == "pass"
    (note,) = [item for item in report["findings"] if item["rule"] == "request-field-unknown"]
    assert (note["level"], '"id", "n"' in note["message"]) == ("note", True)
    done = program("check", "a.csv", "--send-unknown", "--format", "json")
    (report,) = of(done.stdout)
    assert report["request"] == GOOD | {"id": "7", "n": "4"}
    assert report["verdict"] == "fail"
    assert '"n" may ask for 4 videos' in done.stdout.replace("\\", "")


def test_a_curl_command_is_checked_and_its_key_is_nowhere(program: Program, tmp_path: Path) -> None:
    key = "sk-Tn3Kq8vWz5Yx2Rb7"
    head = f"curl -X POST https://api.apimart.ai/v1 -H 'Authorization: Bearer {key}'"
    written(tmp_path, "a.sh", f"{head} \\", f"  -d '{json.dumps(GOOD)}'")
    written(tmp_path, "b.sh", f"{head} \\", "  -d '{\"mode\": std}'")
    done = program("check", "a.sh", "b.sh", "--format", "json")
    (report,) = of(done.stdout)
    assert report["request"] == GOOD
    assert "b.sh: the body of the curl command is not JSON: line 1: a text without" in done.stderr
    assert key not in done.stdout + done.stderr
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert sum(key.encode() in text for text in kept) == 2  # the two commands themselves
