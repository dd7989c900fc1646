"""From when to when a link is good, as far as its text says so."""

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
    """When a link begins and ceases to be good; `None` when it does not say.

    Of several signatures all have to hold: the latest start, the earliest end. One that asks for
    more than its style allows comes first, since the host refuses it at any time.
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
    """What links inside the link say, which are for a service that fetches them and passes the file
    on. Links inside of those are not read.
    """
    for value in link.parameters.values():
        if re.match("https?://", value):
            yield from _validities(read_link(value))
