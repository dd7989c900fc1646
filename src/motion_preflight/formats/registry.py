"""The formats by their names."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from motion_preflight.formats.reading import Text

if TYPE_CHECKING:
    from decimal import Decimal

    from motion_preflight.formats.style import Style
    from motion_preflight.formats.writer import Writer
    from motion_preflight.profile import Profile


def writer(
    name: str,
    *,
    profile: Profile,
    style: Style,
    quiet: bool = False,
    cost_only: bool = False,
    max_cost: Decimal | None = None,
) -> Writer:
    """A new writer of one of `arguments.FORMATS`; its module is imported when it is wanted."""
    if name == "text":
        return Text(profile, style, quiet, cost_only, max_cost)
    return program_writer(name, profile.currency)


def program_writer(name: str, currency: str) -> Writer:
    """A new writer of a format for programs, that is of any but text."""
    known = {"json": "Json", "jsonl": "JsonLines", "github": "Github", "junit": "Junit",
             "sarif": "Sarif", "markdown": "Markdown"}  # fmt: skip
    made = getattr(import_module(f"motion_preflight.formats.{name}"), known[name])
    if name == "sarif":
        from importlib.metadata import version  # noqa: PLC0415

        found: Writer = made(version=version("motion-preflight"))
    elif name == "markdown":
        found = made(currency=currency)
    else:
        found = made()
    return found
