"""Reports as JSON lines, each the same object as in the JSON document, with the program's name and
version in `tool`.

A place without a request, and what ended the run, is a line `{"error": {"place", "message"}}`. It
is written at once, which may be before the reports of earlier requests whose media are still being
measured. Everything is ASCII, because some readers end a line at U+2028 too.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from motion_preflight.formats.document import report_document
from motion_preflight.formats.problems import (
    error_document,
    interruption_document,
    mistake_document,
)
from motion_preflight.formats.tool import tool_document

if TYPE_CHECKING:
    from motion_preflight.formats.schema import ErrorDocument
    from motion_preflight.report.findings import Report
    from motion_preflight.report.totals import Totals
    from motion_preflight.request.errors import ManifestInvalid
    from motion_preflight.submission.receipt import Receipt

_encoded = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


class JsonLines:
    """Writes a line for each report and each problem, and no summary."""

    def begin(self) -> str:
        """Writes nothing before the first line."""
        return ""

    def report(self, report: Report, receipt: Receipt | None = None) -> str:
        """One line with the report as a JSON object."""
        document = report_document(report, receipt)
        return _encoded({"tool": tool_document(), **document}) + "\n"

    def invalid_entry(self, mistake: ManifestInvalid) -> str:
        """One line with an `error` at the place that holds no request."""
        return _line(mistake_document(mistake))

    def failure(self, message: str, place: str | None = None) -> str:
        """One line with an `error` that says what ended the run, or why a request was not sent."""
        return _line(error_document(message, place))

    def end(self, totals: Totals) -> str:
        """One line for an interruption, else nothing: the exit code tells the overall result."""
        return _line(interruption_document(totals)) if totals.interrupted else ""


def _line(document: ErrorDocument) -> str:
    return _encoded({"error": document}) + "\n"
