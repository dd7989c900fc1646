"""Other machines: a real Dask cluster of two workers, one of which is killed half-way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest
from builders import body
from conftest import Program
from paths import FIXTURES

from motion_preflight import Verdict, preflight_many
from motion_preflight.cli import exit_codes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import distributed

MEDIA = FIXTURES / "media"
pytestmark = pytest.mark.skipif(
    find_spec("distributed") is None, reason="the extra `dask` is not installed"
)


def client_of(address: str | None = None, **options: Any) -> distributed.Client:
    import distributed  # noqa: PLC0415  it takes a while, and most workers of the tests run no cluster

    return distributed.Client(address, set_as_default=False, **options)


@contextmanager
def cluster(folder: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """The address of a scheduler with two workers, each a process of its own."""
    file = folder / "scheduler.json"
    environment = os.environ | {"DASK_DISTRIBUTED__WORKER__DAEMON": "False"}

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]],
            env=environment,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    shared = ("--scheduler-file", str(file), "--no-dashboard")
    processes = [start("dask_scheduler", *shared, "--host", "127.0.0.1", "--port", "0")]
    try:
        processes += [
            start("dask_worker", *shared, "--no-nanny", "--nthreads", "1", "--host", "127.0.0.1")
            for _ in range(2)
        ]
        with client_of(scheduler_file=str(file), timeout=60) as client:
            client.wait_for_workers(2, timeout=60)
            address = client.scheduler.address
        yield address, processes[1:]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def copies(folder: Path, number: int) -> list[dict[str, Any]]:
    """Requests whose clips are files of their own, every third of them too long."""
    built = []
    (folder / "media").mkdir()
    for index in range(number):
        clip = folder / "media" / f"{index}.mp4"
        clip.write_bytes((MEDIA / f"clip-{'12s' if index % 3 == 2 else '8s'}.mp4").read_bytes())
        picture = str(MEDIA / "image.png")
        built.append(body(video_url=str(clip), image_url=picture, character_orientation="image"))
    return built


def test_a_worker_that_is_killed_loses_no_report_and_no_order(tmp_path: Path) -> None:
    requests = copies(tmp_path, 240)
    with (
        cluster(tmp_path) as (address, workers),
        client_of(address) as client,
    ):
        seen = []
        for report in preflight_many(requests, executor=client.get_executor()):
            seen.append((report.label, report.verdict))
            if len(seen) == 20:
                workers[0].send_signal(signal.SIGKILL)
    assert [label for label, _ in seen] == [f"request[{index}]" for index in range(240)]
    expected = [Verdict.FAIL if index % 3 == 2 else Verdict.PASS for index in range(240)]
    assert [verdict for _, verdict in seen] == expected


def test_the_program_measures_on_a_cluster(tmp_path: Path, program: Program) -> None:
    requests = copies(tmp_path, 4)
    file = tmp_path / "many.jsonl"
    file.write_text(
        "".join(f"{request}\n".replace("'", '"') for request in requests), encoding="utf-8"
    )
    with cluster(tmp_path) as (address, _):
        done = program("check", file, "--dask", address, "--quiet")
    assert done.returncode == exit_codes.BROKEN, done.stderr
    assert "4 requests: 3 pass, 1 fail, 0 unsure" in done.stdout


def test_no_scheduler_is_one_line(program: Program, tmp_path: Path) -> None:
    (tmp_path / "many.jsonl").write_text("{}\n{}\n", encoding="utf-8")
    done = program("check", "many.jsonl", "--dask", "tcp://127.0.0.1:9")
    assert done.returncode == exit_codes.CANNOT_RUN
    assert "no Dask scheduler at tcp://127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr


def test_processes_of_this_machine_are_an_executor_too(tmp_path: Path) -> None:
    requests = copies(tmp_path, 40)
    with ProcessPoolExecutor(2) as executor:
        reports = list(preflight_many(requests, executor=executor))
    assert [report.label for report in reports] == [f"request[{index}]" for index in range(40)]
    assert {report.verdict for report in reports} == {Verdict.PASS, Verdict.FAIL}


class Losing(Executor):
    """An executor that loses everything but its first piece of work."""

    def __init__(self) -> None:
        self.pieces = 0

    def submit(self, call: Any, /, *arguments: Any, **_: Any) -> Future[Any]:
        self.pieces += 1
        future: Future[Any] = Future()
        if self.pieces == 1:
            future.set_result(call(*arguments))
        else:
            future.set_exception(RuntimeError("the worker is gone"))
        return future


def test_what_an_executor_loses_is_unsure_and_never_a_pass(tmp_path: Path) -> None:
    requests = copies(tmp_path, 40)
    reports = list(preflight_many(requests, executor=Losing()))
    assert len(reports) == 40
    assert reports[0].verdict is Verdict.PASS
    assert reports[-1].verdict is Verdict.UNSURE
    assert "was lost (RuntimeError)" in str([finding.message for finding in reports[-1].findings])
