"""`scripts/fuzz`: a small piece of every target finds nothing, and what is planted is found."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fuzz.command import TARGETS
from fuzz.engine.case import Dice, spread
from paths import ROOT

# Targets that go wrong in every way there is, each at case 1 of seed 7.
PLANTED = """
import os, signal, sys, time
from fuzz.command import main
from fuzz.engine import workers
from fuzz.engine.case import Dice, Target, Violation

class Planted(Target):
    share, clock = 1, 30.0
    def run(self, dice):
        number = dice.random()
        self.note_input("number.txt", str(number))
        if number == Dice.of(self.name, 7, 1).random():
            self.go_wrong()
        self.held = b""

class Fine(Planted):
    name = "fine"
    def go_wrong(self): pass

class Raises(Planted):
    name = "raises"
    def go_wrong(self): raise KeyError("what was not there")

class Lies(Planted):
    name = "lies"
    def go_wrong(self): raise Violation("a secret is shown: 5ecre7")

class Hangs(Planted):
    name, clock = "hangs", 0.3
    def go_wrong(self):
        while True:
            try: time.sleep(60)
            except Exception: pass

class Stuck(Planted):
    name, clock = "stuck", 0.3
    def go_wrong(self):
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        time.sleep(60)

class Dies(Planted):
    name = "dies"
    def go_wrong(self): os.kill(os.getpid(), signal.SIGKILL)

class Slow(Planted):
    name, processor = "slow", 0.1
    def go_wrong(self):
        end = time.process_time() + 0.3
        while time.process_time() < end: pass

class Hungry(Planted):
    name = "hungry"
    def go_wrong(self): self.held = bytearray(320_000_000)

workers._GRACE = 0.5
sys.exit(main(targets=[Fine, Raises, Lies, Hangs, Stuck, Dies, Slow, Hungry]))
"""


def run(
    *arguments: str | Path, script: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """`scripts/fuzz`, or a script that uses it."""
    program = ["-c", script] if script else ["-m", "fuzz"]
    paths = os.pathsep.join(str(ROOT / part) for part in ("tests/support", "tests"))
    before = os.environ.get("PYTHONPATH")
    paths = os.pathsep.join([paths, before]) if before else paths
    return subprocess.run(
        [sys.executable, *program, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": paths} | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def table(printed: str) -> dict[str, tuple[int, int]]:
    """Cases and findings by target."""
    rows = re.findall(r"(?m)^(\S+) +([\d,]+) +[\d.]+ s +([\d,]+) +\d+ MB$", printed)
    return {name: (int(cases.replace(",", "")), int(result)) for name, cases, result in rows}


def test_a_small_piece_of_every_target_finds_nothing(tmp_path: Path) -> None:
    done = run("--cases", "150", "--seed", "2", "--keep", tmp_path / "kept")
    assert done.returncode == 0, done.stdout + done.stderr
    tried = table(done.stdout)
    assert set(tried) == {target.name for target in TARGETS}
    assert all(cases > 0 and not result for cases, result in tried.values())
    assert not (tmp_path / "kept").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured on Linux")
def test_whatever_goes_wrong_is_found_and_the_rest_goes_on(tmp_path: Path) -> None:
    done = run("--cases", "64", "--seed", "7", "--keep", tmp_path, "--jobs", "4", script=PLANTED)
    assert done.returncode == 1, done.stdout + done.stderr
    tried = table(done.stdout)
    assert tried["fine"] == (8, 0)
    wrong = set(tried) - {"fine"}
    assert {name: tried[name] for name in wrong} == dict.fromkeys(wrong, (8, 1))
    for answer in (
        "raises: KeyError at <string>:", "lies: a secret is shown: 5ecre7",
        "hangs: it takes more than 0.3 s", "stuck: it hangs", "dies: the process died (-9)",
        "slow: it takes more than 0.1 s of the processor", "hungry: it takes 3",
    ):  # fmt: skip
        assert answer in done.stdout
    kept = tmp_path / "raises-7-1"
    assert float((kept / "number.txt").read_text())
    assert "what was not there" in (kept / "finding.txt").read_text()
    assert "in go_wrong" in (tmp_path / "stuck-7-1" / "finding.txt").read_text()
    assert "scripts/fuzz --target raises --seed 7 --case 1" in done.stdout


def test_one_case_can_be_repeated(tmp_path: Path) -> None:
    again = ("--case", "1", "--target", "raises", "--seed", "7", "--keep", tmp_path)
    done = run(*again, script=PLANTED)
    assert table(done.stdout) == {"raises": (1, 1)}
    assert "KeyError: 'what was not there'" in done.stdout
    assert run("--case", "1").returncode == 2


def test_the_time_is_bounded_too(tmp_path: Path) -> None:
    done = run(
        "--cases",
        "1000000",
        "--seconds",
        "1",
        "--jobs",
        "1",
        "--target",
        "config",
        "--keep",
        tmp_path,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert 0 < table(done.stdout)["config"][0] < 1_000_000


def test_a_case_follows_from_target_seed_and_number_in_every_process() -> None:
    script = (
        "import hashlib, tempfile, pathlib\n"
        "from fuzz.command import TARGETS\n"
        "from fuzz.engine import case, workers\n"
        "for target in TARGETS:\n"
        "    if target.name in {'boxes', 'manifests', 'profiles', 'config', 'answers', 'ledger'}:\n"
        "        folder = pathlib.Path(tempfile.mkdtemp())\n"
        "        workers.isolate(folder)\n"
        "        made, digest = target(folder), hashlib.sha256()\n"
        "        for number in range(20):\n"
        "            case.run_cases(made, 3, [number], report=lambda _: None)\n"
        "            digest.update(b''.join(made.inputs.values()))\n"
        "        print(target.name, digest.hexdigest())\n"
    )
    first, second = (run(script=script, PYTHONHASHSEED=seed) for seed in ("1", "2"))
    assert first.stdout == second.stdout
    assert first.stdout.count("\n") == 6, first.stderr


def test_other_seeds_and_numbers_are_other_cases() -> None:
    built = {
        Dice.of(*item).random() for item in (("a", 1, 1), ("a", 1, 2), ("a", 2, 1), ("b", 1, 1))
    }
    assert len(built) == 4
    assert Dice.of("a", 1, 1).random() in built


@pytest.mark.parametrize(
    ("shares", "cases", "spent"),
    [([1], 10, [10]), ([1, 1], 10, [5, 5]), ([98, 1, 1], 100, [98, 1, 1]), ([99, 1], 10, [10, 1])],
)
def test_every_target_gets_its_share_and_one_case_at_least(
    shares: list[int], cases: int, spent: list[int]
) -> None:
    assert spread(shares, cases) == spent
