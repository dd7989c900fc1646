"""Compare what motion-preflight says of real media with what ffprobe says, over a whole folder.

`scripts/compare FOLDER` runs it. Every file is measured from its path and from a host on loopback
(with ranges, without them, and without even a length), with each ffprobe of this machine, and then
given to the bare ffprobe. What passes is decoded whole, and its frames must last as long as the
limits allow. Nothing leaves the machine, and nothing in the folder is changed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from motion_preflight.media.facts import MediaFacts, Unmeasured
from motion_preflight.media.measure import measure
from motion_preflight.media.programs.decoders import decodable_codecs
from motion_preflight.media.programs.ffprobe import bundled
from motion_preflight.media.streams import judged_stream, streams_of
from motion_preflight.network.client import Web
from motion_preflight.provider.profile import Profile
from motion_preflight.rules.rule import tightest
from motion_preflight.suitability import fits
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from motion_preflight.media.facts import Measured
    from motion_preflight.report.findings import Verdict

Fields = dict[str, Any]  # dotted name of a fact → its value
T = TypeVar("T")

HABITS = {
    "ranges": Habit(),
    "no ranges": Habit(ranges=False),
    "chunked": Habit(ranges=False, chunked=True),
}
HANGS = 20.0  # seconds
DECODES = 300.0  # seconds, for every frame of a clip
PROFILE = Profile.load()
STEP = 64 << 10  # the first range: a smaller file takes one request whatever it is
DAY = 86_400  # seconds; what is longer is a broken number, for motion-preflight too
NOT_MEDIA = {".md", ".txt", ".json", ".jsonl"}
OF_THE_WAY = {"location", "transfer", "version"}  # which is the file's own, or the host's
OF_THE_VERSION = OF_THE_WAY | {"probed_by"}
NOW = dt.datetime.now(dt.UTC)
JUMP = 10.0  # seconds; a longer step between two frames is another clock
NEAR = 0.1  # seconds that a decoded clip may be off a limit: its first and its last frame


@dataclass
class Broken:
    """What took the place of an answer: an exception, or no answer in time."""

    error: str
    reason: str = "BROKEN"


@dataclass
class Trial:
    """All that was said of one file with one ffprobe, through motion-preflight and without it."""

    file: str
    ffprobe: str
    ways: dict[str, Measured | Broken] = field(default_factory=dict)
    bare: Fields | Broken | None = None  # None: ffprobe refuses it
    decoded: tuple[int, float] | Broken | None = None  # frames and seconds of what passes

    @property
    def local(self) -> Measured | Broken:
        """What was said of the path."""
        return self.ways["path"]

    @property
    def plain(self) -> bool:
        """Whether it is an MP4/MOV without fragments that both sides read."""
        mine = self.local
        if not isinstance(mine, MediaFacts) or not isinstance(self.bare, dict):
            return False
        return mine.fragmented is False

    @property
    def refused_alone(self) -> list[str]:
        """Why it is refused although ffprobe reads it."""
        mine = self.local
        refused = isinstance(mine, Unmeasured) and isinstance(self.bare, dict)
        return [said(fields(mine))] if refused else []

    @property
    def broken(self) -> list[str]:
        """What crashed or hung."""
        answers = {**self.ways, "bare ffprobe": self.bare, "a decode": self.decoded}
        return [f"{way}: {item.error}" for way, item in answers.items() if isinstance(item, Broken)]

    @property
    def ways_differ(self) -> list[str]:
        """What depends on how the bytes came: path / host."""
        results: dict[str, list[str]] = {}
        for way, item in self.ways.items():
            if not isinstance(item, Broken) and not isinstance(self.local, Broken):
                for difference in differences(fields(self.local), fields(item), OF_THE_WAY):
                    results.setdefault(difference, []).append(way)
        return [f"{', '.join(ways)}: {difference}" for difference, ways in results.items()]

    @property
    def verdicts(self) -> dict[str, dict[str, str]]:
        """The verdict for each orientation, by the way the bytes came."""
        return {
            way: {name: verdict.value for name, verdict in judged(item).items()}
            for way, item in self.ways.items()
            if not isinstance(item, Broken)
        }

    @property
    def verdicts_differ(self) -> list[str]:
        """Verdicts that depend on how the bytes came: path / host."""
        local = self.verdicts.get("path")
        return [f"{way}: {local} / {item}" for way, item in self.verdicts.items() if item != local]

    @property
    def wrong_passes(self) -> list[str]:
        """Orientations that pass although the decoded frames do not last as long as they must."""
        if not isinstance(self.decoded, tuple):
            return []
        frames, lasts = self.decoded
        limits = PROFILE.limits.video_duration
        return [
            f"{name}: {frames} frames decode, {lasts:.3f} s"
            for name, limit in (("image", limits.image), ("video", limits.video))
            if self.verdicts["path"].get(name) == "pass"
            if not frames
            or not float(tightest(limit)[0]) - NEAR <= lasts <= float(tightest(limit)[1]) + NEAR
        ]

    @property
    def bare_differs(self) -> list[str]:
        """What ffprobe says otherwise when nobody stands between: ours / its."""
        if not self.plain or not isinstance(self.bare, dict):
            return []
        mine = fields(self.local)
        return differences({name: mine.get(name) for name in self.bare}, self.bare)


# --- asking ------------------------------------------------------------------------------


def ffprobes() -> dict[str, str]:
    """The bundled ffprobe, and the distribution's where it is another one."""
    results = {"bundled": bundled("ffprobe"), "distribution": shutil.which("ffprobe")}
    return {name: path for name, path in results.items() if path}


