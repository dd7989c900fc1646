"""Names of results by a pattern: whatever fills it, a name stays a name inside its folder."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

import pytest
from builders import body, intent
from odd_texts import HOSTILE

from motion_preflight.submission.result_name import fill_in, pattern_problem, result_names

ALL = "{label}-{model}-{mode}-{task}-{intent}-{date}.{ext}"


def name_of(pattern: str, number: int = 1, extension: str = "mp4", **fields: Any) -> str:
    usual = {"task_id": "task_7", "label": "dance.json", "body": body()}
    return result_names(pattern, intent(**(usual | fields)), number, extension)[0]


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("dance.json", "dance.mp4"),
        ("many.jsonl:17", "many-17.mp4"),
        ("list.json[2]", "list-2.mp4"),
        ("clips/../dance.csv:3", "dance-3.mp4"),
        ("../../etc/passwd", "passwd.mp4"),
        (r"C:\work\dance.json", "dance.mp4"),
        ("..hidden", "hidden.mp4"),
        ("-rf", "rf.mp4"),
        ("a\x1b[31m\nb\u202e", "a-31mb.mp4"),
        ("", "unknown.mp4"),
        ("...", "unknown.mp4"),
    ],
)
def test_a_label_becomes_a_name(label: str, name: str) -> None:
    assert name_of("{label}.{ext}", label=label) == name


@pytest.mark.parametrize("odd", [*HOSTILE, "/" * 300, "ä" * 300, "\ud83d", "\0", "CON", "a" * 5000])
def test_whatever_fills_a_pattern_is_one_short_name(odd: str) -> None:
    filled = body(model=odd, mode=odd)
    receipt = intent(label=odd, task_id=odd, body=filled)
    for name in result_names(ALL, receipt, 12, odd):
        assert PurePosixPath(name).name == name
        assert PureWindowsPath(name).name == name
        assert len(name.encode()) <= 255 - len(".0123456789ab.part") - 2
        assert name.isprintable()
        assert name[0] not in ".- "
    assert len(fill_in(odd).encode()) <= 80


def test_a_name_has_its_number_and_a_second_choice_with_its_task() -> None:
    receipt = intent(task_id="task_7", body=body())
    assert result_names("{mode}.{ext}", receipt, 1, "webm") == ("std.webm", "std-task_7.webm")
    assert result_names("{mode}.{ext}", receipt, 2, "php") == ("std-2.mp4", "std-task_7-2.mp4")
    assert result_names("{mode}", receipt, 2, "mp4") == ("std-2", "std-task_7-2")


def test_a_task_that_is_not_in_the_ledger_has_a_name_too() -> None:
    receipt = intent(intent="", label="", task_id="task_7", body={})
    name = result_names(ALL, receipt, 1, "mp4")[0]
    assert name == "unknown-unknown-unknown-task_7-unknown-unknown.mp4"


@pytest.mark.parametrize("pattern", [ALL, "{task}.mp4", "{{x}} {task}", "day {date} {label}.{ext}"])
def test_a_pattern_of_known_placeholders_is_one(pattern: str) -> None:
    assert pattern_problem(pattern) is None


@pytest.mark.parametrize("pattern", ["", "a.mp4", "{}", "{0}", "{task", "}", "{x}", "a/{task}",
                                     "{task[0]}", "{task.x}", "{task!s}", "{task:3}",
                                     "{task}\n", "{task}:", "{task}\u202e"])  # fmt: skip
def test_any_other_is_none(pattern: str) -> None:
    assert pattern_problem(pattern)
