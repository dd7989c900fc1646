"""The problems that a document lists besides the verdicts: places without a request, and what ended
the run. A program that reads only the document then knows as much as a person who read stderr.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.formats.source_location import place_of_mistake
from motion_preflight.text.lazy_dataclass import dataclass, field
from motion_preflight.text.locations import printable, redacted_text

if TYPE_CHECKING:
    from motion_preflight.formats.schema import ErrorDocument
    from motion_preflight.report.totals import Totals
    from motion_preflight.request.errors import ManifestInvalid

LISTED = 10_000  # problems in one document; more are only counted, so that memory is bounded
NOT_SENT = "not sent: "  # the beginning of the message about a request that was held back
_LONGEST = 1000  # characters of a message or a place


@dataclass(slots=True)
class Problems:
    """The problems of one document in the order in which they came."""

    unreadable: int = 0  # places of a request file that hold no request
    _documents: list[ErrorDocument] = field(default_factory=list)
    _more: int = 0

    def invalid_entry(self, mistake: ManifestInvalid) -> ErrorDocument:
        """Adds a place that holds no request, and returns it as the documents show it."""
        self.unreadable += 1
        return self._take(mistake_document(mistake))

    def failure(self, message: str, place: str | None = None) -> ErrorDocument:
        """Adds what ended the run, or kept a cleared request from being sent."""
        return self._take(error_document(message, place))

    def documents(self, totals: Totals | None = None) -> list[ErrorDocument]:
        """Every problem in order; an interruption, which only the totals know, comes last."""
        documents = list(self._documents)
        if self._more:
            documents.append(error_document(f"{self._more:,} more problems are not listed here"))
        if totals is not None and totals.interrupted:
            documents.append(interruption_document(totals))
        return documents

    def _take(self, document: ErrorDocument) -> ErrorDocument:
        if len(self._documents) < LISTED:
            self._documents.append(document)
        else:
            self._more += 1
        return document


def error_document(message: str, place: str | None = None) -> ErrorDocument:
    """A problem as the documents show it: URLs redacted, long texts cut. `place` is the label of a
    request or a medium, `None` for the whole run.
    """
    return {"place": None if place is None else _bounded(place), "message": _bounded(message)}


def kind_of(error: ErrorDocument) -> str:
    """The kind of a problem in two words: `not sent` or `not completed` of a request, else
    `cannot run`.
    """
    if error["message"].startswith(NOT_SENT):
        return "not sent"
    return "cannot run" if error["place"] is None else "not completed"


def mistake_document(mistake: ManifestInvalid) -> ErrorDocument:
    """The problem at a place of a request file that holds no request."""
    text = str(mistake)
    return error_document(text, mistake.place or place_of_mistake(text).text or None)


def interruption_document(totals: Totals) -> ErrorDocument:
    """The problem that a run was interrupted, with the number of requests reported before."""
    total = totals.verdicts.total()
    reported = "1 request is" if total == 1 else f"{total:,} requests are"
    return error_document(f"interrupted; {reported} reported")


def _bounded(text: str) -> str:
    shown = "\n".join(printable(line) for line in redacted_text(text[: 8 * _LONGEST]).split("\n"))
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"
