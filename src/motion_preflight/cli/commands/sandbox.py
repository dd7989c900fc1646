"""`sandbox`: the provider's stand-in until Ctrl-C, and the lines that point the program at it."""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from motion_preflight.cli.commands.info import show
from motion_preflight.cli.console import say
from motion_preflight.cli.exit_codes import CANNOT_RUN, OK
from motion_preflight.errors import SettingsInvalid
from motion_preflight.sandbox.fault_table import FAULTS
from motion_preflight.sandbox.rehearsal import REQUEST, rehearsal
from motion_preflight.sandbox.server import Sandbox
from motion_preflight.text.locations import printable

if TYPE_CHECKING:
    import argparse

    from motion_preflight.sandbox.rehearsal import Rehearsal

_NAP = 3600  # seconds; a sleep without an end would not hear Ctrl-C on Windows


def sandbox(options: argparse.Namespace) -> int:
    """Serves until Ctrl-C or SIGTERM, which are how it should end."""
    if options.list_faults:
        return show(
            "\n".join(f"{fault.name:20}  {fault.at:8}  {fault.about}" for fault in FAULTS.values())
        )
    server = _server(options)
    for number in (signal.SIGINT, signal.SIGTERM):
        # A script's shell has its background processes ignore Ctrl-C; this one is ended by it.
        signal.signal(number, signal.default_int_handler)
    with suppress(KeyboardInterrupt), server:
        lines = _introduction(server, rehearsal(server, options.media), options)
        if show("\n".join(lines)) != OK:
            return CANNOT_RUN
        while True:
            time.sleep(_NAP)
    return OK


def _server(options: argparse.Namespace) -> Sandbox:
    """The server that was asked for, its port bound. Raises `SettingsInvalid`."""
    if options.media is not None and not options.media.is_dir():
        raise SettingsInvalid(f"--media: {printable(str(options.media))} is not a folder")
    try:
        return Sandbox(
            options.media,
            faults=options.fault,
            key=options.key,
            balance=options.balance,
            polls=options.polls,
            delay=options.delay,
            probe=options.probe,
            credit=False,
            port=options.port,
            tell=say,
        )
    except OSError as error:
        raise SettingsInvalid(f"--port {options.port}: {error.strerror}") from None
    except ValueError as error:
        raise SettingsInvalid(str(error)) from None


def _introduction(server: Sandbox, media: Rehearsal, options: argparse.Namespace) -> list[str]:
    """Each command on a line of its own, with nothing around it that a shell would stumble over."""
    key = "sandbox" if options.key is None else "YOURS"
    command = (
        f"motion-preflight submit --allow-private --model {REQUEST['model']}"
        f" --mode {REQUEST['mode']} --orientation {REQUEST['character_orientation']}"
        f" --image {media.image} --video {media.video} --wait"
    )
    return [
        "The sandbox is a stand-in for the provider, and bills nothing; Ctrl-C ends it.",
        "In another terminal:",
        "",
        f"export APIMART_BASE_URL={server.base}",
        f"export APIMART_API_KEY={key}",
        "",
        "try:",
        command,
        "",
    ]
