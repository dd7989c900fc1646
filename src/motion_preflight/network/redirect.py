"""Where a host sends whoever asks it for a URL."""

from __future__ import annotations

from contextlib import closing, suppress

import httpx

from motion_preflight.network.transport import GuardedTransport

_SECONDS, _BYTES = 10.0, 1 << 20  # of the whole exchange


def redirect_of(url: str) -> str:
    """The `Location` of the answer to a HEAD, which is not followed; `""` without one, or without
    an answer. The host may be private.
    """
    with closing(GuardedTransport(allow_private=True)) as transport, suppress(Exception):
        transport.deadline.begin(_SECONDS, _BYTES)
        transport.deadline.allow(_SECONDS)
        answer = transport.handle_request(httpx.Request("HEAD", url))
        answer.close()
        location: str = answer.headers.get("location", "")
        return location
    return ""
