"""The program that wrote a document."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from motion_preflight.formats.schema import ToolDocument

_NAME: Literal["motion-preflight"] = "motion-preflight"


def tool_document() -> ToolDocument:
    """Its name, and its version as it is installed; `None` where it is not, as in a zip file."""
    return {"name": _NAME, "version": _version()}


@cache
def _version() -> str | None:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  slow to import

    try:
        return version(_NAME)
    except PackageNotFoundError:
        return None
