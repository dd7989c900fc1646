"""Strict JSON for requests: no field stands twice, and every number is finite."""

from __future__ import annotations

import json
import math
from typing import Any

from motion_preflight.text.credentials import shown_name


def parsed(text: bytes) -> Any:  # noqa: ANN401  JSON
    """The value of a JSON text, with or without a byte order mark.

    Raises `ValueError` also for a field that stands twice and for a number that is not finite, and
    `RecursionError` for deep nesting.
    """
    return json.loads(
        text.removeprefix(b"\xef\xbb\xbf"),
        object_pairs_hook=_once,
        parse_float=_finite,
        parse_constant=_finite,
    )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which no field stands twice, because which of the two a server takes is not
    known.
    """
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise ValueError(f'"{shown_name(name)}" stands twice in one object')
        fields[name] = value
    return fields


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]} is not a number that JSON has")
    return number
