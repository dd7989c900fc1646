"""`spend` and `estimate --seconds` as processes; the usage page is that of the sandbox."""

from __future__ import annotations

import csv
import datetime as dt
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from builders import body, intent
from conftest import Program
from processes import customer, served

from motion_preflight.cli import exit_codes
from motion_preflight.provider.state import State
from motion_preflight.report.totals import Budget
from motion_preflight.sandbox.server import Sandbox
from motion_preflight.submission.ledger.ledger import Ledger

Done = subprocess.CompletedProcess[str]
NOW = dt.datetime.now(dt.UTC)
MODEL = "kling-v2-6-motion-control"


@dataclass
class Book:
    """The program, its ledger, and a provider with a usage page."""

    folder: Path
    program: Program
    sandbox: Sandbox

    def run(self, *arguments: str, **environment: str) -> Done:
        settings = customer(self.sandbox, self.folder, **environment)
        return self.program(*arguments, cwd=None, **settings)

    def spend(self, *arguments: str, **environment: str) -> Done:
        return self.run("spend", *arguments, **environment)

    def document(self, *arguments: str) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.spend(*arguments, "--format", "json").stdout)
        assert read["schema"] == "motion-preflight/spend/1"
        return read

    def pay(self, *numbers: int) -> None:
        """Sends requests, each of which costs USD 0.40, and waits for them."""
        request = self.folder / "request.json"
        request.write_text(json.dumps([served(self.sandbox, number) for number in numbers]))
        options = ("--yes", "-q", "--wait", "--allow-private")
        done = self.run("submit", str(request), *options)
        assert done.returncode == exit_codes.OK, done.stderr

    def keep(self, state: State, *, days: int = 0, **fields: Any) -> str:
        """Writes a row of so many days ago, and returns its intent."""
        moment = NOW - dt.timedelta(days=days)
        cost = fields.pop("cost", None)
        usual: dict[str, Any] = {"origin": self.sandbox.base, "created": moment}
        row = intent(**(usual | fields))
        with Ledger(self.folder / "state", now=lambda: moment) as ledger:
            ledger.begin(row, again=True, budget=Budget())
            ledger.settle(row.intent, state, cost=cost)
        return row.intent


@pytest.fixture
def book(tmp_path: Path, program: Program) -> Iterator[Book]:
    with Sandbox(probe=False, polls=0) as sandbox:
        yield Book(tmp_path, program, sandbox)


def words_of(done: Done) -> str:
    """Both streams as one line, however they are wrapped."""
    return " ".join((done.stdout + done.stderr).split())


def test_an_empty_ledger_has_spent_nothing(book: Book) -> None:
    done = book.spend()
    assert (done.returncode, done.stdout) == (exit_codes.OK, "the ledger has no request\n")
    document = book.document()
    assert (document["rows"], document["total"]["count"]) == ([], 0)
    assert document["total"]["billed"] is None


def test_it_is_summed_by_what_is_asked_for_and_between_days(book: Book) -> None:
    book.keep(State.COMPLETED, days=40, cost=Decimal("0.40"), label="a.json")
    book.keep(State.COMPLETED, days=2, cost=Decimal("0.5"), label="b.json", body=body(mode="pro"))
    book.keep(State.UNKNOWN, days=1, label="b.json")
    book.keep(State.REJECTED, label="c.json")
    assert [row["by"] for row in book.document("--by", "mode,model")["rows"]] == [
        {"mode": mode, "model": MODEL} for mode in ("std", "pro")
    ]
    labels = {row["by"]["label"]: row for row in book.document("--by", "label")["rows"]}
    assert (labels["b.json"]["count"], labels["b.json"]["unknown"]) == (2, 1)
    assert (labels["c.json"]["count"], labels["c.json"]["not_sent"]) == (0, 1)
    since = f"{NOW - dt.timedelta(days=2):%Y-%m-%d}"
    until = f"{NOW - dt.timedelta(days=1):%Y-%m-%d}"
    between = book.document("--since", since, "--until", until)
    assert (between["since"], between["until"]) == (since, until)
    assert (between["total"]["count"], between["total"]["billed"]) == (2, 0.5)
    table = csv.DictReader(book.spend("--by", "day", "--format", "csv").stdout.splitlines())
    assert [row["billed"] for row in table] == ["0.4", "0.5", "", ""]


