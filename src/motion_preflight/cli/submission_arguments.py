"""The arguments of `submit` and `tasks`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from motion_preflight.cli.check_arguments import add_command, add_format, add_request_command
from motion_preflight.cli.help_texts import EXIT_CODES, SUBMIT_EXAMPLES, TASKS_EXAMPLES
from motion_preflight.cli.names import STATES
from motion_preflight.cli.publish_arguments import add_destination
from motion_preflight.cli.spend_arguments import add_days
from motion_preflight.cli.values import count, output_pattern, seconds, task_id, wait_seconds
from motion_preflight.formats.names import TABLES


def add_submit(commands: Any) -> None:  # noqa: ANN401  argparse's type is private
    """Adds the command `submit` with all its options."""
    text = "check requests, then send what is cleared, each once; this costs money"
    built = add_request_command(commands, "submit", text, SUBMIT_EXAMPLES)
    group = built.add_argument_group("sending")
    group.add_argument(
        "--yes", action="store_true", help="do not ask; needed where there is no terminal"
    )
    group.add_argument(
        "--dry-run", action="store_true", help="show what would be sent, and send nothing"
    )
    group.add_argument(
        "--fix", action="store_true", help="first mend the local media that a request names"
    )
    add_destination(group, "--publish")
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
        "--max-requests", type=count, metavar="N", help="send nothing if more than N would be sent"
    )
    group.add_argument("--wait", action="store_true", help="wait until the tasks are over")
    _waiting(group)


def _waiting(group: Any) -> None:  # noqa: ANN401  argparse's type is private
    group.add_argument(
        "--wait-timeout",
        type=wait_seconds,
        metavar="S",
        help="wait, at most so many seconds (default 1800)",
    )
    group.add_argument(
        "--download", type=Path, metavar="DIR", help="wait, and put the results into a folder"
    )
    group.add_argument(
        "--output",
        type=output_pattern,
        metavar="PATTERN",
        help="their names inside it: {label}, {model}, {mode}, {task}, {intent}, {date}, {ext} are "
        "filled in (default {task}.mp4)",
    )
    group.add_argument(
        "--base-url", metavar="URL", help="the provider's (default: APIMART_BASE_URL, APIMart's)"
    )


def add_tasks(commands: Any) -> None:  # noqa: ANN401  argparse's type is private
    """Adds the command `tasks` with its actions."""
    text = "what was sent and what became of it"
    built = add_command(commands, "tasks", text, TASKS_EXAMPLES + EXIT_CODES)
    built.set_defaults(state=None, limit=None, since=None, until=None)
    add_format(built, formats=TABLES)
    actions = built.add_subparsers(dest="action", metavar="ACTION")
    actions.required = False
    listed = _action(actions, "list", "what the ledger knows, the newest first (default)")
    listed.add_argument("--state", choices=STATES, metavar="STATE", help=", ".join(STATES))
    listed.add_argument("--limit", type=count, metavar="N", help="no more than so many")
    add_days(listed)
    shown = _action(actions, "show", "everything that is known of one request")
    shown.add_argument("id", metavar="ID", help="an intent, the beginning of one, or a task")
    wait = _action(actions, "wait", "wait until tasks are over")
    wait.add_argument(
        "ids", nargs="*", metavar="ID", help="intents or tasks; without one all that run"
    )
    wait.add_argument(
        "--unfetched",
        action="store_true",
        help="with --download, also the results that were never fetched, while their links may "
        "live (72 hours)",
    )
    _waiting(wait)
    wait.add_argument("--timeout", type=seconds, metavar="S", help="of any silence (default 10)")
    wait.add_argument(
        "--allow-private", action="store_true", help="fetch from private networks too"
    )
    resolve = _action(actions, "resolve", "settle an unknown outcome by what you found out")
    resolve.add_argument(
        "id", nargs="?", metavar="INTENT", help="the intent, or the beginning of it"
    )
    result = resolve.add_mutually_exclusive_group()
    result.add_argument(
        "--task", type=task_id, metavar="ID", help="the provider has it: its task id"
    )
    result.add_argument("--not-sent", action="store_true", help="the provider does not have it")
    result.add_argument(
        "--ledger-lost",
        action="store_true",
        help="the ledger's file is gone or empty: begin a new one",
    )
    resolve.add_argument("--yes", action="store_true", help="do not ask before a new one begins")
    resolve.add_argument("--base-url", metavar="URL", help="the provider's")
    forget = _action(
        actions, "forget", "take out of the ledger what is over; the sums of `spend` stay"
    )
    forget.add_argument("ids", nargs="*", metavar="ID", help="intents or tasks")
    forget.add_argument(
        "--older-than",
        type=count,
        default=90,
        metavar="DAYS",
        help="without an ID: what did not change for so many days (default 90); what counts "
        "against the budget of today is kept",
    )
    forget.add_argument("--yes", action="store_true", help="do not ask")


def _action(actions: Any, name: str, text: str) -> argparse.ArgumentParser:  # noqa: ANN401  argparse's type is private
    built = add_command(actions, name, text)
    add_format(built, argparse.SUPPRESS, TABLES)  # else it would undo what stands before it
    return built
