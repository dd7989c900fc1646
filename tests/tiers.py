"""Which tests take more than a moment: a server, a process of their own, the clock, many cases.

What a test file imports puts all of it into a tier, and what a test asks for puts that one there.
`scripts/test --fast` leaves the tiers out and does not even read their files. In every run
without coverage a test of no tier that starts a process, opens a connection or sleeps fails, so
that none is in the wrong place.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import is_hypothesis_test

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TIERS = frozenset(("server", "process", "clock", "sweep"))
FAST = "not (server or process or clock or sweep)"  # the expression of `scripts/test --fast`
_IMPORTS = {
    "motion_preflight.testing.host": "server",
    "http.client": "server",
    "object_servers": "server",
    "encoded": "process",
    "clip_sources": "process",
    "socket": "server",
    "motion_preflight.sandbox.server": "server",
    "subprocess": "process",
    "warm": "process",
    "browser": "process",
    "multiprocessing": "process",
    "kill_trial": "process",
    "motion_preflight.media.programs.decoders": "process",
    "time": "clock",
}
_FIXTURES = {
    "host": "server",
    "motion_provider": "server",
    "moto_s3": "server",
    "signing_s3": "server",
    "azure": "server",
    "ffprobe": "process",
    "both_ffprobes": "process",
    "program": "process",
}
_IMPORT = re.compile(r"^ *(?:from (\S+) import\b|import (\S+))", re.MULTILINE)
_FOLDERS = {"hostile": "process"}
_EVENTS = ("subprocess.Popen", "os.posix_spawn", "os.fork", "os.exec", "socket.connect",
           "socket.bind", "time.sleep")  # fmt: skip


@cache
def tiers_of_file(path: Path) -> frozenset[str]:
    """The tiers of every test of a file. Every worker reads all of them: to parse them too would
    take a second.
    """
    lines = _IMPORT.findall(path.read_text(encoding="utf-8"))
    imported = {from_ or plain for from_, plain in lines}
    return frozenset(
        {_IMPORTS[name] for name in imported & _IMPORTS.keys()}
        | {tier for folder, tier in _FOLDERS.items() if folder in path.parts}
    )


def tiers_of(item: pytest.Item) -> frozenset[str]:
    """The tiers of a test."""
    names = _FIXTURES.keys() & set(getattr(item, "fixturenames", ()))
    result = tiers_of_file(item.path) | {_FIXTURES[name] for name in names}
    return result | {"sweep"} if is_hypothesis_test(getattr(item, "obj", None)) else result


class Watch:
    """Notes what tests of no tier must not do. Python never takes an audit hook out again."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        sys.addaudithook(self._note)

    def _note(self, event: str, _arguments: tuple[object, ...]) -> None:
        if event in _EVENTS:
            self.seen.append(event)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        self.seen.clear()
        yield
        if not any(marker.name in TIERS for marker in item.iter_markers()):
            assert not self.seen, f"{self.seen[0]} in a test of no tier: see tests/tiers.py"
