"""The arguments of `spend`, the days that it shares with `tasks list`, and those of
`estimate --seconds`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from motion_preflight.cli.check_arguments import add_command, add_format
from motion_preflight.cli.help_texts import EXIT_CODES
from motion_preflight.cli.values import day, dimensions, length, request_count
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


def add_planning(estimate: Any) -> None:  # noqa: ANN401  as above
    """Adds to `estimate` what it needs without a clip."""
    group = estimate.add_argument_group("without a request, over all models and modes")
    group.add_argument("--seconds", type=length, metavar="S", help="the length of a clip")
    group.add_argument(
        "--count", type=request_count, metavar="N", help="the number of clips (default 1)"
    )
