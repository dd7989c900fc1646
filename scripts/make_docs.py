#!/usr/bin/env python3
"""Writes into README.md and docs/ what the program says: example outputs, the rules and a page for
each, the help of every command, the faults of the sandbox, the list of public names.

`--check` writes nothing and names what is out of date: a test runs it, so that the documentation
cannot say anything else.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import motion_preflight
from motion_preflight.cli.exit_codes import BUG
from motion_preflight.cli.parser import parser
from motion_preflight.provider.profile import Profile
from motion_preflight.report.findings import Authority
from motion_preflight.rules import RULES
from motion_preflight.sandbox.fault_table import FAULTS
from motion_preflight.sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.rules.rule import RuleModule

ROOT = Path(__file__).resolve().parent.parent
README, SITE = ROOT / "README.md", ROOT / "mkdocs.yml"
RULE_PAGES = ROOT / "docs" / "rules"
_AUTHORITIES: dict[Authority, str] = {
    Authority.APIMART: "APIMart's API page",
    Authority.KLING: "Kling's page, where APIMart's is silent",
    Authority.INFERRED: "inferred: this page says why",
}
_EXAMPLE = re.compile(r"```console\n\$ motion-preflight (.*)\n(?:.*\n)*?```\n")
_MEDIA_OF_READER = {
    "dance.mp4": "clip-12s.mp4", "walk.mp4": "moov-last-8s.mp4", "me.webp": "image.webp",
}  # fmt: skip
# A part of a page that is written here, between comments with its name.
_PART = re.compile(r"(<!-- (\w+) -->\n)(?:.*\n)*?(<!-- /\2 -->)")
_RULES_OF_SITE = re.compile(r"( +)# rules\n(?:.*\n)*?( +# /rules\n)")


def documents() -> dict[Path, str]:
    """Every file that this script writes, as it should be today."""
    texts = {page: _renew_page(page.read_text(encoding="utf-8")) for page in pages()}
    texts |= {RULE_PAGES / f"{module.RULE.id}.md": rule_page(module) for module in RULES}
    return texts | {SITE: _RULES_OF_SITE.sub(_site_rules, SITE.read_text(encoding="utf-8"))}


def pages() -> list[Path]:
    """README.md and the pages that are written by hand, but for their examples and parts."""
    written = sorted((ROOT / "docs").glob("*.md"))
    return [README, *written, RULE_PAGES / "index.md"]


def stale_pages() -> set[Path]:
    """Pages of rules that there are no more."""
    names = {"index", *(module.RULE.id for module in RULES)}
    return {page for page in RULE_PAGES.glob("*.md") if page.stem not in names}


def _renew_page(page: str) -> str:
    page = _EXAMPLE.sub(lambda match: _example(match[1]), page)
    return _PART.sub(lambda match: f"{match[1]}{_PARTS[match[2]]()}\n{match[3]}", page)


def rules_table() -> str:
    """The rules in the order of a report, with links from docs/rules/index.md to their pages."""
    rows = ["| rule | level | who says so | what it finds |", "|---|---|---|---|"]
    for module in RULES:
        rule = module.RULE
        link = f"[`{rule.id}`]({rule.id}.md)"
        rows.append(f"| {link} | {rule.level} | {rule.authority} | {_title(module)} |")
    return "\n".join(rows)


def rule_page(module: RuleModule) -> str:
    """A rule's page: what its docstring says, then what it declares."""
    rule = module.RULE
    profile = Profile.load()
    source = profile.sources.get(rule.source)
    confidence = f" ({source.confidence})" if source else ""
    text = (module.__doc__ or "").partition("\n\n")[2].strip()
    needs = ", ".join(rule.needs) or "nothing but the request"
    return f"""\
# {rule.id}

**{_title(module)}.**

{text}

| | |
|---|---|
| level | {rule.level} at most |
| who says so | {_AUTHORITIES[rule.authority]} |
| source | {rule.cited(profile)}{confidence} |
| needs to know | {needs} |

[All rules](index.md) · [What a level says](../check.md#what-a-level-says)
"""


def _title(module: RuleModule) -> str:
    return (module.__doc__ or "").partition("\n")[0]


def _site_rules(match: re.Match[str]) -> str:
    entries = "".join(f"{match[1]}- rules/{module.RULE.id}.md\n" for module in RULES)
    return f"{match[1]}# rules\n{entries}{match[2]}"


def exit_codes() -> str:
    """The table of docs/exit-codes.md."""
    page = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    return "\n".join(line for line in page.splitlines() if line.startswith("|"))


def command_pages() -> str:
    """The help of every command and action, each below a heading with its name."""
    return "\n\n".join(
        f"{'#' * (2 + (len(command) > 1))} {' '.join(['motion-preflight', *command])}\n\n"
        f"```text\n{program_output(*command, '--help')}```"
        for command in commands(parser())
    )


def commands(of: argparse.ArgumentParser, *above: str) -> Iterator[tuple[str, ...]]:
    """The words of each command that a parser knows, itself first: (), (check,), (tasks, list)."""
    yield above
    for action in of._actions:  # noqa: SLF001  argparse has no other way to list them
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001  as above
            for name, parser_of_command in action.choices.items():
                yield from commands(parser_of_command, *above, name)


def faults_table() -> str:
    """What `scripts/sandbox --list-faults` lists."""
    rows = ["| fault | where | what goes wrong |", "|---|---|---|"]
    rows += [f"| `{fault.name}` | {fault.at} | {fault.about} |" for fault in FAULTS.values()]
    return "\n".join(rows)