def tried(file: Path, name: str, ffprobe: tuple[str, str], host: Host, web: Web) -> Trial:
    """One file, asked for in every way."""
    trial = Trial(name, ffprobe[0])
    locations = {"path": str(file)}
    for way, habit in HABITS.items():
        locations[way] = host.serve(f"{way.replace(' ', '-')}{file.suffix}", file, habit)
    cap = file.stat().st_size + 1
    for way, location in locations.items():
        trial.ways[way] = watched(
            partial(measure, location, None, cap=cap, ffprobe=ffprobe[1], web=lambda: web)
        )
    trial.bare = watched(partial(bare, ffprobe[1], file))
    if "pass" in trial.verdicts.get("path", {}).values() and isinstance(trial.bare, dict):
        trial.decoded = watched(partial(decoded, ffprobe[1], file, trial.local), DECODES)
    return trial


def judged(medium: Measured) -> dict[Literal["image", "video"], Verdict]:
    """The verdict for each orientation; none of a picture."""
    return fits(medium, profile=PROFILE, now=NOW).verdicts


def decoded(ffprobe: str, file: Path, medium: Measured | Broken) -> tuple[int, float] | None:
    """How many frames of the judged video decode, and how long they last; `None` where this ffprobe
    has no decoder for them.
    """
    assert isinstance(medium, MediaFacts)
    assert medium.video is not None
    entries = "frame=best_effort_timestamp_time,duration_time,pkt_duration_time"
    options = ["-v", "quiet", "-of", "json", "-show_entries", entries]
    command = [ffprobe, *options, "-select_streams", f"{medium.video.index}"]
    done = subprocess.run(
        [*command, str(file.resolve())], capture_output=True, timeout=DECODES, check=False
    )
    frames = json.loads(done.stdout).get("frames", [])
    if not frames and medium.video.codec not in decodable_codecs(ffprobe):
        return None
    times = [float(frame.get("best_effort_timestamp_time", "nan")) for frame in frames]
    steps = [after - before for before, after in pairwise(times) if 0 <= after - before <= JUMP]
    last = frames[-1] if frames else {}
    lasts = last.get("duration_time") or last.get("pkt_duration_time") or (steps or [0])[-1]
    return len(frames), sum(steps) + float(lasts)


def watched(call: Callable[[], T], limit: float = HANGS) -> T | Broken:
    """What a call gives, or that it raised or did not come back."""
    answer: list[T | Broken] = [Broken(f"no answer within {limit:g} s")]

    def run() -> None:
        try:
            answer[0] = call()
        except BaseException as error:  # noqa: BLE001  whatever it is, it is the finding
            answer[0] = Broken(f"{type(error).__name__}: {error}")

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(limit)
    return answer[0]


def bare(ffprobe: str, file: Path) -> Fields | None:
    """What ffprobe itself says of the whole file, under the names of our facts."""
    command = [ffprobe, "-v", "error", "-show_format", "-show_streams", "-of", "json"]
    done = subprocess.run(
        [*command, str(file.resolve())], capture_output=True, timeout=HANGS, check=False
    )
    if done.returncode:
        return None
    message = json.loads(done.stdout)
    video, audio = judged_stream(message) or {}, next(streams_of(message, "audio"), {})
    sides = [whole(video.get("width")), whole(video.get("height"))]
    turns = [data["rotation"] for data in video.get("side_data_list", []) if "rotation" in data]
    if turns and abs(turns[0]) in {90, 270}:
        sides.reverse()
    return {
        "format_name": message["format"].get("format_name"),
        "durations.video": seconds(video.get("duration")),
        "video.codec": codec(video),
        "video.width": sides[0],
        "video.height": sides[1],
        "video.frame_rate": frame_rate(video.get("avg_frame_rate")),
        "durations.audio": seconds(audio.get("duration")),
        "audio.codec": codec(audio),
        "audio.sample_rate": whole(audio.get("sample_rate")),
        "audio.channels": whole(audio.get("channels")),
    }


