"""What goes wrong when the job cannot be done. A broken rule is a finding, never an exception.

PreflightError                    every exception that leaves this library
├─ RequestInvalid                 a MotionControlRequest was made with wrong fields (a ValueError)
├─ ProfileInvalid                 a profile has a mistake; the message says where
├─ ManifestInvalid                a file of requests cannot be read as such
├─ SettingsInvalid                config.toml or an environment variable has a mistake
├─ SourceError                    the medium's bytes could not be had
│  ├─ SourceUnreachable           … nothing usable came (also a ConnectionError)
│  └─ SourceTimeout               … not in time (also a TimeoutError)
├─ ProbeError                     the medium's facts could not be read
│  ├─ FfprobeMissing              … there is no ffprobe (also a FileNotFoundError)
│  └─ FfprobeFailed               … ffprobe could not read the file, or crashed on it
├─ LedgerUnusable                 the record of what was sent cannot be read or written
├─ NotCleared                     a report does not allow its request to be sent; carries it
└─ SubmitError                    a cleared request did not become a finished task
   ├─ NotSent                     … nothing was sent, and why
   ├─ Rejected                    … the provider refused it
   │  ├─ RateLimited              … as one request too many
   │  └─ InsufficientBalance      … for want of money (or we did, by the balance it told us)
   ├─ OutcomeUnknown              … it was sent, and what became of it is not known
   └─ TaskFailed                  … the provider took it and did not finish it

Nothing of httpx, ffmpeg, sqlite3 or pydantic leaks out of the library.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motion_preflight.receipt import Receipt
    from motion_preflight.report import Report

__all__ = [
    "FfprobeFailed",
    "FfprobeMissing",
    "InsufficientBalance",
    "LedgerUnusable",
    "ManifestInvalid",
    "NotCleared",
    "NotSent",
    "OutcomeUnknown",
    "PreflightError",
    "ProbeError",
    "ProfileInvalid",
    "RateLimited",
    "Rejected",
    "RequestInvalid",
    "SettingsInvalid",
    "SourceError",
    "SourceTimeout",
    "SourceUnreachable",
    "SubmitError",
    "TaskFailed",
]


class PreflightError(Exception):
    """The base of the tree; `str()` is one line made for people."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A field that breaks the wire's contract."""

    field: str
    message: str  # what was found and what is allowed
    near: str | None = None  # the value that was probably meant
    hint: str | None = None  # what to do, or why it was written, where that is known


class RequestInvalid(PreflightError, ValueError):
    """A request whose fields are missing or wrong; the message names every one."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__(violations)
        self.violations = violations

    def __str__(self) -> str:
        return "; ".join(violation.message for violation in self.violations)


class ProfileInvalid(PreflightError):
    """A profile that cannot be used; the message names the file and the key."""


class ManifestInvalid(PreflightError):
    """A request file that is not what it should be; the message names the place. `place` is the
    file and maybe the line, as labels are written, and `None` where no file is meant.
    """

    place: str | None = None


class SettingsInvalid(PreflightError):
    """A setting that cannot be used; the message names where it was set."""


class SourceError(PreflightError):
    """The bytes of a medium could not be had."""


class SourceUnreachable(SourceError, ConnectionError):
    """Nothing usable came from the path or the host."""


class SourceTimeout(SourceError, TimeoutError):
    """The host did not answer, or not fast enough."""


class ProbeError(PreflightError):
    """The facts of a medium could not be read."""


class FfprobeMissing(ProbeError, FileNotFoundError):
    """No ffprobe was found; the message says the command that brings one."""


class FfprobeFailed(ProbeError):
    """ffprobe could not read the file, crashed on it, or ran out of its time or memory."""


class LedgerUnusable(PreflightError):
    """The ledger cannot be read or written; the message names the file."""


class NotCleared(PreflightError):
    """A report that does not allow its request to be sent; `report` is that report."""

    def __init__(self, message: str, report: Report) -> None:
        super().__init__(message, report)
        self.report = report

    def __str__(self) -> str:
        return str(self.args[0])


class SubmitError(PreflightError):
    """A cleared request that did not become a finished task. `receipt` is what the ledger knows of
    it, `None` where it has no row.
    """

    def __init__(self, message: str, receipt: Receipt | None = None) -> None:
        super().__init__(message, receipt)
        self.receipt = receipt

    def __str__(self) -> str:
        return str(self.args[0])


class Because(StrEnum):
    """Why nothing was sent."""

    UNREACHABLE = "the provider could not be reached"
    IDENTICAL = "an identical request is under way or unknown"
    DONE = "an identical request is completed already"
    OVER_BUDGET = "it would go over a budget"
    UPLOAD = "the picture could not be uploaded"
    CHANGED = "a medium changed since it was checked"
    CREDENTIAL = "the API key stands in the request itself"


class NotSent(SubmitError):
    """Nothing was sent. With `Because.IDENTICAL` and `Because.DONE`, `receipt` is that of the other
    request.
    """

    def __init__(self, message: str, receipt: Receipt | None, because: Because) -> None:
        super().__init__(message, receipt)
        self.args = (message, receipt, because)
        self.because = because


class Rejected(SubmitError):
    """The provider refused the request and made no task of it; `status` is its HTTP status, `None`
    where it was not asked.
    """

    def __init__(
        self, message: str, receipt: Receipt | None = None, status: int | None = None
    ) -> None:
        super().__init__(message, receipt)
        self.args = (message, receipt, status)
        self.status = status


class RateLimited(Rejected):
    """The provider refused the request as one too many, also when it was asked again later."""


class InsufficientBalance(Rejected):
    """The balance is too low: so the provider says, or its balance is below the least estimate
    (then nothing was sent, and `receipt` is `None`).
    """


class OutcomeUnknown(SubmitError):
    """The request was sent, and whether the provider took it is not known: it may be billed."""


class TaskFailed(SubmitError):
    """The provider took the request, and its task failed or was cancelled."""
