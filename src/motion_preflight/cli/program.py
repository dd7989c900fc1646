"""Runs the command of a command line, and returns an exit code whatever happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.cli.commands.failures import Failure, failure_of, write_failure
from motion_preflight.cli.console import prepare_streams, say
from motion_preflight.cli.exit_codes import CANNOT_RUN
from motion_preflight.cli.names import COMMANDS
from motion_preflight.cli.parser import function_named, options_named, parser, with_command
from motion_preflight.cli.signals import defer_signals
from motion_preflight.cli.usage import UsageInvalid

if TYPE_CHECKING:
    import argparse


def run(arguments: list[str]) -> int:
    """Runs a command line and returns its exit code. Tracebacks are shown only with --debug, and a
    document that was asked for is written whatever happens.
    """
    prepare_streams()
    options = None
    try:
        words = with_command(arguments)
        options = parser(next(iter(words), None)).parse_args(words)
        return _command(options)
    except UsageInvalid as error:  # argparse has printed it
        write_failure(options_named(with_command(arguments)), Failure(error.message, CANNOT_RUN))
        raise
    except BaseException as error:  # whatever was raised, the user gets one line
        if options is None and isinstance(error, SystemExit):
            raise  # --help
        failure = failure_of(error, options.command if options else None)
        if not isinstance(error, SystemExit):
            traceback = "--debug" in arguments and not failure.interrupted
            say(f"motion-preflight: {failure.message}", traceback=traceback)
        if options is not None:
            with defer_signals():
                write_failure(options, failure)
        return failure.code


def _command(options: argparse.Namespace) -> int:
    if options.version or options.command is None:
        from motion_preflight.cli.commands import help as pages  # noqa: PLC0415  no check needs it

        if options.version:
            return pages.version()
        options.words = []
        pages.help_page(options)
        return CANNOT_RUN
    with defer_signals():  # an interrupted import can leave other threads waiting for its lock
        command = function_named(f"commands.{COMMANDS[options.command].runs}")
    if options.verbose:
        from motion_preflight.cli.verbose import messages_on_stderr  # noqa: PLC0415  when asked for

        with messages_on_stderr():
            return int(command(options))
    return int(command(options))
