"""Why a connection failed, as a person may read it."""

from __future__ import annotations

import re


def without_number(text: str) -> str:
    """The text of a system's error without its number: `[Errno 111] Connection refused`."""
    return re.sub(r"\[Errno -?[0-9]+\] ", "", text)
