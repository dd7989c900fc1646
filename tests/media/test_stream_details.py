"""What a repair has to know about streams, as real files say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from clip_sources import filtered, options, usual
from clip_table import SOURCES

from motion_preflight.media.facts import MediaFacts
from motion_preflight.media.stream_details import details_of
from motion_preflight.pipeline import probe
from motion_preflight.testing.mp4_surgery import find, put_number

if TYPE_CHECKING:
    from pathlib import Path

    from motion_preflight.media.stream_details import StreamDetails


def details_in(path: Path) -> StreamDetails:
    facts = probe(path)
    assert isinstance(facts, MediaFacts)
    assert facts.details is not None
    return facts.details


@pytest.mark.parametrize(
    ("kind", "mirrored"),
    [("mirrored", True), ("upside down", True), ("mirrored and rotated", True),
     ("rotated by 90", False), ("rotated by 180", False), ("too long", False)],
)  # fmt: skip
def test_a_mirror_is_told_from_a_turn(tmp_path: Path, kind: str, mirrored: bool) -> None:  # noqa: FBT001
    details = details_in(SOURCES[kind].make(tmp_path))
    assert details.mirrored is mirrored


@pytest.mark.parametrize("matrix", [None, 7, "", "00000000: 1 2 3", "00000000:\n00000001:\n"])
def test_a_matrix_that_is_none_mirrors_nothing(matrix: object) -> None:
    sides = [{"displaymatrix": matrix}]
    assert not details_of({"streams": []}, {"side_data_list": sides}).mirrored


def test_dv_has_fields_though_nothing_says_so(tmp_path: Path) -> None:
    words = options("-c:v dvvideo -pix_fmt yuv420p -c:a pcm_s16le -ac 2 -ar 48000 -r 25")
    source = filtered("fps=25,scale=720:576", *words, name="clip.avi").make(tmp_path)
    details = details_in(source)
    assert details.interlaced


def _size(data: bytes, box: int) -> int:
    return int.from_bytes(data[box : box + 4], "big")


@pytest.mark.parametrize(("profile", "own"), [(5, True), (8, False)])
def test_the_colours_of_dolby_vision_alone_are_known(
    tmp_path: Path,
    profile: int,
    own: bool,  # noqa: FBT001
) -> None:
    data = SOURCES["HEVC"].make(tmp_path).read_bytes()  # whose index is behind its samples
    parents = [start for start, _ in find(data, "moov/trak/mdia/minf/stbl/stsd")]
    parents.append(parents[-1] + 16)  # the entry of the codec
    end = parents[-1] + _size(data, parents[-1])
    head = bytes([1, 0]) + (profile << 9 | 3 << 3 | 0b101).to_bytes(2, "big")
    box = (32).to_bytes(4, "big") + b"dvcC" + head + bytes(20)
    for parent in parents:
        data = put_number(data, parent, _size(data, parent) + len(box))
    source = tmp_path / "dolby.mp4"
    source.write_bytes(data[:end] + box + data[end:])
    assert details_in(source).own_colours is own


def test_pixels_that_can_be_transparent_are_known(tmp_path: Path) -> None:
    words = options("-c:v qtrle -pix_fmt argb")
    assert details_in(filtered("format=argb", *words, name="clip.mov").make(tmp_path)).clear
    assert not details_in(usual().make(tmp_path)).clear
