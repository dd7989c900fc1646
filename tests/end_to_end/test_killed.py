"""`submit` killed at any moment: nothing is lost, and nothing is sent twice."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from kill_trial import trial

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.mark.parametrize("case", range(10))
def test_whenever_a_run_is_killed_the_next_one_knows_what_was_sent(
    case: int, tmp_path: Path
) -> None:
    """Two kills a case, each of its own seed: `scripts/kill_test` draws others."""
    for seed in (2 * case, 2 * case + 1):
        result = trial(seed, tmp_path / str(seed))
        assert result.problems == [], result
