"""The arguments of `fix`."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from motion_preflight.cli.check_arguments import add_command, add_format
from motion_preflight.cli.help_texts import FIX_EXAMPLES
from motion_preflight.cli.values import amount, length
from motion_preflight.formats.names import FORMATS


def add_fix(commands: Any) -> None:  # noqa: ANN401  argparse's type is private
    """Adds the command `fix`."""
    text = "make a clip or a picture fit, and prove that the result passes"
    command = add_command(commands, "fix", text, FIX_EXAMPLES)
    command.add_argument(
        "media",
        nargs="+",
        metavar="MEDIA",
        help="a clip or a picture on this machine, or a .json request that names them",
    )
    add = command.add_argument
    add(
        "--for",
        dest="orientation",
        choices=("image", "video"),
        help="character_orientation to fit (default: both for a clip of at most 11 s, else video)",
    )
    add("--start", type=amount, default=Decimal(0), metavar="S", help="second to begin at (0)")
    add("--seconds", type=length, metavar="S", help="length (default: as much as is allowed)")
    add("--best-shot", action="store_true", help="the longest shot, not the beginning")
    add("--slow", action="store_true", help="slow a clip that is a little too short")
    add("--mute", action="store_true", help="leave the sound out")
    add("-o", "--output", type=Path, metavar="FILE", help="the new file, of one medium")
    add("--dry-run", action="store_true", help="show the changes and the command, make nothing")
    add("--profile", type=Path, metavar="FILE", help="a profile of yours")
    add_format(command, formats=FORMATS[:2])
