"""The arguments of the commands that check requests, and those that other commands share
with them.
"""

from __future__ import annotations

import argparse
import shutil
import textwrap
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from motion_preflight.cli.help_texts import EXIT_CODES, NEW_EXAMPLES
from motion_preflight.cli.values import amount, format_target, jobs, seconds
from motion_preflight.formats.names import FORMATS


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Lays out the help on at most 80 columns."""

    def __init__(self, prog: str) -> None:
        width = min(shutil.get_terminal_size((80, 24)).columns, 80)
        super().__init__(prog, max_help_position=26, width=width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        """The text with the line ends that it has, and more where the terminal is narrow."""
        lines = (part for line in text.splitlines() for part in _fitting(indent + line, width))
        return "\n".join(lines)


def _fitting(line: str, width: int) -> list[str]:
    """A line of the help on lines of this width. A command goes on as a shell reads it, and what
    is said about it stands below.
    """
    if len(line) <= width:
        return [line]
    indent = " " * (len(line) - len(line.lstrip()))
    text, _, about = line.strip().partition("  ")
    is_command = text.startswith("motion-preflight ")
    end = " \\" if is_command else ""
    lines = textwrap.wrap(
        text if is_command else line.strip(),
        max(width - len(end), 20),
        initial_indent=indent,
        subsequent_indent=f"{indent}    " if indent else "",
        break_long_words=False,
        break_on_hyphens=False,
    )
    lines = [f"{part}{end}" for part in lines[:-1]] + lines[-1:]
    if is_command and about:
        lines += textwrap.wrap(
            about.strip(), width, initial_indent=f"{indent}    ", subsequent_indent=f"{indent}    "
        )
    return lines


def add_command(commands: Any, name: str, text: str, epilog: str = "") -> argparse.ArgumentParser:  # noqa: ANN401  argparse's type is private
    """Adds a command with its help and `--debug`, and returns its parser."""
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text,
        description=f"{text[0].upper()}{text[1:]}.",
        epilog=epilog,
        formatter_class=Formatter,
        allow_abbrev=False,
    )
    command.add_argument("--debug", action="store_true", help="show the traceback of a failure")
    command.add_argument(
        "--verbose",
        action="store_true",
        default=argparse.SUPPRESS,  # else an action's would undo what stands before it
        help="show notes and sources, and on stderr what is requested, run and written",
    )
    return command


def add_request_command(
    commands: Any,  # noqa: ANN401  as above
    name: str,
    text: str,
    examples: str = "",
) -> argparse.ArgumentParser:
    """Adds a command that checks requests, with all options of a check, and returns its parser."""
    command = add_command(commands, name, text, examples + EXIT_CODES)
    command.add_argument(
        "requests",
        nargs="*",
        metavar="REQUEST",
        help="a .json file (one request or a list), .jsonl, .csv, a curl command, or - for stdin",
    )
    add_fields(command.add_argument_group("a request of options, where no REQUEST is named"))
    add_measuring(command)
    add_many(command)
    add_pricing(command, FORMATS)
    rules = command.add_argument_group("verdict")
    rules.add_argument("--strict", action="store_true", help="warnings count as errors")
    rules.add_argument(
        "--tolerance",
        type=amount,
        default=Decimal(0),
        metavar="S",
        help="seconds a reading may lie beyond a limit (default 0)",
    )
    rules.add_argument(
        "--max-cost", type=amount, metavar="USD", help="the budget over all requests"
    )
    _add_detail(command)
    return command


def _add_detail(command: argparse.ArgumentParser) -> None:
    """Adds the options that say how much of each report the text shows."""
    detail = command.add_mutually_exclusive_group()
    detail.add_argument(
        "-q",
        "--quiet",
        action="store_true",
        help="the verdict, what decides it, and the names of warnings",
    )
    detail.add_argument("--concise", action="store_true", help="a line a request")
    detail.add_argument(
        "--statistics", action="store_true", help="how many requests each rule is about"
    )


def add_new(commands: Any) -> None:  # noqa: ANN401  argparse's type is private
    """Adds the command `new`."""
    text = "write a request file from options, so that they are typed once"
    command = add_command(commands, "new", text, NEW_EXAMPLES)
    command.add_argument("file", type=Path, metavar="FILE", help="a .json file that is not there")
    add_fields(command.add_argument_group("the request"))


def add_fields(fields: argparse._ArgumentGroup) -> None:
    """Adds an option for each field of a request."""
    fields.add_argument("--model", help="kling-v3-motion-control or kling-v2-6-motion-control")
    fields.add_argument("--image", metavar="LOCATION", help="the reference image, URL or path")
    fields.add_argument("--video", metavar="LOCATION", help="the reference video, URL or path")
    fields.add_argument(
        "--orientation", metavar="WORD", help="character_orientation: image or video"
    )
    fields.add_argument("--mode", metavar="WORD", help="std or pro")
    fields.add_argument("--prompt", metavar="TEXT", help="what the result should show")
    fields.add_argument(
        "--sound", action=argparse.BooleanOptionalAction, help="keep the video's sound"
    )
    fields.add_argument(
        "--watermark", action=argparse.BooleanOptionalAction, help="put a watermark on the result"
    )


def add_many(command: argparse.ArgumentParser) -> None:
    """Adds the options for many requests."""
    group = command.add_argument_group("many requests")
    add_jobs(group)
    group.add_argument(
        "--send-unknown",
        action="store_true",
        help="send what a file holds beside a request and the API does not name, too: columns of a "
        "CSV, fields around a wrapped body",
    )
    group.add_argument(
        "--dask", metavar="ADDRESS", help="measure on the Dask cluster of this scheduler"
    )


def add_jobs(group: argparse._ArgumentGroup) -> None:
    """Adds the option for the number of media measured at a time."""
    group.add_argument(
        "--jobs",
        type=jobs,
        metavar="N",
        help="media measured at a time (default: 16 of hosts, 3 files a processor)",
    )


def add_measuring(command: argparse.ArgumentParser) -> None:
    """Adds the options that say how media are measured."""
    group = command.add_argument_group("measuring")
    group.add_argument(
        "--scan", action="store_true", help="decode every frame of the video, within bounds"
    )
    group.add_argument(
        "--content",
        action="store_true",
        help="look at the pictures of the video for cuts, close-ups, and what is black or frozen",
    )
    group.add_argument(
        "--timeout",
        type=seconds,
        metavar="S",
        help="seconds to connect, and of any silence (default 10; of a POST 60)",
    )
    group.add_argument(
        "--allow-private", action="store_true", help="contact hosts of private networks too"
    )


def add_format(
    command: argparse.ArgumentParser,
    default: Any = None,  # noqa: ANN401  a list or SUPPRESS
    formats: tuple[str, ...] = FORMATS[:2],
) -> None:
    """Adds the option for the formats of the output, each with an optional file."""
    command.add_argument(
        "--format",
        action="append",
        type=partial(format_target, formats),
        default=default,
        metavar="F[=PATH]",
        help=f"text (default), {', '.join(formats[1:])}; to stdout or a file; repeatable",
    )


def add_pricing(command: argparse.ArgumentParser, formats: tuple[str, ...] = FORMATS[:2]) -> None:
    """Adds the options for formats, prices and profiles."""
    add_format(command, formats=formats)
    command.add_argument("--price", type=amount, metavar="USD", help="your own price of a second")
    command.add_argument("--profile", type=Path, metavar="FILE", help="a profile of yours")
