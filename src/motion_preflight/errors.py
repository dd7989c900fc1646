"""What goes wrong when the job cannot be done. A broken rule is a finding, never an exception.

PreflightError                    every exception that leaves this library
├─ RequestInvalid                 a MotionControlRequest was made with wrong fields (a ValueError)
├─ ProfileInvalid                 a profile has a mistake; the message says where
├─ ManifestInvalid                a file of requests cannot be read as such
├─ SettingsInvalid                config.toml or an environment variable has a mistake
├─ SourceError                    the medium's bytes could not be had
│  ├─ SourceUnreachable           … nothing usable came (also a ConnectionError)
│  └─ SourceTimeout               … not in time (also a TimeoutError)
└─ ProbeError                     the medium's facts could not be read
   ├─ FfprobeMissing              … there is no ffprobe (also a FileNotFoundError)
   └─ FfprobeFailed               … ffprobe could not read the file, or crashed on it

Nothing of httpx, ffmpeg or pydantic leaks out of the library.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "FfprobeFailed",
    "FfprobeMissing",
    "ManifestInvalid",
    "PreflightError",
    "ProbeError",
    "ProfileInvalid",
    "RequestInvalid",
    "SettingsInvalid",
    "SourceError",
    "SourceTimeout",
    "SourceUnreachable",
]


class PreflightError(Exception):
    """The base of the tree; `str()` is one line made for people."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A field that breaks the wire's contract."""

    field: str
    message: str  # what was found and what is allowed
    near: str | None = None  # the value that was probably meant


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
    """A request file that is not what it should be; the message names the place."""


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
