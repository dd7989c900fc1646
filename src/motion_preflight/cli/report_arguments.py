"""The arguments of the commands that measure and report: `check`, `estimate` and `probe`."""

from __future__ import annotations

import argparse
from typing import Any

from motion_preflight.cli.check_arguments import (
    add_command,
    add_jobs,
    add_measuring,
    add_pricing,
    add_request_command,
)
from motion_preflight.cli.values import length, request_count

_CHECK_EXAMPLES = """\
examples:
  motion-preflight check request.json
  motion-preflight check many.jsonl more.csv --max-cost 5
  motion-preflight check many.jsonl --concise
  motion-preflight check - --format jsonl <many.jsonl
  motion-preflight check many.jsonl --format text --format junit=junit.xml

"""
_ESTIMATE_EXAMPLES = """\
examples:
  motion-preflight estimate request.json
  motion-preflight estimate many.csv --price 0.09 --format json
  motion-preflight estimate --seconds 8 --count 500   without a clip

"""
_PROBE_EXAMPLES = """\
examples:
  motion-preflight probe clip.mp4 me.png
  motion-preflight probe https://example.com/clip.mp4 --scan --format json
"""


def add_check(commands: Any) -> None:  # noqa: ANN401  argparse's type is private
    """Adds the command `check`."""
    text = "probe the media, apply the rules, estimate the cost"
    add_request_command(commands, "check", text, _CHECK_EXAMPLES)


def add_estimate(commands: Any) -> None:  # noqa: ANN401  as above
    """Adds the command `estimate`, with what it needs without a clip."""
    text = "billable seconds and cost of requests"
    estimate = add_request_command(commands, "estimate", text, _ESTIMATE_EXAMPLES)
    group = estimate.add_argument_group("without a request, over all models and modes")
    group.add_argument("--seconds", type=length, metavar="S", help="the length of a clip")
    group.add_argument(
        "--count", type=request_count, metavar="N", help="the number of clips (default 1)"
    )


def add_probe(commands: Any) -> None:  # noqa: ANN401  as above
    """Adds the command `probe`."""
    text = "what a clip or picture is, and what a clip is good for"
    probe = add_command(commands, "probe", text, _PROBE_EXAMPLES)
    probe.add_argument("media", nargs="+", metavar="MEDIA", help="a path or a URL")
    # Set by a command line that begins with a medium.
    probe.add_argument("--overview", action="store_true", help=argparse.SUPPRESS)
    add_measuring(probe)
    add_jobs(probe.add_argument_group("many media"))
    add_pricing(probe)
