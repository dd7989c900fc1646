"""How text looks on a terminal: its width, its colours, and the characters that it can show."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from motion_preflight.text.locations import printable

if TYPE_CHECKING:
    from typing import TextIO

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_PLAIN = str.maketrans(
    {"●": "*", "━": "=", "┄": ".", "├": "[", "┤": "]", "►": ">", "…": "~", "→": ">"}
)
_UNIT = re.compile(r"(?<=[0-9]) (?=(s|bytes|MB|MiB|pixels|frames|%)\b)")  # stays with its number
_KEPT = "\ue000"  # stands for a blank at which no line is broken; a private-use character
_WIDEST = 100
_NARROWEST = 40


@dataclass(frozen=True, slots=True)
class Style:
    """The width in columns, and whether colours and Unicode are shown. The default suits a file."""

    width: int = 80
    colour: bool = False
    unicode: bool = True

    @classmethod
    def of(cls, stream: TextIO) -> Style:
        """The style that suits a stream; NO_COLOR and TERM=dumb are honoured."""
        terminal = stream.isatty()
        width = shutil.get_terminal_size((80, 24)).columns if terminal else 80
        quiet = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        encoding = (getattr(stream, "encoding", None) or "").lower().replace("-", "")
        return cls(max(min(width, _WIDEST), _NARROWEST), terminal and not quiet, encoding == "utf8")

    def paint(self, text: str, *colours: str) -> str:
        """The text in these colours, or unchanged where none are shown."""
        if not self.colour or not colours:
            return text
        return f"\x1b[{';'.join(_CODES[colour] for colour in colours)}m{text}\x1b[0m"

    def shown(self, text: str) -> str:
        """The finished text, with our own signs replaced where the stream cannot show them."""
        return text if self.unicode else text.translate(_PLAIN)

    def wrap(self, text: str, indent: str, first: str | None = None) -> list[str]:
        """The text on lines of this width. Words, and commands between backticks, are never broken:
        what is copied must be whole.
        """
        parts = _UNIT.sub(_KEPT, printable(text)).split("`")
        if len(parts) % 2:  # else a backtick is just a sign
            parts[1::2] = [part.replace(" ", _KEPT) for part in parts[1::2]]
        lines = textwrap.wrap(
            "`".join(parts),
            self.width,
            initial_indent=indent if first is None else first,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        return [line.replace(_KEPT, " ") for line in lines]

    def wrap_remedy(self, text: str, indent: str, first: str, printed: set[str]) -> list[str]:
        """The text on lines of this width, with each long command between backticks on lines of its
        own. Those are broken as a shell allows, so that the command can be copied as it stands. A
        command that was `printed` before is only referred to.
        """
        lines: list[str] = []
        words = ""
        for index, part in enumerate(text.split("`")):
            if index % 2 == 0 or len(part) <= self.width // 2:
                words += part
            elif part in printed:
                words += "the command above"
            else:
                lines += self.wrap(words.strip(" ;,"), indent, indent if lines else first)
                lines += self._command(part, indent + "  ")
                printed.add(part)
                words = ""
        words = words.strip(" ;,")
        return lines + (self.wrap(words, indent, indent if lines else first) if words else [])

    def _command(self, command: str, indent: str) -> list[str]:
        lines, line = [], indent
        for words in _phrases(printable(command)):
            if len(line) + len(words) + 3 > self.width and line.strip():
                lines.append(self.paint(f"{line.rstrip()} \\", "cyan"))
                line = indent + "  "
            line += words + " "
        return [*lines, self.paint(line.rstrip(), "cyan")]


def _words(command: str) -> list[str]:
    """The words of a command as a shell would write them; of other text, the words between
    blanks.
    """
    try:
        return [shlex.quote(word) for word in shlex.split(command)]
    except ValueError:  # an unpaired quote, in a text from outside
        return command.split()


def _phrases(command: str) -> list[str]:
    """The words of a command, with each option and its value together."""
    phrases: list[str] = []
    for word in _words(command):
        if phrases and phrases[-1].startswith("-") and " " not in phrases[-1] and word[0] != "-":
            phrases[-1] += f" {word}"
        else:
            phrases.append(word)
    return phrases
