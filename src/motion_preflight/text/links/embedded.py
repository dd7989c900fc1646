"""Detects the content of a file, encoded as text, where a link to the file belongs."""

from __future__ import annotations

import re

_DATA = re.compile(r"data:|(?:[a-z]+/[a-z0-9.+-]{1,60})?;?\s*base64\s*,", re.IGNORECASE)
_MAGIC = (
    ("PNG", "iVBORw0KGgo"), ("JPEG", "/9j/"), ("GIF", "R0lGOD"), ("WebP", "UklGR"),
    ("MP4", "AAAA..Z0eX"), ("WebM", "GkXfo"),
)  # fmt: skip
# Characters from which on a text cannot be a path; fewer with a beginning of a known file type.
_LEAST, _LEAST_RECOGNISED = 256, 48
_SAMPLE = 4096  # characters that are examined


def embedded_file(text: str) -> str | None:
    """What kind of file the text contains, and its size, in words; `None` for links and paths.

    Only the beginning of a long text is examined, and none of it is shown.
    """
    text = text.lstrip("\"'<( \t\r\n")
    data = _DATA.match(text)
    payload = text[data.end() :] if data else text
    start = payload[:_SAMPLE]
    if data and text[:5].lower() == "data:":
        start = start.partition(",")[2]
    signs = re.sub(r"\s|\\n|=+[\"')>]?$", "", start)
    kind = next((name for name, begin in _MAGIC if re.match(begin, signs)), None)
    if not data:
        least = _LEAST_RECOGNISED if kind else _LEAST
        if len(signs) < least or not re.fullmatch(r"[A-Za-z0-9+/_-]+", signs):
            return None
    form = "a data: URL" if data else "base64"
    size = len(payload) * 3 // 4
    return f"{form} of about {size:,} bytes{f', {kind}' if kind else ''}"
