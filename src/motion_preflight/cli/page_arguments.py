"""The arguments of the commands that print a page: rules, schemas, help and the like."""

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
_HELP_EXAMPLES = """\
examples:
  motion-preflight help check
  motion-preflight help tasks wait
"""
_VERSION_EXAMPLES = """\
example:
  motion-preflight version
"""
_COMPLETION_EXAMPLES = """\
where the shells look for it:
  motion-preflight completion bash \\
      >~/.local/share/bash-completion/completions/motion-preflight
  motion-preflight completion zsh >~/.zfunc/_motion-preflight  a folder of fpath
  motion-preflight completion fish \\
      >~/.config/fish/completions/motion-preflight.fish
"""
_SHELLS = ("bash", "zsh", "fish")


def add_rules(commands: Any) -> None:  # noqa: ANN401  argparse's type is private
    """Adds the command `rules`."""
    rules = add_command(commands, "rules", "list the rules, or explain one", _RULES_EXAMPLES)
    rules.add_argument("rule", nargs="?", metavar="RULE", help="the rule to explain")
    rules.add_argument("--profile", type=Path, metavar="FILE", help="a profile of yours")
    add_format(rules)


def add_schema(commands: Any) -> None:  # noqa: ANN401  as above
    """Adds the command `schema`."""
    text = "print the JSON Schema of a request or of what a command prints"
    schema = add_command(commands, "schema", text, _SCHEMA_EXAMPLES)
    schema.add_argument(
        "name",
        nargs="?",
        choices=tuple(SCHEMAS),
        metavar="NAME",
        help=f"{', '.join(SCHEMAS)} (default: a list of them)",
    )


def add_doctor(commands: Any) -> None:  # noqa: ANN401  as above
    """Adds the command `doctor`."""
    text = "what is installed, where things are kept, what is missing"
    doctor = add_command(commands, "doctor", text, _DOCTOR_EXAMPLES)
    doctor.add_argument(
        "--allow-private",
        action="store_true",
        help="try a destination for published files in a private network, too",
    )


def add_help(commands: Any) -> None:  # noqa: ANN401  as above
    """Adds the command `help`."""
    page = add_command(commands, "help", "the help of a command", _HELP_EXAMPLES)
    page.add_argument("words", nargs="*", metavar="COMMAND", help="a command, and an action of it")


def add_version(commands: Any) -> None:  # noqa: ANN401  as above
    """Adds the command `version`."""
    add_command(commands, "version", "print the version", _VERSION_EXAMPLES)


def add_completion(commands: Any) -> None:  # noqa: ANN401  as above
    """Adds the command `completion`."""
    text = "the script by which a shell completes commands, options and values"
    completion = add_command(commands, "completion", text, _COMPLETION_EXAMPLES)
    completion.add_argument("shell", choices=_SHELLS, help="the shell that reads it")
