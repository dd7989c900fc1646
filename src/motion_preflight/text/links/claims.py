"""What signed tokens inside a link say: the claims of a JWT, a CloudFront policy.

Nothing is verified. Only the host can check who signed; the user needs to know when it ends.
"""

from __future__ import annotations

import json
import re
from typing import Any


def jwt_claims(text: str) -> dict[str, Any] | None:
    """The payload of a JWT, or of a token built like one (`v1.eyJ…`); `None` for any other text."""
    if "eyJ" not in text or "." not in text:  # eyJ is how base64 of `{"` begins
        return None
    for part in reversed(text.split(".")[:4]):  # the payload stands behind the header
        claims = base64_json(part) if part.startswith("eyJ") else None
        if claims is not None and not {"alg", "typ"} & claims.keys():
            return claims
    return None


def base64_json(text: str) -> dict[str, Any] | None:
    """The JSON object in a base64 text, in the usual, the URL-safe or CloudFront's spelling; `None`
    when there is none.
    """
    import binascii  # noqa: PLC0415  few links hold a token

    plain = re.sub("[=_]+$", "", text.strip())  # CloudFront writes `_` for `=`
    plain = plain.replace("-", "+").replace("~", "/").replace("_", "/")
    try:
        value = json.loads(binascii.a2b_base64(plain + "=" * (-len(plain) % 4)))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def policy_dates(text: str) -> tuple[object, object]:
    """The start and the end of a CloudFront policy, as they are written there; each is `None` when
    absent.
    """
    statements = (base64_json(text) or {}).get("Statement")
    statement = statements[0] if isinstance(statements, list) and statements else statements
    condition = statement.get("Condition") if isinstance(statement, dict) else None
    condition = condition if isinstance(condition, dict) else {}
    start, end = (condition.get(name) for name in ("DateGreaterThan", "DateLessThan"))
    return tuple(  # type: ignore[return-value]  # one of each
        date.get("AWS:EpochTime") if isinstance(date, dict) else None for date in (start, end)
    )


def json_object(text: str) -> dict[str, Any]:
    """The JSON object that a parameter holds, empty when it holds none. Twitch signs such an
    object.
    """
    if not text.startswith("{"):
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
