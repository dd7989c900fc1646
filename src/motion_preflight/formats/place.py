"""Where a request is written, read out of the label of its report."""

from __future__ import annotations

import re
from dataclasses import dataclass

from motion_preflight.source.location import redacted

_NUMBER = "[1-9][0-9]{0,8}"
_LINED = re.compile(rf"(.+\.(?:jsonl|ndjson|csv)|-):({_NUMBER})", re.IGNORECASE | re.DOTALL)
_LISTED = re.compile(r"(.+)\[[0-9]+\]", re.DOTALL)
_REQUESTS = re.compile(r"-|.+\.(?:json|jsonl|ndjson|csv)", re.IGNORECASE | re.DOTALL)
_LINE_OF_JSON = re.compile(rf"not JSON: line ({_NUMBER}): ")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request is written, maybe with its line; `-` is stdin, `request` the options."""

    name: str
    line: int | None = None

    @property
    def text(self) -> str:
        """The place for people."""
        return f"{self.name}:{self.line}" if self.line else self.name

    @property
    def file(self) -> str | None:
        """The file, `None` where there is none."""
        return None if self.name in {"", "-", "request"} else self.name


def place_of(label: str) -> Place:
    """The place that a report's label names."""
    shown = redacted(label)
    lined = _LINED.fullmatch(shown)
    if lined:
        return Place(lined[1], int(lined[2]))
    listed = _LISTED.fullmatch(shown)
    return Place(listed[1] if listed else shown)


def label_in(text: str, name: str) -> str:
    """The place in the file of that name which stands at the beginning of what is wrong with it."""
    shown = redacted(name)
    rest = text.removeprefix(shown) if text.startswith(shown) else ""
    inside = re.match(rf"(?::{_NUMBER}|\[[0-9]{{1,9}}\])(?=: )", rest)
    if inside:
        return shown + inside[0]
    line = _LINE_OF_JSON.match(rest.removeprefix(": "))
    return f"{shown}:{line[1]}" if line else shown


def place_of_mistake(text: str) -> Place:
    """The place that stands at the beginning of what is wrong with a manifest, if one does."""
    label, _, what = text.partition(": ")
    place, line = place_of(label), _LINE_OF_JSON.match(what)
    if not _REQUESTS.fullmatch(place.name):
        return Place("")
    return Place(place.name, int(line[1])) if line and place.line is None else place
