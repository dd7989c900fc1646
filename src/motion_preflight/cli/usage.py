"""Errors about a command line that cannot be understood."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from motion_preflight.cli.names import COMMANDS, MEDIA_EXTENSIONS
from motion_preflight.formats.style import Style, kept
from motion_preflight.request.suggest import near_miss
from motion_preflight.text.locations import extension, is_url, printable, redacted
from motion_preflight.text.workflow_commands import without_commands

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST = 1000  # characters of a message, which may repeat an argument of any length
_PARTS = 32  # words that may be the parts of one path, at most
_NO_COMMAND = "argument COMMAND: invalid choice: "  # argparse, of the first word
_QUOTES = "\"'`´“”„‘’«»"  # noqa: RUF001  those of other languages, too


class UsageInvalid(SystemExit):
    """The command line cannot be understood; the error was already printed."""

    def __init__(self, message: str) -> None:
        super().__init__(2)
        self.message = message


class Parser(argparse.ArgumentParser):
    """Explains an error in a few lines, and what was probably meant."""

    _words: Sequence[str] = ()  # the command line that is parsed

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        """Parses as argparse does, and keeps the words for the explanation of an error."""
        self._words = args or ()
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Prints what is wrong and what was probably meant. Raises `UsageInvalid`."""
        if message.startswith(_NO_COMMAND):
            word = _word(message)
            bare = word.strip(_QUOTES)
            shown = redacted(bare) if is_url(bare) else word  # its query may be a secret
            text = f"{shown} is no command{_command_hint(self, message, word, self._words)}"
        else:
            text = f"{message.partition(' (choose from')[0]}{_hint(self, message)}"
        text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
        lines = [printable(line) for line in f"{self.prog}: {text}".split("\n")]
        if sys.stderr.isatty():  # elsewhere the lines stay as they are
            lines = [part for line in lines for part in _wrapped(line, self.prog)]
        shown = without_commands("\n".join(lines))
        self._print_message(f"{shown}\n", sys.stderr)
        raise UsageInvalid(text)


def _wrapped(line: str, prog: str) -> list[str]:
    """The lines of a message on this terminal; the command that it begins or ends with is whole."""
    hint, colon, command = line.partition(": ")
    if hint == prog:
        line = f"{kept(prog)}{colon}{command}"
    elif command.startswith("motion-preflight "):
        line = f"{hint}{colon}{kept(command)}"
    return Style.of(sys.stderr).paragraph(line, "  ", "")


def _hint(parser: argparse.ArgumentParser, message: str) -> str:
    """A line that says what was probably meant, or where to look."""
    word = _word(message)
    if extension(word) in MEDIA_EXTENSIONS and word.startswith("-"):
        return f"\na name that begins with a dash is written ./{word}"
    choices, name = _choices(parser, message), word.partition("=")[0]
    misspelt = choices or "unrecognized" in message
    near = near_miss(name, choices or options_of(parser)) if misspelt else None
    if near not in {None, name}:
        return f"\nwas {near} meant?"
    if choices and choices != list(COMMANDS):
        return f"\nallowed: {', '.join(choices)}"
    return f"\nsee: {_of_command(parser).prog} --help"


def _command_hint(
    parser: argparse.ArgumentParser, message: str, word: str, words: Sequence[str]
) -> str:
    """What was probably meant by a first word that is no command: nearly always a file."""
    bare = word.strip(_QUOTES)
    if bare != word and is_url(bare):
        return "\ntry it without the quotes that are a part of it"
    if bare and bare != word:
        return f"\ntry it without the quotes that are a part of it: {_about(bare)}"
    for count in range(min(len(words), _PARTS), 1, -1):
        path = " ".join(words[:count])
        if os.path.isfile(path):  # noqa: PTH113  which raises nothing, however long the words are
            others = [word for word in words[count:] if "://" not in word]  # those may be secret
            return f"\na path with blanks stands in quotes: {_about(path, *others)}"
    if os.path.isdir(word):  # noqa: PTH112  as above
        return "\nit is a folder: name a file in it"
    return f"\ntry: {_about(word)}" if "." in word or "/" in word else _hint(parser, message)


def _about(file: str, *others: str) -> str:
    """The command for a file that stands at the place of a command."""
    if extension(file) in {"json", "jsonl", "ndjson", "csv"}:
        return shlex.join(["motion-preflight", "check", file, *others])
    is_known = extension(file) in MEDIA_EXTENSIONS
    return shlex.join(["motion-preflight", *([] if is_known else ["probe"]), file, *others])


def _choices(parser: argparse.ArgumentParser, message: str) -> list[str]:
    """The words that argparse would have taken; there are more commands than it was told of."""
    _, _, listed = message.partition(" (choose from ")
    words = [word.strip("'") for word in listed.removesuffix(")").split(", ")]
    is_top = " " not in parser.prog
    return list(COMMANDS) if listed and is_top else [word for word in words if word]


def _of_command(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The parser of the command that was named, where this one has built no other."""
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction) and len(action.choices) == 1:  # noqa: SLF001
            (parser,) = action.choices.values()
    return parser


def options_of(parser: argparse.ArgumentParser) -> set[str]:
    """The options of a parser and of its commands; argparse has no public list of them."""
    options = set(parser._option_string_actions)  # noqa: SLF001
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for choice in action.choices.values():
                options |= options_of(choice)
    return options


def _word(message: str) -> str:
    """The word that a message of argparse is about."""
    from ast import literal_eval  # noqa: PLC0415  only after a mistake

    choice = message.partition("invalid choice: ")[2].partition(" (choose from")[0]
    with suppress(ValueError, SyntaxError):
        return str(literal_eval(choice))
    quoted = message.partition("'")[2].partition("'")[0]
    return quoted or message.rpartition(": ")[2].split()[0]
