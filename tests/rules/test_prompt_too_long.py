"""A prompt of more than 2500 characters is a warning."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import MISSING, body, case
from findings import findings_of, single

from motion_preflight.report.findings import Level
from motion_preflight.rules import prompt_too_long


@pytest.mark.parametrize(
    "prompt",
    [
        pytest.param(MISSING, id="none"),
        pytest.param("", id="empty"),
        pytest.param("x" * 2499, id="one below"),
        pytest.param("x" * 2500, id="at the limit"),
        pytest.param("她" * 2500, id="characters, not bytes"),
    ],
)
def test_up_to_the_limit_is_silent(prompt: object) -> None:
    assert findings_of(prompt_too_long, case(body(prompt=prompt))) == []


@pytest.mark.parametrize("letter", ["x", "她"])
def test_one_character_more_is_a_warning(letter: str) -> None:
    finding = single(findings_of(prompt_too_long, case(body(prompt=letter * 2501))))
    assert (finding.level, finding.field) == (Level.WARNING, "prompt")
    assert finding.message == "the prompt has 2,501 characters; allowed are 2,500"
    assert finding.remedy == "shorten it"


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        ("\U0001f483" * 1251, "1,251 characters (2,502 in UTF-16, which many programs count)"),
        (
            "x" * 2499 + "\U0001f483",
            "2,500 characters (2,501 in UTF-16, which many programs count)",
        ),
        ("x" * 2501 + "\ud83d", "2,502 characters"),
    ],
)
def test_characters_are_counted_in_both_ways_that_are_usual(prompt: str, message: str) -> None:
    draft = case(body(prompt="x"))
    finding = single(
        findings_of(prompt_too_long, replace(draft, draft=replace(draft.draft, prompt=prompt)))
    )
    assert finding.message == f"the prompt has {message}; allowed are 2,500"


def test_a_picture_of_two_counts_up_to_the_limit_is_silent() -> None:
    assert findings_of(prompt_too_long, case(body(prompt="\U0001f483" * 1250))) == []
