"""The ledger: what it took is there whatever happens next, and nothing else is."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, body, intent
from paths import ROOT
from warm import warm

from motion_preflight.provider.responses import Task
from motion_preflight.provider.state import State
from motion_preflight.report.totals import Budget, Spent
from motion_preflight.submission.errors import LedgerUnusable, NotSent, NotSentReason
from motion_preflight.submission.fingerprint import MATCHES, Fingerprint, MediaKeys
from motion_preflight.submission.ledger.database import MIGRATIONS, migrate
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.polling import record
from motion_preflight.submission.receipt import FINAL, FOLLOWS, FREE, UNSETTLED, Receipt
from motion_preflight.text.numbers import AmountRange

POSIX = os.name == "posix"
NO_LIMIT = Budget()
KILLS = 20
WAYS: dict[State, tuple[State, ...]] = {  # from `sending` to each state
    State.SENDING: (),
    State.SUBMITTED: (State.SUBMITTED,),
    State.COMPLETED: (State.SUBMITTED, State.COMPLETED),
    State.FAILED: (State.SUBMITTED, State.FAILED),
    State.CANCELLED: (State.SUBMITTED, State.CANCELLED),
    State.REJECTED: (State.REJECTED,),
    State.UNKNOWN: (State.UNKNOWN,),
    State.NOT_SENT: (State.NOT_SENT,),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def ledger(folder: Path) -> Iterator[Ledger]:
    with Ledger(folder, now=lambda: NOW) as opened:
        yield opened


def begun(
    ledger: Ledger,
    name: str = "a request",
    *,
    again: bool = False,
    budget: Budget = NO_LIMIT,
    **fields: Any,
) -> Receipt:
    """An intent that the ledger took."""
    built = intent(name, **fields)
    ledger.begin(built, again=again, budget=budget)
    return built


def brought(ledger: Ledger, state: State, name: str = "a request", **existing: Any) -> Receipt:
    """A row that was brought to a state; what is `known` came with the last step."""
    fields = {item: existing.pop(item) for item in ("estimate", "created", "currency", "intent")
              if item in existing}  # fmt: skip
    built = begun(ledger, name, again=True, **fields)
    for step in WAYS[state]:
        ledger.settle(built.intent, step, **(existing if step is WAYS[state][-1] else {}))
    return row(ledger, built)


def row(ledger: Ledger, of: Receipt) -> Receipt:
    """The row of an intent as it stands."""
    (result,) = ledger.find(of.intent)
    return result


def costs(high: str, low: str | None = None) -> AmountRange:
    return AmountRange(Decimal(low or high), Decimal(high))


def by_hand(ledger: Ledger, **columns: object) -> None:
    """Writes into every row, as somebody with another program does."""
    with closing(sqlite3.connect(ledger.path)) as database, database:
        for name, value in columns.items():
            database.execute(f"UPDATE intents SET {name} = ?", (value,))


@contextmanager
def child(script: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A process of its own that runs a script; it is ended with the block."""
    with warm().start(
        *map(str, arguments),
        cwd=ROOT / "tests" / "support",  # where `builders` is
        env=os.environ,
        beginning={"code": script},
        stdin=subprocess.PIPE,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def next_line(process: subprocess.Popen[str]) -> str:
    """The next line of a child."""
    assert process.stdout
    assert process.stderr
    return process.stdout.readline().strip() or pytest.fail(process.stderr.read())


def ran(script: str, *arguments: object) -> str:
    """What a child printed that ended by itself."""
    with child(script, *arguments) as process:
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return output


# --- rows --------------------------------------------------------------------------------


def test_an_intent_comes_back_as_it_was_written(ledger: Ledger) -> None:
    odd = body(
        prompt="naïve \U0001f600 \ud800 'quoted' \0", watermark_info={"enabled": [1.5, None]}
    )
    built = begun(
        ledger,
        created=NOW.replace(microsecond=7),
        label="süß 'it'; DROP TABLE intents; --",
        body=odd,
        estimate=AmountRange(Decimal("0.4569600"), Decimal("1E+1")),
        currency="EUR",
        files=("a.mp4",),
    )
    assert ledger.rows() == [built]
    assert str(ledger.rows()[0].estimate) == str(built.estimate)


def test_an_intent_without_a_price_comes_back_so(ledger: Ledger) -> None:
    assert row(ledger, begun(ledger, estimate=None)).estimate is None


def test_a_moment_of_another_time_zone_is_the_same_moment(ledger: Ledger) -> None:
    moment = NOW.astimezone(dt.timezone(dt.timedelta(hours=-9, minutes=-30)))
    result = row(ledger, begun(ledger, created=moment))
    assert result.created == moment
    assert result.created.tzinfo == dt.UTC


def test_an_outcome_is_written_with_what_is_known_of_it(folder: Path) -> None:
    clock = iter([NOW + dt.timedelta(seconds=second) for second in range(99)])
    with Ledger(folder, now=lambda: next(clock)) as ledger:
        built = begun(ledger)
        existing: dict[str, Any] = {
            "task_id": "task_1",
            "request_id": "r1",
            "cost": Decimal("0.4569"),
        }
        settled = ledger.settle(built.intent, State.SUBMITTED, error="it said so", **existing)
        assert settled == row(ledger, built)
        assert settled is not None
        assert settled == replace(
            built,
            state=State.SUBMITTED,
            updated=settled.updated,
            error="it said so",
            **existing,
        )
        assert settled.updated > built.updated
        later = ledger.settle(built.intent, State.COMPLETED, error=None)
        assert later is not None
        assert (later.error, later.cost, later.task_id) == (None, Decimal("0.4569"), "task_1")
        assert later.updated > settled.updated
        assert later.created == built.created


def test_an_outcome_of_no_intent_is_none(ledger: Ledger) -> None:
    begun(ledger)
    assert ledger.settle("0123456789ab", State.SUBMITTED, task_id="task_1") is None
    assert [item.state for item in ledger.rows()] == [State.SENDING]


def test_a_state_that_stays_can_learn_more(ledger: Ledger) -> None:
    built = brought(ledger, State.COMPLETED)
    more = ledger.settle(built.intent, State.COMPLETED, cost=Decimal("0.4"))
    assert more == replace(built, cost=Decimal("0.4"))


def test_rows_come_newest_first_and_by_their_states(ledger: Ledger) -> None:
    old = brought(ledger, State.FAILED, "old", created=NOW - dt.timedelta(microseconds=1))
    first = brought(ledger, State.SUBMITTED, "first of one moment")
    second = brought(ledger, State.COMPLETED, "second of one moment")
    new = brought(ledger, State.UNKNOWN, "new", created=NOW + dt.timedelta(days=1))
    assert ledger.rows() == [new, second, first, old]
    assert ledger.rows(State.SUBMITTED) == [first]
    assert ledger.rows(*FINAL) == [second, old]
    assert ledger.rows(State.REJECTED) == []


def test_a_row_is_found_by_its_name_its_beginning_and_its_task(ledger: Ledger) -> None:
    one = brought(ledger, State.SUBMITTED, "one", intent="abcd00000000", task_id="task_1")
    two = brought(ledger, State.SUBMITTED, "two", intent="abcd11111111", task_id="2")
    assert ledger.find("abcd00000000") == ledger.find("abcd0") == ledger.find("task_1") == [one]
    assert ledger.find("2") == [two]
    assert ledger.find("abcd") == [two, one]


@pytest.mark.parametrize(
    "name",
    ["", "a", "abc", "ABCD", "bcd0", "abcd00000000x", "task_", "ask_1", "%", "____", "ab%d", "*",
     "abcd*", "abcd\0", "\0", "' OR 1=1 --", "é" * 4, pytest.param("x" * 100_000, id="long")],
)  # fmt: skip
def test_nothing_is_found_by_less_or_by_something_else(name: str, ledger: Ledger) -> None:
    brought(ledger, State.SUBMITTED, intent="abcd00000000", task_id="task_1")
    assert ledger.find(name) == []


def test_nothing_is_found_by_a_name_that_is_not_utf_8(ledger: Ledger) -> None:
    begun(ledger)
    argument = os.fsdecode(b"abcd\xff")  # as an argument of the command line arrives
    assert ledger.find(argument) == []


def test_a_label_that_is_not_utf_8_can_be_written(ledger: Ledger) -> None:
    built = begun(ledger, label=os.fsdecode(b"dance-\xff.json"))
    assert row(ledger, built).label.startswith("dance-")


def test_only_what_is_named_is_forgotten(ledger: Ledger) -> None:
    one, two, three = (brought(ledger, State.FAILED, name) for name in "123")
    ledger.forget(item.intent for item in (one, three))
    assert ledger.rows() == [two]
    ledger.forget(["0123456789ab", one.intent, two.intent[:6], ""])
    ledger.forget([])
    assert ledger.rows() == [two]


def test_files_are_added_in_their_order_each_once(ledger: Ledger) -> None:
    built, other = brought(ledger, State.COMPLETED, "1"), brought(ledger, State.COMPLETED, "2")
    files = [Path("out", name) for name in ("b.mp4", os.fsdecode(b"\xff.mp4"), "a, b.mp4", "b.mp4")]
    for file in files:
        ledger.add_file(built.intent, file)
    ledger.add_file("0123456789ab", files[0])
    assert row(ledger, built).files == tuple(map(str, files[:3]))
    assert row(ledger, other).files == ()


def test_an_intent_is_written_once(ledger: Ledger) -> None:
    first = begun(ledger, "one", intent="abcd00000000")
    with pytest.raises(LedgerUnusable):
        begun(ledger, "two", intent="abcd00000000")
    assert ledger.rows() == [first]


def test_a_closed_ledger_says_that_it_cannot_be_used(ledger: Ledger) -> None:
    ledger.close()
    ledger.close()
    with pytest.raises(LedgerUnusable):
        ledger.rows()
    with pytest.raises(LedgerUnusable):
        begun(ledger)
    with pytest.raises(LedgerUnusable):
        ledger.spent(Budget(day=Decimal(1)), "USD")


def test_a_change_that_fails_leaves_nothing(ledger: Ledger) -> None:
    kept = begun(ledger, "kept")

    def change() -> None:
        with ledger.transaction() as database:
            database.execute("DELETE FROM intents")
            assert ledger.rows() == []
            raise KeyError

    with pytest.raises(KeyError):
        change()
    assert ledger.rows() == [kept]
    begun(ledger, "and it works again")


# --- states ------------------------------------------------------------------------------


@pytest.mark.parametrize("new", State)
@pytest.mark.parametrize("old", State)
def test_a_row_goes_forward_or_stays_as_it_is(old: State, new: State, ledger: Ledger) -> None:
    before = brought(ledger, old, task_id="task_1", cost=Decimal("0.40"), error="before")
    bystander = begun(ledger, "another")
    after = ledger.settle(before.intent, new, task_id="task_2", cost=Decimal(9), error=None)
    if new is old or new in FOLLOWS.get(old, ()):
        changed = replace(before, state=new, task_id="task_2", cost=Decimal(9), error=None)
        assert after == changed
    else:
        assert after == before
    assert row(ledger, before) == after
    assert row(ledger, bystander) == bystander


def test_no_way_leads_back() -> None:
    steps = {(old, new) for old, following in FOLLOWS.items() for new in following}
    assert all(new not in FOLLOWS for _, new in steps if new in FINAL)
    assert not {old for old, _ in steps} & FINAL
    assert not any((new, old) in steps for old, new in steps)
    assert State.SENDING not in {new for _, new in steps}
    assert (State.SUBMITTED, State.UNKNOWN) not in steps
    assert {new for _, new in steps} | {State.SENDING} == set(State)


def test_who_comes_late_changes_nothing(folder: Path) -> None:
    with Ledger(folder) as one, Ledger(folder) as two:
        built = begun(one)
        two.settle(built.intent, State.SUBMITTED, task_id="task_1")
        two.settle(built.intent, State.COMPLETED, cost=Decimal("0.4"))
        late = one.settle(built.intent, State.UNKNOWN, error="no answer came")
        assert late is not None
        assert (late.state, late.error, late.task_id) == (State.COMPLETED, None, "task_1")


# --- the file ----------------------------------------------------------------------------


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def open_handed() -> Iterator[None]:
    """A user whose files everybody may read and write."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.skipif(not POSIX, reason="modes of POSIX")
@pytest.mark.usefixtures("open_handed")
def test_only_its_user_can_read_it(folder: Path) -> None:
    with Ledger(folder) as ledger:
        built = begun(ledger)
        with ledger.transaction() as database:
            database.execute("DELETE FROM intents")
            files = {path.name: mode(path) for path in folder.iterdir()}
            assert files == {
                "ledger.sqlite3": 0o600,
                "ledger.sqlite3-journal": 0o600,
                "ledger.seen": 0o600,
                "runs": 0o700,
            }
        assert [mode(path) for path in (folder / "runs").iterdir()] == [0o600]
        assert mode(folder) == 0o700
        assert built not in ledger.rows()


@pytest.mark.skipif(not POSIX, reason="modes of POSIX")
def test_a_file_that_others_could_read_is_closed_to_them(folder: Path) -> None:
    with Ledger(folder) as ledger:
        built = brought(ledger, State.SUBMITTED)
    (folder / "ledger.sqlite3").chmod(0o644)
    with Ledger(folder) as ledger:
        assert mode(ledger.path) == 0o600
        assert row(ledger, built).intent == built.intent


@pytest.mark.skipif(not POSIX, reason="modes of POSIX")
def test_an_empty_file_that_others_could_read_is_closed_to_them(folder: Path) -> None:
    folder.mkdir()
    file = folder / "ledger.sqlite3"
    file.touch(0o644)
    file.chmod(0o644)
    with Ledger(folder) as ledger:
        begun(ledger)
        assert mode(file) == 0o600


def test_what_is_written_is_on_the_disk_and_what_is_deleted_is_not(ledger: Ledger) -> None:
    def pragma(name: str) -> Any:
        return ledger._database.execute(f"PRAGMA {name}").fetchone()[0]

    assert pragma("journal_mode") == "delete"
    assert pragma("synchronous") >= 2  # FULL
    assert pragma("secure_delete") == 1


def test_nothing_but_the_file_stays(folder: Path) -> None:
    with Ledger(folder) as ledger:
        begun(ledger)
        assert {path.name for path in folder.iterdir()} == {"ledger.sqlite3", "ledger.seen", "runs"}
        assert len(list((folder / "runs").iterdir())) == 1
    assert list((folder / "runs").iterdir()) == []


def test_a_folder_is_made_with_those_above_it(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b c" / "d%20?#"
    with Ledger(deep) as ledger:
        begun(ledger)
    with Ledger(deep) as ledger:
        assert len(ledger.rows()) == 1
    assert (deep / "ledger.sqlite3").is_file()


@pytest.mark.skipif(sys.platform != "linux", reason="names that are not UTF-8")
def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    with Ledger(tmp_path / os.fsdecode(b"\xff\n")) as ledger:
        assert begun(ledger).intent == ledger.rows()[0].intent


# --- its versions ------------------------------------------------------------------------


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        yield database


def one(database: sqlite3.Connection, sql: str) -> Any:
    return database.execute(sql).fetchone()[0]


MORE = (
    *MIGRATIONS,
    "ALTER TABLE intents ADD COLUMN note TEXT; UPDATE intents SET note = 'from before'",
    "CREATE INDEX by_note ON intents (note);",
)


def test_a_new_file_has_the_newest_version(ledger: Ledger) -> None:
    with opened(ledger.path) as database:
        assert one(database, "PRAGMA user_version") == len(MIGRATIONS)
        assert one(database, "PRAGMA application_id") == int.from_bytes(b"MPFL")
        migrate(database, MIGRATIONS)
        assert one(database, "PRAGMA user_version") == len(MIGRATIONS)


def test_an_older_file_is_brought_up_and_keeps_its_rows(folder: Path) -> None:
    with Ledger(folder) as ledger:
        built = brought(ledger, State.SUBMITTED)
    with opened(folder / "ledger.sqlite3") as database:
        migrate(database, MORE[:-1])
        assert one(database, "PRAGMA user_version") == len(MORE) - 1
        migrate(database, MORE)
        assert one(database, "PRAGMA user_version") == len(MORE)
        result = database.execute("SELECT intent, note FROM intents").fetchall()
        assert result == [(built.intent, "from before")]
        assert not database.in_transaction


def test_a_new_file_takes_every_step(tmp_path: Path) -> None:
    with opened(tmp_path / "new") as database:
        migrate(database, MORE)
        assert one(database, "PRAGMA user_version") == len(MORE)
        assert one(database, "SELECT count(*) FROM sqlite_master WHERE name = 'by_note'") == 1


def test_a_step_that_fails_leaves_the_version_before(folder: Path) -> None:
    with Ledger(folder) as ledger:
        begun(ledger)
    steps = (*MIGRATIONS, "DELETE FROM intents; CREATE TABLE nonsense nonsense;")
    with opened(folder / "ledger.sqlite3") as database:
        with pytest.raises(sqlite3.Error):
            migrate(database, steps)
        assert not database.in_transaction
        assert one(database, "PRAGMA user_version") == len(MIGRATIONS)
        assert one(database, "SELECT count(*) FROM intents") == 1


@pytest.mark.parametrize("moment", ["user_version", "application_id", "sqlite_master", "BEGIN"])
def test_a_file_that_another_process_makes_meanwhile_is_ours(moment: str, folder: Path) -> None:
    folder.mkdir()
    path = folder / "ledger.sqlite3"
    built: list[str] = []

    def other(statement: str) -> None:
        if moment in statement and not built:
            built.append(statement)
            with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as first:
                migrate(first, MIGRATIONS)  # or it is told to wait, by an exception nobody sees

    with opened(path) as database:
        database.set_trace_callback(other)
        migrate(database, MIGRATIONS)
        assert built
        assert one(database, "PRAGMA user_version") == len(MIGRATIONS)


def other_program(*statements: str) -> Callable[[Path], object]:
    """What makes a file by SQL that is not ours."""

    def make(file: Path) -> None:
        with opened(file) as database:
            for statement in statements:
                database.execute(statement)

    return make


def newer(*statements: str) -> Callable[[Path], object]:
    """What makes a file of a later version."""

    def make(file: Path) -> None:
        with opened(file) as database:
            migrate(database, MORE)
        other_program(*statements)(file)

    return make


FOREIGN: dict[str, Callable[[Path], object]] = {
    "a text": lambda file: file.write_bytes(b"label,cost\n" * 1000),
    "zeros": lambda file: file.write_bytes(bytes(8192)),
    "no more than a header": lambda file: file.write_bytes(b"SQLite format 3\0" * 100),
    "another program's": other_program("CREATE TABLE mine (a)"),
    "a named program's": other_program("PRAGMA application_id = 7", "CREATE TABLE mine (a)"),
    "without a table": other_program("PRAGMA user_version = 1"),
    "another program's, in WAL": other_program(
        "PRAGMA journal_mode = WAL", "CREATE TABLE mine (a)"
    ),
    "newer than we are": newer(),
    "newer than we are, in WAL": newer("PRAGMA journal_mode = WAL"),
    "a folder": lambda file: file.mkdir(),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_a_file_that_is_not_ours_is_left_alone(what: str, folder: Path) -> None:
    folder.mkdir()
    file = folder / "ledger.sqlite3"
    FOREIGN[what](file)
    before = file.read_bytes() if file.is_file() else None
    with pytest.raises(LedgerUnusable):
        Ledger(folder)
    assert (file.read_bytes() if file.is_file() else None) == before
    assert {path.name for path in folder.iterdir()} == {"ledger.sqlite3", "runs"}
    assert list((folder / "runs").iterdir()) == []


@pytest.mark.parametrize("what", FOREIGN)
def test_a_file_that_is_not_ours_is_named(what: str, folder: Path) -> None:
    folder.mkdir()
    file = folder / "ledger.sqlite3"
    FOREIGN[what](file)
    with pytest.raises(LedgerUnusable) as caught:
        Ledger(folder)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_empty_file_is_a_ledger_without_rows(folder: Path) -> None:
    folder.mkdir()
    (folder / "ledger.sqlite3").touch()
    with Ledger(folder) as ledger:
        assert ledger.rows() == []
        begun(ledger)


# --- rows that were changed by hand ------------------------------------------------------

WRONG: list[tuple[str, object]] = [
    ("state", "lost"),
    ("state", "SENDING"),
    ("state", b"\xff"),
    ("created", "yesterday"),
    ("created", "2026-12-01T12:00:00"),  # of which time zone?
    ("updated", ""),
    ("updated", "2026-12-01"),
    ("body", "{"),
    ("body", "null"),
    ("body", '["a list"]'),
    ("body", "[" * 100_000),
    ("files", "{"),
    ("files", "5"),
    ("files", "[1]"),
    ("files", '"a text"'),
    ("low", "cheap"),
    ("high", "dear"),
    ("high", "NaN"),
    ("high", "Infinity"),
    ("cost", "1,50"),
    ("cost", "sNaN"),
    ("cost", ""),
]


def _called(value: object) -> str:
    return str(value)[:20]


@pytest.mark.parametrize(("column", "value"), WRONG, ids=_called)
def test_a_row_changed_by_hand_is_said(column: str, value: object, ledger: Ledger) -> None:
    built = brought(ledger, State.SUBMITTED, task_id="task_1")
    by_hand(ledger, **{column: value})
    readings: list[Callable[[], object]] = [
        ledger.rows if column != "state" else lambda: ledger.find("task_1"),
        lambda: ledger.find(built.intent),
        lambda: ledger.settle(built.intent, State.COMPLETED),
        lambda: ledger.add_file(built.intent, Path("a.mp4")),
    ]
    for reading in readings:
        with pytest.raises(LedgerUnusable, match=built.intent):
            reading()


def test_the_file_of_a_row_changed_by_hand_is_named(ledger: Ledger) -> None:
    begun(ledger)
    by_hand(ledger, state="lost")
    with pytest.raises(LedgerUnusable) as caught:
        ledger.find(ledger._database.execute("SELECT intent FROM intents").fetchone()[0])
    assert str(ledger.path) in str(caught.value)


def test_a_text_that_is_not_utf_8_is_said(ledger: Ledger) -> None:
    begun(ledger)
    with opened(ledger.path) as database:
        database.execute("UPDATE intents SET label = CAST(x'ff' AS TEXT)")
    with pytest.raises(LedgerUnusable):
        ledger.rows()


@pytest.mark.parametrize("column", ["high", "cost"])
@pytest.mark.parametrize("amount", ["dear", "NaN", "sNaN", "1,50", b"\xff", "Infinity"])
def test_no_budget_goes_by_an_amount_that_is_none(
    column: str, amount: object, ledger: Ledger
) -> None:
    brought(ledger, State.COMPLETED)
    by_hand(ledger, **{column: amount})
    for budget in (Budget(day=Decimal(10)), Budget(run=Decimal(10))):
        with pytest.raises((LedgerUnusable, NotSent)):
            begun(ledger, "another", budget=budget)
    assert len(ledger._database.execute("SELECT 1 FROM intents").fetchall()) == 1
    assert not ledger._database.in_transaction


@pytest.mark.parametrize("run", ["", "a\0b", "..", "x" * 5000, "no/such/folder"])
def test_a_run_that_is_none_is_over_or_said(run: str, ledger: Ledger) -> None:
    begun(ledger)
    by_hand(ledger, run=run)
    try:
        begun(ledger, "another")
    except LedgerUnusable:
        return
    states = {item.identity: item.state for item in ledger.rows()}
    assert states == {"a request": State.UNKNOWN, "another": State.SENDING}


# --- where nothing can be written --------------------------------------------------------


def _as_file(path: Path) -> None:
    path.write_text("a file")


@pytest.mark.parametrize("place", ["state", "state/inner", "state/runs"])
def test_a_file_where_a_folder_should_be_is_said(place: str, tmp_path: Path) -> None:
    state = tmp_path / "state"
    if place == "state/runs":
        state.mkdir()
        _as_file(tmp_path / place)
    else:
        _as_file(state)
    folder = state / "inner" if place == "state/inner" else state
    with pytest.raises(LedgerUnusable) as caught:
        Ledger(folder)
    assert str(folder) in str(caught.value)


TRIES = """
import os, sys
from pathlib import Path
from builders import intent
from motion_preflight.report.totals import Budget
from motion_preflight.submission.errors import LedgerUnusable
from motion_preflight.submission.ledger.ledger import Ledger

if os.geteuid() == 0:  # everything is imported: that user may not read this Python
    os.setgid(65534)
    os.setuid(65534)
try:
    with Ledger(Path(sys.argv[1])) as ledger:
        ledger.begin(intent(), again=False, budget=Budget())
    print("no trouble")
except LedgerUnusable as error:
    print(error)
"""


@pytest.mark.skipif(not POSIX, reason="modes of POSIX")
@pytest.mark.parametrize("writable", ["nothing", "runs", "runs and ledger.sqlite3"])
@pytest.mark.parametrize("created", [False, True])
def test_a_folder_that_cannot_be_written_is_said(writable: str, created: bool) -> None:  # noqa: FBT001
    with tempfile.TemporaryDirectory() as outer:  # one that every user may enter
        Path(outer).chmod(0o755)
        folder = Path(outer, "state")
        folder.mkdir()
        (folder / "runs").mkdir()
        if created:
            with Ledger(folder) as ledger:
                begun(ledger)
        elif "ledger" in writable:
            (folder / "ledger.sqlite3").touch()
        for name, mode in (("runs", 0o777), ("ledger.sqlite3", 0o666)):
            if (folder / name).exists():
                (folder / name).chmod(mode if name in writable else mode & 0o555)
        folder.chmod(0o555)
        before = [path.read_bytes() for path in folder.glob("ledger*")]
        output = ran(TRIES, folder)
        assert str(folder) in output
        assert "cannot be used" in output
        assert [path.read_bytes() for path in folder.glob("ledger*")] == before
        assert list((folder / "runs").iterdir()) == []
        folder.chmod(0o755)


FILLS = """
import json, resource, signal, sys
from pathlib import Path
from builders import body, intent
from motion_preflight.report.totals import Budget
from motion_preflight.submission.errors import LedgerUnusable
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.provider.state import State

def room(limit):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

def written(name):
    made = intent(name, body=body(prompt=name * 1500))
    ledger.begin(made, again=False, budget=Budget())
    kept.append(made.intent)

kept, refused = [], []
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Ledger(Path(sys.argv[1])) as ledger:
    written("first")
    room(int(sys.argv[2]))
    while not refused:
        try:
            written(f"{len(kept):03}")
        except LedgerUnusable as error:
            refused.append(str(error))
    try:
        ledger.settle(kept[0], State.SUBMITTED, task_id="task_1", error="e" * 100_000)
    except LedgerUnusable as error:
        refused.append(str(error))
    try:
        while_full = [[each.intent, each.state, each.error] for each in ledger.rows()]
    except LedgerUnusable:  # a change that failed could not be undone yet
        while_full = None
    room(resource.RLIM_INFINITY)
    ledger.settle(kept[0], State.SUBMITTED, task_id="task_1")
    written("there is room again")
print(json.dumps([kept, refused, while_full]))
"""


@pytest.mark.skipif(not POSIX, reason="limits of POSIX")
@pytest.mark.parametrize("room", [0, 1, 511, 600, 4096, 33_000, 50_000, 70_001, 150_000])
def test_a_full_disk_is_said_and_nothing_is_half_written(room: int, folder: Path) -> None:
    kept, refused, while_full = json.loads(ran(FILLS, folder, room))
    assert len(refused) == 2
    assert all(str(folder) in item for item in refused)
    sending = sorted([item, "sending", None] for item in kept[:-1])
    assert while_full is None or sorted(while_full) == sending
    with Ledger(folder) as ledger:
        states = {item.intent: item.state for item in ledger.rows()}
        assert states == dict.fromkeys(kept, State.UNKNOWN) | {kept[0]: State.SUBMITTED}
        assert whole(ledger)


STARTS = """
import resource, signal, sys
from pathlib import Path
from motion_preflight.submission.errors import LedgerUnusable
from motion_preflight.submission.ledger.ledger import Ledger

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    Ledger(Path(sys.argv[1]))
except LedgerUnusable as error:
    print(error)
"""


@pytest.mark.skipif(not POSIX, reason="limits of POSIX")
@pytest.mark.parametrize("room", [0, 100, 513, 4096, 9000, 20_000])
def test_a_disk_that_is_full_from_the_start_is_said(room: int, folder: Path) -> None:
    assert str(folder) in ran(STARTS, folder, room)
    with Ledger(folder) as ledger:
        begun(ledger)
        assert whole(ledger)


def whole(ledger: Ledger) -> bool:
    """Whether SQLite finds nothing wrong with the file."""
    with opened(ledger.path) as database:
        return bool(one(database, "PRAGMA integrity_check") == "ok")


INTERRUPTED = """
import sqlite3, sys, threading, time, _thread
from pathlib import Path
from builders import intent
from motion_preflight.report.totals import Budget
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.provider.state import State

with Ledger(Path(sys.argv[1])) as ledger:
    made = intent()
    ledger.begin(made, again=False, budget=Budget())
    other = sqlite3.connect(ledger.path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")

    def interrupt():
        time.sleep(0.3)
        _thread.interrupt_main()  # as Ctrl-C does, while `settle` waits for the write lock
        time.sleep(0.3)
        other.execute("COMMIT")

    threading.Thread(target=interrupt).start()
    try:
        ledger.settle(made.intent, State.SUBMITTED, task_id="task_1")
        print("it was not interrupted")
    except KeyboardInterrupt:
        pass
    other.execute("BEGIN IMMEDIATE")  # nobody holds the write lock
    other.execute("COMMIT")
    other.close()
    print(ledger.settle(made.intent, State.SUBMITTED, task_id="task_1").task_id)
"""


def test_an_interruption_while_it_waits_leaves_no_change_open(folder: Path) -> None:
    assert ran(INTERRUPTED, folder).split() == ["task_1"]


# --- identical requests ------------------------------------------------------------------


@pytest.mark.parametrize("state", sorted(UNSETTLED))
def test_an_identical_request_that_is_not_over_stands_in_the_way(
    state: State, ledger: Ledger
) -> None:
    other = brought(ledger, state)
    assert ledger.standing(Fingerprint("a request")) == other
    with pytest.raises(NotSent) as caught:
        begun(ledger)
    assert caught.value.because is NotSentReason.IDENTICAL
    assert caught.value.receipt == other
    assert other.intent in str(caught.value)
    assert ledger.rows() == [other]
    begun(ledger, "another request")
    begun(ledger, again=True)
    assert len(ledger.rows()) == 3


@pytest.mark.parametrize("state", sorted(FINAL - {State.COMPLETED}))
def test_an_identical_request_that_came_to_nothing_does_not(state: State, ledger: Ledger) -> None:
    brought(ledger, state)
    assert ledger.standing(Fingerprint("a request")) is None
    begun(ledger)
    assert len(ledger.rows()) == 2


def test_an_identical_request_that_is_completed_is_not_paid_for_again(ledger: Ledger) -> None:
    brought(ledger, State.COMPLETED, created=NOW - dt.timedelta(days=1))
    latest = brought(ledger, State.COMPLETED)
    assert ledger.standing(Fingerprint("a request")) == latest
    with pytest.raises(NotSent) as caught:
        begun(ledger)
    assert (caught.value.because, caught.value.receipt) == (NotSentReason.DONE, latest)
    begun(ledger, again=True)
    assert len(ledger.rows()) == 3


A, B = MediaKeys("one", "x", "a picture", "z"), MediaKeys("another", "x", "a picture", "z")
ONLY_LINKS = MediaKeys(video_link="x", image_link="z")


@pytest.mark.parametrize(
    ("before", "now", "same"),
    [
        (A, A, True),
        (A, replace(A, video_link="y", image_link="elsewhere"), True),
        (A, B, False),
        (A, ONLY_LINKS, True),
        (ONLY_LINKS, B, True),
        (ONLY_LINKS, MediaKeys(video_link="y", image_link="z"), False),
        (A, replace(A, image_content="another"), False),
        (replace(A, image_sha256="1"), replace(A, image_sha256="2"), False),
        (replace(A, image_sha256="1"), replace(A, image_sha256="1", image_link="moved"), True),
        (replace(A, image_sha256="1"), A, True),
        (MediaKeys(), A, False),  # a row that was written before media had columns
        (MediaKeys(), MediaKeys(), True),
    ],
)
def test_the_row_of_a_request_with_the_same_media_is_found(
    before: MediaKeys,
    now: MediaKeys,
    same: bool,  # noqa: FBT001
    ledger: Ledger,
) -> None:
    """The condition of the database and the function of values agree, in both directions."""
    assert Fingerprint("a", before).matches(Fingerprint("a", now)) is same
    assert Fingerprint("a", now).matches(Fingerprint("a", before)) is same
    assert not Fingerprint("a", before).matches(Fingerprint("b", before))
    row = intent("a", media=before)
    ledger.begin(row, again=False, budget=Budget())
    assert ledger.rows() == [row]
    assert (ledger.standing(Fingerprint("a", now)) is not None) is same
    assert ledger.standing(Fingerprint("b", before)) is None


def test_rows_of_one_fingerprint_are_found_by_an_index(ledger: Ledger) -> None:
    with closing(sqlite3.connect(ledger.path)) as database:
        values = {"identity": "a"} | dict.fromkeys(MediaKeys.__dataclass_fields__)
        plan = database.execute(f"EXPLAIN QUERY PLAN SELECT * FROM intents WHERE {MATCHES}", values)
        assert "USING INDEX by_identity" in str(plan.fetchall())


def test_the_one_that_is_unknown_is_named_before_the_others(ledger: Ledger) -> None:
    brought(ledger, State.SUBMITTED, created=NOW - dt.timedelta(days=2))
    unknown = brought(ledger, State.UNKNOWN, created=NOW - dt.timedelta(days=1))
    brought(ledger, State.SUBMITTED)
    brought(ledger, State.SENDING, created=NOW + dt.timedelta(days=1))
    assert ledger.standing(Fingerprint("a request")) == unknown
    with pytest.raises(NotSent) as caught:
        begun(ledger)
    assert caught.value.receipt == unknown


def test_an_identical_request_of_another_run_stands_in_the_way(folder: Path) -> None:
    with Ledger(folder) as one, Ledger(folder) as two:
        built = begun(one)
        with pytest.raises(NotSent) as caught:
            begun(two)
        assert caught.value.receipt == built
        one.settle(built.intent, State.REJECTED)
        begun(two)


def test_an_identical_request_is_named_before_a_budget(ledger: Ledger) -> None:
    begun(ledger)
    with pytest.raises(NotSent) as caught:
        begun(ledger, budget=Budget(day=Decimal(0)))
    assert caught.value.because is NotSentReason.IDENTICAL


# --- budgets -----------------------------------------------------------------------------

Before = tuple[State, str | None, dict[str, Any]]  # state, high estimate, what is known


def before(state: State, high: str | None = "0.6", **existing: Any) -> Before:
    return state, high, existing


@pytest.mark.parametrize("limit", ["day", "run"])
@pytest.mark.parametrize(
    ("rows", "high", "sent"),
    [
        pytest.param([], "1", True, id="just within"),
        pytest.param([], "1.000000000000000000001", False, id="just over"),
        pytest.param([], None, False, id="no known price"),
        pytest.param([before(State.SUBMITTED)], "0.4", True, id="together just within"),
        pytest.param([before(State.SUBMITTED)], "0.41", False, id="together over"),
        pytest.param([before(State.SENDING)], "0.41", False, id="one that is being sent counts"),
        pytest.param([before(State.UNKNOWN)], "0.41", False, id="one that is unknown counts"),
        pytest.param([before(State.FAILED)], "0.41", False, id="one that failed counts"),
        pytest.param([before(State.CANCELLED)], "0.41", False, id="a cancelled one counts"),
        pytest.param([before(State.COMPLETED)], "0.41", False, id="a completed one counts"),
        pytest.param([before(State.REJECTED)], "1", True, id="a rejected one does not"),
        pytest.param([before(State.NOT_SENT)], "1", True, id="one that was not sent does not"),
        pytest.param([before(State.REJECTED, None)], "1", True, id="nor does its unknown price"),
        pytest.param(
            [before(State.COMPLETED, cost=Decimal("0.2"))], "0.8", True, id="billed less"
        ),
        pytest.param(
            [before(State.COMPLETED, cost=Decimal("0.2"))], "0.81", False, id="and over it"
        ),
        pytest.param([before(State.COMPLETED, cost=Decimal(0))], "1", True, id="billed nothing"),
        pytest.param(
            [before(State.COMPLETED, cost=Decimal("0.9"))], "0.11", False, id="billed more"
        ),
        pytest.param([before(State.SUBMITTED, None)], "0.01", False, id="one without an amount"),
        pytest.param(
            [before(State.COMPLETED, None, cost=Decimal("0.3"))], "0.7", True, id="but billed"
        ),
        pytest.param(
            [before(State.SUBMITTED, currency="EUR")], "0.01", False, id="another currency"
        ),
        pytest.param(
            [before(State.COMPLETED, currency="EUR", cost=Decimal(0))],
            "0.01",
            False,
            id="another currency, billed",
        ),
        pytest.param([before(State.NOT_SENT, currency="EUR")], "1", True, id="and not sent"),
        pytest.param([before(State.SUBMITTED, "0.1")] * 7, "0.3", True, id="sums are exact"),
        pytest.param([before(State.SUBMITTED, "0.1")] * 7, "0.31", False, id="to the last cent"),
    ],
)  # fmt: skip
def test_what_was_spent_counts(
    limit: str, rows: list[Before], high: str | None, sent: bool, ledger: Ledger  # noqa: FBT001
) -> None:  # fmt: skip
    for state, amount, existing in rows:
        estimate = costs(amount, "0.01") if amount else None
        brought(ledger, state, uuid.uuid4().hex, **{"estimate": estimate} | existing)
    most = Decimal(1)
    budget = Budget(run=most) if limit == "run" else Budget(day=most)
    mine = costs(high, "0.001") if high else None
    if sent:
        begun(ledger, budget=budget, estimate=mine)
    else:
        with pytest.raises(NotSent) as caught:
            begun(ledger, budget=budget, estimate=mine)
        assert caught.value.because is NotSentReason.OVER_BUDGET
        assert caught.value.receipt is None
    assert len(ledger.rows()) == len(rows) + sent


@pytest.mark.parametrize(("high", "sent"), [("0.5", True), ("0.51", False), (None, False)])
def test_a_request_has_a_budget_of_its_own(high: str | None, sent: bool, ledger: Ledger) -> None:  # noqa: FBT001
    brought(ledger, State.SUBMITTED, estimate=costs("9"))
    budget = Budget(request=Decimal("0.5"))
    if sent:
        begun(ledger, "another", budget=budget, estimate=costs(str(high)))
        return
    with pytest.raises(NotSent) as caught:
        begun(ledger, "another", budget=budget, estimate=costs(high) if high else None)
    assert caught.value.because is NotSentReason.OVER_BUDGET


@pytest.mark.parametrize(
    ("created", "now", "counts"),
    [
        ("2026-12-01T23:30:00+00:00", "2026-12-01T23:59:59.999999+00:00", True),
        ("2026-12-01T23:59:59.999999+00:00", "2026-12-02T00:00:00+00:00", False),
        ("2026-12-01T00:00:00+00:00", "2026-12-01T23:59:59+00:00", True),
        ("2026-12-01T23:30:00+00:00", "2026-12-02T08:59:00+09:00", True),
        ("2026-12-01T23:30:00+00:00", "2026-12-01T20:00:00-05:00", False),
        ("2026-12-02T08:30:00+09:00", "2026-12-01T23:45:00+00:00", True),
        ("2026-12-01T20:00:00-05:00", "2026-12-01T23:45:00+00:00", True),  # the clock went back
        ("2027-12-01T12:00:00+00:00", "2026-12-01T12:00:00+00:00", True),
        ("2026-11-01T12:00:00+00:00", "2026-12-01T12:00:00+00:00", False),
        ("2025-12-01T12:00:00+00:00", "2026-12-01T12:00:00+00:00", False),
    ],
)
def test_a_day_is_one_of_utc(created: str, now: str, counts: bool, folder: Path) -> None:  # noqa: FBT001
    moment = dt.datetime.fromisoformat(now)
    with Ledger(folder, now=lambda: moment) as ledger:
        begun(ledger, created=dt.datetime.fromisoformat(created), estimate=costs("0.6"))
        run, day = ledger.spent(Budget(run=Decimal(1), day=Decimal(1)), "USD")
        assert day == Spent(Decimal("0.6") if counts else Decimal(0))
        assert run == Spent(Decimal("0.6"))  # a run has no days
        budget = Budget(day=Decimal(1))
        if not counts:
            begun(ledger, "next", created=moment, estimate=costs("0.6"), budget=budget)
            return
        with pytest.raises(
            NotSent,
            match=r"USD 0\.60 of 1\.00 spent today \(UTC\), 0\.40 left; this may cost 0\.60",
        ):
            begun(ledger, "next", created=moment, estimate=costs("0.6"), budget=budget)


def test_a_request_made_before_midnight_and_written_after_it_is_held_to_the_day_it_counts_for(
    folder: Path,
) -> None:
    """Between the two the ledger may be another process's for a minute."""
    before = dt.datetime(2026, 12, 1, 23, 59, 59, tzinfo=dt.UTC)
    with Ledger(folder, now=lambda: before + dt.timedelta(seconds=2)) as ledger:
        budget = Budget(day=Decimal(1))
        begun(ledger, created=before, estimate=costs("0.6"), budget=budget)
        with pytest.raises(NotSent, match="spent today"):
            begun(ledger, "next", created=before, estimate=costs("0.6"), budget=budget)


def test_a_run_spends_its_own_and_a_day_is_everybodys(folder: Path) -> None:
    budget = Budget(run=Decimal("0.7"), day=Decimal("1.2"))
    now = dt.datetime.now(dt.UTC)
    with Ledger(folder, now=lambda: now) as one, Ledger(folder, now=lambda: now) as two:
        begun(one, "1", budget=budget, estimate=costs("0.6"), created=now)
        begun(two, "2", budget=budget, estimate=costs("0.6"), created=now)
        spent = Spent(Decimal("0.6")), Spent(Decimal("1.2"))
        assert one.spent(budget, "USD") == two.spent(budget, "USD") == spent
        with pytest.raises(NotSent, match="spent in this run"):
            begun(one, "3", budget=budget, estimate=costs("0.11"), created=now)
        with pytest.raises(NotSent, match="spent today"):
            begun(two, "4", budget=budget, estimate=costs("0.01"), created=now)
    with Ledger(folder, now=lambda: now) as three, pytest.raises(NotSent, match="spent today"):
        begun(three, "5", budget=budget, estimate=costs("0.01"), created=now)


def test_nothing_is_summed_where_there_is_no_limit(ledger: Ledger) -> None:
    begun(ledger, estimate=None)
    assert ledger.spent(NO_LIMIT, "USD") == (Spent(), Spent())
    assert ledger.spent(Budget(day=Decimal(1)), "USD") == (Spent(), Spent(Decimal(0), 1))
    assert ledger.spent(Budget(run=Decimal(1)), "USD") == (Spent(Decimal(0), 1), Spent())


@pytest.mark.parametrize("so_far", [Decimal(0), Decimal("0.1")])
def test_what_a_task_cost_counts_when_it_is_over(so_far: Decimal, ledger: Ledger) -> None:
    """A provider that bills at the end may say 0 until then."""
    built = brought(ledger, State.SUBMITTED, estimate=costs("0.6"), task_id="task_1")
    running = Task("processing", State.SUBMITTED, 40, so_far, None, (), None)
    record(ledger, built, running)
    assert ledger.spent(Budget(day=Decimal(1)), "USD")[1] == Spent(Decimal("0.6"))
    record(ledger, built, replace(running, state=State.COMPLETED, cost=Decimal("0.5")))
    assert ledger.spent(Budget(day=Decimal(1)), "USD")[1] == Spent(Decimal("0.5"))


def test_a_bill_in_dollars_says_nothing_of_another_currency(ledger: Ledger) -> None:
    existing: dict[str, Any] = {"estimate": costs("0.6"), "currency": "EUR", "cost": Decimal("0.1")}
    brought(ledger, State.COMPLETED, **existing)
    assert ledger.spent(Budget(day=Decimal(1)), "EUR")[1] == Spent(Decimal("0.6"))


def test_every_state_counts_or_is_free() -> None:
    assert {State.REJECTED, State.NOT_SENT} == FREE


# --- runs that ended ---------------------------------------------------------------------

HOLDS = """
import sys
from pathlib import Path
from builders import intent
from motion_preflight.report.totals import Budget
from motion_preflight.submission.ledger.ledger import Ledger

with Ledger(Path(sys.argv[1])) as ledger:
    for name in sys.argv[2:]:
        ledger.begin(intent(name), again=False, budget=Budget())
    print("begun", flush=True)
    sys.stdin.read()
"""


def states(ledger: Ledger) -> dict[str, State]:
    """The state of each row by its identity."""
    return {item.identity: item.state for item in ledger.rows()}


def test_what_a_killed_run_was_sending_is_unknown(folder: Path) -> None:
    with child(HOLDS, folder, "a", "b") as holder:
        next_line(holder)
        with Ledger(folder) as ledger:
            assert states(ledger) == dict.fromkeys("ab", State.SENDING)
        holder.kill()
        holder.wait()
    with Ledger(folder) as ledger:
        assert states(ledger) == dict.fromkeys("ab", State.UNKNOWN)
        assert all(item.error and "ended" in item.error for item in ledger.rows())
        assert ledger.rows(State.UNKNOWN) == ledger.rows()
        assert len(list((folder / "runs").iterdir())) == 1  # our own


def test_what_a_run_was_sending_that_went_without_a_word_is_unknown(folder: Path) -> None:
    with Ledger(folder) as ledger:
        begun(ledger)
    with Ledger(folder) as ledger:
        assert states(ledger) == {"a request": State.UNKNOWN}


def test_what_was_over_stays_as_it_is(folder: Path) -> None:
    with Ledger(folder) as ledger:
        for state in State:
            brought(ledger, state, state)
    with Ledger(folder) as ledger:
        result = states(ledger)
    assert result.pop("sending") is State.UNKNOWN
    assert all(name == state for name, state in result.items())


def test_what_a_live_run_is_sending_stays_so(folder: Path) -> None:
    with child(HOLDS, folder, "a") as holder, Ledger(folder) as first:
        next_line(holder)
        with Ledger(folder) as second:
            for name, ledger in (("b", first), ("c", second)):
                begun(ledger, name)
                assert states(ledger)["a"] is State.SENDING
                with pytest.raises(NotSent):
                    begun(ledger, "a")
            assert set(states(second).values()) == {State.SENDING}
        assert holder.communicate("\n", timeout=60) == ("", "")
        begun(first, "d")
        assert states(first) == {
            "a": State.UNKNOWN,  # it ended by itself, and left it so
            "b": State.SENDING,
            "c": State.UNKNOWN,
            "d": State.SENDING,
        }


def test_who_asks_learns_that_a_run_was_killed_meanwhile(ledger: Ledger, folder: Path) -> None:
    with child(HOLDS, folder, "a") as holder:
        next_line(holder)
        result = ledger.standing(Fingerprint("a"))
        assert result is not None
        assert result.state is State.SENDING
        holder.kill()
        holder.wait()
    result = ledger.standing(Fingerprint("a"))
    assert result is not None
    assert result.state is State.UNKNOWN


def test_a_refusal_says_what_the_ledger_says(ledger: Ledger, folder: Path) -> None:
    with child(HOLDS, folder, "a") as holder:
        next_line(holder)
        holder.kill()
        holder.wait()
    with pytest.raises(NotSent) as caught:
        begun(ledger, "a")
    assert caught.value.receipt is not None
    assert caught.value.receipt.state is State.UNKNOWN
    assert ledger.rows() == [caught.value.receipt]


def test_a_killed_run_that_sent_nothing_leaves_no_file_for_ever(folder: Path) -> None:
    with child(HOLDS, folder) as holder:
        next_line(holder)
        holder.kill()
        holder.wait()
    with Ledger(folder):
        pass
    assert list((folder / "runs").iterdir()) == []


def test_an_outcome_that_comes_after_all_is_written(folder: Path) -> None:
    with Ledger(folder) as one:
        built = begun(one)
        for file in (folder / "runs").iterdir():
            file.unlink()  # as a tidy user or program does
        with Ledger(folder) as two:
            assert states(two) == {"a request": State.UNKNOWN}
            settled = one.settle(built.intent, State.SUBMITTED, task_id="task_1")
            assert settled is not None
            assert settled.state is State.SUBMITTED
            begun(two, "another")
            assert states(two)["a request"] is State.SUBMITTED


# --- what is forgotten -------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_of_a_request_that_is_forgotten_no_byte_stays(seed: int, ledger: Ledger) -> None:
    """Whatever was written before and after, and however long it was: pages are split and moved."""
    random_ = random.Random(seed)
    kept: dict[str, str] = {}
    for number in range(120):
        if kept and random_.random() < 0.4:
            chosen = random_.sample(sorted(kept), random_.randint(1, min(5, len(kept))))
            ledger.forget(chosen)
            data = ledger.path.read_bytes()
            for name in chosen:
                secret = kept.pop(name)
                assert secret.encode() not in data
                assert name.encode() not in data
        else:
            secret = f"a secret wish {random_.randbytes(16).hex()}"
            prompt = secret + "!" * random_.choice([0, 10, 500, 3000, 9000])
            built = begun(ledger, str(number), body=body(prompt=prompt))
            ledger.settle(built.intent, State.REJECTED, error="e" * random_.randint(0, 300))
            kept[built.intent] = secret
    begun(ledger, "the last one", body=body(prompt="another wish"))
    assert b"another wish" in ledger.path.read_bytes()  # it could be found at all
    assert whole(ledger)


# --- killed at any moment ----------------------------------------------------------------

BEGINS = """
import random, sys
from itertools import count
from pathlib import Path
from builders import body, intent
from motion_preflight.report.totals import Budget
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.provider.state import State

dice = random.Random(f"{sys.argv[2]} {sys.argv[3]}")
with Ledger(Path(sys.argv[1])) as ledger:
    for number in count():
        prompt = "x" * dice.choice([10, 1000, 9000])
        made = intent(f"{sys.argv[2]}.{number}", body=body(prompt=prompt))
        ledger.begin(made, again=False, budget=Budget())
        print("begun", made.intent, flush=True)
        if sys.argv[3] == "settled":
            ledger.settle(made.intent, State.SUBMITTED, task_id=f"task_{number}")
            print("settled", made.intent, flush=True)
"""


@pytest.mark.parametrize("how", ["begun", "settled"])
def test_what_was_written_outlives_a_killed_process(how: str, folder: Path) -> None:
    random_ = random.Random(f"20261201 {how}")
    existing: dict[str, State] = {}
    for kill in range(KILLS):
        pause = random_.uniform(0, 0.1)
        with child(BEGINS, folder, kill, how) as writer:
            first = next_line(writer)
            time.sleep(pause)
            writer.kill()
            assert writer.stdout
            rest = writer.stdout.read()  # not `communicate`, which forgets what was read ahead
        # a line may have been cut off by the kill; a whole one was said after the return
        lines = [first, *rest[: rest.rfind("\n") + 1].split("\n")]
        message = [tuple(line.split()) for line in lines if line]
        print(f"kill {kill} after {pause:.4f} s, {len(message)} lines")  # noqa: T201  shown when it fails
        with Ledger(folder) as ledger:
            assert whole(ledger)
            results = {item.intent: item.state for item in ledger.rows()}
            assert State.SENDING not in results.values()
        new = {name: state for name, state in results.items() if name not in existing}
        assert {name: results.get(name) for name in existing} == existing
        begun_ = {name for word, name in message if word == "begun"}
        settled = {name for word, name in message if word == "settled"}
        assert begun_ <= set(new)
        assert len(set(new) - begun_) <= 1  # committed, and killed before it could say so
        submitted = {name for name, state in new.items() if state is State.SUBMITTED}
        assert settled <= submitted
        assert len(submitted - settled) <= 1
        assert set(new.values()) <= {State.SUBMITTED, State.UNKNOWN}
        existing = results
    assert len(existing) >= KILLS


@pytest.mark.skipif(not POSIX, reason="signals of POSIX")
def test_a_stopped_process_keeps_its_rows(folder: Path) -> None:
    """A laptop that sleeps is no crash."""
    with child(HOLDS, folder, "a") as holder:
        next_line(holder)
        holder.send_signal(signal.SIGSTOP)
        with Ledger(folder) as ledger:
            assert states(ledger) == {"a": State.SENDING}
        holder.send_signal(signal.SIGCONT)
