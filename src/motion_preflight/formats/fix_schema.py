"""The shape of the JSON document of `fix`."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from motion_preflight.formats.media_schema import MediaDocument  # noqa: TC001  as below
from motion_preflight.formats.schema import (  # noqa: TC001  pydantic reads the annotations
    ErrorDocument,
    FitsDocument,
    ToolDocument,
)


class FixDocument(TypedDict):
    source: str
    output: str | None
    """The new file; `null`: none was written."""
    changes: list[str]
    """What had to be changed and why; empty: there is nothing to mend."""
    argv: list[str] | None
    """The command of ffmpeg; `null`: nothing to do, or done without ffmpeg."""
    before: MediaDocument
    after: MediaDocument | None
    verdicts: FitsDocument | None
    """Of the new file, or of the source where none was written; `null` for a picture."""
    error: str | None
    """Why it was not mended, and what to do."""


class FixesDocument(TypedDict):
    """What `fix` prints with `--format json`."""

    schema: Literal["motion-preflight/fix/1"]
    tool: ToolDocument
    fixes: list[FixDocument]
    interrupted: bool
    """Whether it was interrupted: what was done before is here, the rest is missing."""
    errors: list[ErrorDocument]
    """What ended the run; empty where all was looked at."""
