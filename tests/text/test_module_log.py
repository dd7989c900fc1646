"""A module's log: nothing while nobody listens, and no secret of a link when somebody does."""

from __future__ import annotations

import logging
import subprocess
import sys
from types import ModuleType

import pytest

from motion_preflight.text.module_log import ModuleLog

LINK = "https://user:word@example.com/clip.mp4?X-Amz-Signature=hidden-one&a=b#hidden-two"


def test_links_are_redacted_as_values_and_inside_of_texts(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG, "motion_preflight.somewhere"):
        ModuleLog("motion_preflight.somewhere").debug("GET %s", LINK)
        ModuleLog("motion_preflight.somewhere").debug(f"it went to {LINK}\nand back")
    assert "hidden" not in caplog.text
    assert "word" not in caplog.text
    shown = "https://…@example.com/clip.mp4?X-Amz-Signature=…&a=…#…"
    assert caplog.messages == [f"GET {shown}", f"it went to {shown} and back"]
    assert {record.name for record in caplog.records} == {"motion_preflight.somewhere"}


def test_what_takes_time_is_told_twice_with_its_outcome(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        ModuleLog("one").timed("GET %s", LINK)(206)
        ModuleLog("two").timed("running 100%% of %s", "a long line", brief="it ended")("well")
    begun, done, running, ended = caplog.messages
    assert done.startswith(f"{begun} → 206 after 0.0")
    assert running == "running 100% of a long line"
    assert ended.startswith("it ended → well after 0.0")


def test_nothing_is_made_of_a_text_that_nobody_wants(caplog: pytest.LogCaptureFixture) -> None:
    class Costly:
        def __str__(self) -> str:
            raise AssertionError

    with caplog.at_level(logging.INFO):
        ModuleLog("quiet").debug("%s", Costly())
    assert not caplog.records


def test_logging_is_not_imported_for_its_sake() -> None:
    code = (
        "import sys; from motion_preflight.text.module_log import ModuleLog;"
        "ModuleLog('x').debug('y'); print('logging' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_library_that_is_being_imported_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another thread may have begun to import it: it is there, and has no functions yet."""
    monkeypatch.setitem(sys.modules, "logging", ModuleType("logging"))
    ModuleLog("motion_preflight.test").debug("nobody hears %s", "this")
