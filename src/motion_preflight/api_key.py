"""What can be an API key."""

from __future__ import annotations

from motion_preflight.errors import SettingsInvalid

_LONGEST = 1000  # characters


def checked_key(key: str, where: str) -> str:
    """The key, if it can be one. Raises `SettingsInvalid`, which names where it was and never shows
    it.
    """
    key = key.strip()
    if key == "Bearer" or key.startswith("Bearer "):  # as it stands in a header
        key = key.removeprefix("Bearer").strip()
    if not key or len(key) > _LONGEST or not all("!" <= sign <= "~" for sign in key):
        raise SettingsInvalid(f"{where} holds no API key: a key is one word of ASCII characters")
    return key
