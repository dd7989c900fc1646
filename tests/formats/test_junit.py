"""JUnit XML: well-formed for every text, and green only for what passes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from builders import finding, intent, report, reports, unmeasured
from hypothesis import given
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml, TestCase, TestSuite
from odd_texts import HOSTILE

from motion_preflight.formats import junit
from motion_preflight.formats.junit import Junit, _attribute, _text
from motion_preflight.formats.writer import Writer
from motion_preflight.network.errors import Reason
from motion_preflight.provider.state import State
from motion_preflight.report.findings import Level, Report
from motion_preflight.report.totals import totals
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.text.locations import printable

TEXTS = st.text(st.characters()) | st.sampled_from(HOSTILE)
TestCase.__test__ = TestSuite.__test__ = False  # pytest would take them for tests of ours


def written(built: list[Report], *mistakes: str, budget: Decimal | None = None) -> str:
    writer = Junit()
    whole: Writer = writer
    parts = [whole.begin(), *map(writer.report, built)]
    parts += [writer.invalid_entry(ManifestInvalid(mistake)) for mistake in mistakes]
    return "".join([*parts, writer.end(totals(built, budget))])


def parsed(text: str) -> list[tuple[TestSuite, TestCase]]:
    """Every case with its suite, as `junitparser` reads them."""
    suites = list(JUnitXml.fromstring(text.encode()))
    return [(suite, case) for suite in suites for case in suite]


def only_case(text: str) -> TestCase:
    ((_, case),) = parsed(text)
    return case


def test_a_batch_reads_like_this() -> None:
    built = [report(), report(label="a.jsonl:2", findings=[finding(), finding(Level.NOTE)])]
    assert (
        written(built, "a.jsonl:3: not JSON: x")
        == """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="motion-preflight" tests="3" failures="1" errors="1">
<testsuite name="dance.json" tests="1" failures="0" errors="0">
<testcase classname="motion-preflight" name="dance.json">
<system-out>cost: USD 0.46 (8 s x USD 0.05712 a second)</system-out>
</testcase>
</testsuite>
<testsuite name="a.jsonl" tests="2" failures="1" errors="1">
<testcase classname="motion-preflight" name="a.jsonl:2">
<failure type="fail" message="video-too-large">error video-too-large: the video is too large
  make it smaller</failure>
<system-out>cost: USD 0.46 (8 s x USD 0.05712 a second)
note video-too-large: the video is too large
  make it smaller</system-out>
