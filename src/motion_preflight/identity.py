"""Which requests are identical: the same body for the same provider, however its links are signed.

A request that is identical to one under way is not sent a second time unasked. Where it is not
certain that two are the same, they count as the same: a question costs less than a second bill.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote_plus, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

# What the wire assumes of a field that is absent. An absent watermark is taken for none.
_DEFAULTS = {"prompt": "", "keep_original_sound": "yes", "watermark_info": {"enabled": False}}
_MEDIA = ("video_url", "image_url")
# The parameters by which storage services and CDNs sign a link, in lower case.
_SIGNING = re.compile(
    r"x-(amz|goog|oss|obs|tos|cos|bce|ms|expires|signature).*|q-(sign|ak|sig|key|header|url).*"
    r"|(aws|google|oss|obs)?access(key)?id|awsaccesskeyid|key-pair-id|policy|signature|sig|sign"
    r"|expires|expire|exp|token|auth|auth_key|access_token|hdnea|hdnts|verify|security-token"
)
_AZURE = frozenset(
    ("sv", "ss", "srt", "sp", "st", "se", "sr", "spr", "sip", "si", "sks", "skt", "ske", "skv",
     "skoid", "sktid")
)  # fmt: skip
_PORTS = {"http": 80, "https": 443}


def identity(origin: str, body: Mapping[str, Any], image_sha256: str | None) -> str:
    """A digest that identical requests share. `image_sha256` is that of a picture that is uploaded:
    its link differs each time.
    """
    filled = _DEFAULTS | dict(body)
    for field in _MEDIA:
        if isinstance(filled.get(field), str):
            filled[field] = unsigned(filled[field])
    if image_sha256 is not None:
        filled["image_url"] = f"sha256:{image_sha256}"
    canonical = json.dumps([origin, filled], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def unsigned(url: str) -> str:
    """The URL without fragment and signature, its scheme and host in lower case."""
    try:
        parts = urlsplit(url.strip())
        host = origin_of(parts)
    except ValueError:
        return url
    named = [(_name(part), part) for part in parts.query.split("&") if part]
    names = {name for name, _ in named}
    signing = _AZURE if "sig" in names else frozenset[str]()
    kept = [part for name, part in named if name not in signing and not _SIGNING.fullmatch(name)]
    query = f"?{'&'.join(kept)}" if kept else ""
    return f"{host}{parts.path or '/'}{query}"


def origin_of(parts: SplitResult) -> str:
    """Scheme, host and port, the usual port left out. Raises `ValueError` for a wrong port."""
    scheme, host = parts.scheme.lower(), (parts.hostname or "").rstrip(".")
    host = f"[{host}]" if ":" in host else host
    port = parts.port if parts.port != _PORTS.get(scheme) else None
    return f"{scheme}://{host}{f':{port}' if port is not None else ''}"


def _name(part: str) -> str:
    return unquote_plus(part.partition("=")[0]).lower()
