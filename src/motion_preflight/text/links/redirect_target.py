"""The `Location` of a redirect as browsers read it: raw characters encoded, escapes left alone."""

from __future__ import annotations

import re
from urllib.parse import quote_from_bytes

# Scheme and host: bytes beyond ASCII in them are a name's letters, and no escapes.
_AUTHORITY = re.compile(rb"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*|[A-Za-z][A-Za-z0-9+.-]*:")
_PRINTED = "".join(map(chr, range(0x21, 0x7F)))
# The characters that the URL standard encodes in a path, and in the query of an http URL.
_PATH_SAFE = "".join(set(_PRINTED) - set('"#<>?^`{}'))
_QUERY_SAFE = "".join(set(_PRINTED) - set("\"#<>'"))


def redirect_target(location: bytes) -> str:
    """The reference that the bytes of a `Location` header mean, without its fragment.

    Spaces, quotes and bytes beyond ASCII become escapes as browsers make them, byte by byte. An
    escape that is there already is not encoded a second time, since its signature would break.
    """
    location = location.strip(bytes(range(0x21))).translate(None, b"\t\r\n")
    start = _AUTHORITY.match(location)
    authority = start[0].decode("utf-8", "replace") if start else ""
    rest = location[start.end() :] if start else location
    path, mark, query = rest.partition(b"#")[0].partition(b"?")
    path = path.replace(b"\\", b"/")
    shown = authority + quote_from_bytes(path, safe=_PATH_SAFE)
    return f"{shown}?{quote_from_bytes(query, safe=_QUERY_SAFE)}" if mark else shown