</testcase>
<testcase classname="motion-preflight" name="a.jsonl:3">
<error type="no request" message="a.jsonl:3: not JSON: x">a.jsonl:3: not JSON: x</error>
</testcase>
</testsuite>
</testsuites>
"""
    )


def test_a_reader_finds_a_case_for_each_request_and_its_counts() -> None:
    result = parsed(written(reports(), "many.jsonl:18: not JSON: x", "clip.mp4 is a medium"))
    assert [case.name for _, case in result] == [
        "dance.json", "list.json[2]", "many.jsonl:17", "many.jsonl:18", "mistake 2",
    ]  # fmt: skip
    assert {case.classname for _, case in result} == {"motion-preflight"}
    counts = [(suite.tests, suite.failures, suite.errors) for suite, _ in result]
    for suite, _ in result:
        suite.update_statistics()  # type: ignore[no-untyped-call]
    assert counts == [(suite.tests, suite.failures, suite.errors) for suite, _ in result]
    assert [case.is_passed for _, case in result] == [True, False, False, False, False]


def test_a_file_is_a_suite_with_its_counts_however_its_requests_come() -> None:
    labels = ("a.jsonl:1", "b.json[0]", "a.jsonl:2", "b.json[1]", "request")
    text = written([report(label=label) for label in labels], "a.jsonl:3: not JSON: x")
    root = JUnitXml.fromstring(text.encode())
    assert [(suite.name, suite.tests, suite.errors) for suite in root] == [
        ("a.jsonl", 3, 1), ("b.json", 2, 0), ("request", 1, 0),
    ]  # fmt: skip
    assert (root.tests, root.failures, root.errors) == (6, 0, 1)


def test_more_cases_than_are_kept_are_written_before_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(junit, "_KEPT", 2)
    writer = Junit()
    parts = [writer.begin()]
    parts += [writer.report(report(label=f"a.jsonl:{line}")) for line in range(1, 6)]
    assert [bool(part) for part in parts] == [True, False, True, False, True, False]
    text = "".join([*parts, writer.end(totals([], None))])
    assert [(suite.name, suite.tests) for suite, _ in parsed(text)] == [
        ("a.jsonl", 2), ("a.jsonl", 2), ("a.jsonl", 2), ("a.jsonl", 2), ("a.jsonl", 1),
    ]  # fmt: skip


def test_an_unsure_request_is_a_failure_of_that_type() -> None:
    results = [case.result for _, case in parsed(written(reports()))]
    types = [[(type(item), item.type) for item in result] for result in results]
    assert types == [[], [(Failure, "fail")], [(Failure, "unsure")]]


def test_a_warning_decides_only_when_it_is_strict() -> None:
    loose, strict = (
        report(findings=[finding(Level.WARNING)], strict=item) for item in (False, True)
    )
    case = only_case(written([loose]))
    assert case.is_passed
    assert "warning video-too-large: the video is too large" in str(case.system_out)
    (failure,) = only_case(written([strict])).result
    assert (failure.type, failure.message) == ("fail", "video-too-large")


def test_a_request_that_no_finding_speaks_against_is_not_green() -> None:
    checked = report(findings=[], video=unmeasured(Reason.UNREADABLE, "it broke"))
    (failure,) = only_case(written([checked])).result
    assert (failure.type, failure.message) == ("unsure", "not measured")
    assert failure.text == "the reference video was not measured: it broke"


@pytest.mark.parametrize("state", State)
def test_a_submission_that_went_wrong_is_an_error(state: State) -> None:
    receipt, writer = intent(state=state, error="why"), Junit()
    parts = [writer.begin(), writer.report(report(), receipt), writer.end(totals([], None))]
    case = only_case("".join(parts))
    fine = state in {State.SENDING, State.SUBMITTED, State.COMPLETED}
    expected = [] if fine else [(Error, state.value, f"{state.value}: why")]
    assert [(type(item), item.type, item.message) for item in case.result] == expected
    assert f"intent {receipt.intent}, {state.value}" in str(case.system_out)


@pytest.mark.parametrize("budget", [None, Decimal(1), Decimal("0.3")])
def test_over_budget_is_a_failure_more(budget: Decimal | None) -> None:
    cases = [case for _, case in parsed(written([report()], budget=budget))]
    if budget != Decimal("0.3"):
        assert [case.name for case in cases] == ["dance.json"]
        return
    assert [case.name for case in cases] == ["dance.json", "budget"]
    (failure,) = cases[1].result
    assert (failure.type, failure.message) == ("over-budget", "over budget")
    sentence = "What may be sent would cost USD 0.46; the budget is USD 0.30."
    assert sentence in str(failure.text)


def test_an_interrupted_run_is_not_green() -> None:
    writer = Junit()
    text = writer.begin() + writer.report(report())
    text += writer.end(replace(totals([report()], None), interrupted=True))
    cases = [case for _, case in parsed(text)]
    assert [case.name for case in cases] == ["dance.json", "run"]
    (error,) = cases[1].result
    assert (error.type, error.message) == ("interrupted", "interrupted")
    assert "interrupted before the others" in str(error.text)


def test_nothing_at_all_is_a_document_too() -> None:
    assert parsed(written([])) == []


@given(text=TEXTS)
def test_the_escapes_come_back(text: str) -> None:
    (root,) = ET.fromstring(f'<a><b c="{_attribute(text)}">{_text(text)}</b></a>')
    lines = "\n".join(printable(line) for line in text.split("\n"))
    assert (root.text or "") == lines.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
    shown = printable(text).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
    assert root.get("c") == shown


@given(label=TEXTS, message=TEXTS, remedy=TEXTS, rule=TEXTS, mistake=TEXTS)
def test_whatever_the_texts_hold_it_is_well_formed_and_ascii(
    label: str, message: str, remedy: str, rule: str, mistake: str
) -> None:
    findings = [
        finding(level, message=message, remedy=remedy, rule=rule)
        for level in (Level.UNSURE, Level.NOTE)
    ]
    text = written([report(label=label, findings=findings)], mistake)
    assert text.isascii()
    root = ET.fromstring(text)
    assert [item.tag for item in root.iter() if item.tag != "testsuite"] == [
        "testsuites", "testcase", "failure", "system-out", "testcase", "error",
    ]  # fmt: skip
    assert len(parsed(text)) == 2


def test_a_text_that_looks_like_an_attachment_is_none() -> None:
    checked = report(findings=[finding(Level.NOTE, message="[[ATTACHMENT|../secret]]")])
    assert "[[ATTACHMENT" not in str(only_case(written([checked])).system_out)


def test_the_secrets_of_a_url_are_not_shown() -> None:
    signed = "https://u:s3cret@apimart-user.com/many.jsonl?sig=s3cret"
    broken = unmeasured(Reason.UNREADABLE, f"no {signed}")
    assert "s3cret" not in written([report(label=signed, findings=[], video=broken)])
