"""A process that submits requests which others submit too; `test_many_processes.py` starts it.

Says "ready", waits for a line, submits, and prints what became of each request as one JSON list of
[number, outcome, intent of the receipt]. The outcome is "submitted", the reason of `NotSent`, or
the name of the exception.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from builders import OPTIONS, PROFILE, body, image, video

from motion_preflight import ClearedRequest, NotSent, Report, SubmitError, estimate
from motion_preflight.provider.client import Api
from motion_preflight.report.totals import Budget
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.submitter import Submitter

POOL = 200  # distinct requests


def prompt(number: int) -> str:
    """What makes a request of the pool another one than the rest."""
    return f"dance number {number}"


def cleared(base: str, number: int) -> ClearedRequest:
    """A request of the pool, as if it had just been checked."""
    clip, picture = f"{base}/media/clip-8s.mp4", f"{base}/media/image.png"
    asked = body(
        prompt=prompt(number),
        mode="std" if number % 3 else "pro",
        video_url=f"{clip}?X-Amz-Signature={random.random()}",
        image_url=picture,
    )
    facts = video(location=clip), image(location=picture)
    cost = estimate(asked, facts[0], profile=PROFILE)
    now, options = dt.datetime.now(dt.UTC), replace(OPTIONS, now=None, allow_private=True)
    return ClearedRequest(Report(str(number), asked, (), (), *facts, cost, options, now, now))


def numbers(seed: str, count: int) -> list[int]:
    """Requests of the pool in an order of its own, one in twenty a second time."""
    chance = random.Random(seed)
    chosen = chance.sample(range(POOL), count - count // 20)
    chosen += chance.choices(chosen, k=count // 20)
    chance.shuffle(chosen)
    return chosen


def outcome(submitter: Submitter, request: ClearedRequest) -> tuple[str, str | None]:
    """What became of a request, and the intent of the receipt that came with it."""
    try:
        return "submitted", submitter.submit(request).intent
    except SubmitError as error:
        word = error.because.name if isinstance(error, NotSent) else type(error).__name__
        return word, error.receipt.intent if error.receipt else None


def main(base: str, folder: str, seed: str, count: str, day: str) -> None:
    """Submits so many requests."""
    chosen = numbers(seed, int(count))
    budget = Budget(day=Decimal(day) if day else None)
    print("ready", flush=True)  # noqa: T201  this is what it is for
    sys.stdin.readline()
    with (
        Api(base, "sandbox-key") as api,
        Ledger(Path(folder)) as ledger,
        Submitter(api, ledger, budget=budget) as submitter,
    ):
        results = [(number, *outcome(submitter, cleared(base, number))) for number in chosen]
    print(json.dumps(results), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