def test_the_table_is_accompanied_by_how_many_bills_are_missing(book: Book) -> None:
    book.keep(State.COMPLETED, cost=Decimal("0.40"))
    book.keep(State.REJECTED)
    book.keep(State.UNKNOWN)  # the table has a column for it
    assert book.spend("--format", "csv").stderr == ""
    for _ in range(2):
        book.keep(State.SUBMITTED)
    missing = "2 requests without a known bill: `motion-preflight tasks wait` asks for"
    file = book.folder / "spend.csv"
    for options in (["csv"], [f"csv={file}", "--format", "json"]):
        done = book.spend("--format", *options)
        assert (done.returncode, missing in done.stderr) == (exit_codes.OK, True)
        assert missing not in done.stdout
    for options in ([], ["--format", "json"], ["--format", "text", "--format", f"csv={file}"]):
        assert book.spend(*options).stderr == ""


def test_what_is_forgotten_is_still_spent(book: Book) -> None:
    names = [book.keep(State.COMPLETED, days=3, cost=Decimal("0.40")) for _ in range(3)]
    before = book.document("--by", "day,model")
    assert book.run("tasks", "forget", *names, "--yes").returncode == exit_codes.OK
    assert json.loads(book.run("tasks", "--format", "json").stdout)["tasks"] == []
    after = book.document("--by", "day,model")
    assert (after["rows"], after["total"]) == (before["rows"], before["total"])
    assert book.document("--by", "label")["rows"][0]["by"] == {"label": None}


def test_the_ledger_is_held_against_the_usage_page(book: Book) -> None:
    book.pay(1, 2)
    done = book.spend("--reconcile")
    assert done.returncode == exit_codes.OK, done.stderr
    assert f"{MODEL}: USD 0.80 in 2 calls on the page, USD 0.80 in 2 tasks here" in words_of(done)
    assert "they agree" in done.stdout
    usage = book.document("--reconcile")["usage"]
    assert usage["agrees"] is True
    assert usage["models"] == [
        {"model": MODEL, "tasks": 2, "billed": 0.8, "calls": 2, "amount": 0.8, "difference": 0.0}
    ]


def test_a_page_that_differs_is_unsure(book: Book) -> None:
    book.pay(1)
    book.keep(State.COMPLETED, cost=Decimal("0.40"))  # the provider knows nothing of it
    done = book.spend("--reconcile")
    assert done.returncode == exit_codes.UNSURE
    assert "USD 0.40 in 1 call on the page, USD 0.80 in 2 tasks here" in words_of(done)
    assert "they differ" in done.stdout


def test_tasks_of_another_provider_are_not_on_this_page(book: Book) -> None:
    book.pay(1)
    book.keep(State.COMPLETED, cost=Decimal("0.40"), origin="https://api.example")
    done = book.spend("--reconcile")
    assert done.returncode == exit_codes.OK
    assert "of 2 providers:" in done.stdout


def test_a_year_takes_as_many_calls_as_31_days_allow(book: Book) -> None:
    book.keep(State.COMPLETED, days=365, cost=Decimal("0.40"))
    book.spend("--reconcile")
    assert book.sandbox.requests.count(("GET", "/v1/usage")) == 12
    far = book.spend("--reconcile", "--since", "2001-01-01")
    assert far.returncode == exit_codes.CANNOT_RUN
    assert "allows 60 a minute: name fewer days" in words_of(far)


@pytest.mark.parametrize("fault", ["usage-503", "usage-401", "usage-odd", "usage-total",
                                   "usage-cut"])  # fmt: skip
def test_a_page_that_cannot_be_read_is_not_zero(book: Book, fault: str) -> None:
    book.pay(1)
    book.sandbox.fault(fault)
    done = book.spend("--reconcile", "--format", "json")
    assert done.returncode == exit_codes.BROKEN
    assert "the usage page was not read" in done.stderr
    document = json.loads(done.stdout)
    assert document["usage"] is None
    assert "that says nothing about what was billed" in document["errors"][0]["message"]
    assert document["total"]["billed"] == 0.4  # the ledger is shown all the same


