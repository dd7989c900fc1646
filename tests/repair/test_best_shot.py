"""`fix --best-shot` takes the longest shot, whatever comes before and after it."""

from __future__ import annotations

import shutil
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from encoded import encoded

from motion_preflight.media import watcher
from motion_preflight.media.content import Stretch
from motion_preflight.pipeline import probe
from motion_preflight.repair.fix import fix
from motion_preflight.repair.options import FixOptions, in_shot
from motion_preflight.report.findings import Verdict

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("start", "seconds", "expected"),
    [
        ("0", None, ("2", "5")),
        ("1", None, ("3", "4")),
        ("0", "3", ("2", "3")),
        ("1", "9", ("3", "4")),
    ],
)
def test_the_wish_stays_inside_the_shot(
    start: str, seconds: str | None, expected: tuple[str, str]
) -> None:
    wish = FixOptions(
        start=Decimal(start), seconds=None if seconds is None else Decimal(seconds), best_shot=True
    )
    inside = in_shot(wish, Stretch(Decimal(2), Decimal(7)))
    assert (inside.start, inside.seconds) == tuple(map(Decimal, expected))


@pytest.fixture(autouse=True)
def _without_faces(monkeypatch: pytest.MonkeyPatch) -> None:
    """As without the extra for faces: a search for them takes longer than all the rest."""
    monkeypatch.setattr(watcher, "can_look", lambda: False)


@pytest.fixture
def three_shots(tmp_path: Path) -> Path:
    """A bar pattern for 2 s, then a moving one for 5 s, then another colour for 2 s."""
    sources = ("smptebars=d=2", "testsrc2=d=5", "rgbtestsrc=d=2")
    inputs = (("-f", "lavfi", "-i", f"{source}:s=352x352:r=10") for source in sources)
    words = [word for words in inputs for word in words]
    joined = "[0:v][1:v][2:v]concat=n=3:v=1,format=yuv420p"
    clip = encoded(
        tmp_path, *words, "-filter_complex", joined, "-preset", "ultrafast",
        name="shots.mp4",
    )  # fmt: skip
    own = tmp_path / "shots.mp4"
    shutil.copy(clip, own)
    return own


def test_the_longest_shot_is_taken(three_shots: Path) -> None:
    result = fix(three_shots, best_shot=True)
    assert result.error is None
    assert result.after is not None
    assert result.after.durations.judged.high == Decimal(5)
    assert result.verdicts == {"image": Verdict.PASS, "video": Verdict.PASS}
    assert result.changes[0] == "cut to 5 of 9 s (from second 2 on): the longest shot"
    shots = probe(str(result.output), content=True).stretches
    assert shots is not None
    assert len(shots.shots) == 1


def test_a_start_behind_the_shot_is_an_error(three_shots: Path) -> None:
    result = fix(three_shots, best_shot=True, start=Decimal(5))
    assert result.error == "`start` lies behind the end of the longest shot, which has 5 s"
    assert list(three_shots.parent.iterdir()) == [three_shots]
