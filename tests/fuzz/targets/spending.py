"""Where money goes as targets: the ledger's file, and requests to a provider that misbehaves."""

from __future__ import annotations

import socket
import sqlite3
import struct
import uuid
from contextlib import closing, suppress
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from builders import NOW, body, intent
from odd_texts import HOSTILE
from peers import Peer, read_request

from fuzz.corpus import mutations
from fuzz.engine.case import Target, Violation
from fuzz.targets.answers import REFUSALS, CannedAnswer, canned_answer, ids_in
from motion_preflight.errors import SettingsInvalid
from motion_preflight.formats.document import tasks_document
from motion_preflight.formats.json import json_text
from motion_preflight.formats.receipt_list import list_text
from motion_preflight.formats.receipts import show_text
from motion_preflight.formats.spend import SpendReport, spend_csv, spend_document
from motion_preflight.formats.spend_text import spend_text
from motion_preflight.formats.style import Style
from motion_preflight.provider.client import Api
from motion_preflight.provider.free_answer import CallFailed
from motion_preflight.provider.state import State
from motion_preflight.report.totals import Budget
from motion_preflight.request.redacted_body import redacted_body
from motion_preflight.submission.errors import LedgerUnusable, NotSent, SubmitError
from motion_preflight.submission.exchange import send_once
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.polling import record
from motion_preflight.submission.receipt import FINAL, Receipt
from motion_preflight.submission.spending import rows_by, total_of
from motion_preflight.text.redaction import url_secrets

if TYPE_CHECKING:
    from pathlib import Path

    from fuzz.engine.case import Dice

KEY = "sk-fuzz-0123456789abcdefghij"
_LINK = "https://media.example/a.mp4?X-Amz-Signature=5ecre7c0ffee5ecre7&X-Amz-Credential=AKIAFUZZ7"
_DAMAGE = (sqlite3.Error, MemoryError, UnicodeDecodeError)  # what SQLite says of a broken file
_BUDGET = Budget(Decimal(5), Decimal(2), Decimal(10))
_COLUMNS = (
    "intent", "run", "state", "created", "updated", "label", "origin", "identity",
    "idempotency_key", "body", "currency", "low", "high", "task_id", "request_id", "cost", "error",
    "files",
)  # fmt: skip
_CELLS = (
    None, "", b"\xff\xfe", b"{}", 0, -1, 1 << 62, 0.1, float("inf"), "nan", "sNaN", "-5",
    "1e999999",
    "1e-999999", "9" * 5000, "sending", "submitted", "unknown", "SENDING", "completed", "[]", "{}",
    '{"a":' * 3000, '["\\ud800"]', "[1]", "2026-11-23", "0001-01-01T00:00:00+23:59", "USD",
    "9999-12-31T23:59:59.999999-23:59", "2026-11-23T00:00:00", "../../x", "a\0b", "x" * 100_000,
    "\u0665", "1_0", " 1 ",
)  # fmt: skip
_SCHEMA = (
    "ALTER TABLE intents RENAME COLUMN label TO lable", "ALTER TABLE intents ADD COLUMN more",
    "ALTER TABLE intents RENAME COLUMN low TO lo", "ALTER TABLE intents DROP COLUMN error",
    "ALTER TABLE intents RENAME COLUMN intent TO name", "ALTER TABLE intents RENAME TO others",
    "DROP TABLE intents", "DROP INDEX by_identity", "CREATE VIEW v AS SELECT * FROM nothing",
    "PRAGMA user_version = 99", "PRAGMA user_version = 0", "PRAGMA user_version = -1",
    "PRAGMA application_id = 1", "PRAGMA journal_mode = WAL", "PRAGMA encoding = 'UTF-16'",
    "UPDATE intents SET run = NULL",
)  # fmt: skip