def seconds(text: str | None) -> Decimal | None:
    """A duration; what cannot be one counts as not known."""
    number = Decimal(text or 0)
    return number if 0 < number <= DAY else None


def frame_rate(text: str | None) -> Fraction | None:
    """Frames a second; 0/0 is how ffprobe says that it does not know."""
    return Fraction(text) if text and not text.endswith("/0") and text != "0/1" else None


def whole(value: object) -> int | None:
    """A number above zero."""
    return int(str(value or 0)) or None


def codec(of: dict[str, Any]) -> str | None:
    """A stream's codec."""
    name: str | None = of.get("codec_name")
    return name if name != "unknown" else None


# --- comparing ---------------------------------------------------------------------------


def fields(answer: Measured | Broken) -> Fields:
    """An answer's facts by dotted name."""
    results: Fields = {}
    for name, value in asdict(answer).items():
        if isinstance(value, dict):
            results |= {f"{name}.{part}": item for part, item in value.items()}
        else:
            results[name] = value
    return results


def differences(mine: Fields, other: Fields, ignored: Iterable[str] = ()) -> list[str]:
    """What differs, with both values; a name that is missing has the value `None`."""
    if ("reason" in mine) != ("reason" in other):
        return [f"{said(mine)} / {said(other)}"]
    return [
        f"{name} {shown(mine.get(name))} / {shown(other.get(name))}"
        for name in dict.fromkeys([*mine, *other])
        if name.partition(".")[0] not in ignored and name not in ignored
        if mine.get(name) != other.get(name)
    ]


def said(answer: Fields) -> str:
    """Whether it was measured, and why not."""
    return f"{answer['reason']}: {answer['error']}" if "reason" in answer else "measured"


def shown(value: object) -> str:
    """A value in few characters."""
    return "-" if value is None else str(value)


def versions_differ(trials: list[Trial]) -> Iterator[tuple[str, str]]:
    """What depends on the ffprobe: the file, and the differences."""
    for file, group in groupby(trials, key=lambda trial: trial.file):
        for one, two in pairwise(item for item in group if not isinstance(item.local, Broken)):
            result = differences(fields(one.local), fields(two.local), OF_THE_VERSION)
            if result:
                yield file, f"{one.ffprobe} / {two.ffprobe}: {'; '.join(result)}"


def verdicts_by_version(trials: list[Trial]) -> Iterator[tuple[str, str]]:
    """Verdicts that depend on the ffprobe: the file, and what each says."""
    for file, group in groupby(trials, key=lambda trial: trial.file):
        said_by = {trial.ffprobe: trial.verdicts.get("path") for trial in group}
        if len({str(verdicts) for verdicts in said_by.values()}) > 1:
            yield file, "; ".join(f"{name}: {verdicts}" for name, verdicts in said_by.items())


# --- telling -----------------------------------------------------------------------------


def outcome(trial: Trial) -> str:
    """One file in one line."""
    mine, remote = trial.local, trial.ways["ranges"]
    if not isinstance(mine, MediaFacts):
        return said(fields(mine))
    flags = {
        "moov last": mine.faststart is False,
        "fragmented": mine.fragmented,
        f"cut short: {mine.truncation}": mine.truncated,
    }
    parts = [
        f"{mine.container}",
        f"{mine.video.codec} {mine.video.width}x{mine.video.height}" if mine.video else "no video",
        *(f"{way} {value} s" for way, value in mine.durations.judged.ways.items()),
        *(flag for flag, raised in flags.items() if raised),
    ]
    if not isinstance(remote, Broken) and remote.transfer:
        parts.append(f"{remote.transfer.bytes:,} bytes in {remote.transfer.requests} requests")
    return ", ".join(parts)


def transfer_table(trials: list[Trial]) -> Iterator[str]:
    """How many requests and bytes the files over one step took."""
    groups: dict[str, list[tuple[int, int]]] = {}
    for trial in trials:
        mine, remote = trial.local, trial.ways["ranges"]
        if isinstance(mine, Broken) or isinstance(remote, Broken) or not remote.transfer:
            continue
        if mine.size and mine.size > STEP:
            cost = remote.transfer.requests, remote.transfer.bytes
            groups.setdefault(group_of(mine), []).append(cost)
    yield f"{'over 64 KiB':<18}{'files':>5}{'bytes, median':>15}   requests: files"
    for group, costs in sorted(groups.items()):
        counted = sorted(Counter(requests for requests, _ in costs).items())
        requests = ", ".join(f"{number}: {files}" for number, files in counted)
        middle = statistics.median(size for _, size in costs)
        yield f"{group:<18}{len(costs):>5}{middle:>15,.0f}   {requests}"


