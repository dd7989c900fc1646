"""`fix` as a program: what it prints, writes, refuses, and how it ends."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from builders import body
from clip_sources import picture, sound, usual
from conftest import Program
from jsonschema import Draft202012Validator
from paths import MEDIA
from PIL import Image
from processes import started, surroundings, wait_until

from motion_preflight.cli import exit_codes
from motion_preflight.formats import schema
from motion_preflight.media.facts import MediaFacts
from motion_preflight.media.programs.ffmpeg import find_ffmpeg
from motion_preflight.pipeline import probe

if TYPE_CHECKING:
    from collections.abc import Sequence

LONG = usual(video=picture(rate="10", seconds=10.5), audio=sound(seconds=10.5))
SCHEMA = json.loads(Path(schema.__file__).with_name("fix.schema.json").read_text())
ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
posix = pytest.mark.skipif(sys.platform == "win32", reason="terminals and shells of POSIX")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A clip a little too long for the orientation `image`."""
    return Path(shutil.copy(LONG.make(tmp_path), tmp_path / "clip.mp4"))


def document(text: str) -> dict[str, Any]:
    """The document of `fix`, which meets its schema."""
    result: dict[str, Any] = json.loads(text)
    Draft202012Validator(SCHEMA).validate(result)
    return result


def on_terminal(folder: Path, columns: int, *words: str | Path) -> tuple[int, str]:
    """The exit code and all that a terminal of this width is sent."""
    import pty  # noqa: PLC0415  of POSIX

    controller, terminal = pty.openpty()
    process = started(
        *words,
        folder=folder,
        environment={"COLUMNS": str(columns), "TERM": "xterm"},
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    shown = bytearray()
    while True:
        try:
            piece = os.read(controller, 4096)
        except OSError:  # Linux: no process has the terminal any more
            break
        if not piece:
            break
        shown += piece
    os.close(controller)
    return process.wait(), shown.decode()


def test_a_clip_is_mended_beside_its_source(program: Program, clip: Path) -> None:
    done = program("fix", clip.name)
    assert (done.returncode, done.stderr) == (exit_codes.OK, "")
    assert done.stdout == (
        "clip.mp4  mended: clip-for-image.mp4\n"
        "  changes   cut to 9.8 of 10.5 s (the beginning): at most 10 s are allowed\n"
        "            H.264 at a constant 10 frames a second\n"
        '  result    orientation "image" fits, "video" fits\n'
    )
    facts = probe(clip.with_name("clip-for-image.mp4"))
    assert isinstance(facts, MediaFacts)


def test_a_clip_that_passes_is_left(program: Program, tmp_path: Path) -> None:
    shutil.copy(MEDIA / "clip-8s.mp4", tmp_path / "fine.mp4")
    done = program("fix", "fine.mp4")
    assert done.returncode == exit_codes.OK
    assert done.stdout == (
        'fine.mp4  passes as it is for orientation "image" and "video": nothing was written\n'
    )
    result = document(program("fix", "fine.mp4", "--format", "json").stdout)
    (fixed,) = result["fixes"]
    assert (fixed["output"], fixed["changes"], fixed["error"]) == (None, [], None)


def test_the_document_says_what_the_text_says(program: Program, clip: Path) -> None:
    done = program("fix", clip.name, "--for", "image", "--start", "1", "--format", "json")
    result = document(done.stdout)
    (fixed,) = result["fixes"]
    assert (done.returncode, result["errors"], result["interrupted"]) == (0, [], False)
    assert (fixed["source"], fixed["output"]) == ("clip.mp4", "clip-for-image.mp4")
    assert fixed["changes"][0] == "cut to 9.5 s, from second 1 on: as asked"
    assert fixed["verdicts"] == {"image": "pass", "video": "pass"}
    assert fixed["after"]["durations"]["samples"] == pytest.approx(9.5)
    assert fixed["argv"][0] == "ffmpeg"


@posix
@pytest.mark.parametrize("columns", [40, 80])
def test_the_text_fits_the_terminal(clip: Path, tmp_path: Path, columns: int) -> None:
    code, shown = on_terminal(tmp_path, columns, "fix", clip.name, "missing.mp4")
    assert code == exit_codes.BROKEN
    text = ESCAPES.sub("", shown.rpartition("\r\x1b[K")[2])
    assert "there is no such file" in text
    lines = text.splitlines()
    assert [line for line in lines if len(line) > columns] == []


@posix
def test_a_bar_is_drawn_and_taken_away(clip: Path, tmp_path: Path) -> None:
    code, shown = on_terminal(tmp_path, 80, "fix", clip.name)
    assert code == exit_codes.OK
    assert re.search(r"\r\x1b\[Kmaking the clip: \[[#.]+\] \d+%", shown)
    assert "making" not in shown.rpartition("\r\x1b[K")[2]
    assert "mended" in shown.rpartition("\r\x1b[K")[2]


@posix
@pytest.mark.parametrize(
    "name", ["clip.mp4", 'it\'s a "clip".mp4', "-x.mp4", "10:30.mp4", "ä $HOME `id`.mp4", "%d.mp4"]
)
def test_the_command_of_a_dry_run_works_when_it_is_pasted(
    program: Program, clip: Path, tmp_path: Path, name: str
) -> None:
    """In a shell, in the folder that the program was called from, with `ffmpeg` on PATH."""
    clip.rename(tmp_path / name)
    done = program("fix", "--dry-run", "--seconds", "4", "--", name)
    assert done.returncode == exit_codes.OK
    assert "would be mended, nothing was made" in done.stdout
    command = done.stdout.splitlines()[-1].strip().strip("`")
    assert command.startswith("ffmpeg ")
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "ffmpeg").symlink_to(find_ffmpeg())
    path = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    pasted = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, env=surroundings(tmp_path, **path),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert pasted.returncode == 0, pasted.stderr
    made = tmp_path / f"{Path(name).stem}-for-image.mp4"
    facts = probe(made)
    assert isinstance(facts, MediaFacts)
    assert facts.durations.judged.high == 4


