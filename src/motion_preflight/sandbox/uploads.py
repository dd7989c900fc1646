"""What a form carries to be uploaded, and which kind of picture it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from motion_preflight.sandbox.documents import Refused

if TYPE_CHECKING:
    from motion_preflight.sandbox.wire import Request

UPLOAD = 20_000_000  # bytes of a picture, at most
_PICTURES = (
    (rb"\xff\xd8\xff", "image/jpeg", "jpg"),
    (rb"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (rb"RIFF....WEBP", "image/webp", "webp"),
    (rb"GIF8[79]a", "image/gif", "gif"),
)


def picture_kind(data: bytes) -> tuple[str, str]:
    """Content type and suffix of a picture. Raises `Refused` for what is none, or too large."""
    if len(data) > UPLOAD:
        raise Refused(413, f"the picture has {len(data)} bytes; at most 20 MB are taken")
    for signature, kind, suffix in _PICTURES:
        if re.match(signature, data, re.DOTALL):
            return kind, suffix
    raise Refused(400, "the file is not a JPEG, PNG, WebP or GIF picture")


def file_field(request: Request) -> tuple[str, bytes]:
    """Name and bytes of the field `file` of a form. Raises `Refused`."""
    kind = request.headers.get("content-type", "")
    boundary = re.search(r'boundary="?([^";]+)', kind)
    if boundary and kind.lower().startswith("multipart/form-data"):
        parts = (b"\r\n" + request.body).split(b"\r\n--" + boundary[1].encode("latin-1"))
        for part in parts[1:-1]:
            head, _, data = part.partition(b"\r\n\r\n")
            if re.search(rb'(?i)content-disposition:[^\r]*[; ]name="file"', head):
                name = re.search(rb'filename="([^"]*)"', head)
                return name[1].decode("utf-8", "replace") if name else "", data
    raise Refused(400, "the form has no field `file`")
