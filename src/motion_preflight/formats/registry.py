"""Makes the writer of a format by its name."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from motion_preflight.formats.names import CLASSES, Detail
from motion_preflight.formats.text import Text
from motion_preflight.text.version import VERSION

if TYPE_CHECKING:
    from decimal import Decimal

    from motion_preflight.formats.style import Style
    from motion_preflight.formats.writer import Writer
    from motion_preflight.provider.profile import Profile


def writer(
    name: str,
    *,
    profile: Profile,
    style: Style,
    detail: Detail = Detail.USUAL,
    cost_only: bool = False,
    max_cost: Decimal | None = None,
) -> Writer:
    """A new writer of one of `names.FORMATS`; its module is imported only when it is needed."""
    if name == "text":
        return Text(profile, style, detail, cost_only, max_cost)
    return program_writer(name, profile.currency, max_cost)


def program_writer(name: str, currency: str, max_cost: Decimal | None = None) -> Writer:
    """A new writer of a format for programs, which is any format but text."""
    kind = getattr(import_module(f"motion_preflight.formats.{name}"), CLASSES[name])
    if name == "sarif":
        new_writer: Writer = kind(version=VERSION)
    elif name == "markdown":
        new_writer = kind(currency=currency)
    elif name == "html":
        new_writer = kind(currency=currency, max_cost=max_cost)
    else:
        new_writer = kind()
    return new_writer
