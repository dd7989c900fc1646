"""The mistakes in a request as it was written, and in a file of requests."""

from __future__ import annotations

from motion_preflight.errors import PreflightError
from motion_preflight.text.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """A field that breaks the API's contract."""

    field: str
    message: str  # the value and what is allowed
    near: str | None = None  # the value that was probably intended
    hint: str | None = None  # what to do, or why somebody may have written it, where that is known


class RequestInvalid(PreflightError, ValueError):
    """A request has missing or wrong fields. The message names every one."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__(violations)
        self.violations = violations

    def __str__(self) -> str:
        return "; ".join(violation.message for violation in self.violations)


class ManifestInvalid(PreflightError):
    """A request file is not what it should be; the message names the place. `place` is the file and
    maybe the line, written like a label; `None` when no file is involved.
    """

    place: str | None = None
