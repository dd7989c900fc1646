"""The arguments of `spend`, and the days that it shares with `tasks list`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from motion_preflight.cli.check_arguments import add_command, add_format
from motion_preflight.cli.help_texts import EXIT_CODES
from motion_preflight.cli.values import day, dimensions
from motion_preflight.formats.names import TABLES

_EXAMPLES = """\
examples:
  motion-preflight spend                               by month
  motion-preflight spend --by model,mode --since 2026-09-01
  motion-preflight spend --by day --format csv=spend.csv
  motion-preflight spend --reconcile                   against the usage page

"""


def add_spend(commands: Any) -> None:  # noqa: ANN401  argparse's type is private
    """Adds the command `spend`."""
    text = "where the money went: estimated, billed, unknown, not sent"
    built = add_command(commands, "spend", text, _EXAMPLES + EXIT_CODES)
    built.add_argument(
        "--by",
        action="extend",
        type=dimensions,
        metavar="D",
        help="model, mode, day, month (default), label; several with commas between",
    )
    add_days(built)
    built.add_argument(
        "--reconcile",
        action="store_true",
        help="hold it against the provider's usage page, which needs the API key",
    )
    built.add_argument("--base-url", metavar="URL", help="the provider's, for --reconcile")
    built.add_argument("--profile", type=Path, metavar="FILE", help="a profile of yours")
    add_format(built, formats=TABLES)


def add_days(command: Any) -> None:  # noqa: ANN401  as above
    """Adds the days between which requests count."""
    command.add_argument(
        "--since", type=day, metavar="DATE", help="the first day (UTC), as 2026-09-30"
    )
    command.add_argument("--until", type=day, metavar="DATE", help="the last day (UTC)")
