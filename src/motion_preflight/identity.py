"""Which requests are identical: the same body for the same provider, however its links are signed.

A request that is identical to one under way is not sent a second time unasked. Where it is not
certain that two are the same, they count as the same: a question costs less than a second bill.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, quote, unquote_plus, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

# What the wire assumes of a field that is absent. An absent watermark is taken for none.
_DEFAULTS = {"prompt": "", "keep_original_sound": "yes", "watermark_info": {"enabled": False}}
_MEDIA = ("video_url", "image_url")
# The parameters by which storage services and CDNs sign a link, in lower case.
_SIGNING = re.compile(
    r"x-(amz|goog|oss(?!-process)|obs|tos|cos|bce|ms|expires|signature).*"
    r"|q-(sign|ak|sig|key|header|url).*"
    r"|(aws|google|oss|obs)?access(key)?id|awsaccesskeyid|key-pair-id|policy|signature|sig|sign"
    r"|expires|expire|exp|token|auth|auth_key|access_token|hdnea|hdnts|hdntl|verify|security-token"
    r"|authorization|__token__"
)
_AZURE = frozenset(
    ("sv", "ss", "srt", "sp", "st", "se", "sr", "spr", "sip", "si", "sks", "skt", "ske", "skv",
     "skoid", "sktid", "saoid", "suoid", "scid", "sdd", "ses")
)  # fmt: skip
# Names that are of a signature where all of the first ones stand.
_TOGETHER = (
    ({"sig"}, _AZURE),
    ({"e", "token"}, {"e"}),  # Qiniu
    ({"t", "sign"}, {"t"}),  # Tencent's CDN
    ({"ex", "is", "hm"}, {"ex", "is", "hm"}),  # Discord
    ({"md5", "expires"}, {"md5"}),  # nginx
)
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
    signing = {name for needed, more in _TOGETHER if needed <= names for name in more}
    kept = [
        (name, _spelled(part))
        for name, part in named
        if name not in signing and not _SIGNING.fullmatch(name)
    ]
    ordered = [part for _, part in sorted(kept, key=lambda each: each[0])]
    query = f"?{'&'.join(ordered)}" if ordered else ""
    return f"{host}{_spelled(parts.path) or '/'}{query}"


def origin_of(parts: SplitResult) -> str:
    """Scheme, host and port, the usual port left out. Raises `ValueError` for a wrong port."""
    scheme, host = parts.scheme.lower(), (parts.hostname or "").rstrip(".")
    host = f"[{host}]" if ":" in host else host
    port = parts.port if parts.port != _PORTS.get(scheme) else None
    return f"{scheme}://{host}{f':{port}' if port is not None else ''}"


def _name(part: str) -> str:
    return unquote_plus(part.partition("=")[0]).lower()


def _spelled(text: str) -> str:
    """A part of a URL in the one spelling of its escapes (RFC 3986, 6.2.2)."""
    return re.sub("(%[0-9A-Fa-f]{2})|([^!-~])", _escape, text)


def _escape(found: re.Match[str]) -> str:
    if found[2]:
        return quote(found[2], errors="surrogatepass")
    sign = chr(int(found[1][1:], 16))
    return sign if re.fullmatch("[A-Za-z0-9._~-]", sign) else found[1].upper()
