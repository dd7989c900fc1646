"""The command line: what can be asked, and the help that says so."""

from __future__ import annotations

import argparse
import shutil
import sys
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from motion_preflight.request import near_miss
from motion_preflight.source.location import printable
from motion_preflight.text.workflow_commands import without_commands

_LONGEST = 1000  # characters of a message: what was typed may be in it, however long
_LEAST, _MOST = Decimal("1e-9"), 10**9  # seconds or money; anything else is a slip
_STATES = ("sending", "submitted", "completed", "failed", "cancelled", "rejected", "unknown",
           "not-sent")  # fmt: skip
FORMATS = ("text", "json", "jsonl", "github", "junit", "sarif", "markdown")
COMMANDS = ("check", "probe", "estimate", "rules", "doctor", "submit", "tasks")
_REPORTING = {"check", "estimate", "submit"}  # commands with every format
_EXIT_CODES = """\
exit codes:
  0   every request passes; measured; submitted; completed
  1   a rule is broken, or a medium is unreadable; the provider refused or could
      not be reached, nothing was sent; the task or a download failed
  2   cannot run: command line, configuration, profile, request file, no ffprobe,
      no API key, a ledger that cannot be written
  3   unsure: not measurable, or it depends on how the server measures; still
      running at the end of the wait
  4   over budget: the high amounts exceed it, or one has no price
  5   sent, outcome unknown: it may have been billed
  70  a bug of ours     130  interrupted
"""
_EXAMPLES = """\
examples:
  motion-preflight probe clip.mp4
  motion-preflight check request.json
  motion-preflight check --model kling-v3-motion-control --mode std \\
      --orientation image --image me.png --video https://example.com/clip.mp4
  motion-preflight estimate request.json --format json
  motion-preflight submit request.json --dry-run
  motion-preflight submit request.json --max-cost 1.00 --wait --download results
"""
_CHECK_EXAMPLES = """\
examples:
  motion-preflight check request.json
  motion-preflight check many.jsonl more.csv --quiet --max-cost 5
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
_SUBMIT_EXAMPLES = """\
examples:
  motion-preflight submit request.json --dry-run      what would be sent
  motion-preflight submit request.json --wait --download results
  motion-preflight submit *.json --yes --max-cost 5   in a script, within a budget

The API key is read from APIMART_API_KEY, or from the file that
APIMART_API_KEY_FILE names. A local picture is uploaded; a video must be a link.

"""
_TASKS_EXAMPLES = """\
examples:
  motion-preflight tasks                              what was sent, the newest first
  motion-preflight tasks wait --download results      wait for all that is running
  motion-preflight tasks resolve INTENT --task ID     settle an unknown outcome
  motion-preflight tasks forget --older-than 90

"""


class _Formatter(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        width = min(shutil.get_terminal_size((80, 24)).columns, 80)
        super().__init__(prog, max_help_position=26, width=width)


class UsageInvalid(SystemExit):
    """A command line that cannot be read; what is wrong with it was printed."""

    def __init__(self, message: str) -> None:
        super().__init__(2)
        self.message = message


def options_named(arguments: list[str]) -> argparse.Namespace:
    """Command and formats of programs that a command line, which may be wrong, asks for on stdout.
    A file that it names is left alone: it may be what was meant as a request.
    """
    command = next((word for word in arguments if word in COMMANDS), None)
    words = [
        f"--format={value}" if word == "--format" else word
        for word, value in zip(arguments, [*arguments[1:], ""], strict=True)
    ]
    names = [word.removeprefix("--format=") for word in words if word.startswith("--format=")]
    known = FORMATS[1:] if command in _REPORTING else FORMATS[1:2]
    formats = [(name, None) for name in names if name in known]
    return argparse.Namespace(command=command, format=formats)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in a line or two, and what was probably meant."""

    def error(self, message: str) -> NoReturn:
        hint = _meant(self, message)
        text = f"{message.partition(' (choose from')[0]}{hint}"
        text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
        lines = "\n".join(printable(line) for line in f"{self.prog}: {text}".split("\n"))
        self._print_message(f"{without_commands(lines)}\n", sys.stderr)
        raise UsageInvalid(text)


