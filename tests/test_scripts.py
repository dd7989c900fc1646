"""`scripts/test`: what it runs, in which order, and what it says of wrong formatting."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from paths import ROOT
from tiers import FAST

SCRIPTS = ROOT / "scripts"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
# Stands in the place of ruff, mypy and python: notes how it was called, and fails where asked to.
RECORDER = """#!/bin/sh
name=${0##*/}
echo "$name $*" >>"$CALLS"
case "$name $*" in $FAILING) exit 1 ;; esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose environment is made already, of programs that only take notes."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_one.py").touch()
    for name in ("test", "environment.sh"):
        shutil.copy(SCRIPTS / name, tmp_path / "scripts" / name)
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in ("ruff", "mypy", "python"):
        (programs / name).write_text(RECORDER)
        (programs / name).chmod(0o755)
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    (tmp_path / ".venv" / ".installed-test").write_text("[project]\n")
    return tmp_path


def run(checkout: Path, *arguments: str, failing: str = "") -> tuple[int, list[str], str]:
    """Exit code, the programs that were called, and what was said."""
    calls = checkout / "calls"
    done = subprocess.run(
        [checkout / "scripts" / "test", *arguments],
        env={"PATH": "/usr/bin:/bin", "CALLS": str(calls), "FAILING": failing},
        capture_output=True,
        text=True,
        check=False,
    )
    called = calls.read_text().splitlines() if calls.exists() else []
    return done.returncode, called, done.stderr


def kinds(called: list[str]) -> list[str]:
    return ["tests" if "pytest" in call else call.split()[0] for call in called]


def test_all_of_it_is_formatting_lint_types_and_tests(checkout: Path) -> None:
    code, called, _ = run(checkout)
    assert (code, called[:3]) == (0, ["ruff format --check .", "ruff check .", "mypy "])
    assert kinds(called) == ["ruff", "ruff", "mypy", "tests"]
    assert "-m not" not in called[-1]


def test_fast_leaves_the_tiers_out(checkout: Path) -> None:
    code, called, _ = run(checkout, "--fast", "-x")
    assert (code, kinds(called)) == (0, ["ruff", "ruff", "mypy", "tests"])
    assert called[-1].endswith(f"-m {FAST} -x")


def test_fix_formats_instead_of_complaining(checkout: Path) -> None:
    code, called, _ = run(checkout, "--fix")
    assert (code, called[:2]) == (0, ["ruff check --fix .", "ruff format ."])


def test_wrong_formatting_is_told_how_to_mend(checkout: Path) -> None:
    code, called, answer = run(checkout, failing="ruff*format*")
    assert (code, kinds(called)) == (1, ["ruff"])
    assert "`scripts/test --fix` mends it" in answer


@pytest.mark.parametrize(
    ("failing", "code", "kind"),
    [
        ("", 0, ["tests", "ruff", "ruff", "mypy"]),
        ("ruff*format*", 1, ["tests", "ruff"]),
        ("python*", 1, ["tests", "ruff", "ruff", "mypy"]),
    ],
)
def test_a_path_is_run_first(failing: str, code: int, kind: list[str], checkout: Path) -> None:
    got, called, answer = run(checkout, "tests/test_one.py::test_it", failing=failing)
    assert (got, kinds(called)) == (code, kind)
    assert called[0].endswith(" tests/test_one.py::test_it")
    assert ("--fix" in answer) == ("format" in failing)


def test_every_tier_is_declared(pytestconfig: pytest.Config) -> None:
    declared = {line.partition(":")[0] for line in pytestconfig.getini("markers")}
    assert {"server", "process", "clock", "sweep"} <= declared


SLEEP = pytest.param(
    "import time as t; t.sleep(0.01)",
    marks=pytest.mark.skipif(sys.version_info < (3, 13), reason="Python tells of sleep since 3.13"),
)


@pytest.mark.parametrize(
    "does",
    [
        "import subprocess as s; s.run(['true'])",
        "import socket as s; s.create_server(('127.0.0.1', 0)).close()",
        SLEEP,
    ],
)
def test_a_test_of_no_tier_that_takes_one_fails(does: str, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(f"def test_it():\n    exec({does!r})\n", "utf-8")
    shutil.copy(Path(__file__).parent / "tiers.py", tmp_path)
    (tmp_path / "conftest.py").write_text(
        "from tiers import Watch\n"
        "def pytest_configure(config):\n    config.pluginmanager.register(Watch())\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", tmp_path],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "in a test of no tier" in done.stdout
