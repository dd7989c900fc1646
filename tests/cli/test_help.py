"""The commands about the command line: its help, its version, its completion by shells."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from motion_preflight.cli import exit_codes
from motion_preflight.cli.names import COMMANDS, DIMENSIONS
from motion_preflight.formats.names import FORMATS
from motion_preflight.rules import RULES

if TYPE_CHECKING:
    from conftest import Program

_COMPLETE = """\
source {script}
COMP_WORDS=({words})
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
word="${{COMP_WORDS[COMP_CWORD]}}"
$(complete -p motion-preflight | sed 's/.* -F //') "$word" "${{COMP_WORDS[COMP_CWORD-1]}}"
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.mark.parametrize("command", [(), ("check",), ("tasks", "wait"), ("help",)])
def test_help_prints_what_the_option_prints(command: tuple[str, ...], program: Program) -> None:
    page = program("help", *command)
    assert page.returncode == exit_codes.OK
    assert page.stdout == program(*command, "--help").stdout


def test_the_help_of_no_command_says_what_was_meant(program: Program) -> None:
    done = program("help", "chek")
    assert done.returncode == exit_codes.CANNOT_RUN
    assert done.stderr.splitlines()[-1] == "was check meant?"
    done = program("help", "tasks", "wat")
    assert done.returncode == exit_codes.CANNOT_RUN
    assert "wat is no command" in done.stderr
    assert done.stderr.splitlines()[-1] == "was wait meant?"


@pytest.mark.parametrize(
    ("arguments", "last"),
    [
        (("tasks", "lst"), "was list meant?"),
        (("tasks", "--state", "complete"), "was completed meant?"),
        (("completion", "tcsh"), "allowed: bash, zsh, fish"),
        (("fix", "clip.mp4", "--for", "both"), "allowed: image, video"),
        (("zzz",), "see: motion-preflight --help"),
        (("check", "--frobnicate"), "see: motion-preflight check --help"),
        (("--frobnicate",), "see: motion-preflight --help"),
        (("check", "--modle", "std"), "was --mode meant?"),
    ],
)
def test_a_word_that_is_none_of_the_choices_names_them(
    arguments: tuple[str, ...], last: str, program: Program
) -> None:
    done = program(*arguments)
    assert done.returncode == exit_codes.CANNOT_RUN
    assert done.stderr.splitlines()[-1] == last


def test_the_version_is_that_of_the_option(program: Program) -> None:
    assert program("version").stdout == program("--version").stdout


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "video-duration",
            "have these words: video-duration-below-minimum, video-duration-above-maximum",
        ),
        (
            "duration_video",
            "have these words: video-duration-below-minimum, video-duration-above-maximum",
        ),
        ("cuts", 'was "video-cuts" meant?'),
        ("video-to-large", 'was "video-too-large" meant?'),
        ("qqq", "`motion-preflight rules` lists them"),
        ("-", "`motion-preflight rules` lists them"),
    ],
)
def test_a_rule_that_is_none_names_its_candidates(name: str, words: str, program: Program) -> None:
    done = program("rules", name)
    assert done.returncode == exit_codes.CANNOT_RUN
    assert done.stderr.strip().endswith(words)


# Shells


@pytest.fixture
def script(program: Program, tmp_path: Path) -> Path:
    """The completion of bash."""
    file = tmp_path / "script of bash"
    file.write_text(program("completion", "bash").stdout, encoding="utf-8")
    return file


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ([""], set(COMMANDS)),
        (["ru"], {"rules"}),
        (["rules", ""], {module.RULE.id for module in RULES}),
        (["rules", "video-du"], {"video-duration-below-minimum", "video-duration-above-maximum"}),
        (["check", "--format", ""], set(FORMATS)),
        (["probe", "--format", ""], {"text", "json"}),
        (["probe", "--format", "="], {"text", "json"}),  # --format= as bash breaks it
        (["check", "--mode", "std", "--format", "=", "js"], {"json", "jsonl"}),
        (["check", "--format", "=", "json", "--mode", ""], {"std", "pro"}),
        (["check", "--format", "=", "json", "=", "a"], {"a request.json"}),
        (["spend", "--by", ""], set(DIMENSIONS)),
        (["spend", "--by", "=", "mo"], {"mode", "model", "month"}),
        (["sandbox", "--fault", "cut-a"], {"cut-after", "cut-after-refused"}),
        (["sandbox", "--fault", "400", "504-"], {"504-billed"}),
        (["check", "--mode", ""], {"std", "pro"}),
        (["check", "--con"], {"--content", "--concise"}),
        (["tasks", "resolve", "--no"], {"--not-sent"}),
        (["tasks", "--st"], {"--state"}),
        (["tasks", "--state", "c"], {"completed", "cancelled"}),
        (["help", "ta"], {"tasks"}),
        (["completion", ""], {"bash", "zsh", "fish"}),
        (["check", "a"], {"a request.json"}),
    ],
)
def test_bash_completes_commands_options_and_values(
    line: list[str], words: set[str], script: Path, tmp_path: Path
) -> None:
    (tmp_path / "a request.json").touch()
    quoted = shlex.join(["motion-preflight", *line])
    code = _COMPLETE.format(script=shlex.quote(str(script)), words=quoted)
    done = subprocess.run(
        ["bash", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert (set(done.stdout.splitlines()), done.stderr) == (words, "")


@pytest.mark.parametrize(("shell", "option"), [("zsh", "-n"), ("fish", "--no-execute")])
def test_other_shells_read_their_script(
    shell: str, option: str, program: Program, tmp_path: Path
) -> None:
    text = program("completion", shell).stdout
    assert all(word in text for word in ("ledger-lost", "video-motionless", "jsonl", "504-billed"))
    if not shutil.which(shell):
        return
    file = tmp_path / "completion"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run([shell, option, file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
