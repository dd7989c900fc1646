"""What the environment says of a terminal: its width, and whether it shows colours and links."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

# What a terminal that shows links sets. No terminal can be asked, and some print the link as text.
_LINKING = {
    "TERM_PROGRAM": ("iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby", "rio"),
    "TERM": ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "foot-extra", "contour"),
}
_LINKING_IF_SET = ("WT_SESSION", "KONSOLE_VERSION", "DOMTERM", "KITTY_WINDOW_ID")
_VTE_WITH_LINKS = 5000  # VTE 0.50, the terminal of GNOME and others


def columns_of(stream: TextIO) -> int:
    """The width in columns of the terminal that a stream writes to; 80 where it is not known.
    COLUMNS goes before it.
    """
    with suppress(ValueError):
        if (columns := int(os.environ.get("COLUMNS", ""))) > 0:
            return columns
    with suppress(OSError, ValueError, AttributeError):
        return os.get_terminal_size(stream.fileno()).columns or 80
    return 80


def is_coloured(*, terminal: bool) -> bool:
    """Whether a stream, which is a terminal or not, gets colours, by NO_COLOR, FORCE_COLOR,
    CLICOLOR_FORCE and TERM in this order.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in {"", "0"}:
        return True
    if os.environ.get("CLICOLOR_FORCE", "0") not in {"", "0"}:
        return True
    return terminal and os.environ.get("TERM") != "dumb"


def shows_links() -> bool:
    """Whether the terminal is one that is known to show links; FORCE_HYPERLINK decides."""
    forced = os.environ.get("FORCE_HYPERLINK")
    if forced:
        return forced != "0"
    if os.environ.get("TERM") == "dumb":
        return False
    if any(os.environ.get(name) in values for name, values in _LINKING.items()):
        return True
    if any(os.environ.get(name) for name in _LINKING_IF_SET):
        return True
    vte = os.environ.get("VTE_VERSION", "")
    return vte.isdecimal() and int(vte) >= _VTE_WITH_LINKS
