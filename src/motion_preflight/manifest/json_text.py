"""JSON as a request is written in it: no field twice, and every number one."""

from __future__ import annotations

import json
import math
from typing import Any

from motion_preflight.source.location import printable


def parsed(text: bytes) -> Any:  # noqa: ANN401  JSON
    """The value of a JSON text, a byte order mark before it or not, in which no field stands twice
    and every number is one. Raises `ValueError` and `RecursionError`.
    """
    return json.loads(
        text.removeprefix(b"\xef\xbb\xbf"),
        object_pairs_hook=_once,
        parse_float=_finite,
        parse_constant=_finite,
    )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which no field stands twice: which one a server takes is not known."""
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise ValueError(f'"{printable(name)[:60]}" stands twice in one object')
        made[name] = value
    return made


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]} is not a number that JSON has")
    return number
