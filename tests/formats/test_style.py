"""Lines on a terminal: wrapped whole, coloured and linked where that is shown."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motion_preflight.formats.style import Span, Style
from motion_preflight.formats.terminal import columns_of

_ESCAPES = re.compile("\x1b\\[[0-9;]*m|\x1b]8;;[^\x1b]*\x1b\\\\")
_VARIABLES = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "FORCE_HYPERLINK", "TERM_PROGRAM",
              "VTE_VERSION", "WT_SESSION", "KONSOLE_VERSION", "DOMTERM", "KITTY_WINDOW_ID",
              "COLUMNS")  # fmt: skip


class Stream(io.TextIOWrapper):
    def __init__(self, *, terminal: bool) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.parametrize(
    ("terminal", "variables", "coloured"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"TERM": "dumb"}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (False, {"FORCE_COLOR": "1"}, True),
        (False, {"FORCE_COLOR": "0"}, False),
        (False, {"CLICOLOR_FORCE": "1"}, True),
        (False, {"CLICOLOR_FORCE": "0"}, False),
        (True, {"CLICOLOR_FORCE": "0"}, True),
        (True, {"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        (True, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_the_environment_decides_on_colours(
    *,
    terminal: bool,
    variables: dict[str, str],
    coloured: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert Style.of(Stream(terminal=terminal)).colour is coloured


@pytest.mark.parametrize(
    ("terminal", "variables", "linked"),
    [
        (True, {}, False),
        (True, {"VTE_VERSION": "6003"}, True),
        (True, {"VTE_VERSION": "4205"}, False),
        (True, {"VTE_VERSION": "new"}, False),
        (True, {"TERM_PROGRAM": "vscode"}, True),
        (True, {"TERM_PROGRAM": "Apple_Terminal"}, False),
        (True, {"TERM": "xterm-kitty"}, True),
        (True, {"WT_SESSION": "1"}, True),
        (True, {"VTE_VERSION": "6003", "TERM": "dumb"}, False),
        (True, {"VTE_VERSION": "6003", "FORCE_HYPERLINK": "0"}, False),
        (True, {"FORCE_HYPERLINK": "1"}, True),
        (False, {"VTE_VERSION": "6003"}, False),
    ],
)
def test_links_are_shown_where_the_terminal_is_known_to_show_them(
    *,
    terminal: bool,
    variables: dict[str, str],
    linked: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (Style.of(Stream(terminal=terminal)).folder is not None) is linked


@pytest.mark.parametrize(("columns", "width"), [("50", 50), ("0", 80), ("-3", 80), ("wide", 80)])
def test_the_width_that_is_set_counts(
    columns: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert columns_of(Stream(terminal=True)) == width


def test_a_link_names_the_file_from_the_root_and_holds_no_sign_that_ends_it() -> None:
    style = Style(folder="/home/you")
    (line,) = style.flow([Span("a", (), style.file_uri("a \x1b\\é.json"))], "")
    assert line == "\x1b]8;;file:///home/you/a%20%1B%5C%C3%A9.json\x1b\\a\x1b]8;;\x1b\\"
    assert style.file_uri(None) is None
    assert style.file_uri("\ud800") is None
    assert Style().file_uri("a.json") is None


def test_a_heading_is_wrapped_and_every_line_keeps_its_colours() -> None:
    style = Style(width=40, colour=True)
    spans = [Span("FAIL", ("red",)), Span("  "), Span("a.json b.json " * 4, ("bold",))]
    first, *others = style.flow(spans, "    ")
    assert first == "\x1b[31mFAIL\x1b[0m  \x1b[1ma.json b.json a.json b.json a.json\x1b[0m"
    assert others == ["    \x1b[1mb.json a.json b.json\x1b[0m"]


def test_an_amount_stays_on_the_line_of_its_currency() -> None:
    for width in range(40, 60):
        lines = Style(width=width).wrap("What may be sent would cost USD 1.48 to 1.60 at most", "")
        assert any("USD 1.48" in line for line in lines)


def test_a_character_of_two_columns_counts_as_two() -> None:
    lines = Style(width=40).wrap("例え " * 30, "  ")
    assert {len(line) + sum(sign in "例え" for sign in line) for line in lines[:-1]} == {36}
    assert " ".join(lines).split() == ["例え"] * 30


@given(
    st.lists(st.tuples(st.text("ab `\ue000\ue001例\x1b", max_size=30), st.booleans()), max_size=5),
    st.sampled_from([40, 50, 80, 120]),
)
def test_what_is_wrapped_and_coloured_reads_as_it_did(
    parts: list[tuple[str, bool]], width: int
) -> None:
    spans = [Span(text, ("red",) if red else (), "file:///x" if red else None, whole=red)
             for text, red in parts]  # fmt: skip
    plain = Style(width=width).flow(spans, "  ")
    styled = Style(width=width, colour=True, folder="/").flow(spans, "  ")
    assert [_ESCAPES.sub("", line) for line in styled] == plain
    words = "".join(text for text, _ in parts)
    for sign, shown in (("\ue000", " "), ("\ue001", " "), ("\x1b", "�")):
        words = words.replace(sign, shown)
    assert " ".join(plain).split() == words.split()


@pytest.mark.parametrize(
    "path",
    [
        '"clips of my summer/at the beach.mp4"',
        '("a clip of mine.mov")',
        "'/home/me/my clips'",
        "/home/me/my clips/at the beach.mp4",
        "../my clips/at the beach.mp4",
        "~/my clips/at the beach.mp4",
    ],
)
def test_a_path_is_never_broken_at_its_own_blanks(path: str) -> None:
    for width in range(40, 60):
        lines = Style(width).wrap(
            f"the reference video could not be read: {path}: no such file", ""
        )
        assert any(path in line for line in lines)
        assert " ".join(lines).startswith("the reference video could not be read: ")


def test_quoted_words_that_are_no_path_are_broken_as_all_others() -> None:
    text = 'the provider\'s answer was "there is nothing of this kind here, and never was", it says'
    lines = Style(40).wrap(text, "")
    assert max(map(len, lines)) <= 40
    assert " ".join(lines) == text


def test_a_span_that_stays_whole_has_a_line_of_its_own_where_it_would_be_broken() -> None:
    label = "requests of the whole summer.jsonl:17"
    spans = [Span("completed", ("green",)), Span("  "), Span(label, ("red",), whole=True)]
    lines = Style(width=40, colour=True, terminal=True).heading(spans, "  ")
    assert lines == ["\x1b[32mcompleted\x1b[0m", f"  \x1b[31m{label}\x1b[0m"]


@pytest.mark.parametrize("width", [40, 50, 80, 120])
def test_a_command_is_broken_between_words_alone(width: int) -> None:
    command = "motion-preflight fix clips/a.mp4 --for image --output 'clips of mine/for image.mp4'"
    lines = Style(width=width).wrap_remedy(f"to cut it, run `{command}`", "  ", "", set())
    text = "\n".join(lines)
    assert max(map(len, lines)) <= width
    pasted = " ".join(text.partition("run\n")[2].replace("\\\n", " ").split())
    assert pasted == command


def test_a_command_that_is_too_long_stays_whole_for_a_program_and_is_broken_for_a_person() -> None:
    text = f"take it away with `motion-preflight unpublish {'x' * 60}`"
    assert any("unpublish xxx" in line for line in Style().paragraph(text, "  ", ""))
    lines = Style(terminal=True).paragraph(text, "  ", "")
    assert lines[1:] == ["    motion-preflight unpublish \\", f"      {'x' * 60}"]


def test_a_short_command_in_a_remedy_is_never_broken() -> None:
    command = "motion-preflight fix clip.mp4 --for image"
    for lead in range(100):
        lines = Style(width=100).wrap_remedy(f"{'x' * lead} run `{command}`; or", "  ", "", set())
        assert sum(command in line for line in lines) == 1, lines


@pytest.mark.parametrize("terminal", [True, False])
def test_a_command_that_ends_a_message_stands_bare_on_a_terminal(*, terminal: bool) -> None:
    style = Style(width=80, terminal=terminal)
    text = "a.json is written; next: `motion-preflight check a.json`"
    lines = style.paragraph(text, "  ", "")
    assert lines == [text.replace("`", "") if terminal else text]
