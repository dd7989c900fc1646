"""Two links in one spelling: those that name the same file are the same text.

RFC 3986 says which spellings of a URL are the same; signatures differ from one signing to the next.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, unquote_plus, urlsplit

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


def comparable_link(url: str) -> str:
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
