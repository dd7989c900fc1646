"""How two versions of a remote file are told apart: by their validators, their size and their
bytes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from motion_preflight.text.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from motion_preflight.media.source.sparse_file import SparseFile
    from motion_preflight.network.client import Answer

NO_VALIDATORS = str([None, None])
_VERSION = re.compile(r"(.*) (\d+) ([0-9a-f]{64}) ([0-9,-]*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FileVersion:
    """A version that was written down earlier: `size` in bytes, the `spans` that were fetched
    (start and exclusive end) and the `digest` over them (SHA-256, hexadecimal).
    """

    validators: str
    size: int
    digest: str
    spans: tuple[tuple[int, int], ...]


def validators(answer: Answer | None) -> str:
    """The ETag and the Last-Modified of an answer as one text."""
    return str([answer.header(name) if answer else None for name in ("ETag", "Last-Modified")])


def file_version(validators: str, size: int, sparse: SparseFile) -> str:
    """The version of a file as one text; `size` is in bytes."""
    spans = sparse.spans
    places = ",".join(f"{start}-{end}" for start, end in spans)
    return f"{validators} {size} {sparse.digest(spans)} {places}"


def read_version(text: str) -> FileVersion | None:
    """Reads back a text that `file_version` wrote; `None` for any other text."""
    parts = _VERSION.fullmatch(text)
    if parts is None:
        return None
    places = (place.partition("-") for place in parts[4].split(",") if place)
    spans = tuple((int(start), int(end)) for start, _, end in places)
    return FileVersion(parts[1], int(parts[2]), parts[3], spans)


def is_same_version(first: Answer | None, answer: Answer) -> bool:
    """Whether two answers are of the same version: by their validators, or because neither
    has any.
    """
    assert first is not None
    pairs = [(first.header(name), answer.header(name)) for name in ("ETag", "Last-Modified")]
    (tag, tag_now), (date, date_now) = pairs
    if tag and tag_now:
        weak = tag.startswith("W/") or tag_now.startswith("W/")
        same = tag.removeprefix("W/") == tag_now.removeprefix("W/")
        return same and (not weak or date == date_now)
    if date and date_now:
        return date == date_now
    return pairs == [(None, None), (None, None)]
