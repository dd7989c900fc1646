"""Reports as JSON lines: each on a line of its own, the same object as in the JSON document.

In ASCII, so that a line of the output is a line for every reader: some end one at U+2028 too.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from motion_preflight.formats.document import report_document

if TYPE_CHECKING:
    from motion_preflight.budget import Totals
    from motion_preflight.errors import ManifestInvalid
    from motion_preflight.receipt import Receipt
    from motion_preflight.report import Report


_encoded = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


class JsonLines:
    """A line for each report, and nothing else: no summary, and none for what is no request."""

    def begin(self) -> str:
        return ""

    def report(self, report: Report, receipt: Receipt | None = None) -> str:
        return _encoded(report_document(report, receipt)) + "\n"

    def mistake(self, mistake: ManifestInvalid) -> str:  # noqa: ARG002  it is said on stderr
        return ""

    def end(self, totals: Totals) -> str:  # noqa: ARG002  the exit code tells what they come to
        return ""
