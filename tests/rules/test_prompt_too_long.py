"""A prompt of more than 2500 characters is a warning."""

from __future__ import annotations

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
