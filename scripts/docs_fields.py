"""Gives the library's reference what the comment beside a field says: its unit, what None means.

The builder of the site loads this as an extension of griffe, which reads the source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from griffe import Docstring, Extension

if TYPE_CHECKING:
    from griffe import Attribute

_MARKS = ("noqa", "type:", "fmt:")  # what a comment says to a tool, and not to a reader


class FieldComments(Extension):
    """Takes the comment behind a field, or else the lines above it, as the field's docstring."""

    def on_attribute_instance(self, *, attr: Attribute, **_: object) -> None:
        """Called for every attribute that griffe reads."""
        if attr.docstring or not attr.parent or not attr.parent.is_class or not attr.lineno:
            return
        lines = attr.lines_collection[attr.filepath]
        comment = _comment(lines[(attr.endlineno or attr.lineno) - 1])
        if comment is None:
            comment = _comment_above(lines[: attr.lineno - 1])
        if comment:
            attr.docstring = Docstring(comment, lineno=attr.lineno, parent=attr)


def _comment_above(lines: list[str]) -> str | None:
    """What the comment that ends right above a field says."""
    texts: list[str] = []
    for line in reversed(lines):
        if not line.lstrip().startswith("#"):
            break
        texts.insert(0, _comment(line) or "")
    return " ".join(text for text in texts if text) or None


def _comment(line: str) -> str | None:
    """What stands behind the last ` # ` of a line, unless it is meant for a tool."""
    _, mark, text = f" {line.lstrip()}".rpartition(" # ")
    return text.strip() if mark and not text.startswith(_MARKS) else None
