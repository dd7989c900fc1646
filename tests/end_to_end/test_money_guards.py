"""What keeps money from being spent twice by an accident: a lost ledger, a swallowed row, a body
that is changed after it was checked, a key that comes back in disguise.
"""

from __future__ import annotations

import base64
import copy
import json
import os
import pickle
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, intent
from conftest import Program

from motion_preflight.provider.state import State
from motion_preflight.report.estimate import Estimate
from motion_preflight.report.totals import Budget
from motion_preflight.submission.errors import LedgerUnusable
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.text.frozen import frozen
from motion_preflight.text.numbers import AmountRange
from motion_preflight.text.redaction import key_forms, mask_secrets

KEY = "sk-Zx9/QwErTy+7654321abcdefGHIJK"
NOTE = "ledger.seen"


def used(folder: Path) -> Path:
    """A ledger with one row that is over, closed."""
    with Ledger(folder, now=lambda: NOW) as ledger:
        built = intent("one")
        ledger.begin(built, again=False, budget=Budget())
        ledger.settle(built.intent, State.NOT_SENT)
    return folder / "ledger.sqlite3"


def emptied(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DELETE FROM intents")


def truncated(path: Path) -> None:
    os.truncate(path, 0)


LOSSES = [Path.unlink, truncated, emptied]


@pytest.mark.parametrize("lose", LOSSES)
def test_a_ledger_that_had_rows_and_is_gone_or_empty_stops_everything(
    lose: Callable[[Path], None], tmp_path: Path, program: Program
) -> None:
    path = used(tmp_path)
    lose(path)
    for _ in range(2):  # the refusal makes no new ledger that would be believed
        with pytest.raises(LedgerUnusable, match="is empty, gone or older"):
            Ledger(tmp_path)
    state: dict[str, Any] = {"MOTION_PREFLIGHT_STATE": str(tmp_path)}
    listed = program("tasks", "list", **state)
    assert listed.returncode == 2
    assert "--ledger-lost" in listed.stderr
    unasked = program("tasks", "resolve", "--ledger-lost", **state)
    assert unasked.returncode == 2
    assert (tmp_path / NOTE).exists()
    assert program("tasks", "resolve", "--ledger-lost", "--yes", **state).returncode == 0
    assert program("tasks", "list", **state).returncode == 0


def test_an_older_copy_of_the_ledger_stops_everything(tmp_path: Path, program: Program) -> None:
    path = used(tmp_path)
    copy = path.read_bytes()
    with Ledger(tmp_path, now=lambda: NOW) as ledger:
        ledger.begin(intent("two"), again=False, budget=Budget())
    path.write_bytes(copy)
    with pytest.raises(LedgerUnusable, match=r"older than ledger\.seen"):
        Ledger(tmp_path)
    state: dict[str, Any] = {"MOTION_PREFLIGHT_STATE": str(tmp_path)}
    assert program("tasks", "resolve", "--ledger-lost", "--yes", **state).returncode == 0
    with Ledger(tmp_path) as ledger:
        assert len(ledger.rows()) == 1  # what the copy knows stays


def test_what_a_killed_run_left_of_its_note_is_taken_away(tmp_path: Path) -> None:
    used(tmp_path)
    (tmp_path / f"{NOTE}.new").write_text("half a no")
    with Ledger(tmp_path):
        assert not (tmp_path / f"{NOTE}.new").exists()


def test_the_last_request_may_be_forgotten(tmp_path: Path) -> None:
    used(tmp_path)
    with Ledger(tmp_path, now=lambda: NOW) as ledger:
        built = intent("two")
        ledger.begin(built, again=False, budget=Budget())
        ledger.settle(built.intent, State.NOT_SENT)
        ledger.forget([built.intent])
    with Ledger(tmp_path) as ledger:
        assert len(ledger.rows()) == 1


def test_a_ledger_that_is_there_is_not_begun_anew(tmp_path: Path, program: Program) -> None:
    used(tmp_path)
    state: dict[str, Any] = {"MOTION_PREFLIGHT_STATE": str(tmp_path)}
    done = program("tasks", "resolve", "--ledger-lost", "--yes", **state)
    assert (done.returncode, "is not lost" in done.stderr) == (1, True)
    assert (tmp_path / NOTE).exists()


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
def test_the_note_is_there_after_the_first_row_and_for_its_user_alone(tmp_path: Path) -> None:
    with Ledger(tmp_path):
        assert not (tmp_path / NOTE).exists()
    used(tmp_path)
    assert stat.S_IMODE((tmp_path / NOTE).stat().st_mode) == 0o600


def test_an_older_ledger_gets_its_note_when_it_is_opened(tmp_path: Path) -> None:
    used(tmp_path)
    (tmp_path / NOTE).unlink()
    with Ledger(tmp_path):
        assert (tmp_path / NOTE).exists()


def test_a_ledger_emptied_by_forgetting_is_not_lost(tmp_path: Path) -> None:
    used(tmp_path)
    with Ledger(tmp_path) as ledger:
        ledger.forget([row.intent for row in ledger.rows()])
        assert not (tmp_path / NOTE).exists()
        ledger.begin(intent("two"), again=False, budget=Budget())
    assert (tmp_path / NOTE).exists()


KILLED = """
import os, sys
from pathlib import Path
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.ledger.note import LedgerNote
LedgerNote.remove = lambda self: os._exit(9)
with Ledger(Path(sys.argv[1])) as ledger:
    ledger.forget([row.intent for row in ledger.rows()])
"""


def test_a_kill_while_all_is_forgotten_leaves_a_ledger_that_refuses(tmp_path: Path) -> None:
    used(tmp_path)
    killed = subprocess.run([sys.executable, "-c", KILLED, tmp_path], check=False)
    assert killed.returncode == 9
    with pytest.raises(LedgerUnusable, match="is empty, gone or older"):
        Ledger(tmp_path)


def test_a_ledger_emptied_under_an_open_run_takes_no_more(tmp_path: Path) -> None:
    used(tmp_path)
    with Ledger(tmp_path) as ledger:
        emptied(ledger.path)
        with pytest.raises(LedgerUnusable):
            ledger.begin(intent("two"), again=False, budget=Budget())


@pytest.mark.parametrize(
    "trigger",
    [
        "BEFORE INSERT ON intents BEGIN SELECT RAISE(IGNORE); END",
        "AFTER INSERT ON intents BEGIN DELETE FROM intents WHERE intent = NEW.intent; END",
        "AFTER INSERT ON intents BEGIN UPDATE intents SET state = 'not-sent'; END",
    ],
)
def test_an_insert_that_wrote_no_row_stops_before_the_post(trigger: str, tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        with closing(sqlite3.connect(ledger.path)) as database, database:
            database.execute(f"CREATE TRIGGER odd {trigger}")
        with pytest.raises(LedgerUnusable, match="was not written"):
            ledger.begin(intent("one"), again=False, budget=Budget())


def test_a_checked_body_cannot_be_changed_and_can_be_pickled_and_copied() -> None:
    values: dict[str, Any] = {
        "prompt": "a",
        "watermark_info": {"enabled": False},
        "x": [{"y": [1]}],
    }
    plain = copy.deepcopy(values)
    kept = frozen(values)
    values["prompt"], values["x"][0]["y"][0] = "b", 2
    values["watermark_info"]["enabled"] = True
    copies = (kept, copy.copy(kept), copy.deepcopy(kept), pickle.loads(pickle.dumps(kept)))
    for one in copies:
        assert one == plain
        assert json.loads(json.dumps(one)) == plain
        for change in (
            lambda one=one: one.update(prompt="b"),
            lambda one=one: one.__setitem__("prompt", "b"),
            lambda one=one: one["watermark_info"].clear(),
            lambda one=one: one["x"].append(1),
            lambda one=one: one["x"][0]["y"].__setitem__(0, 2),
            lambda one=one: one["x"].__iadd__([1]),
        ):
            with pytest.raises(TypeError):
                change()  # type: ignore[no-untyped-call]
        assert one == plain


@pytest.mark.parametrize("before", ["", "x", "xy", "Bearer "])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_key_in_base64_is_taken_out(before: str, encode: Callable[[bytes], bytes]) -> None:
    for text in (KEY, KEY[::-1]):
        shown = mask_secrets(
            f"bad key {encode((before + text + ' tail').encode()).decode()}", key_forms(KEY)
        )
        assert "…" in shown
        letters = shown.removeprefix("bad key ").replace("…", "")
        existing = encode(before.encode()).decode() + encode(b" tail").decode()
        assert len(letters) <= len(existing) + 6


@pytest.mark.parametrize(
    "form", [KEY[::-1], KEY.encode().hex(), KEY.encode().hex().upper(), KEY.replace("/", "%2F")]
)
def test_a_key_reversed_or_in_hex_is_taken_out(form: str) -> None:
    assert mask_secrets(f"<{form}>", key_forms(KEY)) == "<…>"


@pytest.mark.parametrize(
    ("price", "listed", "counted"),
    [("0.01", "0.1", "1.0"), ("0.2", "0.1", "2.0"), ("0.1", None, "1.0")],
)
def test_a_lower_price_never_lowers_what_a_budget_counts(
    price: str, listed: str | None, counted: str
) -> None:
    seconds, own = AmountRange(Decimal(5), Decimal(10)), Decimal(price)
    amount = AmountRange(seconds.low * own, seconds.high * own)
    estimate = Estimate(
        seconds, own, "USD", amount, None, None, None, None, Decimal(listed) if listed else None
    )
    assert estimate.amount == amount  # the estimate shows the user's own
    assert estimate.counted
    assert estimate.counted.high == Decimal(counted)
