"""What many tests share: media, the ffprobes of this machine, a host, the program itself."""

from __future__ import annotations

import gc
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import hypothesis
import pytest
from paths import FIXTURES
from processes import surroundings
from tiers import FAST, Watch, tiers_of, tiers_of_file
from warm import suits, warm

from motion_preflight.media.programs.ffprobe import bundled
from motion_preflight.testing.host import Host

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


pytest_plugins = ["store_fixtures", "motion_preflight.testing.plugin"]

# The same cases in every run, so that a commit is judged by what it changes; `scripts/fuzz` draws
# others. A case that takes long is no mistake on a busy machine.
hypothesis.settings.register_profile("suite", derandomize=True, database=None, deadline=None)
hypothesis.settings.load_profile("suite")


def pytest_configure(config: pytest.Config) -> None:
    # A shell lets what it starts in the background ignore Ctrl-C, and every process of the tests
    # would inherit that: those that send one would wait for minutes.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # Where coverage traces, threads that begin at once fail while Python runs an audit hook.
    if sys.gettrace() is None:
        config.pluginmanager.register(Watch())


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Importing thirteen thousand tests takes a good part of a minute: the fast run leaves out the
    files that have nothing for it.
    """
    is_test = collection_path.suffix == ".py" and collection_path.name.startswith("test_")
    if config.getoption("markexpr") == FAST and is_test and tiers_of_file(collection_path):
        return True
    return None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported and collected stays to the end: the garbage collector need not go over it,
    which takes a fifth of a second each time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_itemcollected(item: pytest.Item) -> None:
    for tier in tiers_of(item):
        item.add_marker(tier)


def _ffprobes() -> dict[str, str]:
    """The bundled ffprobe, and the distribution's where it is another one."""
    results = {"bundled": bundled("ffprobe"), "distribution": shutil.which("ffprobe")}
    return {name: path for name, path in results.items() if path}


@pytest.fixture(params=sorted(_ffprobes()))
def ffprobe(request: pytest.FixtureRequest) -> str:
    """Each ffprobe of this machine in turn."""
    return _ffprobes()[request.param]


@pytest.fixture
def ffprobes() -> list[str]:
    """All ffprobes of this machine."""
    return list(_ffprobes().values())


@pytest.fixture
def both_ffprobes() -> tuple[str, str]:
    result = _ffprobes()
    if len(result) < 2:
        pytest.skip("only one ffprobe is installed here; the other is Debian's `ffmpeg` package")
    return result["bundled"], result["distribution"]


@pytest.fixture
def media() -> Path:
    return FIXTURES / "media"


@pytest.fixture
def host() -> Iterator[Host]:
    with Host() as running:
        yield running


class Program(Protocol):
    def __call__(
        self, *arguments: str | Path, cwd: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture(scope="session", autouse=True)
def _the_warm_process_ends() -> Iterator[None]:
    yield
    if warm.cache_info().currsize:
        warm().close()


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Runs the program as a process of its own, in an empty home, without proxies."""

    def run(
        *arguments: str | Path, cwd: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        variables = surroundings(tmp_path, **environment)
        if suits(environment):
            return warm().run(*arguments, cwd=cwd or tmp_path, env=variables)
        return subprocess.run(
            [sys.executable, "-m", "motion_preflight", *map(str, arguments)],
            cwd=cwd or tmp_path,
            env=variables,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    return run