def _meant(parser: argparse.ArgumentParser, message: str) -> str:
    """What was probably meant, or where to look."""
    word = message.partition("'")[2].partition("'")[0] or message.rpartition(": ")[2].split()[0]
    if "invalid choice" in message and ("." in word or "/" in word):
        return f"\ntry: motion-preflight probe {word}"
    words = COMMANDS if "invalid choice" in message else _options(parser)
    given = word.partition("=")[0]
    misspelt = "invalid choice" in message or "unrecognized" in message
    near = near_miss(given, words) if misspelt else None
    return f"\nwas {near} meant?" if near not in {None, given} else f"\nsee: {parser.prog} --help"


def _options(parser: argparse.ArgumentParser) -> set[str]:
    """The options of a parser and of its commands; argparse has no public list of them."""
    found = set(parser._option_string_actions)  # noqa: SLF001
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for each in action.choices.values():
                found |= _options(each)
    return found


def parser() -> argparse.ArgumentParser:
    """The parser of every command."""
    top = _Parser(
        prog="motion-preflight",
        description="Checks a motion-control video request before it is sent and paid for.",
        epilog=_EXAMPLES + "\n" + _EXIT_CODES,
        formatter_class=_Formatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="store_true", help="print the version and leave")
    top.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    checked = "probe the media, apply the rules, estimate the cost"
    _request_command(commands, "check", checked, _CHECK_EXAMPLES)
    estimated = "billable seconds and cost of requests"
    _request_command(commands, "estimate", estimated, _ESTIMATE_EXAMPLES)
    good_for = "what a clip or picture is, and what a clip is good for"
    probe = _command(commands, "probe", good_for, _PROBE_EXAMPLES)
    probe.add_argument("media", nargs="+", metavar="MEDIA", help="a path or a URL")
    _measuring(probe)
    _add_jobs(probe.add_argument_group("many media"))
    _pricing(probe)
    rules = _command(commands, "rules", "list the rules, or explain one", _RULES_EXAMPLES)
    rules.add_argument("rule", nargs="?", metavar="RULE", help="the rule to explain")
    rules.add_argument("--profile", type=Path, metavar="FILE", help="a profile of yours")
    installed = "what is installed, where things are kept, what is missing"
    _command(commands, "doctor", installed, _DOCTOR_EXAMPLES)
    _submit_command(commands)
    _tasks_command(commands)
    return top


def _command(commands: Any, name: str, text: str, epilog: str = "") -> argparse.ArgumentParser:  # noqa: ANN401  argparse's type is private
    made: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text,
        description=f"{text[0].upper()}{text[1:]}.",
        epilog=epilog,
        formatter_class=_Formatter,
        allow_abbrev=False,
    )
    made.add_argument("--debug", action="store_true", help="show the traceback of a failure")
    return made


def _submit_command(commands: Any) -> None:  # noqa: ANN401  as above
    text = "check requests, then send what is cleared, each once; this costs money"
    made = _request_command(commands, "submit", text, _SUBMIT_EXAMPLES)
    group = made.add_argument_group("sending")
    group.add_argument(
        "--yes", action="store_true", help="do not ask; needed where there is no terminal"
    )
    group.add_argument(
        "--dry-run", action="store_true", help="show what would be sent, and send nothing"
    )
    group.add_argument("--accept-unsure", action="store_true", help="send what is unsure, too")
    group.add_argument(
        "--cleared-only", action="store_true", help="send the rest when some are not cleared"
    )
    group.add_argument(
        "--again",
        action="store_true",
        help="send it though an identical request is completed, under way or unknown",
    )
    group.add_argument(
        "--max-requests", type=_count, metavar="N", help="send nothing if more than N would be sent"
    )
    group.add_argument("--wait", action="store_true", help="wait until the tasks are over")
    _waiting(group)


