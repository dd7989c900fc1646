"""A signed link that is past its date, or soon will be

Signed links of storage services carry their end in the query. The server fetches the media after
the request, possibly some minutes later, and a job of this kind is known to take 8 to 12 minutes:
a link must outlive that.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from motion_preflight.report import Authority, Level
from motion_preflight.rules.rule import Rule
from motion_preflight.source.location import is_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report import Finding
    from motion_preflight.rules.rule import Case

RULE = Rule(
    id="link-expiring",
    level=Level.ERROR,
    authority=Authority.INFERRED,
    source="signed links say their own end, and the server fetches them after the request",
)


_SOON = timedelta(hours=1)
_EPOCHS_SINCE = 1_000_000_000  # smaller numbers are lengths in seconds, not moments


def check(case: Case) -> Iterator[Finding]:
    for field, word, medium in case.media():
        location = medium.location or ""
        end = _end(location) if "?" in location and is_url(location) else None
        if end is None or end - case.now > _SOON:
            continue
        left = int((end - case.now).total_seconds() // 60)
        said = f"{end:%Y-%m-%d %H:%M} UTC"
        if end <= case.now:
            message = f"the signed link of the {word} ended at {said}"
            yield RULE.finding(case, Level.ERROR, field, message, "sign it anew, for a day")
        else:
            soon = f"{left} minute{'s' * (left > 1)}" if left else "less than a minute"
            message = f"the signed link of the {word} ends at {said}, in {soon}"
            yield RULE.finding(case, Level.WARNING, field, message, "sign it for longer, a day say")


def _end(url: str) -> datetime | None:
    """When a signed link ends, as big storage services write it; `None` when it does not say."""
    try:
        query = {name.lower(): value for name, value in parse_qsl(urlsplit(url).query)}
        for vendor in ("x-amz", "x-goog", "x-oss", "x-tos", "x-obs"):
            if f"{vendor}-expires" in query and f"{vendor}-date" in query:
                start = datetime.strptime(query[f"{vendor}-date"], "%Y%m%dT%H%M%S%z")
                end = start + timedelta(seconds=int(query[f"{vendor}-expires"]))
                return end.astimezone(UTC)
        if "se" in query and "sig" in query:
            end = datetime.fromisoformat(query["se"])
            return end.astimezone(UTC) if end.tzinfo else end.replace(tzinfo=UTC)
        if "q-sign-time" in query:
            return datetime.fromtimestamp(int(query["q-sign-time"].partition(";")[2]), UTC)
        stamp = int(query.get("expires") or query.get("x-expires") or "0")
        return datetime.fromtimestamp(stamp, UTC) if stamp > _EPOCHS_SINCE else None
    except (ValueError, OverflowError, OSError):
        return None
