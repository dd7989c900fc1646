"""The program on a real terminal: its lines, colours and links."""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from paths import FIXTURES
from processes import surroundings
from warm import warm

pytestmark = pytest.mark.skipif(os.name != "posix", reason="terminals of POSIX")
REQUESTS = FIXTURES / "requests"
_COLOURS = re.compile("\x1b\\[[0-9;]*m")
_LINK = re.compile("\x1b]8;;([^\x1b]*)\x1b\\\\")


def printed(
    columns: int, folder: Path, *arguments: str, errors: bool = False, **environment: str
) -> str:
    """What the program writes to a terminal of so many columns, with its `errors` if wanted."""
    import fcntl  # noqa: PLC0415  not on every system
    import pty  # noqa: PLC0415
    import struct  # noqa: PLC0415
    import termios  # noqa: PLC0415

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    names = {"NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS", "TERM_PROGRAM", "VTE_VERSION"}
    variables = surroundings(folder, TERM="xterm-256color", FORCE_HYPERLINK="0")
    variables = {name: value for name, value in variables.items() if name not in names}
    process = warm().start(
        *arguments,
        cwd=REQUESTS,
        env=variables | environment,
        stdout=slave,
        stderr=slave if errors else subprocess.DEVNULL,
    )
    os.close(slave)
    output = b""
    with suppress(OSError):  # EIO: the program has left
        while piece := os.read(master, 1 << 16):
            output += piece
    os.close(master)
    assert process.wait(30) in ({2} if errors else {0, 1, 3})
    return output.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("columns", [40, 50, 80, 120])
def test_a_report_fits_the_terminal_and_is_coloured(columns: int, tmp_path: Path) -> None:
    text = printed(columns, tmp_path, "check", "unsure/audio-longer.json")
    assert text.startswith("\x1b[33;1mUNSURE\x1b[0m  \x1b[1munsure/audio-longer.json")
    assert "\x1b[31;1m●\x1b[0m" in text
    assert "\x1b[32;1m●\x1b[0m" in text
    assert not _LINK.search(text)
    assert max(len(_COLOURS.sub("", line)) for line in text.splitlines()) <= columns


@pytest.mark.parametrize("columns", [40, 50, 80])
def test_an_overview_fits_the_terminal(columns: int, tmp_path: Path) -> None:
    text = printed(columns, tmp_path, "../media/clip-12s.mp4", "../media/image.png")
    assert 'orientation "image" does not fit: what to do stands above' in " ".join(
        _COLOURS.sub("", text).split()
    )
    assert max(len(_COLOURS.sub("", line)) for line in text.splitlines()) <= columns


def test_a_terminal_without_colours_gets_the_same_words(tmp_path: Path) -> None:
    request = "fail/too-short.json"
    text = printed(80, tmp_path, "check", request)
    plain = printed(80, tmp_path, "check", request, NO_COLOR="1")
    assert "\x1b" not in plain
    assert _COLOURS.sub("", text) == plain


def test_a_terminal_with_links_has_them_for_request_and_rule(tmp_path: Path) -> None:
    request = "fail/too-short.json"
    text = printed(80, tmp_path, "check", request, FORCE_HYPERLINK="1")
    request_uri, end, rule_uri, _ = _LINK.findall(text)
    assert request_uri == (REQUESTS / request).as_uri()
    assert end == ""
    assert rule_uri.endswith("/rules/video_duration_below_minimum.py")


@pytest.mark.parametrize("columns", [40, 80])
def test_a_file_with_blanks_that_is_named_in_an_error_can_be_copied(
    columns: int, tmp_path: Path
) -> None:
    name = "a request of mine for the long dance in summer.json"
    assert f"{name}:" in printed(columns, tmp_path, "check", name, errors=True)


@pytest.mark.parametrize("columns", [40, 50, 80])
def test_an_error_of_the_command_line_fits_the_terminal_and_its_command_can_be_copied(
    columns: int, tmp_path: Path
) -> None:
    words = ("tasks", "list", "--since", "the day before yesterday")
    text = printed(columns, tmp_path, *words, errors=True)
    assert max(map(len, text.splitlines())) <= columns
    line = 'argument --since: "the day before yesterday" is not a day like 2026-09-30'
    assert " ".join(text.split()).startswith(f"motion-preflight tasks list: {line} see: ")
    assert "motion-preflight tasks list --help" in text
    meant = printed(columns, tmp_path, "a clip of mine from the beach.mp5", errors=True)
    assert "'a clip of mine from the beach.mp5'\n" in meant
    assert "motion-preflight probe 'a clip of mine from the beach.mp5'" in meant
