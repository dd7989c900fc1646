"""Reports as JUnit XML, which the test pages of Jenkins, GitLab and others read.

Each request is a suite of one test case. So the counts, which strict readers want before the cases,
are known at once, and nothing has to be kept until the end. An unsure request is a failure of the
type `unsure`: green would mean that it may be sent. A place without a request, and a submission
that went wrong, are errors. Over budget there is one more failure, in the case `budget`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from motion_preflight.formats.problems import error_document, kind_of
from motion_preflight.formats.receipts import cost_of
from motion_preflight.formats.source_location import place_of_mistake
from motion_preflight.formats.summary import counted, ordered, summed, trouble, unexplained
from motion_preflight.formats.text_blocks import cost_text
from motion_preflight.report.findings import Verdict
from motion_preflight.submission.receipt import described
from motion_preflight.text.locations import printable, redacted

if TYPE_CHECKING:
    from motion_preflight.report.findings import Finding, Report
    from motion_preflight.report.totals import Totals
    from motion_preflight.request.errors import ManifestInvalid
    from motion_preflight.submission.receipt import Receipt

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAME = "motion-preflight"


class Junit:
    """Writes XML 1.0 in ASCII, which is the same document in every encoding."""

    def __init__(self) -> None:
        self._currency = ""
        self._mistakes = self._failures = 0

    def begin(self) -> str:
        """The XML declaration and the start of the root element."""
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="{_NAME}">\n'

    def report(self, report: Report, receipt: Receipt | None = None) -> str:
        """A suite whose one case fails, errs or passes as the request does, with cost and
        receipt.
        """
        self._currency = report.options.profile.currency
        wrong, element = trouble(receipt), ""
        deciding = [finding for finding in ordered(report) if report.decides(finding)]
        if wrong:
            element = _element("error", wrong.partition(":")[0], wrong, wrong)
        elif report.verdict is not Verdict.PASS:
            rules = ", ".join(dict.fromkeys(finding.rule for finding in deciding))
            text = unexplained(report) or "\n".join(map(_finding_text, deciding))
            element = _element("failure", report.verdict, rules or "not measured", text)
        lines = [f"cost: {cost_text(report.estimate)}"]
        lines += [
            _finding_text(finding) for finding in ordered(report) if not report.decides(finding)
        ]
        if receipt:
            cost = cost_of(receipt)
            lines += [described(receipt), *([cost] if cost else [])]
        return _suite(redacted(report.label), element, "\n".join(lines))

    def invalid_entry(self, mistake: ManifestInvalid) -> str:
        """A suite whose one case is an error, named after the place that holds no request."""
        self._mistakes += 1
        name = place_of_mistake(str(mistake)).text
        element = _element("error", "no request", str(mistake), str(mistake))
        return _suite(name or f"mistake {self._mistakes}", element)

    def failure(self, message: str, place: str | None = None) -> str:
        """A suite whose one case is the error that ended the run, or kept a request from being
        sent.
        """
        self._failures += 1
        error = error_document(message, place)
        name = error["place"] or ("run" if self._failures == 1 else f"run {self._failures}")
        first = error["message"].partition("\n")[0]
        return _suite(name, _element("error", kind_of(error), first, error["message"]))

    def end(self, totals: Totals) -> str:
        """Suites for an interruption and for the budget, where they apply, and the end of the root
        element.
        """
        text = f"{counted(totals, self._mistakes)}. {summed(totals, self._currency)}."
        suites = ""
        if totals.interrupted:
            suites += _suite("run", _element("error", "interrupted", "interrupted", text))
        if totals.over_budget:
            suites += _suite("budget", _element("failure", "over-budget", "over budget", text))
        return f"{suites}</testsuites>\n"


def _finding_text(finding: Finding) -> str:
    return f"{finding.level} {finding.rule}: {finding.message}\n  {finding.remedy}"


def _suite(name: str, element: str, output: str = "") -> str:
    """One test suite with its only case."""
    failures, errors = (int(element.startswith(f"<{kind} ")) for kind in ("failure", "error"))
    if output:  # GitLab would take a text like [[ATTACHMENT|…]] in it for an attachment
        element += f"<system-out>{_text(output.replace('[[', '[ ['))}</system-out>\n"
    shown = _attribute(name)
    return (
        f'<testsuite name="{shown}" tests="1" failures="{failures}" errors="{errors}">\n'
        f'<testcase classname="{_NAME}" name="{shown}">\n{element}</testcase>\n</testsuite>\n'
    )


def _element(name: str, kind: str, message: str, text: str) -> str:
    attributes = f'type="{_attribute(kind)}" message="{_attribute(message)}"'
    return f"<{name} {attributes}>{_text(text)}</{name}>\n"


def _text(text: str) -> str:
    """Text as the content of an element, without characters that cannot be shown."""
    return _escaped("\n".join(printable(line) for line in text.split("\n")))


def _attribute(text: str) -> str:
    return _escaped(printable(text)).replace("\n", "&#10;").replace("\t", "&#9;")


def _escaped(text: str) -> str:
    """Text as XML holds it; a character that XML cannot hold becomes U+FFFD."""
    text = _NO_XML.sub("\ufffd", text).replace("&", "&amp;").replace("<", "&lt;")
    text = text.replace(">", "&gt;").replace('"', "&quot;").replace("\r", "&#13;")
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")
