"""`spend`: where the money went by the ledger, and what the provider's usage page says of it."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING

from motion_preflight.cli.console import say, write_all
from motion_preflight.cli.exit_codes import BROKEN, CANNOT_RUN, OK, UNSURE, first
from motion_preflight.cli.options import days_in_order, formats_of, profile_of
from motion_preflight.formats.json import json_text
from motion_preflight.formats.problems import error_document
from motion_preflight.formats.spend import spend_csv, spend_document, spend_report
from motion_preflight.formats.spend_text import reconciliation_lines, spend_text, unbilled_text
from motion_preflight.formats.style import Style
from motion_preflight.provider.free_answer import CallFailed
from motion_preflight.provider.usage import periods
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.settings import api_key, base_url, state_folder
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.reconciliation import Reconciliation, reconcile
from motion_preflight.submission.spending import between

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from motion_preflight.formats.schema import ErrorDocument
    from motion_preflight.formats.spend import SpendReport
    from motion_preflight.provider.client import Api
    from motion_preflight.provider.usage import Usage
    from motion_preflight.submission.spending import Spending

_MOST_CALLS = 60  # of the usage page in a minute (documented), and so in one run
_ATTEMPTS, _LONGEST_WAIT = 3, 60.0  # of a call that comes too soon; seconds


def spend(options: argparse.Namespace) -> int:
    """Shows what was estimated, billed and not sent in these days, and returns the exit code: 3
    where the usage page differs from the ledger.
    """
    days_in_order(options)
    by = tuple(dict.fromkeys(options.by or ("month",)))
    with Ledger(state_folder()) as ledger:
        spending = between(ledger.spending(), options.since, options.until)
    codes, reconciliation = set[int](), None
    errors: list[ErrorDocument] = []
    if options.reconcile:
        try:
            reconciliation = _reconciled(options, spending)
            codes.add(OK if reconciliation.agrees else UNSURE)
        except CallFailed as failed:
            text = (
                f"the usage page was not read ({failed}): that says nothing about what was billed"
            )
            say(f"motion-preflight: {text}")
            errors.append(error_document(text))
            codes.add(BROKEN)
    report = spend_report(spending, by, options.since, options.until, reconciliation)
    _say_beside_columns(options, report)
    codes.add(OK if _write(options, report, errors) else CANNOT_RUN)
    return first(codes)


def _say_beside_columns(options: argparse.Namespace, report: SpendReport) -> None:
    """Prints on stderr what the columns of the CSV have no room for, unless stdout has it."""
    formats = formats_of(options)
    missing = unbilled_text(report)
    if missing and ("text", None) not in formats and any(name == "csv" for name, _ in formats):
        say(f"motion-preflight: {missing}")
    if report.reconciliation and all(name == "csv" for name, _ in formats):
        say("\n".join(reconciliation_lines(report, Style())))


def _write(
    options: argparse.Namespace, report: SpendReport, errors: Sequence[ErrorDocument]
) -> bool:
    def rendered(name: str, style: Style) -> str:
        if name == "json":
            return json_text(spend_document(report, errors))
        return spend_csv(report) if name == "csv" else style.shown(spend_text(report, style))

    options.answered = True
    return write_all(formats_of(options), rendered)


def _reconciled(options: argparse.Namespace, spending: Sequence[Spending]) -> Reconciliation:
    """What the usage page says of the days of the ledger. Raises `CallFailed`."""
    from motion_preflight.provider.client import Api  # noqa: PLC0415  loads the network

    profile = profile_of(options)
    with Api(options.base_url or base_url(), api_key()) as api:
        own = [one for one in spending if one.origin == api.origin]
        today = dt.datetime.now(dt.UTC).date()
        until = min(options.until or today, today)
        since = min(options.since or min((one.day for one in own), default=until), until)
        ranges = periods(since, until)
        if len(ranges) > _MOST_CALLS:
            raise ManifestInvalid(
                f"{since} to {until} would take {len(ranges)} calls of the usage page, which "
                f"allows {_MOST_CALLS} a minute: name fewer days with --since and --until"
            )
        usage = [row for start, end in ranges for row in _usage(api, start, end)]
    return reconcile(own, usage, profile.models, since=since, until=until)


def _usage(api: Api, since: dt.date, until: dt.date) -> list[Usage]:
    """One call of the usage page, repeated when it comes too soon. Raises `CallFailed`."""
    for left in reversed(range(_ATTEMPTS)):
        try:
            return api.usage(since, until)
        except CallFailed as failed:
            pause = failed.retry_after
            if failed.status != 429 or not left or pause is None or pause > _LONGEST_WAIT:
                raise
            time.sleep(pause)
    raise AssertionError
