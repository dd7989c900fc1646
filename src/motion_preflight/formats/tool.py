"""The program that wrote a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.text.version import VERSION

if TYPE_CHECKING:
    from motion_preflight.formats.schema import ToolDocument


def tool_document() -> ToolDocument:
    """Its name and its version."""
    return {"name": "motion-preflight", "version": VERSION}
