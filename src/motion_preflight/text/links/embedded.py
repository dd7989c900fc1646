"""A file itself, as text, where a link to it belongs."""

from __future__ import annotations

import re

_DATA = re.compile(r"data:|(?:[a-z]+/[a-z0-9.+-]{1,60})?;?\s*base64\s*,", re.IGNORECASE)
_MAGIC = (
    ("PNG", "iVBORw0KGgo"), ("JPEG", "/9j/"), ("GIF", "R0lGOD"), ("WebP", "UklGR"),
    ("MP4", "AAAA..Z0eX"), ("WebM", "GkXfo"),
)  # fmt: skip
_LEAST, _KNOWN = 256, 48  # characters from which on it is no path; with a known beginning
_SAMPLE = 4096  # characters that are looked at


def embedded_file(text: str) -> str | None:
    """What kind of file a text is instead of naming one, and its size; `None` for links and paths.

    Of megabytes only the beginning is looked at, and nothing of them is shown.
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
        least = _KNOWN if kind else _LEAST
        if len(signs) < least or not re.fullmatch(r"[A-Za-z0-9+/_-]+", signs):
            return None
    form = "a data: URL" if data else "base64"
    size = len(payload) * 3 // 4
    return f"{form} of about {size:,} bytes{f', {kind}' if kind else ''}"