def reference() -> str:
    """A place for each public name, which the site fills from its docstring."""
    kinds: dict[str, list[str]] = {"Functions": [], "Values": [], "Errors": []}
    for name in motion_preflight.__all__:
        value = getattr(motion_preflight, name)
        is_error = isinstance(value, type) and issubclass(value, Exception)
        kind = "Errors" if is_error else "Values" if isinstance(value, type) else "Functions"
        # Where it is defined: a module and a function of the package share the name preflight.
        kinds[kind].append(f"::: {value.__module__}.{value.__qualname__}")
    return "\n\n".join("\n\n".join([f"## {kind}", *kinds[kind]]) for kind in kinds)


@cache
def program_output(*arguments: str) -> str:
    """What the program prints, in an empty home whose prices are never due for review."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home, "motion-preflight")
        folder.mkdir()
        (folder / "profile.toml").write_text(fresh_prices(), encoding="utf-8")
        process = subprocess.run(
            [sys.executable, "-m", "motion_preflight", *arguments],
            cwd=ROOT,
            env=os.environ | {"HOME": home, "XDG_CONFIG_HOME": home, "COLUMNS": "80"},
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            check=False,
        )
    _ensure_no_bug(process.returncode, arguments)
    return process.stdout


def _ensure_no_bug(code: int, arguments: list[str] | tuple[str, ...]) -> None:
    """Ends the run when the program has a bug, because an example would lose its output."""
    if code == BUG:
        sys.exit(f"motion-preflight {' '.join(arguments)} has a bug: see what --debug prints")


def fresh_prices() -> str:
    """A profile that puts every review date off: the examples must not change with the calendar."""
    return "".join(
        f"[models.{model}.price.{mode}]\nreview_by = 2999-01-01\n"
        for model, entry in Profile.load().models.items()
        for mode in entry.price
    )


def submission_output(command: str) -> str:
    """What a submission prints: against the sandbox, with the names that a reader has."""
    with tempfile.TemporaryDirectory() as home, Sandbox(polls=0) as sandbox:
        folder = Path(home).resolve()
        (folder / "me.png").write_bytes((ROOT / "fixtures/media/image.png").read_bytes())
        body = {
            "model": "kling-v2-6-motion-control",
            "prompt": "a dancer on a rooftop at dusk",
            "image_url": "me.png",
            "video_url": sandbox.media_url("clip-8s.mp4"),
            "character_orientation": "image",
            "mode": "std",
        }
        (folder / "dance.json").write_text(json.dumps(body), encoding="utf-8")
        (folder / "motion-preflight").mkdir()
        (folder / "motion-preflight" / "profile.toml").write_text(fresh_prices(), encoding="utf-8")
        process = subprocess.run(
            [sys.executable, "-m", "motion_preflight", *shlex.split(command), "--allow-private"],
            cwd=folder,
            env={name: os.environ[name] for name in os.environ if not name.endswith("_proxy")}
            | {
                "HOME": home,
                "XDG_CONFIG_HOME": home,
                "MOTION_PREFLIGHT_STATE": str(folder / "state"),
                "APIMART_BASE_URL": sandbox.base,
                "APIMART_API_KEY": "sandbox",
                "COLUMNS": "80",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )
        output = process.stdout.replace(f"{sandbox.base}/media", "https://example.com")
        output = output.replace(sandbox.base, "https://api.apimart.ai").replace(
            str(folder), "/home/you"
        )
    output = re.sub(r"task_\d+", "task_1457651534786938", output)
    return re.sub(r"intent [0-9a-f]{12}", "intent 4b538285f4ea", output)


def fix_output(command: str) -> str:
    """What `fix` prints, in a folder of a reader's own media."""
    with tempfile.TemporaryDirectory() as home:
        for name, sample in _MEDIA_OF_READER.items():
            shutil.copy(ROOT / "fixtures" / "media" / sample, Path(home, name))
        process = subprocess.run(
            [sys.executable, "-m", "motion_preflight", *shlex.split(command)],
            cwd=home,
            env=os.environ | {"HOME": home, "XDG_CONFIG_HOME": home, "COLUMNS": "80"},
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            check=False,
        )
    _ensure_no_bug(process.returncode, shlex.split(command))
    return process.stdout


def _example(command: str) -> str:
    outputs = {"submit": submission_output, "fix": fix_output}
    own = outputs.get(command.partition(" ")[0])
    printed = own(command) if own else program_output(*shlex.split(command))
    return f"```console\n$ motion-preflight {command}\n{printed}```\n"


_PARTS = {
    "rules": rules_table,
    "codes": exit_codes,
    "help": command_pages,
    "faults": faults_table,
    "reference": reference,
}


def main() -> int:
    arguments = argparse.ArgumentParser(
        prog="make_docs.py", description="Writes the documentation."
    )
    arguments.add_argument("--check", action="store_true", help="write nothing, name what is old")
    check = arguments.parse_args().check
    texts: dict[Path, str | None] = {**documents(), **dict.fromkeys(stale_pages())}
    old = [page for page, text in texts.items() if text != _text_of(page)]
    for page in old:
        print(page.relative_to(ROOT))
        text = texts[page]
        if check:
            continue
        if text is None:
            page.unlink()
        else:
            page.write_text(text, encoding="utf-8")
    return 1 if check and old else 0


def _text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8") if page.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
