"""The templates of the page. Every value is escaped and made printable; script and style are
allowed by their hashes alone, so that no text of a request could run even where it got in.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

from motion_preflight.formats.receipts import printable_lines

_TEMPLATES = frozenset(("page.html", "card.html", "finding.html", "page.css", "page.js"))
_INLINE = ("page.css", "page.js")


@cache
def page_template() -> PageTemplate:
    """The one of this process."""
    return PageTemplate()


class PageTemplate:
    """The template of the whole page. All of it is read at once, when this is made."""

    def __init__(self) -> None:
        environment = Environment(
            autoescape=True,
            undefined=StrictUndefined,
            loader=FunctionLoader(_source),
            finalize=_shown,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._page = environment.get_template("page.html")
        for name in _TEMPLATES:  # an include is read when it is needed
            environment.get_template(name)
        style, script = (environment.get_template(name).render() for name in _INLINE)
        self._policy = "; ".join((
            "default-src 'none'",
            "img-src data:",
            f"style-src {_hash(style)}",
            f"script-src {_hash(script)}",
            "base-uri 'none'",
            "form-action 'none'",
        ))  # fmt: skip

    def render(self, **values: Any) -> str:  # noqa: ANN401  whatever the template shows
        """The page with these values."""
        return self._page.render(policy=self._policy, **values)


def _source(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _shown(value: object) -> object:
    """A value before it is escaped: nothing in it drives a reader or cannot be written."""
    return printable_lines(value) if isinstance(value, str) else value


def _hash(text: str) -> str:
    """The name of an inline script or style in a policy."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
