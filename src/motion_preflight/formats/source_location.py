"""The place where a request is written, found in the label of its report."""

from __future__ import annotations

import re

from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.locations import redacted

_NUMBER = "[1-9][0-9]{0,8}"
_LINED = re.compile(rf"(.+\.(?:jsonl|ndjson|csv)|-):({_NUMBER})", re.IGNORECASE | re.DOTALL)
_LISTED = re.compile(r"(.+)\[[0-9]+\]", re.DOTALL)
_REQUESTS = re.compile(r"-|.+\.(?:json|jsonl|ndjson|csv)", re.IGNORECASE | re.DOTALL)
_LINE_OF_JSON = re.compile(rf"not JSON: line ({_NUMBER}): ")


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """The file in which a request is written, and its line if known. `-` means stdin, `request` the
    options.
    """

    name: str
    line: int | None = None

    @property
    def text(self) -> str:
        """The place as people read it."""
        return f"{self.name}:{self.line}" if self.line else self.name

    @property
    def file(self) -> str | None:
        """The path of the file, `None` where there is no file."""
        return None if self.name in {"", "-", "request"} else self.name


def place_of(label: str) -> SourceLocation:
    """The place that the label of a report names."""
    shown = redacted(label)
    lined = _LINED.fullmatch(shown)
    if lined:
        return SourceLocation(lined[1], int(lined[2]))
    listed = _LISTED.fullmatch(shown)
    return SourceLocation(listed[1] if listed else shown)


def label_in(text: str, name: str) -> str:
    """The place within the file `name` that stands at the beginning of an error message
    about it.
    """
    shown = redacted(name)
    rest = text.removeprefix(shown) if text.startswith(shown) else ""
    inside = re.match(rf"(?::{_NUMBER}|\[[0-9]{{1,9}}\])(?=: )", rest)
    if inside:
        return shown + inside[0]
    line = _LINE_OF_JSON.match(rest.removeprefix(": "))
    return f"{shown}:{line[1]}" if line else shown


def place_of_mistake(text: str) -> SourceLocation:
    """The place at the beginning of an error message about a manifest; without a name if there is
    none.
    """
    label, _, what = text.partition(": ")
    place, line = place_of(label), _LINE_OF_JSON.match(what)
    if not _REQUESTS.fullmatch(place.name):
        return SourceLocation("")
    return SourceLocation(place.name, int(line[1])) if line and place.line is None else place
