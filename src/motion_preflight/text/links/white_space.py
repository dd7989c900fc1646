"""White space and invisible characters around a link, which come along when it is copied."""

from __future__ import annotations

import re

_RANGES = (
    (0x00, 0x20), (0x7F, 0xA0), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160),
    (0x1680, 0x1680), (0x17B4, 0x17B5), (0x180B, 0x180E), (0x2000, 0x200F), (0x2028, 0x202F),
    (0x205F, 0x206F), (0x2800, 0x2800), (0x3000, 0x3000), (0x3164, 0x3164), (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB), (0xE0000, 0xE007F),
)  # fmt: skip
UNSEEN = "".join(chr(code) for first, last in _RANGES for code in range(first, last + 1))
_NAMES = {
    " ": "a space", "\t": "a tab", "\n": "a line break", "\r": "a line break",
    "\xa0": "a no-break space", "\u200b": "a zero-width space", "\ufeff": "a byte-order mark",
    "\u3000": "a wide space", "\u202a": "a direction mark", "\u200e": "a direction mark",
    "\u200f": "a direction mark",
}  # fmt: skip
_LINK = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]+:(?://|(?<=data:)|(?<=https:)|(?<=http:)|(?<=file:)|(?<=blob:))",
    re.IGNORECASE,
)
_FEW = 3


def trim_link(text: str) -> str:
    """The text without invisible characters around it when it is a link. A path stays as it is."""
    bare = text.strip(UNSEEN)
    return bare if len(bare) < len(text) and _LINK.match(bare) else text


def around_link(text: str) -> str | None:
    """What `trim_link` removes, in words (`a tab and a no-break space`); `None` when it removes
    nothing.
    """
    bare = trim_link(text)
    if bare == text:
        return None
    start = text.find(bare)
    signs = dict.fromkeys(text[:start] + text[start + len(bare) :])
    names = list(dict.fromkeys(_NAMES.get(sign, f"U+{ord(sign):04X}") for sign in signs))
    return " and ".join(names[:_FEW]) + (" and others" if len(names) > _FEW else "")
