"""Whether an AVI file is as long as its RIFF chunks say."""

from __future__ import annotations

import pytest

from motion_preflight.media.containers.avi import beyond


def riff(length: int, content: int | None = None) -> bytes:
    return b"RIFF" + length.to_bytes(4, "little") + bytes(length if content is None else content)


@pytest.mark.parametrize(
    ("data", "missing"),
    [
        (riff(40), None),
        (riff(40) + riff(60), None),  # what is longer than a gigabyte has several
        (riff(41), None),
        (riff(40, 30), 10),
        (riff(40) + riff(60, 59), 1),
        (riff(40) + b"JUNK", None),
        (riff(0, 99), None),  # nobody wrote the length at the end
        (riff(0xFFFFFFFF, 99), None),
        (b"", None),
    ],
)
def test_what_is_missing(data: bytes, missing: int | None) -> None:
    words = f"its RIFF chunk declares {missing} bytes beyond the end" if missing else None
    assert beyond(lambda at, length: data[at : at + length], len(data)) == words
