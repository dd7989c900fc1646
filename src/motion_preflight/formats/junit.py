"""Reports as JUnit XML: what test pages of Jenkins, GitLab and the like read.

Each request is a suite of one test case, so that the counts which strict readers want stand before
their case, and nothing has to be held until the end. An unsure request is a failure of the type
`unsure`: green would say that it may be sent. What is no request at all, and a submission that went
wrong, are errors. Over budget, there is a failure more, of the case `budget`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from motion_preflight.formats.place import place_of_mistake
from motion_preflight.formats.problems import error_document, kind_of
from motion_preflight.formats.receipts import cost_of
from motion_preflight.formats.said import counted, ordered, summed, trouble, unexplained
from motion_preflight.formats.text import cost_text
from motion_preflight.receipt import described
from motion_preflight.report import Verdict
from motion_preflight.source.location import printable, redacted

if TYPE_CHECKING:
    from motion_preflight.budget import Totals
    from motion_preflight.errors import ManifestInvalid
    from motion_preflight.receipt import Receipt
    from motion_preflight.report import Finding, Report

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAME = "motion-preflight"


class Junit:
    """XML 1.0 in ASCII: the same document in every encoding."""

    def __init__(self) -> None:
        self._currency = ""
        self._mistakes = self._failures = 0

    def begin(self) -> str:
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="{_NAME}">\n'

    def report(self, report: Report, receipt: Receipt | None = None) -> str:
        self._currency = report.conditions.profile.currency
        wrong, element = trouble(receipt), ""
        deciding = [each for each in ordered(report) if report.decides(each)]
        if wrong:
            element = _element("error", wrong.partition(":")[0], wrong, wrong)
        elif report.verdict is not Verdict.PASS:
            rules = ", ".join(dict.fromkeys(each.rule for each in deciding))
            text = unexplained(report) or "\n".join(map(_said, deciding))
            element = _element("failure", report.verdict, rules or "not measured", text)
        lines = [f"cost: {cost_text(report.estimate)}"]
        lines += [_said(each) for each in ordered(report) if not report.decides(each)]
        if receipt:
            cost = cost_of(receipt)
            lines += [described(receipt), *([cost] if cost else [])]
        return _suite(redacted(report.label), element, "\n".join(lines))

    def mistake(self, mistake: ManifestInvalid) -> str:
        self._mistakes += 1
        name = place_of_mistake(str(mistake)).text
        element = _element("error", "no request", str(mistake), str(mistake))
        return _suite(name or f"mistake {self._mistakes}", element)

    def failure(self, message: str, place: str | None = None) -> str:
        self._failures += 1
        error = error_document(message, place)
        name = error["place"] or ("run" if self._failures == 1 else f"run {self._failures}")
        first = error["message"].partition("\n")[0]
        return _suite(name, _element("error", kind_of(error), first, error["message"]))

    def end(self, totals: Totals) -> str:
        text = f"{counted(totals, self._mistakes)}. {summed(totals, self._currency)}."
        made = ""
        if totals.interrupted:
            made += _suite("run", _element("error", "interrupted", "interrupted", text))
        if totals.over_budget:
            made += _suite("budget", _element("failure", "over-budget", "over budget", text))
        return f"{made}</testsuites>\n"


def _said(finding: Finding) -> str:
    return f"{finding.level} {finding.rule}: {finding.message}\n  {finding.remedy}"


def _suite(name: str, element: str, output: str = "") -> str:
    """One suite with its one case."""
    failures, errors = (int(element.startswith(f"<{each} ")) for each in ("failure", "error"))
    if output:  # GitLab takes what looks like [[ATTACHMENT|…]] in it for one
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
    """Text as the content of an element, without what cannot be shown."""
    return _escaped("\n".join(printable(line) for line in text.split("\n")))


def _attribute(text: str) -> str:
    return _escaped(printable(text)).replace("\n", "&#10;").replace("\t", "&#9;")


def _escaped(text: str) -> str:
    """Text as XML holds it; a character that it cannot hold as U+FFFD."""
    text = _NO_XML.sub("\ufffd", text).replace("&", "&amp;").replace("<", "&lt;")
    text = text.replace(">", "&gt;").replace('"', "&quot;").replace("\r", "&#13;")
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")
