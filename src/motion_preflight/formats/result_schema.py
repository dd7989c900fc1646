"""The shape of the JSON file beside a downloaded result."""

from __future__ import annotations

from typing import Any, Literal

from typing_extensions import TypedDict

from motion_preflight.formats.schema import (  # noqa: TC001  pydantic reads the annotations
    TaskDocument,
    ToolDocument,
)


class ResultDocument(TypedDict):
    """What stands beside each result of `--download`, as `NAME.mp4.json`."""

    schema: Literal["motion-preflight/result/1"]
    tool: ToolDocument
    file: str
    """The name of the result, in the same folder."""
    request: dict[str, Any]
    """The body as it was sent, links without what is secret in them; empty for a task that is not
    in the ledger."""
    task: TaskDocument
    """With its estimate and its bill."""
