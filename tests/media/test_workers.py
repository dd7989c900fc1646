"""Who measures: no more at a time than was asked for, 8 of a host at most, nothing afterwards."""

from __future__ import annotations

import pickle
import tempfile
import threading
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import httpcore
import pytest
from builders import PROFILE
from paths import FIXTURES
from processes import ffprobe_script

from motion_preflight.media.errors import FfprobeMissing
from motion_preflight.media.facts import Measured, MediaFacts, Unmeasured
from motion_preflight.media.medium import Medium
from motion_preflight.media.options import ProbeOptions
from motion_preflight.media.prober import Prober
from motion_preflight.media.workers import (
    CHUNK,
    ExecutorWorkers,
    LocalWorkers,
    _host,
    measured_there,
)
from motion_preflight.network.errors import Reason
from motion_preflight.sandbox.wire import Request
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host
from motion_preflight.testing.host_answers import HostRequest
from motion_preflight.testing.host_sender import LoggedRequest

if TYPE_CHECKING:
    from pathlib import Path

MEDIA = FIXTURES / "media"
CLIP = MEDIA / "clip-8s.mp4"
OPTIONS = ProbeOptions(profile=PROFILE, timeout=30, allow_private=True)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


class Watched(Host):
    """A host that knows how many requests it had to answer at a time, at most."""

    most = 0

    def _note(self, request: Request, logged: LoggedRequest) -> HostRequest:
        result = super()._note(request, logged)
        with self._lock:
            self.most = max(self.most, sum(item.status == 0 for item in self._log))
        return result


def clip(location: str | Path, folder: Path | None = None) -> Medium:
    return Medium(str(location), "video", folder)


def outcomes(threads: LocalWorkers, media: list[Medium]) -> list[Measured]:
    return [future.result()[0] for future in [threads.submit([medium]) for medium in media]]


def own_threads() -> list[str]:
    """The threads of a crew that are alive."""
    names = [item.name for item in threading.enumerate()]
    return [name for name in names if name.startswith(("file", "host", "connect"))]


def together(log: Path) -> int:
    """How many ran at a time at most, by a `+` for each beginning and a `-` for each end."""
    return max(accumulate(1 if line == "+" else -1 for line in log.read_text().split()))


def logging_ffprobe(folder: Path) -> tuple[str, Path]:
    log = folder / "log"
    script = f'echo + >>{log}\nsleep 0.1\nreal "$@"\ncode=$?\necho - >>{log}\nexit $code'
    return ffprobe_script(folder, script), log


def copies(folder: Path, number: int) -> list[Medium]:
    built = [folder / f"{index}.mp4" for index in range(number)]
    for item in built:
        item.symlink_to(CLIP)
    return [clip(item) for item in built]


def test_files_and_urls_are_measured_each_by_their_own_threads(host: Host) -> None:
    url = host.serve("clip.mp4", CLIP)
    with LocalWorkers(OPTIONS) as threads:
        result = outcomes(threads, [clip(CLIP), clip(url), clip("clip-8s.mp4", MEDIA)])
        names = own_threads()
    assert all(isinstance(item, MediaFacts) for item in result)
    assert {name.partition("_")[0] for name in names} >= {"file", "host"}
    assert own_threads() == []


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_no_more_files_are_measured_at_a_time_than_jobs(jobs: int, tmp_path: Path) -> None:
    ffprobe, log = logging_ffprobe(tmp_path)
    with LocalWorkers(replace(OPTIONS, ffprobe=ffprobe), jobs) as threads:
        result = outcomes(threads, copies(tmp_path, 10))
        assert len(own_threads()) <= jobs
    assert all(isinstance(item, MediaFacts) for item in result)
    assert together(log) <= jobs


def test_one_job_is_one_medium_at_a_time_be_it_a_file_or_of_a_host(tmp_path: Path) -> None:
    ffprobe, log = logging_ffprobe(tmp_path)
    with Host() as host, LocalWorkers(replace(OPTIONS, ffprobe=ffprobe), 1) as threads:
        urls = [clip(host.serve(f"{index}.mp4", CLIP)) for index in range(5)]
        pairs = zip(copies(tmp_path, 5), urls, strict=True)
        outcomes(threads, [item for pair in pairs for item in pair])
    assert together(log) == 1


@pytest.mark.parametrize("jobs", [3, None, 64])
def test_at_most_8_media_of_a_host_are_fetched_at_a_time_over_connections_that_are_kept(
    jobs: int | None,
) -> None:
    with Watched(delay=0.05) as host:
        media = [clip(host.serve(f"{index}.mp4", CLIP)) for index in range(40)]
        with LocalWorkers(OPTIONS, jobs) as threads:
            result = outcomes(threads, media)
        assert all(isinstance(item, MediaFacts) for item in result)
        assert host.most <= min(jobs or 8, 8)
        assert host.connections <= min(jobs or 8, 8)


