"""Throw broken media, requests, files and answers at every part of the program that reads them.

`scripts/fuzz` runs the targets in turn, as many processes at a time as there are processors, until
the cases or the seconds are used up. Every case follows from target, seed and number, so that one
can be repeated. What counts as a finding:

- an exception that is not one of those that the part is documented to raise
- more seconds than the target allows: by the clock, or of the processor in this program's own code
- more than 300 MB of memory, that of the largest child (ffprobe) included
- something that must hold and does not: a `pass` for a video whose duration was not measured, a
  secret that is shown, a state in the ledger that claims more than happened, …

The exit code is 1 when there are findings.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from fuzz.engine.case import spread
from fuzz.engine.workers import Assignment, TargetResult, assignments, run_all
from fuzz.targets.answers import Answers
from fuzz.targets.containers import Boxes
from fuzz.targets.files import Configs, Manifests, Profiles
from fuzz.targets.media import LocalMedia, RemoteMedia
from fuzz.targets.output import Formats, Redaction
from fuzz.targets.pictures import Pictures
from fuzz.targets.requests import Requests
from fuzz.targets.samples import Samples
from fuzz.targets.spending import Ledgers, Spending

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fuzz.engine.case import Target

TARGETS: tuple[type[Target], ...] = (
    Boxes, Samples, Pictures, LocalMedia, RemoteMedia, Requests, Manifests, Profiles, Configs,
    Ledgers, Answers, Spending, Redaction, Formats,
)  # fmt: skip
CASES = 50_000


def table(rows: Iterable[TargetResult]) -> str:
    """What the targets came to."""
    lines = [f"{'target':<14}{'cases':>8}{'time':>10}{'findings':>10}{'worst memory':>14}"]
    for row in rows:
        figures, result = row.figures, sum(map(len, row.findings.values()))
        lines.append(
            f"{row.target.name:<14}{figures.cases:>8,}{figures.seconds:>8.1f} s{result:>10,}"
            f"{figures.worst / 1e6:>11.0f} MB"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None, targets: Sequence[type[Target]] = TARGETS) -> int:
    """Runs what the command line asks for; 1 when something was found."""
    names = [target.name for target in targets]
    parser = argparse.ArgumentParser(
        prog="scripts/fuzz", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--cases", type=int, default=CASES, help="of all targets (%(default)s)")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--target", action="append", choices=names, help="only these")
    parser.add_argument("--case", type=int, help="only the case of that number (of one --target)")
    parser.add_argument(
        "--keep", type=Path, help="folder where cases are saved that found something"
    )
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="processes (%(default)s)"
    )
    values = parser.parse_args(arguments)
    rows = [
        TargetResult(target)
        for target in targets
        if not values.target or target.name in values.target
    ]
    if values.case is not None and len(rows) != 1:
        parser.error("--case needs one --target")
    counts = spread([row.target.share for row in rows], max(values.cases, 1))
    todo = assignments(rows, counts)
    if values.case is not None:
        todo = [Assignment(rows[0], [values.case], alone=True)]
    keep = values.keep or Path(tempfile.mkdtemp(prefix="motion-preflight-fuzz-kept-"))
    end = time.monotonic() + values.seconds
    run_all(todo, values.seed, jobs=max(values.jobs, 1), end=end, keep=keep)
    every = [same for row in rows for same in row.findings.values()]
    if values.case is not None:
        print(*(item.trace for same in every for item in same), sep="\n")
    print(f"\n{table(rows)}\n")
    for same in sorted(every, key=len, reverse=True):
        print(f"{len(same):>6,} x {same[0].target}: {same[0].what}\n         {same[0].repeat}")
    if every:
        print(f"The cases are in {keep}.")
    elif not values.keep:
        keep.rmdir()
    return 1 if every else 0
