"""What an answer without media means, in words."""

from __future__ import annotations

import re
import zlib
from http.client import responses
from typing import TYPE_CHECKING

from motion_preflight.network import refusals
from motion_preflight.network.errors import MediaUnavailable, Reason
from motion_preflight.text.locations import sanitize_external_text

if TYPE_CHECKING:
    from motion_preflight.network.client import Answer

_STATUS = {401: Reason.DENIED, 403: Reason.DENIED, 404: Reason.MISSING, 410: Reason.MISSING}
_HTTP_DATE = re.compile("[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT")


def status_problem(answer: Answer) -> MediaUnavailable:
    """What an answer without media means: its status, and the reason that its body gives."""
    status = answer.status
    headers = {name.lower(): value for name, value in answer.response.headers.items()}
    body = _short_body(answer, refusals.BODY)
    refusal = (
        None  # a proxy speaks only about itself
        if status == 407
        else refusals.read_refusal(status, headers, body, url=answer.url)
    )
    reason = _STATUS.get(status, Reason.UNREACHABLE)
    if refusal and refusal.is_final and reason is Reason.UNREACHABLE and status < 500:
        reason = Reason.MISSING if refusal.kind is refusals.Refused.MISSING else Reason.DENIED
    wait = _wait(answer.header("Retry-After") or "") if status in {429, 503} else ""
    later = f", try again after {wait}" if wait else ""
    why = f": {sanitize_external_text(refusal.words)}" if refusal else ""
    # The words of the standard. The host's own are not shown, because they would read as ours.
    phrase = f" {responses[status]}" if status in responses else ""
    remedy = refusal.remedy if refusal else None
    return MediaUnavailable(
        reason,
        f"the host answers {status}{phrase}{why}{later}",
        remedy=remedy or refusals.remedy_without_reason(status, url=answer.url),
    )


def _wait(text: str) -> str:
    """The time of a Retry-After, a number of seconds or a date; `""` for anything else."""
    text = text.strip()
    if re.fullmatch("[0-9]{1,9}", text):
        return f"{text} s"
    return text if _HTTP_DATE.fullmatch(text) else ""


def _short_body(answer: Answer, most: int) -> bytes:
    """The first `most` bytes of an error's body, unpacked; empty when it cannot be unpacked."""
    body = bytearray()
    try:
        while len(body) < most and (piece := answer.read()):
            body += piece
    except MediaUnavailable:
        pass
    packing = answer.header("Content-Encoding") or ""
    if packing.strip().lower() not in {"gzip", "x-gzip", "deflate"}:
        return bytes(body[:most])
    try:
        return zlib.decompressobj(47).decompress(body[:most], most)
    except zlib.error:
        return b""
