"""Writes the JSON documents, in ASCII so that every stream can show them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from motion_preflight.formats.document import report_document, summary_document
from motion_preflight.formats.problems import Problems
from motion_preflight.formats.tool import tool_document

if TYPE_CHECKING:
    from motion_preflight.formats.fix_schema import FixesDocument
    from motion_preflight.formats.publish_schema import PublishDocument
    from motion_preflight.formats.result_schema import ResultDocument
    from motion_preflight.formats.rules_schema import RulesDocument
    from motion_preflight.formats.schema import ProbesDocument, TasksDocument
    from motion_preflight.formats.spend_schema import SpendDocument
    from motion_preflight.report.findings import Report
    from motion_preflight.report.totals import Totals
    from motion_preflight.request.errors import ManifestInvalid
    from motion_preflight.submission.receipt import Receipt

    WholeDocument = (
        ProbesDocument
        | TasksDocument
        | FixesDocument
        | PublishDocument
        | RulesDocument
        | SpendDocument
        | ResultDocument
    )


def json_text(document: WholeDocument) -> str:
    """The JSON text of a whole document."""
    return json.dumps(document, indent=1, allow_nan=False)


class Json:
    """Writes one document of all reports (`ReportsDocument` in `schema.py`) as they come. The text
    is the same as if it were written at once.
    """

    def __init__(self) -> None:
        self._reports = 0
        self._problems = Problems()

    def begin(self) -> str:
        """The beginning of the document, up to the list of reports."""
        first = {"schema": "motion-preflight/report/1", "tool": tool_document()}
        return f'{json.dumps(first, indent=1)[:-2]},\n "reports": ['

    def report(self, report: Report, receipt: Receipt | None = None) -> str:
        """One element of the list of reports, after a comma if it is not the first."""
        text = json.dumps(report_document(report, receipt), indent=1, allow_nan=False)
        self._reports += 1
        before = "\n" if self._reports == 1 else ",\n"
        return before + "\n".join(f"  {line}" for line in text.split("\n"))

    def invalid_entry(self, mistake: ManifestInvalid) -> str:
        """Writes nothing yet, but lists the place in `errors` at the end."""
        self._problems.invalid_entry(mistake)
        return ""

    def failure(self, message: str, place: str | None = None) -> str:
        """Writes nothing yet, but lists the message in `errors` at the end."""
        self._problems.failure(message, place)
        return ""

    def end(self, totals: Totals) -> str:
        """The end of the list, then summary, `interrupted` and `errors`."""
        rest = {
            "summary": summary_document(totals, self._problems.unreadable),
            "interrupted": totals.interrupted,
            "errors": self._problems.documents(totals),
        }
        close = "\n ]" if self._reports else "]"
        return f"{close},{json.dumps(rest, indent=1, allow_nan=False)[1:]}\n"
