"""The command line: its commands, their options and their help."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from motion_preflight.cli.check_arguments import (
    Formatter,
    add_command,
    add_jobs,
    add_measuring,
    add_pricing,
    add_request_command,
)
from motion_preflight.cli.fix_arguments import add_fix
from motion_preflight.cli.help_texts import EXAMPLES, EXIT_CODES
from motion_preflight.cli.names import COMMANDS, REPORTING
from motion_preflight.cli.sandbox_arguments import add_sandbox
from motion_preflight.cli.submission_arguments import add_submit, add_tasks
from motion_preflight.cli.usage import Parser
from motion_preflight.formats.names import FORMATS

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

"""
_PROBE_EXAMPLES = """\
examples:
  motion-preflight probe clip.mp4 me.png
  motion-preflight probe https://example.com/clip.mp4 --scan --format json
"""
_RULES_EXAMPLES = """\
examples:
  motion-preflight rules
  motion-preflight rules video-too-large
"""
_DOCTOR_EXAMPLES = """\
example:
  motion-preflight doctor
"""
_HELP_EXAMPLES = """\
examples:
  motion-preflight help check
  motion-preflight help tasks wait
"""
_VERSION_EXAMPLES = """\
example:
  motion-preflight version
"""
_COMPLETION_EXAMPLES = """\
where the shells look for it:
  motion-preflight completion bash \\
      >~/.local/share/bash-completion/completions/motion-preflight
  motion-preflight completion zsh >~/.zfunc/_motion-preflight  a folder of fpath
  motion-preflight completion fish \\
      >~/.config/fish/completions/motion-preflight.fish
"""
_SHELLS = ("bash", "zsh", "fish")


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
    formats = [(name, None) for name in names if name in existing]
    return argparse.Namespace(command=command, format=formats)


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
    add_request_command(commands, "estimate", estimate_cost, _ESTIMATE_EXAMPLES)
    good_for = "what a clip or picture is, and what a clip is good for"
    probe = add_command(commands, "probe", good_for, _PROBE_EXAMPLES)
    probe.add_argument("media", nargs="+", metavar="MEDIA", help="a path or a URL")
    add_measuring(probe)
    add_jobs(probe.add_argument_group("many media"))
    add_pricing(probe)
    add_fix(commands)
    rules = add_command(commands, "rules", "list the rules, or explain one", _RULES_EXAMPLES)
    rules.add_argument("rule", nargs="?", metavar="RULE", help="the rule to explain")
    rules.add_argument("--profile", type=Path, metavar="FILE", help="a profile of yours")
    installed = "what is installed, where things are kept, what is missing"
    add_command(commands, "doctor", installed, _DOCTOR_EXAMPLES)
    add_submit(commands)
    add_tasks(commands)
    add_sandbox(commands)
    _add_pages(commands)
    return top


def _add_pages(commands: Any) -> None:  # noqa: ANN401  argparse's type is private
    """Adds the commands that are about the command line itself."""
    page = add_command(commands, "help", "the help of a command", _HELP_EXAMPLES)
    page.add_argument("words", nargs="*", metavar="COMMAND", help="a command, and an action of it")
    add_command(commands, "version", "print the version", _VERSION_EXAMPLES)
    shells = "the script by which a shell completes commands, options and values"
    completion = add_command(commands, "completion", shells, _COMPLETION_EXAMPLES)
    completion.add_argument("shell", choices=_SHELLS, help="the shell that reads it")