def test_a_dry_run_writes_nothing_and_its_document_has_the_same_command(
    program: Program, clip: Path, tmp_path: Path
) -> None:
    (shown,) = document(program("fix", "clip.mp4", "--dry-run", "--format", "json").stdout)["fixes"]
    assert shown["output"] is None
    assert [path.name for path in tmp_path.glob("*.mp4")] == [clip.name]
    text = program("fix", "clip.mp4", "--dry-run").stdout
    assert shlex.join(shown["argv"]) in text
    (made,) = document(program("fix", "clip.mp4", "--format", "json").stdout)["fixes"]
    assert made["argv"] == shown["argv"]
    assert made["changes"] == shown["changes"]


def test_a_name_for_the_result(program: Program, clip: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    assert program("fix", clip.name, "-o", "there/new.mp4").returncode == exit_codes.OK
    assert isinstance(probe(tmp_path / "there/new.mp4"), MediaFacts)
    before = (tmp_path / "there/new.mp4").read_bytes()
    done = program("fix", clip.name, "-o", "there/new.mp4")
    assert done.returncode == exit_codes.BROKEN
    assert "exists already, and nothing is overwritten" in " ".join(done.stdout.split())
    assert (tmp_path / "there/new.mp4").read_bytes() == before
    done = program("fix", clip.name, clip.name, "-o", "new.mp4")
    assert done.returncode == exit_codes.CANNOT_RUN
    assert "-o names one file: mend one medium at a time with it" in done.stderr


def test_several_media_each_have_their_answer(program: Program, clip: Path, tmp_path: Path) -> None:
    Image.new("RGB", (400, 400), "red").save(tmp_path / "still.webp")
    shutil.copy(MEDIA / "clip-8s.mp4", tmp_path / "fine.mp4")
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("no clip")
    media = [clip.name, "fine.mp4", "still.webp", "empty.mp4", "text.mp4", "none.mp4", ".",
             "https://a.example/clip.mp4?key=secret"]  # fmt: skip
    done = program("fix", *media, "--format", "json")
    assert done.returncode == exit_codes.BROKEN
    fixes = document(done.stdout)["fixes"]
    answers = {fix["source"]: fix["error"] or fix["output"] for fix in fixes}
    assert {key: value for key, value in answers.items() if "a.example" not in key} == {
        clip.name: "clip-for-image.mp4",
        "fine.mp4": None,
        "still.webp": "still-for-image.jpg",
        "empty.mp4": "it is empty",
        "text.mp4": "it is text",
        "none.mp4": "there is no such file",
        ".": "it is a folder",
    }
    assert "secret" not in done.stdout
    assert [text for key, text in answers.items() if "a.example" in key] == [
        "a URL is not mended: download it, mend the file, and publish the result"
    ]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["clip.mp4", "--start", "11"], "a start of 11 s lies behind the end: the clip has 10.5 s"),
        (["clip.mp4", "--seconds", "2"], "2 s are too short, 3 s is the least"),
        (["clip.mp4", "-o", "none/x.mp4"], "there is no folder none: make it, or name another"),
    ],
)
def test_why_it_is_not_mended(
    program: Program, clip: Path, words: Sequence[str], error: str
) -> None:
    done = program("fix", *words)
    assert done.returncode == exit_codes.BROKEN
    assert done.stdout.startswith(f"{clip.name}  not mended\n")
    assert error in " ".join(done.stdout.split())


