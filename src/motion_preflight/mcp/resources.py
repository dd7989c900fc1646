"""The resources: the rules with their pages, and the JSON Schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.formats.json import json_text
from motion_preflight.formats.rules import rule_page, rules_document
from motion_preflight.formats.schemas import SCHEMAS, schema_text
from motion_preflight.formats.style import Style
from motion_preflight.mcp.reading import profile_in_force
from motion_preflight.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

RULES_URI, SCHEMAS_URI = "motion-preflight://rules", "motion-preflight://schemas"
_JSON, _TEXT, _SCHEMA = "application/json", "text/plain", "application/schema+json"


class Page(NamedTuple):
    """A resource without its text."""

    uri: str
    name: str
    about: str
    kind: str  # media type


def pages() -> Iterator[Page]:
    """Every resource."""
    yield Page(RULES_URI, "rules", "every rule with level, authority, source and title", _JSON)
    for module in RULES:
        title = (module.__doc__ or "").partition("\n")[0]
        yield Page(f"{RULES_URI}/{module.RULE.id}", module.RULE.id, title, _TEXT)
    for name, schema in SCHEMAS.items():
        yield Page(f"{SCHEMAS_URI}/{name}", f"{name} schema", schema.about, _SCHEMA)


def text_of(page: Page) -> str:
    """The text of a resource. Raises `ProfileInvalid` and `SettingsInvalid`."""
    if page.kind == _SCHEMA:
        return schema_text(page.uri.removeprefix(f"{SCHEMAS_URI}/"))
    profile = profile_in_force()
    if page.kind == _JSON:
        return json_text(rules_document(None, profile))
    return rule_page(page.uri.removeprefix(f"{RULES_URI}/"), profile, Style())
