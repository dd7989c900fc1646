"""The documents as text: numbers as numbers, an unknown as null."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motion_preflight.formats.schema import ProbesDocument, ReportsDocument


def json_text(document: ReportsDocument | ProbesDocument) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
