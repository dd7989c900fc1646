"""Reports as JSON lines: each on a line of its own, the same object as in the JSON document. What
holds no request, and what ended the run, is a line `{"error": {"place", "message"}}`: written when
it is met, which may be before the reports of earlier requests whose media are still measured.

In ASCII, so that a line of the output is a line for every reader: some end one at U+2028 too.
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

if TYPE_CHECKING:
    from motion_preflight.budget import Totals
    from motion_preflight.errors import ManifestInvalid
    from motion_preflight.formats.schema import ErrorDocument
    from motion_preflight.receipt import Receipt
    from motion_preflight.report import Report


_encoded = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


class JsonLines:
    """A line for each report and each problem, and nothing else: no summary."""

    def begin(self) -> str:
        return ""

    def report(self, report: Report, receipt: Receipt | None = None) -> str:
        return _encoded(report_document(report, receipt)) + "\n"

    def mistake(self, mistake: ManifestInvalid) -> str:
        return _line(mistake_document(mistake))

    def failure(self, message: str, place: str | None = None) -> str:
        return _line(error_document(message, place))

    def end(self, totals: Totals) -> str:
        """The exit code tells what they come to; only an interruption has a line."""
        return _line(interruption_document(totals)) if totals.interrupted else ""


def _line(document: ErrorDocument) -> str:
    return _encoded({"error": document}) + "\n"
