"""`rules`, `doctor` and `--version`: pages to read."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from motion_preflight.commands.given import profile_of
from motion_preflight.exit_codes import CANNOT_RUN, OK, first
from motion_preflight.formats.style import Style
from motion_preflight.output import write_all

if TYPE_CHECKING:
    import argparse


def rules(options: argparse.Namespace) -> int:
    """The list of rules, or one rule's page."""
    from motion_preflight.formats.rules import rule_list, rule_page  # noqa: PLC0415

    style = Style.of(sys.stdout)
    profile = profile_of(options)
    return show(rule_page(options.rule, profile, style) if options.rule else rule_list(style))


def doctor(_: argparse.Namespace) -> int:
    """What is installed and what is missing; the exit code says whether a check can run."""
    from motion_preflight.doctor import examined  # noqa: PLC0415

    lines, usable = examined()
    return first({show("\n".join(lines)), OK if usable else CANNOT_RUN})


def version() -> int:
    """The version of the package."""
    from importlib.metadata import version as installed  # noqa: PLC0415

    return show(f"motion-preflight {installed('motion-preflight')}")


def show(content: str) -> int:
    """Prints a page, and says whether it could be."""
    return OK if write_all([("text", None)], lambda _name, _style: content) else CANNOT_RUN
