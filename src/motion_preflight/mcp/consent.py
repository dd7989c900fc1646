"""The user's yes: nothing is published and nothing is paid for without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.mcp.errors import ConsentUnavailable
from motion_preflight.text.locations import printable, redacted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from motion_preflight.mcp.call import Call

_LISTED = 10  # lines of a question
_PART = 100  # characters at each end of a location that a question shows
YES = "yes"  # the field of the form
FORM = {
    "type": "object",
    "properties": {
        YES: {
            "type": "boolean",
            "title": "Yes, do it",
            "description": "Nothing leaves this machine and nothing is paid for without this yes.",
            "default": False,
        }
    },
    "required": [YES],
}


def ensure_can_ask(call: Call, verb: str, command: str) -> None:
    """Raises `ConsentUnavailable` when nobody can be asked; `command` does the same in a
    terminal.
    """
    if not call.can_ask:
        raise ConsentUnavailable(
            f"nothing was {verb}: this needs the user's yes, and this client cannot ask for it "
            f"(it does not support elicitation). The user runs `{command}` in a terminal instead"
        )


def listed(lines: Sequence[str]) -> list[str]:
    """The lines of a question, each made safe to show, and how many more there are."""
    more = len(lines) - _LISTED
    shown = [f"- {printable(line)}" for line in lines[:_LISTED]]
    return [*shown, f"- and {more} more"] if more > 0 else shown


def named(location: str) -> str:
    """A medium in a question: without what is secret, and no longer than a reader takes in, so that
    none pushes another one out of sight.
    """
    text = redacted(location)
    return text if len(text) <= 2 * _PART else f"{text[:_PART]} … {text[-_PART:]}"
