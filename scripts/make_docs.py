#!/usr/bin/env python3
"""Writes into README.md what the program says: example outputs, the rules table, the help.

A test runs the same and compares, so that the README cannot say anything else.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from sandbox import Sandbox

from motion_preflight.profile import Profile
from motion_preflight.rules import RULES

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
_EXAMPLE = re.compile(r"```console\n\$ motion-preflight (.*)\n(?:.*\n)*?```\n")


def renewed(readme: str) -> str:
    """The README with everything in it that the program says as it says it today."""
    readme = _EXAMPLE.sub(lambda found: _example(found[1]), readme)
    readme = _between(readme, "rules", rules_table())
    pages = (said("check", "--help"), said("submit", "--help"), said("tasks", "--help"))
    return _between(readme, "help", "\n".join(f"```text\n{page}```" for page in pages))


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


def submitted(command: str) -> str:
    """What a submission prints: against the sandbox, with the names that a reader has."""
    with tempfile.TemporaryDirectory() as name, Sandbox(polls=0) as sandbox:
        folder = Path(name).resolve()
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
        done = subprocess.run(
            [sys.executable, "-m", "motion_preflight", *shlex.split(command), "--allow-private"],
            cwd=folder,
            env={each: os.environ[each] for each in os.environ if not each.endswith("_proxy")}
            | {
                "HOME": name,
                "XDG_CONFIG_HOME": name,
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
        shown = done.stdout.replace(f"{sandbox.base}/media", "https://example.com")
        shown = shown.replace(sandbox.base, "https://api.apimart.ai").replace(
            str(folder), "/home/you"
        )
    shown = re.sub(r"task_\d+", "task_1457651534786938", shown)
    return re.sub(r"intent [0-9a-f]{12}", "intent 4b538285f4ea", shown)


def _example(command: str) -> str:
    printed = submitted(command) if command.startswith("submit") else said(*shlex.split(command))
    return f"```console\n$ motion-preflight {command}\n{printed}```\n"


def _between(readme: str, name: str, content: str) -> str:
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, _, rest = readme.partition(begin)
    return f"{before}{begin}\n{content}\n{end}{rest.partition(end)[2]}"


def main() -> int:
    README.write_text(renewed(README.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
