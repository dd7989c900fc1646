"""Why a connection failed, in words that a person can read."""

from __future__ import annotations

import re


def without_number(text: str) -> str:
    """The text of a system error without its number: "Connection refused" of "[Errno 111]
    Connection refused".
    """
    return re.sub(r"\[Errno -?[0-9]+\] ", "", text)