def test_a_page_that_is_asked_too_soon_is_asked_again(book: Book) -> None:
    book.pay(1)
    book.sandbox.fault("usage-429*2")
    assert book.spend("--reconcile").returncode == exit_codes.OK
    assert book.sandbox.requests.count(("GET", "/v1/usage")) == 3


def test_reconciling_needs_the_key_and_the_sums_do_not(book: Book) -> None:
    assert book.spend(APIMART_API_KEY="").returncode == exit_codes.OK
    done = book.spend("--reconcile", APIMART_API_KEY="")
    assert done.returncode == exit_codes.CANNOT_RUN
    assert "APIMART_API_KEY" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--by", "colour"), '"colour" is none of model, mode, day, month, label'),
        (("--since", "yesterday"), "is not a day like 2026-09-30"),
        (("--since", "2026-02-30"), "is not a day like 2026-09-30"),
        (("--since", "2026-09-02", "--until", "2026-09-01"), "lies after --until"),
        (("--format", "sarif"), "is none of text, json, csv"),
    ],
)
def test_a_wrong_command_line_is_told(book: Book, arguments: tuple[str, ...], words: str) -> None:
    done = book.spend(*arguments)
    assert done.returncode == exit_codes.CANNOT_RUN
    assert words in words_of(done)


def test_documents_are_written_though_it_cannot_run(book: Book) -> None:
    wrong = ("--since", "2026-09-02", "--until", "2026-09-01", "--format")
    document = json.loads(book.spend(*wrong, "json").stdout)
    assert document["schema"] == "motion-preflight/spend/1"
    assert "lies after" in document["errors"][0]["message"]
    assert book.spend(*wrong, "csv").stdout.startswith("count,seconds_low,")


# --- without a clip ----------------------------------------------------------------------


def test_clips_that_there_are_not_yet_are_estimated(program: Program) -> None:
    done = program("estimate", "--seconds", "8.3", "--count", "500")
    assert done.returncode == exit_codes.OK
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"{MODEL}, std")
    assert lines[0].endswith("USD 228.48 to 257.04")
    assert "500 clips of 8.3 s: 4,000 to 4,500 s to pay" in done.stdout
    assert "the length is allowed for image and video" in done.stdout
    table = list(
        csv.DictReader(
            program("estimate", "--seconds", "8.3", "--format", "csv").stdout.splitlines()
        )
    )
    first = table[0]
    assert (first["model"], first["mode"], first["count"]) == (MODEL, "std", "1")
    assert len(table) == 4
    chosen = program("estimate", "--seconds", "8", "--mode", "pro", "--format", "json")
    document = json.loads(chosen.stdout)
    assert {row["by"]["mode"] for row in document["rows"]} == {"pro"}
    assert document["total"] is None


def test_a_length_that_no_model_takes_fails_as_a_check_does(program: Program) -> None:
    done = program("estimate", "--seconds", "45")
    assert done.returncode == exit_codes.BROKEN
    assert "the length is allowed for no orientation" in done.stdout


def test_a_budget_that_no_model_keeps_is_exceeded(program: Program) -> None:
    some = program("estimate", "--seconds", "8", "--count", "10", "--max-cost", "5")
    assert some.returncode == exit_codes.OK
    assert "1 of 4 within the budget of USD 5.00" in some.stdout
    none = program("estimate", "--seconds", "8", "--count", "10", "--max-cost", "1")
    assert none.returncode == exit_codes.OVER_BUDGET


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--count", "5"), "--count needs --seconds"),
        (("--seconds", "8", "request.json"), "name no request and no media"),
        (("--seconds", "8", "--video", "clip.mp4"), "name no request and no media"),
        (("--seconds", "8", "--model", "gpt"), "no model and mode is called so"),
        (("--seconds", "8", "--format", "sarif"), "the format is one of csv, json, text"),
        (("--seconds", "8", "--count", "0"), "is not a number from 1 to 999999"),
    ],
)
def test_what_is_estimated_without_a_clip_needs_a_length_alone(
    program: Program, arguments: tuple[str, ...], words: str
) -> None:
    done = program("estimate", *arguments)
    assert done.returncode == exit_codes.CANNOT_RUN
    assert words in words_of(done)
