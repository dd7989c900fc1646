"""The arguments of `rules`, `schema` and `doctor`, which print a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from motion_preflight.cli.check_arguments import add_command, add_format
from motion_preflight.formats.schemas import SCHEMAS

_RULES_EXAMPLES = """\
examples:
  motion-preflight rules
  motion-preflight rules video-too-large
  motion-preflight rules --format json
"""
_SCHEMA_EXAMPLES = """\
examples:
  motion-preflight schema
  motion-preflight schema report
"""
_DOCTOR_EXAMPLES = """\
example:
  motion-preflight doctor
"""


def add_pages(commands: Any) -> None:  # noqa: ANN401  argparse's type is private
    """Adds the commands that print a page."""
    rules = add_command(commands, "rules", "list the rules, or explain one", _RULES_EXAMPLES)
    rules.add_argument("rule", nargs="?", metavar="RULE", help="the rule to explain")
    rules.add_argument("--profile", type=Path, metavar="FILE", help="a profile of yours")
    add_format(rules)
    text = "print the JSON Schema of a request or of what a command prints"
    schema = add_command(commands, "schema", text, _SCHEMA_EXAMPLES)
    schema.add_argument(
        "name",
        nargs="?",
        choices=tuple(SCHEMAS),
        metavar="NAME",
        help=f"{', '.join(SCHEMAS)} (default: a list of them)",
    )
    installed = "what is installed, where things are kept, what is missing"
    add_command(commands, "doctor", installed, _DOCTOR_EXAMPLES)
