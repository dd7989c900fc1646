"""`submit` killed at any moment: nothing is lost, and nothing is sent twice."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest
from kill_trial import trial

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.mark.parametrize("case", range(25))
def test_whenever_a_run_is_killed_the_next_one_knows_what_was_sent(
    case: int, tmp_path: Path
) -> None:
    """Two kills a case, each time at other moments; a failure shows its seed."""
    for number in range(2):
        result = trial(random.randrange(10**9), tmp_path / f"{case}-{number}")
        assert result.problems == [], result
