"""Two links in one spelling: those that name the same file are the same text.

RFC 3986 says which spellings of a URL are the same; signatures differ from one signing to the next.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, quote, unquote, unquote_plus, urlsplit

from motion_preflight.text.links.claims import base64_json, jwt_claims
from motion_preflight.text.links.link import read_link
from motion_preflight.text.links.path_signatures import akamai_validity, unsigned_segments
from motion_preflight.text.links.signatures import styles_of
from motion_preflight.text.links.validity import is_end

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DEPTH = 3  # links inside links; what lies deeper is compared as it is written
_PORTS = {"http": 80, "https": 443}
# Claims that differ from one signing to the next; the others may well name the file.
_VOLATILE_CLAIMS = frozenset(("iat", "exp", "nbf", "jti", "kid", "nonce", "auth_time"))
# Signs that no server reads otherwise when they are escaped: those that need no escape by RFC 3986,
# and those that signing libraries escape and browsers do not.
_PLAIN = re.compile(r"[A-Za-z0-9._~!$'()*,:@-]")


def comparable_link(url: str) -> str:
    """The URL without fragment, user and signature, in the one spelling of RFC 3986, 6.2.

    Its parameters are sorted by name. What is no URL is returned as it is.
    """
    return _comparable(url, _DEPTH)


def _comparable(url: str, depth: int) -> str:
    try:
        parts = urlsplit(url.strip())
        origin = origin_of(parts)
        query = _comparable_query(url, parts.query, depth)
    except ValueError:
        return url
    return f"{origin}{_comparable_path(parts.path, depth)}{query}"


def origin_of(parts: SplitResult) -> str:
    """Scheme, host and port, the usual port left out. Raises `ValueError` for a wrong port."""
    scheme, host = parts.scheme.lower(), comparable_host(parts.hostname or "")
    host = f"[{host}]" if ":" in host else host
    port = parts.port if parts.port != _PORTS.get(scheme) else None
    return f"{scheme}://{host}{f':{port}' if port is not None else ''}"


def comparable_host(host: str) -> str:
    """The host in lower case, escapes decoded, international names in their ASCII form, an IPv6
    address at its shortest, without the dot of the root.
    """
    if ":" in host:
        import ipaddress  # noqa: PLC0415  few links name an IPv6 address

        try:
            return str(ipaddress.ip_address(host))
        except ValueError:
            return host.lower()
    host = unquote(host).lower() if "%" in host else host.lower()
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return host.rstrip(".")
    return host.rstrip(".")


def _comparable_path(path: str, depth: int) -> str:
    first, *rest = _spelled(path).split("/")  # of a URL with a host, nothing stands before `/`
    segments = without_dots(rest)
    decoded = tuple(unquote(segment) for segment in segments)
    kept = [(segments[at], decoded[at]) for at in unsigned_segments(decoded)]
    claimed = [(spelling, _claims_text(text, depth)) for spelling, text in kept]
    shown = [spelling if claims is None else claims for spelling, claims in claimed if claims != ""]
    return f"{first}/{'/'.join(shown)}"


def without_dots(segments: list[str]) -> list[str]:
    """The parts of a path with `.` and `..` carried out (RFC 3986, 5.2.4)."""
    kept: list[str] = []
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    return [*kept, ""] if segments and segments[-1] in {".", ".."} else kept


def _comparable_query(url: str, query: str, depth: int) -> str:
    styles = styles_of(read_link(url))
    kept: list[tuple[str, str]] = []
    for part in query.split("&"):
        name, value = (unquote_plus(text) for text in part.partition("=")[::2])
        key = name.lower()
        if not part or any(style.owns(key) for style in styles) or is_end(key, value):
            continue
        spelling = _comparable_part(part, key, value, depth)
        if spelling:
            kept.append((key, spelling))
    ordered = [part for _, part in sorted(kept, key=lambda named: named[0])]
    return f"?{'&'.join(ordered)}" if ordered else ""


def _comparable_part(part: str, key: str, value: str, depth: int) -> str | None:
    """A parameter in one spelling, `None` when its value is a signature by its form."""
    name = part.partition("=")[0]
    claims = _claims_text(value, depth)
    if claims is not None:
        return _spelled(f"{name}={claims}") if claims else None
    if depth and re.match("https?://", value):
        # A service fetches the link inside, and passes the file on.
        return _spelled(f"{name}={quote(_comparable(value, depth - 1), safe='')}")
    if key == "token" and value.startswith("eyJ"):
        return None  # a signed token that cannot be read: it is not the name of a file
    if "hmac=" in value and akamai_validity(value):
        return None
    return _spelled(part)


def _claims_text(token: str, depth: int) -> str | None:
    """What a JWT says beside its time, `""` when nothing; `None` when it is no JWT, and no JSON
    object in base64 either.
    """
    claims = jwt_claims(token)
    if claims is None and token.startswith("eyJ"):
        claims = base64_json(token)
    if claims is None:
        return None
    lasting = dict(_lasting(claims, depth))
    return _spelled(quote(json.dumps(lasting, sort_keys=True))) if lasting else ""


def _lasting(claims: Mapping[str, Any], depth: int) -> Iterator[tuple[str, Any]]:
    for name, value in claims.items():
        if name not in _VOLATILE_CLAIMS:
            signed = depth and isinstance(value, str) and "?" in value
            yield name, _comparable(value, depth - 1) if signed else value


def _spelled(text: str) -> str:
    """A part of a URL in the one spelling of its escapes (RFC 3986, 6.2.2)."""
    return re.sub("(%[0-9A-Fa-f]{2})|([^!-~])", _escape, text)


def _escape(found: re.Match[str]) -> str:
    if found[2]:
        return quote(found[2], errors="surrogatepass")
    sign = chr(int(found[1][1:], 16))
    return sign if _PLAIN.fullmatch(sign) else found[1].upper()
