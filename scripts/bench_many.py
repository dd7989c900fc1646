"""Times batches: a thousand requests over 300 files and over 300 URLs, beside ffprobe under xargs.

Part of `scripts/bench`. The peers probe each medium once and check nothing; ours reads a manifest,
measures each medium once, applies every rule to every request, and writes a report a line.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from motion_preflight.testing.host import Host

MEDIA = Path(__file__).resolve().parent.parent / "fixtures" / "media"
REQUESTS, FILES = 1000, 300
LONG = 100_000  # lines, of which memory must know nothing
BARE = "-v error -show_format -show_streams -of json"
PURE = """
import sys, time
from pathlib import Path
from motion_preflight import preflight
from motion_preflight.batch import report_of
from motion_preflight.request.parse import parse_request
body = {"model": "kling-v2-6-motion-control", "prompt": "x", "image_url": sys.argv[2],
        "video_url": sys.argv[1], "character_orientation": "image", "mode": "std"}
made = preflight(body)
models = made.options.profile.models
started = time.perf_counter()
for number in range(20000):
    report_of(parse_request(body, models), made.video, made.image, made.options, label="x",
              now=made.checked_at, measured_at=made.measured_at).verdict
print(20000 / (time.perf_counter() - started))
"""


@dataclass
class Batch:
    """One command, and what its runs took."""

    name: str
    command: list[str]
    seconds: list[float] = field(default_factory=list)
    megabytes: float = 0.0  # the most that its process and those it waited for have held


def run(
    python: str, bundled: str | None, distribution: str | None, rounds: int, folder: Path
) -> dict[str, Any]:
    """Prints the tables, and returns their figures."""
    ffprobes = {"bundled": bundled, "distribution": distribution}
    local = [_ours(python, "ours", folder, _files(folder))]
    local += _loops(ffprobes, folder, "ls media/*.mp4", 2)
    _timed(local, rounds, folder)
    results: dict[str, Any] = {"local": _table(f"{REQUESTS} requests over {FILES} files", local)}
    with Host(delay=0.05) as host:
        urls = [host.serve(f"{number}.mp4", MEDIA / "clip-8s.mp4") for number in range(FILES)]
        picture = host.serve("me.png", MEDIA / "image.png", content_type="image/png")
        (folder / "urls").write_text("".join(f"{url}\n" for url in urls), encoding="utf-8")
        remote = [_ours(python, "ours", folder, _manifest(folder, "remote.jsonl", urls, picture))]
        remote += _loops(ffprobes, folder, "cat urls", 8)
        _timed(remote, rounds, folder)
        title = f"{REQUESTS} requests over {FILES} URLs, 50 ms a request"
        results["remote"] = _table(title, remote)
    long = _manifest(folder, "long.jsonl", [f"media/{n}.mp4" for n in range(FILES)], "me.png", LONG)
    memory = [
        _ours(python, f"{REQUESTS:,} lines", folder, folder / "local.jsonl"),
        _ours(python, f"{LONG:,} lines", folder, long),
    ]
    _timed(memory, 1, folder)
    results["memory"] = _table("memory", memory)
    rate = float(
        subprocess.run(
            [python, "-c", PURE, "media/0.mp4", "me.png"],
            cwd=folder, env=_environment(), capture_output=True, text=True, check=True,
        ).stdout
    )  # fmt: skip
    results["pure"] = {"requests_per_second": rate}
    print(f"\nrules and estimate on known facts: {rate:,.0f} requests a second on one core")
    return results


def _files(folder: Path) -> Path:
    """The manifest of requests over clips that are files of their own."""
    (folder / "media").mkdir()
    for number in range(FILES):
        shutil.copy(MEDIA / "clip-8s.mp4", folder / "media" / f"{number}.mp4")
    shutil.copy(MEDIA / "image.png", folder / "me.png")
    return _manifest(folder, "local.jsonl", [f"media/{n}.mp4" for n in range(FILES)], "me.png")


def _manifest(
    folder: Path, name: str, videos: list[str], image: str, lines: int = REQUESTS
) -> Path:
    with (folder / name).open("w", encoding="utf-8") as file:
        for number in range(lines):
            body = {
                "model": "kling-v2-6-motion-control",
                "prompt": f"dance {number}",
                "image_url": image,
                "video_url": videos[number % len(videos)],
                "character_orientation": "image",
                "mode": "std",
            }
            file.write(json.dumps(body) + "\n")
    return folder / name


def _ours(python: str, name: str, folder: Path, manifest: Path) -> Batch:
    out = f"jsonl={folder / 'reports.jsonl'}"
    check = ["-m", "motion_preflight", "check", str(manifest), "--format", out, "--allow-private"]
    return Batch(name, [python, *check])


def _loops(ffprobes: dict[str, str | None], folder: Path, listed: str, jobs: int) -> list[Batch]:
    built = []
    for name, path in ffprobes.items():
        if path:
            loop = f"{listed} | xargs -P {jobs} -n 1 {path} {BARE} >{folder / 'out'}"
            built.append(Batch(f"{name} ffprobe, xargs -P {jobs}", ["sh", "-c", loop]))
    return built


def _timed(batches: list[Batch], rounds: int, folder: Path) -> None:
    for _ in range(rounds):
        for batch in batches:
            started = time.perf_counter()
            process = subprocess.Popen(
                batch.command, cwd=folder, env=_environment(), stderr=subprocess.DEVNULL
            )
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            batch.seconds.append(time.perf_counter() - started)
            batch.megabytes = max(batch.megabytes, usage.ru_maxrss / 1024)
            if process.returncode:
                print(f"{batch.name} ended with {process.returncode}", file=sys.stderr)


def _environment() -> dict[str, str]:
    return {name: item for name, item in os.environ.items() if not name.lower().endswith("_proxy")}


def _table(title: str, batches: list[Batch]) -> list[dict[str, Any]]:
    """Prints medians, and the ratios to ours of the same round; returns them."""
    results = []
    print(f"\n{title}\n{'':32}{'median':>10}{'x ours':>9}{'MB':>7}")
    ours = batches[0].seconds
    for batch in batches:
        ratios = [its / our for its, our in zip(batch.seconds, ours, strict=True)]
        median, ratio = statistics.median(batch.seconds), statistics.median(ratios)
        print(f"{batch.name:32}{median:>8.2f} s{ratio:>9.2f}{batch.megabytes:>7.0f}", flush=True)
        results.append(
            {"name": batch.name, "median": median, "ratio": ratio, "MB": batch.megabytes}
        )
    return results
