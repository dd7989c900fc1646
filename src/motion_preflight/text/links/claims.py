"""What signed tokens inside a link say of themselves: the claims of a JWT, a CloudFront policy.

Nothing is verified: who signed is the host's business, when it ends is the user's.
"""

from __future__ import annotations

import json
import re
from typing import Any


def jwt_claims(text: str) -> dict[str, Any] | None:
    """The payload of a JWT, or of a token built like one (`v1.eyJ…`); `None` when it is none."""
    if "eyJ" not in text or "." not in text:  # eyJ is how base64 of `{"` begins
        return None
    for part in reversed(text.split(".")[:4]):  # the payload stands behind the header
        claims = base64_json(part) if part.startswith("eyJ") else None
        if claims is not None and not {"alg", "typ"} & claims.keys():
            return claims
    return None


def base64_json(text: str) -> dict[str, Any] | None:
    """The JSON object in base64, in its usual, its URL-safe and in CloudFront's spelling."""
    import binascii  # noqa: PLC0415  few links hold a token

    plain = re.sub("[=_]+$", "", text.strip())  # CloudFront writes `_` for `=`
    plain = plain.replace("-", "+").replace("~", "/").replace("_", "/")
    try:
        value = json.loads(binascii.a2b_base64(plain + "=" * (-len(plain) % 4)))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def policy_dates(text: str) -> tuple[object, object]:
    """Start and end of a CloudFront policy, as they stand there; `None` each when absent."""
    statements = (base64_json(text) or {}).get("Statement")
    statement = statements[0] if isinstance(statements, list) and statements else statements
    condition = statement.get("Condition") if isinstance(statement, dict) else None
    condition = condition if isinstance(condition, dict) else {}
    start, end = (condition.get(name) for name in ("DateGreaterThan", "DateLessThan"))
    return tuple(  # type: ignore[return-value]  # one of each
        date.get("AWS:EpochTime") if isinstance(date, dict) else None for date in (start, end)
    )


def json_object(text: str) -> dict[str, Any]:
    """The JSON object that a parameter is, empty when it is none (Twitch signs such a one)."""
    if not text.startswith("{"):
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
