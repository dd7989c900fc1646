"""A medium before it is measured, and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.media.facts import Unmeasured
from motion_preflight.network.errors import Reason

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from motion_preflight.media.facts import Kind, Measured

CachedFacts = tuple["Measured", "dt.datetime"]  # the measurement, and when it was begun


class Medium(NamedTuple):
    """One medium as a request names it; the same one is measured only once."""

    location: str
    kind: Kind | None  # what it should be; `None`: any kind will do
    folder: Path | None = None  # where a relative path starts; `None`: the current folder


def not_given(kind: Kind) -> Unmeasured:
    """The outcome for a medium that the request does not name."""
    return Unmeasured(None, Reason.NOT_GIVEN, f"the request names no {kind}")
