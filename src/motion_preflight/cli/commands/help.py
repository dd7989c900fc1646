"""`help`, `version` and `completion`: what the command line is, for people and for their shells."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING

from motion_preflight.cli.commands.info import show
from motion_preflight.cli.names import COMMANDS, DIMENSIONS
from motion_preflight.cli.parser import parser
from motion_preflight.text.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILES = frozenset(("REQUEST", "MEDIA", "LOCATION", "FILE"))
_FOLDERS = frozenset(("DIR", "FOLDER"))
# Bash takes --format=json for three words, of which the second is the sign.
_BASH = """

_motion_preflight() {
  local words=() word current=$COMP_CWORD index=-1
  for word in "${COMP_WORDS[@]}"; do
    index=$((index + 1))
    if [[ $word == "=" && ${words[${#words[@]} - 1]} == --* ]]; then
      if [[ $index -lt $COMP_CWORD ]]; then
        current=$((current - 1))
        continue
      fi
      word=""
    fi
    words+=("$word")
  done
  local COMP_WORDS=("${words[@]}") COMP_CWORD=$current
  _shtab_motion_preflight
}

complete -o bashdefault -F _motion_preflight motion-preflight"""


def help_page(options: argparse.Namespace) -> int:
    """Prints the help of a command, or of the whole. Raises `UsageInvalid` when there is no such
    command.
    """
    of = parser()
    for word in options.words:
        commands = commands_of(of)
        if word not in commands:
            choices = ", ".join(commands)
            of.error(f"argument COMMAND: invalid choice: '{word}' (choose from {choices})")
        of = commands[word]
    return show(of.format_help().rstrip())


def version(_: argparse.Namespace | None = None) -> int:
    """Prints the version of the package."""
    return show(f"motion-preflight {VERSION}")


def completion(options: argparse.Namespace) -> int:
    """Prints the script by which a shell completes commands, options and their values."""
    import shtab  # noqa: PLC0415  when asked for

    of = parser()
    tasks = commands_of(of)["tasks"]  # which takes the options of its list, too
    for option, action in commands_of(tasks)["list"]._option_string_actions.items():  # noqa: SLF001  as below
        if option not in tasks._option_string_actions:  # noqa: SLF001  as below
            tasks._add_action(action)  # noqa: SLF001  as below
    for action in _actions(of):
        words = _words(action)
        if words and action.choices is None:
            action.choices = words
        elif action.metavar in _FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]  # shtab reads it
        elif action.metavar in _FOLDERS:
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]  # as above
    added = _BASH if options.shell == "bash" else ""
    return show(shtab.complete(of, options.shell).rstrip() + added)


def _words(action: argparse.Action) -> list[str] | None:
    """The values of an argument that the parser does not bind to them, because the check explains
    better what is wrong with another one.
    """
    name = action.dest
    if name == "rule":
        from motion_preflight.rules import RULES  # noqa: PLC0415  when asked for

        return [module.RULE.id for module in RULES]
    if name == "model":
        from motion_preflight.provider.profile import Profile  # noqa: PLC0415  when asked for

        return list(Profile.load().models)
    if name == "fault":
        from motion_preflight.sandbox.fault_table import FAULTS  # noqa: PLC0415  when asked for

        return list(FAULTS)
    words = {
        "by": list(DIMENSIONS),
        "mode": ["std", "pro"],
        "orientation": ["image", "video"],
        "words": list(COMMANDS),
    }
    if name == "format" and isinstance(action.type, partial):
        return list(action.type.args[0])  # those of the command
    return words.get(name)


def commands_of(of: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The commands of a parser by their names; empty where there are none."""
    for action in of._actions:  # noqa: SLF001  argparse has no other way to list them
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001  as above
            return dict(action.choices)
    return {}


def _actions(of: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    yield from of._actions  # noqa: SLF001  as above
    for command in commands_of(of).values():
        yield from _actions(command)