def test_while_ffprobe_reads_some_media_others_of_their_host_are_fetched(tmp_path: Path) -> None:
    """The stand-in answers when all were fetched; a host's turn that lasts longer would hang."""
    go = tmp_path / "go"
    script = f'n=0; until [ -e "{go}" ] || [ $n -gt 200 ]; do n=$((n+1)); sleep 0.1; done\n'
    ffprobe = ffprobe_script(tmp_path, script + f'[ -e "{go}" ] || exit 1\nreal "$@"')
    with Host() as host, LocalWorkers(replace(OPTIONS, ffprobe=ffprobe)) as threads:
        media = [clip(host.serve(f"{index}.mp4", CLIP)) for index in range(12)]
        futures = [threads.submit([medium]) for medium in media]
        until = time.monotonic() + 15
        while len(host.log) < len(media) and time.monotonic() < until:
            time.sleep(0.02)
        go.touch()
        results = [future.result()[0] for future in futures]
    assert [item.error for item in results] == [None] * len(media)


def test_the_same_host_in_other_letters_is_the_same_host() -> None:
    with Watched(delay=0.05) as host:
        host.serve("clip.mp4", CLIP)
        bases = [host.base, host.base.replace("http", "HTTP"), f"http://me:x@{host.base[7:]}"]
        media = [clip(f"{bases[index % 3]}/clip.mp4?{index}") for index in range(30)]
        with LocalWorkers(OPTIONS, 64) as threads:
            outcomes(threads, media)
        assert host.most <= 8


def test_many_hosts_are_asked_at_a_time_and_none_of_them_times_out_in_a_queue_of_ours() -> None:
    with ExitStack() as stack:
        hosts = [stack.enter_context(Watched(delay=0.8)) for _ in range(6)]
        media = [clip(host.serve(f"{n}.mp4", CLIP)) for n in range(8) for host in hosts]
        with LocalWorkers(replace(OPTIONS, timeout=2.0), 64) as threads:
            result = outcomes(threads, media)
    assert {item.error for item in result if isinstance(item, Unmeasured)} == set()


def test_a_connection_is_not_closed_for_one_host_while_another_takes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken, chosen = threading.Event(), threading.Event()
    send = httpcore.HTTPConnection.handle_request
    close = httpcore.ConnectionPool._close_connections

    def late_to_send(self: httpcore.HTTPConnection, request: httpcore.Request) -> httpcore.Response:
        if request.url.target == b"/late.mp4":  # it has its connection; its thread is put aside
            taken.set()
            chosen.wait(1)
        return send(self, request)

    def late_to_close(self: httpcore.ConnectionPool, connections: list[Any]) -> None:
        if connections and taken.is_set():  # it has chosen what to close; its thread is put aside
            chosen.set()
            while not hosts[0].requests("/late.mp4"):
                time.sleep(0.01)
        close(self, connections)

    monkeypatch.setattr(httpcore.HTTPConnection, "handle_request", late_to_send)
    monkeypatch.setattr(httpcore.ConnectionPool, "_close_connections", late_to_close)
    with ExitStack() as stack:
        hosts = [stack.enter_context(Host(delay=0.3 * (n == 0))) for n in range(11)]
        threads = stack.enter_context(LocalWorkers(replace(OPTIONS, timeout=2), 2))
        for host in hosts[:10]:  # connections that are kept, as many as a pool has at first
            assert isinstance(outcomes(threads, [clip(host.serve("a.mp4", CLIP))])[0], MediaFacts)
        late = threads.submit([clip(hosts[0].serve("late.mp4", CLIP))])
        assert taken.wait(30)
        other = threads.submit([clip(hosts[10].serve("a.mp4", CLIP))])
        results = [late.result()[0], other.result()[0]]
    assert [item.error for item in results if isinstance(item, Unmeasured)] == []