class Ledgers(Target):
    """The ledger's file after somebody, or a disk, wrote into it."""

    name = "ledger"
    share = 45
    clock = 120.0

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._state = folder / "ledger"
        self._file = self._state / "ledger.sqlite3"
        states = (State.SUBMITTED, State.UNKNOWN, State.REJECTED, State.NOT_SENT, None, None)
        with Ledger(self._state, now=lambda: NOW) as ledger:
            for number, state in enumerate(states):
                key = {"intent": f"{number:012}", "idempotency_key": f"{number}"}
                built = intent(f"request {number}", label=HOSTILE[number], **key)
                ledger.begin(built, again=True, budget=Budget())
                if state:
                    ledger.settle(built.intent, state, task_id=f"task_{number}", error="why")
        with closing(sqlite3.connect(self._file)) as database:  # the same bytes in every process
            database.execute("UPDATE intents SET run = ?", ("0" * 32,))
            database.commit()
            database.execute("VACUUM")
        self._template = self._file.read_bytes()

    def run(self, dice: Dice) -> None:
        for old in self._state.glob("ledger.sqlite3*"):
            old.unlink()
        self._file.write_bytes(self._template)
        exact = dice.likely(0.6)  # SQLite itself wrote it, so that it finds what is there
        if exact:
            with suppress(*_DAMAGE), closing(sqlite3.connect(self._file)) as database:
                self._change(dice, database)
        else:
            self._file.write_bytes(mutations.mutated(dice, self._template, [b"SQLite format 3\0"]))
            if dice.likely(0.2):
                junk = mutations.mutated(dice, self._template, [])
                journal = self._file.with_name("ledger.sqlite3-journal")
                journal.write_bytes(bytes.fromhex("d9d505f920a163d7") + junk[:5000])
        self.inputs["ledger.sqlite3"] = self._file.read_bytes()
        before = self._states()
        with suppress(LedgerUnusable), Ledger(self._state) as ledger:
            after = self._states()
            for name, state in after.items() if exact else ():
                was = before.get(name)
                if state != was and (was, state) != (b"sending", b"unknown"):
                    raise Violation(f"a row became {state!r}, and was {was!r}")
            self._use(dice, ledger)

    def _change(self, dice: Dice, database: sqlite3.Connection) -> None:
        for _ in range(dice.few(5)):
            if dice.likely(0.15):
                database.execute(dice.choice(_SCHEMA))
                continue
            cell = mutations.text(dice) if dice.likely(0.2) else dice.choice(_CELLS)
            with suppress(sqlite3.Error, UnicodeEncodeError):
                database.execute(
                    f"UPDATE intents SET {dice.choice(_COLUMNS)} = ? WHERE rowid % ? = 0",
                    (cell, dice.pick(1, 2, 5)),
                )
        database.commit()

    def _states(self) -> dict[Any, Any]:
        """The state of every row, as the file has it."""
        with suppress(*_DAMAGE), closing(sqlite3.connect(self._file)) as database:
            database.text_factory = bytes
            return dict(database.execute("SELECT rowid, state FROM intents"))
        return {}

    def _use(self, dice: Dice, ledger: Ledger) -> None:
        """Everything that can be asked of a ledger."""
        new = intent(f"request {dice.randrange(8)}")
        with suppress(LedgerUnusable):
            result = ledger.rows()
            list_text(result, Style())
            json_text(tasks_document(result))
            for item in result:
                show_text(item, Style())
                ledger.find(item.intent)
        with suppress(LedgerUnusable):
            spending = ledger.spending()
            for by in (("month",), ("model", "mode"), ("label", "day")):
                report = SpendReport(by, tuple(rows_by(spending, by)), total_of(spending))
                spend_text(report, Style())
                spend_csv(report)
                json_text(spend_document(report))
        for call in (
            lambda: ledger.find(mutations.text(dice)),
            lambda: ledger.spent(_BUDGET, "USD"),
            lambda: ledger.standing(new.fingerprint),
            lambda: ledger.rows(State.UNKNOWN, State.SUBMITTED),
        ):
            with suppress(LedgerUnusable):
                call()
        self._begin(dice, ledger, new)

    def _begin(self, dice: Dice, ledger: Ledger, new: Receipt) -> None:
        standing = self._standing(new.identity)
        with suppress(LedgerUnusable, NotSent):
            ledger.begin(new, again=False, budget=dice.pick(Budget(), _BUDGET))
            if standing:
                raise Violation(f"an identical one was written though a row is: {standing[0]!r}")
            row = self._row(new.intent)
            if row != (b"sending",):
                raise Violation(f"an intent was written, and its row is {row!r}")
            ledger.settle(new.intent, State.SUBMITTED, task_id="task_x", error=mutations.text(dice))
            ledger.settle(new.intent, State.UNKNOWN)
            if self._row(new.intent) not in {(b"submitted",), (b"sending",)}:
                raise Violation("a task that was taken is not known to be")
            ledger.add_file(new.intent, self.folder / "x.mp4")
            ledger.forget([new.intent])

    def _standing(self, identity: str) -> list[bytes]:
        """The states of identical requests that are done or not over, as far as the file tells."""
        over = {state.encode() for state in FINAL - {State.COMPLETED}}
        with suppress(*_DAMAGE), closing(sqlite3.connect(self._file)) as database:
            database.text_factory = bytes
            result = database.execute("SELECT state FROM intents WHERE +identity = ?", (identity,))
            return [state for (state,) in result if state not in over]
        return []

    def _row(self, name: str) -> tuple[Any, ...] | None:
        with closing(sqlite3.connect(self._file)) as database:
            database.text_factory = bytes
            result = database.execute("SELECT state FROM intents WHERE +intent = ?", (name,))
            row: tuple[Any, ...] | None = result.fetchone()
            return row


