"""What is compared before a link is shown."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from motion_preflight.media.source.byte_ranges import STEP
from motion_preflight.media.source.local import open_path
from motion_preflight.network.client import Web
from motion_preflight.publishing.content import FileContent
from motion_preflight.publishing.errors import LinkNotProved
from motion_preflight.publishing.proof import prove_link
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host

PIECES = 40


@pytest.fixture
def content(tmp_path: Path) -> FileContent:
    return stored(tmp_path, PIECES * STEP - 7)


def stored(folder: Path, size: int) -> FileContent:
    path = folder / "clip.mp4"
    path.write_bytes(random.Random(size).randbytes(size))
    with open_path(path) as file:
        version = file.version
    return FileContent(path, version, size, "", "a.mp4", "video/mp4")


def prove(host: Host, content: FileContent, data: bytes, habit: Habit | None = None) -> None:
    url = host.serve(content.name, data, habit or Habit())
    with Web(timeout=5, allow_private=True) as web:
        prove_link(url, content, web)


def spoilt(content: FileContent, start: int, end: int) -> bytes:
    data = content.path.read_bytes()
    return data[:start] + bytes(end - start) + data[end:]


def test_a_file_with_another_middle_is_another_one(host: Host, content: FileContent) -> None:
    data = spoilt(content, STEP, (PIECES - 3) * STEP)
    with pytest.raises(LinkNotProved, match="other bytes") as error:
        prove(host, content, data)
    assert error.value.is_other


@pytest.mark.parametrize("start", [0, STEP, 5 * STEP, PIECES * STEP - 8], ids=str)
def test_of_a_host_without_ranges_every_byte_is_compared(
    host: Host, content: FileContent, start: int
) -> None:
    with pytest.raises(LinkNotProved, match="other bytes"):
        prove(host, content, spoilt(content, start, start + 1), Habit(ranges=False))


@pytest.mark.parametrize("start", [0, STEP, 3 * STEP, 9 * STEP - 1], ids=str)
def test_of_a_small_file_every_byte_is_compared(host: Host, tmp_path: Path, start: int) -> None:
    content = stored(tmp_path, 9 * STEP)
    with pytest.raises(LinkNotProved, match="other bytes"):
        prove(host, content, spoilt(content, start, start + 1))


@pytest.mark.parametrize("size", [1, STEP, STEP + 1, 2 * STEP, 3 * STEP + 1, 9 * STEP, 40 * STEP])
@pytest.mark.parametrize("ranges", [True, False])
def test_the_file_itself_is_proved_with_few_requests(
    host: Host, tmp_path: Path, size: int, *, ranges: bool
) -> None:
    content = stored(tmp_path, size)
    prove(host, content, content.path.read_bytes(), Habit(ranges=ranges))
    assert len(host.log) <= 3
    if ranges:
        assert sum(request.sent for request in host.log) < 1 << 20
