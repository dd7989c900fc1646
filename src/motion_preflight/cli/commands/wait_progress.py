"""What stderr shows while tasks are waited for: of few tasks each, of many how many are over."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from motion_preflight.cli.progress import Ticker
from motion_preflight.formats.receipt_list import FEW
from motion_preflight.provider.state import State
from motion_preflight.text.numbers import plural

if TYPE_CHECKING:
    from typing import TextIO

    from motion_preflight.submission.polling import Followed

_PERIOD = 10.0  # seconds between two lines about many tasks


class WaitProgress:
    """Shows how a wait for so many `tasks` goes on; it lasts `limit` seconds at most."""

    def __init__(self, stream: TextIO, tasks: int, limit: float) -> None:
        self._tasks = tasks
        self._started = time.monotonic()
        self._seen: dict[str, Followed] = {}
        self._many = tasks > FEW
        self._ticker = Ticker(stream, _PERIOD if self._many else 0.0)
        if self._many:
            text = f"waiting for {plural(tasks, 'task')}, {minutes_text(limit)} at most"
            self._ticker.show("", "", text)

    def show(self, followed: Followed) -> None:
        """Shows how a task is doing after a poll."""
        self._seen[followed.task_id] = followed
        if self._many:
            self._ticker.show("", *self._counts())
        else:
            self._ticker.show(followed.task_id, *self._words(followed))

    def clear(self) -> None:
        """Removes the line from a terminal, so that another one can be printed."""
        self._ticker.clear()

    def end(self) -> None:
        """Shows the last counts where they were not shown, and removes the line from a terminal."""
        if self._many:
            self._ticker.show("", *self._counts(), last=True)
        self._ticker.clear()

    def _after(self) -> str:
        return f"after {minutes_text(time.monotonic() - self._started)}"

    def _words(self, followed: Followed) -> tuple[str, str]:
        """The state of a task, by which a change is known, and the line about it."""
        word = followed.word
        word += " (it is looked at once more before that is believed)" if followed.doubted else ""
        failed = followed.task and followed.task.state in {State.FAILED, State.CANCELLED}
        progress = followed.task.progress if followed.task and not failed else None
        done = f" {progress} %" if progress is not None else ""
        trouble = f" (the last look failed: {followed.trouble})" if followed.trouble else ""
        over = sum(task.over for task in self._seen.values())
        many = f"{over} of {self._tasks} over; " if self._tasks > 1 else ""
        text = f"{many}task {followed.task_id}: {word}{done}, {self._after()}{trouble}"
        return f"{word}{trouble}", text

    def _counts(self) -> tuple[str, str]:
        """How many tasks came to which end, by which a change is known, and the line about it."""
        ended = [task for task in self._seen.values() if task.over]
        states = Counter(
            "asked no more" if task.given_up or task.task is None else task.task.state.value
            for task in ended
        )
        ends = ", ".join(f"{count:,} {state}" for state, count in states.most_common())
        left = self._tasks - len(ended)
        failing = [task for task in self._seen.values() if task.trouble and not task.over]
        state = f"{len(ended):,} of {plural(self._tasks, 'task')} over"
        state += f": {ends}" if ends else ""
        state += f"; {left:,} under way" if left else ""
        trouble = f" (no answer about {len(failing):,}: {failing[-1].trouble})" if failing else ""
        return f"{state}{bool(failing)}", f"{state}, {self._after()}{trouble}"


def minutes_text(seconds: float) -> str:
    """A time for people: `2 min 05 s`."""
    return f"{int(seconds) // 60} min {int(seconds) % 60:02} s"
