"""The README says what the program says: examples, tables, help and exit codes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import make_docs
import pytest

from motion_preflight import Profile, exit_codes
from motion_preflight.probe import bundled

README = make_docs.README.read_text(encoding="utf-8")
ROOT = make_docs.ROOT


def test_examples_rules_table_and_help_are_those_of_the_program() -> None:
    if sys.version_info >= (3, 13):
        pytest.skip("argparse lays its help out differently from Python 3.13 on")
    if bundled("ffprobe") is None:
        pytest.skip("the examples are those of the bundled ffprobe, which is not installed")
    assert make_docs.renewed(README) == README


def test_the_library_example_runs_and_prints_what_it_says() -> None:
    code = re.search(r"```python\n(.*?)```\n\nprints `(.*?)`", README, re.DOTALL)
    assert code
    done = subprocess.run(
        [sys.executable, "-c", code[1]], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == code[2]


def test_the_profile_example_is_taken(tmp_path: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", README, re.DOTALL)
    assert example
    file = tmp_path / "profile.toml"
    file.write_text(example[1], encoding="utf-8")
    price = Profile.load(file).price("kling-v3-motion-control", "std")
    assert price is not None
    assert str(price.per_second) == "0.099"


def test_the_exit_codes_are_those_of_the_program_and_of_its_help() -> None:
    section = README.partition("## Exit codes")[2].partition("\n## ")[0]
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)}
    names = (
        "OK", "BROKEN", "CANNOT_RUN", "UNSURE", "OVER_BUDGET", "UNKNOWN", "BUG", "INTERRUPTED",
    )  # fmt: skip
    assert documented == {getattr(exit_codes, name) for name in names}
    assert all(re.search(rf"\b{code}\b", make_docs.said("--help")) for code in documented)


def test_links_lead_to_files_that_are_there() -> None:
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (ROOT / target).exists(), f"{name}: {target}"


@pytest.mark.parametrize("script", ["preflight", "test", "demo"])
def test_the_readme_opens_with_these_scripts(script: str) -> None:
    opening = README.partition("```sh")[2].partition("```")[0]
    assert f"scripts/{script}" in opening
    assert (ROOT / "scripts" / script).stat().st_mode & 0o111


def test_the_demo_goes_as_it_should() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "demo.py"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("Everything went as it should.\n")