def _waiting(group: Any) -> None:  # noqa: ANN401  as above
    group.add_argument(
        "--wait-timeout",
        type=_wait_seconds,
        metavar="S",
        help="wait, at most so many seconds (default 1800)",
    )
    group.add_argument(
        "--download", type=Path, metavar="DIR", help="wait, and put the results into a folder"
    )
    group.add_argument(
        "--base-url", metavar="URL", help="the provider's (default: APIMART_BASE_URL, APIMart's)"
    )


def _tasks_command(commands: Any) -> None:  # noqa: ANN401  as above
    text = "what was sent and what became of it"
    made = _command(commands, "tasks", text, _TASKS_EXAMPLES + _EXIT_CODES)
    made.set_defaults(state=None, limit=None)
    _format_option(made)
    actions = made.add_subparsers(dest="action", metavar="ACTION")
    actions.required = False
    listed = _action(actions, "list", "what the ledger knows, the newest first (default)")
    listed.add_argument("--state", choices=_STATES, metavar="STATE", help=", ".join(_STATES))
    listed.add_argument("--limit", type=_count, metavar="N", help="no more than so many")
    shown = _action(actions, "show", "everything that is known of one request")
    shown.add_argument("id", metavar="ID", help="an intent, the beginning of one, or a task")
    wait = _action(actions, "wait", "wait until tasks are over")
    wait.add_argument(
        "ids", nargs="*", metavar="ID", help="intents or tasks; without one all that run"
    )
    _waiting(wait)
    wait.add_argument("--timeout", type=_seconds, metavar="S", help="of any silence (default 10)")
    wait.add_argument(
        "--allow-private", action="store_true", help="fetch from private networks too"
    )
    resolve = _action(actions, "resolve", "settle an unknown outcome by what you found out")
    resolve.add_argument(
        "id", nargs="?", metavar="INTENT", help="the intent, or the beginning of it"
    )
    found = resolve.add_mutually_exclusive_group(required=True)
    found.add_argument(
        "--task", type=_task_id, metavar="ID", help="the provider has it: its task id"
    )
    found.add_argument("--not-sent", action="store_true", help="the provider does not have it")
    found.add_argument(
        "--ledger-lost",
        action="store_true",
        help="the ledger's file is gone or empty: begin a new one",
    )
    resolve.add_argument("--yes", action="store_true", help="do not ask before a new one begins")
    resolve.add_argument("--base-url", metavar="URL", help="the provider's")
    forget = _action(actions, "forget", "take out of the ledger what is over")
    forget.add_argument("ids", nargs="*", metavar="ID", help="intents or tasks")
    forget.add_argument(
        "--older-than",
        type=_count,
        default=90,
        metavar="DAYS",
        help="without an ID: what did not change for so many days (default 90); what counts "
        "against the budget of today is kept",
    )
    forget.add_argument("--yes", action="store_true", help="do not ask")


def _action(actions: Any, name: str, text: str) -> argparse.ArgumentParser:  # noqa: ANN401  as above
    made = _command(actions, name, text)
    _format_option(made, default=argparse.SUPPRESS)  # else it would undo what stands before it
    return made


