"""Following tasks: when they are looked at, what survives a look that failed, and when it is over.
The clock is injected: nothing waits here.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from builders import intent
from peers import Peer, answer, read_request

from motion_preflight import wait
from motion_preflight.errors import PreflightError, SettingsInvalid
from motion_preflight.provider.client import Api
from motion_preflight.provider.responses import Submitted, Task
from motion_preflight.provider.state import State
from motion_preflight.report.totals import Budget
from motion_preflight.sandbox.documents import sample
from motion_preflight.sandbox.fault_table import FAULTS
from motion_preflight.sandbox.server import Sandbox
from motion_preflight.submission import polling as tasks_module
from motion_preflight.submission.errors import SubmitError, TaskFailed
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.polling import Clock, Followed, follow, record, recorded
from motion_preflight.submission.receipt import Receipt

KEY = "sk-never-to-be-seen-anywhere"


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*os.environ]:
        if name.lower().endswith("_proxy") or name.startswith(("MOTION_PREFLIGHT_", "APIMART_")):
            monkeypatch.delenv(name)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))


@dataclass
class Hands(Clock):
    """A clock that is moved by who sleeps."""

    at: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.slept.append(seconds)
        self.at += seconds


@dataclass
class Watch:
    """What was seen of some tasks until they were over, or the time was."""

    sandbox: Sandbox
    timeout: float = 1800.0
    clock: Hands = field(default_factory=Hands)
    progress: list[tuple[str, float, str | None, str | None]] = field(default_factory=list)
    """Task, time since the start, status word, trouble."""

    def run(self, *followed: Followed) -> list[Followed]:
        begun = self.clock.at

        def tell(item: Followed) -> None:
            word = item.task.word if item.task else None
            self.progress.append((item.task_id, self.clock.at - begun, word, item.trouble))

        with Api(self.sandbox.base, KEY, timeout=0.3) as api:
            return list(follow(api, followed, timeout=self.timeout, tell=tell, clock=self.clock))

    @property
    def times(self) -> list[float]:
        return [at for _, at, _, _ in self.progress]

    @property
    def words(self) -> list[str | None]:
        return [word for _, _, word, _ in self.progress]


def created(sandbox: Sandbox) -> str:
    """The id of a new task."""
    with Api(sandbox.base, KEY, timeout=5) as api:
        result = api.generate(b"{}", idempotency_key="k", secrets=())
    assert isinstance(result, Submitted)
    return result.task_id


# --- when --------------------------------------------------------------------------------


def test_a_task_is_looked_at_at_once_and_then_ever_slower() -> None:
    with Sandbox(probe=False, polls=8) as sandbox:
        watch = Watch(sandbox)
        (over,) = watch.run(Followed(created(sandbox), ours=True))
        assert over.task
        assert (over.task.state, over.over, over.given_up) == (State.COMPLETED, True, False)
    assert watch.clock.slept == pytest.approx([2, 3, 4.5, 6.75, 10.125, 15, 15, 15])
    assert watch.words == [*["processing"] * 8, "completed"]


@pytest.mark.parametrize(
    ("timeout", "polls"), [(0, 1), (-1, 1), (1.9, 2), (2, 2), (4.9, 3), (5, 3), (1800, 125)]
)
def test_the_time_is_kept_and_each_is_looked_at_once(timeout: float, polls: int) -> None:
    with Sandbox(probe=False, polls=999) as sandbox:
        watch = Watch(sandbox, timeout=timeout)
        followed = Followed(created(sandbox), ours=True)
        assert watch.run(followed) == []
        assert len(watch.progress) == polls
        assert sum(watch.clock.slept) <= max(timeout, 0)
        assert followed.task
        assert (followed.over, followed.task.word) == (False, "processing")


def test_a_task_that_is_over_at_the_last_moment_is_told() -> None:
    with Sandbox(probe=False, polls=1) as sandbox:
        watch = Watch(sandbox, timeout=2)
        assert len(watch.run(Followed(created(sandbox), ours=True))) == 1


def test_several_tasks_are_looked_at_in_turn() -> None:
    with Sandbox(probe=False, polls=3) as sandbox:
        names = [created(sandbox) for _ in range(3)]
        watch = Watch(sandbox, timeout=0)
        assert watch.run(*(Followed(name, ours=True) for name in names)) == []
        assert [name for name, *_ in watch.progress] == names
        watch = Watch(sandbox)
        over = watch.run(*(Followed(name, ours=True) for name in names))
        assert [item.task_id for item in over] == names
        assert {name: sandbox.polls_of(name) for name in names} == dict.fromkeys(names, 4)


def test_who_is_over_is_not_asked_any_more() -> None:
    with Sandbox(probe=False, polls=0) as sandbox:
        first = created(sandbox)
        sandbox.fault("poll-odd*3")
        second = created(sandbox)
        over = Watch(sandbox).run(Followed(second, ours=True), Followed(first, ours=True))
        assert {item.task_id for item in over} == {first, second}
        assert sandbox.polls_of(first) + sandbox.polls_of(second) == 5


def test_nobody_to_follow() -> None:
    with Sandbox(probe=False) as sandbox:
        assert Watch(sandbox).run() == []


# --- looks that fail ---------------------------------------------------------------------

SURVIVED = ["poll-404", "poll-429", "poll-500", "poll-502", "poll-html", "poll-cut", "poll-stall"]


@pytest.mark.parametrize("fault", SURVIVED)
def test_a_look_that_fails_says_nothing_about_the_task(fault: str) -> None:
    with Sandbox(faults=[f"{fault}*5"], probe=False, polls=1) as sandbox:
        watch = Watch(sandbox)
        (over,) = watch.run(Followed(created(sandbox), ours=True))
        assert over.task
        assert (over.task.state, over.trouble) == (State.COMPLETED, None)
        assert watch.words == [*[None] * 5, "processing", "completed"]
        assert all(trouble for *_, trouble in watch.progress[:5])
        assert not [trouble for *_, trouble in watch.progress if KEY in str(trouble)]


@pytest.mark.parametrize("fault", SURVIVED)
def test_what_was_known_stays_known(fault: str) -> None:
    with Sandbox(probe=False, polls=9) as sandbox:
        followed = Followed(created(sandbox), ours=True)
        Watch(sandbox, timeout=0).run(followed)
        sandbox.fault(fault)
        watch = Watch(sandbox, timeout=10)
        followed.due = 0
        assert watch.run(followed) == []
        assert set(watch.words) == {"processing"}
        assert followed.trouble


def test_every_fault_of_a_poll_is_looked_at_here() -> None:
    names = {name for name, fault in FAULTS.items() if fault.at in ("poll", "final")}
    assert names == {*SURVIVED, *ENDS, "poll-401", "poll-odd"}


def test_a_host_that_is_not_there_is_asked_again() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        with Api(f"http://127.0.0.1:{sock.getsockname()[1]}", KEY, timeout=1) as api:
            followed = Followed("task_7", ours=True)
            assert list(follow(api, [followed], timeout=60, clock=Hands())) == []
    assert (followed.task, followed.given_up) == (None, False)
    assert followed.trouble


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_may_not_ask_is_given_up_at_once(status: int) -> None:
    with (
        Peer(lambda sock: _always(sock, answer(status, {"error": {"message": "not you"}}))) as peer,
        Api(peer.base, KEY) as api,
    ):
        (over,) = follow(api, [Followed("task_7", ours=True)], clock=Hands())
    assert (over.over, over.given_up, over.task) == (True, True, None)
    assert over.trouble
    assert "not you" in over.trouble


def _always(sock: socket.socket, *data: bytes) -> None:
    """The answers in turn, the last one for ever."""
    left = [*data]
    while read_request(sock):
        sock.sendall(left.pop(0) if len(left) > 1 else left[0])


NOT_THERE, RUNNING = answer(404), answer(200, sample("task-processing"))


@pytest.mark.parametrize(
    ("answers", "ours", "polls"),
    [
        ([NOT_THERE], False, 3),  # somebody mistyped it
        ([NOT_THERE], True, None),  # the provider gave it to us: it will turn up
        ([NOT_THERE, NOT_THERE, RUNNING], False, None),
        ([NOT_THERE, RUNNING, NOT_THERE, NOT_THERE, RUNNING], False, None),
        ([RUNNING, NOT_THERE], False, None),  # it was there, so that the id is right
        ([NOT_THERE, answer(500), NOT_THERE, answer(500), NOT_THERE], False, 5),
    ],
)
def test_a_task_that_is_not_there_is_given_up_if_its_id_was_typed(
    answers: list[bytes], polls: int | None, *, ours: bool
) -> None:
    count: list[Followed] = []
    with Peer(lambda sock: _always(sock, *answers)) as peer, Api(peer.base, KEY) as api:
        result = follow(
            api, [Followed("task_7", ours=ours)], timeout=200, tell=count.append, clock=Hands()
        )
        over = list(result)
    if polls is None:
        assert over == []
        assert len(count) > 10
    else:
        assert [item.given_up for item in over] == [True]
        assert len(count) == polls


@pytest.mark.parametrize(
    ("answers", "slept"),
    [
        ("20", [20, 15, 15]),
        ("1", [2, 3, 4.5]),  # never faster than by itself
        ("600", [60, 15, 15]),  # nor so slow that nothing would be seen
        ("0", [2, 3, 4.5]),
        ("Wed, 21 Oct 2099 07:28:00 GMT", [60, 15, 15]),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_poll_that_came_too_soon_waits_as_it_is_told(
    status: int, answers: str, slept: list[float]
) -> None:
    done = answer(200, sample("task-completed"))
    later = answer(status, b"", Retry_After=answers)
    clock = Hands()
    with (
        Peer(lambda sock: _always(sock, later, RUNNING, RUNNING, done)) as peer,
        Api(peer.base, KEY) as api,
    ):
        (over,) = follow(api, [Followed("task_7", ours=True)], clock=clock)
    assert over.task
    assert clock.slept == pytest.approx(slept)


FAILED, DONE = answer(200, sample("task-failed")), answer(200, sample("task-completed"))


@pytest.mark.parametrize(
    ("answers", "state", "slept"),
    [
        ([FAILED, DONE], State.COMPLETED, [2]),
        ([FAILED, FAILED, DONE], State.FAILED, [2]),
        ([FAILED, RUNNING, FAILED, DONE], State.COMPLETED, [2, 3, 2]),
        ([FAILED, answer(502), FAILED, DONE], State.FAILED, [2, 3]),
        ([FAILED, answer(502), DONE], State.COMPLETED, [2, 3]),
    ],
)
def test_a_failed_task_is_looked_at_once_more_before_it_is_believed(
    answers: list[bytes], state: State, slept: list[float]
) -> None:
    clock = Hands()
    with Peer(lambda sock: _always(sock, *answers)) as peer, Api(peer.base, KEY) as api:
        (over,) = follow(api, [Followed("task_7", ours=True)], clock=clock)
    assert over.task
    assert over.task.state is state
    assert clock.slept == pytest.approx(slept)


@pytest.mark.parametrize(("timeout", "slept"), [(0, []), (1, [1])])
def test_a_task_that_failed_just_before_the_deadline_is_looked_at_once_more(
    timeout: float, slept: list[float]
) -> None:
    clock = Hands()
    with Peer(lambda sock: _always(sock, FAILED, DONE)) as peer, Api(peer.base, KEY) as api:
        (over,) = follow(api, [Followed("task_7", ours=True)], timeout=timeout, clock=clock)
    assert over.task
    assert (over.task.state, clock.slept) == (State.COMPLETED, slept)


def test_a_failure_that_could_not_be_confirmed_in_time_is_not_believed() -> None:
    followed = Followed("task_7", ours=True)
    output = (FAILED, answer(502))
    with Peer(lambda sock: _always(sock, *output)) as peer, Api(peer.base, KEY) as api:
        assert list(follow(api, [followed], timeout=1, clock=Hands())) == []
    assert (followed.over, followed.doubted) == (False, True)


def test_there_is_one_last_look_at_the_deadline() -> None:
    clock = Hands()
    with Peer(lambda sock: _always(sock, RUNNING, DONE)) as peer, Api(peer.base, KEY) as api:
        (over,) = follow(api, [Followed("task_7", ours=True)], timeout=1.5, clock=clock)
    assert over.task
    assert (over.task.state, clock.slept) == (State.COMPLETED, [1.5])


def test_a_silent_provider_is_not_waited_for_once_a_task_at_the_deadline() -> None:
    polls: list[Followed] = []
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        followed = [Followed(f"task_{number}", ours=True) for number in range(5)]
        with Api(f"http://127.0.0.1:{sock.getsockname()[1]}", KEY, timeout=1) as api:
            assert not list(follow(api, followed, timeout=1, tell=polls.append, clock=Hands()))
    assert len(polls) == 6  # each once, and one of them at the deadline


def test_why_a_task_failed_is_explained_where_it_is_known(tmp_path: Path) -> None:
    why = "no complete upper body detected in the video"
    failed = Task("failed", State.FAILED, None, None, why, (), None)
    result = recorded(intent(str(tmp_path)), failed)
    assert why in str(result.error)
    assert "one person from head to waist" in str(result.error)


# --- how a task ends ---------------------------------------------------------------------

ENDS: dict[str, dict[str, object]] = {
    "poll-failed": {"state": State.FAILED, "cost": Decimal("0.4"), "urls": 0},
    "poll-failed-text": {"state": State.FAILED, "cost": Decimal("0.4"), "urls": 0},
    "poll-cancelled": {"state": State.CANCELLED, "cost": Decimal("0.4"), "urls": 0},
    "poll-no-cost": {"state": State.COMPLETED, "cost": None, "urls": 1},
    "poll-credits": {"state": State.COMPLETED, "cost": Decimal("0.4"), "urls": 1},
    "poll-url-text": {"state": State.COMPLETED, "cost": Decimal("0.4"), "urls": 1},
    "poll-two": {"state": State.COMPLETED, "cost": Decimal("0.4"), "urls": 2},
    "poll-expired": {"state": State.COMPLETED, "cost": Decimal("0.4"), "urls": 1},
    "poll-no-video": {"state": State.COMPLETED, "cost": Decimal("0.4"), "urls": 0},
}


@pytest.mark.parametrize("fault", ENDS)
def test_how_a_task_can_end(fault: str) -> None:
    with Sandbox(faults=[fault], probe=False) as sandbox:
        name = created(sandbox)
        (over,) = Watch(sandbox).run(Followed(name, ours=True))
        task = over.task
        assert task
        assert {"state": task.state, "cost": task.cost, "urls": len(task.urls)} == ENDS[fault]
        assert all(url.startswith(f"{sandbox.base}/results/{name}") for url in task.urls)
        assert bool(task.error) == (task.state is State.FAILED)
        assert sandbox.polls_of(name) == 2 + (task.state is State.FAILED)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("completed", State.COMPLETED),
        (" Completed ", State.COMPLETED),
        ("FAILED", State.FAILED),
        ("cancelled", State.CANCELLED),
        ("canceled", State.CANCELLED),
        ("success", State.SUBMITTED),
        ("queued", State.SUBMITTED),
        ("in_limbo", State.SUBMITTED),
    ],
)
def test_only_the_final_words_are_final(word: str, state: State) -> None:
    document = sample("task-processing")
    document["data"]["status"] = word
    with Peer(lambda sock: _always(sock, answer(200, document))) as peer:
        with Api(peer.base, KEY) as api:
            followed = Followed("task_7", ours=True)
            over = list(follow(api, [followed], timeout=10, clock=Hands()))
        assert followed.task
        assert followed.task.state is state
        assert bool(over) == (state is not State.SUBMITTED)


@pytest.mark.parametrize("status", [None, "", "  ", 5, ["completed"]])
def test_a_task_without_a_word_is_not_seen(status: object) -> None:
    document = sample("task-processing")
    document["data"]["status"] = status
    output = answer(200, document)
    with Peer(lambda sock: _always(sock, output)) as peer, Api(peer.base, KEY) as api:
        followed = Followed("task_7", ours=True)
        assert list(follow(api, [followed], timeout=10, clock=Hands())) == []
    assert followed.task is None
    assert followed.trouble


# --- wait --------------------------------------------------------------------------------


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Hands:
    """The clock of `wait`, which takes none."""
    clock = Hands()
    monkeypatch.setattr(tasks_module, "Clock", lambda: clock)
    return clock


@dataclass
class Waited:
    """A task that was taken, in a ledger."""

    folder: Path
    sandbox: Sandbox

    def taken(self, **fields: Any) -> Receipt:
        existing = {"origin": self.sandbox.base} | fields
        with Ledger(self.folder) as ledger:
            sending = intent(str(self.folder), **existing)
            ledger.begin(sending, again=True, budget=Budget())
            task_id = created(self.sandbox)
            receipt = ledger.settle(sending.intent, State.SUBMITTED, task_id=task_id)
        assert receipt
        return receipt

    def wait(self, receipt: Receipt, **options: Any) -> Receipt:
        usual: dict[str, Any] = {
            "api_key": KEY,
            "base_url": self.sandbox.base,
            "ledger_folder": self.folder,
        }
        return wait(receipt, **usual | options)

    @property
    def row(self) -> Receipt:
        with Ledger(self.folder) as ledger:
            (result,) = ledger.rows()
        return result


@pytest.fixture
def waited(tmp_path: Path, quick: Hands) -> Iterator[Waited]:  # noqa: ARG001  nothing must wait
    with Sandbox(probe=False, polls=3) as sandbox:
        yield Waited(tmp_path / "state", sandbox)


def test_a_completed_task_with_what_was_billed(waited: Waited) -> None:
    before = waited.taken()
    receipt = waited.wait(before)
    assert (receipt.state, receipt.cost, receipt.error) == (State.COMPLETED, Decimal("0.4"), None)
    assert (receipt.intent, receipt.task_id) == (before.intent, before.task_id)
    assert receipt == waited.row
    assert receipt.updated > before.updated
    assert waited.wait(receipt).state is State.COMPLETED  # a second time tells the same


def test_a_completed_task_whose_cost_is_not_told(waited: Waited) -> None:
    waited.sandbox.fault("poll-no-cost")
    assert waited.wait(waited.taken()).cost is None


@pytest.mark.parametrize(
    ("fault", "state"),
    [("poll-failed", State.FAILED), ("poll-failed-text", State.FAILED),
     ("poll-cancelled", State.CANCELLED)],
)  # fmt: skip
def test_a_task_that_failed(fault: str, state: State, waited: Waited) -> None:
    waited.sandbox.fault(fault)
    receipt = waited.taken()
    with pytest.raises(TaskFailed) as caught:
        waited.wait(receipt)
    assert caught.value.receipt == waited.row
    assert waited.row.state is state
    assert waited.row.cost == Decimal("0.4")
    assert str(receipt.task_id) in str(caught.value)
    assert state in str(caught.value)
    assert "None" not in str(caught.value)
    assert not str(caught.value).endswith((":", ": "))


def test_a_task_that_still_runs(waited: Waited, quick: Hands) -> None:
    receipt = waited.wait(waited.taken(), timeout=4)
    assert (receipt.state, receipt.cost) == (State.SUBMITTED, None)
    assert quick.slept == [2, 2]
    assert receipt == waited.row


@pytest.mark.parametrize("fault", SURVIVED)
def test_waiting_outlives_looks_that_fail(
    fault: str, waited: Waited, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("motion_preflight.provider.client._TIMEOUT", 0.3)
    waited.sandbox.fault(f"{fault}*4")
    assert waited.wait(waited.taken()).state is State.COMPLETED


def test_a_key_that_may_not_ask_ends_the_waiting(waited: Waited) -> None:
    waited.sandbox.fault("poll-401")
    receipt = waited.taken()
    with pytest.raises(SubmitError, match="401") as caught:
        waited.wait(receipt)
    assert type(caught.value) is SubmitError
    assert caught.value.receipt == receipt
    assert waited.row.state is State.SUBMITTED
    assert KEY not in str(caught.value)


def test_a_key_that_may_not_ask_any_more_ends_the_waiting(waited: Waited) -> None:
    """What was seen before stays written down, and is no reason to wait."""
    waited.sandbox.fault("poll-500*1", "poll-401")
    with pytest.raises(SubmitError, match="401"):
        waited.wait(waited.taken())


def test_a_receipt_without_a_task(waited: Waited) -> None:
    with pytest.raises(SubmitError, match="no task"):
        waited.wait(intent(origin=waited.sandbox.base))


def test_a_receipt_of_another_provider_is_not_asked_about_here(waited: Waited) -> None:
    receipt = waited.taken(origin="https://another.example")
    with pytest.raises(SubmitError, match="no task at"):
        waited.wait(receipt)
    assert waited.sandbox.polls_of(str(receipt.task_id)) == 0


def test_a_receipt_that_the_ledger_does_not_hold(waited: Waited) -> None:
    receipt = waited.taken()
    with Ledger(waited.folder) as ledger:
        ledger.forget([receipt.intent])
    result = waited.wait(receipt)
    assert (result.state, result.cost) == (State.COMPLETED, Decimal("0.4"))
    with Ledger(waited.folder) as ledger:
        assert ledger.rows() == []


@pytest.mark.parametrize(
    "options", [{"base_url": "http://api.example"}, {"base_url": "nowhere"}, {"api_key": "a b"}]
)
def test_settings_that_are_none(options: dict[str, str], waited: Waited) -> None:
    with pytest.raises(SettingsInvalid):
        waited.wait(waited.taken(), **options)


def test_an_error_of_the_ledger_is_ours(waited: Waited, tmp_path: Path) -> None:
    receipt = waited.taken()
    (tmp_path / "file").touch()
    with pytest.raises(PreflightError):
        waited.wait(receipt, ledger_folder=tmp_path / "file")


# --- what is written down ----------------------------------------------------------------


def seen(**facts: Any) -> Task:
    usual: dict[str, Any] = dict.fromkeys(("progress", "cost", "error", "expires_at"))
    usual |= {"word": "processing", "state": State.SUBMITTED, "urls": ()}
    return Task(**usual | facts)


@pytest.mark.parametrize(
    ("looks", "state", "cost", "error"),
    [
        ([seen()], State.SUBMITTED, None, None),
        ([seen(cost=Decimal(0))], State.SUBMITTED, None, None),  # it may cost something yet
        ([seen(state=State.COMPLETED)], State.COMPLETED, None, None),
        (
            [seen(state=State.COMPLETED), seen(state=State.COMPLETED, cost=Decimal(2))],
            State.COMPLETED,
            Decimal(2),
            None,
        ),
        ([seen(state=State.COMPLETED), seen()], State.COMPLETED, None, None),
        ([seen(state=State.FAILED, error="no"), seen()], State.FAILED, None, "no"),
        ([seen(state=State.FAILED, error="no"), seen(state=State.COMPLETED)], State.FAILED, None,
         "no"),
    ],
)  # fmt: skip
def test_what_was_known_is_not_forgotten_and_a_state_never_goes_back(
    looks: list[Task], state: State, cost: Decimal | None, error: str | None, waited: Waited
) -> None:
    receipt = waited.taken()
    with Ledger(waited.folder) as ledger:
        for look in looks:
            receipt = record(ledger, receipt, look)
    assert receipt == waited.row
    assert (receipt.state, receipt.cost, receipt.error) == (state, cost, error)