def test_without_an_ffmpeg_it_cannot_run(program: Program, clip: Path) -> None:
    done = program("fix", clip.name, "--format", "json", MOTION_PREFLIGHT_FFMPEG="/none/ffmpeg")
    assert done.returncode == exit_codes.CANNOT_RUN
    result = document(done.stdout)
    assert result["fixes"] == []
    assert "/none/ffmpeg" in result["errors"][0]["message"]


def request(folder: Path, **fields: str) -> Path:
    """A request file whose picture is a WebP, and which may name other media."""
    Image.new("RGB", (400, 400), "red").save(folder / "still.webp")
    file = folder / "request.json"
    media = {"video_url": "clip.mp4", "image_url": "still.webp"}
    file.write_text(json.dumps(body(**(media | {"character_orientation": "image"} | fields))))
    return file


@pytest.mark.usefixtures("clip")
def test_a_request_gets_new_media(program: Program, tmp_path: Path) -> None:
    file = request(tmp_path)
    before = file.read_bytes()
    done = program("fix", file.name)
    assert (done.returncode, done.stderr) == (
        exit_codes.OK,
        "motion-preflight: the request with the new media is request-fixed.json\n",
    )
    fixed = json.loads((tmp_path / "request-fixed.json").read_text())
    assert fixed == json.loads(before) | {
        "video_url": "clip-for-image.mp4",
        "image_url": "still-for-image.jpg",
    }
    assert file.read_bytes() == before
    assert program("check", file.name).returncode == exit_codes.BROKEN
    assert program("check", "request-fixed.json").returncode == exit_codes.OK


@pytest.mark.usefixtures("clip")
def test_a_request_for_the_orientation_video_keeps_a_clip_that_fits(
    program: Program, tmp_path: Path
) -> None:
    file = request(tmp_path, character_orientation="video")
    assert program("fix", file.name, "-o", "new.json").returncode == exit_codes.OK
    fixed = json.loads((tmp_path / "new.json").read_text())
    assert fixed["image_url"] == "still-for-image.jpg"
    assert program("check", "new.json").returncode == exit_codes.OK


def test_links_of_a_request_are_left(program: Program, tmp_path: Path) -> None:
    file = request(tmp_path, video_url="https://a.example/clip.mp4")
    document_ = document(program("fix", file.name, "--format", "json").stdout)
    assert [fix["source"] for fix in document_["fixes"]] == ["still.webp"]
    fixed = json.loads((tmp_path / "request-fixed.json").read_text())
    assert fixed["video_url"] == "https://a.example/clip.mp4"


