"""Which requests are identical: the same body for the same provider, however its links are signed.

A request that is identical to one under way is not sent a second time unasked. Where it is not
certain that two are the same, they count as the same: a question costs less than a second bill.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from motion_preflight.text.links.comparison import comparable_link

if TYPE_CHECKING:
    from collections.abc import Mapping

# What the wire assumes of a field that is absent. An absent watermark is taken for none.
_DEFAULTS = {"prompt": "", "keep_original_sound": "yes", "watermark_info": {"enabled": False}}
_MEDIA = ("video_url", "image_url")


def identity(origin: str, body: Mapping[str, Any], image_sha256: str | None) -> str:
    """A digest that identical requests share. `image_sha256` is that of a picture that is uploaded:
    its link differs each time.
    """
    filled = _DEFAULTS | dict(body)
    for field in _MEDIA:
        if isinstance(filled.get(field), str):
            filled[field] = comparable_link(filled[field])
    if image_sha256 is not None:
        filled["image_url"] = f"sha256:{image_sha256}"
    canonical = json.dumps([origin, filled], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
