"""The program as a process: its surroundings, its ledger, and programs that stand in for others."""

from __future__ import annotations

import os
import shlex
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from builders import body
from paths import ROOT
from warm import suits, warm

from motion_preflight.media.programs.ffprobe import find_ffprobe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from motion_preflight.sandbox.server import Sandbox

KEY = "sk-sandbox-0123456789abcdef"


def served(sandbox: Sandbox, number: int = 0, **fields: Any) -> dict[str, Any]:
    """A request that passes, with media of the sandbox; every number is another one."""
    usual = {
        "prompt": f"dance number {number}",
        "video_url": sandbox.media_url("clip-8s.mp4"),
        "image_url": sandbox.media_url("image.png"),
    }
    return body(**(usual | fields))


def customer(sandbox: Sandbox, folder: Path, **more: str) -> dict[str, str]:
    """The environment by which the program sends to the sandbox, its ledger in `folder`/state."""
    return {
        "APIMART_API_KEY": KEY,
        "APIMART_API_KEY_FILE": "",
        "APIMART_BASE_URL": sandbox.base,
        "MOTION_PREFLIGHT_STATE": str(folder / "state"),
    } | more


def surroundings(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a process whose home is `folder`: without proxies and settings, and with
    streams as users have them.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy")
        and not name.startswith(("MOTION_PREFLIGHT_", "APIMART_", "PYTHONUNBUFFERED"))
    }
    return kept | {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config")} | more


def started(
    *arguments: str | Path, folder: Path, environment: Mapping[str, str], **streams: Any
) -> subprocess.Popen[str]:
    """The program as a process that runs while the test goes on; its home is `folder`."""
    variables = surroundings(folder, **environment)
    if suits(environment):
        return warm().start(*arguments, cwd=folder, env=variables, **streams)
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(
        [sys.executable, "-m", "motion_preflight", *map(str, arguments)],
        cwd=folder,
        env=variables,
        text=True,
        encoding="utf-8",
        **(pipes | streams),
    )


def run_script(
    name: str, *arguments: str, root: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A script of a checkout as a process, with what it printed."""
    return subprocess.run(
        [sys.executable, root / "scripts" / name, *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def ledger_rows(folder: Path) -> list[dict[str, Any]]:
    """The rows of the ledger in `folder`/state as the file holds them, the oldest first; to open
    it as the program does would change what a dead run left.
    """
    file = folder / "state" / "ledger.sqlite3"
    if not file.is_file():
        return []
    with closing(sqlite3.connect(file)) as database:
        database.row_factory = sqlite3.Row
        if not database.execute("SELECT 1 FROM sqlite_master").fetchone():
            return []  # it is only being made
        return [dict(row) for row in database.execute("SELECT * FROM intents ORDER BY rowid")]


def ffprobe_script(folder: Path, script: str) -> str:
    """The path of an ffprobe that is a script of sh, in which `real "$@"` calls the true one."""
    file = folder / "ffprobe-script"
    true = shlex.quote(find_ffprobe())
    file.write_text(f'#!/bin/sh\nreal() {{ {true} "$@"; }}\n{script}\n', encoding="utf-8")
    file.chmod(0o755)
    return str(file)


@contextmanager
def unprivileged() -> Iterator[None]:
    """Without root's rights, where there are some. What is imported inside must be imported
    before: this process may not read its own files.
    """
    root = os.name == "posix" and os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@contextmanager
def closed_folder() -> Iterator[Path]:
    """A folder that anybody may read, as those of pytest are not, and that is closed to writers
    without root's rights. It is gone afterwards.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        yield folder
        folder.chmod(0o755)


def wait_until(happened: Callable[[], object], process: subprocess.Popen[str]) -> None:
    """Waits until something has happened, while a process goes on; 30 seconds at most."""
    end = time.monotonic() + 30
    while not happened():
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.01)
