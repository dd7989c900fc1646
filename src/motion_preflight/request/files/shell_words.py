"""The words of a command, split as the shells of Unix, Windows and PowerShell split them."""

from __future__ import annotations

import re

from motion_preflight.text.lazy_dataclass import dataclass, field

_ENDS = set(";|&()<>")  # outside of quotes they begin another command or name a file
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "b": "\b", "a": "\a",
            "f": "\f", "v": "\v", "e": "\x1b", "?": "?"}  # fmt: skip
_VARIABLE = re.compile(r"\$(?:\{(\w+)[^}]*\}|([A-Za-z_]\w*)|env:(\w+))")
_CODE = re.compile(r"[ux]([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})")


class UnclosedQuote(ValueError):  # noqa: N818  named like the others of the project
    """A command ends inside of quotes. The quote is the argument."""


@dataclass(slots=True)
class Word:
    """A word of a command without its quotes, and the shell variables that stand in it."""

    text: str = ""
    variables: list[str] = field(default_factory=list)


def plain_command(text: str) -> tuple[str, str]:
    """The commands, and the character that escapes others in their shell.

    The escapes of the Windows shell are removed, so that only those of Unix remain.
    """
    if re.search(r"\^[ \t]*\r?\n|\^\"", text):
        return _without_carets(text), "\\"
    return text, "`" if re.search(r"`[ \t]*\r?\n", text) else "\\"


def words_of(text: str, start: int, escape: str) -> tuple[list[Word], int]:
    """The words of a command that begins at `start`, and where it ends.

    A line break ends it, unless the escape character continues the line or the next line begins
    with an option, because people lose that character. Raises `UnclosedQuote`.
    """
    return _Scanner(text, start, escape).words()


def _without_carets(command: str) -> str:
    """A Windows command without the carets that its shell removes outside of quotes."""
    signs, quoted, at = [], False, 0
    while at < len(command):
        sign, following = command[at], command[at + 1 : at + 2]
        if sign == "^" and not quoted:
            if match := re.match(r"\^[ \t]*\r?\n(\r?\n)?", command[at:]):
                signs.append("\n" if match[1] else " ")
                at += match.end()
                continue
            signs.append(following)
            at += 2
            continue
        quoted ^= sign == '"' and command[at - 1 : at] != "\\"
        signs.append(sign)
        at += 1
    return "".join(signs)


class _Scanner:
    """Reads the words of a command one after the other."""

    def __init__(self, text: str, at: int, escape: str) -> None:
        self._text, self._at, self._escape = text, at, escape
        self._words: list[Word] = []
        self._word: Word | None = None

    def words(self) -> tuple[list[Word], int]:
        """The words up to the end of the command, and the position of that end."""
        while self._at < len(self._text):
            sign = self._text[self._at]
            if sign in "\r\n" and not self._continues():
                break
            if sign in _ENDS:
                break
            if sign.isspace():
                self._word = None
                self._at += 1
            else:
                self._piece(sign)
        return self._words, self._at

    def _continues(self) -> bool:
        """Whether the next line begins with an option."""
        return bool(re.match(r"\s*(?:>[ \t]+)?-{1,2}[A-Za-z]", self._text[self._at :][:200]))

    def _piece(self, sign: str) -> None:
        """Reads a quoted part of a word, or one character of it."""
        broken = re.match(r"[ \t]*\r?\n", self._text[self._at + 1 :][:200])
        if sign == self._escape and broken:
            self._word = None
            self._at += 1 + broken.end()
        elif sign == self._escape and self._at + 1 < len(self._text):
            self._add(self._text[self._at + 1])
            self._at += 2
        elif self._text.startswith("$'", self._at):
            self._at += 2
            self._ansi()
        elif sign == "'":
            self._at += 1
            self._single()
        elif sign == '"':
            self._at += 1
            self._double()
        elif match := _VARIABLE.match(self._text, self._at):
            self._variable(match)
        else:
            self._add(sign)
            self._at += 1

    def _add(self, text: str) -> None:
        if self._word is None:
            self._word = Word()
            self._words.append(self._word)
        self._word.text += text

    def _variable(self, variable: re.Match[str]) -> None:
        self._add(variable[0])
        assert self._word is not None
        self._word.variables.append(next(name for name in variable.groups() if name))
        self._at = variable.end()

    def _single(self) -> None:
        """Reads '…', in which PowerShell writes '' for a quote."""
        self._add("")
        while (end := self._text.find("'", self._at)) >= 0:
            self._add(self._text[self._at : end])
            self._at = end + 1
            if self._escape != "`" or not self._text.startswith("'", self._at):
                return
            self._add("'")
            self._at += 1
        raise UnclosedQuote("'")

    def _double(self) -> None:
        self._add("")
        while self._at < len(self._text):
            sign, following = self._text[self._at], self._text[self._at + 1 : self._at + 2]
            if sign == '"' and not (self._escape == "`" and following == '"'):
                self._at += 1
                return
            if sign == '"' or (sign == self._escape and following in '"\\$`' and following):
                self._add(following)
                self._at += 2
            elif sign == self._escape and following == "\n":
                self._at += 2
            elif match := _VARIABLE.match(self._text, self._at):
                self._variable(match)
            else:
                self._add(sign)
                self._at += 1
        raise UnclosedQuote('"')

    def _ansi(self) -> None:
        """Reads $'…' with escapes, as browsers copy a command."""
        self._add("")
        while self._at < len(self._text):
            sign = self._text[self._at]
            self._at += 1
            if sign == "'":
                return
            if sign != "\\":
                self._add(sign)
            elif match := _CODE.match(self._text, self._at):
                digits = match[1] or match[2]
                self._add(chr(min(int(digits, 16) if digits else int(match[3], 8), 0x10FFFF)))
                self._at = match.end()
            else:
                self._add(_ESCAPES.get(self._text[self._at : self._at + 1], "\\"))
                self._at += 1
        raise UnclosedQuote("$'")
