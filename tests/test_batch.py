"""Many requests: in their order, a little ahead, each medium once, none in the way of another."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from builders import NOW, PROFILE, body
from paths import FIXTURES
from processes import ffprobe_script

from motion_preflight import MotionControlRequest, Report, Verdict, batch, preflight, preflight_many
from motion_preflight.media import measurements
from motion_preflight.media.cache import FactsCache
from motion_preflight.media.errors import FfprobeMissing
from motion_preflight.media.facts import MediaFacts, Unmeasured
from motion_preflight.media.prober import Prober
from motion_preflight.media.programs import limited_process as child
from motion_preflight.request.files import RequestEntry
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MEDIA = FIXTURES / "media"
CLIP, PICTURE = MEDIA / "clip-8s.mp4", MEDIA / "image.png"


@pytest.fixture(autouse=True)
def no_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("MOTION_PREFLIGHT_STATE", str(tmp_path / "state"))
    monkeypatch.delenv("MOTION_PREFLIGHT_FFPROBE", raising=False)


def local(video: str | Path = CLIP, image: str | Path = PICTURE, **fields: Any) -> dict[str, Any]:
    return body(video_url=str(video), image_url=str(image), **fields)


def copies(folder: Path, number: int) -> list[dict[str, Any]]:
    """Requests whose clips are files of their own."""
    for index in range(number):
        (folder / f"{index}.mp4").symlink_to(CLIP)
    return [local(folder / f"{index}.mp4") for index in range(number)]


def counted(folder: Path, script: str = "") -> tuple[str, Callable[[], list[str]]]:
    """An ffprobe that keeps count, and the files that it was run on."""
    log = folder / "runs"
    ffprobe = ffprobe_script(
        folder,
        'for each; do [ "$last" = -i ] && file=$each; last=$each; done\n'
        f'echo "$file" >>{log}\n{script}real "$@"',
    )
    return ffprobe, lambda: log.read_text().splitlines() if log.exists() else []


def own_threads() -> list[str]:
    names = [item.name for item in threading.enumerate()]
    return [name for name in names if name.startswith(("file", "host", "connect"))]


def labels(reports: Iterable[Report]) -> list[str]:
    return [report.label for report in reports]


def verdicts(reports: Iterable[Report]) -> list[Verdict]:
    return [report.verdict for report in reports]


def generator(reports: Iterator[Report]) -> Generator[Report, None, None]:
    """Reports as what can be closed early."""
    assert isinstance(reports, Generator)
    return reports


# The order, and how far ahead


def test_reports_come_in_the_order_of_the_requests_however_long_each_takes(tmp_path: Path) -> None:
    slow_ones = 'case "$file" in *[05].mp4) sleep 0.1;; esac\n'
    ffprobe, _ = counted(tmp_path, slow_ones)
    reports = list(preflight_many(copies(tmp_path, 20), ffprobe=ffprobe, jobs=6))
    assert labels(reports) == [f"request[{index}]" for index in range(20)]
    assert [Path(str(report.video.location)).name for report in reports] == [
        f"{index}.mp4" for index in range(20)
    ]
    assert set(verdicts(reports)) == {Verdict.PASS}


def test_no_request_is_no_report() -> None:
    assert list(preflight_many([])) == []


def test_a_request_may_be_of_any_kind_that_preflight_takes() -> None:
    built: list[Any] = [
        local(),
        MotionControlRequest(**local()),
        RequestEntry("a.jsonl:7", local()),
        {},
    ]
    reports = list(preflight_many(built))
    assert labels(reports) == ["request[0]", "request[1]", "a.jsonl:7", "request[3]"]
    assert verdicts(reports) == [Verdict.PASS] * 3 + [Verdict.FAIL]


@pytest.mark.parametrize("elsewhere", [False, True])
def test_endless_requests_are_read_a_little_ahead(elsewhere: bool) -> None:  # noqa: FBT001  a table
    read = 0

    def endless() -> Iterator[dict[str, Any]]:
        nonlocal read
        while True:
            read += 1
            yield local()

    executor = ThreadPoolExecutor(1) if elsewhere else None
    reports = generator(preflight_many(endless(), executor=executor))
    assert read == 0  # nothing is done before the first report is wanted
    assert labels(next(reports) for _ in range(5)) == [f"request[{n}]" for n in range(5)]
    assert read <= 1024 + 5
    reports.close()
    if executor:
        executor.submit(int).result()  # it is the caller's and goes on
        executor.shutdown()
    assert own_threads() == []


def test_a_report_waits_for_no_more_requests_than_it_has_to() -> None:
    """Whoever writes them slowly sees each one, not the first when many have come."""
    seen: list[str] = []

    def slow() -> Iterator[dict[str, Any]]:
        for number in range(4):
            seen.append(f"written {number}")
            yield local()
            time.sleep(0.7)  # in which a small clip is measured

    for built in preflight_many(slow()):
        seen.append(built.label)  # noqa: PERF401  what makes the requests writes there too
    assert seen.index("request[0]") < seen.index("written 3")


# Each medium once


@pytest.mark.parametrize("kept", [1, 2, 4096])
def test_a_file_is_measured_once_however_many_name_it_and_however_long_ago(
    kept: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "_AHEAD", 4)
    monkeypatch.setattr(measurements, "FactsCache", partial(FactsCache, kept))
    ffprobe, runs = counted(tmp_path)
    reports = list(preflight_many(copies(tmp_path, 12) * 3, ffprobe=ffprobe))
    assert len(reports) == 36
    assert set(verdicts(reports)) == {Verdict.PASS}
    assert sorted(runs()) == sorted(str(tmp_path / f"{index}.mp4") for index in range(12))


@pytest.mark.parametrize("kept", [1, 4096])
def test_a_url_is_fetched_once_however_many_name_it(
    kept: int, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "_AHEAD", 4)
    monkeypatch.setattr(measurements, "FactsCache", partial(FactsCache, kept))
    urls = [host.serve(f"{index}.mp4", CLIP) for index in range(6)]
    picture = host.serve("me.png", PICTURE, content_type="image/png")
    requests = [local(url, picture) for url in urls * 4]
    assert set(verdicts(preflight_many(requests, allow_private=True))) == {Verdict.PASS}
    alone = preflight(requests[0], allow_private=True).video.transfer
    assert alone is not None
    for url in urls[1:]:
        assert len(host.requests(url)) == alone.requests
    assert len(host.requests(picture)) == 2  # of the two runs
    assert host.connections <= 8 + 2


def test_a_url_and_an_absolute_path_are_the_same_wherever_the_request_is_written(
    host: Host, tmp_path: Path
) -> None:
    ffprobe, runs = counted(tmp_path)
    url = host.serve("clip.mp4", CLIP)
    entries = [
        RequestEntry(f"{index}/a.json", local(url), tmp_path / str(index)) for index in range(4)
    ] + [RequestEntry("-:1", local(url), None)]
    reports = list(preflight_many(entries, allow_private=True, ffprobe=ffprobe))
    assert set(verdicts(reports)) == {Verdict.PASS}
    assert len({seen.connection for seen in host.requests(url)}) == 1
    assert len(runs()) == 1


def test_what_could_not_be_measured_is_not_tried_again_in_the_run(host: Host) -> None:
    url = host.serve("clip.mp4", b"", Habit(status=404))
    reports = list(preflight_many([local(url)] * 5, allow_private=True))
    assert set(verdicts(reports)) == {Verdict.FAIL}
    assert len(host.requests(url)) == 2  # with a range, and once without


def test_the_same_place_as_video_and_as_image_is_two_media() -> None:
    (report,) = preflight_many([local(PICTURE, PICTURE)])
    assert isinstance(report.video, Unmeasured)
    assert isinstance(report.image, MediaFacts)


def test_relative_paths_start_at_the_folder_of_their_request(tmp_path: Path) -> None:
    for name, clip in (("a", CLIP), ("b", MEDIA / "clip-30.1s.mp4")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "clip.mp4").symlink_to(clip)
    entries = [RequestEntry(name, local("clip.mp4"), tmp_path / name) for name in ("a", "b", "a")]
    entries.append(RequestEntry("none", local("clip.mp4")))
    reports = list(preflight_many(entries, folder=tmp_path / "b"))
    assert verdicts(reports) == [Verdict.PASS, Verdict.FAIL, Verdict.PASS, Verdict.FAIL]
    assert reports[2].options.folder == tmp_path / "a"
    assert reports[3].options.folder == tmp_path / "b"


# What fails stops no other


def test_what_fails_for_whatever_reason_stops_no_other(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure = Prober.one

    def one(self: Prober, location: str, *arguments: Any, **options: Any) -> Any:
        if location.endswith("bug.mp4"):
            raise RuntimeError("a bug of ours")
        return measure(self, location, *arguments, **options)

    monkeypatch.setattr(Prober, "one", one)
    for name in ("crash", "hang", "bug", "silent", "chatty"):
        (tmp_path / f"{name}.mp4").symlink_to(CLIP)
    script = (
        'case "$file" in *crash.mp4) kill -SEGV $$;; *silent.mp4) exit 3;;'
        " *chatty.mp4) echo {; exit 0;; esac\n"
    )
    ffprobe, _ = counted(tmp_path, script)
    bad: list[str | Path] = [
        tmp_path / "crash.mp4",
        tmp_path / "bug.mp4",
        tmp_path / "silent.mp4",
        tmp_path / "chatty.mp4",
        tmp_path / "none.mp4",
        tmp_path,
        "/dev/null",
        MEDIA / "garbage.mp4",
        MEDIA / "empty.mp4",
        "a\0b.mp4",
        "\ud800.mp4",
        "x" * 5000,
        "http://[bad/clip.mp4",
        "http://127.0.0.1:9/clip.mp4",
        host.serve("a.mp4", b"", Habit(status=500)),
        host.serve("b.mp4", CLIP, Habit(reset_after=1000)),
        host.serve("c.mp4", CLIP, Habit(stall_after=1000)),
        host.serve("d.mp4", b"", Habit(endless_redirects=True)),
    ]
    requests = [item for one_bad in bad for item in (local(one_bad), local())]
    requests += [{}, {"video_url": 3}, local(model=None), local()]
    reports = list(
        preflight_many(requests, ffprobe=ffprobe, allow_private=True, timeout=0.5, jobs=3)
    )
    assert len(reports) == len(requests)
    assert set(verdicts(reports[1 : 2 * len(bad) : 2])) == {Verdict.PASS}
    assert reports[-1].verdict is Verdict.PASS
    assert Verdict.PASS not in set(verdicts(reports[0 : 2 * len(bad) : 2]))
    lost = reports[2]
    assert lost.verdict is Verdict.UNSURE
    assert isinstance(lost.video, Unmeasured)
    assert "was lost (RuntimeError)" in lost.video.error


@pytest.mark.parametrize("text", ["\ud800", "caf\udce9", "a\0b"], ids=ascii)
def test_a_name_that_no_file_can_have_stops_no_other_after_many_media(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "_AHEAD", 2)
    monkeypatch.setattr(measurements, "FactsCache", partial(FactsCache, 2))
    requests = [local(f"{tmp_path}/{index}.mp4", text) for index in range(5)]
    requests += [local(text), local(text), local()]
    reports = list(preflight_many(requests))
    assert verdicts(reports) == [Verdict.FAIL] * 7 + [Verdict.PASS]


def test_an_ffprobe_that_is_not_there_stops_before_the_first(tmp_path: Path) -> None:
    with pytest.raises(FfprobeMissing):
        list(preflight_many([local()], ffprobe=str(tmp_path / "none")))
    assert own_threads() == []


def test_an_ffprobe_that_goes_away_stops_the_run_and_leaves_no_thread(tmp_path: Path) -> None:
    ffprobe, runs = counted(tmp_path, '[ "$(wc -l <"$0.count")" -lt 10 ] || exit 127\n')
    Path(ffprobe).write_text(
        Path(ffprobe).read_text().replace("for file", 'echo >>"$0.count"\nfor file', 1)
    )
    reports: list[Report] = []
    with pytest.raises(FfprobeMissing):
        reports.extend(preflight_many(copies(tmp_path, 200), ffprobe=ffprobe, jobs=1))
    assert len(runs()) < 200
    assert Verdict.PASS not in verdicts(reports[10:])
    assert own_threads() == []


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_too_few_file_descriptors_fail_no_request_and_stop_no_run(tmp_path: Path) -> None:
    ffprobe, _ = counted(tmp_path, "sleep 0.2\n")
    file = tmp_path / "many.jsonl"
    file.write_text("".join(json.dumps(copy) + "\n" for copy in copies(tmp_path, 60)))
    command = [sys.executable, "-m", "motion_preflight", "check", str(file), "--jobs", "60"]
    done = subprocess.run(
        ["sh", "-c", 'ulimit -n 40; exec "$@"', "sh", *command, "--format", "json"],
        capture_output=True,
        text=True,
        env=os.environ | {"MOTION_PREFLIGHT_FFPROBE": ffprobe},
        check=False,
    )
    summary = json.loads(done.stdout)["summary"]
    assert summary["total"] == 60
    assert summary["fail"] == 0  # nothing is known against any of them
    assert done.returncode in {0, 3}


@pytest.mark.parametrize(
    "wrong",
    [
        {"price": 1.5},
        {"tolerance": -1},
        {"price": Decimal("NaN")},
        {"allow_private": "false"},
        {"strict": "no"},
        {"scan": 1},
        {"content": "yes"},
        {"timeout": "10"},
        {"timeout": 0},
        {"timeout": float("nan")},
        {"profile": "apimart"},
        {"now": "2026"},
        {"now": dt.datetime(2026, 1, 1)},  # noqa: DTZ001  that is what is wrong with it
        {"jobs": -1},
        {"jobs": "2"},
        {"executor": 3},
    ],
    ids=str,
)
def test_options_that_are_none_are_refused_as_preflight_does(wrong: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        next(preflight_many([local()], **wrong))
    if not {"jobs", "executor"} & set(wrong):
        with pytest.raises((TypeError, ValueError)):
            preflight(local(), **wrong)
    assert own_threads() == []


# The end


def test_who_closes_early_waits_for_nothing_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    ffprobe, _ = counted(tmp_path, f"while [ ! -e {tmp_path}/go ]; do sleep 0.05; done\n")
    with Host() as host:
        stalling = Habit(stall_after=1000)
        urls = [host.serve(f"{index}.mp4", CLIP, stalling) for index in range(70)]

        def requests() -> Iterator[dict[str, Any]]:
            yield local()
            yield from map(local, urls)
            (tmp_path / "go").touch()  # else the first is reported before the others are read

        built = preflight_many(requests(), allow_private=True, timeout=300, ffprobe=ffprobe)
        reports = generator(built)
        assert next(reports).verdict is Verdict.PASS
        while len(host.log) < 8:
            time.sleep(0.01)
        reports.close()
        assert len(host.log) == 8
    assert own_threads() == []
    assert list(temporary.iterdir()) == []


@pytest.mark.skipif(
    not Path("/proc/thread-self/children").exists(),
    reason="this system does not tell the children of a thread",
)
def test_who_closes_early_ends_the_ffprobes_that_hang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "USUAL", child.Bounds(seconds=3600))  # nobody waits for it
    hanging = 'case "$file" in */0.mp4|*.png) ;; *) echo $$ >> pids; exec sleep 3600;; esac\n'
    monkeypatch.chdir(tmp_path)
    ffprobe, _ = counted(tmp_path, hanging)
    reports = generator(preflight_many(copies(tmp_path, 6), ffprobe=ffprobe, jobs=3))
    assert next(reports).verdict is Verdict.PASS
    pids = tmp_path / "pids"
    while not pids.exists() or len(pids.read_text().split()) < 2:
        time.sleep(0.01)
    reports.close()
    assert own_threads() == []
    assert [pid for pid in pids.read_text().split() if Path("/proc", pid).exists()] == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_interruption_ends_the_threads_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Host() as host:
        url = host.serve("clip.mp4", CLIP, Habit(stall_after=1000))

        def interrupt() -> None:
            while not host.log:
                time.sleep(0.01)
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

        threading.Thread(target=interrupt).start()
        with pytest.raises(KeyboardInterrupt):
            list(preflight_many([local(url)] * 3, allow_private=True, timeout=300))
    assert own_threads() == []
    assert list(tmp_path.iterdir()) == []


def test_requests_that_fail_to_come_are_an_error_of_whoever_makes_them() -> None:
    def broken() -> Iterator[dict[str, Any]]:
        yield local()
        raise LookupError("mine")

    seen: list[Report] = []
    with pytest.raises(LookupError, match="mine"):
        seen.extend(preflight_many(broken()))
    assert verdicts(seen) == [Verdict.PASS]  # what came before is not lost
    assert own_threads() == []


def test_what_is_no_request_has_its_report_and_stops_no_other() -> None:
    wrong: Any = [local(), None, "clip.mp4", [local()], local()]
    seen = list(preflight_many(wrong))
    assert labels(seen) == [f"request[{number}]" for number in range(5)]
    assert verdicts(seen) == [Verdict.PASS, *[Verdict.FAIL] * 3, Verdict.PASS]
    (finding,) = (finding for finding in seen[1].findings if finding.level == "error")
    assert (finding.rule, finding.field) == ("request-invalid", None)
    assert finding.message == "a request is a mapping, not NoneType"
    assert "MotionControlRequest" in finding.remedy
    with pytest.raises(TypeError, match=r"^a request is a mapping, not NoneType$"):
        preflight(wrong[1])


# The same as one by one

VARIED = [
    local(),
    local(MEDIA / "clip-30.1s.mp4"),
    local(MEDIA / "audio-longer.mp4", character_orientation="image"),
    local(MEDIA / "live.webm"),
    local(MEDIA / "silent-8s.mp4", MEDIA / "garbage.mp4"),
    local(MEDIA / "clip-10.01s.mp4", character_orientation="image"),
    local("none.mp4", PICTURE, mode="PRO"),
    local(video="clip-8s.mp4"),
    {},
    {"model": "x", "video_url": None},
    local("https://10.0.0.1/clip.mp4"),
]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"strict": True},
    {"scan": True},
    {"content": True},
    {"price": Decimal("0.5"), "tolerance": Decimal("0.05")},
    {"folder": MEDIA, "profile": replace(PROFILE, currency="EUR")},
]


def comparable(report: Report) -> Report:
    """A report without what is another thing each time."""
    return replace(report, label="", measured_at=NOW)


@pytest.mark.parametrize("options", OPTIONS, ids=range(len(OPTIONS)))
def test_reports_are_those_of_preflight_one_by_one(options: dict[str, Any]) -> None:
    # Looking at the pictures of long clips takes long, and is the same for each.
    requests = VARIED[::6] if "content" in options else VARIED
    one_by_one = [preflight(item, now=NOW, **options) for item in requests]
    here = list(preflight_many(requests, now=NOW, **options))
    with ThreadPoolExecutor(2) as executor:
        elsewhere = list(preflight_many(requests, now=NOW, executor=executor, **options))
    assert [comparable(item) for item in here] == [comparable(item) for item in one_by_one]
    assert [comparable(item) for item in elsewhere] == [comparable(item) for item in one_by_one]


def test_reports_of_urls_are_those_of_preflight_one_by_one(host: Host) -> None:
    requests = [
        local(host.serve("a.mp4", CLIP), host.serve("a.png", PICTURE)),
        local(host.serve("b.mp4", CLIP, Habit(ranges=False))),
        local(host.serve("c.mp4", b"", Habit(html=True))),
        local(host.serve("d.mp4", b"", Habit(status=403))),
        local(host.serve("e.webm", MEDIA / "live.webm", Habit(chunked=True))),
    ]
    one_by_one = [preflight(request, now=NOW, allow_private=True) for request in requests]
    many = preflight_many(requests, now=NOW, allow_private=True)
    assert [comparable(item) for item in many] == [comparable(item) for item in one_by_one]
    refused = list(preflight_many(requests, now=NOW))  # without `allow_private`
    assert set(verdicts(refused)) == {Verdict.FAIL}


def test_a_report_knows_when_its_media_were_looked_at(tmp_path: Path) -> None:
    before = dt.datetime.now(dt.UTC)
    first, *_, last = preflight_many([*copies(tmp_path, 3), local(tmp_path / "0.mp4")])
    after = dt.datetime.now(dt.UTC)
    assert first.measured_at
    assert first.checked_at
    assert last.measured_at
    assert last.checked_at
    assert before <= first.measured_at <= last.checked_at <= after
    assert last.measured_at <= first.checked_at


# Elsewhere


@pytest.mark.parametrize("kind", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_an_executor_measures_each_medium_once_and_keeps_the_order(
    kind: Callable[[int], Executor], tmp_path: Path
) -> None:
    ffprobe, runs = counted(tmp_path)
    requests = copies(tmp_path, 40)
    with kind(2) as executor:
        reports = list(preflight_many(requests * 2, executor=executor, ffprobe=ffprobe))
    assert labels(reports) == [f"request[{index}]" for index in range(80)]
    assert set(verdicts(reports)) == {Verdict.PASS}
    assert len(runs()) == len(set(runs())) == 40


def test_an_executor_that_takes_nothing_more_makes_what_is_left_unsure(tmp_path: Path) -> None:
    executor = ThreadPoolExecutor(1)
    requests = copies(tmp_path, 40)

    def some_then_no_executor() -> Iterator[dict[str, Any]]:
        yield from requests[:20]
        executor.shutdown(wait=True)
        yield from requests[20:]

    reports = list(preflight_many(some_then_no_executor(), executor=executor))
    assert labels(reports) == [f"request[{index}]" for index in range(40)]
    assert reports[0].verdict is Verdict.PASS
    assert reports[-1].verdict is Verdict.UNSURE


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_processes_that_are_killed_make_what_is_left_unsure(tmp_path: Path) -> None:
    requests = copies(tmp_path, 60)
    with ProcessPoolExecutor(1) as executor:

        def some_then_a_kill() -> Iterator[dict[str, Any]]:
            yield from requests[:30]
            for process in list(executor._processes.values()):
                process.kill()
            with suppress(Exception):  # it takes a moment to be seen
                while True:
                    executor.submit(int).result()
            yield from requests[30:]

        reports = list(preflight_many(some_then_a_kill(), executor=executor))
    assert labels(reports) == [f"request[{index}]" for index in range(60)]
    assert set(verdicts(reports)) <= {Verdict.PASS, Verdict.UNSURE}
    assert reports[-1].verdict is Verdict.UNSURE
    assert "check it again" in str([finding.message for finding in reports[-1].findings])


class Later(Executor):
    """An executor that does everything when it is asked for the first result, the last first."""

    def __init__(self) -> None:
        self.pieces: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, call: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        executor = self

        class Lazy(Future[Any]):
            def result(self, timeout: float | None = None) -> Any:
                while executor.pieces:
                    future, work = executor.pieces.pop()
                    future.set_result(work())
                return super().result(timeout)

        future: Future[Any] = Lazy()
        self.pieces.append((future, partial(call, *arguments, **named)))
        return future


def test_pieces_may_be_done_in_any_order(tmp_path: Path) -> None:
    reports = list(preflight_many(copies(tmp_path, 50), executor=Later()))
    assert labels(reports) == [f"request[{index}]" for index in range(50)]
    assert [Path(str(report.video.location)).name for report in reports] == [
        f"{index}.mp4" for index in range(50)
    ]
