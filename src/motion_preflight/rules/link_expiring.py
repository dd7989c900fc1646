"""A signed link that is past its date, or soon will be

Signed links of storage services carry their end in the query or in the path. The server fetches the
media after the request, possibly some minutes later, and a job of this kind is known to take 8 to
12 minutes: a link must outlive that, so less than an hour is a warning. A link that is not valid
yet, or that asks for more time than its kind of signature allows, is refused by its host.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.rule import Rule
from motion_preflight.text.locations import is_url
from motion_preflight.text.numbers import plural

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext
    from motion_preflight.text.links.validity import Validity

RULE = Rule(
    id="link-expiring",
    level=Level.ERROR,
    authority=Authority.INFERRED,
    source="signed links say their own end, and the server fetches them after the request",
)


_SOON = timedelta(hours=1)
# Signs of a signature: a parameter, a token in the path, or a digest that may stand beside a time.
_MAY_BE_SIGNED = re.compile("[?~,]|[^/]=|eyJ|[0-9a-fA-F]{32}|airtable", re.IGNORECASE)
# Clocks may differ by this much, and the server fetches a little later.
_SKEW = timedelta(minutes=5)


def check(case: RuleContext) -> Iterator[Finding]:
    """An error for each link that its host refuses now, a warning for one that ends
    within an hour.
    """
    for field, word, medium in case.media():
        location = medium.location or ""
        validity = _validity(location)
        if validity is None:
            continue
        refusal = _refusal(validity, case.now)
        if refusal:
            why, remedy = refusal
            yield RULE.finding(
                case, Level.ERROR, field, f"the signed link of the {word} {why}", remedy
            )
        elif validity.end and validity.end - case.now <= _SOON:
            minutes = int((validity.end - case.now).total_seconds() // 60)
            soon = plural(minutes, "minute") if minutes else "less than a minute"
            message = f"the signed link of the {word} ends at {_clock(validity.end)}, in {soon}"
            yield RULE.finding(case, Level.WARNING, field, message, "sign it for longer, a day say")


def _validity(location: str) -> Validity | None:
    if not _MAY_BE_SIGNED.search(location) or not is_url(location):
        return None
    from motion_preflight.text.links.expiry import (  # noqa: PLC0415  many links are not signed
        link_validity,
    )

    return link_validity(location)


def _refusal(validity: Validity, now: datetime) -> tuple[str, str] | None:
    """Why the host refuses a link at this moment, and what to do; `None` when it does not."""
    if validity.end and validity.end <= now:
        return f"ended at {_clock(validity.end)}", "sign it anew, for a day"
    if validity.start and validity.start - now > _SKEW:
        return (
            f"is not valid before {_clock(validity.start)}",
            "sign it with a start that has passed; check the clock of the machine that signs",
        )
    if validity.too_long and validity.start and validity.end and validity.most:
        asked, most = validity.end - validity.start, validity.most
        return (
            f"asks for {_length(asked)}, and {validity.style} allows {_length(most)} at most",
            f"sign it for {_length(most)} or less",
        )
    return None


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _length(length: timedelta) -> str:
    """A length of time for people: whole days, or days and the seconds beyond them."""
    rest = plural(length.seconds, "second")
    if not length.days:
        return rest
    days = plural(length.days, "day")
    return f"{days} and {rest}" if length.seconds else days
