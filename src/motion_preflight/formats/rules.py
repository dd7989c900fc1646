"""The rules for people: the list of all, and the page of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.formats.style import Span
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.request.suggest import near_miss
from motion_preflight.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from motion_preflight.formats.style import Style
    from motion_preflight.provider.profile import Profile


def rule_list(style: Style) -> str:
    """Every rule with id, level and authority, and its title below."""
    lines = []
    for module in RULES:
        rule = module.RULE
        uri = style.file_uri(getattr(module, "__file__", None))
        blank = Span(" " * (30 - len(rule.id)))
        more = Span(f" {rule.level:<8} {rule.authority}")
        lines += style.flow([Span(rule.id, ("bold",), uri), blank, more], "    ")
        lines += style.wrap(_title(module.__doc__), "    ")
    return "\n".join([*lines, "", *style.wrap("`motion-preflight rules RULE` explains one.", "")])


def rule_page(name: str, profile: Profile, style: Style) -> str:
    """The page of one rule. Raises `ManifestInvalid` when there is no such rule."""
    modules = {module.RULE.id: module for module in RULES}
    if name not in modules:
        raise ManifestInvalid(f'there is no rule "{name}"; {_candidates(name, list(modules))}')
    module = modules[name]
    rule, text = module.RULE, module.__doc__ or ""
    source = profile.sources.get(rule.source)
    sure = f" ({source.confidence})" if source else ""
    lines = [style.paint(rule.id, "bold"), "", *style.wrap(_title(text) + ".", ""), ""]
    for paragraph in text.partition("\n\n")[2].strip().split("\n\n"):
        lines += [*style.wrap(" ".join(paragraph.split()).replace("`", ""), ""), ""]
    lines += [f"level      {rule.level} at most", f"authority  {rule.authority}"]
    return "\n".join([*lines, *style.wrap(rule.cited(profile) + sure, " " * 11, "source     ")])


def _candidates(name: str, rules: Sequence[str]) -> str:
    """What was probably meant: the rules that have all words of the name, or the one that is spelt
    nearly like it.
    """
    words = name.lower().replace("_", "-").strip("-").split("-")
    named = [rule for rule in rules if set(words) <= set(rule.split("-"))]
    if len(named) > 1:
        return f"several are named so: {', '.join(named)}"
    near = next(iter(named), None) or near_miss(name, rules)
    return f'was "{near}" meant?' if near else "`motion-preflight rules` lists them"


def _title(text: str | None) -> str:
    return (text or "").partition("\n")[0]
