"""The arguments of `sandbox`."""

from __future__ import annotations

import argparse
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from motion_preflight.cli.check_arguments import add_command
from motion_preflight.cli.help_texts import SANDBOX_EXAMPLES
from motion_preflight.cli.values import count, port


def add_sandbox(commands: Any) -> None:  # noqa: ANN401  argparse's type is private
    text = "a stand-in for the provider on this machine, to rehearse the paid way without paying"
    add = add_command(commands, "sandbox", text, SANDBOX_EXAMPLES).add_argument
    add(
        "--media",
        type=Path,
        metavar="FOLDER",
        help="what is served as /media (default: a clip and a picture of the program's own)",
    )
    add("--port", type=port, default=0, metavar="N", help="default: a free one")
    add(
        "--fault",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME",
        help='what goes wrong: NAME every time, "NAME*N" the next N times; in this order',
    )
    add("--list-faults", action="store_true", help="show what can go wrong, and end")
    add(
        "--balance",
        type=_usd,
        default=Decimal(100),
        metavar="USD",
        help='what there is to spend (default 100), or "unlimited"',
    )
    add(
        "--polls",
        type=count,
        default=2,
        metavar="N",
        help="how often a task is still processing (default 2)",
    )
    add(
        "--delay",
        type=float,
        default=0.0,
        metavar="S",
        help="seconds before each answer to the paid POST",
    )
    add("--key", metavar="KEY", help="the only API key that is taken (default: any)")
    add(
        "--no-probe",
        dest="probe",
        action="store_false",
        help="take every request without measuring its media, at USD 0.40",
    )


def _usd(text: str) -> Decimal | None:
    if text == "unlimited":
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise argparse.ArgumentTypeError(f'"{text}" is neither an amount nor "unlimited"')
    return amount
