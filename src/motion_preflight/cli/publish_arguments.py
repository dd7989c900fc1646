"""The arguments of `publish` and `unpublish`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from motion_preflight.cli.check_arguments import add_command, add_format
from motion_preflight.cli.help_texts import PUBLISH_EXAMPLES, UNPUBLISH_EXAMPLES
from motion_preflight.cli.values import count, life, seconds
from motion_preflight.formats.names import FORMATS


def add_publish(commands: Any) -> None:  # noqa: ANN401  argparse's type is private
    """Adds the command `publish`."""
    text = "put a file where the provider can fetch it, and prove that it can"
    command = add_command(commands, "publish", text, PUBLISH_EXAMPLES)
    add = command.add_argument
    add("media", nargs="+", metavar="MEDIA", help="a clip or a picture on this machine")
    add_destination(command, "--to")
    add(
        "--expires",
        type=life,
        metavar="TIME",
        help="how long the link lasts, like 90m or 7d, the most (default 24h)",
    )
    add("--public", action="store_true", help="everybody can read it there: sign no link")
    add("--public-url", metavar="URL", help="where its files are served from: sign no link")
    add(
        "--for",
        dest="orientation",
        choices=("image", "video"),
        help="character_orientation that a clip must pass for (default: one of them)",
    )
    add("--accept-unsure", action="store_true", help="publish what is unsure, too")
    _proving(command)
    add("--profile", type=Path, metavar="FILE", help="a profile of yours")
    add_format(command, formats=FORMATS[:2])


def add_unpublish(commands: Any) -> None:  # noqa: ANN401  argparse's type is private
    """Adds the command `unpublish`."""
    text = "take published files away again"
    command = add_command(commands, "unpublish", text, UNPUBLISH_EXAMPLES)
    add = command.add_argument
    add("links", nargs="*", metavar="LINK", help="a link that publish gave")
    add("--older-than", type=count, metavar="DAYS", help="what was published before so many days")
    add("--finished", action="store_true", help="what only tasks needed that are over")
    add("--forget", action="store_true", help="it was removed by hand: take it out of the ledger")
    _proving(command)


def add_destination(command: Any, flag: str) -> None:  # noqa: ANN401  argparse's type is private
    """Adds the option that names a destination."""
    command.add_argument(
        flag,
        dest="destination",
        metavar="DEST",
        help="s3://BUCKET/PREFIX, gs://…, az://…, rclone:REMOTE:PATH, or command "
        "(default: `publish` in config.toml)",
    )


def _proving(command: Any) -> None:  # noqa: ANN401  argparse's type is private
    command.add_argument(
        "--timeout",
        type=seconds,
        metavar="S",
        help="seconds to connect, and of any silence, when the link is fetched (default 10)",
    )
    command.add_argument(
        "--allow-private", action="store_true", help="fetch links of private networks too"
    )
