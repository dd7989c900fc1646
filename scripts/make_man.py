#!/usr/bin/env python3
"""Writes docs/motion-preflight.1, the man page, from the parser of the command line. The wheel
installs it where `man` looks.

`--check` writes nothing and says whether it is out of date.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

from argparse_manpage.manpage import Manpage

from motion_preflight.cli.help_texts import EXAMPLES, EXIT_CODES
from motion_preflight.cli.parser import parser
from motion_preflight.text.version import VERSION

_USAGE = re.compile(r"^usage: .*(?:\n +.*)*", re.MULTILINE)
PAGE = Path(__file__).resolve().parent.parent / "docs" / "motion-preflight.1"


def man_page() -> str:
    """The whole page: every command with its options, examples, exit codes."""
    os.environ["COLUMNS"] = "80"  # whichever terminal this runs in
    of = parser()
    of.epilog = None  # as sections of their own, whose lines stay lines
    page = Manpage(of)
    page.date = ""  # it would be another one every day
    page.source = f"motion-preflight {VERSION}"
    page.manual = "User Commands"
    page.description = "checks a motion-control video request before it is sent and paid for"
    for text in (EXAMPLES, EXIT_CODES):
        heading, _, lines = text.partition(":\n")
        shown = lines.rstrip().replace("\\", "\\e").replace("-", "\\-")
        page.add_section(heading, "=", f".nf\n{shown}\n.fi")
    # The layout of a usage is that of a terminal; `man` has its own.
    return _USAGE.sub(lambda usage: " ".join(usage[0].split()), str(page))


def main() -> int:
    arguments = argparse.ArgumentParser(prog="make_man.py", description="Writes the man page.")
    arguments.add_argument("--check", action="store_true", help="write nothing, say if it is old")
    check = arguments.parse_args().check
    text = man_page()
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    print(PAGE.name)
    if check:
        return 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
