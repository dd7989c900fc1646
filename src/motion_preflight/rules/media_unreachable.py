"""A medium that could not be fetched

An error when the host or the disk says that it is not there or not for everyone (401, 403, 404,
410, no such file). Unsure when it may be this network, this moment, or a name that is private only
here: time-outs, 429, 5xx, failed look-ups, a file that changed while it was read. Where the host
says why (expired, a signature, a bot wall, a quota), the finding gives its reason and what helps.
A request whose media were not measured does not pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.link_not_direct import direct_form
from motion_preflight.rules.rule import Rule, unmeasured
from motion_preflight.text.locations import is_url, redacted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.media.facts import Unmeasured
    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="media-unreachable",
    level=Level.ERROR,
    authority=Authority.APIMART,
    source="motion-control-page",
)


_ERRORS = (Reason.MISSING, Reason.DENIED, Reason.NOT_REGULAR)
_UNSURE = (Reason.PRIVATE_HERE, Reason.UNREACHABLE, Reason.TIMEOUT, Reason.CHANGED)


def check(case: RuleContext) -> Iterator[Finding]:
    """An error for each medium that is missing or denied; unsure where the cause may pass."""
    for field, word, medium in case.media():
        failed = unmeasured(medium, *_ERRORS, *_UNSURE)
        if failed is None or (is_url(failed.location or "") and direct_form(failed.location or "")):
            continue  # link-not-direct reports a page of a well-known site
        level = Level.ERROR if failed.reason in _ERRORS else Level.UNSURE
        where = f'"{redacted(failed.location or "")}"'
        message = f"the {word} could not be read ({where}): {failed.error}"
        yield RULE.finding(case, level, field, message, _remedy(failed))


def _remedy(failed: Unmeasured) -> str:
    url = is_url(failed.location or "")
    if failed.remedy:
        return failed.remedy
    if failed.reason is Reason.PRIVATE_HERE:
        return "check it from another network, or with --allow-private if this address is right"
    if failed.reason is Reason.TIMEOUT:
        return "try again, or give it longer with --timeout"
    if failed.reason is Reason.CHANGED:
        return "wait until its upload is complete, then check again"
    if failed.reason in _ERRORS and url:
        return "open the link in a private browser window: it must give the file, without a login"
    if failed.location and failed.location != failed.location.strip():
        return "take out the white space around the name"
    if failed.reason is Reason.DENIED:
        return "give this user the right to read it, or check a copy of it"
    if failed.reason is Reason.NOT_REGULAR:
        return "name the file itself"
    if failed.reason in _ERRORS:
        return _of_a_path(failed.location or "")
    return "try again; if it stays so, open the link in a browser on another network"


def _of_a_path(path: str) -> str:
    if path.startswith("~"):
        return 'write the whole path: only a shell knows what "~" is'
    if path[:1] in {"'", '"'} and path[-1:] == path[:1]:
        return "take the quotes off the path"
    link = _bare_link(path)
    lacking = f'begin it with "https://" if it is a link: "{redacted(link)}"' if link else None
    return lacking or "correct the path"


def _bare_link(path: str) -> str | None:
    """The link that a path was probably intended as, when it looks like one without its scheme;
    `None` for others.
    """
    from motion_preflight.text.links.mistakes import (  # noqa: PLC0415  most media are measured
        bare_link,
        link_mistake,
    )

    mistake = link_mistake(path)
    return mistake.link if mistake else bare_link(path)
