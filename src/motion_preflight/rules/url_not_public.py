"""A URL that the provider's server cannot fetch, by its text alone

The server fetches both media itself, so each needs a link that anyone can open: http or https, no
user name or password in it, no address or name of a private network in any spelling. Names of
examples (RFC 2606: example.com, *.example, *.test, *.invalid) are placeholders, where nobody keeps
files. With `--allow-private` hosts of the own network are probed all the same, but
not those to which a public host redirects.
"""

from __future__ import annotations

import re
from shlex import quote
from typing import TYPE_CHECKING

from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.rule import Rule, unmeasured
from motion_preflight.text.locations import is_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="url-not-public",
    level=Level.ERROR,
    authority=Authority.APIMART,
    source="motion-control-page",
)


_REMEDY = "publish the file where anyone can fetch it, and use the direct https link"


def check(case: RuleContext) -> Iterator[Finding]:
    """An error for each URL that the provider cannot fetch, a note for one that came through a
    proxy.
    """
    for field, word, medium in case.media():
        location = medium.location
        if not location or not is_url(location):
            continue
        from motion_preflight.network.addresses import url_problem  # noqa: PLC0415  for URLs only

        wrong = url_problem(location.strip(), allow_private=case.options.allow_private)
        refused = unmeasured(medium, Reason.NOT_PUBLIC)
        if wrong:
            message = f"the URL of the {word} is not a public direct link: {wrong}"
            remedy = _remedy(location.strip(), word, wrong)
            yield RULE.finding(case, Level.ERROR, field, message, remedy)
        elif refused:
            message = f"the {word} was not fetched: {refused.error}"
            yield RULE.finding(case, Level.ERROR, field, message, _REMEDY)
        elif medium.transfer and medium.transfer.proxied:
            message = f"the {word} came through a proxy, so only the name of its host was judged"
            remedy = "see to it that the link works outside your network"
            yield RULE.finding(case, Level.NOTE, field, message, remedy)


def _remedy(url: str, word: str, wrong: str) -> str:
    scheme = url.partition(":")[0].lower()
    if " " in url and "white space" in wrong:
        return "write each space in it as %20"
    if "placeholder" in wrong:
        return f"put the direct link of your own {word.rsplit(maxsplit=1)[-1]} in its place"
    if scheme == "file":
        return f"{_REMEDY}; to check it before, write its path without a scheme"
    if scheme == "s3" and not re.search("[?#@]", url):
        return f"make a signed link of it: `aws s3 presign {quote(url)} --expires-in 86400`"
    if scheme in {"s3", "gs"}:
        return "make a signed link of it, for a day, and use that"
    return _REMEDY