def group_of(mine: Measured) -> str:
    """What decides how many requests a file takes."""
    if isinstance(mine, Unmeasured):
        return "not measured"
    if mine.fragmented is None:
        return "other container"
    if mine.fragmented:
        return "fragmented"
    return "moov first" if mine.faststart else "moov last"


def listed(title: str, found: Iterable[tuple[str, str]], of: str) -> int:
    """Print what was found under its title; the number of files concerned."""
    lines = list(found)
    files = len({file for file, _ in lines})
    print(f"{title:<44} {files or 'none'} of {of}")
    for file, of_one in groupby(lines, key=itemgetter(0)):
        print(f"  {file}", *(line for _, line in of_one), sep="\n    ")
    return files


def summary(trials: list[Trial], first: str) -> int:
    """Print what all trials come to; the number of files with something wrong."""
    firsts = [trial for trial in trials if trial.ffprobe == first]
    measured = [trial for trial in trials if isinstance(trial.local, MediaFacts)]
    versions = {trial.ffprobe: f"{fields(trial.local)['probed_by']}" for trial in measured}
    print(f"{len(firsts)} files;", ", ".join(f"{n}: {version}" for n, version in versions.items()))
    outcomes = Counter(said(fields(item.local)).partition(":")[0] for item in firsts)
    print(*(f"{number} {what}" for what, number in outcomes.most_common()), sep=", ", end="\n\n")
    print(*transfer_table(firsts), sep="\n", end="\n\n")

    def every(part: Callable[[Trial], list[str]]) -> Iterator[tuple[str, str]]:
        return (
            (trial.file, f"{trial.ffprobe}, {line}") for trial in trials for line in part(trial)
        )

    verdicts = Counter(
        f"{verdict} for {name}"
        for trial in firsts
        for name, verdict in trial.verdicts.get("path", {}).items()
    )
    print(*(f"{number} {what}" for what, number in sorted(verdicts.items())), sep=", ")
    print(
        f"{sum(isinstance(trial.decoded, tuple) for trial in firsts)} of them decoded", end="\n\n"
    )

    files, plain = f"{len(firsts)}", f"{sum(trial.plain for trial in firsts)} plain MP4/MOV"
    listed("refused, though ffprobe reads it:", every(lambda trial: trial.refused_alone), files)
    wrong = (
        listed("crashed or hung:", every(lambda trial: trial.broken), files),
        listed("path and host differ:", every(lambda trial: trial.ways_differ), files),
        listed("ours and bare ffprobe differ:", every(lambda trial: trial.bare_differs), plain),
        listed("depends on the ffprobe:", versions_differ(trials), files),
        listed(
            "verdicts by path and host differ:", every(lambda item: item.verdicts_differ), files
        ),
        listed("verdicts by the ffprobe differ:", verdicts_by_version(trials), files),
        listed("passes, and does not decode so:", every(lambda item: item.wrong_passes), files),
    )
    return sum(wrong)


def media_below(folder: Path) -> list[Path]:
    """Every file that may be media, in the order of their names."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(
        path for path in files if path.suffix not in NOT_MEDIA and not path.name.startswith(".")
    )


def main() -> int:
    """Exit code 1 when something crashed, hung or differed."""
    parser = argparse.ArgumentParser(
        prog="compare",
        description="Compare motion-preflight with bare ffprobe over a folder of media.",
        epilog=f"Exit code 1: something crashed, hung ({HANGS:g} s) or differed.",
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--verbose", action="store_true", help="one line for every file too")
    args = parser.parse_args()
    files, probes = media_below(args.folder), ffprobes()
    if not files or not probes:
        parser.error("no ffprobe was found" if files else f"there are no media below {args.folder}")
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]  # the host is on loopback
    trials = []
    with Host() as host, Web(timeout=HANGS, allow_private=True) as web:
        for file in files:
            name = str(file.relative_to(args.folder))
            for ffprobe in probes.items():
                trials.append(tried(file, name, ffprobe, host, web))
                if args.verbose:
                    print(f"{name} [{ffprobe[0]}] {outcome(trials[-1])}", flush=True)
    if args.verbose:
        print()
    return 1 if summary(trials, next(iter(probes))) else 0


if __name__ == "__main__":
    sys.exit(main())
