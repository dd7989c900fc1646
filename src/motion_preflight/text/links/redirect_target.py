"""The `Location` of a redirect as browsers read it: raw characters are encoded, escapes stay."""

from __future__ import annotations

import re
from urllib.parse import quote_from_bytes

# Scheme and host. Bytes beyond ASCII in them are letters of the host name, and are not escaped.
_AUTHORITY = re.compile(rb"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*|[A-Za-z][A-Za-z0-9+.-]*:")
_PRINTED = "".join(map(chr, range(0x21, 0x7F)))
# The characters that the URL standard encodes in a path, and in the query of an http URL.
_PATH_SAFE = "".join(set(_PRINTED) - set('"#<>?^`{}'))
_QUERY_SAFE = "".join(set(_PRINTED) - set("\"#<>'"))


def redirect_target(location: bytes) -> str:
    """The reference in the bytes of a `Location` header, without its fragment.

    Spaces, quotes and bytes beyond ASCII become escapes byte by byte, as in browsers. An escape
    that is already there is not encoded again, because that would break a signature.
    """
    location = location.strip(bytes(range(0x21))).translate(None, b"\t\r\n")
    start = _AUTHORITY.match(location)
    authority = start[0].decode("utf-8", "replace") if start else ""
    rest = location[start.end() :] if start else location
    path, mark, query = rest.partition(b"#")[0].partition(b"?")
    path = path.replace(b"\\", b"/")
    shown = authority + quote_from_bytes(path, safe=_PATH_SAFE)
    return f"{shown}?{quote_from_bytes(query, safe=_QUERY_SAFE)}" if mark else shown
