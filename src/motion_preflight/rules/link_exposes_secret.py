"""A link that holds a secret which is good for more than the file

The provider is handed the link as it is, and may keep it. The token of a bot in the path lets
anyone be that bot, the token of a webhook lets anyone post there, and an API key or a long random
part of a path gives access until somebody changes it. Publish the file under a link of its own,
best one that is signed and ends; a secret that was handed out already should be changed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.rule import Rule
from motion_preflight.text.locations import is_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="link-exposes-secret",
    level=Level.WARNING,
    authority=Authority.INFERRED,
    source="the provider is handed the whole link, and whoever reads it there can use the secret",
)

# Signs of a secret: a long part of a path, a parameter, or a name that goes with a secret.
_MAY_HOLD_ONE = re.compile(r"[^/\\.]{16,}|[?;=]|hook|oraclecloud|(?i:key|token|auth|secret|sess)")
_REMEDY = "publish the file under a link of its own (a signed one that ends, say)"


def check(case: RuleContext) -> Iterator[Finding]:
    """A warning for each link whose text gives away a secret."""
    for field, word, medium in case.media():
        location = medium.location or ""
        if not _MAY_HOLD_ONE.search(location) or not is_url(location):
            continue
        from motion_preflight.text.links.secrets import (  # noqa: PLC0415  most links hold none
            exposed_secrets,
        )

        secrets = exposed_secrets(location)
        if secrets:
            message = f"the link of the {word} hands the provider {' and '.join(secrets[:3])}"
            yield RULE.finding(case, Level.WARNING, field, message, _REMEDY)
