"""Reports for people: sentences that can be read once."""

from __future__ import annotations

import pytest
from builders import MISSING, PROFILE, body, finding, report, unmeasured

from motion_preflight.formats.names import Detail
from motion_preflight.formats.style import Style
from motion_preflight.formats.text_blocks import report_text
from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level, Report

NOTHING = unmeasured(Reason.NOT_GIVEN, "the request names no video")


def test_how_many_rules_were_not_checked_stands_before_the_reason() -> None:
    text = " ".join(
        report_text(report(body(video_url=MISSING), video=NOTHING), PROFILE, Style()).split()
    )
    reason = "rules not checked, because the video was not measured: the request names no video"
    assert reason in text
    assert f"{reason}:" not in text


def lines_of(report: Report, *, width: int = 80, detail: Detail = Detail.USUAL) -> list[str]:
    return report_text(report, PROFILE, Style(width=width, terminal=True), detail).splitlines()


def test_the_first_line_is_the_answer_and_a_clean_pass_fits_in_eight() -> None:
    lines = lines_of(report(label="dance.json"))
    assert lines[0] == "PASS  dance.json  USD 0.46"
    assert len(lines) <= 8
    assert "  price: second-hand, read 2026-11-22; USD 1.71 may be reserved first" in lines


def test_what_decides_stands_before_the_facts() -> None:
    findings = [finding(Level.WARNING, rule="video-cuts"), finding(Level.ERROR)]
    lines = lines_of(report(findings=findings))
    error, warning, facts = (
        next(number for number, line in enumerate(lines) if line.startswith(word))
        for word in ("  error", "  warning", "  video")
    )
    assert error < warning < facts


def test_notes_are_counted_and_shown_where_that_is_asked_for() -> None:
    noted = report(findings=[finding(Level.NOTE, message="it is late")] * 3)
    assert lines_of(noted)[-1] == "  3 notes: --verbose"
    text = "\n".join(lines_of(noted, detail=Detail.VERBOSE))
    assert text.count("note: it is late") == 3
    assert "--verbose" not in text
    assert "a snapshot of APIMart's price page and one program's table" in text
    assert "hold" in text


@pytest.mark.parametrize("width", [40, 50, 80, 120])
def test_a_report_fits_every_terminal(width: int) -> None:
    findings = [finding(level, rule="video-duration-above-maximum") for level in Level]
    label = "requests of today/dance on the roof.json"
    built = report(label=label, findings=findings)
    for detail in (Detail.USUAL, Detail.VERBOSE):
        lines = lines_of(built, width=width, detail=detail)
        assert max(len(line) for line in lines if line.strip() != label) <= width
        assert any(label in line for line in lines)  # it is never broken at its blanks


def test_the_heading_is_one_line_for_a_program_and_wrapped_for_a_person() -> None:
    built = report(label="requests of today/" * 8)
    heading = report_text(built, PROFILE, Style()).splitlines()[0]
    assert heading == f"PASS  {built.label}  USD 0.46"
    assert lines_of(built)[1].startswith("    ")
