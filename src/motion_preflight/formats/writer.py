"""What every format does: it writes text in parts, so that a million reports need no more memory
than one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from motion_preflight.report.findings import Report
    from motion_preflight.report.totals import Totals
    from motion_preflight.request.errors import ManifestInvalid
    from motion_preflight.submission.receipt import Receipt


class Writer(Protocol):
    """Writes reports in one format, in the order in which they come. Each part is written as it is
    returned, line ends included.
    """

    def begin(self) -> str:
        """The text before the first report."""
        ...

    def report(self, report: Report, receipt: Receipt | None = None) -> str:
        """The text of one report; `receipt` is its submission, `None` where nothing was sent."""
        ...

    def invalid_entry(self, mistake: ManifestInvalid) -> str:
        """The text about a place of a manifest that holds no request."""
        ...

    def failure(self, message: str, place: str | None = None) -> str:
        """The text about what ended the run, or kept a cleared request (whose label `place` is)
        from being sent. An interruption is part of the totals instead.
        """
        ...

    def end(self, totals: Totals) -> str:
        """The text behind the last report."""
        ...
