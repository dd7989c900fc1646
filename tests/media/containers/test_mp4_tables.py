"""Where samples lie, by the runs of chunks that an stsc box lists."""

from __future__ import annotations

from array import array

from motion_preflight.media.containers.mp4_tables import Track

SIZES = range(1, 10)


def track(*runs: tuple[int, int], chunks: int = 5) -> Track:
    """A track whose samples have the sizes 1 to 9, in chunks that are 1,000 bytes apart."""
    return Track(
        samples=len(SIZES),
        sizes=array("I", SIZES),
        chunks=array("Q", range(0, 1000 * chunks, 1000)),
        first_chunks=array("I", [first for first, _ in runs]),
        samples_per_chunk=array("I", [count for _, count in runs]),
    )


def test_every_sample_is_found_in_its_chunk() -> None:
    result = track((1, 2), (3, 0), (4, 1), (5, 4))
    assert result.reachable == 9
    assert [result.position(index) for index in range(9)] == [
        0, 1, 1000, 1003, 3000, 4000, 4006, 4013, 4021,
    ]  # fmt: skip
    assert [result.samples_of(chunk) for chunk in range(6)] == [
        (0, 2), (2, 2), (4, 0), (4, 1), (5, 4), (9, 0),
    ]  # fmt: skip
    assert result.end() == 4000 + 6 + 7 + 8 + 9


def test_a_sample_that_no_chunk_holds_lies_nowhere() -> None:
    result = track((1, 1))
    assert result.reachable == 5
    assert result.position(5) == 0
    assert track().position(0) == track((1, 1), chunks=0).position(0) == 0


def test_the_runs_are_walked_once_whatever_is_asked() -> None:
    result = track((1, 2), (2, 1))
    assert result.reachable == 6
    result.first_chunks = result.samples_per_chunk = array("I")  # a second walk would find nothing
    assert [result.reachable, result.position(3), result.samples_of(2)] == [6, 2000, (3, 1)]
