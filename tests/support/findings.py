"""What a rule finds, and what is checked of every finding."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from motion_preflight.report.findings import Finding
from motion_preflight.rules.rule import RuleContext

if TYPE_CHECKING:
    from collections.abc import Iterable

    from motion_preflight.rules.rule import RuleModule


def findings_of(rule: RuleModule, case: RuleContext) -> list[Finding]:
    """What one rule says of a case; a rule that lacks what it needs says nothing."""
    if any(case.lacks(need) for need in rule.RULE.needs):
        return []
    findings = list(rule.check(case))
    for finding in findings:
        well_formed(rule, finding)
    return findings


def well_formed(rule: RuleModule, finding: Finding) -> None:
    """What holds of every finding, whatever it says."""
    assert finding.rule == rule.RULE.id
    assert finding.level.weight <= rule.RULE.level.weight
    assert finding.authority is rule.RULE.authority
    assert finding.source
    for text in (finding.message, finding.remedy):
        assert text == text.strip()
        assert text
        assert "None" not in text
        assert "Decimal" not in text
        assert text.count("`") % 2 == 0


def single(findings: list[Finding]) -> Finding:
    """The one finding there is."""
    (finding,) = findings
    return finding


def command(remedy: str) -> list[str]:
    """The words of the command that a remedy gives between backticks."""
    _, text, _ = remedy.split("`")
    return shlex.split(text)


def mending(findings: Iterable[Finding], field: str) -> set[str]:
    """The commands that mend the medium of a field, each once."""
    remedies = (finding.remedy for finding in findings if finding.field == field)
    quoted = (part for remedy in remedies for part in remedy.split("`")[1::2])
    return {text for text in quoted if text.startswith("motion-preflight fix ")}
