#!/usr/bin/env python3
"""Writes the expected report beside every request of fixtures/requests: `NAME.report.json`.

Look at the difference before it is committed: these files say what the program promises.
`--check` writes nothing and shows what is out of date.
"""

from __future__ import annotations

import argparse
import datetime as dt
import difflib
import json
import os
import sys
from pathlib import Path

from motion_preflight import preflight
from motion_preflight.formats.document import report_document
from motion_preflight.media.programs.ffprobe import bundled

ROOT = Path(__file__).resolve().parent.parent
REQUESTS = Path("fixtures/requests")
NOW = dt.datetime(2026, 12, 1, 12, 0, tzinfo=dt.UTC)


def requests() -> list[Path]:
    """The request files, relative to the root of the project."""
    result = (ROOT / REQUESTS).glob("*/*.json")
    return sorted(path.relative_to(ROOT) for path in result if ".report" not in path.name)


def expected(request: Path) -> Path:
    return request.with_suffix(".report.json")


def report(request: Path) -> str:
    """The report on a request as it is committed; to be called in the root of the project."""
    built = preflight(
        json.loads(request.read_text(encoding="utf-8")),
        label=request.as_posix(),
        folder=request.parent,
        now=NOW,
        ffprobe=bundled("ffprobe"),
    )
    document = report_document(built)
    for medium in document["facts"].values():
        if isinstance(medium, dict) and medium["probed_by"]:
            medium["probed_by"] = medium["probed_by"].split()[0]  # whichever version is here today
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def main() -> int:
    arguments = argparse.ArgumentParser(prog="make_reports.py", description="Writes the reports.")
    arguments.add_argument("--check", action="store_true", help="write nothing, show what is old")
    check = arguments.parse_args().check
    os.chdir(ROOT)
    differences = 0
    for request in requests():
        file, text = expected(request), report(request)
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        if before != text:
            differences += 1
            lines = (before.splitlines(), text.splitlines())
            print(*difflib.unified_diff(*lines, str(file), "today", lineterm="", n=1), sep="\n")
        if not check:
            file.write_text(text, encoding="utf-8")
    print(f"{differences} of {len(requests())} reports are other ones; see: git diff {REQUESTS}")
    return 1 if check and differences else 0


if __name__ == "__main__":
    sys.exit(main())
