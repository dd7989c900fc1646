"""The digests that a fingerprint is made of. Importing what compares links takes time, so a check,
which knows receipts but compares nothing, does not import this module.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from motion_preflight.text.links.comparison import comparable_link
from motion_preflight.text.links.white_space import UNSEEN

if TYPE_CHECKING:
    from collections.abc import Mapping

# The provider's defaults for absent fields. An absent watermark counts as a disabled one.
_DEFAULTS = {"prompt": "", "keep_original_sound": "yes", "watermark_info": {"enabled": False}}
_MEDIA = ("video_url", "image_url")


def request_digest(origin: str, body: Mapping[str, Any]) -> str:
    """A digest that requests share when they ask the same provider for the same, whatever their
    media. A medium that is no text stays in the digest, since nothing else would tell two of them
    apart.
    """
    filled = {
        field: value
        for field, value in (_DEFAULTS | dict(body)).items()
        if not (field in _MEDIA and isinstance(value, str))
    }
    if isinstance(filled["prompt"], str) and not filled["prompt"].strip(UNSEEN):
        filled["prompt"] = ""  # a prompt of invisible characters counts as none
    canonical = json.dumps([origin, filled], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def link_key(url: str) -> str:
    """A hash that is the same for all spellings and signatures of a link. The link itself is not
    kept, because it may hold secrets.
    """
    return _sha256(comparable_link(url))


def path_key(path: str) -> str:
    """A hash of the path of a local file, which never equals that of a link."""
    return _sha256(f"file {path}")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
