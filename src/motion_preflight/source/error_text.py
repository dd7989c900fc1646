"""Answers that say 200 and hold no file: an error's text, a pointer, or an upload's framing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from motion_preflight.facts import Reason
from motion_preflight.source import Unusable
from motion_preflight.source.location import scrubbed

if TYPE_CHECKING:
    from motion_preflight.source.web import Answer

_FRAMED = re.compile(rb"[0-9A-Fa-f]{1,8}(;chunk-signature=[0-9a-f]{64})?\r\n")
_TEXT = (b"<", b"{", b"[", b"version ")


def ensure_no_error(answer: Answer, head: bytes) -> None:
    """Raises `Unusable` when the first bytes of a file are an error's text, or framed as for an
    upload.
    """
    framed = _FRAMED.match(head)
    if framed and (framed[1] or _is_framed(head, framed.end())):
        raise Unusable(
            Reason.UNREADABLE,
            "the file was stored with the framing of its upload (aws-chunked) around its bytes",
        )
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_TEXT):
        return
    from motion_preflight.network import refusals  # noqa: PLC0415  only of what is text

    headers = {name.lower(): value for name, value in answer.response.headers.items()}
    refusal = refusals.read_refusal(200, headers, head, url=answer.url)
    if refusal:
        missing = refusal.kind is refusals.Refused.MISSING
        reason = Reason.MISSING if missing else Reason.DENIED
        message = f"the host answers 200 and gives no file: {scrubbed(refusal.words)}"
        raise Unusable(reason, message, remedy=refusal.remedy)


def _is_framed(head: bytes, start: int) -> bool:
    """Whether the chunk that begins there ends as a chunk does: a size alone may be a text."""
    size = int(head[: head.index(b"\r")].partition(b";")[0], 16)
    end = head[start + size : start + size + 2]
    return end == b"\r\n" or (size > len(head) and head[start + 4 : start + 8] == b"ftyp")
