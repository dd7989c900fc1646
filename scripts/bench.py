"""Time motion-preflight, mostly as a whole process, beside other ways to the same facts.

`scripts/bench` runs it, with an installed wheel. The rows take turns (A B C A B C …), so that
whatever else the machine does falls on all of them; a ratio is the median over the rounds of a
row to the base in the same round. Everything is on loopback and in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bench_many

from motion_preflight.testing.host import Host

BYTES = (
    "Bytes are what its sockets took:\n"
    "exact where whole answers are read; with ffprobe, which hangs up in the middle, up\n"
    "to the sockets' buffers more than it read."
)
MEDIA = Path(__file__).resolve().parent.parent / "fixtures" / "media"
CLIP, IMAGE = MEDIA / "clip-8s.mp4", MEDIA / "image.png"
RATE = 100e6 / 8  # bytes a second, of a usual line
DELAY = 0.05  # seconds before each answer of the host: a round trip and the server's own time
BARE = ("-v", "error", "-show_format", "-show_streams", "-of", "json")
PYDANTIC = "from pydantic import BaseModel"
PYAV = "import av, sys; print(av.open(sys.argv[1]).duration / av.time_base)"
MEDIAINFO = (
    "import sys; from pymediainfo import MediaInfo; "
    "print(MediaInfo.parse(sys.argv[1]).video_tracks[0].duration)"
)
DOWNLOAD = """
import subprocess, sys, tempfile, httpx
url, *command = sys.argv[1:]
with tempfile.NamedTemporaryFile() as file, httpx.stream("GET", url) as answer:
    for piece in answer.iter_raw():
        file.write(piece)
    file.flush()
    subprocess.run([*command, file.name], check=True)
"""
# A program that goes on running: the call after the first one, which imports and warms up.
WARM = """
import sys, time
from motion_preflight import probe
probe(sys.argv[1], allow_private=True)
started = time.perf_counter()
probe(sys.argv[1], allow_private=True)
print(time.perf_counter() - started)
"""
# 10 s at a constant rate, filler included: 90 MB of samples that are really there to be read, in
# chunks of a second of sound and picture in turn, as phones write them.
ENCODE = (
    *("-f", "lavfi", "-i", "testsrc2=s=1280x720:r=30:d=10", "-f", "lavfi", "-i", "sine=d=10"),
    *("-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-pix_fmt", "yuv420p", "-c:a", "aac"),
    *("-b:v", "71800k", "-minrate", "71800k", "-maxrate", "71800k", "-bufsize", "12M"),
    *("-x264-params", "nal-hrd=cbr"),
)
CHUNKS = ("-chunk_duration", "1000000")


@dataclass
class Row:
    """One command, and what its runs took."""

    name: str
    command: list[str]
    skipped: str | None = None  # why it is not run
    ffprobe: str | None = None  # the one that motion-preflight is told to take
    calls: int = 1  # more: the command times the last of so many itself, and prints the seconds
    times: list[float] = field(default_factory=list)
    asked: list[slice] = field(default_factory=list)  # of the host's log, round by round

    def run(self, environment: dict[str, str], folder: Path) -> float:
        """The seconds that one run took; one that fails makes the row a skipped one."""
        environment |= {"MOTION_PREFLIGHT_FFPROBE": self.ffprobe} if self.ffprobe else {}
        with Path(folder, "stderr").open("w+b") as errors, Path(folder, "out").open("w+b") as out:
            started = time.perf_counter()
            done = subprocess.run(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=errors,
                env=environment,
                cwd=folder,
                check=False,
            )
            elapsed = time.perf_counter() - started
            if done.returncode:
                errors.seek(0)
                last = errors.read().decode(errors="replace").strip().rpartition("\n")[2]
                self.skipped = last or f"exit code {done.returncode}"
            elif self.calls > 1:
                out.seek(0)
                elapsed = float(out.read())
        return elapsed


@dataclass
class Programs:
    """What there is to be timed; an empty path is missing."""

    python: str
    bundled: str
    ffmpeg: str
    distribution: str

    @classmethod
    def found(cls, python: str) -> Programs:
        """Those of the measured environment, and the distribution's."""
        module = "motion_preflight.media.programs.ffprobe"
        code = f"import sys; from {module} import bundled as b; print(b(sys.argv[1]) or '')"
        probe = output([python, "-c", code, "ffprobe"])
        make = output([python, "-c", code, "ffmpeg"]) or shutil.which("ffmpeg")
        return cls(python, probe, make or "", shutil.which("ffprobe") or "")

    @property
    def ours(self) -> str:
        """The program as installed."""
        return str(Path(self.python).with_name("motion-preflight"))

    @property
    def no_bundled(self) -> str | None:
        """Why there is no bundled ffprobe."""
        return None if self.bundled else "the extra `ffmpeg` is not installed"

    @property
    def no_distribution(self) -> str | None:
        """Why there is no other one."""
        return None if self.distribution else "there is no ffprobe on PATH"


