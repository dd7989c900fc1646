"""Whatever a field, a label, a file or a prompt is called, no line of text commands a CI runner."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from builders import body
from paths import FIXTURES

from motion_preflight.formats.names import CLASSES

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Program

ODD = [
    "::error::owned",
    " \u00a0::set-output name=a::owned",
    "##[error]owned",
    "x\n::add-mask::owned",
    "y\r##[group]owned",
    f"{'word ' * 14}::warning::owned ::stop-commands::owned",
]


def commands(text: str) -> list[str]:
    """The lines that a runner would obey."""
    lines = re.split(r"[\r\n]", text)
    return [line for line in lines if re.match(r"\s*::.*::", line) or re.search(r"##\w*\[", line)]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("command", ["check", "estimate"])
def test_no_field_value_or_file_name_makes_a_line_a_command(
    odd: str, command: str, program: Program, tmp_path: Path
) -> None:
    video = str(FIXTURES / "media" / "clip-8s.mp4")
    wrong = body(video_url=video, image_url=odd, prompt=odd, mode=odd) | {odd: odd}
    file = tmp_path / f"{odd.replace('/', '')}.json"
    file.write_text(json.dumps([wrong, {odd: odd}, odd]), encoding="utf-8")
    done = program(command, str(file), "--format", "text")
    assert "model is missing" in done.stdout or command == "estimate"
    assert commands(done.stdout) == []
    assert commands(done.stderr) == []


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("arguments", [("probe",), ("check",), ("rules",), ("check", "--mode")])
def test_no_argument_makes_a_line_a_command(
    odd: str, arguments: tuple[str, ...], program: Program
) -> None:
    done = program(*arguments, odd)
    assert done.returncode != 0
    assert commands(done.stdout) == []
    assert commands(done.stderr) == []


@pytest.mark.parametrize("name", [name for name in CLASSES if name != "github"])
def test_the_documents_on_stdout_hold_no_command(
    name: str, program: Program, tmp_path: Path
) -> None:
    file = tmp_path / "request.json"
    file.write_text(json.dumps(body(mode="##[error]owned") | {"##[a]": 1}), encoding="utf-8")
    done = program("check", str(file), "--format", name)
    assert "owned" in done.stdout
    assert commands(done.stdout) == []


def test_the_github_format_keeps_its_own_commands(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "request.json"
    file.write_text(json.dumps(body(mode="::error::owned")), encoding="utf-8")
    done = program("check", str(file), "--format", "github")
    kinds = {line.partition(" ")[0] for line in done.stdout.splitlines()}
    assert kinds <= {"::error", "::warning", "::notice"}
    assert "::error" in kinds
