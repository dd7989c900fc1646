"""Whether a Matroska file is as long as it says."""

from pathlib import Path

import pytest

from motion_preflight.source.matroska import beyond

MEDIA = Path(__file__).parent.parent.parent / "fixtures" / "media"
EBML = bytes.fromhex("1a45dfa3 80")  # an empty header
SEGMENT = bytes.fromhex("18538067")


@pytest.mark.parametrize("name", ["clip-8s.mkv", "clip-8s.webm", "live.webm", "piped.mkv"])
def test_whole_files_hold_what_they_declare(name: str) -> None:
    data = (MEDIA / name).read_bytes()
    assert beyond(data[:512], len(data)) is None


@pytest.mark.parametrize("name", ["clip-8s.mkv", "clip-8s.webm"])
def test_files_that_are_cut_do_not(name: str) -> None:
    data = (MEDIA / name).read_bytes()
    said = f"the segment declares {len(data) - len(data) // 8:,} bytes beyond the end"
    assert beyond(data[:512], len(data) // 8) == said


@pytest.mark.parametrize(
    ("head", "size", "missing"),
    [
        (EBML + SEGMENT + b"\x8a", 20, None),
        (EBML + SEGMENT + b"\x8a", 19, 1),
        (EBML + SEGMENT + b"\x40\x0a", 20, 1),
        (EBML + SEGMENT + b"\x01" + (10).to_bytes(7, "big"), 27, None),
        (EBML + SEGMENT + b"\x01" + (10).to_bytes(7, "big"), 26, 1),
        (EBML + SEGMENT + b"\xff", 10, None),
        (EBML + SEGMENT + b"\x01" + b"\xff" * 7, 10, None),
        (EBML + SEGMENT + b"\x00", 10, None),
        (EBML + SEGMENT + b"\x40", 10, None),
        (EBML + SEGMENT, 9, None),
        (EBML, 5, None),
        (EBML + b"\xec\x80" + SEGMENT + b"\x8a", 8, None),
        (b"", 0, None),
    ],
)  # fmt: skip
def test_the_length_of_the_segment(head: bytes, size: int, missing: int | None) -> None:
    said = f"the segment declares {missing} bytes beyond the end" if missing else None
    assert beyond(head, size) == said
