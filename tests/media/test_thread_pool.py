"""The threads that measure: all that run are waited for, however they were started."""

from __future__ import annotations

import threading

import pytest

from motion_preflight.media.thread_pool import ThreadPool


def test_a_thread_whose_start_was_interrupted_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else it would leave its temporary files, since it ends with the process."""
    start, go = threading.Thread.start, threading.Event()

    def interrupted(thread: threading.Thread) -> None:
        start(thread)
        raise KeyboardInterrupt

    pool = ThreadPool[bool](1, "file")
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", interrupted)
        with pytest.raises(KeyboardInterrupt):
            pool.submit(lambda: go.wait(60))
    pool.close()
    assert not pool.join(0.01)
    go.set()
    assert pool.join(60)


def test_a_machine_without_threads_makes_the_call_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    pool = ThreadPool[int](1, "file")
    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert pool.submit(threading.get_ident).result(1) == threading.get_ident()
    pool.close()
    assert pool.join(0)
