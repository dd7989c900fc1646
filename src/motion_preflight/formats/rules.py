"""The rules: the list of all and the page of one for people, and the JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.formats.style import Span
from motion_preflight.formats.tool import tool_document
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.request.suggest import near_miss
from motion_preflight.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from motion_preflight.formats.rules_schema import RuleDocument, RulesDocument
    from motion_preflight.formats.schema import ErrorDocument
    from motion_preflight.formats.style import Style
    from motion_preflight.provider.profile import Profile
    from motion_preflight.rules.rule import RuleModule


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
    module = _named(name)
    rule, text = module.RULE, module.__doc__ or ""
    source = profile.sources.get(rule.source)
    sure = f" ({source.confidence})" if source else ""
    lines = [style.paint(rule.id, "bold"), "", *style.wrap(_title(text) + ".", ""), ""]
    for paragraph in text.partition("\n\n")[2].strip().split("\n\n"):
        lines += [*style.wrap(" ".join(paragraph.split()).replace("`", ""), ""), ""]
    lines += [f"level      {rule.level} at most", f"authority  {rule.authority}"]
    return "\n".join([*lines, *style.wrap(rule.cited(profile) + sure, " " * 11, "source     ")])


def rules_document(name: str | None, profile: Profile) -> RulesDocument:
    """The document of `rules`: the rule of this name, or all. Raises what `rule_page` raises."""
    modules = RULES if name is None else (_named(name),)
    return document_of_rules([_rule(module, profile) for module in modules])


def document_of_rules(
    rules: list[RuleDocument], errors: Sequence[ErrorDocument] = (), *, interrupted: bool = False
) -> RulesDocument:
    """The document around some rules, with what ended the run (`errors`)."""
    return {
        "schema": "motion-preflight/rules/1",
        "tool": tool_document(),
        "rules": rules,
        "interrupted": interrupted,
        "errors": list(errors),
    }


def _rule(module: RuleModule, profile: Profile) -> RuleDocument:
    rule = module.RULE
    source = profile.sources.get(rule.source)
    return {
        "id": rule.id,
        "level": rule.level.value,
        "authority": rule.authority.value,
        "source": source.title if source else rule.source,
        "as_of": source.as_of.isoformat() if source else None,
        "title": _title(module.__doc__),
    }


def _named(name: str) -> RuleModule:
    modules = {module.RULE.id: module for module in RULES}
    if name not in modules:
        raise ManifestInvalid(f'there is no rule "{name}"; {_candidates(name, list(modules))}')
    return modules[name]


def _candidates(name: str, rules: Sequence[str]) -> str:
    """What was probably meant: the rules that have all words of the name, or the one that is spelt
    nearly like it.
    """
    words = name.lower().replace("_", "-").strip("-").split("-")
    named = [rule for rule in rules if set(words) <= set(rule.split("-"))]
    if len(named) > 1:
        return f"several have these words: {', '.join(named)}"
    near = next(iter(named), None) or near_miss(name, rules)
    return f'was "{near}" meant?' if near else "`motion-preflight rules` lists them"


def _title(text: str | None) -> str:
    return (text or "").partition("\n")[0]