def test_at_most_8_media_of_a_host_that_others_lead_to_are_fetched_at_a_time() -> None:
    with ExitStack() as stack:
        storage = stack.enter_context(Watched(delay=0.1))
        fronts = [stack.enter_context(Host()) for _ in range(4)]
        targets = [storage.serve(f"{index}.mp4", CLIP) for index in range(32)]
        media = [
            clip(fronts[index % 4].serve(f"{index}", b"", Habit(redirect_to=url)))
            for index, url in enumerate(targets)
        ]
        with LocalWorkers(OPTIONS, 64) as threads:
            assert all(isinstance(outcome, MediaFacts) for outcome in outcomes(threads, media))
        assert storage.most <= 8


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://apimart-user.com/a?b", "apimart-user.com"),
        ("HTTPS://apimart-user.com:443/a", "apimart-user.com:443"),
        ("https://u:p@apimart-user.com/a", "apimart-user.com"),
        ("https://u@x:p@apimart-user.com:8/a", "apimart-user.com:8"),
        ("http://[::1]:80/a", "[::1]:80"),
        ("http://[bad/a", ""),
        ("data:video/mp4,x", ""),
        ("https:///a", ""),
    ],
)
def test_the_host_of_a_url(url: str, host: str) -> None:
    assert _host(url) == host


@pytest.mark.parametrize(
    "url", ["http://[bad", "http://\ud800/x", "data:,x", "https:", "http://a:b:c"]
)
def test_a_url_that_is_none_is_an_outcome_like_others(url: str) -> None:
    with LocalWorkers(OPTIONS) as threads:
        (result,) = outcomes(threads, [clip(url)])
    assert isinstance(result, Unmeasured)


def test_who_leaves_early_waits_for_no_host_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Host() as host:
        media = [
            clip(host.serve(f"{index}.mp4", CLIP, Habit(stall_after=1000))) for index in range(30)
        ]
        with LocalWorkers(replace(OPTIONS, timeout=300), 4) as threads:  # which nobody waits for
            futures = [threads.submit([medium]) for medium in media]
            while len(host.log) < 4:
                time.sleep(0.01)
        assert len(host.log) < 30
    assert own_threads() == []
    assert list(tmp_path.iterdir()) == []
    assert all(future.done() for future in futures)


def test_an_ffprobe_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(FfprobeMissing):
        LocalWorkers(replace(OPTIONS, ffprobe=str(tmp_path / "none")))
    assert own_threads() == []


def test_the_options_travel_to_other_machines() -> None:
    assert pickle.loads(pickle.dumps(OPTIONS)) == OPTIONS


def test_a_piece_is_measured_in_its_order(tmp_path: Path) -> None:
    media = copies(tmp_path, 3)
    media.insert(1, clip(tmp_path / "none.mp4"))
    result = measured_there(media, OPTIONS)
    assert [item.location for item in result] == [medium.location for medium in media]
    assert [isinstance(item, MediaFacts) for item in result] == [True, False, True, True]
    assert own_threads() == []


def test_only_videos_are_scanned(tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = f'case "$*" in *packet=*) echo scan >>{log};; *) echo probe >>{log};; esac\nreal "$@"'
    options = replace(OPTIONS, ffprobe=ffprobe_script(tmp_path, script), scan=True)
    media = [clip(MEDIA / "clip-3s.mp4"), Medium(str(MEDIA / "image.png"), "image", None)]
    measured_there(media, options)
    assert sorted(log.read_text().split()) == ["probe", "scan", "scan"]


def test_a_machine_without_an_ffprobe_makes_its_piece_unmeasured(tmp_path: Path) -> None:
    options = replace(OPTIONS, ffprobe=str(tmp_path / "none"))
    result = measured_there(copies(tmp_path, 2), options)
    assert [item.reason for item in result if isinstance(item, Unmeasured)] == [
        Reason.UNSUPPORTED,
        Reason.UNSUPPORTED,
    ]


def failing_once(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Makes the measuring of media of that name fail as a bug of ours would."""
    measure = Prober.one

    def one(self: Prober, location: str, *arguments: Any, **options: Any) -> Measured:
        if location.endswith(name):
            raise RuntimeError("a bug of ours")
        return measure(self, location, *arguments, **options)

    monkeypatch.setattr(Prober, "one", one)


def test_a_medium_that_fails_unexpectedly_takes_no_other_of_its_piece_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing_once(monkeypatch, "1.mp4")
    result = measured_there(copies(tmp_path, 3), OPTIONS)
    assert [isinstance(item, MediaFacts) for item in result] == [True, False, True]


class Counting(Executor):
    """Threads that know how large the pieces were."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self._threads = ThreadPoolExecutor(2)

    def submit(self, call: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        self.sizes.append(len(arguments[0]))
        return self._threads.submit(call, *arguments, **named)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  as it is there
        self._threads.shutdown(wait, cancel_futures=cancel_futures)


def test_an_executor_is_given_a_piece_at_a_time(tmp_path: Path) -> None:
    with Counting() as executor:
        crew = ExecutorWorkers(executor, OPTIONS)
        assert crew.chunk == CHUNK
        result = crew.submit(copies(tmp_path, 3)).result()
    assert len(result) == 3
    assert executor.sizes == [3]
