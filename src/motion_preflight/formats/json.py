"""The documents as text: in ASCII, so that it is JSON whatever the stream can show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motion_preflight.formats.schema import ProbesDocument, ReportsDocument, TasksDocument


def json_text(document: ReportsDocument | ProbesDocument | TasksDocument) -> str:
    return json.dumps(document, indent=1, allow_nan=False)
