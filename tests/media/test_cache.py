"""What was measured in a run: found again however much of it there is, and gone with the run."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from builders import NOW, image, unmeasured, video
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motion_preflight.media.cache import FactsCache
from motion_preflight.media.facts import Kind
from motion_preflight.media.medium import CachedFacts, Medium
from motion_preflight.network.errors import Reason


def medium(name: str = "clip.mp4", kind: Kind = "video", folder: Path | None = None) -> Medium:
    return Medium(name, kind, folder)


def cached(number: int = 0) -> CachedFacts:
    return video(size=number), NOW + dt.timedelta(seconds=number)


def test_what_was_not_put_is_not_there() -> None:
    memo = FactsCache()
    assert memo.get(medium()) is None
    memo.close()


@pytest.mark.parametrize("kept", [0, 1, 2, 9, 10, 1000])
def test_everything_is_found_again_whatever_is_kept_in_memory(kept: int) -> None:
    memo = FactsCache(kept)
    for number in range(10):
        memo.put(medium(f"{number}.mp4"), cached(number))
    for _ in range(2):
        results = [memo.get(medium(f"{number}.mp4")) for number in range(10)]
        assert results == [cached(number) for number in range(10)]
    assert len(memo._latest) <= max(kept, 1)
    memo.close()


@pytest.mark.parametrize("kept", [0, 100])
def test_media_differ_by_place_kind_and_folder(kept: int) -> None:
    all_of_them = [
        medium(),
        medium(kind="image"),
        medium("other.mp4"),
        medium(folder=Path("a")),
        medium(folder=Path("b")),
        medium("a/clip.mp4"),
        medium(folder=Path()),
    ]
    memo = FactsCache(kept)
    for number, item in enumerate(all_of_them):
        assert memo.get(item) is None
        memo.put(item, cached(number))
    assert [memo.get(item) for item in all_of_them] == [cached(n) for n in range(len(all_of_them))]
    memo.close()


@pytest.mark.parametrize(
    "name",
    ["a\0b", "\ud800", "caf\u00e9 \udcff", "\U0001f600" * 5000, "", "'; DROP TABLE memo; --"],
)
def test_a_name_may_be_any_text_that_json_holds(name: str) -> None:
    memo = FactsCache(0)
    for number in range(3):  # the first one is put out of memory by the second
        memo.put(medium(f"{name}{number}"), cached(number))
    assert [memo.get(medium(f"{name}{number}")) for number in range(3)] == [
        cached(number) for number in range(3)
    ]
    assert memo.get(medium(f"{name}3")) is None
    memo.close()


def test_what_could_not_be_measured_is_kept_too() -> None:
    memo = FactsCache(0)
    every = [(unmeasured(reason, "why"), NOW) for reason in Reason] + [(image(), NOW)]
    for number, item in enumerate(every):
        memo.put(medium(str(number)), item)
    assert [memo.get(medium(str(number))) for number in range(len(every))] == every
    memo.close()


def test_it_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SQLITE_TMPDIR", "TMPDIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    memo = FactsCache(0)
    for number in range(3000):
        memo.put(medium(f"{number}.mp4"), (unmeasured(Reason.MISSING, "x" * 2000), NOW))
    assert list(tmp_path.iterdir()) == []
    memo.close()
    memo.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_disk_without_room_is_no_error_and_no_lie() -> None:
    code = """
import datetime, resource, signal
from motion_preflight.network.errors import Reason
from motion_preflight.media.facts import Unmeasured
from motion_preflight.media.cache import FactsCache
from motion_preflight.media.medium import Medium
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # no file can grow; what is read is a pipe
now, memo = datetime.datetime.now(datetime.UTC), FactsCache(2)
for number in range(5000):
    known = Unmeasured(str(number), Reason.MISSING, "x" * 300), now
    memo.put(Medium(str(number), "video", None), known)
found = [memo.get(Medium(str(number), "video", None)) for number in range(5000)]
assert found[-1] and found[-2]
assert all(each is None or each[0].location == str(number) for number, each in enumerate(found))
print("well")
"""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=plain
    )
    assert done.stderr == ""
    assert done.stdout == "well\n"


STEPS = st.lists(
    st.tuples(
        st.booleans(), st.sampled_from(["a", "b", "c", "d", "a\0", "\ud800"]), st.integers(0, 9)
    )
)


@settings(suppress_health_check=list(HealthCheck))
@given(st.integers(0, 3), STEPS)
def test_it_is_a_mapping(kept: int, steps: list[tuple[bool, str, int]]) -> None:
    memo, model = FactsCache(kept), dict[Medium, CachedFacts]()
    for put, name, number in steps:
        item = medium(name)
        if put and item not in model:  # each medium is put once a run
            memo.put(item, cached(number))
            model[item] = cached(number)
        assert memo.get(item) == model.get(item)
    memo.close()
