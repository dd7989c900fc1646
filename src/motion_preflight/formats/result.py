"""The JSON document that stands beside a downloaded result: request, estimate and bill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.formats.document import task_document
from motion_preflight.formats.tool import tool_document
from motion_preflight.request.redacted_body import redacted_body

if TYPE_CHECKING:
    from motion_preflight.formats.result_schema import ResultDocument
    from motion_preflight.submission.receipt import Receipt


def result_document(receipt: Receipt, file: str) -> ResultDocument:
    """The document for a result whose name is `file`."""
    return {
        "schema": "motion-preflight/result/1",
        "tool": tool_document(),
        "file": file,
        "request": redacted_body(receipt.body),
        "task": task_document(receipt),
    }
