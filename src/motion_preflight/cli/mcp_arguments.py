"""The arguments of `mcp`."""

from __future__ import annotations

from typing import Any

from motion_preflight.cli.check_arguments import add_command

_EXAMPLES = """\
example:
  motion-preflight mcp
"""


def add_mcp(commands: Any) -> None:  # noqa: ANN401  argparse's type is private
    """Adds the command that an agent's client starts."""
    text = (
        "serve an agent: the commands as tools of the Model Context Protocol, on stdin and stdout"
    )
    mcp = add_command(commands, "mcp", text, _EXAMPLES)
    mcp.add_argument(
        "--allow-private", action="store_true", help="contact hosts of private networks too"
    )
