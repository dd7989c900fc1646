"""What came of publishing one file."""

from __future__ import annotations

import datetime as dt

from motion_preflight.report.findings import Verdict
from motion_preflight.text.lazy_dataclass import dataclass, field


@dataclass(frozen=True, slots=True)
class Published:
    """What came of publishing one file. The link is proved where there is one."""

    source: str  # as the caller named it
    destination: str
    # Whole, with its signature; `None`: it was not published.
    link: str | None = field(default=None, repr=False)
    expires: dt.datetime | None = None  # of the link; `None`: no end, or its end is not known
    note: str | None = None  # what may end the link sooner; `None`: nothing that is known
    name: str | None = None  # at the destination; `None`: the file was not read
    size: int | None = None  # bytes; `None`: the file was not read
    uploaded: bool = False  # False: it was there already, or it was not published
    verdict: Verdict = Verdict.PASS  # of the check that came before
    error: str | None = None  # why it was not published, and what to do


@dataclass(frozen=True, slots=True)
class Unpublished:
    """What came of taking away one published file."""

    link: str  # without its query
    name: str
    destination: str
    error: str | None = None  # why it may still be there, and what to do
