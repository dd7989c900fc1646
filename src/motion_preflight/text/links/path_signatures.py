"""Signatures that stand in the path of a link, before the path of the file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from motion_preflight.text.links.moments import china_moment, hex_moment, moment
from motion_preflight.text.links.validity import CDN_VALIDITY, Validity

if TYPE_CHECKING:
    from collections.abc import Iterator

_AKAMAI = re.compile(r"(?:[\w-]+=)?(?:[a-z]+=[^~]*~)*exp=([0-9]+)~(?:.*~)?hmac=[0-9A-Fa-f]+")
_AKAMAI_START = re.compile(r"(?:^|[~=])st=([0-9]+)~")
_BUNNY = re.compile(r"bcdn_token=[^&]+&(?:.*&)?expires=([0-9]+).*")
_MEDIA_CDN = re.compile(r"(?i:edge-cache-token)=(?:.*[&~])?Expires=([0-9]+)[&~].*Signature=.+")
_CDN77 = re.compile(r"[\w+=-]{22,44},([0-9]{10})")
_DIGEST = re.compile("[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}")


def path_validities(segments: tuple[str, ...], host: str) -> Iterator[Validity]:
    """The validity that each signature in a path states."""
    for at, segment in enumerate(segments):
        akamai = akamai_validity(segment)
        if akamai:
            yield akamai
        for name, pattern in (("Bunny", _BUNNY), ("Media CDN", _MEDIA_CDN), ("CDN77", _CDN77)):
            ended = pattern.fullmatch(segment)
            if ended:
                yield Validity(name, None, moment(ended[1]))
        if at + 2 < len(segments):
            yield from _dated_digest(segment, segments[at + 1])
    if re.search(r"(^|\.)airtableusercontent\.com$", host):
        yield from (Validity("Airtable", None, moment(s)) for s in segments if len(s) == 13)


def akamai_validity(text: str) -> Validity | None:
    """The validity of an Akamai token (`st=…~exp=…~acl=…~hmac=…`), whatever its parameter is
    called; `None` for other texts.
    """
    ended = _AKAMAI.fullmatch(text)
    if ended is None:
        return None
    started = _AKAMAI_START.search(text)
    return Validity("Akamai", moment(started[1]) if started else None, moment(ended[1]))


def _dated_digest(first: str, second: str) -> Iterator[Validity]:
    """The validity of `/digest/hexadecimal time/…` and `/date/digest/…`.

    Some CDNs write the end there. Others write the time of signing and add 30 minutes, so the later
    of the two is taken.
    """
    stamp = hex_moment(second) if _DIGEST.fullmatch(first) else None
    if stamp is None and _DIGEST.fullmatch(second):
        stamp = china_moment(first)
    if stamp:
        yield Validity("a dated token in the path", None, stamp + CDN_VALIDITY)


def unsigned_segments(segments: tuple[str, ...]) -> list[int]:
    """The indexes of the parts of a path that do not belong to a signature. A JWT is among them,
    because it is compared by its claims.
    """
    unsigned: list[int] = []
    skip = -1
    for at, segment in enumerate(segments):
        last = at + 2 >= len(segments)
        if at != skip and not last and any(_dated_digest(segment, segments[at + 1])):
            skip = at + 1
        elif at != skip and not _signs(segment, last=at + 1 >= len(segments)):
            unsigned.append(at)
    return unsigned


def _signs(segment: str, *, last: bool) -> bool:
    patterns = (_AKAMAI, _BUNNY, _MEDIA_CDN, _CDN77, re.compile("s--[\\w-]{8,32}--"))
    return not last and any(pattern.fullmatch(segment) for pattern in patterns)
