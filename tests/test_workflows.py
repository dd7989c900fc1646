"""What runs on GitHub and before a commit: no secret, few rights, and what scripts/test runs."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from typing import Any

import pytest
from paths import FIXTURES

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")

ROOT = FIXTURES.parent
FILES = {file.stem: file for file in (ROOT / ".github" / "workflows").glob("*.yml")}
WORKFLOWS: dict[str, dict[Any, Any]] = {
    name: yaml.safe_load(file.read_text("utf-8")) for name, file in FILES.items()
}
TRUSTED = ("actions/", "pypa/gh-action-pypi-publish@")


def steps(workflow: str, job: str) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = WORKFLOWS[workflow]["jobs"][job]["steps"]
    return result


def test_there_are_three() -> None:
    assert set(WORKFLOWS) == {"tests", "docs", "release"}


def test_the_tests_run_on_every_python_that_is_said_to_do() -> None:
    matrix = WORKFLOWS["tests"]["jobs"]["tests"]["strategy"]["matrix"]
    assert matrix == {"python": ["3.11", "3.12", "3.13", "3.14"]}
    assert 'requires-python = ">=3.11"' in (ROOT / "pyproject.toml").read_text("utf-8")
    assert steps("tests", "tests")[-1]["run"] == ".ci/run"


@pytest.mark.parametrize("name", sorted(FILES))
def test_nothing_holds_a_secret_or_may_write(name: str) -> None:
    text = FILES[name].read_text("utf-8")
    assert not re.search(r"secrets\.|password|api[-_]token", text, re.IGNORECASE)
    assert WORKFLOWS[name]["permissions"] == {"contents": "read"}
    for job in WORKFLOWS[name]["jobs"].values():
        runs = any("run" in step for step in job["steps"])
        assert not (runs and job.get("permissions")), "a job with rights runs nothing of ours"
        assert job["timeout-minutes"] <= 60


@pytest.mark.parametrize("name", sorted(FILES))
def test_what_others_wrote_is_from_few_and_gets_no_credentials(name: str) -> None:
    for job in WORKFLOWS[name]["jobs"]:
        for step in steps(name, job):
            assert step.get("uses", "actions/").startswith(TRUSTED)
            if step.get("uses", "").startswith("actions/checkout"):
                assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("name", sorted(FILES))
def test_nothing_from_outside_is_ever_put_into_a_script(name: str) -> None:
    for job in WORKFLOWS[name]["jobs"]:
        assert not [step for step in steps(name, job) if "${{" in step.get("run", "")]


def test_a_release_is_tested_before_it_is_published_and_trusted_by_its_workflow() -> None:
    build, publish = (WORKFLOWS["release"]["jobs"][job] for job in ("build", "publish"))
    ran = [step.get("run", "") for step in build["steps"]]
    assert ".ci/run" in ran
    assert ran.index(".ci/run") < next(at for at, text in enumerate(ran) if "-m build" in text)
    assert publish["needs"] == "build"
    assert publish["permissions"] == {"id-token": "write"}
    assert publish["environment"]["name"] == "pypi"
    assert "with" not in publish["steps"][-1], "trusted publishing needs no token"


def test_before_a_commit_runs_what_scripts_test_runs() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    (repository,) = config["repos"]
    assert repository["repo"] == "local"
    programs = [" ".join(shlex.split(hook["entry"])[:2]) for hook in repository["hooks"]]
    assert programs == [".venv/bin/ruff format", ".venv/bin/ruff check", ".venv/bin/mypy"]
    script = (ROOT / "scripts" / "test").read_text("utf-8")
    assert all(program in script for program in programs)


def test_pre_commit_itself_finds_nothing_wrong_with_them() -> None:
    pytest.importorskip("pre_commit", reason="pre-commit is not installed")
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-config", ROOT / ".pre-commit-config.yaml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
