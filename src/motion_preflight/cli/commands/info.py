"""`rules` and `doctor`, which print a page."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from motion_preflight.cli.console import write_all
from motion_preflight.cli.exit_codes import CANNOT_RUN, OK, first
from motion_preflight.cli.options import profile_of
from motion_preflight.formats.style import Style

if TYPE_CHECKING:
    import argparse


def rules(options: argparse.Namespace) -> int:
    """Prints the list of rules, or the page of one rule."""
    from motion_preflight.formats.rules import rule_list, rule_page  # noqa: PLC0415

    style = Style.of(sys.stdout)
    profile = profile_of(options)
    return show(rule_page(options.rule, profile, style) if options.rule else rule_list(style))


def doctor(_: argparse.Namespace) -> int:
    """Prints what is installed and what is missing; the exit code says whether a check can run."""
    from motion_preflight.cli.doctor import examined  # noqa: PLC0415

    lines, usable = examined()
    return first({show("\n".join(lines)), OK if usable else CANNOT_RUN})


def show(content: str) -> int:
    """Prints a page of text; the exit code says whether that worked."""
    return OK if write_all([("text", None)], lambda _name, _style: content) else CANNOT_RUN
