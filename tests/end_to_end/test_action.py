"""The GitHub Action and the pre-commit hook: what they say of themselves, and what they run."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from builders import body
from odd_texts import HOSTILE
from paths import FIXTURES
from processes import surroundings
from warm import warm

from motion_preflight.cli import exit_codes

if TYPE_CHECKING:
    from collections.abc import Iterator

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
pytestmark = pytest.mark.skipif(
    os.name != "posix" or not shutil.which("bash"), reason="a script of bash"
)

ROOT = FIXTURES.parent
MEDIA = FIXTURES / "media"
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
SCRIPT = ROOT / "scripts" / "action"


def local(video: str = "clip-8s.mp4", **fields: Any) -> dict[str, Any]:
    return body(video_url=str(MEDIA / video), image_url=str(MEDIA / "image.png"), **fields)


GOOD, BAD, UNSURE = local(), local("clip-30.1s.mp4"), local("live.webm")
SILENT = local("silent-8s.mp4")  # a warning


def written(folder: Path, name: str, *requests: object) -> None:
    """A request file, of JSON lines where its name says so."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [request if isinstance(request, str) else json.dumps(request) for request in requests]
    text = "\n".join(lines) + "\n" if name.endswith(".jsonl") else f"[{','.join(lines)}]"
    file.write_text(text, encoding="utf-8")


