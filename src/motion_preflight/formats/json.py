"""The JSON documents: in ASCII, so that they are JSON whatever the stream can show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from motion_preflight.formats.document import report_document, summary_document

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

    def begin(self) -> str:
        return '{\n "schema": "motion-preflight/report/1",\n "reports": ['

    def report(self, report: Report, receipt: Receipt | None = None) -> str:
        text = json.dumps(report_document(report, receipt), indent=1, allow_nan=False)
        self._reports += 1
        before = "\n" if self._reports == 1 else ",\n"
        return before + "\n".join(f"  {line}" for line in text.split("\n"))

    def mistake(self, mistake: ManifestInvalid) -> str:  # noqa: ARG002  it is said on stderr
        return ""

    def end(self, totals: Totals) -> str:
        text = json.dumps(summary_document(totals), indent=1, allow_nan=False)
        close = "\n ]" if self._reports else "]"
        return f'{close},\n "summary": {text.replace(chr(10), chr(10) + " ")}\n}}\n'
