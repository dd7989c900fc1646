"""`mcp`: serves an agent on stdin and stdout until its client closes stdin, or a signal comes."""

from __future__ import annotations

import gc
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from motion_preflight.cli.console import can_ask, print_nowhere, say
from motion_preflight.cli.exit_codes import INTERRUPTED, OK
from motion_preflight.errors import SettingsInvalid

if TYPE_CHECKING:
    import argparse


def mcp(options: argparse.Namespace) -> int:
    """Serves one client, and returns the exit code."""
    gc.enable()  # unlike the other commands, it may run for days
    try:
        import anyio  # noqa: PLC0415  of an extra

        from motion_preflight.mcp.server import serve  # noqa: PLC0415  of an extra
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "motion_preflight":
            raise
        raise SettingsInvalid(
            f"{error.name} is missing: pip install 'motion-preflight[mcp]' brings the official SDK"
        ) from None
    from motion_preflight.mcp.reading import Surroundings  # noqa: PLC0415
    from motion_preflight.mcp.standard_input import StandardInput  # noqa: PLC0415

    if can_ask():
        say("motion-preflight: waiting for an agent's client on stdin; Ctrl-C ends it")
    source = sys.stdin or Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115  as long as the process
    stdin, code = StandardInput(source.fileno(), answers=1), OK

    def end(number: int, _frame: object) -> None:
        nonlocal code
        code = INTERRUPTED if number == signal.SIGINT else 128 + number
        stdin.end()

    if sys.platform != "win32":  # there Ctrl-C ends it as every other command
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup wants it
                signal.signal(number, end)
    try:
        anyio.run(serve, Surroundings(allow_private=options.allow_private), stdin)
    except* BrokenPipeError:  # the client is gone, and nobody waits for what is still written
        print_nowhere()
    return code
