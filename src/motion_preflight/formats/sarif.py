"""Reports as SARIF 2.1.0: what code scanning and its viewers read.

A place of a manifest that holds no request is a result, of the rule `manifest-invalid`, and a
notification of the invocation: viewers show results next to the line, and few show notifications.
What ended the run has no place, and is a notification alone. Every result has a location,
because GitHub refuses the whole file for one that has none. What became of submissions, with their
billed cost (USD, `null` where it is not known), is a property of the run.
"""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from motion_preflight.formats.document import summary_document
from motion_preflight.formats.place import place_of, place_of_mistake
from motion_preflight.formats.problems import Problems
from motion_preflight.formats.said import ordered, unexplained
from motion_preflight.report import Level, Verdict
from motion_preflight.request import redacted_body
from motion_preflight.rules import RULES
from motion_preflight.source.location import printable, redacted

if TYPE_CHECKING:
    from motion_preflight.budget import Totals
    from motion_preflight.errors import ManifestInvalid
    from motion_preflight.formats.place import Place
    from motion_preflight.formats.schema import ErrorDocument
    from motion_preflight.receipt import Receipt
    from motion_preflight.report import Report

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {
    Level.ERROR: "error", Level.UNSURE: "warning", Level.WARNING: "warning", Level.NOTE: "note",
}  # fmt: skip
_NO_REQUEST, _UNMEASURED = "manifest-invalid", "not-measured"
_INDEX = {
    name: index
    for index, name in enumerate([*(each.RULE.id for each in RULES), _NO_REQUEST, _UNMEASURED])
}


class Sarif:
    """One run of the program of that version; a result a finding, each on a line."""

    def __init__(self, version: str) -> None:
        self._version = version
        self._results = 0
        self._problems = Problems()
        self._receipts: list[dict[str, Any]] = []

    def begin(self) -> str:
        driver = {"name": "motion-preflight", "version": self._version, "rules": _descriptors()}
        return (
            f'{{\n"$schema": "{_SCHEMA}",\n"version": "2.1.0",\n"runs": [{{\n'
            f'"tool": {json.dumps({"driver": driver}, indent=1)},\n"results": ['
        )

    def report(self, report: Report, receipt: Receipt | None = None) -> str:
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
        known = {"label": redacted(report.label), "verdict": report.verdict.value}
        made, seen = "", Counter[tuple[str, str | None]]()
        unmeasured = unexplained(report)
        if unmeasured:
            result = _result(_UNMEASURED, "warning", unmeasured, place, body)
            made += self._line(result | {"properties": known})
        for finding in ordered(report):
            if finding.level is Level.NOTE and report.verdict is Verdict.PASS:
                continue  # every result is an alert, and a run may have 25,000
            rule, field, text = finding.rule, finding.field, f"{finding.message}\n{finding.remedy}"
            seen[rule, field] += 1
            same = (field, seen[rule, field], body)
            strict = finding.level is Level.WARNING and report.decides(finding)
            level = "error" if strict else _LEVELS[finding.level]
            result = _result(rule, level, text, place, *same)
            said = {"level": finding.level, "field": field, "source": finding.source}
            said["authority"] = finding.authority
            made += self._line(result | {"properties": known | said})
        return made

    def mistake(self, mistake: ManifestInvalid) -> str:
        self._problems.mistake(mistake)
        text = str(mistake)
        return self._line(_result(_NO_REQUEST, "error", text, place_of_mistake(text), text))

    def failure(self, message: str, place: str | None = None) -> str:
        self._problems.failure(message, place)
        return ""

    def end(self, totals: Totals) -> str:
        errors = self._problems.documents(totals)
        invocation = json.dumps(
            {
                "executionSuccessful": not errors,
                "toolExecutionNotifications": [_notification(error) for error in errors],
            }
        )
        known = {
            "summary": summary_document(totals, self._problems.unreadable),
            "interrupted": totals.interrupted,
            "receipts": self._receipts,
        }
        summary = json.dumps(known, allow_nan=False)
        close = "\n]" if self._results else "]"
        return f'{close},\n"invocations": [{invocation}],\n"properties": {summary}\n}}]\n}}\n'

    def _line(self, result: dict[str, Any]) -> str:
        self._results += 1
        return f"{',' if self._results > 1 else ''}\n{json.dumps(result)}"


def _result(rule: str, level: str, text: str, place: Place, *same: object) -> dict[str, Any]:
    """One result; `same` is what tells it from others of its rule and file, in every run.

    GitHub goes by the hash of the line, which it makes itself. Where no line is known it would take
    the first one for every request of the file, unless it is given a hash.
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
    """A problem as the invocation has it, with its place where a file is meant."""
    found: dict[str, Any] = {"level": "error", "message": {"text": _message(error["message"])}}
    place = place_of(error["place"] or "")
    if place.file:
        physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(place)}}
        physical |= {"region": {"startLine": place.line}} if place.line else {}
        found["locations"] = [{"physicalLocation": physical}]
    return found


def _descriptors() -> list[dict[str, Any]]:
    """The rules as SARIF describes them, and what is said besides them."""
    described = [
        _descriptor(each.RULE.id, _LEVELS[each.RULE.level], *_page(each.__doc__ or ""))
        | {"properties": {"authority": each.RULE.authority.value}}
        for each in RULES
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
    """The title line of a rule's docstring, and what follows it, a paragraph a line."""
    title, _, rest = doc.partition("\n")
    page = "\n".join(" ".join(each.split()) for each in rest.strip().split("\n\n"))
    return f"{title}.", page or f"{title}."


def _message(text: str) -> str:
    """Text of a message, in which nothing can be taken for an embedded link."""
    return "\n".join(printable(line) for line in text.split("\n")).replace("](", "] (")


def _uri(place: Place) -> str:
    """A URI reference to the file, whatever its name is; backslashes are taken for separators."""
    names = {"": "request", "-": "stdin"}
    path = names.get(place.name, printable(place.name).replace("\\", "/"))
    if path[1:3] == ":/" and path[0].isascii() and path[0].isalpha():
        return f"file:///{path[0]}:{quote(path[2:])}"
    return f"file://{quote(path)}" if path.startswith("/") else quote(path)
