"""The errors that an answer without a usable file means, also one that says 200: an error's text, a
pointer, or an upload's framing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from motion_preflight.network.errors import MediaUnavailable, Reason
from motion_preflight.text.locations import sanitize_external_text

if TYPE_CHECKING:
    from motion_preflight.network.client import Answer

_FRAMED = re.compile(rb"[0-9A-Fa-f]{1,8}(;chunk-signature=[0-9a-f]{64})?\r\n")
_TEXT = (b"<", b"{", b"[", b"version ")


def refused(answer: Answer, why: str) -> MediaUnavailable:
    """The error for an answer that is not read; its connection is closed."""
    answer.close()
    return MediaUnavailable(Reason.UNREACHABLE, why)


def problem_of(answer: Answer) -> MediaUnavailable:
    """The error that the status of an answer means; its connection is closed."""
    from motion_preflight.network.status import status_problem  # noqa: PLC0415  hosts that refuse

    try:
        return status_problem(answer)
    finally:
        answer.close()


def ensure_no_error(answer: Answer, head: bytes) -> None:
    """Raises `MediaUnavailable` when the first bytes of a file are an error's text, or still framed
    as for an upload.
    """
    framed = _FRAMED.match(head)
    if framed and (framed[1] or _is_framed(head, framed.end())):
        raise MediaUnavailable(
            Reason.UNREADABLE,
            "the file was stored with the framing of its upload (aws-chunked) around its bytes",
        )
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_TEXT):
        return
    from motion_preflight.network import refusals  # noqa: PLC0415  needed for text only

    headers = {name.lower(): value for name, value in answer.response.headers.items()}
    refusal = refusals.read_refusal(200, headers, head, url=answer.url)
    if refusal:
        missing = refusal.kind is refusals.Refused.MISSING
        reason = Reason.MISSING if missing else Reason.DENIED
        message = f"the host answers 200 and gives no file: {sanitize_external_text(refusal.words)}"
        raise MediaUnavailable(reason, message, remedy=refusal.remedy)


def _is_framed(head: bytes, start: int) -> bool:
    """Whether the chunk that begins there also ends as a chunk does: a text may begin with a number
    too.
    """
    size = int(head[: head.index(b"\r")].partition(b";")[0], 16)
    end = head[start + size : start + size + 2]
    return end == b"\r\n" or (size > len(head) and head[start + 4 : start + 8] == b"ftyp")
