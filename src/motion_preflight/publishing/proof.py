"""Proves that a link gives the file: fetched as a server would, without credentials."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from motion_preflight.media.source.byte_ranges import STEP
from motion_preflight.media.source.remote import open_url
from motion_preflight.network.errors import MediaUnavailable, Reason
from motion_preflight.publishing.errors import LinkNotProved
from motion_preflight.text.locations import printable, redacted
from motion_preflight.text.redaction import mask_secrets, url_secrets

if TYPE_CHECKING:
    from motion_preflight.network.client import Web
    from motion_preflight.publishing.content import FileContent

# What a host says of a file whose type it does not know. It is no lie, and the provider looks at
# the bytes, so such a link is good.
_UNNAMED = {"", "application/octet-stream", "binary/octet-stream"}

_SMALL = 9  # pieces
_REHEARSAL = "(allow private hosts for a rehearsal on your own network)"


def prove_link(url: str, content: FileContent, web: Web) -> None:
    """Fetches the first and the last bytes of a link and some of its middle, by ranges where the
    host has them, and compares all that came, the size and the type with those of the file. Raises
    `LinkNotProved`, and `FileChanged`.
    """
    try:
        _prove(url, content, web)
    except LinkNotProved as error:  # hosts repeat what they were asked with
        text = mask_secrets(str(error), url_secrets([url]))
        raise LinkNotProved(text, is_other=error.is_other) from None


def _prove(url: str, content: FileContent, web: Web) -> None:
    try:
        with open_url(url, cap=content.size + 1, web=web) as remote:
            if remote.size != content.size:
                raise _other(f"{remote.size:,} bytes instead of {content.size:,}")
            pieces = -(-content.size // STEP)
            for piece in _sample(pieces):
                remote.fetch(piece * STEP, STEP)
            for offset in range(0, content.size, STEP):
                if not remote.has(offset, STEP):
                    continue
                if remote.read(offset, STEP) != content.read(offset, STEP):
                    raise _other(f"other bytes at {offset:,}")
            _compare_type(remote.transfer.content_type, content)
    except MediaUnavailable as error:
        if error.reason is Reason.TOO_LARGE:
            raise _other(f"more than the {content.size:,} bytes of the file") from None
        raise LinkNotProved(_not_fetched(error)) from None


def _sample(pieces: int) -> list[int]:
    """The pieces of a file to look at, by their numbers: the first, the last two, and one between
    them that nobody foresees; all of a small file, whose rest one request brings.
    """
    if pieces <= _SMALL:
        return list(range(pieces))
    return [0, 1 + secrets.randbelow(pieces - 3), pieces - 2, pieces - 1]


def ensure_reachable(address: str, web: Web) -> None:
    """Raises `LinkNotProved` when the provider could not fetch from an address, before anything is
    sent there; an empty address is not judged.
    """
    problem = web.problem(address) if address else None
    if problem:
        raise LinkNotProved(
            f"the provider cannot fetch from {redacted(address)}: {problem} {_REHEARSAL}"
        )


def _compare_type(stated: str | None, content: FileContent) -> None:
    """Raises `LinkNotProved` when the host serves the file as something of another kind."""
    kind = (stated or "").partition(";")[0].strip().lower()
    if kind in _UNNAMED or kind == content.content_type:
        return
    if kind.partition("/")[0] != content.content_type.partition("/")[0]:
        shown = printable(kind[:60]).replace('"', "'")
        raise _other(f'the type "{shown}" instead of {content.content_type}')


def _other(what: str) -> LinkNotProved:
    text = f"the link gives {what}: something between changes what is stored"
    return LinkNotProved(text, is_other=True)


def _not_fetched(error: MediaUnavailable) -> str:
    text = f"the link does not give the file to somebody without credentials: {error}"
    if error.reason in {Reason.NOT_PUBLIC, Reason.PRIVATE_HERE}:
        return f"{text}, and so it is for the provider {_REHEARSAL}"
    remedy = getattr(error, "remedy", None)
    return f"{text}; {remedy}" if remedy else text
