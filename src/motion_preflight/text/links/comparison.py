"""Links in one spelling, so that two links that name the same file become the same text.

RFC 3986 says which spellings of a URL are equal. Signatures differ from one signing to the next, so
they are left out.
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

_DEPTH = 3  # links inside links; a link nested deeper is compared as it is written
_PORTS = {"http": 80, "https": 443}
# Claims that differ from one signing to the next. Other claims may name the file.
_VOLATILE_CLAIMS = frozenset(("iat", "exp", "nbf", "jti", "kid", "nonce", "auth_time"))
# Characters that mean the same escaped or not: those that need no escape by RFC 3986,
# and those that signing libraries escape and browsers do not.
_PLAIN = re.compile(r"[A-Za-z0-9._~!$'()*,:@-]")


def comparable_link(url: str) -> str:
    """The URL in the one spelling of RFC 3986, 6.2, without fragment, user and signature.

    Its parameters are sorted by name. A text that is not a URL is returned as it is.
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
    """The scheme, host and port; the usual port is left out. Raises `ValueError` for a
    wrong port.
    """
    scheme, host = parts.scheme.lower(), comparable_host(parts.hostname or "")
    host = f"[{host}]" if ":" in host else host
    port = parts.port if parts.port != _PORTS.get(scheme) else None
    return f"{scheme}://{host}{f':{port}' if port is not None else ''}"


def comparable_host(host: str) -> str:
    """The host in lower case with its escapes decoded, without the dot of the root. An
    international name is in its ASCII form, and an IPv6 address in its shortest.
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
    first, *rest = _spelled(path).split("/")  # the path of a URL with a host begins with `/`
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
    """A parameter in one spelling; `None` when its value looks like a signature."""
    name = part.partition("=")[0]
    claims = _claims_text(value, depth)
    if claims is not None:
        return _spelled(f"{name}={claims}") if claims else None
    if depth and re.match("https?://", value):
        # A service that fetches the inner link and passes the file on.
        return _spelled(f"{name}={quote(_comparable(value, depth - 1), safe='')}")
    if key == "token" and value.startswith("eyJ"):
        return None  # a signed token that cannot be read is not the name of a file
    if "hmac=" in value and akamai_validity(value):
        return None
    return _spelled(part)


def _claims_text(token: str, depth: int) -> str | None:
    """What a JWT says apart from its times, `""` when that is nothing; `None` when the text is
    neither a JWT nor a JSON object in base64.
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
    """A part of a URL with its escapes in one spelling (RFC 3986, 6.2.2)."""
    return re.sub("(%[0-9A-Fa-f]{2})|([^!-~])", _escape, text)


def _escape(escape: re.Match[str]) -> str:
    if escape[2]:
        return quote(escape[2], errors="surrogatepass")
    sign = chr(int(escape[1][1:], 16))
    return sign if _PLAIN.fullmatch(sign) else escape[1].upper()