@pytest.fixture
def surrounding(tmp_path: Path) -> dict[str, str]:
    """An environment in which `motion-preflight` is on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "motion-preflight"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(warm().command)} "$@"\n', "utf-8")
    program.chmod(0o755)
    return surroundings(tmp_path, PATH=f"{folder}:{os.environ['PATH']}")


@dataclass
class Step:
    """What a step of a job has left."""

    code: int
    stdout: str
    stderr: str
    summary: str
    outputs: dict[str, str]

    @property
    def report(self) -> dict[str, Any]:
        result: dict[str, Any] = json.loads(Path(self.outputs["report"]).read_text("utf-8"))
        return result

    @property
    def labels(self) -> list[str]:
        return [item["label"] for item in self.report["reports"]]


class Run(Protocol):
    def __call__(self, files: str, **inputs: str) -> Step: ...


@pytest.fixture
def run(tmp_path: Path, surrounding: dict[str, str]) -> Run:
    """Runs the script of the action in the folder `work`, as a runner does."""
    for name in ("work", "temp"):
        (tmp_path / name).mkdir()

    def step(files: str, **inputs: str) -> Step:
        summary, outputs = tmp_path / "summary", tmp_path / "outputs"
        summary.write_text("# before\n", encoding="utf-8")
        outputs.write_text("", encoding="utf-8")
        values = {f"INPUT_{name.upper()}": value for name, value in inputs.items()}
        defaults = {"INPUT_STRICT": "false", "INPUT_MAX_COST": "", "INPUT_ACCEPT_UNSURE": "false"}
        runner = {
            "RUNNER_TEMP": str(tmp_path / "temp"),
            "GITHUB_STEP_SUMMARY": str(summary),
            "GITHUB_OUTPUT": str(outputs),
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", f'bash "{SCRIPT}"'],
            cwd=tmp_path / "work",
            env=surrounding | runner | defaults | {"INPUT_FILES": files} | values,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        pairs = (line.partition("=") for line in outputs.read_text("utf-8").splitlines())
        return Step(
            done.returncode,
            done.stdout,
            done.stderr,
            summary.read_text("utf-8"),
            {name: value for name, _, value in pairs},
        )

    return step


def commands(step: Step) -> Iterator[tuple[str, str]]:
    """Every command that a runner finds in what was printed, with its line: those of today at the
    beginning of a line, those of old anywhere in it.
    """
    for line in (step.stdout + step.stderr).splitlines():
        today = re.match(r"\s*::([a-z-]+)( |::)", line)
        old = re.search(r"##\[([a-z-]+)[ \]]", line)
        if today:
            yield today[1], line
        elif old:
            yield f"##[{old[1]}", line


# action.yml


def steps() -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = ACTION["runs"]["steps"]
    return result


def test_the_action_is_a_composite_one_whose_steps_name_their_shell() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert all("shell" in step for step in steps() if "run" in step)
    assert all("@" in step["uses"] for step in steps() if "uses" in step)
    assert ACTION["name"]
    assert ACTION["description"]


def test_nothing_is_ever_put_into_a_script() -> None:
    assert all("${{" not in step["run"] for step in steps() if "run" in step)
    assert "${{" not in SCRIPT.read_text("utf-8")


def test_inputs_are_described_texts_and_each_is_given_to_a_step() -> None:
    values = json.dumps([step.get("env", {}) | step.get("with", {}) for step in steps()])
    for name, item in ACTION["inputs"].items():
        assert item["description"]
        assert item.get("required") or isinstance(item["default"], str), name
        assert f"${{{{ inputs.{name} }}}}" in values
    assert set(re.findall(r"inputs\.([a-z-]+)", values)) == set(ACTION["inputs"])


def test_the_variables_that_are_set_are_those_that_the_script_reads() -> None:
    (env,) = (step["env"] for step in steps() if "scripts/action" in step.get("run", ""))
    assert set(env) == set(
        re.findall(r"INPUT_[A-Z_]+", SCRIPT.read_text("utf-8").split("\n", 5)[5])
    )


def test_outputs_are_those_of_a_step_that_writes_them() -> None:
    text = SCRIPT.read_text("utf-8")
    identities = {step.get("id") for step in steps()}
    for name, item in ACTION["outputs"].items():
        match = re.fullmatch(r"\$\{\{ steps\.([a-z]+)\.outputs\.([a-z-]+) \}\}", item["value"])
        assert match
        assert match[1] in identities
        assert match[2] == name
        assert f"{name}=%s" in text


def test_the_script_is_one_of_bash() -> None:
    done = subprocess.run(["bash", "-n", str(SCRIPT)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


# scripts/action


@pytest.mark.parametrize(
    ("requests", "inputs", "code", "step"),
    [
        ([GOOD], {}, exit_codes.OK, 0),
        ([GOOD, BAD], {}, exit_codes.BROKEN, 1),
        ([GOOD, "3"], {}, exit_codes.CANNOT_RUN, 2),
        ([GOOD, UNSURE], {}, exit_codes.UNSURE, 3),
        ([GOOD, UNSURE], {"accept_unsure": "true"}, exit_codes.UNSURE, 0),
        ([GOOD, UNSURE, BAD], {"accept_unsure": "true"}, exit_codes.BROKEN, 1),
        ([GOOD], {"max_cost": "0.1"}, exit_codes.OVER_BUDGET, 4),
        ([GOOD], {"max_cost": "0.1", "accept_unsure": "true"}, exit_codes.OVER_BUDGET, 4),
        ([GOOD], {"max_cost": "1.00"}, exit_codes.OK, 0),
        ([SILENT], {}, exit_codes.OK, 0),
        ([SILENT], {"strict": "true"}, exit_codes.BROKEN, 1),
        ([SILENT], {"strict": "false"}, exit_codes.OK, 0),
        ([SILENT], {"strict": ""}, exit_codes.OK, 0),
    ],
)
def test_the_step_ends_as_the_check_and_tells_the_next_ones(  # noqa: PLR0917  a table
    requests: list[Any], inputs: dict[str, str], code: int, step: int, run: Run, tmp_path: Path
) -> None:
    written(tmp_path / "work", "a.json", *requests)
    done = run("a.json", **inputs)
    assert done.code == step, done.stderr
    assert done.outputs["exit-code"] == str(code)
    assert done.report["summary"]["total"] == sum(isinstance(request, dict) for request in requests)
    assert done.summary.startswith("# before\n## ")
    kinds = [kind for kind, _ in commands(done)]
    assert kinds[-1] == ("error" if code == exit_codes.OVER_BUDGET else "notice")
    assert ("error" in kinds[:-1]) == (code in {exit_codes.BROKEN, exit_codes.CANNOT_RUN})


def test_what_is_wrong_is_said_at_its_line_of_the_file(run: Run, tmp_path: Path) -> None:
    written(tmp_path / "work", "requests/many.jsonl", GOOD, "{", BAD)
    done = run("requests/*.jsonl")
    assert "::error file=requests/many.jsonl,line=2,title=no request::" in done.stdout
    assert "::error file=requests/many.jsonl,line=3,title=video-duration-above-" in done.stdout
    assert all(line.startswith("::") for line in done.stdout.splitlines())
    assert "requests/many.jsonl:3" in done.summary


def test_a_second_run_of_a_job_leaves_the_report_of_the_first(run: Run, tmp_path: Path) -> None:
    written(tmp_path / "work", "a.json", GOOD)
    written(tmp_path / "work", "b.json", BAD)
    first = run("a.json")
    second = run("b.json")
    assert (first.labels, second.labels) == (["a.json[0]"], ["b.json[0]"])


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ("a.json", ["a.json"]),
        ("*.json", ["a.json", "b.json"]),
        ("a.json\nb.json", ["a.json", "b.json"]),
        ("\n  a.json  \r\n\n\tb.json\t\n", ["a.json", "b.json"]),
        ("sub/**/*.json", ["sub/c.json", "sub/deep/er/d.json"]),
        ("**/[cd].json", ["sub/c.json", "sub/deep/er/d.json"]),
        ("?.json", ["a.json", "b.json"]),
        ("my request.txt", ["my request.txt"]),
        ("my *.txt", ["my request.txt"]),
        ("-dash.json", ["./-dash.json"]),
        ("*dash.json", ["./-dash.json"]),
        ("--strict.json", ["./--strict.json"]),
        ('it\'s "one".json', ['it\'s "one".json']),
        ("it's*", ['it\'s "one".json']),
        ("new*line.json", ["new�line.json"]),
        ("$(touch pwned).json", ["$(touch pwned).json"]),
        ("$HOME.json", ["$HOME.json"]),
        ("[x].json", ["[x].json"]),
        ("100%.json", ["100%.json"]),
        ("#.json", ["#.json"]),
        ("[ab].json\n?.json\na.json", ["a.json", "b.json"]),
        ("[ab].json\na.json||b.json", ["a.json", "b.json", "a.json||b.json"]),
    ],
    ids=ascii,
)
def test_files_are_named_by_a_pattern_a_line(
    files: str, expected: list[str], run: Run, tmp_path: Path
) -> None:
    names = ["sub/c.json", "sub/deep/er/d.json", "my request.txt", "-dash.json", "--strict.json"]
    names += ['it\'s "one".json', "new\nline.json", "$(touch pwned).json", "$HOME.json"]
    names += ["[x].json", "100%.json", "#.json", "a.json||b.json", "a.json", "b.json"]
    if files.partition("\n")[0] in {"*.json", "?.json", "[ab].json"} and "|" not in files:
        names = ["a.json", "b.json"]
    for name in names:
        written(tmp_path / "work", name, GOOD)
    done = run(files)
    assert done.labels == [f"{name}[0]" for name in expected]
    assert done.code == exit_codes.OK
    assert not list(tmp_path.rglob("pwned"))


def test_every_kind_of_request_file_may_be_named(run: Run, tmp_path: Path) -> None:
    written(tmp_path / "work", "a.jsonl", GOOD, GOOD)
    (tmp_path / "work" / "b.csv").write_text(
        f"{','.join(GOOD)}\n{','.join(GOOD.values())}\n", "utf-8"
    )
    assert run("*").labels == ["a.jsonl:1", "a.jsonl:2", "b.csv:2"]


@pytest.mark.parametrize(
    "files", ["none.json", "no*.json", "sub", "*/none", "https://apimart-user.com/a"]
)
def test_a_pattern_that_names_no_file_is_exit_2_and_the_others_are_checked(
    files: str, run: Run, tmp_path: Path
) -> None:
    written(tmp_path / "work", "a.json", GOOD)
    (tmp_path / "work" / "sub").mkdir()
    done = run(f"{files}\na.json")
    assert done.code == exit_codes.CANNOT_RUN
    assert done.outputs["exit-code"] == "2"
    assert done.labels == ["a.json[0]"]
    assert "error" in [kind for kind, _ in commands(done)]


@pytest.mark.parametrize("files", ["", "\n \t\r\n"])
def test_no_pattern_at_all_is_said_and_told_to_the_next_steps(files: str, run: Run) -> None:
    done = run(files)
    assert done.code == exit_codes.CANNOT_RUN
    assert done.stdout.startswith("::error::")
    assert done.outputs["exit-code"] == "2"


HOSTILE_INPUTS = [
    "$(touch pwned)", "`touch pwned`", "; touch pwned", "a.json; touch pwned", "| touch pwned",
    "a.json > pwned", "&& touch pwned", "-", "--debug", "--format=json=pwned", "-- pwned",
    "a.json --format json=pwned", "\\", "'", '"', "*'", '"; touch pwned; "', "${IFS}touch", "~root",
    "%0A::error::x", "::stop-commands::x", "a[$(touch pwned)]", "\x1b[2J", "!!", "{a,b}.json",
]  # fmt: skip


def test_files_are_names_and_never_a_script(run: Run, tmp_path: Path) -> None:
    done = run("\n".join(HOSTILE_INPUTS))
    assert done.code == exit_codes.CANNOT_RUN
    assert not list(tmp_path.rglob("pwned"))
    assert len(done.stderr.splitlines()) == len(HOSTILE_INPUTS)  # each is said to be no file
    assert {kind for kind, _ in commands(done)} <= {"error", "notice"}
    assert "\x1b" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "text",
    ["$(touch pwned)", '"; touch pwned; "', "5 --price 0", "--help", "-1", "nan", "1\n2", " "],
    ids=ascii,
)
def test_a_budget_is_a_number_and_never_a_script(text: str, run: Run, tmp_path: Path) -> None:
    written(tmp_path / "work", "a.json", GOOD)
    done = run("a.json", max_cost=text)
    assert done.code == exit_codes.CANNOT_RUN
    assert done.outputs["exit-code"] == "2"
    assert not list(tmp_path.rglob("pwned"))
    assert "Traceback" not in done.stderr


def test_reports_are_written_where_the_inputs_say(run: Run, tmp_path: Path) -> None:
    written(tmp_path / "work", "a.jsonl", GOOD, BAD)
    step = run("a.jsonl", junit="out/of tests/junit.xml", sarif="out/$(touch pwned).sarif")
    assert step.code == exit_codes.BROKEN
    junit = (tmp_path / "work" / "out" / "of tests" / "junit.xml").read_text("utf-8")
    assert '<testsuite name="a.jsonl" tests="2" failures="1" errors="0">' in junit
    sarif = json.loads((tmp_path / "work" / "out" / "$(touch pwned).sarif").read_text("utf-8"))
    assert sarif["version"] == "2.1.0"
    assert not (tmp_path / "work" / "pwned").exists()
    assert len(step.report["reports"]) == 2


def test_a_profile_changes_the_limits(run: Run, tmp_path: Path) -> None:
    written(tmp_path / "work", "a.json", GOOD)
    profile = tmp_path / "work" / "own profile.toml"
    profile.write_text("[limits.video_duration.video]\nmaximum = 5\n", encoding="utf-8")
    assert run("a.json").code == exit_codes.OK
    assert run("a.json", profile=profile.name).code == exit_codes.BROKEN
    assert run("a.json", profile="none.toml").code == exit_codes.CANNOT_RUN


def test_a_report_that_would_overwrite_the_requests_is_refused(run: Run, tmp_path: Path) -> None:
    written(tmp_path / "work", "a.json", GOOD)
    assert run("a.json", junit="a.json").code == exit_codes.CANNOT_RUN
    assert json.loads((tmp_path / "work" / "a.json").read_text("utf-8")) == [GOOD]


def test_a_check_that_could_not_begin_leaves_no_report_of_another(run: Run, tmp_path: Path) -> None:
    written(tmp_path / "work", "a.json", GOOD)
    assert run("a.json").code == exit_codes.OK
    done = run("a.json", max_cost="a lot")
    assert done.outputs["report"] == ""
    assert done.summary == "# before\n"


@pytest.mark.parametrize("name", ["strict", "accept_unsure"])
@pytest.mark.parametrize("word", ["tru", "$(touch pwned)", "true true", "--strict"])
def test_a_yes_that_is_not_understood_is_refused_and_not_taken_for_no(
    name: str, word: str, run: Run, tmp_path: Path
) -> None:
    written(tmp_path / "work", "a.json", SILENT)
    done = run("a.json", **{name: word})
    assert done.code == exit_codes.CANNOT_RUN
    assert done.outputs["exit-code"] == "2"
    assert "error" in [kind for kind, _ in commands(done)]
    assert not list(tmp_path.rglob("pwned"))


@pytest.mark.parametrize("word", ["yes", "True"])
def test_a_yes_may_be_written_as_in_yaml(word: str, run: Run, tmp_path: Path) -> None:
    written(tmp_path / "work", "a.json", SILENT)
    assert run("a.json", strict=word).code == exit_codes.BROKEN


def test_what_request_files_hold_and_how_they_are_named_is_no_command_of_the_runner(
    run: Run, tmp_path: Path
) -> None:
    lines: list[object] = []
    for text in [*HOSTILE, "##[set-output name=exit-code]0", "\n::add-mask::x"]:
        field = json.dumps(text)
        lines += [local("none.mp4", prompt=text, mode=text), {text: text}, {"video_url": text}]
        lines += [f"{{{field}: 1, {field}: 2}}", f"[{field}]", text.replace("\n", " ")]
        name = re.sub("[/\0\ud800]", "_", text)[:80]
        (tmp_path / "work" / f"{name}.json").write_text("{", encoding="utf-8")
    encoded = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
    (tmp_path / "work" / "a.jsonl").write_bytes(encoded.encode("utf-8", "surrogatepass"))
    done = run("a.jsonl\n*.json")
    assert {kind for kind, _ in commands(done)} <= {"error", "warning", "notice"}
    assert all(line.startswith("::") for line in done.stdout.splitlines())
    assert done.code == exit_codes.CANNOT_RUN
    assert done.outputs.keys() == {"exit-code", "report"}


def test_it_runs_without_what_only_github_sets(surrounding: dict[str, str], tmp_path: Path) -> None:
    written(tmp_path, "a.json", GOOD)
    environment = surrounding | {"INPUT_FILES": "a.json", "RUNNER_TEMP": str(tmp_path)}
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"):
        environment.pop(name, None)
    done = subprocess.run(
        ["bash", str(SCRIPT)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (exit_codes.OK, "")


# .pre-commit-hooks.yaml


def test_the_hook_is_described() -> None:
    (hook,) = HOOKS
    assert hook["id"] == "motion-preflight"
    assert hook["language"] == "python"
    assert hook["require_serial"] is True
    entry = shlex.split(hook["entry"])
    assert entry[0] == "motion-preflight"
    extra = (ROOT / "pyproject.toml").read_text("utf-8")
    assert all(f'"{item}"' in extra for item in hook["additional_dependencies"])


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("motion-requests/a.json", True),
        ("motion_request/a.jsonl", True),
        ("some/where/motion-request/deep/a.csv", True),
        ("motion-requests/a.ndjson", True),
        ("requests/a.json", False),
        ("emotion-requests/a.json", False),
        ("motion-requests/a.mp4", False),
        ("motion-requests.json", False),
        ("package.json", False),
    ],
)
def test_the_hook_is_for_request_files_and_no_others(name: str, taken: bool) -> None:  # noqa: FBT001  a table
    assert bool(re.search(HOOKS[0]["files"], name)) == taken


@pytest.mark.parametrize(
    ("requests", "code"),
    [
        ({"a.json": [GOOD], "b.jsonl": [GOOD, GOOD]}, exit_codes.OK),
        ({"a.json": [GOOD], "b.jsonl": [GOOD, BAD]}, exit_codes.BROKEN),
        ({"a.json": [UNSURE]}, exit_codes.UNSURE),
        ({"a.json": [GOOD], 'it\'s "one" b.json': ["3"]}, exit_codes.CANNOT_RUN),
    ],
)
def test_the_hook_checks_the_files_that_it_is_given(
    requests: dict[str, list[Any]], code: int, surrounding: dict[str, str], tmp_path: Path
) -> None:
    for name, item in requests.items():
        written(tmp_path, f"motion-requests/{name}", *item)
    (hook,) = HOOKS
    names = [f"motion-requests/{name}" for name in requests]
    done = subprocess.run(
        [*shlex.split(hook["entry"]), *hook.get("args", []), *names],
        cwd=tmp_path,
        env=surrounding,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert "motion-requests/a.json" in done.stdout


def test_pre_commit_itself_finds_nothing_wrong_with_the_hook() -> None:
    pytest.importorskip("pre_commit", reason="pre-commit is not installed")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pre_commit",
            "validate-manifest",
            str(ROOT / ".pre-commit-hooks.yaml"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
