"""What can be an API key: one word of ASCII characters."""

from __future__ import annotations

_LONGEST = 1000  # characters


def usable_key(key: str) -> str | None:
    """The key without `Bearer` and white space around it; `None` when it cannot be a key."""
    key = key.strip()
    if key == "Bearer" or key.startswith("Bearer "):  # as it stands in a header
        key = key.removeprefix("Bearer").strip()
    usable = 0 < len(key) <= _LONGEST and all("!" <= sign <= "~" for sign in key)
    return key if usable else None


NO_KEY = "holds no API key: a key is one word of ASCII characters"
