"""One call of a tool: it runs in a thread, asks the user, and ends what it started when nobody
waits for it any more.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from motion_preflight.mcp.errors import CallCancelled
from motion_preflight.media.programs.limited_process import end_children
from motion_preflight.text.locations import printable

if TYPE_CHECKING:
    from collections.abc import Callable

_MOMENT = 0.05  # seconds between two attempts to end what a cancelled call is waiting for
T = TypeVar("T")


class Abortable(Protocol):
    """Something that measures or makes, in this thread or in others."""

    def abort(self) -> None:
        """Ends what is running now; what begins later is not affected."""
        ...


A = TypeVar("A", bound=Abortable)


class Progress(NamedTuple):
    """How far a call has come, in the unit of its total, and what it did last."""

    done: float
    total: float
    text: str


class Call:
    """A call of a tool.

    ask  puts a question to the user and returns whether the answer is yes; `None`: the client
         cannot ask
    """

    def __init__(self, ask: Callable[[str], bool] | None) -> None:
        self.can_ask = ask is not None
        self._ask = ask
        self._cancelled, self._over = threading.Event(), threading.Event()
        self._work: list[Abortable] = []
        self._thread: int | None = None
        self.progress: Progress | None = None  # what the server tells the client now and then

    def run(self, work: Callable[[Call], T]) -> T:
        """Does the work in this thread. Raises `CallCancelled`, and what the work raises."""
        self._thread = threading.get_native_id()
        try:
            return work(self)
        finally:
            self.end()

    def watch(self, work: A) -> A:
        """Takes note of what has to be aborted when the call is cancelled."""
        self._work.append(work)
        return work

    def cancel(self) -> None:
        """Makes the call end soon. A paid request that is in flight is waited for: its outcome is
        worth more than the time.
        """
        self._cancelled.set()
        if self._over.is_set():
            return
        threading.Thread(target=self._abort, name="cancelling", daemon=True).start()

    def end(self) -> None:
        """Takes note that the call is over, though its work may never have begun."""
        self._over.set()

    @property
    def cancelled(self) -> bool:
        """Whether the client has taken the call back."""
        return self._cancelled.is_set()

    def ensure_wanted(self, _: float = 0) -> None:
        """Raises `CallCancelled` when nobody waits for the call any more."""
        if self._cancelled.is_set():
            raise CallCancelled

    def report(self, done: float, total: float, text: str) -> None:
        """Notes how far the call has come. It is only kept here, so that a client that reads slowly
        never makes a paid request wait. Raises `CallCancelled`.
        """
        self.ensure_wanted()
        self.progress = Progress(done, total, printable(text))

    def agrees(self, question: str) -> bool:
        """Whether the user says yes. Raises `CallCancelled`."""
        self.ensure_wanted()
        assert self._ask is not None  # a tool that asks looks at `can_ask` first
        agreed = self._ask(question)
        self.ensure_wanted()
        return agreed

    def sleep(self, seconds: float) -> None:
        """Waits. Raises `CallCancelled` as soon as the call is cancelled."""
        self._cancelled.wait(seconds)
        self.ensure_wanted()

    def _abort(self) -> None:
        while not self._over.wait(_MOMENT):
            for work in list(self._work):
                work.abort()
            if self._thread is not None:
                end_children([self._thread])
