"""The shape of the JSON document of `publish`."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from motion_preflight.formats.schema import (  # noqa: TC001  pydantic reads the annotations
    ErrorDocument,
    ToolDocument,
)


class PublishedDocument(TypedDict):
    source: str
    link: str | None
    """The whole link, with its signature, after it was proved; `null`: not published."""
    expires: str | None
    """When the link ends, ISO 8601; `null`: it does not, or its end is not known."""
    destination: str
    name: str | None
    """Relative to the destination; `null`: the file was not read."""
    size: int | None
    """Bytes."""
    uploaded: bool
    """Whether this run sent it; false: it was there already, or it was not published."""
    error: str | None
    """Why it was not published, and what to do."""


class PublishDocument(TypedDict):
    """What `publish` prints with `--format json`."""

    schema: Literal["motion-preflight/publish/1"]
    tool: ToolDocument
    published: list[PublishedDocument]
    interrupted: bool
    """Whether it was interrupted: what was done before is here, the rest is missing."""
    errors: list[ErrorDocument]
    """What ended the run; empty where all was looked at."""
