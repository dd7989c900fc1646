#!/usr/bin/env python3
"""Writes into README.md what the program says: example outputs, the rules table, the help.

A test runs the same and compares, so that the README cannot say anything else.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from motion_preflight.profile import Profile
from motion_preflight.rules import RULES

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
_EXAMPLE = re.compile(r"```console\n\$ motion-preflight (.*)\n(?:.*\n)*?```\n")


def renewed(readme: str) -> str:
    """The README with everything in it that the program says as it says it today."""
    readme = _EXAMPLE.sub(lambda found: _example(found[1]), readme)
    readme = _between(readme, "rules", rules_table())
    return _between(readme, "help", f"```text\n{said('check', '--help')}```")


def rules_table() -> str:
    rows = ["| rule | level | who says so | what it finds |", "|---|---|---|---|"]
    for module in RULES:
        title = (module.__doc__ or "").partition("\n")[0]
        rule = module.RULE
        rows.append(f"| `{rule.id}` | {rule.level} | {rule.authority} | {title} |")
    return "\n".join(rows)


def said(*arguments: str) -> str:
    """What the program prints, in an empty home whose prices are never due for review."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home, "motion-preflight")
        folder.mkdir()
        (folder / "profile.toml").write_text(fresh_prices(), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "motion_preflight", *arguments],
            cwd=ROOT,
            env=os.environ | {"HOME": home, "XDG_CONFIG_HOME": home, "COLUMNS": "80"},
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            check=False,
        )
    return done.stdout


def fresh_prices() -> str:
    """A profile that puts every review date off: the examples must not change with the calendar."""
    return "".join(
        f"[models.{model}.price.{mode}]\nreview_by = 2999-01-01\n"
        for model, entry in Profile.load().models.items()
        for mode in entry.price
    )


def _example(command: str) -> str:
    return f"```console\n$ motion-preflight {command}\n{said(*shlex.split(command))}```\n"


def _between(readme: str, name: str, content: str) -> str:
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, _, rest = readme.partition(begin)
    return f"{before}{begin}\n{content}\n{end}{rest.partition(end)[2]}"


def main() -> int:
    README.write_text(renewed(README.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