class Spending(Target):
    """The paid POST, and what costs nothing, to a provider that answers anything."""

    name = "api"
    share = 40
    processor = 4.0

    def run(self, dice: Dice) -> None:
        if dice.likely(0.05):
            with suppress(SettingsInvalid):
                Api(mutations.url(dice), mutations.text(dice) if dice.likely(0.2) else KEY)
            return
        request = body(video_url=_LINK, prompt=mutations.text(dice))
        secrets = [KEY, *url_secrets([_LINK])]
        self._plan = [canned_answer(dice, secrets) for _ in range(dice.few(5))]
        for number, item in enumerate(self._plan):
            self.inputs[f"answer-{number}"] = item.raw
        self._received: list[int] = []  # bytes of each connection
        self._sent: list[CannedAnswer] = []
        self._way = dice.pick("", "", "", "", "deaf", "gone")
        patient = all(item.close for item in self._plan)
        folder = self.folder / uuid.uuid4().hex
        with Peer(self._talk) as peer, Ledger(folder) as ledger:
            base = peer.base if self._way != "gone" else "http://127.0.0.1:1"
            with Api(base, KEY, timeout=10.0 if patient else 0.4) as api:
                row = self._post(dice, api, ledger, request)
                self._check_row(row)
                self._call_free_routes(dice, api, ledger, row)
        stored = (folder / "ledger.sqlite3").read_bytes()
        if any(secret.encode() in stored for secret in secrets):
            raise Violation("a secret is in the ledger")

    def _talk(self, sock: socket.socket) -> None:
        if self._way == "deaf":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        while request := read_request(sock):
            self._received.append(len(request))
            answer = self._plan[min(len(self._sent), len(self._plan) - 1)]
            self._sent.append(answer)
            sock.sendall(answer.raw)
            if answer.close:
                return

    def _post(self, dice: Dice, api: Api, ledger: Ledger, request: dict[str, Any]) -> Receipt:
        built = replace(intent("a request"), body=redacted_body(request))
        try:
            send_once(
                built,
                mutations.as_json(request),
                api=api,
                ledger=ledger,
                again=dice.likely(0.5),
                budget=Budget(),
                secrets=url_secrets([_LINK]),
                pause=lambda _: None,
            )
        except SubmitError as error:
            if KEY in str(error) or "5ecre7c0ffee" in str(error):
                raise Violation("a secret is shown") from error
        (row,) = ledger.rows()
        return row

    def _check_row(self, row: Receipt) -> None:
        """What the row says against what happened."""
        last = self._sent[-1] if self._sent else None
        status = last.status if last else None
        if row.state is State.SUBMITTED:
            if status is None:
                raise Violation(f"the answer was {status}, and the row says {row.state}")
            if last and last.content is not None and row.task_id not in ids_in(last.content):
                raise Violation(f"nobody spoke of the task {row.task_id!r}")
        elif row.state is State.REJECTED and status not in REFUSALS | {503}:
            raise Violation(f"the answer was {status}, and the row says {row.state}")
        elif row.state is State.NOT_SENT and self._received:
            raise Violation(f"{self._received} bytes came, and the row says {row.state}")
        elif row.state not in {State.SUBMITTED, State.REJECTED, State.NOT_SENT, State.UNKNOWN}:
            raise Violation(f"the row says {row.state}")
        if any(item.status != 429 for item in self._sent[:-1]):
            raise Violation("it was sent again, and the provider had not said to")

    def _call_free_routes(self, dice: Dice, api: Api, ledger: Ledger, row: Receipt) -> None:
        before = len(self._sent)
        with suppress(CallFailed):
            way = dice.randrange(3)
            if way == 0:
                result = api.task(dice.pick("task_1", mutations.text(dice)))
                now = record(ledger, row, result)
                word = result.word.strip().lower()
                if now.state is State.COMPLETED and (
                    word not in {"completed", "succeeded", "success"} or before == len(self._sent)
                ):
                    raise Violation(f"the task is {word!r}, and the row says {now.state}")
            elif way == 1:
                api.balance()
            else:
                api.upload(b"\x89PNG", "png")
