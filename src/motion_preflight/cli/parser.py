"""The command line: its commands, their options and their help."""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import Any

from motion_preflight.cli.check_arguments import Formatter
from motion_preflight.cli.help_texts import EXAMPLES, EXIT_CODES
from motion_preflight.cli.names import (
    ACTIONS,
    COMMANDS,
    LISTING,
    MEDIA_EXTENSIONS,
    REPORTING,
    TABULAR,
)
from motion_preflight.cli.usage import Parser
from motion_preflight.formats.names import FORMATS, TABLES
from motion_preflight.text.locations import extension, is_url


def options_named(arguments: list[str]) -> argparse.Namespace:
    """The command and the formats for programs on stdout that a command line asks for, even if it
    is wrong. Files in it are left alone: one of them may have been meant as a request.
    """
    command = next((word for word in arguments if word in COMMANDS), None)
    words = [
        f"--format={value}" if word == "--format" else word
        for word, value in zip(arguments, [*arguments[1:], ""], strict=True)
    ]
    names = [word.removeprefix("--format=") for word in words if word.startswith("--format=")]
    existing = FORMATS[1:] if command in REPORTING else FORMATS[1:2]
    existing = TABLES[1:] if command in TABULAR else existing
    formats = [(name, None) for name in names if name in existing]
    return argparse.Namespace(command=command, format=formats)


def with_command(arguments: list[str]) -> list[str]:
    """The command line with its command: one that begins with a medium means an overview of it,
    and `tasks` with an option of its list means the list.
    """
    first = next(iter(arguments), "")
    if first == "tasks":
        names = (word.partition("=")[0] for word in arguments)
        action = next((name for name in names if name in {*ACTIONS, *LISTING}), None)
        return ["tasks", "list", *arguments[1:]] if action in LISTING else arguments
    if first in COMMANDS or first.startswith("-"):
        return arguments
    named = extension(first) in MEDIA_EXTENSIONS or is_url(first)
    return ["probe", "--overview", *arguments] if named else arguments


def parser(command: str | None = None) -> argparse.ArgumentParser:
    """The parser of the whole command line, or of one command alone, which is there much sooner."""
    top = Parser(
        prog="motion-preflight",
        description="Checks a motion-control video request before it is sent and paid for.",
        epilog=EXAMPLES + "\n" + EXIT_CODES,
        formatter_class=Formatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="store_true", help="print the version and leave")
    top.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)
    top.add_argument("--verbose", action="store_true", help=argparse.SUPPRESS)
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    for name in [command] if command in COMMANDS else COMMANDS:
        function_named(COMMANDS[name].arguments)(commands)
    return top


def function_named(name: str) -> Any:  # noqa: ANN401  any function of this room
    """The function `module:function` of this room."""
    module, _, function = name.partition(":")
    return getattr(import_module(f"motion_preflight.cli.{module}"), function)
