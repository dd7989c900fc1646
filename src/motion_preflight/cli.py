"""A command line → the command's function → exit code, whatever happens."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from motion_preflight.arguments import UsageInvalid, options_named, parser
from motion_preflight.commands.failures import Failure, failure_of, write_failure
from motion_preflight.exit_codes import CANNOT_RUN
from motion_preflight.interruption import unbroken
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


def run(arguments: list[str]) -> int:
    """The exit code of a command line. No traceback is shown without --debug, and a document that
    was asked for is written whatever happens.
    """
    prepare_streams()
    options = None
    try:
        options = parser().parse_args(arguments)
        return _command(options)
    except UsageInvalid as error:  # argparse has printed it
        write_failure(options_named(arguments), Failure(error.message, CANNOT_RUN))
        raise
    except BaseException as error:  # whatever it is, a user gets one line
        if options is None and isinstance(error, SystemExit):
            raise  # --help
        failure = failure_of(error, options.command if options else None)
        if not isinstance(error, SystemExit):
            traceback = "--debug" in arguments and not failure.interrupted
            say(f"motion-preflight: {failure.message}", traceback=traceback)
        if options is not None:
            with unbroken():
                write_failure(options, failure)
        return failure.code


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
