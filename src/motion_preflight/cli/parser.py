"""The command line: its commands, their options and their help."""

from __future__ import annotations

import argparse

from motion_preflight.cli.check_arguments import (
    Formatter,
    add_command,
    add_jobs,
    add_measuring,
    add_new,
    add_pricing,
    add_request_command,
)
from motion_preflight.cli.fix_arguments import add_fix
from motion_preflight.cli.help_texts import EXAMPLES, EXIT_CODES
from motion_preflight.cli.mcp_arguments import add_mcp
from motion_preflight.cli.names import COMMANDS, REPORTING, TABULAR
from motion_preflight.cli.page_arguments import add_help, add_pages
from motion_preflight.cli.publish_arguments import add_publish, add_unpublish
from motion_preflight.cli.sandbox_arguments import add_sandbox
from motion_preflight.cli.spend_arguments import add_planning, add_spend
from motion_preflight.cli.submission_arguments import add_submit, add_tasks
from motion_preflight.cli.usage import Parser
from motion_preflight.formats.names import FORMATS, TABLES
from motion_preflight.text.locations import extension, is_url

_CHECK_EXAMPLES = """\
examples:
  motion-preflight check request.json
  motion-preflight check many.jsonl more.csv --max-cost 5
  motion-preflight check many.jsonl --concise
  motion-preflight check - --format jsonl <many.jsonl
  motion-preflight check many.jsonl --format text --format junit=junit.xml

"""
_ESTIMATE_EXAMPLES = """\
examples:
  motion-preflight estimate request.json
  motion-preflight estimate many.csv --price 0.09 --format json
  motion-preflight estimate --seconds 8 --count 500   without a clip

"""
_PROBE_EXAMPLES = """\
examples:
  motion-preflight probe clip.mp4 me.png
  motion-preflight probe https://example.com/clip.mp4 --scan --format json
"""

# The extensions by which a word at the place of a command is known to name a medium.
_MEDIA = {"mp4", "mov", "m4v", "webm", "mkv", "avi", "flv", "ts", "jpg", "jpeg", "png", "webp",
          "gif", "heic", "heif", "avif", "bmp", "tif", "tiff"}  # fmt: skip


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
    """The command line with its command: one that begins with a medium means an overview of it."""
    first = next(iter(arguments), "")
    if first in COMMANDS or first.startswith("-"):
        return arguments
    named = extension(first) in _MEDIA or is_url(first)
    return ["probe", "--overview", *arguments] if named else arguments


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line, with every command."""
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
    checked = "probe the media, apply the rules, estimate the cost"
    add_request_command(commands, "check", checked, _CHECK_EXAMPLES)
    estimate_cost = "billable seconds and cost of requests"
    add_planning(add_request_command(commands, "estimate", estimate_cost, _ESTIMATE_EXAMPLES))
    good_for = "what a clip or picture is, and what a clip is good for"
    probe = add_command(commands, "probe", good_for, _PROBE_EXAMPLES)
    probe.add_argument("media", nargs="+", metavar="MEDIA", help="a path or a URL")
    # Set by a command line that begins with a medium; see `with_command`.
    probe.add_argument("--overview", action="store_true", help=argparse.SUPPRESS)
    add_measuring(probe)
    add_jobs(probe.add_argument_group("many media"))
    add_pricing(probe)
    add_new(commands)
    add_fix(commands)
    add_publish(commands)
    add_unpublish(commands)
    add_pages(commands)
    add_submit(commands)
    add_tasks(commands)
    add_spend(commands)
    add_sandbox(commands)
    add_mcp(commands)
    add_help(commands)
    return top
