"""How text looks on a terminal: its width, its colours, its links, and the characters that it can
show.
"""

from __future__ import annotations

import re
import shlex
import sys
import textwrap
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.formats.terminal import columns_of, is_coloured, shows_links
from motion_preflight.text.lazy_dataclass import dataclass, replace
from motion_preflight.text.locations import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_PLAIN = str.maketrans(
    {"●": "*", "━": "=", "┄": ".", "├": "[", "┤": "]", "►": ">", "…": "~", "→": ">"}
)
# The blank between a number and its unit or currency, at which no line is broken.
_UNIT = re.compile(r"(?<=[0-9]) (?=(?:s|bytes|MB|MiB|pixels|frames|%)\b)|(?<=\b[A-Z]{3}) (?=[0-9])")
# A path that may have blanks: one in quotes, or one from the root to its extension.
_PATH = (
    r"""(?<![^\s(=])(["'])(?=\S)[^"'`\n]{0,120}?(?:/[^"'`\n]{0,120}?|\.\w{2,5})\1(?!\w)"""
    r"""|(?<![^\s(])~?\.{0,2}/[^"'`\n]{1,240}?\.\w{2,5}(?![\w./])"""
)
_KEPT = "\ue000"  # stands for a blank at which no line is broken; a private-use character
_FILLER = "\ue001"  # stands behind a character that takes two columns, while lines are counted
_FIRST_WIDE = "\u1100"  # no character before it takes two columns
_WIDEST = 100
_NARROWEST = 40


class Span(NamedTuple):
    """A part of a line that has colours of its own, or is a link, or stays on one line."""

    text: str
    colours: tuple[str, ...] = ()
    link: str | None = None  # a URI
    whole: bool = False  # no line is broken at its blanks