def _request_command(
    commands: Any,  # noqa: ANN401  as above
    name: str,
    text: str,
    examples: str = "",
) -> argparse.ArgumentParser:
    made = _command(commands, name, text, examples + _EXIT_CODES)
    made.add_argument(
        "requests",
        nargs="*",
        metavar="REQUEST",
        help="a .json file (one request or a list), .jsonl, .csv, a curl command, or - for stdin",
    )
    fields = made.add_argument_group("a request of options, where no REQUEST is named")
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
    _measuring(made)
    _many(made)
    _pricing(made, FORMATS)
    rules = made.add_argument_group("verdict")
    rules.add_argument("--strict", action="store_true", help="warnings count as errors")
    rules.add_argument(
        "--tolerance",
        type=_amount,
        default=Decimal(0),
        metavar="S",
        help="seconds a reading may lie beyond a limit (default 0)",
    )
    rules.add_argument(
        "--max-cost", type=_amount, metavar="USD", help="the budget over all requests"
    )
    made.add_argument(
        "-q",
        "--quiet",
        action="store_true",
        help="the verdict, what decides it, and the names of warnings",
    )
    return made


def _many(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("many requests")
    _add_jobs(group)
    group.add_argument(
        "--send-unknown",
        action="store_true",
        help="send what a file holds beside a request and the API does not name, too: columns of a "
        "CSV, fields around a wrapped body",
    )
    group.add_argument(
        "--dask", metavar="ADDRESS", help="measure on the Dask cluster of this scheduler"
    )


def _add_jobs(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--jobs",
        type=_jobs,
        metavar="N",
        help="media measured at a time (default: 16 of hosts, 3 files a processor)",
    )


def _measuring(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("measuring")
    group.add_argument(
        "--scan", action="store_true", help="decode every frame of the video, within bounds"
    )
    group.add_argument(
        "--timeout",
        type=_seconds,
        metavar="S",
        help="seconds to connect, and of any silence (default 10; of a POST 60)",
    )
    group.add_argument(
        "--allow-private", action="store_true", help="contact hosts of private networks too"
    )


def _format_option(
    made: argparse.ArgumentParser,
    default: Any = None,  # noqa: ANN401  a list or SUPPRESS
    formats: tuple[str, ...] = FORMATS[:2],
) -> None:
    made.add_argument(
        "--format",
        action="append",
        type=partial(_format, formats),
        default=default,
        metavar="F[=PATH]",
        help=f"text (default), {', '.join(formats[1:])}; to stdout or a file; repeatable",
    )


def _pricing(made: argparse.ArgumentParser, formats: tuple[str, ...] = FORMATS[:2]) -> None:
    _format_option(made, formats=formats)
    made.add_argument("--price", type=_amount, metavar="USD", help="your own price of a second")
    made.add_argument("--profile", type=Path, metavar="FILE", help="a profile of yours")


def _amount(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal(-1)
    if not number.is_finite() or (number != 0 and not _LEAST <= number <= _MOST):
        raise argparse.ArgumentTypeError(f'"{text}" is not a number like 0.10')
    return number


def _seconds(text: str) -> float:
    seconds = float(_amount(text))
    if not 0 < seconds <= 3600:
        raise argparse.ArgumentTypeError(f'"{text}" is not a number of seconds up to 3600')
    return seconds


def _wait_seconds(text: str) -> float:
    seconds = float(_amount(text))
    if not 0 <= seconds <= 7 * 86400:
        raise argparse.ArgumentTypeError(f'"{text}" is not a number of seconds up to a week')
    return seconds


def _task_id(text: str) -> str:
    if not text.strip() or not text.isprintable() or len(text) > 200:
        raise argparse.ArgumentTypeError("that is no task id")
    return text.strip()


def _jobs(text: str) -> int:
    number = _count(text)
    if not 0 < number <= 1000:
        raise argparse.ArgumentTypeError(f'"{text}" is not a number from 1 to 1000')
    return number


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 6:
        raise argparse.ArgumentTypeError(f'"{text}" is not a whole number')
    return int(text)


def _format(formats: tuple[str, ...], text: str) -> tuple[str, Path | None]:
    name, equals, path = text.partition("=")
    if name not in formats or (equals and not path):
        raise argparse.ArgumentTypeError(f'"{text}" is none of {", ".join(formats)} (=PATH)')
    return name, Path(path) if path and path != "-" else None