def test_a_request_is_not_written_when_a_medium_is_not_mended(
    program: Program, tmp_path: Path
) -> None:
    file = request(tmp_path, video_url="none.mp4")
    done = program("fix", file.name)
    assert done.returncode == exit_codes.BROKEN
    assert "there is no such file" in done.stdout
    assert not (tmp_path / "request-fixed.json").exists()


@pytest.mark.usefixtures("clip")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("taken.json", "taken.json exists already, and nothing is overwritten: name another file"),
        ("request.json", "request.json exists already, and nothing is overwritten: name another"),
        ("new.mp4", "new.mp4 is to hold a request: name a file that ends in .json"),
        ("none/new.json", "there is no folder none: make it, or name another place for the"),
    ],
)
def test_a_request_that_is_not_written_is_no_success(
    program: Program, tmp_path: Path, name: str, message: str
) -> None:
    """A script would go on with the file that it named, and that one may be an old one."""
    file = request(tmp_path)
    (tmp_path / "taken.json").write_text("mine")
    done = program("fix", file.name, "-o", name, "--format", "json")
    assert done.returncode == exit_codes.BROKEN
    (error,) = document(done.stdout)["errors"]
    assert error["place"] == "request.json"
    assert error["message"].startswith(message)
    assert message in done.stderr
    assert (tmp_path / "taken.json").read_text() == "mine"
    made = list(tmp_path.glob("*-for-image*"))
    assert bool(made) is (name == "none/new.json")


def test_a_request_without_media_is_told(program: Program, tmp_path: Path) -> None:
    (tmp_path / "request.json").write_text("{}")
    done = program("fix", "request.json")
    assert (done.returncode, done.stdout) == (exit_codes.OK, "")
    assert done.stderr == "motion-preflight: request.json names no medium: nothing was mended\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "the list holds no request"),
        ("[{}, {}]", "fix takes a file with one request, this one has 2"),
        ("{", "request.json"),
    ],
)
def test_a_file_that_holds_no_request_or_several(
    program: Program, tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "request.json").write_text(text)
    done = program("fix", "request.json")
    assert done.returncode == exit_codes.CANNOT_RUN
    assert message in done.stderr


@posix
def test_an_interruption_is_in_the_document(clip: Path, tmp_path: Path) -> None:
    """What was mended before it stays and is told."""
    shutil.copy(MEDIA / "clip-8s.mp4", tmp_path / "fine.mp4")
    waiting, begun = tmp_path / "ffmpeg-that-waits", tmp_path / "begun"
    waiting.write_text(f'#!/bin/sh\n: > "{begun}"\nexec sleep 60\n')
    waiting.chmod(0o755)
    process = started(
        "fix", "fine.mp4", clip.name, "--format", "json",
        folder=tmp_path, environment={"MOTION_PREFLIGHT_FFMPEG": str(waiting)},
    )  # fmt: skip
    wait_until(begun.exists, process)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    result = document(output)
    assert process.returncode == exit_codes.INTERRUPTED
    assert result["interrupted"]
    message = "interrupted; nothing is left of what was being made"
    assert [error["message"] for error in result["errors"]] == [message]
    assert [fix["source"] for fix in result["fixes"]] == ["fine.mp4"]
    assert not clip.with_name("clip-for-image.mp4").exists()


def test_what_helps_a_short_clip_is_named_as_the_command_spells_it(
    program: Program, tmp_path: Path
) -> None:
    shutil.copy(MEDIA / "clip-2.9s.mp4", tmp_path / "short.mp4")
    done = program("fix", "short.mp4", cwd=tmp_path)
    assert done.returncode == exit_codes.BROKEN
    assert "3 s is the least; `--slow` makes it 3.2 s long" in " ".join(done.stdout.split())
    done = program("fix", "short.mp4", "--seconds", "2", cwd=tmp_path)
    assert "choose more with `--start` and `--seconds`" in " ".join(done.stdout.split())
