"""Reports as JUnit XML, which the test pages of Jenkins, GitLab and others read.

Each file is a suite and each request a case in it. Strict readers want the counts before the cases,
so cases are kept until the end, or until there are too many of them: then what is kept is written,
and the rest of a file is a suite of its own. An unsure request is a failure of the
type `unsure`: green would mean that it may be sent. A place without a request, and a submission
that went wrong, are errors. Over budget there is one more failure, in the case `budget`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from motion_preflight.formats.problems import error_document, kind_of
from motion_preflight.formats.receipts import cost_of
from motion_preflight.formats.source_location import place_of, place_of_mistake
from motion_preflight.formats.summary import counted, ordered, trouble, unexplained
from motion_preflight.formats.summary_text import summed
from motion_preflight.formats.text_blocks import cost_text
from motion_preflight.report.findings import Verdict
from motion_preflight.submission.receipt import described
from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.locations import printable, redacted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from motion_preflight.report.findings import Finding, Report
    from motion_preflight.report.totals import Totals
    from motion_preflight.request.errors import ManifestInvalid
    from motion_preflight.submission.receipt import Receipt

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAME = "motion-preflight"
_KEPT = 10_000  # cases that are kept before they are written


class Junit:
    """Writes XML 1.0 in ASCII, which is the same document in every encoding."""

    def __init__(self) -> None:
        self._currency = ""
        self._mistakes = self._failures = self._kept = 0
        self._suites: dict[str, list[_Case]] = {}
        self._begun = False

    def begin(self) -> str:
        """The XML declaration; the root element follows with its counts."""
        return '<?xml version="1.0" encoding="UTF-8"?>\n'

    def report(self, report: Report, receipt: Receipt | None = None) -> str:
        """Keeps a case that fails, errs or passes as the request does, with cost and receipt."""
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
        return self._keep(redacted(report.label), element, "\n".join(lines))

    def invalid_entry(self, mistake: ManifestInvalid) -> str:
        """Keeps a case that is an error, named after the place that holds no request."""
        self._mistakes += 1
        name = place_of_mistake(str(mistake)).text
        element = _element("error", "no request", str(mistake), str(mistake))
        return self._keep(name or f"mistake {self._mistakes}", element)

    def failure(self, message: str, place: str | None = None) -> str:
        """Keeps a case that is the error that ended the run, or kept a request from being sent."""
        self._failures += 1
        error = error_document(message, place)
        name = error["place"] or ("run" if self._failures == 1 else f"run {self._failures}")
        first = error["message"].partition("\n")[0]
        return self._keep(name, _element("error", kind_of(error), first, error["message"]))

    def end(self, totals: Totals) -> str:
        """The suites, with those for an interruption and for the budget where they apply, and the
        end of the root element.
        """
        text = f"{counted(totals, self._mistakes)}. {summed(totals, self._currency)}."
        written = ""
        if totals.interrupted:
            element = _element("error", "interrupted", "interrupted", text)
            written += self._keep("run", element)
        if totals.over_budget:
            element = _element("failure", "over-budget", "over budget", text)
            written += self._keep("budget", element)
        return f"{written}{self._write(last=True)}</testsuites>\n"

    def _keep(self, name: str, element: str, output: str = "") -> str:
        """Adds a case to the suite of its file; returns what is written when enough is kept."""
        self._suites.setdefault(place_of(name).name, []).append(_case(name, element, output))
        self._kept += 1
        return self._write() if self._kept >= _KEPT else ""

    def _write(self, *, last: bool = False) -> str:
        """All that is kept, after the start of the root element if that is missing. Only a root
        that is written at the end has counts.
        """
        cases = [case for suite in self._suites.values() for case in suite]
        root = f'<testsuites name="{_NAME}"{_counts(cases) if last else ""}>\n'
        suites = "".join(
            f'<testsuite name="{_attribute(name)}"{_counts(suite)}>\n'
            f"{''.join(case.text for case in suite)}</testsuite>\n"
            for name, suite in self._suites.items()
        )
        begun, self._begun = self._begun, True
        self._suites, self._kept = {}, 0
        return suites if begun else root + suites


def _finding_text(finding: Finding) -> str:
    return f"{finding.level} {finding.rule}: {finding.message}\n  {finding.remedy}"


@dataclass(frozen=True, slots=True)
class _Case:
    """A test case as text, and whether it is a failure or an error."""

    text: str
    failure: bool
    error: bool


def _case(name: str, element: str, output: str) -> _Case:
    failure, error = (element.startswith(f"<{kind} ") for kind in ("failure", "error"))
    if output:  # GitLab would take a text like [[ATTACHMENT|…]] in it for an attachment
        element += f"<system-out>{_text(output.replace('[[', '[ ['))}</system-out>\n"
    head = f'<testcase classname="{_NAME}" name="{_attribute(name)}">'
    return _Case(f"{head}\n{element}</testcase>\n", failure, error)


def _counts(cases: Sequence[_Case]) -> str:
    """The counts of cases as attributes."""
    failures, errors = (sum(case.failure for case in cases), sum(case.error for case in cases))
    return f' tests="{len(cases)}" failures="{failures}" errors="{errors}"'


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
