"""What mending a medium would make, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from motion_preflight.media.facts import Measured, MediaFacts
from motion_preflight.report.findings import Verdict
from motion_preflight.text.lazy_dataclass import dataclass, field


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A command that makes a new file, and the name that this file gets where it is free."""

    argv: tuple[str, ...]
    output: str


@dataclass(frozen=True, slots=True)
class Fix:
    """What came of mending one medium. Exactly one of four is true: a file was written (`output`),
    there was nothing to mend (no `changes` and no `error`), it was not mended (`error`), or nothing
    was made because the plan alone was asked for (`changes` without the others).

    source    the path as it was given; a link without what is secret in it
    output    the new file; `None`: none was written
    changes   what had to be changed and why, a sentence each
    argv      the command of ffmpeg that does it; `None`: nothing to do, or done without ffmpeg
    before    the measurement of the source
    after     the measurement of the new file; `None`: none was written
    verdicts  by orientation, of the new file, or of the source where there was nothing to mend;
              empty for a picture
    error     why it was not mended, and what to do; `None`: it was, or need not be
    """

    source: str
    output: Path | None
    changes: tuple[str, ...]
    argv: tuple[str, ...] | None
    before: Measured
    after: MediaFacts | None
    verdicts: Mapping[Literal["image", "video"], Verdict] = field(default_factory=dict, hash=False)
    error: str | None = None
