"""What a format is: text in three parts, so that a million reports need no more memory than one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from motion_preflight.budget import Totals
    from motion_preflight.errors import ManifestInvalid
    from motion_preflight.receipt import Receipt
    from motion_preflight.report import Report


class Writer(Protocol):
    """Reports in one format, in the order they are given. Each part is written as it stands, line
    ends included.
    """

    def begin(self) -> str:
        """What stands before the first report."""
        ...

    def report(self, report: Report, receipt: Receipt | None = None) -> str:
        """One report; `receipt` is what the ledger knows of its submission."""
        ...

    def mistake(self, mistake: ManifestInvalid) -> str:
        """A place of a manifest that holds no request."""
        ...

    def failure(self, message: str, place: str | None = None) -> str:
        """What ended the run, or kept a cleared request (whose label `place` is) from being sent;
        an interruption is in the totals.
        """
        ...

    def end(self, totals: Totals) -> str:
        """What stands behind the last report."""
        ...
