"""Reports as SARIF 2.1.0, which code scanning and its viewers read.

A place of a manifest that holds no request is a result of the rule `manifest-invalid`, and also a
notification of the invocation: viewers show results next to the line, but few show notifications.
What ended the run has no place, so it is a notification alone. Every result has a location, because
GitHub refuses a whole file with one that has none. What became of submissions, with their billed
cost (USD, `null` where it is not known), is a property of the run.
"""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from motion_preflight.formats.document import summary_document
from motion_preflight.formats.problems import Problems
from motion_preflight.formats.source_location import place_of, place_of_mistake
from motion_preflight.formats.summary import ordered, unexplained
from motion_preflight.report.findings import Level, Verdict
from motion_preflight.request.redacted_body import redacted_body
from motion_preflight.rules import RULES
from motion_preflight.text.locations import printable, redacted

if TYPE_CHECKING:
    from motion_preflight.formats.schema import ErrorDocument
    from motion_preflight.formats.source_location import SourceLocation
    from motion_preflight.report.findings import Report
    from motion_preflight.report.totals import Totals
    from motion_preflight.request.errors import ManifestInvalid
    from motion_preflight.submission.receipt import Receipt

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {
    Level.ERROR: "error", Level.UNSURE: "warning", Level.WARNING: "warning", Level.NOTE: "note",
}  # fmt: skip
_NO_REQUEST, _UNMEASURED = "manifest-invalid", "not-measured"
_INDEX = {
    name: index
    for index, name in enumerate([*(rule.RULE.id for rule in RULES), _NO_REQUEST, _UNMEASURED])
}


class Sarif:
    """Writes one run of the program in this version: a result for each finding, on a line of its
    own.
    """

    def __init__(self, version: str) -> None:
        self._version = version
        self._results = 0
        self._problems = Problems()
        self._receipts: list[dict[str, Any]] = []

    def begin(self) -> str:
        """The beginning of the log: the tool with its rules, up to the list of notification."""
        driver = {"name": "motion-preflight", "version": self._version, "rules": _descriptors()}
        return (
            f'{{\n"$schema": "{_SCHEMA}",\n"version": "2.1.0",\n"runs": [{{\n'
            f'"tool": {json.dumps({"driver": driver}, indent=1)},\n"results": ['
        )

    def report(self, report: Report, receipt: Receipt | None = None) -> str:
        """A result for each finding; notes of a request that passes are left out."""
        if receipt:
            self._receipts.append(
                {
                    "label": redacted(report.label),
                    "intent": receipt.intent,
                    "state": receipt.state.value,
                    "taskId": receipt.task_id,
                    "billed": None if receipt.cost is None else float(receipt.cost),
                }
            )
        place, body = place_of(report.label), redacted_body(report.body)
        properties = {"label": redacted(report.label), "verdict": report.verdict.value}
        lines, seen = "", Counter[tuple[str, str | None]]()
        unmeasured = unexplained(report)
        if unmeasured:
            result = _result(_UNMEASURED, "warning", unmeasured, place, body)
            lines += self._line(result | {"properties": properties})
        for finding in ordered(report):
            if finding.level is Level.NOTE and report.verdict is Verdict.PASS:
                continue  # every result is an alert, and a run may have at most 25,000
            rule, field, text = finding.rule, finding.field, f"{finding.message}\n{finding.remedy}"
            seen[rule, field] += 1
            same = (field, seen[rule, field], body)
            strict = finding.level is Level.WARNING and report.decides(finding)
            level = "error" if strict else _LEVELS[finding.level]
            result = _result(rule, level, text, place, *same)
            details = {"level": finding.level, "field": field, "source": finding.source}
            details["authority"] = finding.authority
            lines += self._line(result | {"properties": properties | details})
        return lines

    def invalid_entry(self, mistake: ManifestInvalid) -> str:
        """A result of the rule `manifest-invalid` at the place that holds no request."""
        self._problems.invalid_entry(mistake)
        text = str(mistake)
        return self._line(_result(_NO_REQUEST, "error", text, place_of_mistake(text), text))

    def failure(self, message: str, place: str | None = None) -> str:
        """Writes nothing yet, but notes the message as a notification for the end."""
        self._problems.failure(message, place)
        return ""

    def end(self, totals: Totals) -> str:
        """The end of the notification, then the invocation with its notifications, and the run's
        properties.
        """
        errors = self._problems.documents(totals)
        invocation = json.dumps(
            {
                "executionSuccessful": not errors,
                "toolExecutionNotifications": [_notification(error) for error in errors],
            }
        )
        properties = {
            "summary": summary_document(totals, self._problems.unreadable),
            "interrupted": totals.interrupted,
            "receipts": self._receipts,
        }
        summary = json.dumps(properties, allow_nan=False)
        close = "\n]" if self._results else "]"
        return f'{close},\n"invocations": [{invocation}],\n"properties": {summary}\n}}]\n}}\n'

    def _line(self, result: dict[str, Any]) -> str:
        self._results += 1
        return f"{',' if self._results > 1 else ''}\n{json.dumps(result)}"


