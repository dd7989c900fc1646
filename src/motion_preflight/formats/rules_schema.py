"""The shape of the JSON document of `rules`."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from motion_preflight.formats.schema import (  # noqa: TC001  pydantic reads the annotations
    AuthorityWord,
    ErrorDocument,
    LevelWord,
    ToolDocument,
)


class RuleDocument(TypedDict):
    id: str
    level: LevelWord
    """The heaviest level of its findings."""
    authority: AuthorityWord
    """Whose statement it follows, or that it is inferred."""
    source: str
    """The title of the source, or the reason in words."""
    as_of: str | None
    """The day on which the source was read, as ISO 8601; `null`: there is a reason in its place."""
    title: str


class RulesDocument(TypedDict):
    """What `rules` prints with `--format json`: all of them, or the one that was named."""

    schema: Literal["motion-preflight/rules/1"]
    tool: ToolDocument
    rules: list[RuleDocument]
    """In the order in which a report has them."""
    interrupted: bool
    """Whether it was interrupted; then the list is empty."""
    errors: list[ErrorDocument]
    """What ended the run; empty where all went well."""
