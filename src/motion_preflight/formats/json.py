"""The JSON documents: in ASCII, so that they are JSON whatever the stream can show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from motion_preflight.formats.document import report_document, summary_document
from motion_preflight.formats.problems import Problems

if TYPE_CHECKING:
    from motion_preflight.budget import Totals
    from motion_preflight.errors import ManifestInvalid
    from motion_preflight.formats.schema import ProbesDocument, TasksDocument
    from motion_preflight.receipt import Receipt
    from motion_preflight.report import Report


def json_text(document: ProbesDocument | TasksDocument) -> str:
    """A document that is there as a whole."""
    return json.dumps(document, indent=1, allow_nan=False)


class Json:
    """One document of all reports (`ReportsDocument` in `schema.py`), written as they come: the
    same text as if it were written at once.
    """

    def __init__(self) -> None:
        self._reports = 0
        self._problems = Problems()

    def begin(self) -> str:
        return '{\n "schema": "motion-preflight/report/1",\n "reports": ['

    def report(self, report: Report, receipt: Receipt | None = None) -> str:
        text = json.dumps(report_document(report, receipt), indent=1, allow_nan=False)
        self._reports += 1
        before = "\n" if self._reports == 1 else ",\n"
        return before + "\n".join(f"  {line}" for line in text.split("\n"))

    def mistake(self, mistake: ManifestInvalid) -> str:
        self._problems.mistake(mistake)
        return ""

    def failure(self, message: str, place: str | None = None) -> str:
        self._problems.failure(message, place)
        return ""

    def end(self, totals: Totals) -> str:
        rest = {
            "summary": summary_document(totals, self._problems.unreadable),
            "interrupted": totals.interrupted,
            "errors": self._problems.documents(totals),
        }
        close = "\n ]" if self._reports else "]"
        return f"{close},{json.dumps(rest, indent=1, allow_nan=False)[1:]}\n"