def _result(
    rule: str, level: str, text: str, place: SourceLocation, *same: object
) -> dict[str, Any]:
    """One result. `same` tells it from others of its rule and file, in every run alike.

    GitHub identifies a result by the hash of its line, which it computes itself. Where the line is
    not known it would use the first line for every request of the file, so a hash is given instead.
    """
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(place)}}
    identity = json.dumps([rule, place.name, *same], sort_keys=True, default=str)
    prints = {"motionPreflight/v1": sha256(identity.encode()).hexdigest()}
    if place.line:
        physical["region"] = {"startLine": place.line}
    else:
        prints["primaryLocationLineHash"] = prints["motionPreflight/v1"]
    return {
        "ruleId": rule,
        **({"ruleIndex": _INDEX[rule]} if rule in _INDEX else {}),
        "level": level,
        "message": {"text": _message(text)},
        "locations": [{"physicalLocation": physical}],
        "partialFingerprints": prints,
    }


def _notification(error: ErrorDocument) -> dict[str, Any]:
    """A problem as a notification of the invocation, with its place where that is a file."""
    notification: dict[str, Any] = {
        "level": "error",
        "message": {"text": _message(error["message"])},
    }
    place = place_of(error["place"] or "")
    if place.file:
        physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(place)}}
        physical |= {"region": {"startLine": place.line}} if place.line else {}
        notification["locations"] = [{"physicalLocation": physical}]
    return notification


def _descriptors() -> list[dict[str, Any]]:
    """The rules as SARIF describes them, and the two reasons for results that are no rules."""
    described = [
        _descriptor(rule.RULE.id, _LEVELS[rule.RULE.level], *_page(rule.__doc__ or ""))
        | {"properties": {"authority": rule.RULE.authority.value}}
        for rule in RULES
    ]
    what = "A place of a request file holds no request"
    why = "Nothing was checked there. The message says what is wrong with it."
    described.append(_descriptor(_NO_REQUEST, "error", what, why))
    what = "A medium was not measured"
    why = "What could not be measured does not pass, whatever the rules say."
    described.append(_descriptor(_UNMEASURED, "warning", what, why))
    return described


def _descriptor(name: str, level: str, title: str, page: str) -> dict[str, Any]:
    return {
        "id": name,
        "shortDescription": {"text": title},
        "fullDescription": {"text": page},
        "help": {"text": page},
        "defaultConfiguration": {"level": level},
    }


def _page(doc: str) -> tuple[str, str]:
    """The title line of a rule's docstring, and the text below it with one line for each
    paragraph.
    """
    title, _, rest = doc.partition("\n")
    page = "\n".join(" ".join(part.split()) for part in rest.strip().split("\n\n"))
    return f"{title}.", page or f"{title}."


def _message(text: str) -> str:
    """The text of a message, in which nothing can be read as an embedded link."""
    return "\n".join(printable(line) for line in text.split("\n")).replace("](", "] (")


def _uri(place: SourceLocation) -> str:
    """A URI reference to the file, whatever its name is; backslashes count as separators."""
    names = {"": "request", "-": "stdin"}
    path = names.get(place.name, printable(place.name).replace("\\", "/"))
    if path[1:3] == ":/" and path[0].isascii() and path[0].isalpha():
        return f"file:///{path[0]}:{quote(path[2:])}"
    return f"file://{quote(path)}" if path.startswith("/") else quote(path)
