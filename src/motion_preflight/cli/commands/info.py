"""`rules`, `schema`, `doctor`, which print a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.cli.console import write_all
from motion_preflight.cli.exit_codes import CANNOT_RUN, OK, first
from motion_preflight.cli.options import formats_of, profile_of

if TYPE_CHECKING:
    import argparse

    from motion_preflight.formats.style import Style


def rules(options: argparse.Namespace) -> int:
    """Prints the list of rules, or the page of one rule."""
    from motion_preflight.formats.rules import (  # noqa: PLC0415
        rule_list,
        rule_page,
        rules_document,
    )

    profile = profile_of(options)

    def page(name: str, style: Style) -> str:
        if name == "json":
            from motion_preflight.formats.json import json_text  # noqa: PLC0415  where it is needed

            return json_text(rules_document(options.rule, profile))
        return rule_page(options.rule, profile, style) if options.rule else rule_list(style)

    return OK if write_all(formats_of(options), page) else CANNOT_RUN


def schema(options: argparse.Namespace) -> int:
    """Prints a JSON Schema, or the list of them."""
    from motion_preflight.formats.schemas import schema_list, schema_text  # noqa: PLC0415

    return show(schema_text(options.name).rstrip() if options.name else schema_list())


def doctor(options: argparse.Namespace) -> int:
    """Prints what is installed and what is missing; the exit code says whether a check can run."""
    from motion_preflight.cli.doctor import examined  # noqa: PLC0415

    lines, usable = examined(allow_private=options.allow_private)
    return first({show("\n".join(lines)), OK if usable else CANNOT_RUN})


def show(content: str) -> int:
    """Prints a page of text; the exit code says whether that worked."""
    return OK if write_all([("text", None)], lambda _name, _style: content) else CANNOT_RUN
