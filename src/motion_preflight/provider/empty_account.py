"""Whether a refusal means that the account has no money left.

The documents name 402 for it. Second-hand: 429 with `insufficient_quota`, 403 with
`insufficient_user_quota`, and messages about the balance. A 429 about too many requests uses some
of the same words, but means that the request may be sent later.
"""

from __future__ import annotations

import re
from typing import Any

from motion_preflight.provider.values import object_of

_CODES = re.compile(
    r"insufficient[ _-]?(\w+[ _-])?(quota|balance|funds?|credits?)|payment[ _-]?required"
    r"|billing_(hard_limit|not_active)\w*|(balance|credit|quota)_(insufficient|exhausted)"
    r"|account_(arrears|overdue)",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"(?<!load[ -])\bbalance\b|\brecharge|\btop[ -]?up\b|\barrears\b|\bbilling\b"
    r"|(insufficient|not enough|no) (\w+ )?(funds|credits?)|out of credits?"
    r"|余额|充值|欠费|额度(不足|已用)|餘額|儲值",
    re.IGNORECASE,
)
_QUOTA = re.compile(r"\bquota\b|额度|配额", re.IGNORECASE)
_PACE = re.compile(
    r"rate[ _-]?limit|\bper (second|minute|hour|day)\b|\b(rpm|tpm|rps|qps)\b|requests? (per|limit)"
    r"|concurren|too many|frequen|频率|并发|请求数",
    re.IGNORECASE,
)


def account_is_empty(status: int, data: Any, words: str) -> bool:  # noqa: ANN401  JSON
    """Whether an answer with that HTTP status means an empty account, by its codes or its words."""
    root = object_of(data)
    error = object_of(root.get("error"))
    codes = [error.get("type"), error.get("code"), root.get("code"), root.get("type")]
    if status == 402 or any(isinstance(code, str) and _CODES.search(code) for code in codes):
        return True
    if _CODES.search(words):
        return True
    if status != 429:
        return False  # a 400 may mention the quota of something else
    if _MONEY.search(words):
        return True
    return bool(_QUOTA.search(words)) and not _PACE.search(words)