@dataclass(frozen=True, slots=True)
class Style:
    """The width in columns, and whether colours and Unicode are shown. The default suits a file.

    `terminal` says that a person looks on: headings are wrapped there, and are one line for a
    program. `folder` is the current folder of a terminal that shows links, `None` elsewhere.
    """

    width: int = 80
    colour: bool = False
    unicode: bool = True
    terminal: bool = False
    folder: str | None = None

    @classmethod
    def of(cls, stream: TextIO) -> Style:
        """The style that suits a stream. NO_COLOR and TERM=dumb are honoured, and FORCE_COLOR and
        CLICOLOR_FORCE where no terminal is; of two that disagree NO_COLOR counts.
        """
        terminal = stream.isatty()
        width = columns_of(stream) if terminal else 80
        encoding = (getattr(stream, "encoding", None) or "").lower().replace("-", "")
        folder = None
        if terminal and shows_links():
            with suppress(OSError):  # the current folder may be gone
                folder = str(Path.cwd())
        width = max(min(width, _WIDEST), _NARROWEST)
        return cls(width, is_coloured(terminal=terminal), encoding == "utf8", terminal, folder)

    @property
    def unwrapped(self) -> Style:
        """The same style for lines that are never wrapped."""
        return replace(self, width=sys.maxsize)

    def paint(self, text: str, *colours: str) -> str:
        """The text in these colours, or unchanged where none are shown."""
        if not self.colour or not colours:
            return text
        return f"\x1b[{';'.join(_CODES[colour] for colour in colours)}m{text}\x1b[0m"

    def link(self, text: str, uri: str | None) -> str:
        """The text as a link (OSC 8), or unchanged where none are shown."""
        if uri is None or self.folder is None or not text:
            return text
        return f"\x1b]8;;{uri}\x1b\\{text}\x1b]8;;\x1b\\"

    def file_uri(self, path: str | None) -> str | None:
        """The URI of a file, for a link to it; `None` where no links are shown or there is none."""
        if path is None or self.folder is None:
            return None
        with suppress(ValueError):  # no name of a file, or one that is no Unicode
            return Path(self.folder, path).as_uri()
        return None

    def shown(self, text: str) -> str:
        """The finished text, with our own signs replaced where the stream cannot show them."""
        return text if self.unicode else text.translate(_PLAIN)

    def wrap(self, text: str, indent: str, first: str | None = None) -> list[str]:
        """The text on lines of this width. Words, paths, and commands between backticks are never
        broken: what is copied must be whole.
        """
        text = _UNIT.sub(_KEPT, printable(text))
        if "/" in text or '"' in text or "'" in text:
            text = re.sub(_PATH, lambda path: kept(path[0]), text)
        parts = text.split("`")
        if len(parts) % 2:  # else a backtick is just a sign
            parts[1::2] = map(kept, parts[1::2])
        lines = textwrap.wrap(
            _filled("`".join(parts)),
            self.width,
            initial_indent=indent if first is None else first,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        return [line.replace(_KEPT, " ").replace(_FILLER, "") for line in lines]

    def flow(self, spans: Sequence[Span], indent: str, first: str = "") -> list[str]:
        """Spans one behind the other, wrapped like one text, each with its colours and its link."""
        spans = [span._replace(text=_own(printable(span.text))) for span in spans]
        signs = [(sign, index) for index, span in enumerate(spans) for sign in span.text]
        texts = [kept(span.text) if span.whole else span.text for span in spans]
        lines = self.wrap("".join(texts), indent, first)
        result, at = [], 0
        for number, line in enumerate(lines):
            start = indent if number else first
            shown: list[tuple[str, int]] = []
            for sign in line[len(start) :]:
                while signs[at][0] != sign:  # a blank at which the line was broken
                    at += 1
                shown.append(signs[at])
                at += 1
            result.append(start + self._painted(shown, spans))
        return result

    def heading(self, spans: Sequence[Span], indent: str) -> list[str]:
        """A heading of spans; it is wrapped on a terminal only."""
        return (self if self.terminal else self.unwrapped).flow(spans, indent)

    def _painted(self, signs: Sequence[tuple[str, int]], spans: Sequence[Span]) -> str:
        """The signs of a line, each in the colours of the span whose index stands beside it."""
        runs = []
        for index, run in groupby(signs, key=lambda sign: sign[1]):
            text = "".join(sign for sign, _ in run)
            runs.append(self.link(self.paint(text, *spans[index].colours), spans[index].link))
        return "".join(runs)

    def wrap_remedy(self, text: str, indent: str, first: str, printed: set[str]) -> list[str]:
        """The text on lines of this width, with each long command between backticks on lines of its
        own. Those are broken as a shell allows, so that the command can be copied as it stands. A
        command that was `printed` before is only referred to.
        """
        lines: list[str] = []
        words = ""
        for index, part in enumerate(text.split("`")):
            if index % 2 == 0:
                words += part
            elif len(part) <= self.width // 2:
                words += kept(part)
            elif part in printed:
                words += "the command above"
            else:
                lines += self.wrap(words.strip(" ;,"), indent, indent if lines else first)
                label = "" if lines else first  # it stands before the command if nothing else does
                lines += self.command(part, indent + "  ", label)
                printed.add(part)
                words = ""
        words = words.strip(" ;,")
        return lines + (self.wrap(words, indent, indent if lines else first) if words else [])

    def paragraph(self, text: str, indent: str, first: str) -> list[str]:
        """The text on lines of this width. On a terminal, which would break it anywhere, a command
        that is too long for a line is broken as a shell allows, and one that ends the text can be
        copied without its backticks.
        """
        room = self.width - len(indent) - 2
        is_long = any(len(part) > room for part in text.split("`")[1::2])
        if self.terminal and (is_long or text.endswith("`")):
            return self.wrap_remedy(printable(text), indent, first, set())
        return self.wrap(text, indent, first)

    def command(self, command: str, indent: str, label: str = "") -> list[str]:
        """A command on lines of this width, broken between its words as a shell allows. Before its
        first line stands the `label`, else the indent.
        """
        lines: list[str] = []
        line = "" if label else indent
        for words in _phrases(printable(command), self.width - len(indent) - 4):
            before = "" if lines else label
            if len(before) + len(line) + len(words) + 3 > self.width and line.strip():
                lines.append(before + self.paint(f"{line.rstrip()} \\", "cyan"))
                line = indent + "  "
            line += words + " "
        return [*lines, ("" if lines else label) + self.paint(line.rstrip(), "cyan")]


def kept(text: str) -> str:
    """The text as `Style.wrap` takes it so that no line is broken at its blanks."""
    return text.replace(" ", _KEPT)


def _own(text: str) -> str:
    """The text without the characters that have a meaning here."""
    return text.replace(_KEPT, " ").replace(_FILLER, " ")


def _filled(text: str) -> str:
    """The text with a filler behind each character that takes two columns."""
    if max(text.translate(_PLAIN), default="") < _FIRST_WIDE:
        return text
    from unicodedata import east_asian_width  # noqa: PLC0415  rarely needed

    return "".join(
        f"{sign}{_FILLER}" if east_asian_width(sign) in {"W", "F"} else sign for sign in text
    )


def _words(command: str) -> list[str]:
    """The words of a command as a shell would write them; of other text, the words between
    blanks.
    """
    try:
        return [shlex.quote(word) for word in shlex.split(command)]
    except ValueError:  # an unpaired quote, in a text from outside
        return command.split()


def _phrases(command: str, width: int) -> list[str]:
    """The words of a command, with each option and its value together where both fit."""
    phrases: list[str] = []
    for word in _words(command):
        last = phrases[-1] if phrases else ""
        value = last.startswith("-") and " " not in last and word[0] != "-"
        if value and len(last) + 1 + len(word) <= width:
            phrases[-1] += f" {word}"
        else:
            phrases.append(word)
    return phrases
