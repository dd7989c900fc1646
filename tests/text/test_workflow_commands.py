"""No line that is printed can be a command of a CI runner, whatever it holds."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motion_preflight.text.workflow_commands import json_without_commands, without_commands


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::x", ": :error::x"),
        ("  ::set-output name=a::b", "  : :set-output name=a::b"),
        ("\u00a0\u2003::error::x", "\u00a0\u2003: :error::x"),
        ("\x1b[1m::error::x", "\x1b[1m: :error::x"),
        ("PASS\n\t::add-mask::x\nend", "PASS\n\t: :add-mask::x\nend"),
        ("a ##[error]x", "a # #[error]x"),
        ("##[group]x", "# #[group]x"),
        ("###[error]x", "## #[error]x"),
        ("##vso[task.setvariable variable=a]b", "# #vso[task.setvariable variable=a]b"),
        ("##teamcity[buildStop]", "# #teamcity[buildStop]"),
    ],
)
def test_a_command_is_pulled_apart(text: str, shown: str) -> None:
    assert without_commands(text) == shown


@pytest.mark.parametrize("text", ["", "::1", "::1 is not public", "a ::b:: c", "## head", "#[a]"])
def test_what_no_runner_reads_stays(text: str) -> None:
    assert without_commands(text) == text


@given(st.text(alphabet=":# []abex\n\t\u00a0", max_size=60))
def test_no_line_is_a_command(text: str) -> None:
    for line in without_commands(text).split("\n"):
        assert not re.match(r"\s*::.*::", line)
        assert not re.search(r"##\w*\[", line)


def test_json_keeps_its_values() -> None:
    value = {"##[error]a": "x ##[group]b"}
    text = json_without_commands(json.dumps(value))
    assert "##[" not in text
    assert json.loads(text) == value


def test_a_long_line_takes_no_time() -> None:
    assert without_commands(" " * 200_000 + "::" * 50_000).lstrip().startswith(": :")
