"""From when to when a link is valid, as far as its text says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from motion_preflight.text.links.claims import jwt_claims
from motion_preflight.text.links.link import read_link
from motion_preflight.text.links.moments import moment
from motion_preflight.text.links.path_signatures import akamai_validity, path_validities
from motion_preflight.text.links.signatures import styles_of
from motion_preflight.text.links.validity import Validity, end_by_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.text.links.link import Link


def link_validity(url: str) -> Validity | None:
    """When a link starts and stops being valid; `None` when it does not say.

    All signatures of a link must be valid at once, so the latest start and the earliest end count.
    A signature that asks for more time than its style allows goes first, because the host always
    refuses it.
    """
    try:
        link = read_link(url)
        stated = [one for one in (*_validities(link), *_carried(link)) if one.start or one.end]
    except ValueError:
        return None
    if not stated:
        return None
    bounding = [one for one in stated if one.too_long] or stated
    start = max((one.start for one in stated if one.start), default=None)
    end = min((one.end for one in stated if one.end), default=None)
    if bounding[0].too_long:
        return bounding[0]
    return Validity(bounding[0].style, start, end)


def _validities(link: Link) -> Iterator[Validity]:
    ends = False
    for style in styles_of(link):
        validity = Validity(style.name, *style.read(link.parameters), style.most)
        ends = ends or validity.end is not None
        yield validity
    for value in (*link.parameters.values(), *link.segments):
        akamai = akamai_validity(value) if "hmac=" in value else None
        claims = jwt_claims(value)
        if akamai:
            yield akamai
        if claims:
            yield Validity("JWT", moment(claims.get("nbf")), moment(claims.get("exp")))
    yield from path_validities(link.segments, link.host)
    if not ends:
        yield Validity("an end by its name", None, end_by_name(link.parameters))


def _carried(link: Link) -> Iterator[Validity]:
    """The validity of links inside the link, which a service fetches to pass the file on. Links
    inside of those are not read.
    """
    for value in link.parameters.values():
        if re.match("https?://", value):
            yield from _validities(read_link(value))
