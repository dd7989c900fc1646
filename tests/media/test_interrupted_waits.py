"""A signal that another thread receives does not end a wait of the main one: waits are short."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals to a thread are of POSIX")

# The signal goes to the thread that measures, as it does when it comes just before the wait begins:
# the main thread is not woken by it.
INTERRUPTED = """
import signal, threading
signal.signal(signal.SIGINT, signal.default_int_handler)
never = threading.Event()

def measure():
    threading.Event().wait(0.5)  # the main thread waits by now
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)
    never.wait()

try:
    WAIT
except KeyboardInterrupt:
    print("interrupted", flush=True)
import os
os._exit(0)
"""
WAITS = {
    "threads": (
        "from motion_preflight.media.measurements import measured_or_lost; "
        "from motion_preflight.media.thread_pool import ThreadPool; "
        "measured_or_lost(ThreadPool(1, 'file').submit(measure), 0, None)"
    ),
    "an executor": (
        "from concurrent.futures import Future; "
        "from motion_preflight.media.measurements import measured_or_lost; "
        "threading.Thread(target=measure, daemon=True).start(); "
        "measured_or_lost(Future(), 0, None)"
    ),
}


@pytest.mark.parametrize("name", WAITS)
def test_an_interruption_is_noticed_whichever_thread_receives_it(name: str) -> None:
    code = INTERRUPTED.replace("WAIT", WAITS[name])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout == "interrupted\n"
