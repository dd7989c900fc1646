"""A request without a prompt is a note: it is optional and recommended."""

from __future__ import annotations

import pytest
from builders import MISSING, body, case
from findings import findings_of, single

from motion_preflight.report.findings import Level
from motion_preflight.rules import prompt_missing


@pytest.mark.parametrize("prompt", ["she dances", ".", " x "])
def test_a_prompt_is_silent(prompt: str) -> None:
    assert findings_of(prompt_missing, case(body(prompt=prompt))) == []


@pytest.mark.parametrize(
    "prompt",
    [MISSING, "", " \n\t", "\u200b\ufeff\xa0"],
    ids=["missing", "empty", "blank", "unseen"],
)
def test_no_prompt_is_a_note(prompt: object) -> None:
    finding = single(findings_of(prompt_missing, case(body(prompt=prompt))))
    assert (finding.level, finding.field) == (Level.NOTE, "prompt")
    assert "optional and recommended" in finding.message
    assert "describe the scene" in finding.remedy


def test_a_prompt_of_the_wrong_type_is_not_a_missing_one() -> None:
    assert findings_of(prompt_missing, case(body(prompt=5))) == []
