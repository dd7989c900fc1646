"""A command line → the command's function → exit code, whatever happens."""

from __future__ import annotations

import errno
import importlib
from typing import TYPE_CHECKING

from motion_preflight.arguments import parser
from motion_preflight.errors import PreflightError
from motion_preflight.exit_codes import BUG, CANNOT_RUN, INTERRUPTED
from motion_preflight.interruption import code_of, unbroken
from motion_preflight.output import prepare_streams, say

if TYPE_CHECKING:
    import argparse

# Where each command is: imported when it is called, since a check must not wait for the others.
_COMMANDS = {
    "check": "check:check",
    "estimate": "check:check",
    "probe": "probe:probe",
    "rules": "pages:rules",
    "doctor": "pages:doctor",
    "submit": "submit:submit",
    "tasks": "tasks:tasks",
}
_SPENDING = ("submit", "tasks")
# No descriptors, memory or processes left: no bug of anybody's.
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN}


def run(arguments: list[str]) -> int:
    """The exit code of a command line. No traceback is shown without --debug."""
    prepare_streams()
    debug = "--debug" in arguments
    sent = "nothing was sent"
    if any(word in arguments for word in _SPENDING):
        sent = "`motion-preflight tasks` shows what was sent"
    try:
        return _command(parser().parse_args(arguments))
    except PreflightError as error:
        say(f"motion-preflight: {error}", traceback=debug)
        return CANNOT_RUN
    except KeyboardInterrupt:
        say(f"motion-preflight: interrupted; {sent}")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  whatever it is, a user gets one line
        if isinstance(error.__cause__, KeyboardInterrupt | SystemExit):  # as Python wraps some
            say(f"motion-preflight: interrupted; {sent}")
            return code_of(error.__cause__)
        if getattr(error, "errno", None) in _EXHAUSTED or isinstance(error, MemoryError):
            why = getattr(error, "strerror", None) or "no memory left"
            say(f"motion-preflight: this machine cannot go on ({why}); {sent}", traceback=debug)
            return CANNOT_RUN
        what = f"a bug of ours: {type(error).__name__}; {sent}"
        say(f"motion-preflight: {what}. Please report it with what --debug prints", traceback=debug)
        return BUG


def _command(options: argparse.Namespace) -> int:
    if options.version or options.command is None:
        from motion_preflight.commands import pages  # noqa: PLC0415

        if options.version:
            return pages.version()
        pages.show(parser().format_help().rstrip())
        return CANNOT_RUN
    module, _, function = _COMMANDS[options.command].partition(":")
    with unbroken():  # an interrupted import can leave other threads waiting for its lock
        found = importlib.import_module(f"motion_preflight.commands.{module}")
    command = getattr(found, function)
    return int(command(options))