# --- what is timed -----------------------------------------------------------------------


def local_rows(programs: Programs, folder: Path) -> list[Row]:
    """The small clip on disk."""
    request = folder / "request.json"
    fields = {
        "model": "kling-v3-motion-control",
        "prompt": "the person of the picture dances",
        "image_url": str(IMAGE),
        "video_url": str(CLIP),
        "character_orientation": "image",
        "mode": "std",
    }
    request.write_text(json.dumps(fields))
    own, system = programs.no_bundled, programs.no_distribution
    python, clip = programs.python, str(CLIP)
    check = [programs.ours, "check", str(request)]
    return [
        Row("check, bundled ffprobe", check, own),
        Row("check, distribution's ffprobe", check, system, programs.distribution),
        Row("probe, bundled ffprobe", [programs.ours, "probe", clip], own),
        Row("ffprobe, distribution's", [programs.distribution, *BARE, clip], system),
        Row("ffprobe, bundled", [programs.bundled, *BARE, clip], own),
        Row("PyAV", [python, "-c", PYAV, clip]),
        Row("pymediainfo", [python, "-c", MEDIAINFO, clip]),
        Row("floor: python -c pass", [python, "-c", "pass"]),
        Row("floor: pydantic's BaseModel", [python, "-c", PYDANTIC]),
    ]


def remote_rows(programs: Programs, url: str) -> list[Row]:
    """The large clip on a host."""
    own, system = programs.no_bundled, programs.no_distribution
    download = [programs.python, "-c", DOWNLOAD, url]
    return [
        Row("probe, bundled ffprobe", [programs.ours, "probe", "--allow-private", url], own),
        Row("probe(), as a library, warm", [programs.python, "-c", WARM, url], own, calls=2),
        Row("ffprobe URL, distribution's", [programs.distribution, *BARE, url], system),
        Row("ffprobe URL, bundled", [programs.bundled, *BARE, url], own),
        Row("download, then bundled ffprobe", [*download, programs.bundled, *BARE], own),
    ]


def large_clips(ffmpeg: str, folder: Path) -> dict[str, Path]:
    """Two clips of 90 MB with the same samples, and the moov at either end."""
    first, last = folder / "moov-first.mp4", folder / "moov-last.mp4"
    make = [ffmpeg, "-nostdin", "-v", "error"]
    subprocess.run([*make, *ENCODE, *CHUNKS, "-movflags", "+faststart", str(first)], check=True)
    subprocess.run([*make, "-i", str(first), "-c", "copy", *CHUNKS, str(last)], check=True)
    return {"moov first": first, "moov last": last}


def timed(rows: list[Row], rounds: int, folder: Path, host: Host | None = None) -> None:
    """Run the rows in turn, after two rounds that do not count."""
    for number in range(-2, rounds):
        for row in rows:
            if row.skipped is None:
                before = len(host.log) if host else 0
                elapsed = row.run(quiet_environment(folder), folder)
                if number >= 0:
                    row.times.append(elapsed)
                    row.asked.append(slice(before, len(host.log) if host else 0))


def quiet_environment(folder: Path) -> dict[str, str]:
    """Without proxies, settings of the user's, and what changes Python's start."""
    message = ("PYTHON", "MOTION_PREFLIGHT_")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy") and not name.startswith(message)
    }
    return kept | {"XDG_CONFIG_HOME": str(folder), "TMPDIR": str(folder)}


# --- telling -----------------------------------------------------------------------------


