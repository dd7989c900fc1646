"""Moments as links write them: seconds and milliseconds since 1970, hexadecimal, ISO 8601.

A text that is not a moment gives `None`, never an error, because a link can hold anything.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

# Smaller numbers are lengths in seconds or counts, not moments. This one is in 2001.
_EARLIEST = 1_000_000_000
_MILLISECONDS = 1_000_000_000_000
_CHINA = timezone(timedelta(hours=8))
_MOST_DIGITS = 9  # digits of a length in seconds; a longer number is beyond every calendar


def moment(text: object) -> datetime | None:
    """The moment that a number or an ISO date names; `None` for other texts. A date without a zone
    is UTC.
    """
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        return None
    number = re.fullmatch(r"([0-9]{10,14})(\.[0-9]*)?", str(text).strip())
    if number:
        return _since_1970(int(number[1]))
    return iso_moment(text) if isinstance(text, str) else None


def _since_1970(count: int) -> datetime | None:
    if count <= _EARLIEST:
        return None
    try:
        return datetime.fromtimestamp(count // 1000 if count >= _MILLISECONDS else count, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def iso_moment(text: str) -> datetime | None:
    """The moment of an ISO text (`2026-12-01T12:00:00Z`, `20261201T120000Z`, `2026-12-01`), `None`
    for others. A plus may have become a space.
    """
    text = re.sub(r"(?<=[0-9]) (?=[0-9]{2}:?[0-9]{2}$)", "+", text.strip())
    if not re.match("[12][0-9]{3}-?[0-9]{2}-?[0-9]{2}", text) or text.isdigit():
        return None
    try:
        date = datetime.fromisoformat(text)
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def hex_moment(text: str) -> datetime | None:
    """The moment given as eight hexadecimal digits of seconds since 1970; `None` for
    other texts.
    """
    return _since_1970(int(text, 16)) if re.fullmatch("[0-9A-Fa-f]{8}", text) else None


def china_moment(text: str) -> datetime | None:
    """The moment of `202612012000`, with or without seconds, in Beijing time, as Chinese CDNs write
    it in paths; `None` for other texts.
    """
    if not re.fullmatch("20[0-9]{10}([0-9]{2})?", text):
        return None
    pieces = [int(text[:4]), *(int(text[at : at + 2]) for at in range(4, len(text), 2))]
    try:
        return datetime(*pieces, tzinfo=_CHINA).astimezone(UTC)  # type: ignore[arg-type,misc]  # five or six numbers
    except ValueError:
        return None


def after(start: datetime | None, seconds: str) -> datetime | None:
    """The moment that lies a number of seconds after the start; `None` when either
    cannot be read.
    """
    if start is None or not re.fullmatch(f"-?[0-9]{{1,{_MOST_DIGITS}}}", seconds):
        return None
    try:
        return start + timedelta(seconds=int(seconds))
    except OverflowError:
        return None
