"""The hashes that a request is known by: of what it asks for, and of where its media lie.

How two requests are compared by them stands in `submission/fingerprint.py`.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from motion_preflight.text.links.comparison import comparable_link
from motion_preflight.text.links.white_space import UNSEEN

if TYPE_CHECKING:
    from collections.abc import Mapping

# What the wire assumes of a field that is absent. An absent watermark is taken for none.
_DEFAULTS = {"prompt": "", "keep_original_sound": "yes", "watermark_info": {"enabled": False}}
_MEDIA = ("video_url", "image_url")


def identity(origin: str, body: Mapping[str, Any]) -> str:
    """A digest that requests share which ask the same provider for the same, whatever their media.
    A medium that is no text stays in it: nothing else would tell two of them apart.
    """
    filled = {
        field: value
        for field, value in (_DEFAULTS | dict(body)).items()
        if not (field in _MEDIA and isinstance(value, str))
    }
    if isinstance(filled["prompt"], str) and not filled["prompt"].strip(UNSEEN):
        filled["prompt"] = ""  # nobody can see that there is one
    canonical = json.dumps([origin, filled], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def link_key(url: str) -> str:
    """A hash that all spellings and signings of a link share: a link itself may hold secrets."""
    return _sha256(comparable_link(url))


def path_key(path: str) -> str:
    """A hash of where a local file lies, which is that of no link."""
    return _sha256(f"file {path}")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