def results(rows: list[Row], host: Host | None = None) -> list[dict[str, Any]]:
    """The figures of each row; ratios to bare ffprobe, the distribution's where there is one."""
    base = next((row for row in rows if row.name.startswith("ffprobe") and not row.skipped), None)
    log = host.log if host else []
    message = []
    for row in rows:
        if row.skipped:
            message.append({"row": row.name, "skipped": row.skipped})
            continue
        figures: dict[str, Any] = {
            "row": row.name,
            "seconds": round(statistics.median(row.times), 4),
            "fastest": round(min(row.times), 4),
        }
        if base:
            ratios = [elapsed / other for elapsed, other in zip(row.times, base.times, strict=True)]
            figures["ratio"] = round(statistics.median(ratios), 3)
        if host:
            figures["requests"] = statistics.median(
                len(log[part]) / row.calls for part in row.asked
            )
            sent = [sum(seen.sent for seen in log[part]) // row.calls for part in row.asked]
            figures["bytes_sent"] = round(statistics.median(sent))
        message.append(figures)
    return message


def table(title: str, figures: list[dict[str, Any]]) -> None:
    """Print one table, 80 columns wide at most."""
    remote = any("requests" in row for row in figures)
    tail = f"{'requests':>10}{'bytes sent':>12}" if remote else ""
    print(f"\n{title:<33}{'median':>10}{'fastest':>10}{'ratio':>7}{tail}")
    for row in figures:
        if "seconds" not in row:
            print(f"{row['row']:<33}skipped: {row['skipped']}"[:80])
            continue
        times = f"{row['seconds'] * 1000:>7.1f} ms{row['fastest'] * 1000:>7.1f} ms"
        ratio = f"{row['ratio']:.2f}" if "ratio" in row else "-"
        tail = f"{row['requests']:>10g}{row['bytes_sent']:>12,}" if remote else ""
        print(f"{row['row']:<33}{times}{ratio:>7}{tail}")


def machine(programs: Programs, rounds: int) -> dict[str, Any]:
    """What the figures were made on."""
    asked = "import motion_preflight as m, platform as p; print(p.python_version(), m.__file__)"
    version, _, place = output([programs.python, "-c", asked]).partition(" ")
    return {
        "python": version,
        "wheel": "site-packages" in place,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.machine()}",
        "rounds": rounds,
        "bundled": version_of(programs.bundled),
        "distribution": version_of(programs.distribution),
    }


def version_of(ffprobe: str) -> str | None:
    """The version as ffprobe tells it, without what its builder appended."""
    if not ffprobe:
        return None
    return output([ffprobe, "-version"]).split()[2].partition("-")[0].removeprefix("n")


def output(command: list[str]) -> str:
    """What a command prints; without that there is nothing to measure."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"bench: {command[0]} does not work; see above")
    return done.stdout.strip()


def headline(about: dict[str, Any]) -> str:
    """The machine in two lines."""
    return (
        f"Python {about['python']}, {about['cores']} cores (load {about['load']}), "
        f"{about['system']}; {about['rounds']} rounds\n"
        f"motion-preflight {'as an installed wheel' if about['wheel'] else 'NOT FROM A WHEEL'}; "
        f"ffprobe: bundled {about['bundled'] or '-'}, distribution's {about['distribution'] or '-'}"
    )


def main() -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(prog="bench", description="Time motion-preflight.")
    parser.add_argument("--rounds", type=int, default=15, metavar="N", help="(default: 15)")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the figures there too")
    parser.add_argument("--python", default=sys.executable, help="the interpreter to measure with")
    parser.add_argument("--only", choices=("one", "many"), help="one request, or a thousand")
    args = parser.parse_args()
    # Not resolved: what makes a virtual environment's python is where its link lies.
    programs = Programs.found(os.path.abspath(args.python))  # noqa: PTH100
    about = machine(programs, args.rounds)
    print(headline(about), flush=True)
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if args.only != "many":
            result |= one(programs, args.rounds, folder)
        if args.only != "one":
            many = bench_many.run(programs.python, programs.bundled, programs.distribution,
                                  max(args.rounds // 3, 1), folder)  # fmt: skip
            result["many"] = many
    if args.json:
        args.json.write_text(json.dumps({"machine": about, **result}, indent=2) + "\n")
    return 0


def one(programs: Programs, rounds: int, folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Time and print what one request takes, from a disk and from a host."""
    local = local_rows(programs, folder)
    timed(local, rounds, folder)
    result = {"local": results(local)}
    table("a clip of 8 s on disk", result["local"])
    if not programs.ffmpeg:
        print("\non a host: skipped, there is no ffmpeg to make the large clips with")
        return result
    return result | remote(programs, large_clips(programs.ffmpeg, folder), rounds, folder)


def remote(
    programs: Programs, clips: dict[str, Path], rounds: int, folder: Path
) -> dict[str, list[dict[str, Any]]]:
    """Time and print the large clips on a host; one after the other, so that the rows of one clip
    stand close together.
    """
    result = {}
    rates: dict[str, float | None] = {"": None, ", 100 Mbit/s": RATE}
    ways = [(title, clip, line) for line in rates for title, clip in clips.items()]
    for name, clip, line in ways:
        title, rate = name + line, rates[line]
        with Host(delay=DELAY, rate=rate) as host:
            rows = remote_rows(programs, host.serve(clip.name, clip))
            if rate:  # a download takes as long as anyone can tell beforehand
                rows = [row for row in rows if not row.name.startswith("download")]
            timed(rows, rounds, folder, host)
        size = clip.stat().st_size / 1e6
        result[f"remote, {title}"] = results(rows, host)  # the log is final now
        table(f"{size:.0f} MB, {title}", result[f"remote, {title}"])
    print(f"\nThe host waits {DELAY * 1000:.0f} ms before each answer. {BYTES}")
    return result


if __name__ == "__main__":
    sys.exit(main())
